"""Dutch. Money: refunds, cards, charges, discounts, invoices, installments."""

# One alternative a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from ..language import Intent

__all__ = ["PAYMENTS"]

PAYMENTS = (
    Intent(
        "refund_status",
        ("order", "email"),
        """
        wanneer [krijg ik mijn geld terug|wordt mijn geld teruggestort][ voor {my_item}|]?
        ik heb {my_item} {when} teruggestuurd [en|maar] [nog geen geld terug|er is nog niks teruggestort]
        ik wacht [nog steeds|al {span}] op [mijn terugbetaling|mijn geld|de {amount} van mijn retour]
        [wat is de status van|hoe staat het met] mijn [terugbetaling|geld van de retour]?
        jullie hebben mijn retour {when} ontvangen maar [mijn geld is er niet|er is niks terugbetaald]
        terugbetaling [niet ontvangen|laat op zich wachten|nog niet binnen][, al {span}|, {amount}|]
        """,
        """
        op mijn [rekening|afschrift] [staat|zie ik] nog [geen terugstorting|niks van jullie|geen {amount}]
        er werd gezegd [3 tot 7 werkdagen|een week], dat is al [voorbij|{span} geleden], nog [geen geld|niets gestort]
        het pakketje is {when} bij jullie [aangekomen|gescand], dus waar blijft mijn geld
        ik krijg nog {amount} [van jullie|terug] en wil weten wanneer dat [gestort|terugbetaald] wordt
        """,
        "wanneer heb je de retour ingeleverd?",
        "{when}[ ingeleverd| denk ik| bij het afhaalpunt|]|volgens de track and trace {when}",
        """
        de {amount} is teruggestort. het kan 3 tot 7 werkdagen duren voor je het op je rekening ziet
        je retour is verwerkt, het bedrag wordt {soon} terugbetaald
        """,
    ),
    Intent(
        "card_declined",
        ("email", "card"),
        """
        mijn [creditcard|kaart|pas] wordt [geweigerd|niet geaccepteerd|afgewezen][ bij het betalen|][ {on_what}|][ {since}|]
        [betalen|afrekenen|de betaling] [lukt niet|mislukt][ met mijn kaart| steeds|][ {on_what}|][ {since}|][, kaart geweigerd|]
        ik wil {item.een} betalen maar [de kaart wordt geweigerd|krijg een foutmelding]
        de betaalpagina zegt [betaling mislukt|kaart niet geaccepteerd|transactie geweigerd]
        waarom wordt mijn [kaart|creditcard] [geweigerd|niet geaccepteerd]? er staat genoeg op
        [iDEAL|de betaling] [breekt af|geeft een fout|wordt geweigerd] [bij mijn bank|elke keer]
        """,
        """
        ik heb [{on_what}|] {n} [kaarten|passen] geprobeerd, [allemaal|ze worden alle] geweigerd
        volgens mijn bank is er [niets mis met de kaart|geen blokkade|geen betaling binnengekomen]
        er staat genoeg [saldo|geld] op en [elders|in andere winkels] werkt de kaart [wel|gewoon]
        elke keer als ik op betalen klik [mislukt het|krijg ik een fout|wordt de betaling afgebroken]
        """,
        "staat je kaart open voor betalingen op internet?",
        "ja[, elders werkt hij wel|, gebruik hem altijd online|]|[geen idee|weet ik niet], [hoe zie ik dat?|even kijken]",
        """
        de controle van de bank duurde te lang. probeer opnieuw te betalen of neem een andere kaart
        ik heb de mislukte pogingen gewist, je kaart wordt nu geaccepteerd
        """,
    ),
    Intent(
        "charged_twice",
        ("order", "card"),
        """
        er is twee keer [{amount}|geld] afgeschreven[ voor mijn bestelling| voor {item.een}|]
        ik heb dubbel betaald[ voor {my_item}|, {amount} te veel|]
        jullie hebben {amount} [twee keer|dubbel] [afgeschreven|geïncasseerd]
        [dubbele|twee keer een] [afschrijving|betaling|incasso][ van {amount}| voor dezelfde bestelling|]
        waarom is {amount} twee keer [van mijn rekening gehaald|afgeschreven]?
        op mijn afschrift staat Pinewick [twee keer|dubbel][, beide {amount}|]
        """,
        """
        een bestelling, twee afschrijvingen van {amount}, [zelfde dag|zelfde minuut|dat klopt niet]
        ik heb maar een keer op betalen geklikt, dus de tweede {amount} is [fout|te veel]
        de [tweede|dubbele] [betaling|afschrijving] moet [teruggedraaid|gestorneerd] worden
        ik sta nu {amount} [rood|tekort] door de dubbele afschrijving
        """,
        "zijn beide bedragen afgeschreven of is er een gereserveerd?",
        "[allebei|beide] [afgeschreven|definitief]|een is [gereserveerd|in behandeling]|twee keer {amount}",
        """
        de tweede is alleen een reservering en vervalt {soon}
        je hebt gelijk, er is dubbel geïncasseerd. ik draai de tweede {amount} terug
        """,
    ),
    Intent(
        "voucher_rejected",
        ("email",),
        """
        mijn [kortingscode|actiecode|waardebon] [werkt niet|wordt niet geaccepteerd|is ongeldig][ {on_what}|][ {since}| voor {item.de}|]
        code {code} [werkt niet|is ongeldig|zou verlopen zijn|doet niks][ {on_what}|][ voor {item.de}|]
        ik kan [mijn kortingscode|mijn cadeaukaart|de actiecode] niet [invullen|gebruiken|inwisselen][ {on_what}| voor {item.de}|]
        ik ben vergeten de kortingscode [in te vullen|te gebruiken] bij mijn bestelling
        waar blijft de korting van {percent}[ uit de nieuwsbrief| voor nieuwe klanten|]?
        [cadeaukaart|cadeaubon|kortingscode] [niet geaccepteerd|heeft geen saldo|ongeldig][ {on_what}|]
        """,
        """
        ik vul {code} in en [er gaat niets af|de prijs blijft gelijk|er staat ongeldig]
        de code is geldig tot {weekday} en ik heb hem nog niet [gebruikt|ingewisseld]
        ik zou {percent} korting krijgen, maar [de korting verdwijnt|die zie ik niet in mijn mandje]
        nergens in de actievoorwaarden staat dat {item.een} [niet meedoet|uitgesloten is]
        """,
        "welke code gebruik je?",
        "{code}|[het is|de code is] {code}[, {percent} korting|, uit de mail|]",
        """
        de code geldt niet voor afgeprijsde artikelen, maar ik heb {percent} tegoed op je account gezet
        de oude code was verlopen, ik heb je een nieuwe met dezelfde korting gestuurd
        """,
    ),
    Intent(
        "invoice_request",
        ("order", "email"),
        """
        [kan ik|mag ik] een [factuur|bon|rekening] [krijgen|ontvangen] [voor|van] [mijn bestelling|{item.de}]?
        [kunnen jullie|graag] de factuur [mailen|sturen][ van {order_number}| als pdf| nog een keer|]
        waar [vind|download] ik [de|mijn] [factuur|facturen]?
        ik heb een factuur nodig [op naam van mijn bedrijf|met btw-nummer|met bedrijfsnaam]
        [factuur|aankoopbon] [niet ontvangen|zat er niet bij|nodig voor {order_number}|kwijt]
        """,
        """
        [mijn boekhouder|de administratie|mijn baas] [wil|vraagt om] [de|een] factuur [van|voor] [{item.de}|{order_number}|de bestelling]
        het is voor [de belasting|een declaratie|de verzekering], [met|inclusief] btw
        er zat geen [factuur|bon] [in|bij] [de doos|{parcel.de}|{item.de}]
        op de factuur staat mijn [privénaam|naam] in plaats van het bedrijf
        """,
        "moet de factuur op jouw naam of op een bedrijfsnaam?",
        "[mijn naam|eigen naam] is prima|[op het bedrijf|bedrijf], [{street} bv|{surname} en zonen]",
        """
        ik heb de factuur als pdf gemaild. je vindt hem ook onder Mijn bestellingen
        de aangepaste factuur met je bedrijfsgegevens is onderweg naar je mail
        """,
    ),
)
