"""Turkish: what customers and agents say whatever the matter, and the things they name."""

from __future__ import annotations

from ..grammar import Forms

__all__ = ["REMEMBERED", "RULES", "THINGS"]


def _forms(nouns: str, names: str) -> list[Forms]:
    """Read a table: a line a noun, its forms separated by commas."""
    rows = [[form.strip() for form in line.split(",")] for line in nouns.strip().splitlines()]
    return [dict(zip(names.split(","), row, strict=True)) for row in rows]


def _addressed(title: str, *names: str) -> list[Forms]:
    plain = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosucgiosu")
    return [
        {"": name, "hitap": f"{name} {title}", "mail": name.translate(plain).lower()}
        for name in names
    ]


# Nominative, accusative, "my", accusative of "my", genitive.
_CASES = ",i,im,imi,in"

_WEAR = _forms(
    """
    mont, montu, montum, montumu, montun
    kazak, kazağı, kazağım, kazağımı, kazağın
    elbise, elbiseyi, elbisem, elbisemi, elbisenin
    gömlek, gömleği, gömleğim, gömleğimi, gömleğin
    ceket, ceketi, ceketim, ceketimi, ceketin
    etek, eteği, eteğim, eteğimi, eteğin
    kot pantolon, kot pantolonu, kot pantolonum, kot pantolonumu, kot pantolonun
    yağmurluk, yağmurluğu, yağmurluğum, yağmurluğumu, yağmurluğun
    hırka, hırkayı, hırkam, hırkamı, hırkanın
    """,
    _CASES,
)
_DEVICES = _forms(
    """
    kulaklık, kulaklığı, kulaklığım, kulaklığımı, kulaklığın
    dikey süpürge, dikey süpürgeyi, dikey süpürgem, dikey süpürgemi, dikey süpürgenin
    kahve makinesi, kahve makinesini, kahve makinem, kahve makinemi, kahve makinesinin
    ütü, ütüyü, ütüm, ütümü, ütünün
    kol saati, kol saatini, kol saatim, kol saatimi, kol saatinin
    blender, blenderı, blenderım, blenderımı, blenderın
    su ısıtıcısı, su ısıtıcısını, su ısıtıcım, su ısıtıcımı, su ısıtıcısının
    hoparlör, hoparlörü, hoparlörüm, hoparlörümü, hoparlörün
    masa lambası, masa lambasını, masa lambam, masa lambamı, masa lambasının
    """,
    _CASES,
)
_FRAGILE = _forms(
    """
    ayna, aynayı, aynam, aynamı, aynanın
    vazo, vazoyu, vazom, vazomu, vazonun
    yemek takımı, yemek takımını, yemek takımım, yemek takımımı, yemek takımının
    çay bardağı seti, çay bardağı setini, çay bardağı setim, çay bardağı setimi, çay bardağı setinin
    masa lambası, masa lambasını, masa lambam, masa lambamı, masa lambasının
    su ısıtıcısı, su ısıtıcısını, su ısıtıcım, su ısıtıcımı, su ısıtıcısının
    sehpa, sehpayı, sehpam, sehpamı, sehpanın
    """,
    _CASES,
)
_OTHERS = _forms(
    """
    sırt çantası, sırt çantasını, sırt çantam, sırt çantamı, sırt çantasının
    nevresim takımı, nevresim takımını, nevresim takımım, nevresim takımımı, nevresim takımının
    tencere seti, tencere setini, tencere setim, tencere setimi, tencere setinin
    spor ayakkabı, spor ayakkabıyı, spor ayakkabım, spor ayakkabımı, spor ayakkabının
    bot, botu, botum, botumu, botun
    halı, halıyı, halım, halımı, halının
    perde, perdeyi, perdem, perdemi, perdenin
    havlu seti, havlu setini, havlu setim, havlu setimi, havlu setinin
    """,
    _CASES,
)
_ITEMS = [*_WEAR, *_DEVICES, *_OTHERS]
_PARCELS = _forms(
    """
    kargo, kargoyu, kargom, kargomu, kargonun, kargonuz
    kargo, kargoyu, kargom, kargomu, kargonun, kargonuz
    sipariş, siparişi, siparişim, siparişimi, siparişin, siparişiniz
    sipariş, siparişi, siparişim, siparişimi, siparişin, siparişiniz
    paket, paketi, paketim, paketimi, paketin, paketiniz
    gönderi, gönderiyi, gönderim, gönderimi, gönderinin, gönderiniz
    """,
    f"{_CASES},iniz",
)
# Nominative, "to", "in".
_CITIES = _forms(
    """
    Ankara, Ankara'ya, Ankara'da
    İzmir, İzmir'e, İzmir'de
    Bursa, Bursa'ya, Bursa'da
    Antalya, Antalya'ya, Antalya'da
    Eskişehir, Eskişehir'e, Eskişehir'de
    Trabzon, Trabzon'a, Trabzon'da
    Adana, Adana'ya, Adana'da
    Çanakkale, Çanakkale'ye, Çanakkale'de
    """,
    ",a,da",
)

# The name alone, with the title by which one addresses its bearer, and in an e-mail address.
_PEOPLE = [
    *_addressed("Hanım", "Ayşe", "Zeynep", "Elif", "Merve", "Gülşen", "Şule", "Çiğdem"),
    *_addressed("Bey", "Mehmet", "Emre", "Burak", "Can", "Hakan", "Onur", "Ömer"),
]
_AGENTS = [
    *_addressed("Hanım", "Derya", "Selin", "Gizem", "Esra"),
    *_addressed("Bey", "Tolga", "Kerem", "Uğur"),
]

THINGS = {
    "item": _ITEMS, "other": _ITEMS, "wear": _WEAR, "device": _DEVICES, "fragile": _FRAGILE,
    "parcel": _PARCELS, "city": _CITIES, "person": _PEOPLE, "agent_name": _AGENTS,
}  # fmt: skip

RULES = {
    # Things and times
    "weekday": "pazartesi|salı|çarşamba|perşembe|cuma|cumartesi",
    "on_what": "telefonda|bilgisayarda|uygulamada|sitede|tablette|tarayıcıda|mobilde",
    "since": "[{weekday} gününden|dünden|sabahtan|geçen haftadan] beri|bugün|{n} gündür|yine",
    "n": "iki|üç|dört|beş|altı|2|3|4|5",
    "span": "{n} gündür|bir haftadır|{n} haftadır|günlerdir|on gündür|neredeyse iki haftadır",
    "when": """
        dün|geçen [hafta|ay|{weekday}]|{weekday} günü|{n} [gün|hafta] önce|bu sabah
        geçenlerde|birkaç gün önce|önceki gün
    """,
    "soon": "yarın|{weekday} gününe kadar|en geç {weekday} günü|[iki|üç|beş] iş günü içinde",
    "occasion": """
        [annemin|kızımın|eşimin|bir arkadaşımın] doğum günü için|düğün için|hediye olarak
        tatil için|bu hafta sonu|yeni ev için|bayram için
    """,
    "street": "Çınar|Papatya|Lale|Menekşe|Gül|Zambak|Yıldız|Gazi|Fatih|Karanfil",
    "size": "small|medium|large|XL|[34|36|38|40|42|44] beden|[S|M|L|XL] beden",
    "color": "siyah|lacivert|gri|yeşil|kırmızı|bej|beyaz|bordo",
    "amount": "[1|2|3|4|6|7|8][1|2|4|5|7|9]9[,90|] [TL|lira]",
    "percent": "yüzde [10|15|20|25]|%[10|15|20|25]",
    "code": "SEPETTE##|BAHAR##|YAZ##|HEMEN##|DOST##",
    "surname": "yilmaz|kaya|demir|celik|sahin|yildiz|aydin|arslan|dogan|koc|ozturk",
    "email": "{person.mail}[.|_|]{surname}[|#|##]@example.[com|net|org]",
    "order_number": "PW-######",
    "phone": "05## ### ## ##",
    "last_four": "####",
    # What a customer says whatever the intent
    "hello": """
        merhaba[lar|]|selam[lar|]|iyi [günler|akşamlar|çalışmalar]|günaydın|kolay gelsin
        merhaba, ben {person}|merhaba {agent_name.hitap}
    """,
    "only_hello": "merhaba[lar|]|selam|iyi [günler|akşamlar]|günaydın|kimse var mı?|kolay gelsin",
    "plea": """
        [yardımcı olabilir misiniz|yardım eder misiniz|bakabilir misiniz|kontrol eder misiniz]?
        [ne yapmam gerekiyor|ne yapabilirim|ne yapmalıyım|nasıl çözeriz]?
        [lütfen|rica etsem] [yardımcı olun|bir bakın|ilgilenin|çözün artık]
        [yardımınızı|dönüşünüzü|bilgilerinizi] [bekliyorum|rica ederim]
        şimdiden teşekkürler
        acil [dönüş|cevap] bekliyorum
    """,
    "mood": """
        [gerçekten|açıkçası|valla] [çok üzüldüm|can sıkıcı|hayal kırıklığı|sinir bozucu]
        [yıllardır|{n} yıldır] [müşterinizim|sizden alışveriş yapıyorum]
        [hiç|pek] memnun [kalmadım|değilim]
        böyle [bir şey|bir hizmet] beklemezdim
        kusura bakmayın, rahatsız ediyorum
        [acelem yok|aceleye gerek yok], sadece [merak ettim|sorayım dedim]
        artık [sabrım kalmadı|bıktım]
    """,
    "aside": """
        [umarım|inşallah] [gününüz güzel geçiyordur|iyisinizdir]
        [telefonla|müşteri hizmetlerini] [{n} kere|] aradım [ama|fakat] [kimse açmadı|ulaşamadım]
        {when} [mail|e-posta] [attım|yazdım] [ama|fakat] cevap [gelmedi|alamadım]
        bundan önceki [alışverişim|siparişim] [sorunsuzdu|çok iyiydi]
        telefondan yazıyorum, yazım hataları için kusura bakmayın
        [daha önce|{when}] [bir arkadaşınızla|başka bir temsilciyle] [görüştüm|konuştum]
    """,
    "okay": "tamam|tamamdır|peki|süper|anladım|harika|oldu|çok iyi|olur|güzel",
    "thanks": """
        teşekkürler[ {agent_name.hitap}|]|[çok|] teşekkür ederim
        [sağ olun|sağolun|tşk|teşekkürler|eyvallah]|[yardımınız|ilginiz] için teşekkürler
        başka [sorum|bir şey] yok, [teşekkürler|iyi günler|sağ olun]
        [çok yardımcı oldunuz|işim çözüldü], [sağ olun|iyi çalışmalar|teşekkürler]
    """,
    "give_order": """
        [sipariş no|numara|tabii,|buyurun,|] {order_number}
        {order_number}, {when} [vermiştim|sipariş ettim]
        [bir saniye|bir dakika|bakıyorum]... {order_number}
        [sanırım|galiba] {order_number}
    """,
    "give_phone": "[numaram|tabii,|telefonum|] {phone}|{phone} [olması lazım|kayıtlı numara bu|]",
    "give_email": "{email}|[mail adresim|buyurun,|tabii,] {email}|{email} [olması lazım|sanırım]",
    "give_card": "{last_four}|[son dördü|sonu] {last_four}|{last_four} ile biten kart",
    # What an agent says whatever the intent
    "agent_welcome": """
        Pinewick müşteri hizmetlerine hoş geldiniz, ben {agent_name}. nasıl yardımcı olabilirim?
        merhaba, Pinewick'e hoş geldiniz. size nasıl yardımcı olabilirim?
        iyi günler, ben {agent_name}. [buyurun, sizi dinliyorum|nasıl yardımcı olabilirim?]
    """,
    "agent_hello": """
        merhaba, ben {agent_name}. [nasıl yardımcı olabilirim?|sizi dinliyorum]
        iyi günler, size nasıl yardımcı olabilirim?
        hoş geldiniz, buyurun
    """,
    "agent_sorry": """
        yaşadığınız [sorun|aksaklık|olumsuzluk] için [üzgünüz|özür dileriz]
        [anlıyorum|elbette|tabii], hemen [yardımcı olayım|ilgileniyorum|bakalım]
        bizimle iletişime geçtiğiniz için teşekkür ederiz
        bunu duyduğuma üzüldüm
    """,
    "agent_clarify": """
        [konuyu|durumu] biraz daha [açıklayabilir|anlatabilir] misiniz?
        doğru anlamam için, tam olarak ne [oldu|yaşadınız]?
        biraz daha ayrıntı verebilir misiniz?
    """,
    "agent_look": """
        [hemen kontrol ediyorum|bir dakika lütfen]. [beklediğiniz için teşekkürler|kaydınızı buldum]
        teşekkür ederim[ {person.hitap}|], [bilgileri görüyorum|kaydınıza ulaştım]
        beklettiğim için kusura bakmayın
    """,
    "agent_close": """
        rica ederim, [iyi günler dilerim|iyi alışverişler|güzel bir gün dilerim]
        başka bir konuda yardımcı olabilir miyim?[ yoksa iyi günler dilerim|]
        bizi tercih ettiğiniz için teşekkür ederiz
    """,
    "ask_order": """
        sipariş numaranızı [alabilir miyim|paylaşır mısınız|yazar mısınız]?
        sipariş numaranız nedir?
        PW ile başlayan sipariş numaranızı rica edebilir miyim?
    """,
    "ask_phone": """
        [kayıtlı|sistemde kayıtlı] [cep telefonu|telefon] numaranızı [alabilir miyim|yazar mısınız]?
        güvenlik için telefon numaranızı teyit eder misiniz?
    """,
    "ask_email": """
        [üyeliğinizin|hesabınızın] e-posta adresini [alabilir miyim|yazar mısınız]?
        hangi e-posta adresiyle üye oldunuz?
        kayıtlı e-posta adresiniz nedir?
    """,
    "ask_card": """
        kartınızın son dört hanesini [yazar mısınız|alabilir miyim]?
        kullandığınız kartın son dört hanesi nedir?
    """,
}

REMEMBERED = frozenset(
    {
        "item", "other", "wear", "device", "fragile", "city", "agent_name", "order_number",
        "phone", "last_four", "email", "amount", "person", "code", "occasion", "size",
    }
)  # fmt: skip
