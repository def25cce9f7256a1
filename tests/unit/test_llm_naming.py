"""Asking a model for names: over a real socket, within the cap, whatever it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nbtrain import LLM, LLMSettings
from nbtrain.naming import NameOutcome
from nbtrain.protocols.naming import Naming
from nbtrain.results import Cluster
from nbtrain.worker.llm import LONGEST_WAIT
from nbtrain.worker.llm_naming import AT_A_TIME, TRIES, Names, ask_for_names
from nbtrain.worker.llm_warnings import naming_warning
from tests.llm_server import Asked, LLMServer, Said, Script, error, good, llm_server, named

KEY = "sk-canary-4c1d9e7a"
TOPICS = ["card", "parcel", "invoice", "password", "flight", "router", "refund", "loan"]
CLUSTERS = tuple(
    Cluster(number, f"{topic}, lost", 10, (topic, "lost"), (f"I lost my {topic}",))
    for number, topic in enumerate(TOPICS)
)
ALL = list(range(len(CLUSTERS)))


def settings_for(server: LLMServer, **more: object) -> LLMSettings:
    return LLMSettings(
        "vllm", "tiny", {"VLLM_API_KEY": KEY}, base_url=server.url, **more,  # type: ignore[arg-type]
    )  # fmt: skip


class Waits(list[float]):
    """What was waited, without waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def ask(
    server: LLMServer, options: LLM | None = None, *, cache: Path | None = None,
    sleep: Callable[[float], None] | None = None, wanted: list[int] | None = None,
    keep: set[str] | None = None, anew: bool = False, **more: object,
) -> Names:  # fmt: skip
    naming = Naming(settings_for(server, **more), options or LLM(), cache)
    return ask_for_names(
        CLUSTERS, ALL if wanted is None else wanted, naming, "en-US",
        keep=keep or (), anew=anew, sleep=Waits() if sleep is None else sleep,
    )  # fmt: skip


def outcomes(names: Names) -> set[NameOutcome]:
    return {record.outcome for record in names.records}


def test_a_good_model_names_all() -> None:
    steps: list[float] = []
    with llm_server() as server:
        naming = Naming(settings_for(server, input_price=1.0, output_price=2.0))
        names = ask_for_names(CLUSTERS, ALL, naming, "tr-TR", progress=steps.append)
        asked = list(server.asked)
    assert [cluster.name for cluster in names.clusters] == [f"{t.title()} lost" for t in TOPICS]
    assert names.clusters[0].description == "Texts about card and lost."
    assert outcomes(names) == {NameOutcome.NAMED}
    assert sum(r.input_tokens + r.output_tokens for r in names.records) == server.spent
    for record in names.records:
        cost = (record.input_tokens + 2 * record.output_tokens) / 1e6
        assert record.cost == pytest.approx(cost)
        assert not record.cached
        assert record.keywords == CLUSTERS[record.cluster_id].keywords
    assert {asking.headers["Authorization"] for asking in asked} == {f"Bearer {KEY}"}
    assert {asking.path for asking in asked} == {"/v1/chat/completions"}
    assert "in Turkish" in asked[0].body["messages"][0]["content"]
    assert steps[-1] == 1.0
    assert steps == sorted(steps)
    assert server.busiest <= AT_A_TIME
    assert naming_warning(names.records, names.label) == ""


def test_what_is_sent_is_what_the_audit_says() -> None:
    with llm_server() as server:
        names = ask(server)
        sent = {"\n\n".join(m["content"] for m in a.body["messages"]) for a in server.asked}
    assert {record.prompt for record in names.records} == sent


def always(said: Said) -> Script:
    return lambda asked: said


LONG = "very " * 40
BAD_ANSWERS = {
    "broken json": (always(Said('{"name": "Lost card", "descr')), NameOutcome.NOT_JSON),
    "prose": (always(Said("These texts are about cards.")), NameOutcome.NOT_JSON),
    "deep": (always(Said('{"name":' * 5000)), NameOutcome.NOT_JSON),
    "another object": (always(Said('{"title": "x"}')), NameOutcome.NOT_JSON),
    "cut off": (always(Said('{"name": "Lo', finish="length")), NameOutcome.CUT_OFF),
    "thinking only": (always(Said("", finish="length")), NameOutcome.CUT_OFF),
    "refusal field": (always(Said(None, refusal="I won't.")), NameOutcome.REFUSED),
    "refusal in json": (always(named("I'm sorry, I can't")), NameOutcome.REFUSED),
    "filter": (always(Said("", finish="content_filter")), NameOutcome.REFUSED),
    "azure's filter": (always(error(400, "filtered", "content_filter")), NameOutcome.REFUSED),
    "nothing": (always(Said("")), NameOutcome.EMPTY),
    "no letters": (always(named("=1+1")), NameOutcome.EMPTY),
    "number": (always(Said('{"name": 7}')), NameOutcome.EMPTY),
    "markup only": (always(named("<script></script>")), NameOutcome.EMPTY),
    "long name": (always(named(LONG)), NameOutcome.TOO_LONG),
    "long description": (always(named("Lost card", LONG * 9)), NameOutcome.TOO_LONG),
    "html page": (always(Said(body=b"<html>hello</html>")), NameOutcome.FAILED),
    "no choices": (always(Said(body=b'{"choices": []}')), NameOutcome.FAILED),
    "endless": (always(Said("x" * 3_000_000)), NameOutcome.FAILED),
    "compressed": (
        always(Said("{}", headers={"Content-Encoding": "gzip"})), NameOutcome.FAILED,
    ),
    "no such model": (always(error(404, "The model `tiny` does not exist")), NameOutcome.FAILED),
    "redirect": (
        always(Said(status=307, body=b"", headers={"Location": "http://127.0.0.1:9/"})),
        NameOutcome.FAILED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_ANSWERS)
def test_a_bad_answer_leaves_the_key_words(kind: str) -> None:
    script, outcome = BAD_ANSWERS[kind]
    with llm_server(script) as server:
        names = ask(server, wanted=[0, 1])
    assert names.clusters == CLUSTERS
    assert outcome in outcomes(names)
    assert outcomes(names) <= {outcome, NameOutcome.NOT_ASKED}
    warning = naming_warning(names.records, names.label)
    assert "0 of 2 clusters" in warning
    assert KEY not in warning


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ('```json\n{"name": "Lost card", "description": "d"}\n```', "Lost card"),
        ('<think>{"name": "no"}</think>{"name": "Lost card", "description": ""}', "Lost card"),
        ('{"name": "**Lost** <b>card</b>\\u202e\\u0000"}', "Lost card"),
        ('{"name": "<img src=x onerror=alert(1)>Lost card"}', "Lost card"),
        ('{"name": "&lt;b&gt;Lost card&lt;/b&gt;"}', "Lost card"),
        ('{"name": "[Lost card](https://evil.example/x)"}', "Lost card"),
        ('{"name": "Lost card https://evil.example/x"}', "Lost card"),
        ('{"name": "Lost card 0555 123 45 67"}', "Lost card"),
        ('{"name": "=HYPERLINK Lost card"}', "HYPERLINK Lost card"),
        ('{"name": "Kayıp kart"}', "Kayıp kart"),
        ('{"name": "بطاقة مفقودة"}', "بطاقة مفقودة"),
    ],
)
def test_an_answer_is_cleaned(answer: str, name: str) -> None:
    with llm_server(always(Said(answer))) as server:
        names = ask(server, wanted=[0])
    assert names.clusters[0].name == name


def test_no_name_twice() -> None:
    with llm_server(always(named("Lost things"))) as server:
        names = ask(server, wanted=ALL[:4])
    found = [cluster.name.casefold() for cluster in names.clusters]
    assert len(set(found)) == len(found)
    assert found[:2] == ["lost things", "lost things (parcel)"]


def test_a_name_in_use_elsewhere_is_not_taken() -> None:
    with llm_server(always(named("PARCEL, lost"))) as server:
        names = ask(server, wanted=[0])
    assert names.clusters[0].name == "PARCEL, lost (card)"


def test_names_of_labelled_intents_stay() -> None:
    with llm_server(always(named("Lost things"))) as server:
        names = ask(server, wanted=[0, 1], keep={"card, lost"})
    assert names.clusters[0].name == "card, lost"
    assert names.clusters[0].description
    assert names.records[0].outcome is NameOutcome.DESCRIBED
    assert names.clusters[1].name == "Lost things"


def times(*said: Said) -> Script:
    """Answer each prompt by the list, then well."""
    seen: dict[str, int] = {}

    def script(asked: Asked) -> Said:
        count = seen[asked.user] = seen.get(asked.user, 0) + 1
        return said[count - 1] if count <= len(said) else good(asked)

    return script


@pytest.mark.parametrize(
    "trouble",
    [error(429, "slow down"), error(500, "oops"), error(503, "busy"), Said(drop=True)],
    ids=["429", "500", "503", "dropped"],
)
def test_trouble_that_passes(trouble: Said) -> None:
    waits = Waits()
    with llm_server(times(trouble)) as server:
        names = ask(server, wanted=[0, 1], sleep=waits)
        assert len(server.asked) == 4
    assert outcomes(names) == {NameOutcome.NAMED}
    assert waits == [0.5, 0.5]


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ("7", 7.0), ("0", 0.0), ("0.25", 0.25), ("99999999", LONGEST_WAIT), ("-5", 0.0),
        ("nan", 0.5), ("inf", 0.5), ("1e400", 0.5), ("soon", 0.5), ("", 0.5),
        ("Wed, 21 Oct 2099 07:28:00 GMT", LONGEST_WAIT), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 99 Foo 99999 99:99:99 GMT", 0.5),
    ],
)  # fmt: skip
def test_retry_after_is_kept_within_bounds(header: str, waited: float) -> None:
    waits = Waits()
    with llm_server(times(error(429, "slow down", Retry_After=header))) as server:
        names = ask(server, wanted=[0], sleep=waits)
    assert waits == [waited]
    assert outcomes(names) == {NameOutcome.NAMED}


def test_trouble_that_stays_ends_soon() -> None:
    with llm_server(always(error(500, "oops"))) as server:
        names = ask(server)
        assert len(server.asked) < TRIES * len(ALL)
    assert names.clusters == CLUSTERS
    assert outcomes(names) == {NameOutcome.FAILED, NameOutcome.NOT_ASKED}


def test_a_slow_model_is_given_up() -> None:
    with llm_server(always(Said("{}", delay=1.5))) as server:
        names = ask(server, wanted=[0], timeout=0.2)
    (record,) = names.records
    assert record.outcome is NameOutcome.FAILED
    assert "0.2 seconds" in record.reason
    assert record.output_tokens == 3 * 300  # it may have been charged each time


def test_nobody_there() -> None:
    with llm_server() as server:
        pass
    names = ask(server)
    assert outcomes(names) <= {NameOutcome.FAILED, NameOutcome.NOT_ASKED}
    assert "can't be reached" in names.records[0].reason
    assert sum(record.input_tokens for record in names.records) == 0


def test_a_refused_key_is_asked_with_no_further_and_not_told() -> None:
    def script(asked: Asked) -> Said:
        return error(401, f"Incorrect API key provided: {KEY[:12]}***", "invalid_api_key")

    with llm_server(script) as server:
        names = ask(server)
        assert len(server.asked) <= AT_A_TIME
    told = json.dumps([[record.reason, record.model] for record in names.records])
    assert KEY[:12] not in told
    assert "refused the key" in told


def test_a_key_that_comes_back_is_hidden() -> None:
    def script(asked: Asked) -> Said:
        key = asked.headers["Authorization"]
        return error(400, f"bad {key}") if "card" in asked.user else named(f"Lost {key}")

    with llm_server(script) as server:
        names = ask(server, wanted=[0, 1])
    assert KEY not in repr(names)


@pytest.mark.parametrize(
    ("provider", "first", "then"),
    [
        ("vllm", "max_tokens", "max_completion_tokens"),
        ("openai", "max_completion_tokens", "max_tokens"),
    ],
)
def test_it_adapts_to_what_a_provider_knows(provider: str, first: str, then: str) -> None:
    def script(asked: Asked) -> Said:
        if first in asked.body:
            return error(400, f"Unsupported parameter: '{first}'. Use '{then}' instead.")
        if "response_format" in asked.body:
            return error(400, "response_format is not supported by this model")
        return good(asked)

    with llm_server(script) as server:
        key = "VLLM_API_KEY" if provider == "vllm" else "OPENAI_API_KEY"
        settings = LLMSettings(provider, "m", {key: KEY}, base_url=server.url)
        names = ask_for_names(CLUSTERS, ALL, Naming(settings), "en-US", sleep=Waits())
        assert server.asked[0].body["response_format"] == {"type": "json_object"}
    assert outcomes(names) == {NameOutcome.NAMED}
    assert server.asked[-1].body[then] == 300


@pytest.mark.parametrize("cap", [100, 1500, 3000, 10_000])
def test_the_cap_on_tokens_is_never_passed(cap: int) -> None:
    with llm_server() as server:
        names = ask(server, LLM(max_tokens=cap))
        assert server.spent <= cap
    asked = [record for record in names.records if record.outcome is NameOutcome.NAMED]
    capped = [record for record in names.records if record.outcome is NameOutcome.CAP]
    assert len(asked) + len(capped) == len(ALL)
    assert len(server.asked) == len(asked)
    # What it leaves unused is less than one more call might take.
    if capped:
        assert cap - server.spent < 1500
        assert "the cap" in naming_warning(names.records, names.label)


def test_the_cap_on_cost_is_never_passed() -> None:
    with llm_server() as server:
        names = ask(server, LLM(max_cost=0.006), input_price=2.0, output_price=8.0)
    costs = [record.cost or 0.0 for record in names.records]
    assert 0 < sum(costs) <= 0.006
    assert outcomes(names) == {NameOutcome.NAMED, NameOutcome.CAP}


def test_a_cap_on_cost_without_prices_lets_nothing_through() -> None:
    with llm_server() as server:
        names = ask(server, LLM(max_cost=100.0))
        assert server.asked == []
    assert "prices" in naming_warning(names.records, names.label)


def test_a_provider_that_counts_more_than_it_may_is_not_asked_again() -> None:
    huge = {"prompt_tokens": 50_000, "completion_tokens": 50_000}
    with llm_server(lambda asked: Said(good(asked).content, usage=huge)) as server:
        ask(server, LLM(max_tokens=20_000))
        assert len(server.asked) <= AT_A_TIME


def test_tokens_that_nobody_counts_count_in_full() -> None:
    nonsense = {"prompt_tokens": -5, "completion_tokens": True}
    with llm_server(lambda asked: Said(good(asked).content, usage=nonsense)) as server:
        (record,) = ask(server, wanted=[0]).records
    assert record.output_tokens == 300
    assert record.input_tokens >= len(record.prompt.encode()) // 4


def test_the_same_question_is_not_paid_for_twice(tmp_path: Path) -> None:
    cache = tmp_path / "names.sqlite"
    with llm_server() as server:
        first = ask(server, cache=cache)
        again = ask(server, cache=cache)
        assert len(server.asked) == len(ALL)
        assert again.clusters == first.clusters
        assert all(record.cached and not record.input_tokens for record in again.records)
        ask(server, cache=cache, anew=True, wanted=[0])
        ask(server, cache=cache, wanted=[1], keep={"parcel, lost"})
        assert len(server.asked) == len(ALL) + 1
    assert KEY.encode() not in cache.read_bytes()


def test_a_broken_cache_is_as_good_as_none(tmp_path: Path) -> None:
    cache = tmp_path / "names.sqlite"
    cache.write_bytes(b"no database at all" * 100)
    with llm_server() as server:
        names = ask(server, cache=cache)
    assert outcomes(names) == {NameOutcome.NAMED}
