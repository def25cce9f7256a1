"""The intent panel without a browser: fields, advice, button, code, what shows of a result."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances

import nbtrain
from nbtrain import IntentClassification, IntentPanel, LocalService, samples
from nbtrain.charts import INTENT_METRICS
from nbtrain.errors import RequestError
from nbtrain.files import read_utterances
from nbtrain.home import ServiceRecord
from nbtrain.progress import RunState
from nbtrain.protocols.knovvu import TOKEN_PATH
from nbtrain.services.base import Capabilities
from nbtrain.testing import ScriptedService
from tests.comm import recording
from tests.daemon_process import wait_until
from tests.intent_runs import evaluation, intent_result, intent_script
from tests.unit.test_training_panel import button, markup

COLUMNS: Any = {"text": "text", "intent": "intent"}


@pytest.fixture(scope="module")
def labelled() -> pd.DataFrame:
    return samples.sentences(600)


@pytest.fixture
def panel(labelled: pd.DataFrame, tmp_path: Path, service: LocalService) -> Iterator[IntentPanel]:
    panel = IntentPanel(labelled, **COLUMNS, service=service, folder=tmp_path)
    yield panel
    panel.close()


@contextlib.contextmanager
def scripted(
    labelled: pd.DataFrame, folder: Path, **options: Any
) -> Iterator[tuple[IntentPanel, ScriptedService]]:
    service = ScriptedService(intent_script(6), outcome=intent_result(evaluation(9)), **options)
    panel = IntentPanel(labelled, **COLUMNS, model_id="demo", service=service, folder=folder)
    yield panel, service
    panel.close()


# --- data ------------------------------------------------------------------------------------


def test_labels_are_listed_with_their_counts_and_advice(
    panel: IntentPanel, labelled: pd.DataFrame
) -> None:
    shown = panel._data_html()
    for name, count in labelled["intent"].value_counts().items():
        assert f"<td>{name}</td>" in shown
        assert f">{count}<span" in shown
    assert "fewer than 200" in shown
    assert f"{labelled['intent'].nunique()} labels" in shown


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("hello", "a"), ("world", "a")], "Classification needs at least 2"),
        ([("hello", "a"), ("world", None)], "label: is empty"),
    ],
)
def test_data_that_cannot_be_learned_from(
    rows: list[tuple[str, str | None]], words: str, tmp_path: Path
) -> None:
    df = pd.DataFrame(rows, columns=["said", "label"])
    panel = IntentPanel(df, text="said", intent="label", model_id="x", folder=tmp_path)
    assert button(panel).disabled
    assert words in markup(panel, "nbt-messages")
    with pytest.raises(RequestError, match="stands"):
        _ = panel.request
    assert list(tmp_path.iterdir()) == []
    panel.close()


def test_hostile_labels_are_escaped(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    df = pd.DataFrame({evil: ["one", "two", "two"], "i": [evil, "b", evil]})
    panel = IntentPanel(df, text=evil, intent="i", model_id=evil, folder=tmp_path)
    for shown in (panel._data_html(), markup(panel, "nbt-messages"), markup(panel, "nbt-code")):
        assert "<img" not in shown
    panel.close()


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"df": pd.DataFrame({"t": ["a"]}), "text": "t"},
        {"df": pd.DataFrame({"t": ["a"]}), "intent": "t"},
        {"df": pd.DataFrame({"t": ["a"]}), "text": "t", "intent": "t", "language": "xx-XX"},
        {"df": pd.DataFrame({"t": ["a"]}), "text": "t", "intent": "t", "service": "einstein"},
        {"data": "intents.json"},
    ],
)
def test_a_panel_needs_labelled_data(arguments: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="The panel can't be made"):
        IntentPanel(**arguments)


def test_rows_that_were_mended_are_trained_on(labelled: pd.DataFrame, tmp_path: Path) -> None:
    with scripted(labelled.copy(), tmp_path) as (panel, service):
        panel.train()
        wait_until(lambda: panel.result is not None)
        assert panel._df is not None
        panel._df["intent"] = panel._df["intent"].str.upper()
        panel.train()
        wait_until(lambda: panel.result is not None)
        first, again = (request.data for request in service.requests)
        assert first.sha256 != again.sha256
        told = {one.intent for one in read_utterances(again.path)}
        assert told == set(panel._df["intent"])


def test_a_data_file_of_another_schema_is_refused(labelled: pd.DataFrame, tmp_path: Path) -> None:
    data = nbtrain.write_intents(labelled, tmp_path / "d.json", text="text")
    with pytest.raises(RequestError, match="schema='utterance'"):
        IntentPanel(data=data)


# --- the form --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "auto", "Auto ", "None"])
def test_the_service_decides_on_the_epochs(panel: IntentPanel, value: str) -> None:
    panel.form.fields["epochs"].value = value
    assert panel.task.epochs is None
    assert not markup(panel, "nbt-epochs-messages")


@pytest.mark.parametrize("value", ["0", "1001", "-3", "many", "2.5", "9" * 5000])
def test_a_bad_number_of_epochs_is_explained(panel: IntentPanel, value: str) -> None:
    panel.form.fields["model_id"].value = "intents"
    panel.form.fields["epochs"].value = value
    assert "Give a whole number from 1 to 1,000, or auto." in markup(panel, "nbt-epochs-messages")
    assert button(panel).disabled
    with pytest.raises(RequestError, match="epochs"):
        _ = panel.request


def test_the_request_is_what_the_form_says(panel: IntentPanel, tmp_path: Path) -> None:
    fields = panel.form.fields
    fields["model_id"].value = "intents"
    assert panel.request.task == IntentClassification()
    fields["epochs"].value = " 50 "
    fields["train_share"].value = 0.7
    fields["out_of_domain"].value = True
    fields["language"].value = "de-DE"
    fields["mode"].value = "reuse"
    request = panel.request
    assert request.task == IntentClassification(50, train_share=0.7, out_of_domain=True)
    assert (request.model_id, request.language, request.force_train) == ("intents", "de-DE", False)
    assert request.data.path == tmp_path / "intents.utterance.json"
    assert request.data.documents == 600
    fields["epochs"].value = "Auto"
    assert panel.task.epochs is None


def test_a_neural_model_goes_into_request_and_code(panel: IntentPanel, tmp_path: Path) -> None:
    fields = panel.form.fields
    fields["model_id"].value = "intents"
    assert "embedder" not in panel.code
    fields["embedder"].value = " org/model "
    assert panel.request.task == IntentClassification(embedder="org/model")
    assert "nbtrain.IntentClassification(embedder='org/model')" in panel.code
    fields["embedder"].value = "rows.npy"
    assert "says nothing of the new texts" in markup(panel, "nbt-embedder-messages")
    assert "new texts" not in markup(panel, "nbt-messages")
    assert panel.form._more.selected_index == 0
    assert button(panel).disabled


def test_what_a_service_cannot_do_is_not_offered(labelled: pd.DataFrame, tmp_path: Path) -> None:
    panel = IntentPanel(labelled, **COLUMNS, model_id="x", folder=tmp_path)
    form, service = panel.form, panel.service_form.fields["service"]

    def modes() -> set[str]:
        return {mode for _, mode in form.fields["mode"].options}

    form.fields["out_of_domain"].value = True
    form.fields["mode"].value = "retrain"
    assert modes() == {"new", "reuse", "retrain"}
    assert form._rows["with_feedback"].layout.display is None
    assert form._rows["language"].layout.display == "none"
    service.value = "knovvu"
    assert modes() == {"new", "reuse"}
    assert form.mode == "new"
    assert form._rows["train_share"].layout.display == "none"
    assert panel.task == IntentClassification()
    service.value = "einstein"
    assert "retrain" in modes()
    assert panel.task.out_of_domain
    assert button(panel).disabled
    assert "private_key" in markup(panel, "nbt-messages")
    panel.close()


def test_every_part_can_be_found_by_the_page(labelled: pd.DataFrame, tmp_path: Path) -> None:
    # A property of ours that is called as one of the widget's would name a part that isn't there.
    with recording() as comms, scripted(labelled, tmp_path) as (panel, _):
        panel.train()
        wait_until(lambda: panel.result is not None)
        opened: set[str] = set()
        for comm, kind, content, _buffers in comms.sent:
            if kind == "comm_open":
                opened.add(comm.comm_id)
            named = set(re.findall('IPY_MODEL_([^"]+)', json.dumps(content, default=str)))
            assert named <= opened


# --- a run -----------------------------------------------------------------------------------


def test_the_result_shows_matrix_curve_and_tables(labelled: pd.DataFrame, tmp_path: Path) -> None:
    with scripted(labelled, tmp_path) as (panel, _):
        button(panel).click()
        assert panel.monitor is not None
        assert set(INTENT_METRICS) < set(panel.monitor.chart.counts)
        wait_until(lambda: panel.result is not None)
        view = panel.evaluation_view
        assert view is not None
        assert panel._place.children == (panel.monitor, view)
        assert repr(view.matrix) == "<ConfusionView of 9 labels>"
        assert view.curve is not None
        assert view.curve.counts["precision"] == 21
        assert "label 3" in markup(panel, "nbt-outcome")
        assert "9 pairs of intents" in markup(panel, "nbt-outcome")
        # Another run takes the place of the first and all of its parts.
        button(panel).click()
        assert panel.evaluation_view is None
        assert view.matrix.comm is None
        wait_until(lambda: panel.result is not None)
        assert len(panel._place.children) == 2


def test_a_service_without_results_or_evaluation_says_so(
    labelled: pd.DataFrame, tmp_path: Path
) -> None:
    few = Capabilities(epochs=True, cancel=True, result=False, random_state=False)
    with scripted(labelled, tmp_path, capabilities=few) as (panel, _):
        button(panel).click()
        wait_until(lambda: not button(panel).disabled)
        assert "doesn't tell how good" in markup(panel, "nbt-outcome")
    with scripted(labelled, tmp_path) as (panel, service):
        assert service.outcome is not None
        service.outcome = replace(service.outcome, evaluation=None)
        button(panel).click()
        wait_until(lambda: panel.result is not None)
        assert "no evaluation" in markup(panel, "nbt-outcome")


def test_close_leaves_no_widget_behind(labelled: pd.DataFrame, tmp_path: Path) -> None:
    before = set(_instances)
    with scripted(labelled, tmp_path) as (panel, _):
        panel.train()
        wait_until(lambda: panel.result is not None)
    left = [type(_instances[key]).__name__ for key in set(_instances) - before]
    assert left == []


@pytest.mark.parametrize("n_labels", [2, 150])
def test_a_result_is_small_in_the_saved_notebook(
    labelled: pd.DataFrame, tmp_path: Path, n_labels: int
) -> None:
    with recording(), scripted(labelled, tmp_path) as (panel, service):
        service.outcome = intent_result(evaluation(n_labels, texts=60))
        panel.train()
        wait_until(lambda: panel.result is not None)
        view = panel.evaluation_view
        assert view is not None
        assert len(str(view.matrix.get_state())) < 60_000
        assert len(markup(panel, "nbt-outcome")) < 120_000


# --- with the real service -------------------------------------------------------------------


def test_the_button_trains_and_the_model_is_trained_again(
    panel: IntentPanel, labelled: pd.DataFrame
) -> None:
    fields = panel.form.fields
    fields["model_id"].value = "intents-of-the-panel"
    fields["epochs"].value = "12"
    button(panel).click()
    assert panel.run is not None, markup(panel, "nbt-messages")
    first = panel.run
    assert first.wait(60).state is RunState.SUCCEEDED
    wait_until(lambda: panel.result is not None)
    assert panel.result is not None
    told = panel.result.evaluation
    assert told is not None
    assert set(told.confusion.labels) == set(labelled["intent"])
    assert told.confusion.accuracy > 0.8
    assert panel.monitor is not None
    assert panel.monitor.history.last_epoch == told.last_epoch
    assert panel.monitor.evaluation == told
    answers = first.predict(["where is my parcel"], top_n=1)
    assert answers[0].predictions[0].label in set(labelled["intent"])

    fields["mode"].value = "retrain"
    button(panel).click()
    assert panel.run is not first, markup(panel, "nbt-messages")
    wait_until(lambda: panel.result is not None)
    assert panel.run.model_id == "intents-of-the-panel"


def test_a_model_that_is_not_there_cannot_be_trained_again(panel: IntentPanel) -> None:
    panel.form.fields["model_id"].value = "never-was"
    panel.form.fields["mode"].value = "retrain"
    button(panel).click()
    assert "never-was" in markup(panel, "nbt-messages")
    assert panel.run is None
    assert not button(panel).disabled


@pytest.mark.parametrize("mode", ["new", "retrain"])
def test_the_code_does_the_same(
    panel: IntentPanel, labelled: pd.DataFrame, service: LocalService, mode: str
) -> None:
    panel.form.fields["model_id"].value = "by-code"
    panel.form.fields["epochs"].value = "5"
    panel.form.fields["train_share"].value = 0.75
    by_panel = panel.train().result()
    wait_until(lambda: not button(panel).disabled)
    panel.form.fields["mode"].value = mode
    names: dict[str, Any] = {"df": labelled, "service": service}
    exec(panel.code, names)
    assert names["data"] == panel._data_file()
    assert names["result"].evaluation.confusion == by_panel.evaluation.confusion  # type: ignore[union-attr]


def test_a_panel_trains_at_einstein(
    labelled: pd.DataFrame, tmp_path: Path, service: LocalService
) -> None:
    # The local service speaks the vendor's protocol, so it stands for the vendor here.
    record = ServiceRecord.load(service.home) if service.health() else None
    assert record is not None
    # Any token that it gives is good on all its routes.
    form = {
        "client_id": record.client_id, "client_secret": record.client_secret,
        "grant_type": "client_credentials",
    }  # fmt: skip
    with httpx.Client(base_url=record.url, verify=False, timeout=30) as client:
        token = client.post(TOKEN_PATH, data=form).json()["access_token"]
    panel = IntentPanel(labelled, **COLUMNS, model_id="at-einstein", folder=tmp_path, epochs=5)
    fields = panel.service_form.fields
    fields["service"].value = "einstein"
    fields["base_url"].value = record.url
    fields["access_token"].value = token
    button(panel).click()
    assert panel.run is not None, markup(panel, "nbt-messages")
    assert panel.run.wait(60).state is RunState.SUCCEEDED
    wait_until(lambda: panel.result is not None)
    assert panel.evaluation_view is not None
    assert token not in panel.code
    panel.close()
