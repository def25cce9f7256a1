"""Turkish. The customer's account: signing in, points, advertising, closing it."""

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
        [{on_what} |][{since} |]hesabıma [giremiyorum|giriş yapamıyorum|erişemiyorum][, şifre yanlış diyor|]
        şifremi unuttum[, [{since} |]sıfırlama [maili|linki|kodu] gelmiyor|, yeni şifre [alamıyorum|oluşturamıyorum]|]
        [hesabım|üyeliğim] [kilitlendi|bloke olmuş|askıya alınmış][, neden acaba?|, çok deneme yaptım diye|]
        [{since} |{on_what} |]şifre [sıfırlama|yenileme] [linki|bağlantısı|maili] [çalışmıyor|gelmiyor|geçersiz görünüyor]
        [uygulama|site] [sürekli|{since}|] [şifre hatalı|kullanıcı bulunamadı|geçersiz giriş] diyor
        [{since} |][{on_what} |][giriş yapamıyorum|oturum açamıyorum|giriş sorunu yaşıyorum]
        [{since} |][doğrulama|onay|giriş] kodu [telefonuma|SMS olarak] [gelmiyor|ulaşmıyor]
        """,
        """
        şifremi {n} kez [yeniledim|denedim], yine [kabul etmiyor|hatalı diyor]
        [e-postamı|şifremi] yazınca [sayfa yenileniyor|başa dönüyor|hata veriyor]
        spam klasörüne de baktım, [kod|sıfırlama maili|şifre bağlantısı] yok
        hesaba giremediğim için [siparişlerimi göremiyorum|alışveriş yapamıyorum]
        """,
        "giriş yaparken bir hata mesajı görüyor musunuz?",
        "[şifre hatalı|hesap kilitli|kullanıcı bulunamadı] [diyor|yazıyor]|sayfa [yenileniyor|donuyor]",
        """
        hesabınızın kilidini açtım ve yeni şifre bağlantısı gönderdim, bir saat geçerli
        az önce gönderdiğim bağlantıyla yeni şifre belirleyip tekrar giriş yapabilirsiniz
        """,
    ),
    Intent(
        "newsletter",
        ("email",),
        """
        [artık|bundan sonra|] [reklam|kampanya|tanıtım] [mesajı|maili|SMS'i] [almak istemiyorum|gelmesin artık|göndermeyin]
        [bültenden|mail listesinden|SMS listesinden] [çıkmak|ayrılmak] istiyorum[, {email}|, ilgilenmiyorum|, hiç üye olmadım|]
        [sürekli|her gün|günde {n} kere] [reklam|kampanya] [mesajı|maili] [geliyor|atıyorsunuz|yolluyorsunuz]
        [{email} adresli|] bülten aboneliğimi [iptal edin|sonlandırın|kapatır mısınız?]
        [{since} |{on_what} |]abonelikten çık [linki|butonu] [çalışmıyor|açılmıyor]
        [numaramı|e-postamı] [reklam|kampanya|bülten] listesinden [silin|çıkarın]
        """,
        """
        [{n} kere|{when}] [listeden çıktım|aboneliği iptal ettim] ama [kampanya mailleri|reklam mesajları] [devam ediyor|kesilmedi]
        [izin|onay] vermedim, [reklam|tanıtım|kampanya] [mesajı|maili] istemiyorum
        yalnızca sipariş [mesajları|bildirimleri] gelsin, [kampanya|reklam] [olmasın|istemiyorum]
        [posta kutum|gelen kutum] [reklamla|bültenlerle] doldu
        """,
        "yalnızca e-postaları mı, SMS'leri de mi durduralım?",
        "[ikisini de|hepsini|tümünü][ lütfen| durdurun|]|sadece [mailleri|SMS'leri|mesajları]",
        """
        ticari ileti izniniz kaldırıldı, iki gün içinde tamamen kesilir
        adresinizi bülten listesinden çıkardım, sipariş bildirimleri gelmeye devam edecek
        """,
    ),
)
