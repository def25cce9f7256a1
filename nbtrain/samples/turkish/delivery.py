"""Turkish. What goes wrong on the way: late, lost, damaged, the wrong thing, the wrong address."""

# One alternative a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from ..language import Intent

__all__ = ["DELIVERY"]

DELIVERY = (
    Intent(
        "parcel_late",
        ("order", "phone"),
        """
        {parcel.im} [hâlâ|daha|] [gelmedi|ulaşmadı|elime geçmedi|teslim edilmedi][, {span} bekliyorum|]
        {parcel.im} nerede [acaba|kaldı|]? [{when} gelmesi gerekiyordu|{span} bekliyorum|]
        {when} [sipariş verdiğim|aldığım] {item} [hâlâ|daha] [gelmedi|ulaşmadı|yolda görünüyor]
        kargo takibi {span} [değişmiyor|güncellenmiyor|aynı yeri gösteriyor]
        [teslimat|kargo] [gecikti|çok gecikti], {item.im} ne zaman [gelir|gelecek|elimde olur]?
        {item.imi} {span} bekliyorum, [hâlâ yok|ses seda yok|nerede olduğu belli değil]
        geciken {parcel} [hakkında yazıyorum|için bilgi almak istiyorum]
        """,
        """
        tahmini teslimat tarihi [geçti|{n} gün önceydi|çoktan doldu]
        [sitede|mesajda|mailde] {weekday} günü [gelecek|teslim edilecek] yazıyordu, [gelen giden yok|hâlâ bekliyorum]
        {item} {occasion} lazımdı, [geç kalıyor|yetişmeyecek|çok gecikti]
        {span} transfer merkezinde [bekliyor|duruyor], [hiç hareket yok|ilerlemiyor]
        sadece ne zaman [geleceğini|teslim edileceğini] [bilmek|öğrenmek] istiyorum
        """,
        "sipariş verirken hangi teslim tarihini görmüştünüz?",
        "{weekday} [yazıyordu|diye hatırlıyorum|olacaktı][, üzerinden {n} gün geçti|, çok gecikti|]",
        """
        {parcel.iniz} {city} aktarma merkezinde bekliyor, {soon} elinizde olur
        gecikme kargo firmasından kaynaklanıyor. yeni teslim tarihi {weekday} görünüyor
        """,
    ),
    Intent(
        "parcel_damaged",
        ("order", "phone"),
        """
        {parcel.im} [hasarlı|ezilmiş|yırtık|ıslanmış] [geldi|olarak teslim edildi|bir şekilde ulaştı]
        {fragile.im} [kırık|çatlak|ezik|paramparça] [geldi|çıktı|halde elime ulaştı]
        [kutu|koli] [ezilmişti|yırtılmıştı|açıktı], içindeki {fragile} [kırılmış|çatlamış|zarar görmüş]
        kutuyu [açtım|açınca gördüm], {fragile} [kırılmış|çatlamış|parçalanmış]
        [hasarlı|kırık] [ürün|kargo] [geldi|teslim aldım][, {fragile} kullanılmaz halde|, fotoğrafı var|]
        kurye {parcel.i} [fırlatmış|düşürmüş] [herhalde|galiba], {fragile} [kırık|çatlak]
        """,
        """
        [bir köşesi|yan tarafı|alt kısmı] [kırılmış|ezilmiş|çatlamış], [kullanılacak gibi değil|hasar büyük]
        [çok kötü|özensiz] paketlenmiş, [içinde köpük yok|koruma koymamışlar], [o yüzden kırılmış|hasar almış]
        ben açmadan önce [kırıkmış|hasarlıymış], [kurye gitmişti|tutanak tutturamadım]
        {fragile.in} [hasarlı|kırık|ezik] yerlerinin fotoğraflarını çektim
        """,
        "hasarın ve kutunun fotoğrafını gönderebilir misiniz?",
        "[tabii|evet], {n} fotoğraf [ekledim|yükledim|gönderdim][, kırık yer görünüyor|, ezik belli|]",
        """
        yenisini hemen gönderiyoruz, kırık ürünü geri yollamanıza gerek yok
        hasar kaydı açtım. yenisini ya da ücretini tercih edebilirsiniz
        """,
    ),
    Intent(
        "wrong_item",
        ("order", "phone"),
        """
        yanlış ürün [geldi|gönderilmiş|göndermişsiniz][, {item} yerine {other} çıktı|, ben {item} istemiştim|]
        {item} [sipariş ettim|aldım|istedim] ama [kutudan|paketten] {other} çıktı
        [bu|gelen ürün] benim sipariş ettiğim [şey|ürün] değil[, {other} gelmiş|, {item} olacaktı|]
        {item} yerine {other} [göndermişsiniz|geldi|yollamışsınız]
        siparişleri karıştırmışsınız, [bana başkasının ürünü geldi|bende {other} var]
        {item} {color} [olacaktı|seçmiştim], [başka renk|farklı model] [gelmiş|göndermişsiniz]
        """,
        """
        faturada {item} yazıyor ama [içinden|kutudan] {other} çıktı
        ben {other} [istemedim|sipariş etmedim], [başka müşterinin olmalı|karışmış olmalı]
        [bambaşka|tamamen farklı|alakasız] bir ürün [gelmiş|göndermişsiniz]
        doğru ürünü, yani {item.i} [istiyorum|bekliyorum]
        """,
        "size hangi ürün geldi?",
        "{other}[ geldi| çıktı kutudan|]|{color} {other}",
        """
        hata bizim, doğru ürünü bugün gönderiyoruz. yanlış geleni kurye kapınızdan alacak
        {item.i} {soon} gönderiyoruz, yanlış ürün için ücretsiz iade kodu ilettim
        """,
    ),
    Intent(
        "item_missing",
        ("order", "phone"),
        """
        [paketten|kutudan|koliden] {item} [çıkmadı|eksik çıktı]
        {parcel.im} eksik [geldi|teslim edildi][, {item} yok|, içinde {item} yoktu|]
        {n} ürün [almıştım|sipariş ettim], [biri|bir tanesi] eksik [geldi|çıktı]
        eksik ürün [var|gönderilmiş|göndermişsiniz][, {item} koymamışsınız|, {item} yok|]
        {item} siparişte vardı ama [kutuya konmamış|paketin içinde yok]
        siparişimin bir kısmı [eksik|gelmemiş], sadece {other} [vardı|çıktı]
        """,
        """
        [irsaliyede|listede] {item} [yazıyor|görünüyor] ama kutuda [yok|yalnızca {other} var]
        {item} hariç [her şey|diğerleri] [geldi|tamam]
        kutunun [her yerine|içine iyice] baktım, {item} [yok|koyulmamış]
        {n} parçanın parasını ödedim, [bir parça eksik|biri yok]
        """,
        "eksik ürün irsaliyede yazıyor mu?",
        "[evet|var], [listede yazıyor|irsaliyede var] [ama kutuda yok|kutuda değil]|irsaliye [yoktu|çıkmadı]",
        """
        eksik parça ayrı paketlenmiş, {soon} size ulaşır
        unutmuşuz, özür dileriz. eksik ürünü bugün ücretsiz gönderiyoruz
        """,
    ),
    Intent(
        "not_received",
        ("order", "phone"),
        """
        teslim edildi [görünüyor|yazıyor|diyor] ama [bana bir şey gelmedi|ben almadım|elimde yok]
        {parcel.im} {when} teslim edilmiş [görünüyor|gözüküyor], [ama almadım|bana gelen yok]
        {parcel.imi} [başkası|tanımadığım biri] teslim almış[, imza bana ait değil|]
        [kapıya bırakıldı|teslim edildi] [mesajı|bildirimi] geldi ama [kapıda yok|ortada paket yok]
        {parcel.im} [kaybolmuş|çalınmış] [olabilir|herhalde], sistemde teslim edildi [diyor|yazıyor]
        kurye [teslim etmeden|kapıya gelmeden] teslim edildi [girmiş|olarak işaretlemiş]
        """,
        """
        [komşulara|güvenliğe|kapıcıya] [da|] sordum, kimse [almamış|teslim almamış]
        [dün|önceki gün|{weekday} günü] [bütün gün|akşama kadar] evdeydim, [zil çalmadı|kapıya gelen olmadı]
        teslim alan kişinin [adı|imzası] [bana ait değil|yabancı]
        teslim edildi denmesi [yanlış|mümkün değil], bende [paket|kargo] yok
        """,
        "komşunuz ya da site görevlisi almış olabilir mi?",
        "[hayır|yok], [hepsine sordum|sordum kimse almamış]|güvenliğe [sordum|baktım], [yok|onlarda değil]",
        """
        kargo firmasıyla araştırma başlattım. {soon} bulunmazsa {item.i} yeniden göndereceğiz
        konum kaydına göre başka bir kapıya bırakılmış, ücretsiz yenisini çıkarıyoruz
        """,
    ),
    Intent(
        "change_address",
        ("order", "phone"),
        """
        [{order_number} için |]teslimat adresimi [değiştirmek|güncellemek|düzeltmek] istiyorum[, sipariş yola çıkmadan|]
        [{city.a}|yeni eve] taşındım, {parcel.im} [eski adrese|eski eve] [gidiyor|gidecek]
        siparişte [yanlış adres|kapı numarasını yanlış|mahalleyi yanlış|eski adresi] [yazmışım|seçmişim]
        [mümkünse|lütfen|] {parcel.imi} [iş yerime|başka bir adrese|yeni adresime] [gönderebilir misiniz?|yönlendirir misiniz?]
        adres [değişikliği|düzeltmesi] [yapmak istiyorum|nasıl yapılır?|mümkün mü?]
        [daire|kapı|bina] numarasını yazmayı unutmuşum[, adresi düzeltir misiniz?|]
        """,
        """
        {street} [Sokak|Caddesi] yerine [yeni adrese|diğer adresime] gelmesi lazım
        artık o adreste [oturmuyorum|değilim], [yenisini|doğrusunu] yazar mısınız
        yeni [adresim|adres] {street} [Sokak|Caddesi] no ##[, {city}|]
        sistemde [kayıtlı|görünen] adres [eski|eksik|hatalı]
        """,
        "yeni adresinizi yazar mısınız?",
        "{street} [Mahallesi|Sokak|Caddesi] no ##[ daire #|], {city}",
        """
        adresinizi güncelledim, onay mesajı gelecek
        {parcel.iniz} yola çıkmış; kargo firmasına yeni adrese yönlendirmesi için not düştüm
        """,
    ),
    Intent(
        "missed_delivery",
        ("order", "phone"),
        """
        kurye geldiğinde evde [yoktum|değildim], [tekrar gelir mi?|yeniden dağıtıma çıkar mı?]
        [kapıda|posta kutusunda] [kağıt|not|ihbarname] buldum, [evde yokmuşum|ne yapmam lazım?]
        teslimatı [başka bir güne|{weekday} gününe|akşama] [alabilir miyiz?|erteleyebilir misiniz?]
        {parcel.imi} [şubeden|dağıtım noktasından] [teslim alabilir|alabilir] miyim? [evde yoktum|kuryeyi kaçırdım]
        adreste bulunamadı [yazıyor|demişler], tekrar [gelsinler|dağıtıma çıkarılsın]
        {when} kuryeyi kaçırdım, {weekday} [günü|sabahı] [tekrar gelsin|yeniden getirsinler]
        """,
        """
        [işteydim|dışarıdaydım|markete çıkmıştım], kurye [{when}|] [not bırakıp gitmiş|kağıt bırakmış|gelip gitmiş]
        [akşam saatleri|hafta sonu|{weekday}] [bana daha uygun|olursa evdeyim]
        şubede [kaç gün|ne kadar] bekler? [iade olmasın|geri gitmesin]
        ikinci [kez|defa] [getirsinler|dağıtıma çıksın], [bu sefer|o gün] evde olacağım
        """,
        "kuryenin hangi gün tekrar gelmesini istersiniz?",
        "{weekday}[ olsun| öğleden sonra| sabah| akşam|]|[her akşam|hafta sonu] [olur|evdeyim]",
        """
        {weekday} için yeniden dağıtım planlandı, kurye 9 ile 18 arasında gelecek
        {parcel.iniz} {street} şubesinde üç gün bekler; kimlikle alabilirsiniz
        """,
    ),
)
