"""What the property tests of this folder share: cheap settings, and values of all kinds."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from nbtrain import DataError, RequestError
from nbtrain.documents import Dialogue, Speaker, Turn, Utterance
from nbtrain.errors import Problem

CHEAP = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Texts that have broken JSON writers, line readers and terminals before.
NASTY = (
    "", " ", "\t\n", "a\r\nb", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff",
    'say "hi" \\ \\u0041 /', "🙂", "👩‍👩‍👧", "\U0010ffff", "\uffff", "שלום עולם", "مرحبا بالعالم",
    "\u202eabc\u202c", "İıŞğ", "é", "e\u0301", "<script>alert(1)</script>", "NaN", "null", "[]",
    "{", "NA", "0", "x" * 70_000,
)  # fmt: skip

texts = st.text(max_size=40) | st.sampled_from(NASTY[:-1])
ids = st.text(min_size=1, max_size=12).filter(str.strip)
turns = st.builds(
    Turn,
    st.sampled_from(Speaker),
    texts,
    st.none() | st.datetimes().map(lambda moment: moment.isoformat()),
)
dialogues = st.lists(
    st.builds(Dialogue, ids, st.lists(turns, min_size=1, max_size=4).map(tuple)),
    max_size=6,
    unique_by=lambda dialogue: dialogue.dialogue_id,
)
utterances = st.lists(
    st.builds(Utterance, texts, st.none() | texts.filter(bool)),
    max_size=8,
)
finite = st.floats(allow_nan=False, allow_infinity=False)


def problems_of(call: Callable[[], object]) -> tuple[Problem, ...]:
    """Return the problems that a call raises, none if it goes well; another error goes through."""
    try:
        call()
    except (DataError, RequestError) as error:
        if not error.problems:
            raise
        return error.problems
    return ()
