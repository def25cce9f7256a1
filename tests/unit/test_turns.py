"""Which turns are clustered, and each turn as a document: from the knobs back to the rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import (
    Clustering,
    DataError,
    DataFile,
    IntentClassification,
    RequestError,
    TrainingRequest,
    TrainingResult,
    export_intents,
    label,
    write_dialogues,
)
from nbtrain.documents import DataSchema, Dialogue, Speaker, Turn
from nbtrain.errors import RunFailed
from nbtrain.files import read_utterances
from nbtrain.protocols.job import Job
from nbtrain.protocols.knovvu import form_fields, read_form
from nbtrain.protocols.local import result_from_json, result_to_json
from nbtrain.results import Cluster
from nbtrain.turns import chosen_turns, documents_of, fingerprint
from nbtrain.worker.corpus import Corpus, read_corpus
from nbtrain.worker.training import train
from nbtrain.worker.words import Language

from .strategies import CHEAP, problems_of, texts

NAMES: dict[str, Any] = {"text": "said", "dialogue_id": "conv", "speaker": "who"}
BY_TURN = Clustering(3, unit="utterance")
SPOKEN = Dialogue(
    "a",
    (
        Turn(Speaker.BOT, "Welcome"),
        Turn(Speaker.CUSTOMER, "  "),
        Turn(Speaker.CUSTOMER, "card lost"),
        Turn(Speaker.AGENT, "I see"),
        Turn(Speaker.SYSTEM, "ticket made"),
        Turn(Speaker.CUSTOMER, "thanks"),
    ),
)


def conversations() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "conv": [1, 2, 1, 1, 2, 1],
            "who": ["user", "user", "agent", "user", "agent", "user"],
            "said": ["card lost", "a fee", "I see", "", "sorry", "card lost"],
            "at": [f"2024-01-01T00:0{minute}:00" for minute in (0, 0, 1, 2, 3, 4)],
        }
    )


def by_turn(df: pd.DataFrame) -> TrainingResult:
    """A result of these conversations' customers' turns: 1#0, 1#3 and 2#0."""
    rows: dict[str, list[str]] = {}
    for conv, said in zip(df["conv"], df["said"], strict=True):
        rows.setdefault(str(conv), []).append(said)
    return TrainingResult(
        "r",
        "m",
        DataSchema.DIALOGUE,
        (Cluster(0, "card", 2), Cluster(1, "fee", 1)),
        ("1#0", "1#3", "2#0"),
        (0, 0, 1),
        (0.9, 0.4, 0.8),
        fingerprints={name: fingerprint(said) for name, said in rows.items()},
    )


# --- the knobs -------------------------------------------------------------------------------


def test_all_that_is_wrong_is_listed() -> None:
    task: Any = Clustering(1, turns="client", unit=["turn"], random_state=-1)  # type: ignore[arg-type]
    assert [problem.where for problem in task.problems()] == [
        "n_clusters", "random_state", "turns", "unit",
    ]  # fmt: skip
    assert str(task.problems()[2]) == "turns: is 'client'. Known: customer, agent, all, first."


def test_only_dialogues_have_turns() -> None:
    data = DataFile(Path("d.json"), DataSchema.INTENT, 9, 9, "0")
    with pytest.raises(RequestError) as caught:
        TrainingRequest("m", data, Clustering(turns="all", unit="utterance"))
    assert [problem.where for problem in caught.value.problems] == ["turns", "unit"]
    assert "schema 'intent'. Only dialogues" in str(caught.value)


def test_there_may_be_more_clusters_than_dialogues_where_turns_are_clustered() -> None:
    assert Clustering(20, unit="utterance").problems(documents=10) == []
    assert Clustering(20, turns="all").problems(documents=10)[0].where == "n_clusters"


@pytest.mark.parametrize(("documents", "unit", "fine"), [
    (0, "utterance", False), (1, "utterance", True), (1, "dialogue", False), (2, "dialogue", True),
])  # fmt: skip
def test_one_dialogue_is_enough_where_its_turns_are_clustered(
    documents: int, unit: Any, fine: bool
) -> None:
    data = DataFile(Path("d.json"), DataSchema.DIALOGUE, documents, 9, "0")
    problems = problems_of(lambda: TrainingRequest("m", data, Clustering(unit=unit)))
    assert [problem.where for problem in problems] == ([] if fine else ["data"])


@pytest.mark.parametrize(
    ("turns", "texts"),
    [
        ("customer", ["card lost", "thanks"]),
        ("first", ["card lost"]),
        ("agent", ["Welcome", "I see"]),
        ("all", ["Welcome", "card lost", "I see", "ticket made", "thanks"]),
    ],
)
def test_the_turns_that_speak(turns: Any, texts: list[str]) -> None:
    assert [text for _, text in chosen_turns(SPOKEN, turns)] == texts
    assert documents_of(SPOKEN, turns) == [("a", tuple(texts))]
    single = documents_of(SPOKEN, turns, "utterance")
    assert [said for _, (said,) in single] == texts
    numbers = [int(name.removeprefix("a#")) for name, _ in single]
    assert [SPOKEN.turns[number].text for number in numbers] == texts


@CHEAP
@given(st.lists(st.lists(texts, min_size=1, max_size=4), max_size=6))
def test_other_turns_have_another_fingerprint(dialogues: list[list[str]]) -> None:
    told = {tuple(said): fingerprint(said) for said in dialogues}
    assert len(set(told.values())) == len(told)


# --- over the wire ---------------------------------------------------------------------------


FIELDS = {
    "modelId": "m", "productName": "CA", "languageCode": "en-US", "dataSchema": "dialogue",
}  # fmt: skip


def request(task: Any, schema: DataSchema = DataSchema.DIALOGUE) -> TrainingRequest:
    return TrainingRequest("m", DataFile(Path("d.json"), schema, 9, 9, "0"), task)


def test_the_form_carries_them_to_the_local_service() -> None:
    task = Clustering(5, turns="agent", unit="utterance")
    fields = form_fields(request(task), with_random_state=True)
    assert (fields["turns"], fields["unit"]) == ("agent", "utterance")
    assert read_form(fields).task == task
    assert not {"turns", "unit"} & form_fields(request(Clustering()), with_random_state=True).keys()


def test_knovvu_is_asked_for_nothing_that_it_lacks() -> None:
    task = Clustering(5, turns="agent", unit="utterance", embedder="org/model")
    problems = problems_of(lambda: form_fields(request(task)))
    assert [problem.where for problem in problems] == ["turns", "unit", "embedder"]
    intents = IntentClassification(out_of_domain=True, embedder="org/model")
    problems = problems_of(lambda: form_fields(request(intents, DataSchema.UTTERANCE)))
    assert [problem.where for problem in problems] == ["out_of_domain", "embedder"]


def test_unknown_values_are_listed_with_all_else() -> None:
    bad = FIELDS | {"turns": "client", "unit": "word", "numClusters": "1"}
    problems = problems_of(lambda: read_form(bad))
    assert [problem.where for problem in problems] == ["numClusters", "turns", "unit"]
    other = FIELDS | {"turns": "All", "unit": '"Utterance"', "dataSchema": "intent"}
    problems = problems_of(lambda: read_form(other))
    assert [problem.where for problem in problems] == ["turns", "unit"]


def test_a_job_and_a_result_carry_them() -> None:
    task = Clustering(5, turns="all", unit="utterance", embedder="x")
    job = Job("r", "m", Path("f"), Path("d"), DataSchema.DIALOGUE, "en-US", task)
    assert Job.from_line(job.to_line()) == job
    result = by_turn(conversations())
    assert result_from_json(json.loads(json.dumps(result_to_json(result)))) == result
    assert result.unit == "utterance"
    old = {
        name: value
        for name, value in result_to_json(result).items()
        if name not in ("turns", "fingerprints")
    }
    assert result_from_json(old).unit == "dialogue"


# --- documents -------------------------------------------------------------------------------


def read(folder: Path, task: Clustering, *dialogues: Dialogue) -> Corpus:
    return read_corpus(write(folder, *dialogues), DataSchema.DIALOGUE, Language("en-US"), task=task)


def write(folder: Path, *dialogues: Dialogue) -> Path:
    data = folder / "data.json"
    records = [
        {
            "dialogueId": dialogue.dialogue_id,
            "turns": [{"speaker": turn.speaker, "text": turn.text} for turn in dialogue.turns],
        }
        for dialogue in dialogues
    ]
    data.write_text(json.dumps(records), encoding="utf-8")
    return data


def test_each_turn_is_a_document(tmp_path: Path) -> None:
    other = Dialogue("b#1", (Turn(Speaker.CUSTOMER, "Card  LOST"), Turn(Speaker.BOT, "Welcome")))
    corpus = read(tmp_path, Clustering(unit="utterance"), SPOKEN, other)
    assert corpus.document_ids == ["a#2", "a#5", "b#1#0"]
    assert corpus.entry_of == [0, 1, 0]
    assert [entry.passages for entry in corpus.entries] == [("card lost",), ("thanks",)]
    assert corpus.fingerprints.keys() == {"a", "b#1"}
    assert corpus.warnings == []


@pytest.mark.parametrize(
    ("task", "documents", "warning"),
    [
        (Clustering(), ["a", "b"], "Left out 1 document without text."),
        (Clustering(turns="agent"), ["a", "b"], "1 dialogue in which no agent says anything."),
        (Clustering(turns="first"), ["a"], "2 dialogues in which the customer says nothing."),
        (Clustering(unit="utterance"), ["a#2", "a#5"], "in which the customer says nothing."),
    ],
)
def test_dialogues_without_such_turns(
    tmp_path: Path, task: Clustering, documents: list[str], warning: str
) -> None:
    silent = Dialogue("b", (Turn(Speaker.AGENT, "Anybody there?"),))
    empty = Dialogue("c", (Turn(Speaker.CUSTOMER, " "),))
    corpus = read(tmp_path, task, SPOKEN, silent, empty)
    assert corpus.document_ids == documents
    assert corpus.warnings[0].endswith(warning)
    assert bool(corpus.fingerprints) == (task.unit == "utterance")


def trained(folder: Path, task: Clustering, *dialogues: Dialogue) -> TrainingResult:
    data = write(folder, *dialogues)
    job = Job("r", "m", folder, data, DataSchema.DIALOGUE, "en-US", task)
    return train(job, lambda message: None)


def test_a_choice_that_leaves_nothing_says_why(tmp_path: Path) -> None:
    said = [Dialogue(str(n), (Turn(Speaker.CUSTOMER, f"text {n}"),)) for n in range(4)]
    with pytest.raises(RunFailed, match="4 dialogues in which no agent says anything"):
        trained(tmp_path, Clustering(2, turns="agent"), *said)


def test_a_matrix_has_a_row_for_each_chosen_turn(tmp_path: Path) -> None:
    spoken = [
        Dialogue(
            str(n),
            (
                Turn(Speaker.AGENT, "Hello"),
                Turn(Speaker.CUSTOMER, f"alpha {n}"),
                Turn(Speaker.CUSTOMER, ""),
                Turn(Speaker.CUSTOMER, f"beta {n}"),
            ),
        )
        for n in range(30)
    ]
    rows = np.random.default_rng(0).normal(0, 0.1, (60, 8))
    rows[::2, 0] += 3
    rows[1::2, 1] += 3
    path = tmp_path / "rows.npy"
    np.save(path, rows)
    task = Clustering(2, embedder=str(path), unit="utterance")
    result = trained(tmp_path, task, *spoken)
    assert result.documents == 60
    assert {name.endswith("#1") for name, place in result.labels.items() if place == 0} in (
        {True},
        {False},
    )
    np.save(path, rows[1:])
    with pytest.raises(RunFailed, match=r"59 rows, .* one row for each chosen turn with text"):
        trained(tmp_path, task, *spoken)


# --- back to the rows ------------------------------------------------------------------------


def test_each_row_gets_its_own_turns_cluster() -> None:
    df = conversations().set_index(pd.Index(list("fedcba")))
    labelled = label(df, by_turn(df))
    pd.testing.assert_frame_equal(labelled[list(df.columns)], df)
    names = labelled["cluster_name"].fillna("-").tolist()
    assert names == ["card", "fee", "-", "-", "-", "card"]


def test_whole_dialogues_in_any_order_of_dialogues_are_enough() -> None:
    df = conversations()
    result = by_turn(df)
    part = df[df["conv"] == 2]
    assert label(part, result)["cluster"].fillna(-1).tolist() == [1, -1]
    turned = pd.concat([part, df[df["conv"] == 1]])
    assert label(turned, result)["cluster"].fillna(-1).tolist() == [1, -1, 0, -1, -1, 0]
    assert len(label(df[:0], result)) == 0


@pytest.mark.parametrize("rows", [[0, 1, 3, 5], [5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5, 0]], ids=str)
def test_rows_that_are_other_turns_are_refused(rows: list[int]) -> None:
    df = conversations()
    with pytest.raises(DataError, match=r"turns that were trained on.*Give all rows"):
        label(df.iloc[rows], by_turn(df))


def test_one_changed_turn_is_told_with_its_row() -> None:
    df = conversations()
    result = by_turn(df)
    df.loc[4, "said"] = "so sorry"
    with pytest.raises(DataError) as caught:
        label(df, result)
    assert caught.value.problems[0].rows == (1,)


def test_turns_that_were_sorted_by_time_are_found_again() -> None:
    df = conversations()
    result = by_turn(df)
    mixed = df.iloc[[5, 4, 2, 0, 3, 1]]
    labelled = label(mixed, result, timestamp="at")
    assert labelled["cluster"].fillna(-1).tolist() == [0, -1, -1, 0, -1, 1]
    with pytest.raises(DataError, match="no such column"):
        label(mixed, result, timestamp="when")


def test_unknown_dialogues_get_no_cluster() -> None:
    df = conversations()
    result = by_turn(df)
    more = pd.concat([df, df[df["conv"] == 2].assign(conv=3)])
    with pytest.warns(UserWarning, match="2 of 8 rows"):
        labelled = label(more, result, by="conv")
    assert labelled["cluster"].fillna(-1).tolist() == [0, 1, -1, -1, -1, 0, -1, -1]


# --- export ----------------------------------------------------------------------------------


def test_turns_are_exported_with_their_own_labels(tmp_path: Path) -> None:
    df = conversations()
    file = export_intents(by_turn(df), tmp_path / "l.json", df, **NAMES)
    told = [(item.text, item.intent) for item in read_utterances(file.path)]
    assert told == [("card lost", "card"), ("card lost", "card"), ("a fee", "fee")]
    mixed = df.iloc[[5, 4, 2, 0, 3, 1]]
    again = export_intents(by_turn(df), tmp_path / "m.json", mixed, **NAMES, timestamp="at")
    assert sorted(item.text for item in read_utterances(again.path)) == sorted(t for t, _ in told)
    sure = export_intents(by_turn(df), tmp_path / "s.json", df, **NAMES, min_confidence=0.85)
    assert sure.documents == 1


def test_other_turns_are_not_exported(tmp_path: Path) -> None:
    df = conversations()
    result = by_turn(df)
    with pytest.raises(DataError, match=r"conv: has 1 dialogues .*: '1'"):
        export_intents(result, tmp_path / "l.json", df[df["said"] != ""], **NAMES)
    with pytest.raises(DataError, match="none of the dialogues"):
        export_intents(result, tmp_path / "l.json", df.assign(conv=7), **NAMES)
    assert list(tmp_path.iterdir()) == []


def test_what_was_clustered_of_a_dialogue_is_what_is_exported(tmp_path: Path) -> None:
    df = conversations()
    clusters = (Cluster(0, "polite", 2),)
    result = TrainingResult(
        "r", "m", DataSchema.DIALOGUE, clusters, ("1", "2"), (0, 0), (1, 1), turns="agent"
    )
    file = export_intents(result, tmp_path / "l.json", df, **NAMES)
    assert [item.text for item in read_utterances(file.path)] == ["I see", "sorry"]


def test_the_file_and_the_rows_agree_on_the_turns(tmp_path: Path) -> None:
    df = conversations().iloc[[5, 4, 2, 0, 3, 1]]
    data = write_dialogues(df, tmp_path / "d.json", **NAMES, timestamp="at")
    corpus = read_corpus(data.path, data.schema, Language("en-US"), task=BY_TURN)
    assert corpus.fingerprints == by_turn(conversations()).fingerprints
