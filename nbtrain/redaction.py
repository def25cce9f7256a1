"""Takes out of a text what may point to a person, before the text leaves the machine.

By pattern only: e-mail and web addresses, IBANs, card and phone numbers, codes, and all other long
runs of digits, in the digits of any script. Names of people and numbers written in words stay.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plain_line", "redact"]

LONGEST_NUMBER = 4
"""Digits that a number may have and stay: years, times and amounts say what a text is about."""

# Letters and digits that belong to no word; they hide in the middle of numbers.
_INVISIBLE = {"Cf", "Cs", "Co", "Cn", "Me"}
_VARIATION = {"\ufe0e", "\ufe0f"}

_TLDS = (
    "com|net|org|edu|gov|mil|info|biz|app|dev|shop|store|online|io|co|eu|tr|nl|fr|it|sa|de|es|uk"
    "|be|at|ch|pk|lv|ru|us"
)
_LINK = re.compile(
    rf"""(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>"']+
    |(?<![\w@.-])(?:[\w-]+\.)+(?:(?:{_TLDS})\b(?![.-]?\w)(?:[/?#:][^\s<>"']*)?|[^\W\d_]{{2,}}/[^\s<>"']*)""",
    re.IGNORECASE | re.VERBOSE,
)
_EMAIL = re.compile(
    r"""[^\s<>()\[\]"',;:@]+(?:@|\s?[(\[]\s?at\s?[)\]]\s?)[^\s<>()\[\]"',;:@]+
    (?:\s?[(\[]\s?dot\s?[)\]]\s?\w+)*""",
    re.IGNORECASE | re.VERBOSE,
)
_IBAN = re.compile(
    r"\b[a-z]{2}\d{2}(?:[a-z\d]{11,30}|(?:[ .-]?[a-z\d]{4}){2,7}(?:[ .-]?[a-z\d]{1,4})?)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\w-])(?=[\w-]*[^\W\d_])(?=(?:[\w-]*?\d){3})[\w-]{12,}")
_NUMBER = re.compile(r"(?:[+(]\s?)*\d(?:[\s.,:/\\_|()*'+٬٫،\-‐-―]{0,3}\d)*")

_LEAST_IN_IBAN = 8
_CARD = range(13, 20)
_PHONE = range(7, 16)


def redact(text: str) -> str:
    """Replace what may point to a person by words in brackets.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        One line in Unicode's NFKC form, without invisible characters. Placeholders are
        ``[email]``, ``[link]``, ``[iban]``, ``[card]``, ``[phone]``, ``[code]`` and ``[number]``.
        To redact twice changes nothing more.

    Examples
    --------
    >>> redact("I am ali@example.com, card 4111 1111 1111 1111, since 2024")
    'I am [email], card [card], since 2024'
    >>> redact("numaram ٠٥٥٥ ١٢٣ ٤٥ ٦٧, sipariş 1234567")
    'numaram [phone], sipariş [number]'
    """
    text = plain_line(text)
    text = _LINK.sub("[link]", text)
    text = _EMAIL.sub("[email]", text)
    text = _IBAN.sub(_iban, text)
    text = _CODE.sub("[code]", text)
    return _NUMBER.sub(_number, text)


def plain_line(text: str) -> str:
    r"""Return a text on one line, in NFKC form, without control and invisible characters.

    Examples
    --------
    >>> plain_line("ﬁnd\u202e  my\n\x00card")
    'find my card'
    """
    kept = []
    for char in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(char)
        if kind in _INVISIBLE or char in _VARIATION:
            continue
        kept.append(" " if kind[0] == "Z" or kind == "Cc" else char)
    # Composed again: what was taken out may have stood between a letter and its accent.
    return unicodedata.normalize("NFKC", " ".join("".join(kept).split()))


def _iban(match: re.Match[str]) -> str:
    digits = sum(char.isdecimal() for char in match[0])
    return "[iban]" if digits >= _LEAST_IN_IBAN else match[0]


def _number(match: re.Match[str]) -> str:
    text = match[0]
    digits = [unicodedata.decimal(char) for char in text if char.isdecimal()]
    if len(digits) <= LONGEST_NUMBER:
        return text
    if len(digits) in _CARD and _luhn(digits):
        return "[card]"
    grouped = any(not char.isdecimal() for char in text)
    if len(digits) in _PHONE and (text[0] in "+(" or digits[0] == 0 or grouped):
        return "[phone]"
    return "[number]"


def _luhn(digits: list[int]) -> bool:
    """Tell whether the last digit checks the others, as on payment cards (ISO/IEC 7812-1)."""
    doubled = [2 * digit for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0
