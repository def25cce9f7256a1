"""A look at the data before anything is sent: word counts and problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .columns import Columns, read_columns
from .documents import DataSchema, Speaker, WordCount, count_words
from .errors import DataError, Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DataReport", "check"]


@dataclass(frozen=True, slots=True, eq=False)
class DataReport:
    """What :func:`check` found.

    Parameters
    ----------
    schema : DataSchema
        ``dialogue`` or ``intent``, by the columns that were named.
    rows, documents : int
        Rows of the DataFrame; dialogues or sentences with any text among them.
    words : WordCount
        The total, an int; its ``per_text`` holds the count of every row.
    words_per_document : Series
        Words by dialogue id; by row position for sentences.
    words_per_speaker : Series
        Words by speaker; empty for sentences.
    errors, warnings : tuple of Problem
        Errors keep the data from being written, warnings don't.
    """

    schema: DataSchema
    rows: int
    documents: int
    words: WordCount
    words_per_document: pd.Series[Any]
    words_per_speaker: pd.Series[Any]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def problems(self) -> pd.DataFrame:
        """Errors and warnings as a table: severity, where, problem, rows, first_rows, advice."""
        import pandas as pd

        listed = [("error", p) for p in self.errors] + [("warning", p) for p in self.warnings]
        return pd.DataFrame(
            [
                (severity, p.where, p.what, p.count, ", ".join(map(str, p.rows)), p.fix)
                for severity, p in listed
            ],
            columns=["severity", "where", "problem", "rows", "first_rows", "advice"],
        )

    @property
    def summary(self) -> str:
        """The report in one sentence."""
        kind = "dialogue" if self.schema is DataSchema.DIALOGUE else "sentence"
        listed = [(len(self.errors), "error"), (len(self.warnings), "warning")]
        verdict = ", ".join(_counted(n, noun) for n, noun in listed if n) or "no problems"
        counts = [(self.rows, "row"), (self.documents, kind), (int(self.words), "word")]
        return f"{', '.join(_counted(count, noun) for count, noun in counts)}; {verdict}."

    def raise_errors(self) -> None:
        """Raise a DataError that lists the errors, if there are any."""
        if self.errors:
            raise DataError("These data can't be written:", self.errors)

    def _repr_html_(self) -> str:
        per_document = self.words_per_document.describe(percentiles=[0.5])
        parts = [f"<p>{self.summary}</p>"]
        if len(self.words_per_speaker):
            table = self.words_per_speaker.map("{:,}".format).to_frame().T
            parts.append(table.to_html(escape=True))
        if len(self.words_per_document):
            stats = per_document[["min", "50%", "mean", "max"]].rename({"50%": "median"})
            table = stats.to_frame("words per document").T
            parts.append(table.to_html(escape=True, float_format="{:,.0f}".format))
        if self.errors or self.warnings:
            parts.append(self.problems.to_html(escape=True, index=False))
        return "\n".join(parts)

    def __repr__(self) -> str:
        problems = [*self.errors, *self.warnings]
        return "\n".join([self.summary, *(f"  - {problem}" for problem in problems)])


def check(
    df: pd.DataFrame,
    *,
    text: str,
    dialogue_id: str | None = None,
    speaker: str | None = None,
    timestamp: str | None = None,
    intent: str | None = None,
    speakers: Mapping[Any, str] | None = None,
) -> DataReport:
    """Count the words of a DataFrame and list its problems; nothing is raised or changed.

    Parameters
    ----------
    df : DataFrame
        Conversations, one row a turn (then name ``dialogue_id`` and ``speaker``), or sentences.
    text, dialogue_id, speaker, timestamp, intent : str
        Names of columns; only ``text`` is needed for sentences.
    speakers : mapping, optional
        As in :func:`write_dialogues`.

    Returns
    -------
    DataReport

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"conv": ["a", "a", None], "who": ["user", "agent", "user"],
    ...                    "said": ["My card is lost", "I see", ""]})
    >>> check(df, text="said", dialogue_id="conv", speaker="who")
    3 rows, 1 dialogue, 6 words; 1 error, 1 warning.
      - conv: has missing or unusable ids (1 row: 2). Fill them in, or drop the rows.
      - said: has empty texts (1 row: 2). They count no words and get no cluster.
    """
    columns = read_columns(
        df, text=text, dialogue_id=dialogue_id, speaker=speaker, timestamp=timestamp,
        intent=intent, speakers=speakers,
    )  # fmt: skip
    words = count_words(columns.texts)
    if dialogue_id is None:
        return _sentences_report(columns, words, str(text), str(intent))
    if speaker is None:
        columns.errors.append(Problem("speaker", "is not named", "Dialogues need that column."))
    return _dialogues_report(columns, words, str(dialogue_id))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _sentences_report(columns: Columns, words: WordCount, text: str, intent: str) -> DataReport:
    import pandas as pd

    with_text = sum(count > 0 for count in words.per_text)
    _add_repeats(columns, text, intent)
    return DataReport(
        DataSchema.INTENT, columns.rows, with_text, words,
        pd.Series(words.per_text, dtype="int64", name="words"),
        pd.Series({}, dtype="int64", name="words"),
        tuple(columns.errors), tuple(columns.warnings),
    )  # fmt: skip


def _dialogues_report(columns: Columns, words: WordCount, id_column: str) -> DataReport:
    import pandas as pd

    per_dialogue: dict[str, int] = {}
    per_speaker: dict[Speaker, int] = {}
    rows_of: dict[str, list[int]] = {}
    with_customer: set[str] = set()
    counts = words.per_text or (0,) * columns.rows
    # A column that could not be read is an empty list, hence not strict.
    for row, (dialogue, count) in enumerate(zip(columns.dialogue_ids, counts, strict=False)):
        if dialogue:
            per_dialogue[dialogue] = per_dialogue.get(dialogue, 0) + count
            rows_of.setdefault(dialogue, []).append(row)
    if columns.speakers:
        for row, (who, count) in enumerate(zip(columns.speakers, counts, strict=True)):
            if who is not None:
                per_speaker[who] = per_speaker.get(who, 0) + count
            if who is Speaker.CUSTOMER and columns.dialogue_ids and count:
                with_customer.add(columns.dialogue_ids[row])
    # A word that is not known may well mean the customer.
    if columns.speakers and None not in columns.speakers:
        silent = [rows[0] for d, rows in rows_of.items() if d not in with_customer]
        fix = "What the others say stands for these dialogues."
        _warn(columns, id_column, "has dialogues in which no customer speaks", fix, silent)
    single = [rows[0] for rows in rows_of.values() if len(rows) == 1]
    fix = "A missing dialogue column, or cut-off conversations?"
    _warn(columns, id_column, "has dialogues of a single turn", fix, single)
    return DataReport(
        DataSchema.DIALOGUE, columns.rows, sum(c > 0 for c in per_dialogue.values()), words,
        pd.Series(per_dialogue, dtype="int64", name="words"),
        pd.Series({who.value: count for who, count in per_speaker.items()}, dtype="int64",
                  name="words"),
        tuple(columns.errors), tuple(columns.warnings),
    )  # fmt: skip


def _add_repeats(columns: Columns, text_column: str, intent_column: str) -> None:
    first: dict[str, int] = {}
    repeats, torn = [], []
    for row, text in enumerate(columns.texts):
        if not text.strip():
            continue
        before = first.setdefault(text, row)
        if before != row:
            repeats.append(row)
            if columns.intents and columns.intents[before] != columns.intents[row]:
                torn.append(row)
    _warn(columns, text_column, "repeats earlier texts", "Equal texts get equal clusters.", repeats)
    fix = "Decide on one of the intents."
    _warn(columns, intent_column, "gives the same text different intents", fix, torn)


def _warn(columns: Columns, where: str, what: str, fix: str, rows: Iterable[int]) -> None:
    listed = list(rows)
    if listed:
        columns.warnings.append(
            Problem(where, what, fix, rows=tuple(listed[:5]), count=len(listed))
        )
