"""What may point to a person is gone before a text leaves the machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain.redaction import LONGEST_NUMBER, plain_line, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail ali.veli+x@example.com.tr now", "mail [email] now"),
        ("mail ALI@EXAMPLE.COM.", "mail [email]"),
        ("ali＠example.com", "[email]"),
        ("ali (at) example (dot) com", "[email]"),
        ("çağrı@örnek.com", "[email]"),
        ("root@localhost", "[email]"),
        ("a\u200bli@exa\u200dmple.com", "[email]"),
        ("see https://bank.example/reset?token=abc&u=7 please", "see [link] please"),
        ("see www.bank.example/x", "see [link]"),
        ("go to Example.COM today", "go to [link] today"),
        ("bit.ly/3xYz", "[link]"),
        ("whatsapp://send?phone=905551234567", "[link]"),
        ("TR33 0006 1005 1978 6457 8413 26", "[iban]"),
        ("TR330006100519786457841326", "[iban]"),
        ("de89 3704 0044 0532 0130 00", "[iban]"),
        ("NL91ABNA0417164300 is mine", "[iban] is mine"),
        ("SA٠٣ 8000 0000 6080 1016 7519", "[iban]"),
        ("4111 1111 1111 1111", "[card]"),
        ("4111-1111-1111-1111", "[card]"),
        ("4111111111111111", "[card]"),
        ("٤١١١ ١١١١ ١١١١ ١١١١", "[card]"),
        ("۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱", "[card]"),
        ("４１１１１１１１１１１１１１１１", "[card]"),
        ("4111 1111 1111 1112", "[number]"),
        ("call +90 (555) 123 45 67", "call [phone]"),
        ("call 0555 123 45 67", "call [phone]"),
        ("call 05551234567", "call [phone]"),
        ("call (0212) 444-0-123", "call [phone]"),
        ("call 555-0199-22", "call [phone]"),
        ("call 0\u200e555\u200f1234567", "call [phone]"),
        ("call 5️⃣5️⃣5️⃣1️⃣2️⃣3️⃣4️⃣", "call [number]"),
        ("اتصل على ٠٥٥١٢٣٤٥٦٧", "اتصل على [phone]"),
        ("order 12345 and AB1234567", "order [number] and AB[number]"),
        ("TC 12345678901", "TC [number]"),
        ("key sk-proj-4Ab9Cd3Ef7Gh1Ij", "key [code]"),
        ("id 3f2b8c1e-0000-4000-8000-000000000001", "id [code]"),
    ],
)
def test_it_is_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I was charged 250 lira twice in 2024",
        "my card is lost, please block it",
        "kartım çalındı, 3 gündür bekliyorum",
        "أين بطاقتي؟ طلبتها منذ ٣ أيام",
        "is 24 hours a day okay for you",
        "well-known high-quality service-level",
        "at 10:30, by bus",
        "my 12th order that went missing",
    ],
)
def test_what_a_text_is_about_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text())
def test_twice_is_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(
    st.text(max_size=10),
    st.lists(st.sampled_from("0123456789٠١٢٣٤٥٦٧٨٩۰۵۹"), min_size=LONGEST_NUMBER + 1, max_size=30),
    st.sampled_from(["", " ", "-", ".", "\u200b", "\u00a0", "/"]),
)
def test_no_long_number_gets_through(before: str, digits: list[str], separator: str) -> None:
    text = redact(before + "x " + separator.join(digits))
    longest = run = 0
    for char in text:
        run = run + 1 if char.isdecimal() else 0
        longest = max(longest, run)
    assert longest <= LONGEST_NUMBER
    assert text.endswith("]")


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_one_line_that_can_be_sent(text: str) -> None:
    line = plain_line(text)
    assert len(line.splitlines()) <= 1
    line.encode()
