"""From a DataFrame to a file, and from a result back to the rows."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrain import DataError, TrainingResult, label, write_dialogues, write_intents
from nbtrain.documents import DataSchema, Speaker
from nbtrain.files import read_data_file, read_dialogues, read_utterances
from nbtrain.results import Cluster

from . import strategies
from .strategies import CHEAP

NAMES: dict[str, Any] = {"text": "said", "dialogue_id": "conv", "speaker": "who"}


def result(documents: dict[str, int], schema: DataSchema = DataSchema.DIALOGUE) -> TrainingResult:
    clusters = tuple(
        Cluster(n, f"name {n}", 1) for n in range(max(documents.values(), default=-1) + 1)
    )
    ones = (1.0,) * len(documents)
    return TrainingResult(
        "r", "m", schema, clusters, tuple(documents), tuple(documents.values()), ones
    )


def conversations() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "turn": [0, 0, 1, 1, 2],
            "conv": [10, 20, 10, 20, 10],
            "who": ["user", "user", "agent", "agent", "user"],
            "said": ["card lost", "fee", "I see", "sorry", "thanks"],
        }
    )


# --- writing ---------------------------------------------------------------------------------


@CHEAP
@given(st.lists(st.tuples(strategies.ids, st.sampled_from(Speaker), strategies.texts), min_size=1))
def test_the_file_holds_what_the_rows_say(
    tmp_path: Path, rows: list[tuple[str, Speaker, str]]
) -> None:
    df = pd.DataFrame(rows, columns=["conv", "who", "said"], index=[0] * len(rows), dtype=object)
    path = tmp_path / "d.json"
    if not any(text.strip() for _, _, text in rows):
        with pytest.raises(DataError, match="has no text at all"):
            write_dialogues(df, path, **NAMES)
        return
    file = write_dialogues(df, path, **NAMES)
    expected: dict[str, list[tuple[Speaker, str]]] = {}
    for name, speaker, text in rows:
        expected.setdefault(name, []).append((speaker, text))
    read = list(read_dialogues(file.path))
    assert [dialogue.dialogue_id for dialogue in read] == list(expected)
    assert [[turn[:2] for turn in d.turns] for d in read] == list(expected.values())
    assert file.words == sum(len(text.split()) for _, _, text in rows)


@CHEAP
@given(st.lists(strategies.texts, min_size=1).filter(lambda said: any(map(str.strip, said))))
def test_sentences_come_back_byte_for_byte(tmp_path: Path, said: list[str]) -> None:
    df = pd.DataFrame({"said": pd.Series(said, dtype=object)})
    file = write_intents(df, tmp_path / "i.json", text="said")
    assert [u.text for u in read_utterances(file.path)] == [t for t in said if t.strip()]


def test_interleaved_dialogues_are_gathered(tmp_path: Path) -> None:
    df = conversations().sample(frac=1, random_state=3).sort_values("turn", kind="stable")
    file = write_dialogues(df, tmp_path / "d.json", **NAMES)
    told = {d.dialogue_id: [turn.text for turn in d.turns] for d in read_dialogues(file.path)}
    assert told == {"10": ["card lost", "I see", "thanks"], "20": ["fee", "sorry"]}


def test_bad_data_leave_no_file_and_the_older_one_as_it_was(tmp_path: Path) -> None:
    df, path = conversations(), tmp_path / "d.json"
    write_dialogues(df, path, **NAMES)
    before = path.read_bytes()
    df["who"] = "narrator"
    with pytest.raises(DataError):
        write_dialogues(df, path, **NAMES)
    with pytest.raises(DataError):
        write_intents(df, tmp_path / "i.json", text="turn")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["d.json"]


def test_the_frame_is_not_changed(tmp_path: Path) -> None:
    df = conversations()
    before = df.copy(deep=True)
    write_dialogues(df, tmp_path / "d.json", **NAMES)
    label(df, result({"10": 0, "20": 1}))
    pd.testing.assert_frame_equal(df, before)


# --- labels ----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [None, "conv"])
@pytest.mark.parametrize("index", [[0, 1, 2, 3, 4], [7, 7, 7, 7, 7], list("ecadb")], ids=str)
def test_same_rows_same_order_same_index(by: str | None, index: list[Any]) -> None:
    df = conversations().set_index(pd.Index(index, name="row"))
    labelled = label(df, result({"10": 0, "20": 1}), by=by)
    pd.testing.assert_frame_equal(labelled[list(df.columns)], df)
    assert labelled["cluster"].tolist() == [0, 1, 0, 1, 0]
    assert labelled["cluster_name"].tolist() == ["name 0", "name 1", "name 0", "name 1", "name 0"]
    assert labelled["cluster"].dtype == "Int64"
    assert labelled["cluster_name"].dtype == "string"


@pytest.mark.parametrize(
    "ids",
    [[10, 20], [10.0, 20.0], ["10", "20"], [np.int64(10), 20], [np.float32(10), "20"]],
    ids=str,
)
@pytest.mark.parametrize("dtype", [object, "category", None])
def test_ids_match_however_they_are_held(ids: list[Any], dtype: Any) -> None:
    df = pd.DataFrame({"conv": pd.Series(ids, dtype=dtype)})
    assert label(df, result({"10": 1, "20": 0}))["cluster"].tolist() == [1, 0]


def test_sentences_are_labelled_by_their_text() -> None:
    df = pd.DataFrame({"n": [1, 2, 3, 4], "said": ["a fee", " ", "lost", None]}, index=[3, 1, 2, 0])
    trained = result({"a fee": 1, "lost": 0}, DataSchema.INTENT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # empty texts are not lost, they were never trained on
        labelled = label(df, trained)
    assert labelled["cluster"].isna().tolist() == [False, True, False, True]
    assert labelled["cluster"].dropna().tolist() == [1, 0]
    assert labelled["cluster_name"].isna().tolist() == [False, True, False, True]


def test_rows_of_other_documents_get_nothing_and_a_warning() -> None:
    df = pd.DataFrame({"conv": ["a", "new", "b"]})
    with pytest.warns(UserWarning, match="1 of 3 rows belong to no document") as caught:
        labelled = label(df, result({"a": 0, "b": 0}))
    assert labelled["cluster"].isna().tolist() == [False, True, False]
    assert caught[0].filename == __file__


def test_older_labels_are_replaced_where_they_are() -> None:
    df = conversations().assign(cluster="old", cluster_name=5)[
        ["cluster", "conv", "cluster_name", "said"]
    ]
    labelled = label(df, result({"10": 0, "20": 1}))
    assert list(labelled.columns) == list(df.columns)
    assert labelled["cluster"].tolist() == [0, 1, 0, 1, 0]
    again = label(labelled, result({"10": 1, "20": 0}), by="conv")
    assert again["cluster"].tolist() == [1, 0, 1, 0, 1]


def test_the_new_column_may_be_named() -> None:
    labelled = label(conversations(), result({"10": 0, "20": 1}), column="topic")
    assert list(labelled.columns[-2:]) == ["topic", "topic_name"]
    labelled = label(conversations(), result({"10": 0, "20": 1}), column=5)  # type: ignore[arg-type]
    assert list(labelled.columns[-2:]) == [5, "5_name"]


def test_columns_of_several_levels() -> None:
    df = conversations()[["conv", "said"]]
    df.columns = pd.MultiIndex.from_tuples([("id", "conv"), ("text", "said")])
    labelled = label(df, result({"10": 0, "20": 1}), by=("id", "conv"))  # type: ignore[arg-type]
    assert labelled[("cluster", "")].tolist() == [0, 1, 0, 1, 0]
    assert labelled.columns.nlevels == 2


def test_columns_called_alike() -> None:
    df = pd.concat([conversations(), conversations()[["said"]]], axis=1)
    assert label(df, result({"10": 0, "20": 1}))["cluster"].tolist() == [0, 1, 0, 1, 0]
    with pytest.raises(DataError, match="2 columns are called so"):
        label(df, result({"10": 0}), by="said")
    df.columns = pd.Index(["turn", "conv", "cluster", "said", "cluster"])
    labelled = label(df, result({"10": 0, "20": 1}))
    assert labelled["cluster"].to_numpy().tolist() == [[0, 0], [1, 1], [0, 0], [1, 1], [0, 0]]


def test_cells_that_can_not_be_ids() -> None:
    df = pd.DataFrame({"tags": [["x"], {"y": 1}, np.array([1])], "conv": ["a", "b", "a"]})
    assert label(df, result({"a": 0, "b": 1}))["cluster"].tolist() == [0, 1, 0]


def test_no_rows() -> None:
    labelled = label(conversations()[:0], result({"10": 0}))
    assert list(labelled.columns[-2:]) == ["cluster", "cluster_name"]
    assert labelled["cluster"].dtype == "Int64"


# --- which column ----------------------------------------------------------------------------


def test_a_part_of_the_data_is_not_labelled_by_chance() -> None:
    # Of a few dialogues, the turn numbers look like ids as much as the ids do.
    conv = list(itertools.chain.from_iterable([n] * 10 for n in range(50)))
    df = pd.DataFrame({"turn": list(range(10)) * 50, "conv": conv})
    trained = result({str(n): n % 3 for n in range(50)})
    expected = [n % 3 for n in conv]
    assert label(df, trained)["cluster"].tolist() == expected
    with pytest.raises(DataError, match=r"several columns .*: 'turn', 'conv'\. Say which one"):
        label(df.head(30), trained)
    assert label(df.head(30), trained, by="conv")["cluster"].tolist() == expected[:30]


def test_twins_of_the_column_are_no_doubt() -> None:
    df = conversations().assign(twin=lambda df: df["conv"].astype(str))
    assert label(df.head(2), result({"10": 0, "20": 1, "30": 1}))["cluster"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("by", "what"),
    [
        (None, "df: has no column that holds the documents"),
        ("said", "said: holds none of the documents"),
        ("Conv", "by: names 'Conv', and there is no such column. Did you mean 'conv'?"),
        (["conv"], "by: is a list instead of the name of a column"),
    ],
)
def test_a_column_that_does_not_fit(by: Any, what: str) -> None:
    with pytest.raises(DataError) as caught:
        label(conversations(), result({"x": 0, "y": 1}), by=by)
    assert what in str(caught.value)


def test_missing_ids_do_not_hide_that_nothing_fits() -> None:
    df = pd.DataFrame({"conv": ["x", None, None]})
    with pytest.raises(DataError, match="holds none of the documents"):
        label(df, result({"a": 0}), by="conv")


@pytest.mark.parametrize("df", [None, [1], {"conv": [10]}, pd.Series([10])], ids=repr)
def test_what_is_no_dataframe(df: Any) -> None:
    with pytest.raises(DataError, match="not a pandas DataFrame"):
        label(df, result({"10": 0}))


# --- utterances ------------------------------------------------------------------------------


def test_labelled_rows_make_an_utterance_file(tmp_path: Path) -> None:
    df = pd.DataFrame({"said": ["lost card", "hi", None], "label": ["card", "hello", None]})
    path = tmp_path / "u.json"
    file = write_intents(df, path, text="said", intent="label", schema="utterance")
    assert (file.schema, file.documents, file.words) == (DataSchema.UTTERANCE, 2, 3)
    assert read_data_file(path, "utterance") == file
    assert read_data_file(path, "intent").sha256 == file.sha256


def test_every_problem_of_an_utterance_file_is_listed(tmp_path: Path) -> None:
    df = pd.DataFrame(
        {"said": ["lost card", "hi", " ", "bye"], "label": ["card", None, "card", " "]}
    )
    with pytest.raises(DataError) as caught:
        write_intents(df, tmp_path / "u.json", text="said", intent="label", schema="utterance")
    assert [str(problem) for problem in caught.value.problems] == [
        "label: is empty (2 rows: 1, 3). Label or drop these rows.",
        "said: is empty where there is a label (1 row: 2). Drop these rows.",
        "label: holds only one label. Classification needs at least 2.",
    ]
    with pytest.raises(DataError, match="intent: is not named"):
        write_intents(df, tmp_path / "u.json", text="said", schema="utterance")
    with pytest.raises(DataError, match="schema: is 'dialogue'"):
        write_intents(df, tmp_path / "u.json", text="said", schema="dialogue")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
