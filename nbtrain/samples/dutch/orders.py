"""Dutch. Orders and goods: cancelling, changing, returning, exchanging, warranty, stock."""

# One alternative a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from ..language import Intent

__all__ = ["ORDERS"]

ORDERS = (
    Intent(
        "start_return",
        ("order", "email"),
        """
        [hoe kan ik|ik wil|ik wil graag] {my_item} [retourneren|terugsturen][, bevalt niet|]
        [ik zoek|waar vind ik] [een|het] [retourlabel|retourformulier] [voor {my_item}|]
        [kan ik|mag ik] [iets|{item.een}] [terugsturen|retourneren] dat ik {when} [kocht|bestelde]?
        wat zijn [jullie|de] retourvoorwaarden? [{item.de} moet terug|ik wil iets terugsturen]
        {item.de} [is niet wat ik zocht|valt tegen|bevalt me niet], [hoe stuur ik {item.hem} terug?|moet terug]
        ik heb me bedacht[,|.] {item.de} [gaat terug|wil ik retourneren|stuur ik liever terug]
        """,
        """
        [de kleur|het materiaal|de kwaliteit] is anders dan op de foto, dus ik wil {item.hem} terugsturen
        [ongebruikt|niet gedragen|nog in de doos], ik wil {item.hem} [alleen|gewoon] retour sturen
        er zat geen [retourlabel|retourbon|label] in de doos
        naar welk adres of [afhaalpunt|servicepunt] moet [de retour|{item.hij}]?
        """,
        "is het artikel nog ongebruikt en in de originele verpakking?",
        "ja[, nooit gebruikt|, kaartje zit er nog aan|, in de doos]|[een keer|even] gepast",
        """
        ik heb je een retourlabel gemaild, je hebt 30 dagen om het in te leveren
        onder Mijn bestellingen kun je de retour aanmelden, terugsturen is gratis
        """,
    ),
    Intent(
        "cancel_order",
        ("order", "email"),
        """
        ik wil mijn bestelling [annuleren|cancelen][, {order_number}|, het is nog niet verstuurd|]
        kan ik mijn bestelling [van {when}|] nog annuleren?
        is het te laat om mijn bestelling [van {when}|] te annuleren?
        ik heb per ongeluk {item.een} besteld, [graag annuleren|kan dat nog geannuleerd worden?]
        [stuur|verstuur] {item.de} maar niet, [ik heb me bedacht|niet meer nodig|elders goedkoper gevonden]
        [annuleer|annuleren] [bestelling|] {order_number}[ graag| alsjeblieft|]
        ik zie [{on_what}|] geen knop om te annuleren[, ik wil {item.de} niet meer| bij mijn bestelling|]
        """,
        """
        de status is nog in behandeling, dus [stoppen|annuleren] moet [nog|wel] kunnen
        ik heb [twee keer|per ongeluk] op [kopen|bestellen] geklikt, ik wil {item.hem} niet
        ik heb {item.de} [ergens anders|in de winkel] gekocht, dus deze bestelling mag weg
        [de hele bestelling|alles] mag [vervallen|geannuleerd worden] voordat het verstuurd wordt
        """,
        "wil je de hele bestelling annuleren of alleen een artikel?",
        "[alles|de hele bestelling|het geheel][ graag|]|alleen {item.de}",
        """
        je bestelling is geannuleerd, er wordt niets afgeschreven
        ik heb het net op tijd kunnen stoppen. je krijgt een mail van de annulering
        """,
    ),
    Intent(
        "exchange_size",
        ("order", "email"),
        """
        [kan ik|ik wil] {wear.de} ruilen voor een [andere|grotere|kleinere] maat
        {wear.de} is te [klein|groot|strak|wijd|lang|kort], [ik wil|mag ik] {size}
        de maat [klopt niet|past niet|valt klein|valt groot], ik zoek {size}
        {wear.de} past niet, [graag ruilen|omruilen] voor {size}
        ik heb de verkeerde maat [besteld|gekozen][, het moet {size} zijn|, {wear}|]
        maat [ruilen|omruilen][, {size} graag| van {wear.de}|]
        """,
        """
        [bij de schouders|in de taille|bij de mouwen] [veel|iets] te [strak|wijd|kort|lang]
        normaal heb ik {size} maar dit valt [kleiner|groter]
        ik hoef geen geld terug, alleen [een maat groter|een maat kleiner|{size}]
        [dezelfde kleur|hetzelfde model], maar dan [een maatje groter|een maatje kleiner]
        """,
        "welke maat wil je in plaats daarvan?",
        "{size}[ graag| als die er is| in dezelfde kleur|]|een [maat|maatje] [groter|kleiner], {size}",
        """
        {size} is op voorraad, ik heb de ruiling aangemaakt. het label zit in je mail
        ik heb de andere maat gereserveerd; die gaat weg zodra de ruiling gescand is
        """,
    ),
    Intent(
        "faulty_product",
        ("order", "email"),
        """
        {device.de} doet het niet meer[, {when} gekocht|, na {n} maanden al|]
        mijn {device} [is stuk|is defect|gaat niet meer aan|laadt niet meer op|maakt lawaai]
        heb ik nog garantie op {device.de}? [doet het niet meer|ineens defect|gaat niet aan]
        ik wil gebruik maken van de garantie [op|voor] mijn {device}
        {device.kapot}, [pas|nog maar] {n} [weken|maanden] oud[, valt dat onder garantie?|]
        defect: {device.de} [valt steeds uit|wordt niet warm|start niet meer|doet niks]
        """,
        """
        in het begin werkte {device.hij} prima, na {span} ging {device.hij} ineens [uit|stuk]
        de [knop|kabel|motor|accu|schakelaar] is [defect|kapot], bij normaal gebruik
        ik heb [de handleiding gevolgd|een ander stopcontact geprobeerd|alles geprobeerd], {device.hij} doet niks
        voor {n} maanden oud vind ik dit geen kwaliteit, [reparatie|garantie] graag
        """,
        "hoe lang heb je het apparaat en wat gebeurt er precies?",
        "{n} maanden, [ineens uitgevallen|gaat niet meer aan|doet niks]|sinds [de lente|vorig jaar], [defect|dood]",
        """
        het valt onder de garantie van twee jaar. we repareren het of je krijgt een nieuw apparaat
        dat klinkt als een defect. stuur het gratis naar ons servicecentrum, het formulier is gemaild
        """,
    ),
    Intent(
        "back_in_stock",
        ("email",),
        """
        wanneer is {wear.de} weer [op voorraad|leverbaar|te bestellen]?
        {wear.de} is uitverkocht[ in {size}| in het {color}|], komt [die|er] nog terug?
        hebben jullie {wear.de} [ook|nog] in het {color}?
        is {wear.de} [nog|] [leverbaar|op voorraad][ in {size}| in het {color}|]?
        [uitverkocht|niet leverbaar]: {wear.de}[, wanneer weer op voorraad?|, komt er nieuwe voorraad?]
        kan ik een [mailtje|bericht|seintje] krijgen als {wear.de} weer [leverbaar|op voorraad] is?
        """,
        """
        op de site staat [uitverkocht|binnenkort leverbaar][ in het {color}| bij {size}|]
        ik wacht al {span} tot {wear.hij} weer [op voorraad|leverbaar] is
        als jullie {wear.hem} in het {color} hadden, bestelde ik meteen
        is al bekend wanneer er nieuwe [voorraad|modellen] [komt|komen]?
        """,
        "welke kleur en maat zoek je?",
        "{color}[, {size}|]|kleur maakt niet uit, {size}|{size}[, liefst {color}|]",
        """
        nieuwe voorraad komt {soon}, ik heb je op de lijst voor een bericht gezet
        dit artikel komt niet terug, maar een vergelijkbaar model in het {color} is leverbaar
        """,
    ),
)
