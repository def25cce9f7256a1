"""Small lists of words that don't name a topic: function words and the filler of chats.

They only keep key words and names readable; the vectors don't use them.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["STOP_WORDS"]

STOP_WORDS: Mapping[str, str] = {
    "en": """
        a an the this that these those there here i i'm i've i'd i'll me my mine we we're us our you
        you're your yours he she it it's its they them their his her him who whom what what's which
        when where why how and or but if so because as than then of in on at by for from to into
        with without about over under up down out off is are was were be been being am do does
        don't doesn't did didn't done have haven't has hasn't had having can can't cannot could
        couldn't will won't would wouldn't should shouldn't shall may might must not no yes yeah
        yep nope ok okay hi hello hey dear good morning afternoon evening day bye goodbye thanks
        thank please pls sorry welcome just also too very really some any all more most much many
        other another only now still again well let let's lets get got like want need know tell
        make sure im ive id dont cant didnt doesnt isn't isnt wasn't wasnt thats that's there's one
        go going went try tried trying use using used
        sure great perfect sounds fine right u ur thx
        """,
    "tr": """
        bir bu şu o ben sen biz siz onlar bana sana ona bize size onlara beni seni onu bizi sizi
        benim senin onun bizim sizin ve veya ya da de ile ama fakat çünkü için gibi kadar göre
        daha en çok az her hiç bazı tüm bütün ne neden niçin nasıl nerede nereye kim hangi kaç mı
        mi mu mü mıyım miyim musun misin mısınız misiniz var yok değil evet hayır tamam peki şey
        şimdi sonra önce yine hala hâlâ artık sadece lütfen teşekkür teşekkürler ederim ederiz
        sağol sağolun merhaba merhabalar selam selamlar günaydın iyi günler akşamlar geceler
        kolay gelsin hoşça kal rica olur olsun oldu olarak olan olduğunu oluyor istiyorum isterim
        lazım gerek ki ise eğer hem işte bile böyle şöyle öyle acaba bey hanım
        """,
    "ar": """
        في من على إلى الى عن مع هذا هذه ذلك تلك هناك هنا أنا انا نحن أنت انت أنتم هو هي هم ما ماذا
        متى أين اين كيف لماذا هل أي اي كم أن ان إن إذا اذا لو لأن لان أو او و ثم لكن بل لا لم لن
        ليس نعم كل بعض غير بين بعد قبل عند حتى منذ قد كان كانت يكون أكون لي لك له لها لنا لكم بي
        به بها فيه فيها منه منها عليه عليها الذي التي الذين يا أريد اريد أود اود يمكن يمكنني
        يمكنك شكرا شكراً مرحبا مرحباً أهلا اهلا السلام عليكم وعليكم صباح مساء الخير فضلك سمحت رجاء
        عفوا حسنا تمام طيب جدا فقط الآن الان أيضا ايضا
        """,
    "fr": """
        le la les l un une des du de d au aux ce cet cette ces mon ma mes ton ta tes son sa ses
        notre nos votre vos leur leurs je j'ai j tu il elle on nous vous ils elles me te se moi toi
        lui eux qui que qu quoi dont où quand comment pourquoi combien quel quelle quels quelles et
        ou mais donc or ni car si comme dans sur sous avec sans pour par en vers chez entre est
        suis es sommes êtes sont était c'est c été être ai as a avons avez ont avais avoir fait
        faire peux peut pouvez puis pouvoir veux voudrais souhaite dois doit ne n pas plus non oui
        très trop aussi encore déjà bien ici là alors tout tous toute toutes bonjour bonsoir salut
        merci svp plaît s'il s au-revoir revoir désolé d'accord ok y
        """,
    "nl": """
        de het een die dat dit deze er hier daar ik ik'm mij me mijn m'n wij we ons onze jij je u
        uw jouw hij zij ze hem haar hun het zijn ben bent is was waren wordt worden werd heb hebt
        heeft hebben had kan kunt kunnen kon zal zullen zou wil wilt willen moet moeten mag doe
        doet doen ga gaat gaan en of maar want als dan dus omdat om te in op aan van voor met
        zonder bij naar uit over onder door tot wat wie waar wanneer waarom hoe welke niet geen nee
        ja wel ook nog al meer veel heel erg zo nu even graag alle alles hallo hoi goedemorgen
        goedemiddag goedenavond goedendag dag dank dankje bedankt alstublieft alsjeblieft sorry oké
        ok prima
        """,
    "it": """
        il lo la i gli le l un uno una di a da in con su per tra fra del dello della dei degli
        delle al allo alla ai agli alle dal dalla nel nello nella nei sul sulla sui e ed o ma se
        che chi cui cosa cos'è quale quali quando dove come perché perchè quanto quanti io tu lui
        lei noi voi loro mi ti si ci vi me te mio mia miei mie tuo tua suo sua nostro vostro questo
        questa questi queste quello quella non no sì si più meno molto poco anche ancora già ora
        adesso qui qua è sono sei siamo siete era essere ho hai ha abbiamo avete hanno avere
        c'è posso può puoi potete potrei vorrei voglio devo deve fare fa ciao salve buongiorno
        buonasera buona grazie prego favore scusi scusa ok bene va tutto tutti
        """,
}
