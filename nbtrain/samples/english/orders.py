"""English. Orders and goods: cancelling, changing, returning, exchanging, warranty, stock."""

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
        [how do I|how can I|I'd like to|I want to] [return|send back] {my_item}[, {item.it} {item.is} not for me|]
        I [want|need] [a|to print a] return label [for {my_item}|please|]
        what's your return [policy|window|process][? I {bought} {item.a} {when}|]?
        [can I|is it possible to|am I able to] [return|send back|bring back] [something|{item.a}] [I bought {when}|]?
        {my_item} {item.is}n't what I expected[,|.] [how do I send {item.them} back|can I return {item.them}]?
        changed my mind about {my_item}, [returning|want to return|sending back]
        [where|to which address] do I [send|ship] [returns|a return|{my_item} back]?
        """,
        """
        I don't [like|need|want] {item.them} [anymore|after all] and [want to|would] send {item.them} back
        [looks|feels] [different|cheaper] than [in|on] the [pictures|website], so [back it goes|I'd return it]
        [there was no|I can't find the] return [label|form|slip] in the box
        [never worn|unopened|unused|tags still on], I just want to [return|ship] {item.them} [back|]
        """,
        "is it still unused and in its original packaging?",
        "[yes|yep|yeah], [tags are on|never used|in the original box]|I [opened|tried] it once",
        """
        I've emailed you a return label. drop the {item} off at any carrier location within 30 days
        you can return within 30 days. the label is under My orders, Return an item
        """,
    ),
    Intent(
        "cancel_order",
        ("order", "email"),
        """
        [please|I want to|I'd like to|I need to|can you] cancel my {order}[ for {item.a}| {order_number}|]
        [how do I|can I still|is it too late to] cancel [an order|my {order}|something I {bought} {when}]?
        I [ordered|bought] {item.a} [by mistake|by accident|twice by mistake], please [cancel|stop] it
        [don't|do not] ship {my_item}, I [changed my mind|don't need {item.them} anymore|found {item.them} cheaper]
        [cancel|stop] {order} {order_number}[ please| asap|]
        there's no cancel button [for|on] my {order}[, I don't want it anymore|]
        """,
        """
        I want to [call off|withdraw|cancel] [the whole|my] {order} before [it ships|it's sent out]
        [accidentally|I accidentally] [hit|pressed|clicked] [buy|the order button], I don't want {item.them}
        [it's|the status is] still processing so [you should be able to|please] [stop|cancel] it
        I [found|got] {item.a} [elsewhere|in a store|somewhere else], so no need for this one
        """,
        "would you like to cancel the whole order or only the {item}?",
        "the whole [order|thing]|[everything|all of it][ please|]|[just|only] the {item}",
        """
        your order is canceled. nothing was charged, the reservation on your card drops off {soon}
        I was able to stop it before it left the warehouse. you'll get a cancellation email
        """,
    ),
    Intent(
        "exchange_size",
        ("order", "email"),
        """
        [can I|I'd like to|I want to|how do I] [exchange|swap|switch] {my_wear} for [another|a different|a bigger|a smaller] size?
        {my_wear} {wear.is} too [small|big|tight|loose|long|short], [can I get|I need] [a|the] {size}
        the size [is wrong|doesn't fit|runs small|runs large], I need {size}
        [doesn't|does not] fit[,|.] [want to swap|exchange] [for|to] {size}[ please|]
        I {bought} the wrong size[ of {my_wear}|], [should be|need] {size}
        [size|sizing] exchange [for {my_wear}|please|, {size} please]
        """,
        """
        [way|much|a bit|slightly] too [tight|small|big|loose] [around the waist|in the shoulders|at the sleeves|on me]
        I [usually|normally] wear {size} but this [fits|runs] [smaller|bigger]
        I [don't want money back|want to keep the style], just [one size up|one size down|a {size}]
        need [one size up|one size down|the next size] [in the same color|]
        """,
        "which size would you like instead?",
        "{size}[ please| if you have it| in the same color|]|one [up|down], so {size}",
        """
        {size} is in stock. I've set up the exchange, and the label for the old size is in your email
        I've reserved the other size. it ships as soon as the carrier scans your exchange
        """,
    ),
    Intent(
        "faulty_product",
        ("order", "email"),
        """
        {my_device} stopped working [after {lasted}|{when}|all of a sudden|]
        {my_device} {device.does}n't [turn on|charge|work properly|work anymore][, bought {when}|]
        [is there|do I have|what about] [a|the] warranty [on|for] {my_device}? {device.it} [broke|stopped working]
        {my_device} [fell apart|started making noise|lost its color|came apart] [after {n} weeks|after one wash|already]
        I'd like to [claim|use] [the|my] warranty [for|on] [{device.a}|{my_device}]
        [defective|faulty] {device}[, only {lasted} old|, quality issue|]
        """,
        """
        it [worked|was fine] for {lasted} and then [just died|quit|gave up]
        the [seam|zipper|strap|switch|button|cable] [is defective|came loose|failed] after [normal use|{lasted}]
        I [followed|read] the manual, [charged it overnight|tried everything], [still dead|no change]
        [not|it's not] what I'd expect in quality, {n} [weeks|months] old and [already|] defective
        """,
        "since when do you have it, and what happens when you use it?",
        "had it for {lasted}[, then it died|, it just stopped|]|since [spring|last year], [dead|no power]",
        """
        it's covered by the two-year warranty. we can repair or replace it, I've sent you the form
        that sounds like a defect. please send it to our service center with the warranty label
        """,
    ),
    Intent(
        "back_in_stock",
        ("email",),
        """
        when will the {wear} be [back in stock|available again|restocked]?
        [the|your] {wear} {wear.is} sold out [in {size}|in {color}|everywhere|], [will you get more|when is the restock]?
        [do you have|do you still have|any chance of] the {color} {wear} [in stock|available|in {size}]?
        {wear.is} the {wear} [available|in stock] [in {color}|in {size}|in your store|]?
        [out of stock|sold out] {wear}[, restock date?|, any idea when they come back?|]
        can you [notify|email|tell] me when the {wear} {wear.is} [available|back]?
        """,
        """
        the [website|page] says [sold out|unavailable|coming soon] [in {color}|for {size}|]
        I've been [waiting|checking] for {span} for {wear.them} to [come back|be available]
        I'd buy {wear.them} right away if [you had|there were] [more|any] in {color}
        do you [know|have a date] when [new stock|the next batch] comes in?
        """,
        "which color and size are you looking for?",
        "{color}[, {size}|]|[any color|doesn't matter], {size}|{size}[, preferably {color}|]",
        """
        a new batch is expected {soon}. I've put you on the stock alert list
        the {wear} won't be restocked, but a similar one is available in {color}
        """,
    ),
    Intent(
        "no_confirmation",
        ("email",),
        """
        I [placed|made] an {order} {when} [but|and] [got|received] no confirmation [email|]
        did my {order} [go through|work]? [no confirmation|never got an email|I don't see it anywhere]
        [no|where's the|never got the] [order|] confirmation [email|][ for {item.a}|]
        [the page|checkout|the app] [froze|crashed|timed out] after [paying|I paid], [did you get my {order}|was it placed]?
        I [don't see|can't find] my {order} [under my orders|in my account], [was it placed|did it work]?
        """,
        """
        the money [left|was taken from] my account but there's no [email|order number|confirmation]
        [nothing|no email|no message] in my inbox or spam [since {when}|] that says [you got it|the order is placed|it was confirmed]
        the [screen|page] went [white|blank] [right|just] after I [hit|pressed] [buy|pay], I don't know if it worked
        I don't want to order [again|twice], so [please tell me if it's placed|is it confirmed or not?]
        """,
        "at about what time did you place it?",
        "[around|about] [8|9|10|11] [am|pm] {when}|{when}, [in the evening|at lunch]|[maybe|like] {n} hours ago",
        """
        your order did go through. there was a typo in the address, so I've sent the confirmation again
        I don't see a completed order, so you can safely place it again; the payment was not taken
        """,
    ),
    Intent(
        "change_order",
        ("order", "email"),
        """
        can I [add|still add] [something|{item.a}|another item] to my {order}[ {order_number}|]?
        [I'd like to|can I|please] [change|switch] the [color|quantity] [in|of] my {order}[ to {color}|]
        the [quantity|color] of the {item} in my {order} is wrong, can you [change|edit|fix] it[ to {color}|]?
        [how do I|is there a way to] [edit|modify|change] an order [after checkout|I already placed]?
        [please|can you] [combine|merge] my two orders [into one shipment|]
        [take|remove] the {item} [off|from] my {order} but [keep|leave] the rest
        """,
        """
        [same order|I'd keep everything], just [one thing more|a different color of the {item}]
        it [hasn't shipped|is still processing], so [a small change|changing it] should be possible
        I'd [prefer|rather have] {color} [instead|and {n} of them], [please edit|can you modify] [it|the order]
        I don't want to cancel, only [change|modify|add to] [it|what I ordered]
        """,
        "what exactly should I change?",
        "[add|put in] {other.a}|[make it|switch to] {color}|{n} [instead of|not] [one|two]|remove the {other}",
        """
        I've changed the order; the new total is in your email
        it's edited and still ships {soon}. you only pay the difference
        """,
    ),
)
