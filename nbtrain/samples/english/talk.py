"""English: what customers and agents say whatever the matter, and the things they name."""

from __future__ import annotations

from ..grammar import Forms

__all__ = ["REMEMBERED", "RULES", "THINGS"]


def _one(noun: str, article: str = "a") -> Forms:
    return {
        "": noun, "a": f"{article} {noun}", "is": "is", "was": "was", "has": "has", "does": "does",
        "it": "it", "them": "it", "this": "this",
    }  # fmt: skip


def _many(noun: str, a: str) -> Forms:
    return {
        "": noun, "a": a, "is": "are", "was": "were", "has": "have", "does": "do",
        "it": "they", "them": "them", "this": "these",
    }  # fmt: skip


_WEAR = (
    _one("winter coat"), _one("rain jacket"), _one("sweater"), _one("dress"), _one("cardigan"),
    _one("denim shirt"), _one("hoodie"), _one("swimsuit"), _many("jeans", "a pair of jeans"),
    _many("hiking pants", "a pair of hiking pants"), _many("pajamas", "a pair of pajamas"),
)  # fmt: skip
_DEVICES = (
    _one("kettle"), _one("desk lamp"), _one("coffee maker"), _one("blender"), _one("speaker"),
    _one("electric toothbrush", "an"), _one("vacuum cleaner"), _one("toaster"), _one("watch"),
    _many("headphones", "a pair of headphones"), _one("hair dryer"),
)  # fmt: skip
_FRAGILE = (
    _one("mirror"), _one("flower vase"), _one("teapot"), _one("picture frame"), _one("kettle"),
    _one("desk lamp"), _one("coffee maker"), _one("blender"), _one("coffee table"),
    _many("wine glasses", "six wine glasses"), _many("dinner plates", "a set of dinner plates"),
)  # fmt: skip
_ITEMS = (
    *_WEAR, *_DEVICES, _one("backpack"), _one("duvet cover"), _one("rug"), _one("frying pan"),
    _one("mirror"), _many("curtains", "a set of curtains"), _many("towels", "a set of towels"),
    _many("wine glasses", "six wine glasses"), _many("sneakers", "a pair of sneakers"),
    _many("running shoes", "a pair of running shoes"),
    _many("ankle boots", "a pair of ankle boots"),
)  # fmt: skip

_PEOPLE: list[Forms] = [
    {"": name, "mail": name.lower()}
    for name in (
        "Emma", "Liam", "Olivia", "Noah", "Ava", "Marcus", "Sofia", "Ethan", "Grace",
        "Daniel", "Priya", "Luis", "Hannah", "Tyler", "Megan",
    )
]  # fmt: skip

THINGS = {
    "item": _ITEMS, "other": _ITEMS, "wear": _WEAR, "device": _DEVICES, "fragile": _FRAGILE,
    "person": _PEOPLE,
}  # fmt: skip

RULES = {
    # Things and times
    "parcel": "package|package|package|order|order|delivery|parcel|box|shipment",
    "order": "order|order|order|purchase",
    "my_item": "my {item}|the {item} I [ordered|bought]|the {item}|my [new|] {item}",
    "my_wear": "my {wear}|the {wear} I [ordered|bought]|the [new|] {wear}",
    "my_device": "my {device}|the {device} I [ordered|bought]|my [new|] {device}",
    "my_fragile": "my {fragile}|the {fragile} I [ordered|bought]|my [new|] {fragile}",
    "bought": "ordered|bought|purchased|got",
    "weekday": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday",
    "lasted": "a [week|month]|{n} [weeks|months]|half a year",
    "on_what": """
        [on my|from my] [phone|laptop|tablet|iPhone]|in the app|on the website|in the browser
    """,
    "since": "since [{weekday}|yesterday|this morning]|today|for {n} days|all [day|week|morning]",
    "n": "two|three|four|five|six|2|3|4|5",
    "span": "{n} [days|weeks|days now]|[over|] a week|ten days|almost two weeks|ages|days",
    "when": """
        yesterday
        on {weekday}
        last [week|{weekday}|month]
        {n} [days|weeks] ago
        this [morning|week|{weekday}]
        [a few days|a while|about a week] ago
        the other day
    """,
    "soon": "[by|on] {weekday}|tomorrow|within [two|three|five] business days|in 3 to 7 days",
    "occasion": """
        [a|my daughter's|my mom's|my husband's|a friend's] birthday
        a wedding|a trip|this weekend|[my|the] new apartment|work|a [gift|present]|the holidays
    """,
    "city": "Denver|Memphis|Columbus|Portland|Tampa|Boise|Raleigh|Tulsa|Albany|Reno",
    "street": "Maple|Oak|Cedar|Lincoln|Hill|Lake|Washington|Birch|Park|Sunset",
    "size": "small|medium|large|XL|size [6|8|10|12|14]|extra small|[28|30|32|34] waist",
    "color": "black|navy|gray|green|red|beige|white|burgundy",
    "amount": "$[1|2|3|4|5|6|8|9][2|4|5|7|9].[99|95|50|00]",
    "percent": "10%|15%|20%|25%",
    "code": "WELCOME##|SAVE##|SPRING##|PINE##|FRIEND##",
    "agent_name": "Kelly|Jordan|Sam|Nadia|Chris|Taylor|Rosa|Ben",
    "surname": "miller|garcia|nguyen|carter|lopez|patel|reed|brooks|kim|foster|hughes|ward",
    "email": "{person.mail}[.|_|]{surname}[|#|##]@example.[com|net|org]",
    "order_number": "PW-######",
    "zip": "#####",
    "last_four": "####",
    # What a customer says whatever the intent
    "hello": """
        hi[ there|]|hello[ there|]|hey|good [morning|afternoon|evening]|hi, {person} here
        hello, [hope you're well|hope you can help]|hi {agent_name}
    """,
    "only_hello": "hi|hello|hey[ there|]|hi there|good [morning|afternoon]|anyone there?|hello?",
    "plea": """
        [can|could] [you|someone|anyone] [please|] [help|help me|look into this|check|assist]?
        [what|so what] [can I do|should I do|do I do now|happens now]?
        please [help|advise|let me know|sort this out|check]
        [any idea|do you know] what's going on?
        I'd [appreciate|be grateful for] [any|some] help
        thanks in advance
        how [do|can] we [fix|solve] this?
    """,
    "mood": """
        [this is|it's] [really|so|pretty|a bit|very] [annoying|frustrating|disappointing|confusing]
        I'm [not happy|a little upset|losing patience|not impressed]
        [honestly|frankly], I expected better
        I've been a customer for [years|{n} years]
        it's for {occasion}
        no rush, [just wondering|just checking]
        sorry to bother you
        not a great [start to my week|experience|first impression]
    """,
    "aside": """
        [hope|I hope] you're having a [good|nice|quiet] day
        [first of all|btw|by the way], [love the new site|nice website|your app is great]
        I [tried|called] [your|the] phone line but [waited forever|nobody picked up|it was busy]
        my last {order} with you [was|went] [fine|perfect|great]
        I [sent|wrote] an email {when} but got no [answer|reply]
        I'm on my phone so excuse the typos
        I already [talked to|chatted with] someone {when}
    """,
    "okay": "ok|okay|great|perfect|oh ok|got it|alright|good to know|awesome|that works|fine",
    "thanks": """
        thanks[ a lot| so much| {agent_name}| for your help|]
        thank you[ so much| very much| for sorting this out|]
        [thx|ty|cheers|appreciate it]
        [that's all|nothing else], [thanks|thank you|bye]
        thanks, [have a good one|you've been very helpful|bye]
    """,
    "give_order": """
        [it's|the number is|order number|sure,|yes,|] {order_number}
        {order_number}, [ordered|placed] {when}
        [let me check|one sec|hang on]... {order_number}
        [I think it's|should be] {order_number}
    """,
    "give_zip": "{zip}|[sure,|it's|zip is|zip code] {zip}|{zip}, {city}",
    "give_email": "{email}|[it's|sure,|my email is] {email}|{email} I [think|believe]",
    "give_card": "[ends in|last four are|it's|the one ending in] {last_four}|{last_four}",
    # What an agent says whatever the intent
    "agent_welcome": """
        welcome to Pinewick, my name is {agent_name}. how can I help you [today|]?
        [hello|hi], thanks for contacting Pinewick. what can I do for you?
        Pinewick customer care, this is {agent_name}. how may I help?
    """,
    "agent_hello": """
        [hi|hello][ there|], you're talking to {agent_name}. how can I help?
        hello, what can I do for you today?
        good day, how may I assist you?
    """,
    "agent_sorry": """
        I'm sorry [to hear that|about this|for the inconvenience]
        [I understand|I see], [let me help you with that|let's take a look]
        thanks for [letting us know|getting in touch|reaching out]
        [of course|certainly|sure], I can help with that
        I [apologize|do apologize] for the trouble
    """,
    "agent_clarify": """
        could you tell me a [little|bit] more about [it|what happened]?
        just to make sure I [understand|get this right], what exactly is the issue?
        can you describe [that|the problem] in a bit more detail?
        let me make sure I've got it. what happened?
    """,
    "agent_look": """
        [one moment|bear with me], [please|I'm checking|let me check]. [okay|thanks for waiting].
        thank you[, {person}|]. I've found [it|your account|the details]
        thanks for [waiting|your patience]
    """,
    "agent_close": """
        [you're welcome|my pleasure|happy to help]. [have a [great|nice|lovely] day|take care|bye]
        is there anything else I can [do|help you with]? [if not, have a nice day|]
        glad I could help. [thanks for shopping with Pinewick|goodbye]
    """,
    "ask_order": """
        [could|can] you [please|] [give me|tell me|share|send me] your order number?
        what's the order number[, please|]?
        may I have the order number? it starts with PW
    """,
    "ask_zip": """
        [could|can] you confirm [the|your] zip code[, please|]?
        what's the zip code on the order?
        and your zip code, for security?
    """,
    "ask_email": """
        what's the email address on your account?
        [could|can] you [confirm|give me] [your|the] email address[, please|]?
        which email do you use with us?
    """,
    "ask_card": """
        what are the last four digits of the card?
        [could|can] you tell me the last four digits of the card you used?
    """,
}

REMEMBERED = frozenset(
    {
        "item", "other", "wear", "device", "fragile", "agent_name", "order_number", "zip",
        "last_four", "email", "amount", "person", "code", "occasion", "city", "size",
    }
)  # fmt: skip
