"""Turkish. Money: refunds, cards, charges, discounts, invoices, installments."""

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
        [iadem|para iadem|iade ücretim] ne zaman [yatar|hesabıma geçer|gelir|yapılacak]?
        {when} iade ettiğim {item.in} parası [hâlâ|daha] [yatmadı|hesabıma geçmedi|ödenmedi]
        iadem size {when} ulaşmış ama [ücret|param|{amount}] [kartıma|hesabıma] [yatmadı|yansımadı|geçmedi]
        {amount} iade [alacağım vardı|bekliyorum], [hesapta yok|kartıma yansımadı|hâlâ gelmedi]
        iade [durumu|ücreti|ödemesi] [hakkında bilgi alabilir miyim?|ne aşamada?|hâlâ gelmedi]
        [param geri gelmedi|paramı geri alamadım], {item.i} [{when}|] iade etmiştim
        """,
        """
        [banka|bankam] herhangi bir iade [görünmüyor diyor|gelmediğini söylüyor]
        [ürünü|{item.i}] [geri göndereli|iade edeli] {n} [hafta|gün] oldu, param [hâlâ yok|yatmadı]
        [3 ila 7|en geç 10] iş günü [denmişti|dediniz], [süre doldu|çoktan geçti], [para yok|iade yatmadı]
        paramın ne zaman [yatacağını|geri ödeneceğini] öğrenmek istiyorum
        """,
        "iade paketini ne zaman kargoya verdiniz?",
        "{when} [verdim|göndermiştim|teslim ettim][, size ulaşmış görünüyor|]",
        """
        {amount} tutarındaki iadeniz yapıldı, bankanıza göre 3 ila 7 iş günü sürebilir
        iadeniz onaylandı, tutar {soon} kartınıza yansır
        """,
    ),
    Intent(
        "card_declined",
        ("email", "card"),
        """
        [{since} |{on_what} |]kartım [reddedildi|reddediliyor|kabul edilmiyor|onaylanmadı][, bakiye var oysa|, limitim yeterli|]
        [{on_what} |][{since} |]ödeme [yapamıyorum|başarısız oldu|geçmiyor|hata veriyor][, kartım reddediliyor|]
        {item} için ödeme yaparken [hata alıyorum|kart onaylanmadı diyor|işlem reddedildi yazıyor]
        ödeme [sayfası|ekranı] [kart geçersiz|işlem başarısız|kart reddedildi] [diyor|yazıyor]
        [3D onay|banka onay] [sayfası açılmıyor|kodunu giriyorum ama ödeme geçmiyor]
        kredi kartım neden [kabul edilmiyor|geçmiyor]? [başka sitede çalışıyor|limit var]
        """,
        """
        {n} farklı kart denedim, [hepsi reddedildi|hiçbiri geçmedi|aynı hata]
        bankam [sorun yok|kartta blokaj yok|işlem gelmedi] diyor, [sizden kaynaklı|sorun sizde]
        [kartta|hesapta] yeterli [bakiye|limit] var, [her yerde geçiyor|sadece sizde geçmiyor]
        ödeme tuşuna her bastığımda [işlem reddediliyor|hata veriyor]
        """,
        "kartınız internet alışverişine açık mı?",
        "evet[, açık|, hep kullanıyorum|, başka sitede geçiyor]|[bilmiyorum|emin değilim], [bakayım|nasıl bakarım?]",
        """
        banka onayı zaman aşımına uğramış. lütfen tekrar deneyin ya da başka bir kart kullanın
        başarısız denemeleri sıfırladım, kartınız şimdi kabul edilecektir
        """,
    ),
    Intent(
        "charged_twice",
        ("order", "card"),
        """
        kartımdan [iki kere|iki kez|çift] [para çekilmiş|ödeme alınmış|çekim yapılmış][, {amount}|, tek sipariş verdim|]
        [bir|tek|aynı] sipariş için [iki defa|iki kez|2 kere] {amount} [çekmişsiniz|çekildi|alınmış]
        [ekstremde|hesap hareketlerimde] iki [tane|adet] {amount} [çekim|ödeme] [var|görünüyor]
        neden [iki kere|çift] [çekim|tahsilat] [yaptınız|yapıldı]?
        [çift|mükerrer] [çekim|ödeme|tahsilat] [var|olmuş|yapılmış][, {item} için|]
        {item} için [iki kez|iki kere] ücret [alınmış|ödemişim|çekilmiş]
        """,
        """
        tek {item} aldım, [iki tahsilat|iki çekim] var, [ikincisi hatalı|fazlasını geri istiyorum]
        ödeme tuşuna bir kere bastım ama {amount} [iki defa|iki kez] [gitmiş|çekilmiş]
        [ikinci|fazla|mükerrer] çekimin [iptalini|geri alınmasını] istiyorum
        fazladan {amount} [kesilmiş|çekilmiş], [hesabım eksiye düştü|limitim doldu]
        """,
        "iki tutar da kesinleşmiş mi, biri provizyonda mı?",
        "[ikisi de|her ikisi] kesinleşmiş|biri [provizyonda|beklemede] [görünüyor|yazıyor]|iki tane {amount}",
        """
        ikinci tutar yalnızca provizyon, {soon} kartınıza geri döner
        haklısınız, iki kez çekilmiş. fazla çekilen {amount} iptal edildi
        """,
    ),
    Intent(
        "voucher_rejected",
        ("email",),
        """
        [{on_what} |{item} için |][indirim|promosyon|kupon|hediye] kodum [çalışmıyor|geçersiz diyor|kabul edilmiyor|uygulanmıyor]
        [{on_what} |]{code} kodu [geçersiz|süresi dolmuş|kullanılamaz] [diyor|görünüyor|uyarısı veriyor]
        [sepette|ödemede|{on_what}] [indirim kodunu|kuponu|hediye çekini] [kullanamıyorum|giremiyorum|ekleyemiyorum]
        {percent} indirim [nerede|neden düşmedi]? [kuponum vardı|mesajla kod gelmişti]
        [kupon|indirim] [tanımlanmadı|yansımadı|düşmedi][, {code}|, kod {code}|]
        [hediye çekim|hediye kartım] [kabul edilmiyor|bakiye sıfır diyor]
        """,
        """
        kodu [yazıyorum|giriyorum], [fiyat değişmiyor|indirim düşmüyor|geçersiz kod yazıyor]
        kuponun [süresi|son günü] {weekday}, [daha kullanmadım|hâlâ geçerli olmalı]
        {percent} indirim [olacaktı|sözü verilmişti] ama sepete [yansımıyor|uygulanmıyor]
        kampanya [şartlarında|koşullarında] {item} [hariç|geçmez] yazmıyor
        """,
        "hangi kodu kullanıyorsunuz?",
        "{code}|kod {code}[, {percent} indirim|, mesajla geldi|]",
        """
        bu kod indirimli ürünlerde geçmiyor ama {percent} indirimi hesabınıza tanımladım
        kodun süresi dolmuş, size aynı indirimle yeni bir kod gönderdim
        """,
    ),
    Intent(
        "invoice_request",
        ("order", "email"),
        """
        [{when} aldığım ürünün|{order_number}|] faturasını [bulamıyorum|gönderir misiniz?|nereden indirebilirim?]
        faturamı [alabilir miyim?|gönderir misiniz?|bulamıyorum|nereden indirebilirim?]
        {item} [için|siparişi için] [fatura|e-fatura] [lazım|istiyorum|gönderir misiniz?]
        [fatura|e-arşiv fatura] [kutudan çıkmadı|mailime gelmedi|gönderilmemiş][, {order_number}|]
        faturayı [şirket adına|firmamın adına|vergi numarasıyla] [kestirmek|almak|düzelttirmek] istiyorum
        e-faturayı [PDF olarak|mail ile|tekrar] [yollar|gönderir|iletir] misiniz?
        """,
        """
        [muhasebe|muhasebecim|iş yerim] {item} için fatura [istiyor|bekliyor|soruyor]
        [vergi|masraf|sigorta] için [resmi fatura|fatura çıktısı] [gerekiyor|şart]
        faturada [şirket unvanı|vergi dairesi|adım] [yanlış|eksik] [yazılmış|görünüyor]
        [mailde|kutuda] [fatura|belge] yoktu
        """,
        "fatura şahıs adına mı, şirket adına mı olsun?",
        "[şahıs|kendi adıma] [olsun|yeterli|]|şirket adına[, {street} Ticaret|, {street} Limited]",
        """
        faturanızı PDF olarak e-posta adresinize gönderdim
        şirket bilgileriyle düzeltilmiş e-faturanız bugün içinde iletilecek
        """,
    ),
    Intent(
        "installments",
        ("email", "card"),
        """
        taksitle [ödeyebilir miyim?|ödeme var mı?|almak istiyorum][, {item} için|]
        kaç taksit [yapıyorsunuz|oluyor|seçeneği var]? {item} [alacağım|düşünüyorum]
        {item.i} [taksitli|{n} taksitle|vade farksız taksitle] [alabilir miyim?|almak istiyorum]
        taksit [seçeneği|seçenekleri] [çıkmıyor|görünmüyor|neden yok?][ ödeme sayfasında|]
        peşin aldım, [sonradan|bankadan] taksitlendirebilir [miyim|misiniz]?
        [hangi kartlara|benim bankama] taksit [var|yapılıyor]?
        """,
        """
        {amount} tek çekim [çok|ağır] geliyor, [taksit|taksitlendirme] olsa iyi olur
        vade farkı [var mı|alıyor musunuz|ne kadar]?
        [önceden|geçen ay] {n} taksit [vardı|yapabiliyordum], şimdi [tek çekim|yalnızca peşin] çıkıyor
        aylık ne kadar [öderim|tutar], {n} taksit [olursa|için]?
        """,
        "kaç taksit düşünüyorsunuz?",
        "[3|4|6|9|12] taksit[ olursa iyi olur|]|en [fazla|uzun] [kaçsa|ne kadarsa]",
        """
        500 TL üzeri alışverişlerde vade farksız 3, farklı 9 taksit yapabiliyoruz
        işleminizi bankanız {n} taksite bölebilir, ödeme sayfasında artık taksit göreceksiniz
        """,
    ),
)
