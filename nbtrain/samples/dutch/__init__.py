"""Dutch: the same web shop, with the right article for each thing that is talked about."""

from __future__ import annotations

from ..language import Language
from .account import ACCOUNT
from .delivery import DELIVERY
from .orders import ORDERS
from .payments import PAYMENTS
from .talk import REMEMBERED, RULES, THINGS

__all__ = ["DUTCH"]

DUTCH = Language(
    code="nl-NL",
    intents=(*DELIVERY, *ORDERS, *PAYMENTS, *ACCOUNT),
    rules=RULES,
    things=THINGS,
    remembered=REMEMBERED,
    plain=dict(zip("éèëïöüÉ", "eeeiouE", strict=True)),
)
