"""English. The customer's account: signing in, points, advertising, closing it."""

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
        I [can't|cannot|am unable to] [log in|sign in|log on|get into my account][ anymore|][ {on_what}|][ {since}|]
        [forgot|I forgot|I don't remember] my password[ and the reset email [never comes|isn't arriving]|, help|][ {since}|]
        my account [is|has been] [locked|blocked|disabled] [after too many attempts|for no reason|][ {since}|]
        the password reset [link|email] [doesn't work|has expired|never arrives|goes nowhere][ {on_what}|][ {since}|]
        [it|the site|the app] keeps [saying|telling me] [wrong|invalid|incorrect] password[ {on_what}|][ {since}|]
        [login not working|sign in fails|login problem|logging in fails][ {on_what}|][ {since}|]
        I [don't get|never receive] the [verification|security] code [by text|to sign in|]
        """,
        """
        I [tried|reset] my password {n} times [{on_what}|] and it still [won't let me in|says invalid]
        when I [type|enter] my [password|email] it [just|] [reloads|logs me out|says unknown user]
        I'm locked out and can't [see my orders|check out|get in]
        no [reset|verification] [email|code], [also not|not even] in [the|my] spam folder
        """,
        "do you see an error message when you try?",
        "[it says|yes,] [invalid password|account locked|user not found|too many attempts]|it just reloads",
        """
        I've unlocked your account and sent a new password link. it works for an hour
        please try again in a private window with the link I just sent; the old password is reset
        """,
    ),
    Intent(
        "loyalty_points",
        ("email",),
        """
        [where are|I'm missing] [my|the] [loyalty|reward|bonus|] points [from my last {order}|for {item.a}|]
        how [do I|can I] [use|redeem|spend] my [points|rewards|Pinewick points]?
        my [points|rewards] [balance|] [is wrong|disappeared|went to zero|hasn't changed]
        [do|when do] [my|the] points expire?
        I [didn't get|was never credited|am missing] [the|any] points for [my {order}|{item.a}|a friend I referred]
        [loyalty|rewards|membership] [points missing|program question|balance wrong]
        """,
        """
        I [had|collected|earned] [2|3|4|6|8]00 points and now [there are|I see] only [half of them|a few]
        I'm a [gold|silver|] member and [the points|my rewards] [weren't added|don't show up]
        every dollar [should|is supposed to] [give|earn] a point, but [nothing was added|I see none]
        I [want|wanted] to pay with my points [and|but] [the option is gone|can't]
        """,
        "how many points do you see in the app right now?",
        "[zero|none]|[about|only] [1|2|4|5]## points|it [says|shows] ### [points|]",
        """
        points are added 14 days after delivery. I've credited them now, so check your balance
        I've restored the points on your membership; they are valid for a year
        """,
    ),
    Intent(
        "newsletter",
        ("email",),
        """
        [please|I want to|how do I] unsubscribe [me|] [from [your emails|the newsletter|your ads|your texts]|][, {n} a week is too much|, I never signed up|, {email}|]
        [please|can you|] stop [sending me|spamming me with] [emails|newsletters|ads|promotions|text messages][ every [day|week|{weekday}]|]
        I [keep getting|still get|get] [your newsletter|marketing emails|promo texts] [every day|although I unsubscribed|]
        [please|] [remove|take] [me|my address|{email}] [from|off] [your|the] mailing list[, I'm not interested| today|]
        the unsubscribe link [doesn't work|is broken|leads nowhere][ {on_what}|][ {since}|]
        [too many|so many] [emails|newsletters|texts] from you[, please stop|, unsubscribe|]
        """,
        """
        I get {n} [ads|mails|promotions] [a day|a week] and [never signed up|don't want them]
        I [clicked|used] unsubscribe {n} times, [still coming|the mails keep coming]
        I [only|just] want [order|shipping] mails, no [marketing|advertising|newsletter]
        [my inbox is full of|enough of] your [promotions|marketing]
        """,
        "should I stop the emails only, or text messages as well?",
        "[both|everything|all of it][ please|]|[just|only] the [emails|newsletter|texts]",
        """
        you're unsubscribed from all marketing. it can take two days until the last mail
        I've removed your address from the mailing list; order emails still come
        """,
    ),
    Intent(
        "delete_account",
        ("email",),
        """
        [please|I want to|how do I|I'd like to] [delete|close|remove] my [account|profile|customer account][, I don't use it anymore| and all my data|, {email}|]
        [please|I want you to] [erase|delete|remove] all [my|of my] [personal|] data[ and my order history| from your [systems|servers]|, {email}|]
        [close|delete] account[ please| permanently| {email}|]
        [where is|I can't find] the [button|option] to [delete|close] my account[ {on_what}|]
        I no longer [want|need] [an|my] account [with you|at Pinewick][ and want it [deleted|closed]|, please [close|delete] it|]
        [under|according to] [privacy law|the CCPA], I [request|ask for] [deletion|erasure] of my data
        """,
        """
        I don't [shop here|use it] anymore and want my [data|profile|address] [gone|deleted|out of your system]
        I don't want you to [keep|store] my [address|card|personal data] any longer
        [not just deactivated|permanently], I want everything [deleted|erased|removed][ by {weekday}|, orders too|]
        I'm [closing|cleaning up] [all|the|old] accounts I don't use, yours [too|included]
        """,
        "are you sure? your order history and points would be lost.",
        "[yes|yes I'm sure|sure], [go ahead|delete it|I don't need them]|[that's fine|doesn't matter]",
        """
        your account is closed, and your personal data are erased within 30 days
        I've sent a link to confirm the deletion of your account and data
        """,
    ),
)
