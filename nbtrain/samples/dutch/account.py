"""Dutch. The customer's account: signing in, points, advertising, closing it."""

# One alternative a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from ..language import Intent

__all__ = ["ACCOUNT"]

ACCOUNT = (
    Intent(
        "login_problem",
        ("email",),
        """
        ik kan niet [meer|] [inloggen|in mijn account][ {on_what}|][ {since}|][, wachtwoord klopt niet|]
        wachtwoord vergeten[ en de [mail|link|code] om te resetten [komt niet|blijft weg|werkt niet][ {on_what}|]|, wat nu?|]
        mijn account is [geblokkeerd|vergrendeld][ na te veel pogingen| zonder reden|][ {since}|]
        de [link|mail] [voor een nieuw wachtwoord|om mijn wachtwoord te herstellen] [werkt niet|is verlopen|komt niet aan|doet niks][ {on_what}|]
        [de app|de site] zegt [steeds|telkens] [verkeerd wachtwoord|onbekende gebruiker|ongeldige login]
        [inloggen|aanmelden] [lukt niet|werkt niet|gaat mis][ {on_what}|][ {since}|]
        ik krijg [{since}|] geen [verificatiecode|inlogcode|sms met de code][ {on_what}|]
        """,
        """
        ik heb mijn wachtwoord {n} keer [veranderd|hersteld|geprobeerd], [nog steeds fout|ik kom er niet in]
        als ik mijn [mailadres|wachtwoord] invul, [herlaadt de pagina|krijg ik een fout|word ik uitgelogd]
        ook in de spam geen [code|herstelmail|link voor een wachtwoord]
        ik kom er niet in en kan mijn [bestellingen|account] niet zien
        """,
        "krijg je een foutmelding bij het inloggen?",
        "[er staat|ja,] [onjuist wachtwoord|account geblokkeerd|gebruiker onbekend]|de pagina herlaadt [alleen|]",
        """
        je account is weer vrij en er is een link voor een nieuw wachtwoord onderweg, een uur geldig
        probeer het opnieuw met de link die ik net stuurde; het oude wachtwoord is gewist
        """,
    ),
    Intent(
        "newsletter",
        ("email",),
        """
        ik wil me [afmelden|uitschrijven] voor [de nieuwsbrief|jullie mails|alle reclame][, {email}|, geen interesse|, nooit om gevraagd|]
        [alsjeblieft|graag|] [stop|stoppen] met het sturen van [reclame|nieuwsbrieven|aanbiedingen|reclamemails][ naar {email}|]
        ik krijg [nog steeds|elke dag|{n} keer per week] [jullie nieuwsbrief|reclame|aanbiedingen][ hoewel ik afgemeld ben|]
        haal [mij|mijn mailadres|{email}] [alsjeblieft|nu|] van [de|jullie] mailinglijst
        de [afmeldlink|link om af te melden] [werkt niet|doet niks|geeft een fout][ {on_what}|][ {since}|]
        [te veel|zoveel] [nieuwsbrieven|reclamemails] van jullie[, graag afmelden|, stop ermee|]
        """,
        """
        ik heb me {n} keer [uitgeschreven|afgemeld], de [mails|nieuwsbrieven] blijven komen
        ik heb nooit [toestemming gegeven voor|gevraagd om] [reclame|een nieuwsbrief]
        alleen mails over bestellingen graag, geen [nieuwsbrief|aanbiedingen|reclame]
        mijn inbox [zit vol|loopt over] met jullie [aanbiedingen|nieuwsbrieven]
        """,
        "zal ik alleen de mails stoppen of ook de sms'jes?",
        "[allebei|alles][ graag| stoppen|]|alleen de [mails|nieuwsbrief|sms'jes]",
        """
        je bent afgemeld voor alle reclame, het kan twee dagen duren
        ik heb je adres van de mailinglijst gehaald; mails over bestellingen blijven komen
        """,
    ),
    Intent(
        "delete_account",
        ("email",),
        """
        [ik wil|hoe kan ik|graag] mijn [account|profiel|klantaccount] [verwijderen|opheffen|laten verwijderen][, ik gebruik het niet meer| met al mijn gegevens|, {email}|]
        [verwijder|wis] [al|] mijn [persoonlijke gegevens|persoonsgegevens|gegevens] [alsjeblieft|graag|uit jullie systeem|en mijn bestelgeschiedenis]
        account [opheffen|verwijderen][ graag| alsjeblieft| hoe doe ik dat?| {email}|]
        ik zie [nergens|{on_what} nergens] een knop om mijn account te [verwijderen|sluiten]
        ik wil geen account meer bij [jullie|Pinewick][, graag [sluiten|verwijderen|opheffen]| en wil dat het weg is|]
        [volgens de AVG|op grond van de AVG] verzoek ik om [verwijdering|het wissen] van mijn gegevens
        """,
        """
        ik koop hier niet meer en wil dat mijn [gegevens weg zijn|account weg is|gegevens gewist worden|adres niet bewaard blijft]
        ik wil niet dat jullie mijn [adres|gegevens|betaalgegevens] nog bewaren
        niet alleen [uitzetten|deactiveren], echt alles [wissen|verwijderen][ voor {weekday}|, ook oude bestellingen|]
        ik sluit [alle|oude|een paar] accounts die ik niet [meer|] gebruik, [ook deze|dus die van jullie ook]
        """,
        "weet je het zeker? je ziet daarna je oude bestellingen niet meer.",
        "ja[, doe maar|, verwijder maar|, heel zeker|]|[geen probleem|maakt niet uit], [weg ermee|verwijderen]",
        """
        je account is gesloten en je gegevens worden binnen 30 dagen gewist
        ik heb je een link gestuurd om de verwijdering van je account te bevestigen
        """,
    ),
)
