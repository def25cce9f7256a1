"""English. Money: refunds, cards, charges, discounts, invoices, installments."""

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
        [when|when exactly] will I [get|see|receive] my [refund|money back][ for {my_item}|]?
        I [sent|shipped|mailed] {my_item} back {when} and [haven't gotten my refund|there's still no refund|I don't have my money]
        [still|I'm still] waiting [for|on] [my|the] refund [of {amount}|from my return|]
        [what's the|any] [status|update|news] [of|on] my refund?
        you [got|received] my return {when} but [the money isn't back|I wasn't refunded|there's nothing on my card]
        refund [status|hasn't come|still pending|not received][, {span}|, order {order_number}|]
        [my bank|my account|my statement] [doesn't show|shows no sign of] the [refund|money] you promised
        """,
        """
        [the return was|{my_item} {item.was}] delivered to [you|your warehouse] {when} and I don't see the money
        I was told 3 to 7 days and it's been {span}, [nothing|no credit] on my [card|account]
        you owe me {amount} [for the return|back], I [just|] want to know when [it's|it will be] paid
        the {amount} [still hasn't been|is not] credited [back|] to my [card|account]
        """,
        "do you remember when the return was dropped off?",
        "[dropped it off|mailed it] {when}|[tracking says|you] received it {when}|{when} I think",
        """
        the refund of {amount} was issued {when}. banks can take 3 to 7 days to show it
        I see that the return was received, and I've released the refund now. expect it {soon}
        """,
    ),
    Intent(
        "card_declined",
        ("email", "card"),
        """
        my [card|credit card|debit card|Visa|Mastercard] [was|keeps getting|is being] [declined|rejected|refused][ {on_what}|][ {since}|]
        [payment|my payment] [fails|failed|didn't go through|won't go through] [at checkout|with my card|][ {on_what}|][ {since}|]
        I [can't|am trying to|am unable to] pay for {item.a}, [card declined|payment error|the card is refused]
        [checkout|the payment page] [says|shows] [payment failed|card not accepted|transaction declined]
        [why|why on earth] is my card [declined|not accepted|refused]? [there's enough money|it works elsewhere]
        [card|payment] [declined|rejected|error][ again| {n} times|][ {on_what}|][, {since}|]
        """,
        """
        I [tried|used] {n} [different|] cards and [all|every one] got [declined|rejected]
        my bank says [everything is fine|they don't see any attempt|there's no block], so it's on your end
        there is [plenty of|enough] money on the card and it works [everywhere|in other shops]
        [every time|each time] I [press|hit] pay [it fails|I get an error|the payment is refused]
        """,
        "does the billing address match the one at your bank?",
        "[yes|should be|I think so], [same|nothing changed] [as always|there]|[how do I check|let me look]",
        """
        the bank's security check timed out. please try again, or pay with PayPal or a different card
        I've cleared the failed attempts, so the card should be accepted now
        """,
    ),
    Intent(
        "charged_twice",
        ("order", "card"),
        """
        I was [charged|billed] [twice|two times|double] for [my {order}|the same {order}|{item.a}|one {order}]
        [there are|I see] two [charges|payments|transactions] of {amount} [on my card|on my statement|from you]
        [why|how come] did you [take|charge] {amount} [twice|two times]?
        [double|duplicate] [charge|payment|billing] [on my card|for one {order}|of {amount}|]
        you [took|withdrew|deducted] the money twice[ for {my_item}|]
        my [bank|credit card] statement shows Pinewick [twice|two times][, {amount} each|]
        """,
        """
        one {order}, two [charges|payments] of {amount}, [both today|same day|same minute]
        I [only|] [ordered|pressed pay] once, [so the second|the extra] {amount} [is wrong|must be an error]
        the [second|duplicate] [charge|transaction] has to be reversed
        my account is {amount} [short|too low] because of the [double|duplicate] charge
        """,
        "are both amounts booked or is one still pending?",
        "[both|both are] [booked|posted]|one [is|says] pending|[two|both] of {amount}, [both posted|{when}]",
        """
        the second charge is only a hold and disappears {soon}. I've told the bank to void it
        you're right, it was billed two times. I've reversed the duplicate of {amount}
        """,
    ),
    Intent(
        "voucher_rejected",
        ("email",),
        """
        my [promo|discount|coupon|voucher] code [doesn't|does not|won't|isn't] [work|working|apply][ {on_what}|][ for {my_item}|]
        [the|your] code {code} [is|comes up as] [invalid|expired|not valid|rejected][ {on_what}|][ for {my_item}|]
        [can't|I can't] [use|apply|redeem] my [coupon|gift card|discount|voucher][ at checkout| {on_what}| for {my_item}|]
        I [forgot|was not able] to [enter|add] my [promo|discount] code [on|for] my {order}
        where's the {percent} [off|discount] [I was promised|from the newsletter|for new customers]?
        [gift card|store credit|coupon] [not accepted|shows zero balance|won't redeem][ {on_what}|][ {since}|]
        """,
        """
        I [enter|type|paste] {code} and [it says invalid|the price stays the same|nothing comes off]
        it's [valid until|good through] {weekday} and I [never used|haven't used] it before
        I [should|was supposed to] get {percent} off but the discount [isn't applied|disappears]
        the coupon [terms|fine print] [don't|doesn't] say [sale items|{item}] [are|is] excluded
        """,
        "which code are you using?",
        "{code}|[it's|the code is] {code}[, {percent} off|, from your email|]",
        """
        the code doesn't combine with sale items, but I've put the {percent} on your account as credit
        I've sent you a fresh code with the same discount; the old one had expired
        """,
    ),
    Intent(
        "invoice_request",
        ("order", "email"),
        """
        [can I|could I|I need to] [get|have|download] [an invoice|a receipt|a bill] for [my {order}|{item.a}]?
        [please|can you] [send|email] me [the|an] [invoice|receipt] [for {order_number}|as a PDF|again|]
        where [do I|can I] [find|download] [the|my] [invoice|receipts|tax invoice]?
        I need [an invoice|a receipt] [with|made out to] my [company name|business|tax ID] [on it|]
        [invoice|receipt] [missing|not in the box|needed for {order_number}|for my expenses]
        """,
        """
        [my accountant|my boss|accounting] [needs|wants] [the|an official] [invoice|receipt]
        [it's|I need it] for [taxes|an expense report|my insurance], [with|showing] the sales tax
        there was no [paper|] [invoice|receipt] [in|with] [the box|my {parcel}] or in my email
        the [receipt|invoice] [shows|has] my [private|] name [instead of|not] [the company|my business|{surname} LLC]
        """,
        "should the invoice be in your name or in a company's name?",
        "[my name is fine|just my name]|[the company|company], {street} [LLC|Inc]|{surname} [and sons|LLC]",
        """
        I've emailed the invoice as a PDF. you also find it under My orders, Documents
        the corrected invoice with your company details is on its way to your inbox
        """,
    ),
    Intent(
        "installments",
        ("email", "card"),
        """
        can I pay [in installments|monthly|in {n} parts|over several months] [for {item.a}|]?
        [do you|does Pinewick] [offer|have|support] [installments|financing|a payment plan|pay later]?
        [how does|does] [the payment plan|pay later|paying monthly] work [for {item.a}|]?
        I'd like to [split|spread] [the|my] payment [for {my_item}|] [into {n}|over {n} months]
        [when|what day] is my next installment [due|taken]?
        [financing|installments|pay in 4] [not offered at checkout|option missing|possible?]
        """,
        """
        {amount} at once is [too much|a lot], so [monthly payments|splitting it] would be better
        [is there|do you charge] interest [on|for] [the plan|monthly payments|installments]?
        my [second|next|last] [installment|monthly payment] [of {amount}|] is due [soon|on {weekday}]
        I [used to see|saw] the pay later [option|button] and [now it's gone|would like to use it]
        """,
        "over how many months would you like to pay?",
        "[3|4|6|12] [months|]|[as long as possible|the longest plan]|{n} [payments|months] would be [fine|ideal]",
        """
        you can choose Pay in 4 at checkout for baskets over $50, with no interest
        your plan runs over {n} months; the next installment is taken {soon}
        """,
    ),
)
