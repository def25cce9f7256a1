"""Turkish: the same web shop, with case endings on the things that are talked about."""

from __future__ import annotations

from ..language import Language
from .account import ACCOUNT
from .delivery import DELIVERY
from .orders import ORDERS
from .payments import PAYMENTS
from .talk import REMEMBERED, RULES, THINGS

__all__ = ["TURKISH"]

TURKISH = Language(
    code="tr-TR",
    intents=(*DELIVERY, *ORDERS, *PAYMENTS, *ACCOUNT),
    rules=RULES,
    things=THINGS,
    remembered=REMEMBERED,
    keyboard=("qwertyuıopğü", "asdfghjklşi", "zxcvbnmöç"),
    plain=dict(zip("çğıöşüâÇĞİÖŞÜ", "cgiosuaCGIOSU", strict=True)),
    dotted_i=True,
)
