"""A look at labelled texts before an intent model learns from them: labels, counts and advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from .columns import Columns, read_columns
from .documents import WordCount, count_words
from .errors import DataError, Problem
from .frames import label_problems
from .protocols.einstein_datasets import MAX_LABEL, MAX_WORDS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IntentReport", "LabelCount", "check_intents"]

ADVISED_TEXTS = (200, 500)
"""How many texts a label should have (Einstein Language, guide to data sets and models)."""
ADVISED_WORDS = 100
"""How many words a text should have at most (Einstein Language, retraining a data set)."""
_FEW = 10
_LOPSIDED = 10
_KEPT_ROWS = 5


@dataclass(frozen=True, slots=True)
class LabelCount:
    """One label, and what there is of it.

    Parameters
    ----------
    name : str
    texts, distinct : int
        Rows that have it; different texts among them, which is what counts in training.
    words : float
        Median number of words of its texts.
    """

    name: str
    texts: int
    distinct: int
    words: float

    @property
    def advice(self) -> str:
        """What its number of texts means, in a few words; empty if it is as advised."""
        if self.distinct < 2:
            return "one text only: none can be held out"
        if self.distinct < _FEW:
            return "very few texts"
        if self.distinct < ADVISED_TEXTS[0]:
            return f"fewer than {ADVISED_TEXTS[0]}"
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class IntentReport:
    """What :func:`check_intents` found.

    Parameters
    ----------
    rows, documents : int
        Rows of the DataFrame; rows with a text and a label among them.
    words : WordCount
        The total, an int; its ``per_text`` holds the count of every row.
    labels : tuple of LabelCount
        By falling number of texts.
    errors, warnings : tuple of Problem
        Errors keep the data from being trained on, warnings don't.
    """

    rows: int
    documents: int
    words: WordCount
    labels: tuple[LabelCount, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def table(self) -> pd.DataFrame:
        """The labels as a table: label, texts, distinct, share, words, advice."""
        import pandas as pd

        rows = [
            (one.name, one.texts, one.distinct, one.texts / self.documents, one.words, one.advice)
            for one in self.labels
        ]
        columns = ["label", "texts", "distinct", "share", "words", "advice"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def summary(self) -> str:
        """The report in one sentence."""
        listed = [(len(self.errors), "error"), (len(self.warnings), "warning")]
        verdict = ", ".join(_counted(n, noun) for n, noun in listed if n) or "no problems"
        counts = [(self.documents, "text"), (len(self.labels), "label"), (int(self.words), "word")]
        return f"{', '.join(_counted(count, noun) for count, noun in counts)}; {verdict}."

    def raise_errors(self) -> None:
        """Raise a DataError that lists the errors, if there are any."""
        if self.errors:
            raise DataError("An intent model can't learn from these data:", self.errors)

    def _repr_html_(self) -> str:
        problems = [*self.errors, *self.warnings]
        parts = [f"<p>{self.summary}</p>"]
        if self.labels:
            formats: Any = {"share": "{:.1%}".format, "words": "{:g}".format}
            parts.append(self.table.to_html(escape=True, index=False, formatters=formats))
        if problems:
            import pandas as pd

            listed = pd.DataFrame({"problem": [str(problem) for problem in problems]})
            parts.append(listed.to_html(escape=True, index=False))
        return "\n".join(parts)

    def __repr__(self) -> str:
        problems = [*self.errors, *self.warnings]
        return "\n".join([self.summary, *(f"  - {problem}" for problem in problems)])


def check_intents(df: pd.DataFrame, *, text: str, intent: str) -> IntentReport:
    """Count the texts of each label and list what is wrong; nothing is raised or changed.

    Warnings are given for labels with few texts, labels of very different size, the same text
    under two labels or twice under one, labels that differ only in case or spaces or that are
    longer than what a service keeps, and long texts.

    Parameters
    ----------
    df : DataFrame
        One row a text.
    text, intent : str
        Names of the columns that hold the texts and their labels.

    Returns
    -------
    IntentReport

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"said": ["lost card", "my card is gone", "Lost  card"],
    ...                    "label": ["card_lost", "card_lost", "card_stolen"]})
    >>> report = check_intents(df, text="said", intent="label")
    >>> report.summary
    '3 texts, 2 labels, 8 words; 3 warnings.'
    >>> print(report.warnings[0])
    said: has the same text under different labels (1 row: 2). Decide on one of them.
    """
    columns = read_columns(df, text=text, intent=intent)
    columns.errors += label_problems(columns, text, intent)
    told = {(problem.where, problem.rows, problem.count) for problem in columns.errors}
    columns.warnings = [
        _reworded(problem)
        for problem in columns.warnings
        if (problem.where, problem.rows, problem.count) not in told
    ]
    words = count_words(columns.texts)
    pairs: list[tuple[int, str, str]] = []
    if len(columns.texts) == len(columns.intents) == columns.rows:
        pairs = [
            (row, said, label)
            for row, (said, label) in enumerate(zip(columns.texts, columns.intents, strict=True))
            if said.strip() and label
        ]
    labels = _labels(pairs, words)
    if words > MAX_WORDS:
        fix = f"The most that a service takes is {MAX_WORDS:,}. Leave texts out."
        columns.errors.append(Problem("words", f"are {int(words):,} in all", fix))
    _judge_texts(columns, text, pairs, words)
    _judge_labels(columns, intent, labels, pairs)
    return IntentReport(
        columns.rows, len(pairs), words, labels, tuple(columns.errors), tuple(columns.warnings)
    )


def _reworded(problem: Problem) -> Problem:
    empty = problem.what == "has empty texts"
    return replace(problem, fix="Nothing can be learned from them.") if empty else problem


def _labels(pairs: Iterable[tuple[int, str, str]], words: WordCount) -> tuple[LabelCount, ...]:
    rows: dict[str, list[int]] = {}
    texts: dict[str, set[str]] = {}
    for row, said, label in pairs:
        rows.setdefault(label, []).append(row)
        texts.setdefault(label, set()).add(said)
    counts = [
        LabelCount(name, len(of), len(texts[name]), median(words.per_text[row] for row in of))
        for name, of in rows.items()
    ]
    return tuple(sorted(counts, key=lambda count: -count.texts))


def _judge_texts(
    columns: Columns, where: str, pairs: list[tuple[int, str, str]], words: WordCount
) -> None:
    first: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    torn, repeated = [], []
    for row, said, label in pairs:
        # Case and spaces mean nothing to what is learned.
        if first.setdefault(" ".join(said.casefold().split()), label) != label:
            torn.append(row)
        elif (said, label) in seen:
            repeated.append(row)
        seen.add((said, label))
    long = [row for row, _, _ in pairs if words.per_text[row] > ADVISED_WORDS]
    warn = _warner(columns)
    warn(where, "has the same text under different labels", "Decide on one of them.", torn)
    warn(where, "repeats texts of the same label", "Each counts once.", repeated)
    fix = f"Up to about {ADVISED_WORDS} are advised: keep what tells the intent."
    warn(where, f"has texts of more than {ADVISED_WORDS} words", fix, long)


def _judge_labels(
    columns: Columns,
    where: str,
    labels: tuple[LabelCount, ...],
    pairs: list[tuple[int, str, str]],
) -> None:
    warn = _warner(columns)
    long = [row for row, _, label in pairs if len(label) > MAX_LABEL]
    fix = f"A service keeps the first {MAX_LABEL}."
    warn(where, f"has labels of more than {MAX_LABEL} characters", fix, long)
    ways: dict[str, Callable[[str], str]] = {
        f"are the same in their first {MAX_LABEL} characters": lambda name: name[:MAX_LABEL],
        "differ only in case or spaces": lambda name: " ".join(name.casefold().split()),
    }
    for way, cut in ways.items():
        counted = Counter(cut(one.name) for one in labels)
        names = [one.name for one in labels if counted[cut(one.name)] > 1]
        if names:
            what = f"has {len(names)} labels that {way}: {_listed(names)}"
            columns.warnings.append(Problem(where, what, "Are they meant to be one?"))
    least = ADVISED_TEXTS[0]
    single = [one.name for one in labels if one.distinct == 1]
    few = [one.name for one in labels if 1 < one.distinct < _FEW]
    some = sum(_FEW <= one.distinct < least for one in labels)
    if single:
        what = f"has {_counted(len(single), 'label')} with a single text: {_listed(single)}"
        fix = "None can be held out, so nothing is known of them; add texts or join labels."
        columns.warnings.append(Problem(where, what, fix))
    if few:
        what = f"has {_counted(len(few), 'label')} with fewer than {_FEW} texts: {_listed(few)}"
        columns.warnings.append(Problem(where, what, "They will hardly be told apart."))
    if some:
        what = f"has {_counted(some, 'label')} of {len(labels)} with fewer than {least} texts"
        fix = f"{least} to {ADVISED_TEXTS[1]} are advised; fewer can do."
        columns.warnings.append(Problem(where, what, fix))
    if labels and labels[0].distinct > _LOPSIDED * labels[-1].distinct:
        most, fewest = labels[0], labels[-1]
        what = (
            f"has labels of very different size: {_short(most.name)} with {most.distinct:,} "
            f"texts, {_short(fewest.name)} with {fewest.distinct:,}"
        )
        columns.warnings.append(Problem(where, what, "About equal numbers are advised."))


def _warner(columns: Columns) -> Callable[[str, str, str, list[int]], None]:
    def warn(where: str, what: str, fix: str, rows: list[int]) -> None:
        if rows:
            problem = Problem(where, what, fix, tuple(rows[:_KEPT_ROWS]), len(rows))
            columns.warnings.append(problem)

    return warn


def _listed(names: list[str]) -> str:
    return ", ".join(map(_short, names[:5])) + (", …" if len(names) > 5 else "")


def _short(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:39] + "…")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
