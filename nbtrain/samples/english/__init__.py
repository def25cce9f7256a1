"""English: the customers and agents of Pinewick, a web shop for clothing and home goods."""

from __future__ import annotations

from ..language import Language
from .account import ACCOUNT
from .delivery import DELIVERY
from .orders import ORDERS
from .payments import PAYMENTS
from .talk import REMEMBERED, RULES, THINGS

__all__ = ["ENGLISH"]

ENGLISH = Language(
    code="en-US",
    intents=(*DELIVERY, *ORDERS, *PAYMENTS, *ACCOUNT),
    rules=RULES,
    things=THINGS,
    remembered=REMEMBERED,
)
