"""Clusters named and described by a language model, within the cap; key words where it fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from threading import Lock

from ..llm import LLMSettings
from ..name_prompts import NamePrompt, name_prompt
from ..naming import NameOutcome, NameRecord
from ..protocols.naming import Naming
from ..results import Cluster
from .llm import CallFailed, ChatModel, Reply
from .llm_answers import read_answer, unique_name
from .llm_budget import Budget
from .llm_cache import AnswerCache

__all__ = ["Names", "ask_for_names", "prompts_of"]

AT_A_TIME = 4
TRIES = 3

_FORMS = 2
_FAILURES_IN_A_ROW = 4


@dataclass(frozen=True, slots=True)
class Names:
    """What became of naming: the clusters as they are now, and one record for each that was asked.

    ``label`` is the model and the host.
    """

    clusters: tuple[Cluster, ...]
    records: tuple[NameRecord, ...]
    label: str


def prompts_of(
    clusters: Iterable[Cluster], wanted: Sequence[int], language: str
) -> list[NamePrompt]:
    """Return the questions for some clusters, in the order in which they are wanted."""
    by_id = {cluster.cluster_id: cluster for cluster in clusters}
    return [name_prompt(by_id[cluster_id], language) for cluster_id in wanted]


def ask_for_names(
    clusters: Sequence[Cluster],
    wanted: Sequence[int],
    naming: Naming,
    language: str,
    *,
    keep: Collection[str] = (),
    anew: bool = False,
    progress: Callable[[float], None] = lambda share: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Names:
    """Ask a model for names and descriptions.

    Parameters
    ----------
    clusters : sequence of Cluster
        All of the result.
    wanted : sequence of int
        Ids of those to be named, the most important first.
    naming : Naming
        With settings that can be called.
    language : str
        Code of the language to answer in.
    keep : collection of str
        Names that stay, as they are those of labelled intents; such clusters are described only.
    anew : bool
        Whether to ask even where an answer is in the cache.
    progress : callable
        Is told the share of the work that is done.
    sleep : callable
        Waits some seconds.
    """
    assert naming.settings is not None
    prompts = prompts_of(clusters, wanted, language)
    asker = _Asker(naming, naming.settings, anew, sleep)
    answers: dict[int, _Answer] = {}
    try:
        with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="naming") as pool:
            asked = {pool.submit(asker.ask, prompt): prompt for prompt in prompts}
            for done, future in enumerate(as_completed(asked), 1):
                answers[asked[future].cluster_id] = future.result()
                progress(done / len(prompts))
    finally:
        asker.model.close()
    ordered = [answers[prompt.cluster_id] for prompt in prompts]
    named, records = _apply(clusters, ordered, keep)
    return Names(named, records, asker.model.label)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The record of one question, and the name and description if there are any."""

    record: NameRecord
    name: str = ""
    description: str = ""


@dataclass(slots=True)
class _Tokens:
    """What the tries for one name took."""

    inputs: int = 0
    outputs: int = 0


class _Asker:
    """Asks one question after the other, in several threads, until there is no sense in it."""

    def __init__(
        self, naming: Naming, settings: LLMSettings, anew: bool, sleep: Callable[[float], None]
    ) -> None:
        self.model = ChatModel(settings)
        self._settings = settings
        self._budget = Budget(settings, naming.options.max_tokens, naming.options.max_cost)
        self._cache = AnswerCache(naming.cache, settings)
        self._anew = anew
        self._sleep = sleep
        self._lock = Lock()
        self._failures = 0
        self._stop = ""
        priced = naming.options.max_cost is None or settings.cost(0, 0) is not None
        self._no_price = "" if priced else "max_cost can't be kept to without prices"

    def ask(self, prompt: NamePrompt) -> _Answer:
        """Ask for one name, as often as it takes."""
        record = NameRecord(
            prompt.cluster_id,
            prompt.name,
            NameOutcome.FAILED,
            prompt=str(prompt),
            keywords=prompt.keywords,
            examples=prompt.examples,
        )
        known = None if self._anew else self._cache.get(prompt)
        if known is not None:
            cost = self._settings.cost(0, 0)
            named = replace(
                record, outcome=NameOutcome.NAMED, model=self.model.label, cost=cost, cached=True
            )
            return _Answer(named, *known)
        spent = _Tokens()
        forms = attempt = 0
        while True:
            if self._stop:
                return _Answer(self._told(record, NameOutcome.NOT_ASKED, self._stop, spent))
            if not self._budget.reserve(*self._most(prompt)):
                return _Answer(self._told(record, NameOutcome.CAP, self._no_price, spent))
            reply = self._call(prompt, attempt, spent)
            if isinstance(reply, Reply):
                return self._read(record, prompt, reply, spent)
            if reply.other_form and forms < _FORMS:
                forms += 1
                continue
            attempt += 1
            if reply.wait is None or attempt == TRIES:
                self._note(reply)
                outcome = NameOutcome.REFUSED if reply.refused else NameOutcome.FAILED
                return _Answer(self._told(record, outcome, str(reply), spent))
            self._sleep(reply.wait)

    def _most(self, prompt: NamePrompt) -> tuple[int, int]:
        return prompt.tokens[1], self._settings.answer_tokens

    def _call(self, prompt: NamePrompt, attempt: int, spent: _Tokens) -> Reply | CallFailed:
        """Make one call, for which there is a reservation, and settle what it took."""
        most = self._most(prompt)
        took = most
        try:
            reply = self.model.ask(prompt, attempt)
            inputs, outputs = reply.input_tokens, reply.output_tokens
            # No fewer than there can have been: a gateway may report nothing but zeros.
            least = prompt.tokens[0], 1
            took = (
                most[0] if inputs is None else max(inputs, least[0]),
                most[1] if outputs is None else max(outputs, least[1]),
            )
            return reply
        except CallFailed as failure:
            took = most if failure.charged else (0, 0)
            return failure
        finally:
            self._budget.settle(*most, *took)
            spent.inputs += took[0]
            spent.outputs += took[1]

    def _read(
        self, record: NameRecord, prompt: NamePrompt, reply: Reply, spent: _Tokens
    ) -> _Answer:
        self._failures = 0
        found = NameOutcome.REFUSED if reply.refused else read_answer(reply.text)
        if isinstance(found, NameOutcome):
            if reply.cut_off and found in (NameOutcome.NOT_JSON, NameOutcome.EMPTY):
                found = NameOutcome.CUT_OFF
            return _Answer(self._told(record, found, "", spent))
        self._cache.put(prompt, *found)
        return _Answer(self._told(record, NameOutcome.NAMED, "", spent), *found)

    def _told(
        self, record: NameRecord, outcome: NameOutcome, reason: str, spent: _Tokens
    ) -> NameRecord:
        asked = outcome not in (NameOutcome.CAP, NameOutcome.NOT_ASKED)
        return replace(
            record,
            outcome=outcome,
            reason=reason,
            model=self.model.label if asked or spent.inputs else "",
            input_tokens=spent.inputs,
            output_tokens=spent.outputs,
            cost=self._settings.cost(spent.inputs, spent.outputs),
        )

    def _note(self, failure: CallFailed) -> None:
        """Count a question that failed for good; one that all share, or a row of them, ends it."""
        with self._lock:
            self._failures += 1
            if failure.final or self._failures >= _FAILURES_IN_A_ROW:
                self._stop = self._stop or str(failure)


def _apply(
    clusters: Sequence[Cluster], answers: Sequence[_Answer], keep: Collection[str]
) -> tuple[tuple[Cluster, ...], tuple[NameRecord, ...]]:
    """Put the answers in, with no name twice."""
    by_id = {cluster.cluster_id: cluster for cluster in clusters}
    renamed = {
        answer.record.cluster_id
        for answer in answers
        if answer.name and by_id[answer.record.cluster_id].name not in keep
    }
    taken = {cluster.name.casefold() for cluster in clusters if cluster.cluster_id not in renamed}
    records = []
    for answer in answers:
        record = answer.record
        cluster = by_id[record.cluster_id]
        if answer.name and record.cluster_id in renamed:
            name = unique_name(answer.name, cluster.keywords, taken)
            taken.add(name.casefold())
            cluster = replace(cluster, name=name, description=answer.description)
        elif answer.name:
            cluster = replace(cluster, description=answer.description)
            record = replace(record, outcome=NameOutcome.DESCRIBED)
        by_id[record.cluster_id] = cluster
        records.append(replace(record, name=cluster.name))
    return tuple(by_id[cluster.cluster_id] for cluster in clusters), tuple(records)
