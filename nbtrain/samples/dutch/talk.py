"""Dutch: what customers and agents say whatever the matter, and the things they name."""

from __future__ import annotations

from ..grammar import Forms

__all__ = ["REMEMBERED", "RULES", "THINGS"]


def _de(*nouns: str) -> list[Forms]:
    return [
        {"": noun, "de": f"de {noun}", "een": f"een {noun}", "die": f"die {noun}", "dat": "die",
         "hij": "hij", "hem": "hem", "kapot": f"kapotte {noun}", "nieuw": f"nieuwe {noun}"}
        for noun in nouns
    ]  # fmt: skip


def _het(*nouns: str) -> list[Forms]:
    return [
        {"": noun, "de": f"het {noun}", "een": f"een {noun}", "die": f"dat {noun}", "dat": "dat",
         "hij": "het", "hem": "het", "kapot": f"kapot {noun}", "nieuw": f"nieuwe {noun}"}
        for noun in nouns
    ]  # fmt: skip


_WEAR = [
    *_de("winterjas", "regenjas", "trui", "jurk", "spijkerbroek", "blouse", "wandelbroek"),
    *_het("overhemd", "vest", "trainingspak"),
]
_DEVICES = [
    *_de("waterkoker", "koptelefoon", "stofzuiger", "blender", "broodrooster", "bureaulamp"),
    *_de("elektrische tandenborstel"),
    *_het("koffiezetapparaat", "strijkijzer", "horloge", "tosti-ijzer"),
]
_FRAGILE = [
    *_de("spiegel", "vaas", "theepot", "bureaulamp", "waterkoker", "fruitschaal"),
    *_het("bijzettafeltje", "servies", "koffiezetapparaat"),
]
_ITEMS = [
    *_WEAR, *_DEVICES, *_de("rugzak", "koekenpan", "plaid"), *_het("vloerkleed", "dekbedovertrek"),
]  # fmt: skip
_PARCELS = [*_het("pakket", "pakketje", "pakje"), *_de("bestelling", "bestelling", "zending")]

_PEOPLE: list[Forms] = [
    {"": name, "mail": name.lower().replace("ë", "e")}
    for name in (
        "Sanne", "Daan", "Lotte", "Bram", "Fleur", "Joris", "Anouk", "Thijs", "Fatima",
        "Ruben", "Noor", "Zoë", "Daniël",
    )
]  # fmt: skip

THINGS = {
    "item": _ITEMS, "other": _ITEMS, "wear": _WEAR, "device": _DEVICES, "fragile": _FRAGILE,
    "person": _PEOPLE,
    "parcel": _PARCELS,
}  # fmt: skip

RULES = {
    # Things and times
    "my_item": "mijn {item}|{item.de} {item.dat} ik [bestelde|kocht]|mijn {item.nieuw}",
    "weekday": "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag",
    "on_what": "op mijn [telefoon|laptop|tablet]|in de app|op de site|in de browser|via de website",
    "since": "sinds [{weekday}|gisteren|vanochtend|vorige week]|al {n} dagen|alweer",
    "n": "twee|drie|vier|vijf|zes|2|3|4|5",
    "span": "{n} dagen|een week|ruim een week|{n} weken|tien dagen|bijna twee weken|dagen",
    "when": """
        gisteren
        afgelopen [week|{weekday}]
        vorige [week|maand]
        {n} [dagen|weken] geleden
        [een paar dagen|een tijdje] geleden
        vanochtend|eergisteren
    """,
    "soon": "morgen|uiterlijk {weekday}|binnen [twee|drie|vijf] werkdagen|voor het weekend",
    "occasion": """
        een verjaardag|de verjaardag van mijn [moeder|zus|man]|een bruiloft
        dit weekend|de vakantie|een cadeau|Sinterklaas
        ons nieuwe huis|mijn werk
    """,
    "city": "Utrecht|Zwolle|Breda|Groningen|Arnhem|Haarlem|Eindhoven|Leiden|Almere|Gent",
    "street": "Kerkstraat|Molenweg|Beukenlaan|Stationsstraat|Lindelaan|Wilgenstraat|Dorpsstraat",
    "size": "maat [36|38|40|42|44]|[een|maat] [S|M|L|XL]|een [medium|large|small]",
    "color": "zwart|donkerblauw|grijs|groen|rood|beige|wit|bordeaux",
    "amount": "€ [1|2|3|4|6|8][4|5|7|9],[95|99|50]|[2|3|5|7|9][4|9] euro",
    "percent": "[10|15|20|25] procent|[10|15|20|25]%",
    "code": "WELKOM##|LENTE##|ZOMER##|VRIEND##|KORTING##",
    "agent_name": "Marieke|Jeroen|Esmée|Pieter|Samira|Koen",
    "surname": "devries|jansen|bakker|visser|smit|mulder|debruin|peters|hendriks|vandijk",
    "email": "{person.mail}[.|_|]{surname}[|#|##]@example.[com|net|org]",
    "order_number": "PW-######",
    "postcode": "[1|2|3|5|6|7|9]### [AB|CD|EK|HN|LP|RS|VX|GT|JM]",
    "last_four": "####",
    # What a customer says whatever the intent
    "hello": """
        hallo|hoi|hi|goedemorgen|goedemiddag|goedenavond|goedendag|dag {agent_name}
        hallo, met {person}|hoi, [{person} hier|ik heb een vraagje]
    """,
    "only_hello": "hallo|hoi|hi|goedemorgen|goedemiddag|goedenavond|hallo, is daar iemand?|hey",
    "plea": """
        [kunnen jullie|kun je|kunt u] [mij|me] [helpen|verder helpen]?
        [kunnen jullie|kun je|kunt u] [dit|het] [nakijken|uitzoeken|oplossen]?
        [wat nu|wat moet ik doen|hoe lossen we dit op]?
        graag [hulp|een reactie|een oplossing]
        help me alsjeblieft
        ik hoor [het|] graag
        alvast bedankt
    """,
    "mood": """
        [dit is|ik vind het] [echt|best|heel|behoorlijk] [vervelend|irritant|jammer|teleurstellend]
        ik ben [hier niet blij mee|een beetje boos|er klaar mee]
        [eerlijk gezegd|sorry, maar], ik had [meer|beter] verwacht
        ik ben al [jaren|{n} jaar] klant
        het is voor {occasion}
        [geen haast|niet dringend hoor], ik [vroeg het me gewoon af|was benieuwd]
        sorry dat ik stoor
    """,
    "aside": """
        [hopelijk heb je|ik hoop dat je] een [fijne|rustige] dag [hebt|]
        ik heb [al|{n} keer] gebeld maar [er nam niemand op|stond eeuwig in de wacht]
        ik heb {when} [gemaild|een mail gestuurd] maar [niets gehoord|geen antwoord gekregen]
        mijn vorige bestelling [ging prima|was top|was snel binnen]
        ik zit op mijn telefoon dus let niet op de typefouten
        {when} heb ik ook al [met een collega gesproken|gechat]
    """,
    "okay": "oké|ok|prima|top|fijn|duidelijk|super|ah oké|helemaal goed|mooi",
    "thanks": """
        [bedankt|dankjewel|dank u wel|dank je][ {agent_name}| voor de hulp| voor de moeite|]
        [thx|top bedankt|super bedankt|heel erg bedankt]
        [verder niks|dat was het], [bedankt|dankjewel|fijne dag]
        bedankt, [fijne dag nog|je hebt me goed geholpen|doei]
    """,
    "give_order": """
        [het is|bestelnummer|ja,|natuurlijk,|] {order_number}
        {order_number}, {when} besteld
        [even kijken|momentje|even zoeken]... {order_number}
        [volgens mij|ik denk] {order_number}
    """,
    "give_postcode": "{postcode}|[dat is|ja,|postcode] {postcode}|{postcode} in {city}",
    "give_email": "{email}|[dat is|ja,|mijn mail is] {email}|{email} [denk ik|volgens mij]",
    "give_card": "{last_four}|[eindigt op|laatste vier zijn] {last_four}|die met {last_four}",
    # What an agent says whatever the intent
    "agent_welcome": """
        welkom bij Pinewick, je spreekt met {agent_name}. waarmee kan ik je helpen?
        hallo, fijn dat je contact opneemt met Pinewick. wat kan ik voor je doen?
        goedendag, dit is de klantenservice van Pinewick. waar gaat het om?
    """,
    "agent_hello": """
        hallo, je spreekt met {agent_name}. [waarmee kan ik helpen?|zeg het maar]
        goedendag, wat kan ik voor je doen?
        hoi, waarmee kan ik je van dienst zijn?
    """,
    "agent_sorry": """
        wat [vervelend|jammer] om te horen
        [ik begrijp het|ik snap het], ik [help je graag|kijk even mee]
        [excuses|mijn excuses] voor het ongemak
        [natuurlijk|zeker], daar help ik je mee
    """,
    "agent_clarify": """
        kun je [iets meer vertellen|wat meer uitleg geven]?
        even voor de duidelijkheid, wat is er precies [aan de hand|gebeurd]?
        kun je het probleem iets uitgebreider beschrijven?
    """,
    "agent_look": """
        [een ogenblikje|momentje], [ik kijk het na|ik zoek het op]. [dank voor het wachten|gevonden]
        dankjewel[ {person}|], ik zie [je gegevens|het staan]
        bedankt voor je geduld
    """,
    "agent_close": """
        graag gedaan, [fijne dag nog|tot ziens|veel plezier ermee]
        kan ik verder nog iets voor je doen?[ zo niet, fijne dag|]
        fijn dat ik kon helpen. bedankt voor het winkelen bij Pinewick
    """,
    "ask_order": """
        [mag ik|kun je me] je bestelnummer[ geven|]?
        wat is het bestelnummer?
        heb je het bestelnummer bij de hand? het begint met PW
    """,
    "ask_postcode": """
        [mag ik|kun je me] ter controle je postcode[ geven|]?
        wat is de postcode bij deze bestelling?
        en je postcode?
    """,
    "ask_email": """
        met welk e-mailadres [ben je bij ons bekend|heb je een account]?
        mag ik het e-mailadres van je account?
        wat is je e-mailadres?
    """,
    "ask_card": """
        wat zijn de laatste vier cijfers van de kaart?
        mag ik de laatste vier cijfers van de pas waarmee je betaalde?
    """,
}

REMEMBERED = frozenset(
    {
        "item", "other", "wear", "device", "fragile", "agent_name", "order_number",
        "postcode", "last_four", "email", "amount", "person", "code", "occasion", "city",
        "size",
    }
)  # fmt: skip
