"""The training panel without a browser: fields, problems, button, code, result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets
import pandas as pd
import pytest

import nbtrain
from nbtrain import Clustering, LocalService, TrainingPanel, TrainingRequest
from nbtrain.errors import DataError, RequestError
from nbtrain.progress import RunState, Update
from nbtrain.testing import ScriptedService, training_script
from tests.daemon_process import wait_until

COLUMNS: Any = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}


def markup(panel: TrainingPanel, name: str) -> str:
    """Return the HTML of a part, found by its class as the browser finds it."""

    def search(widget: Any) -> str | None:
        if name in getattr(widget, "_dom_classes", ()):
            return str(widget.value)
        for child in getattr(widget, "children", ()):
            found = search(child)
            if found is not None:
                return found
        return None

    found = search(panel)
    assert found is not None, f"no part {name}"
    return found


def button(panel: TrainingPanel) -> Any:
    return panel._button


@pytest.fixture
def panel(conversations: pd.DataFrame, tmp_path: Path, service: LocalService) -> Any:
    panel = TrainingPanel(conversations, **COLUMNS, service=service, folder=tmp_path)
    yield panel
    panel.close()


def test_a_bad_model_id_is_explained_as_it_is_typed(panel: TrainingPanel) -> None:
    field = panel.form.fields["model_id"]
    assert field.continuous_update
    assert "Is empty" in markup(panel, "nbt-model-id-messages")
    assert button(panel).disabled
    field.value = "Support_Topics"
    assert "May contain only a-z" in markup(panel, "nbt-model-id-messages")
    assert "support-topics" in markup(panel, "nbt-model-id-messages")
    assert button(panel).disabled
    field.value = "support-topics"
    assert "can be used" in markup(panel, "nbt-model-id-messages")
    assert not button(panel).disabled


@pytest.mark.parametrize("value", ["0", "1", "-3", "1000", "many", "2.5", "", "9" * 5000])
def test_a_bad_number_of_clusters_is_explained(panel: TrainingPanel, value: str) -> None:
    panel.form.fields["model_id"].value = "topics"
    panel.form.fields["n_clusters"].value = value
    assert "<li>" in markup(panel, "nbt-n-clusters-messages")
    assert "n_clusters" not in markup(panel, "nbt-n-clusters-messages")
    assert button(panel).disabled
    with pytest.raises(RequestError, match="n_clusters"):
        _ = panel.request


def test_the_request_is_what_the_form_says(panel: TrainingPanel, tmp_path: Path) -> None:
    fields = panel.form.fields
    fields["model_id"].value = "topics"
    fields["n_clusters"].value = " 7 "
    fields["language"].value = "tr-TR"
    panel.llm_form.fields["llm"].value = True
    fields["force_train"].value = False
    request = panel.request
    assert isinstance(request, TrainingRequest)
    assert (request.model_id, request.language, request.force_train) == ("topics", "tr-TR", False)
    assert isinstance(request.task, Clustering)
    assert request.task.n_clusters == 7
    assert request.task.llm is not None
    assert request.data.path == tmp_path / "topics.dialogue.json"
    assert request.data.documents == 120
    fields["n_clusters"].value = "Auto"
    assert panel.request.task == Clustering("auto", request.task.llm)


def test_a_second_data_file_goes_along(panel: TrainingPanel, tmp_path: Path) -> None:
    labelled = pd.DataFrame({"t": ["my card is lost", "where is my parcel"], "i": ["a", "b"]})
    path = tmp_path / "intents.json"
    nbtrain.write_intents(labelled, path, text="t", intent="i")
    panel.form.fields["model_id"].value = "topics"
    panel.form.fields["secondary_data"].value = str(path)
    secondary = panel.request.secondary_data
    assert secondary is not None
    assert secondary.documents == 2
    assert f"read_data_file({str(path)!r}, 'intent')" in panel.code
    panel.form.fields["secondary_data"].value = str(tmp_path / "none.json")
    button(panel).click()
    assert "none.json" in markup(panel, "nbt-messages")
    assert panel.run is None


def test_what_few_need_is_folded_away_and_goes_into_request_and_code(
    panel: TrainingPanel, tmp_path: Path
) -> None:
    fields = panel.form.fields
    fields["model_id"].value = "topics"
    for word in ("turns", "unit", "embedder"):
        assert word not in panel.code
    fields["turns"].value = "agent"
    fields["unit"].value = "utterance"
    fields["embedder"].value = f" {tmp_path} "
    assert panel.request.task == Clustering(turns="agent", unit="utterance", embedder=str(tmp_path))
    assert f"embedder={str(tmp_path)!r}, turns='agent', unit='utterance')" in panel.code
    # Turns may have more clusters than there are dialogues.
    fields["n_clusters"].value = "150"
    assert not button(panel).disabled
    fields["unit"].value = "dialogue"
    assert "only 120 documents" in markup(panel, "nbt-n-clusters-messages")


def test_a_bad_name_of_a_neural_model_is_explained_where_it_is_typed(panel: TrainingPanel) -> None:
    fields, folds = panel.form.fields, []
    panel.form._more.observe(lambda change: folds.append(change["new"]), "selected_index")
    fields["model_id"].value = "topics"
    assert folds == []
    fields["embedder"].value = "a\tb"
    assert "Give the folder or the name" in markup(panel, "nbt-embedder-messages")
    assert "embedder" not in markup(panel, "nbt-messages")
    assert folds == [0]
    assert button(panel).disabled
    fields["embedder"].value = "  "
    assert markup(panel, "nbt-embedder-messages") == ""
    assert not button(panel).disabled


def test_what_a_service_cannot_do_is_neither_offered_nor_asked(
    conversations: pd.DataFrame, tmp_path: Path
) -> None:
    panel = TrainingPanel(conversations, **COLUMNS, model_id="topics", folder=tmp_path)
    fields, form = panel.form.fields, panel.form
    fields["turns"].value = "all"
    fields["embedder"].value = "a\tb"
    assert button(panel).disabled
    panel.service_form.fields["service"].value = "knovvu"
    assert form._more.layout.display == "none"
    assert form.task() == Clustering()
    assert "turns" not in panel.code
    assert "embedder" not in markup(panel, "nbt-messages")
    panel.service_form.fields["service"].value = "local"
    assert form._more.layout.display is None
    assert form.task().turns == "all"
    panel.close()


def test_sentences_have_no_turns(conversations: pd.DataFrame, tmp_path: Path) -> None:
    panel = TrainingPanel(conversations, text="text", model_id="topics", folder=tmp_path)
    shown = {name: panel.form._more.offers(name) for name in ("turns", "unit", "embedder")}
    assert shown == {"turns": False, "unit": False, "embedder": True}
    panel.form.fields["unit"].value = "utterance"
    assert panel.request.task == Clustering()
    panel.close()


def test_code_of_turns_that_are_sorted_labels_them(
    conversations: pd.DataFrame, tmp_path: Path, service: LocalService
) -> None:
    df = conversations.sample(frac=1, random_state=1)
    columns = {**COLUMNS, "timestamp": "timestamp"}
    panel = TrainingPanel(
        df, **columns, model_id="by-turn", n_clusters=9, service=service, folder=tmp_path
    )
    panel.form.fields["unit"].value = "utterance"
    names: dict[str, Any] = {"df": df, "service": service}
    exec(panel.code, names)
    assert names["labelled"]["cluster"].notna().tolist() == (df["speaker"] == "customer").tolist()
    button(panel).click()
    wait_until(lambda: panel.result is not None)
    assert panel.result is not None
    assert panel.result.labels == names["result"].labels
    shown = markup(panel, "nbt-clusters")
    assert "nbtrain.label(df, panel.result, timestamp=&#x27;timestamp&#x27;)" in shown
    panel.close()


def test_a_data_file_that_somebody_changed_is_written_again(panel: TrainingPanel) -> None:
    panel.form.fields["model_id"].value = "topics"
    written = panel.request.data
    written.path.write_text("[]")
    again = panel.request.data
    assert again == written
    assert again.path.read_text(encoding="utf-8") != "[]"


def test_the_button_trains_and_the_result_shows(
    panel: TrainingPanel, conversations: pd.DataFrame
) -> None:
    panel.form.fields["model_id"].value = "from-the-panel"
    panel.form.fields["n_clusters"].value = "8"
    button(panel).click()
    assert panel.run is not None
    assert button(panel).disabled
    assert panel.run.wait().state is RunState.SUCCEEDED
    wait_until(lambda: panel.result is not None)
    assert panel.result is not None
    assert panel.result.n_clusters == 8
    shown = markup(panel, "nbt-clusters")
    assert panel.result.clusters[0].keywords[0] in shown
    assert shown.count("<path") == 8
    # The map is folded away, and what the notebook saves stays small.
    assert "<details class='nbt-map-place'><summary" in shown
    assert len(shown.encode()) < 60_000
    assert not button(panel).disabled
    labelled = nbtrain.label(conversations, panel.result)
    assert labelled["cluster"].notna().all()
    assert panel.monitor is not None
    assert panel.monitor.history.last_epoch >= 1


def test_the_code_does_the_same(
    panel: TrainingPanel, conversations: pd.DataFrame, service: LocalService
) -> None:
    panel.form.fields["model_id"].value = "by-code"
    panel.form.fields["n_clusters"].value = "6"
    by_panel = panel.train().result()
    names: dict[str, Any] = {"df": conversations}
    names["service"] = service
    exec(panel.code, names)
    assert names["request"] == panel.request
    assert names["result"].labels == by_panel.labels
    assert names["run"].service.home == service.home
    assert list(names["labelled"].index) == list(conversations.index)


def test_code_of_a_data_file_and_of_the_default_service(
    conversations: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = conversations[conversations["speaker"] == "customer"]
    data = nbtrain.write_intents(sentences, tmp_path / "s.json", text="text")
    monkeypatch.setenv("NBTRAIN_HOME", str(tmp_path / "home"))
    panel = TrainingPanel(data=data, model_id="by-file", n_clusters=5)
    assert "LocalService" not in panel.code
    names: dict[str, Any] = {}
    exec(panel.code, names)
    assert names["request"] == panel.request
    assert names["result"].n_clusters == 5
    names["run"].service.stop()
    panel.close()


def test_data_with_errors_cannot_be_trained_on(tmp_path: Path) -> None:
    df = pd.DataFrame({"id": ["a", None], "who": ["user", "agent"], "said": ["<b>hi</b>", b"no"]})
    panel = TrainingPanel(
        df, dialogue_id="id", speaker="who", text="said", model_id="x", folder=tmp_path
    )
    assert button(panel).disabled
    assert "missing or unusable ids" in markup(panel, "nbt-messages")
    assert "holds bytes" in markup(panel, "nbt-messages")
    with pytest.raises(RequestError, match="missing or unusable ids"):
        _ = panel.request
    assert list(tmp_path.iterdir()) == []
    panel.close()


def test_a_folder_that_cannot_be_written_to_is_explained(
    conversations: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    panel = TrainingPanel(
        conversations, **COLUMNS, model_id="topics", folder=tmp_path / "file" / "sub"
    )
    with pytest.raises(DataError, match="can't be made"):
        _ = panel.request
    button(panel).click()
    assert "can&#x27;t be made" in markup(panel, "nbt-messages")
    assert not button(panel).disabled
    panel.close()


def test_a_failed_run_shows_why_and_can_be_tried_again(conversations: pd.DataFrame,
                                                       tmp_path: Path) -> None:  # fmt: skip
    script = training_script(2, state=RunState.FAILED)
    script[-1] = Update(replace(script[-1].status, message="out of memory"))
    panel = TrainingPanel(
        conversations, **COLUMNS, model_id="topics", folder=tmp_path,
        service=ScriptedService(script),
    )  # fmt: skip
    button(panel).click()
    wait_until(lambda: not button(panel).disabled)
    assert panel.result is None
    assert panel.monitor is not None
    assert "failed" in repr(panel.monitor)
    assert "out of memory" in panel.monitor._status.value
    panel.close()


def test_hostile_names_are_escaped(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    df = pd.DataFrame({"id": ["a", "b"], evil: ["hello there", "x"], "who": ["user", evil]})
    panel = TrainingPanel(df, dialogue_id="id", speaker="who", text=evil, folder=tmp_path)
    panel.form.fields["model_id"].value = evil
    for name in ("nbt-data", "nbt-model-id-messages", "nbt-messages", "nbt-code"):
        shown = markup(panel, name) if name != "nbt-data" else panel._data_html()
        assert "<img" not in shown, name
    panel.close()


def test_close_leaves_no_widget_behind(conversations: pd.DataFrame, tmp_path: Path) -> None:
    from ipywidgets.widgets.widget import _instances

    before = set(_instances)
    panel = TrainingPanel(
        conversations, **COLUMNS, model_id="topics", folder=tmp_path,
        service=ScriptedService(training_script(2, state=RunState.FAILED)),
    )  # fmt: skip
    run = panel.train()
    run.wait()
    panel.close()
    left = [_instances[key] for key in set(_instances) - before]
    assert left == [], f"{len(left)} left: {[type(w).__name__ for w in left]}"


@pytest.mark.parametrize("arguments", [{}, {"df": pd.DataFrame({"t": ["a"]})}])
def test_a_panel_needs_data(arguments: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="DataFrame and its text column"):
        TrainingPanel(**arguments)


@pytest.mark.parametrize(
    "arguments", [{"data": "x.json"}, {"df": pd.DataFrame(), "text": "t", "service": "knovvu"}]
)
def test_what_is_no_data_file_or_service_is_named(arguments: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=r"(data|service): is a str"):
        TrainingPanel(**arguments)


def test_it_is_a_widget_with_a_short_repr(panel: TrainingPanel) -> None:
    assert isinstance(panel, ipywidgets.VBox)
    assert len(repr(panel)) < 120
