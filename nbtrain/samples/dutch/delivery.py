"""Dutch. What goes wrong on the way: late, lost, damaged, the wrong thing, the wrong address."""

# One alternative a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from ..language import Intent

__all__ = ["DELIVERY"]

DELIVERY = (
    Intent(
        "parcel_late",
        ("order", "postcode"),
        """
        waar blijft mijn {parcel}? [het had er {when} moeten zijn|ik wacht al {span}|nog steeds niks]
        mijn {parcel} is [nog steeds|nog altijd|na {span} nog] niet [bezorgd|binnen|aangekomen|geleverd]
        ik heb {when} {item.een} besteld en [er is nog niks gekomen|ik wacht nog steeds|hoor niets meer]
        de track en trace [staat al {span} stil|wordt niet bijgewerkt|geeft al {span} hetzelfde aan]
        {my_item} zou {when} [komen|geleverd worden|bezorgd worden], [nog niets|waar blijft dat]
        hoe lang [duurt het nog|moet ik nog wachten] [tot|voordat] mijn [{parcel}|{item}] [komt|er is|bezorgd wordt]?
        [bezorging|levering] [te laat|vertraagd|duurt te lang], {span} [al|over tijd]
        """,
        """
        [op de site|in de mail] stond {weekday} en ik [wacht nog steeds|heb nog niks]
        het ligt al {span} [in het sorteercentrum|bij de vervoerder], er beweegt niets
        ik wil gewoon weten wanneer {item.hij} [komt|bezorgd wordt|eindelijk aankomt]
        de verwachte leverdatum was {when}, dat is [veel te laat|allang geweest|al voorbij]
        ik heb {item.hem} nodig voor {occasion} en de levering duurt [eindeloos|al {span}]
        """,
        "welke leverdatum stond er bij je bestelling?",
        "[daar stond|volgens mij|het zou] {weekday}[, dus al {span} te laat| zijn|]",
        """
        je {parcel} ligt nog in het sorteercentrum van {city}. verwachte bezorging {soon}
        ik zie een vertraging bij de vervoerder. de nieuwe leverdatum is {weekday}
        """,
    ),
    Intent(
        "parcel_damaged",
        ("order", "postcode"),
        """
        mijn {parcel} is [beschadigd|gescheurd|ingedeukt|kletsnat|opengescheurd] [aangekomen|bezorgd]
        {fragile.de} [kwam kapot aan|is gebroken|zit vol barsten|ligt in stukken|is gebarsten]
        de doos was [ingedeukt|kapot|nat|gescheurd] en {fragile.de} is [gebroken|gebarsten|beschadigd]
        bij het uitpakken [zag ik dat|bleek dat] {fragile.de} [kapot|gebroken|beschadigd|gebarsten] was
        [schade|beschadigd]: {fragile.een} [met barsten|in stukken], [ik heb foto's|net bezorgd]
        de bezorger heeft [de doos|mijn {parcel}] [laten vallen|gegooid], {fragile.de} is [kapot|stuk]
        """,
        """
        [een hoek|de zijkant|de onderkant] van {fragile.de} is [ingedeukt|afgebroken|gebarsten] en er zitten [krassen|barsten] in
        het was [slecht|amper] ingepakt, [geen bubbeltjesplastic|geen vulling in de doos], vandaar de schade
        {fragile.hij} was al [kapot|gebroken|beschadigd] toen ik de doos opende
        ik heb foto's van [de schade aan {fragile.de}|de kapotte doos|de scherven]
        """,
        "kun je een foto van de schade en de verpakking sturen?",
        "[ja|zeker], {n} foto's [gestuurd|toegevoegd|geüpload] van de [schade|doos|barst]",
        """
        we sturen een nieuw exemplaar, het beschadigde hoef je niet terug te sturen
        ik heb de schade gemeld bij de vervoerder. je mag kiezen: een nieuwe of je geld terug
        """,
    ),
    Intent(
        "wrong_item",
        ("order", "postcode"),
        """
        ik heb het verkeerde [artikel|product] [gekregen|ontvangen][, {other.een} in plaats van {item.een}|]
        ik bestelde {item.een} [en|maar] [jullie stuurden|kreeg] {other.een}
        dit is niet wat ik besteld heb[, er zit {other.een} in de doos|, ik wilde {item.een}|]
        [verkeerd|fout] [artikel|product] [geleverd|ontvangen|in de doos][, {item} besteld|]
        er zit {other.een} in mijn {parcel}, [niet {item.de}|waar is {item.de}]
        jullie hebben [bestellingen|mijn bestelling] verwisseld, ik heb {other.een}
        {item.de} is {color}, ik had een andere kleur [besteld|gekozen]
        """,
        """
        op de pakbon staat {item} maar er zat {other.een} in
        ik heb nooit {other.een} besteld, [dat is vast van iemand anders|jullie hebben iets verwisseld]
        [totaal|heel] iets anders dan ik [bestelde|gekozen had], [ik wilde {item.een}|verkeerd product]
        ik wil gewoon het juiste artikel, {item.de}
        """,
        "wat heb je in plaats daarvan ontvangen?",
        "{other.een}|[er zat|het is] {other.een} [in|in de doos|]|die in het {color}",
        """
        onze fout. het juiste artikel gaat vandaag op de post, met een label voor het verkeerde
        we wisselen het om: de koerier brengt {soon} {item.de} en neemt het verkeerde mee
        """,
    ),
    Intent(
        "item_missing",
        ("order", "postcode"),
        """
        er ontbreekt [iets|een artikel|{item.een}] [in mijn {parcel}|in de doos]
        mijn {parcel} is niet compleet[, {item.de} ontbreekt|, geen {item}|]
        ik heb {n} artikelen besteld maar er [zat er maar een in|ontbreekt er een]
        {item.de} zat niet [in de doos|bij de rest|in mijn {parcel}]
        {item} [ontbreekt|vergeten|niet meegestuurd][ bij {order_number}| in de doos|]
        jullie zijn {item.de} vergeten [mee te sturen|in te pakken][, de rest is er wel|]
        """,
        """
        op de pakbon staat {item.de} wel, maar [niet in de doos|in de doos ontbreekt {item.hij}]
        alles is er, [behalve|alleen niet] {item.de}
        ik heb de [hele|] doos [leeggehaald|nagekeken], geen {item}
        ik betaalde voor {n} [stuks|artikelen] en er [ontbreekt een|is er een te weinig]
        """,
        "staat het artikel op de pakbon?",
        "[ja|jawel], [staat erop|op de pakbon wel] maar [niet in de doos|ontbreekt]|er zat geen pakbon [bij|in]",
        """
        het ontbrekende artikel is apart verpakt en komt {soon}
        sorry, dat zijn we vergeten. we sturen het ontbrekende deel vandaag gratis na
        """,
    ),
    Intent(
        "not_received",
        ("order", "postcode"),
        """
        volgens [de track en trace|jullie site|de app] is het bezorgd maar ik heb [niks|geen {parcel}] [gekregen|ontvangen]
        mijn {parcel} staat op bezorgd[ sinds [gisteren|{weekday}|vanochtend]|], maar [er ligt niks|ik heb het niet]
        [iemand anders|een onbekende|niemand hier] heeft [{when}|] getekend voor mijn {parcel}
        mijn {parcel} is [zoek|kwijt|gestolen], er staat [wel|] dat het bezorgd is
        de foto van de bezorging is niet [mijn voordeur|ons huis|mijn adres]
        [afgegeven bij de buren|in de brievenbus] volgens de bezorger, maar [daar ligt niks|zij hebben niks]
        """,
        """
        ik heb bij [alle|de] buren gevraagd, niemand heeft [iets|het] aangenomen
        ik was [gisteren|eergisteren|{weekday}] de hele dag thuis en er [is niet aangebeld|kwam niemand aan de deur]
        de handtekening is niet van mij
        bezorgd kan niet kloppen, [het is kwijt|het ligt vast bij een ander huis|ik heb niets]
        """,
        "kan een van de buren het hebben aangenomen?",
        "nee[, iedereen gevraagd|, al nagevraagd]|bij de buren [geweest|gevraagd], [niks|die hebben het niet]",
        """
        ik start een onderzoek bij de vervoerder. is het {soon} niet gevonden, dan sturen we een nieuwe
        het is bij een ander huis gescand, dus we sturen gratis een nieuw exemplaar
        """,
    ),
    Intent(
        "change_address",
        ("order", "postcode"),
        """
        [kan ik|ik wil graag|hoe kan ik] het [bezorgadres|afleveradres] [wijzigen|aanpassen|veranderen][ van mijn {parcel}|]
        ik ben [verhuisd|verhuisd naar {city}] en mijn {parcel} gaat naar [het|mijn] oude adres
        ik heb het verkeerde [adres|huisnummer] [ingevuld|opgegeven] bij mijn bestelling
        [kan mijn {parcel}|graag mijn {parcel}] naar [mijn werk|een ander adres|mijn nieuwe adres]
        [verkeerd|oud] adres bij [mijn bestelling|{order_number}][, graag aanpassen|]
        ik ben [het huisnummer|de toevoeging] vergeten [bij het adres|in het afleveradres][ van {order_number}| van mijn {parcel}|]
        """,
        """
        het moet naar {street} ##, niet naar het [oude|vorige] adres
        ik woon daar niet meer, dus [verander|wijzig] het adres [alsjeblieft|graag]
        het nieuwe adres is {street} ## [in {city}|]
        het adres in mijn [account|bestelling] [klopt niet|is verouderd|mist een toevoeging]
        """,
        "wat is het nieuwe adres?",
        "{street} ##[ a| b|], {city}|{street} ##, {postcode} {city}",
        """
        ik heb het afleveradres gewijzigd, je krijgt een bevestiging
        je {parcel} is al onderweg; ik heb de vervoerder gevraagd het om te leiden naar het nieuwe adres
        """,
    ),
    Intent(
        "missed_delivery",
        ("order", "postcode"),
        """
        ik was niet thuis toen de bezorger kwam, [kan hij nog eens komen?|wat nu?|hoe maak ik een nieuwe afspraak?]
        er lag een [briefje|kaartje] [dat ik niet thuis was|van de bezorger] [in de bus|op de mat], [wat nu?|kan het opnieuw?]
        [kan de bezorging|kan het] op [een andere dag|{weekday}|een avond]? ik was niet thuis
        ik heb de bezorger {when} gemist, graag {weekday} [opnieuw|nog een keer] [langskomen|proberen]
        bezorgpoging gemist[, graag {weekday} opnieuw|, kan ik het ophalen?|]
        waar kan ik mijn {parcel} [ophalen|afhalen]? [ik was niet thuis|bezorger gemist]
        """,
        """
        ik was aan het werk toen de bezorger [langskwam|aanbelde], er ligt [nu|] een briefje
        [een avond|de zaterdag|{weekday}] komt [beter uit|mij goed uit] voor een nieuwe poging
        hoe lang blijft {parcel.de} [bij het afhaalpunt|op het servicepunt] liggen? ik kan pas {weekday}
        ik wil niet dat het teruggaat omdat ik [een keer|de eerste keer] niet thuis was
        """,
        "welke dag komt je uit voor een nieuwe poging?",
        "{weekday}[ graag| middag| ochtend| na vijven|]|elke avond[ na zessen| deze week|]",
        """
        de nieuwe poging staat gepland voor {weekday}, tussen 9 en 18 uur
        het ligt bij het afhaalpunt in de {street}; neem het briefje en je legitimatie mee
        """,
    ),
)
