"""Turkish. Orders and goods: cancelling, changing, returning, exchanging, warranty, stock."""

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
        {item.imi} iade etmek istiyorum[, nasıl yapacağım?|, ne yapmam gerekiyor?|]
        [iade|geri gönderim] [kodu|etiketi|barkodu] [alabilir miyim?|nereden alınıyor?|oluşturamıyorum]
        {when} aldığım {item.i} [iade edebilir miyim?|geri göndermek istiyorum|beğenmedim, iade edeceğim]
        iade [koşullarınız|süreniz|şartlarınız] [nedir|nasıl]? {item.i} [geri göndereceğim|beğenmedim]
        {item} [beklediğim gibi çıkmadı|hoşuma gitmedi|bana göre değil], [iade edeceğim|nasıl geri gönderirim?]
        [vazgeçtim|fikrim değişti], {item.i} [geri yollamak|iade etmek] istiyorum
        """,
        """
        [kumaşı|rengi|kalitesi|görüntüsü] [fotoğraftakinden|sitedekinden] farklı, [geri göndermek|iade etmek] istiyorum
        [hiç kullanmadım|etiketi üzerinde|kutusunu bile açmadım], geri [yollayacağım|göndereceğim]
        hangi [kargo firmasıyla|şubeden|adrese] [iade edeceğimi|geri göndereceğimi] bilmiyorum
        iade formu [{parcel.in} içinden|kutudan] çıkmadı[, {item.i} nasıl yollayacağım?|]
        """,
        "ürün kullanılmamış ve kutusunda mı?",
        "evet[, etiketi üzerinde|, kutusunda|, hiç kullanmadım]|[bir kere|sadece] denedim",
        """
        iade kodunuzu e-posta ile gönderdim, 14 gün içinde ürünü şubeye bırakabilirsiniz
        Siparişlerim sayfasından iade talebi oluşturunca barkod çıkar, kargo ücretsizdir
        """,
    ),
    Intent(
        "cancel_order",
        ("order", "email"),
        """
        siparişimi iptal etmek istiyorum[, {order_number}|, henüz kargolanmadı|]
        [{when}|az önce|dün gece] verdiğim siparişi [iptal edebilir miyim?|iptal eder misiniz?|iptal edin lütfen]
        yanlışlıkla {item} [sipariş ettim|aldım|siparişi verdim], iptal [eder misiniz?|istiyorum|lütfen]
        {item.i} [göndermeyin lütfen|kargolamayın], [vazgeçtim|ihtiyacım kalmadı|daha ucuzunu buldum]
        [{on_what} |]sipariş iptali [nasıl yapılıyor?|yapamıyorum, buton yok|talep ediyorum]
        {order_number} [iptal|iptal lütfen|numaralı siparişi iptal edin]
        """,
        """
        kargoya verilmeden [durdurmak|iptal ettirmek|vazgeçmek] istiyorum
        [hâlâ|şu an] hazırlanıyor görünüyor, [iptal edilebilir herhalde|durdurabilirsiniz]
        [iki kere|yanlışlıkla] satın al tuşuna [basmışım|bastım], siparişi istemiyorum
        [aynısını|{item.i}] [mağazadan|başka yerden] aldım, buna gerek kalmadı
        """,
        "siparişin tamamını mı, yalnızca bir ürünü mü iptal edelim?",
        "[hepsini|tamamını|tümünü][ iptal edin| lütfen|]|sadece {item.i}",
        """
        siparişiniz iptal edildi, kartınızdan bir tutar çekilmedi
        depodan çıkmadan durdurdum. iptal onayı e-posta ile gelecek
        """,
    ),
    Intent(
        "exchange_size",
        ("order", "email"),
        """
        {wear.im} [küçük|büyük|dar|bol|uzun] geldi, [değişim yapmak|bedenini değiştirmek] istiyorum
        {wear.i} [bir büyük|bir küçük|başka] [bedenle|numarayla] değiştirebilir miyim?
        [beden|numara] değişimi [yapmak istiyorum|nasıl yapılıyor?|mümkün mü?][ {size} lazım|]
        yanlış beden [seçmişim|almışım], {size} [olması lazım|istiyorum|ile değiştirir misiniz?]
        {wear} [olmadı|üzerime oturmadı|üstüme uymadı|üzerimde iyi durmadı], {size} [var mı?|ile değişim istiyorum]
        {wear} [kalıbı|bedeni] [dar|küçük|büyük], [değişim|bir beden büyüğünü] istiyorum
        """,
        """
        [omuzları|beli|kolları] [çok|biraz] [dar|bol|kısa|uzun], {size} daha iyi olur
        normalde {size} [giyiyorum|alıyorum] ama bunun kalıbı [dar|geniş]
        para iadesi [istemiyorum|gerekmez], [sadece|] [bedenini|numarasını] değiştirelim
        aynı renk, [bir beden|bir numara] [büyüğü|küçüğü] [olsun|lazım]
        """,
        "hangi bedeni istersiniz?",
        "{size}[ olsun| lütfen| varsa|]|bir [büyüğü|küçüğü], {size}",
        """
        {size} stokta var, değişim kaydını açtım. eski bedeni kuryeye verebilirsiniz
        diğer bedeni sizin için ayırdım; değişim kodunuz e-posta adresinizde
        """,
    ),
    Intent(
        "faulty_product",
        ("order", "email"),
        """
        {device.im} [bozuldu|çalışmıyor|durdu|açılmıyor][, garantisi var mı?|, {when} almıştım|]
        {when} aldığım {device} [bozuldu|arızalandı|çalışmaz oldu|ses yapmaya başladı]
        {device} garanti kapsamında mı? [çalışmıyor|arıza yaptı|şarj olmuyor]
        {device.i} [servise|garantiye] göndermek istiyorum[, arızalı|, bozuldu|]
        arızalı {device} için [garanti|tamir|servis] [talep ediyorum|nasıl işliyor?]
        {n} [hafta|ay] kullandım, {device} [bozuldu|kendi kendine kapanıyor|ısınmıyor]
        """,
        """
        [ilk başta|bir süre] iyi çalışıyordu, sonra [birden durdu|arıza yaptı|açılmaz oldu]
        [düğmesi|kablosu|motoru|pili] [arızalı|bozuk] [galiba|sanırım], [normal kullandım|düşürmedim]
        [kılavuza baktım|fişi değiştirdim|bütün gece şarj ettim], {device} [yine çalışmıyor|değişen bir şey yok]
        [yeni sayılır|{n} aylık], bu kadar çabuk bozulması normal değil
        """,
        "ürünü ne zaman aldınız ve sorun nasıl başladı?",
        "{n} ay [önce|oldu], [birden durdu|kendi kendine kapandı|artık açılmıyor]",
        """
        ürün iki yıl garantili. servis kaydınızı açtım, tamir ya da değişim yapılacak
        bu bir üretim hatası gibi görünüyor, yetkili servise ücretsiz gönderebilirsiniz
        """,
    ),
    Intent(
        "back_in_stock",
        ("email",),
        """
        {wear} ne zaman [stoğa girer|tekrar gelir|yeniden satışta olur]?
        {color} {wear} [stokta var mı?|kaldı mı?|tükenmiş, tekrar gelecek mi?]
        {wear} [tükendi|stokta yok] [görünüyor|yazıyor], [yeniden gelecek mi?|ne zaman gelir?]
        {wear} stoklara [girince|gelince] haber [verir misiniz?|verebilir misiniz?|almak istiyorum]
        {size} {wear} [bulamıyorum|stokta görünmüyor], [gelecek mi?|var mı elinizde?]
        stok [bilgisi|durumu] [alabilir miyim?|soracaktım], {color} {wear}
        """,
        """
        sitede [tükendi|yakında|stokta yok] yazıyor, {color} [olanı|rengi] [bekliyorum|istiyorum]
        {span} {wear.in} stoğa girmesini bekliyorum
        {color} [gelirse|olursa] hemen [alırım|satın alacağım]
        yeni [parti|sezon ürünleri] ne zaman [gelecek|satışa çıkacak], [belli mi?|biliyor musunuz?]
        """,
        "hangi renk ve bedene bakıyordunuz?",
        "{color}[, {size}|]|renk [fark etmez|önemli değil], {size}",
        """
        yeni ürünler {soon} bekleniyor, sizi stok bildirim listesine ekledim
        bu ürün artık üretilmiyor ama {color} benzeri stokta var
        """,
    ),
)
