"""English. What goes wrong on the way: late, lost, damaged, the wrong thing, the wrong address."""

# One alternative a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from ..language import Intent

__all__ = ["DELIVERY"]

DELIVERY = (
    Intent(
        "parcel_late",
        ("order", "zip"),
        """
        where is my {parcel}[?|, it [was due|should have come] {when}|. I {bought} {item.a} {when}]
        my {parcel} [hasn't|still hasn't] [arrived|come|shown up|turned up][ and it's been {span}|]
        I {bought} {item.a} {when} and [nothing has come|I'm still waiting|there's no sign of {item.them}]
        the tracking [hasn't moved|hasn't updated|is stuck|shows nothing new] [for {span}|since {weekday}]
        {my_item} {item.was} supposed to [be here|get here|arrive] {when}[, still nothing|]
        how much longer [will my {parcel} take|do I have to wait for {my_item}]?
        [late|delayed|overdue] {parcel}[, {span} already|, need {item.them} for {occasion}|]
        """,
        """
        [the site|your email] [said|promised] {weekday} and I'm still [waiting|without it]
        it's been in transit [for {span}|since {weekday}], [no updates|nothing moves]
        [just|I just] want to know when {item.it} will [arrive|get here|finally come]
        [expected|estimated] delivery was {when}, it's [late|overdue|way too late]
        I [need|needed] {item.them} for {occasion} and it's taking [ages|forever|{span}]
        """,
        "what delivery date did [you see at checkout|the confirmation show]?",
        "[it said|was supposed to be|I think] {weekday}[, so it's {span} late|, that's {span} ago]|{when}",
        """
        the {parcel} is held up at the {city} sorting center. it should reach you {soon}
        I can see a delay with the carrier. the new estimate is {weekday}; I've asked them to hurry
        """,
    ),
    Intent(
        "parcel_damaged",
        ("order", "zip"),
        """
        my {parcel} [arrived|came|got here] [damaged|crushed|torn open|soaking wet|all dented]
        {my_fragile} [arrived|came] [broken|cracked|smashed|shattered|in pieces|scratched]
        the box was [crushed|ripped|open|wet] and {my_fragile} {fragile.is} [broken|cracked|ruined|dented]
        I [opened|unpacked] the {parcel} and the {fragile} {fragile.was} [broken|cracked|in pieces|shattered]
        [damaged|broken|crushed] {parcel}[, {fragile} ruined| today|, I have photos|]
        the [carrier|driver|delivery guy] [threw|dropped|must have dropped] my {parcel}, {fragile} [broken|damaged]
        """,
        """
        [one|a] [corner|side] is [smashed|dented|caved in] and there [are cracks|is a big scratch|is damage]
        it was [badly|poorly|barely] [packed|wrapped], [no padding|no bubble wrap] at all, so {fragile.it} broke
        {fragile.it} {fragile.was} broken [on arrival|when I opened the box|before I touched {fragile.them}]
        I have [pictures|photos] of the [damage|broken {fragile}|crushed box]
        """,
        "could you send us a photo of the damage and the packaging?",
        "[sure|yes], [attached|uploading|just sent] {n} [photos|pictures] of the [damage|crack|dents|box]",
        """
        a replacement is on its way, you don't have to send the broken one back
        I can offer a new one or your money back for the damage. I've filed a claim with the carrier
        """,
    ),
    Intent(
        "wrong_item",
        ("order", "zip"),
        """
        I [got|received|was sent] the wrong [item|product|thing][. I ordered {item.a}|, {other.a} instead of {item.a}|]
        I {bought} {item.a} [and|but] you sent [me|] {other.a}
        this is not what I ordered[, there's {other.a} in the box|. I wanted {item.a}|]
        [wrong|incorrect] [item|color|product] [in my {parcel}|delivered|sent|received][, {item} expected|]
        [there's|there is] {other.a} in my {parcel}, [not|where's] the {item}[ I ordered|]
        you [mixed up|messed up|confused] my {order}, I [have|got] [someone else's|{other.a}]
        my {item} came in {color}, I [chose|ordered|picked] a different color
        """,
        """
        [the label|the slip] says {item} but inside [is|was] {other.a}
        I never ordered {other.a}, [must be someone else's|that belongs to another customer]
        I [asked for|wanted|chose] {item.a}, [not|what came was] {other.a}
        [completely|totally] different [product|article] from what I [ordered|picked]
        """,
        "what did you receive instead?",
        "{other.a}|[it's|there's] {other.a} [in the box|with someone else's name on it]|the {color} one",
        """
        that was our mix-up. the {item} will be sent today, and a label to return the wrong one
        please keep the wrong item until the courier collects it; the right one arrives {soon}
        """,
    ),
    Intent(
        "item_missing",
        ("order", "zip"),
        """
        [one item|something|the {item}|part of my {order}] is missing [from my {parcel}|from the box|]
        my {parcel} is incomplete[, no {item}|, the {item} {item.is} missing|]
        I ordered {n} [things|items] [but|and] only [one|some of them] [came|was in the box]
        the box [came|arrived] [but|and] the {item} {item.was}n't [in it|inside|there]
        [missing|forgotten] {item} [in|from] [order {order_number}|my {parcel}]
        you [forgot|left out] the {item}[, the rest is here| and the {other} came alone|]
        """,
        """
        the packing [slip|list] [shows|lists] the {item} but [it's not there|there's only {other.a}]
        [everything|all] came except the {item}
        I [emptied|checked|searched] the [whole|] box [twice|], [no|not a trace of the] {item}
        I paid for {n} [pieces|items] and got [one|less|fewer]
        """,
        "is the item listed on the packing slip?",
        "[yes|yep], [it's on the list|listed] but not [in the box|there]|[no|there was no] slip [at all|]",
        """
        the missing part was packed separately and arrives {soon}
        I'm sorry we left it out. the missing {item} is being sent today at no cost
        """,
    ),
    Intent(
        "not_received",
        ("order", "zip"),
        """
        [tracking|the app|your site] says delivered but I [never got|didn't receive|don't have] [it|my {parcel}]
        my {parcel} [is|was] marked [as|] delivered {when}[,|but] [it's not here|nothing at my door|I don't have it]
        [someone|a porch thief] [stole|took] my {parcel} [from the porch|]
        [delivered|left at the door] [according to you|supposedly], but [nothing is here|there's nothing]
        [I got|there's] a delivery [photo|notice], [that's not my house|not my door|wrong porch]
        says [handed to resident|left in mailbox|signed for][,|but] [that wasn't me|I got nothing]
        """,
        """
        I [asked|checked with] my neighbors and [the mailroom|the front desk], nobody has [it|my {parcel}]
        I was home [all day|yesterday|all day yesterday|on {weekday}] and [nobody|no one] [rang|knocked|left anything]
        the [signature|photo] [isn't mine|is of another house]
        [it's|must be] [lost|stolen|at the wrong house], [the status says delivered|marked delivered]
        """,
        "could a neighbor or the front desk have taken it?",
        "[no|nope], [asked everyone|already checked]|I asked [next door|the neighbors|everyone], [no|nothing]",
        """
        I've opened a search with the carrier. if it isn't found {soon}, we send the {item} again
        the driver's scan was at a different house, so we'll replace it for free
        """,
    ),
    Intent(
        "change_address",
        ("order", "zip"),
        """
        [can I|I need to|I want to|how do I] change [my|the] [delivery|shipping] address[ on my {order}|]?
        I [moved|am moving|just moved] [to {city}|{when}|] and my {order} is going to [the|my] old [address|place]
        I [put|entered|typed] the wrong [address|house number|zip code|street] [on|for] my {order}
        [please|can you] [send|ship|deliver] my {parcel} to [my office|a different address|my new place] [instead|]
        [wrong|old] address on [my {order}|order {order_number}][, please update|]
        forgot the [apartment number|suite number|street number] [on|in] my {order}
        """,
        """
        it should go to [1|2|4|7]## {street} [Street|Avenue|Road], not the [old|other] one
        I [don't live|am not living] there anymore, so [please|] [correct|update] the address
        the new address is [1|2|4|7]# {street} [Lane|Street|Drive] [in {city}|]
        the address [saved|on file] is [outdated|incorrect|missing my unit number]
        """,
        "what is the new address?",
        "[1|3|5]## {street} [Street|Avenue|Drive], {city}|[2|4|6]## {street} [Rd|St], [apt|unit] ##",
        """
        I've updated the shipping address. you'll get an email that confirms it
        the box has left already, so I've asked the carrier to redirect it to the new address
        """,
    ),
    Intent(
        "missed_delivery",
        ("order", "zip"),
        """
        I [missed|wasn't home for] the [delivery|driver|courier] {when}, [can they come again|can you redeliver]?
        [I found|there was|got] a [note|slip|door tag] [saying I wasn't home|from the carrier], [what now|how do I reschedule]?
        [can I|I'd like to|how do I] [reschedule|rebook|arrange] [a new|another|the] delivery [day|attempt|]?
        [please|can you] deliver [again|another day] [on {weekday}|after 5 pm|], nobody [was|is] home
        [missed|failed] delivery [attempt|][, redelivery on {weekday} please|]
        where can I [pick up|collect] the {parcel} [after a missed delivery|the driver couldn't drop off]?
        """,
        """
        I was at work when [the driver|he|the courier] came, [so he left a note|and there's a slip on the door]
        [[evenings|Saturdays|weekends] work|{weekday} would be] better [for a second attempt|for me]
        [can it wait|can they hold it] at [a|the] pickup [point|location|counter] [until {weekday}|]?
        I don't want it to go back [to you|] because I missed [one|the first] attempt
        """,
        "which day would suit you for a new attempt?",
        "{weekday}[ please| afternoon| morning| after 5|]|[any evening|anytime] [after {weekday}|this week]",
        """
        a second attempt is booked for {weekday}. someone should be home between 9 and 6
        it's held at the pickup point in {street} Street; bring the slip and an ID
        """,
    ),
)
