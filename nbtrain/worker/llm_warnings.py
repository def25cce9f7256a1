"""What a user is told about names that a language model did not give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..naming import NameOutcome, NameRecord

__all__ = ["NO_LLM", "is_about_naming", "naming_warning"]

NO_LLM = "No LLM provider is configured for the local service; clusters are named by key words."

_BEGIN = "Naming by "
_CLAUSES = {
    NameOutcome.CAP: "the cap on tokens or cost was reached",
    NameOutcome.NOT_JSON: "the answer was not the JSON that was asked for",
    NameOutcome.REFUSED: "the model refused",
    NameOutcome.EMPTY: "the answer held no name",
    NameOutcome.TOO_LONG: "the answer was too long",
    NameOutcome.CUT_OFF: "the answer was cut off; allow more answer_tokens",
}


def naming_warning(records: Sequence[NameRecord], label: str) -> str:
    """Say how many clusters a model named, and why not the others; empty if it named all.

    Examples
    --------
    >>> records = [NameRecord(0, "Lost card", NameOutcome.NAMED),
    ...            NameRecord(1, "fee, bank", NameOutcome.CAP)]
    >>> naming_warning(records, "gpt-4o-mini at api.openai.com")
    'Naming by gpt-4o-mini at api.openai.com: 1 of 2 clusters; the others keep their names, 1 \
because the cap on tokens or cost was reached.'
    """
    missed = [record for record in records if not record.outcome.good]
    if not missed:
        return ""
    reasons = Counter(record.reason or _CLAUSES[record.outcome] for record in missed)
    told = ", ".join(f"{count} because {reason}" for reason, count in reasons.most_common(5))
    good = len(records) - len(missed)
    return (
        f"{_BEGIN}{label}: {good} of {len(records)} clusters; the others keep their names, {told}."
    )


def is_about_naming(warning: str) -> bool:
    """Tell whether a warning is one of these."""
    return warning == NO_LLM or warning.startswith(_BEGIN)
