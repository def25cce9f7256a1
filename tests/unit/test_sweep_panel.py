"""The sweep panel without a browser, with the real local service: form, sweep, choice, training."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any

import ipywidgets
import pandas as pd
import pytest

import nbtrain
from nbtrain import LocalService, RunState, SweepPanel
from nbtrain.errors import RequestError, ServiceUnavailable
from nbtrain.sweep_results import Choice
from nbtrain.widgets.sweep_form import default_range
from tests.daemon_process import wait_until

COLUMNS: Any = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}


_numbers = count(1)


@pytest.fixture
def panel(conversations: pd.DataFrame, tmp_path: Path, service: LocalService) -> Any:
    # An id of its own: a sweep of the same id would be taken up.
    model_id = f"topics-{next(_numbers)}"
    panel = SweepPanel(
        conversations, **COLUMNS, model_id=model_id, service=service, folder=tmp_path
    )
    yield panel
    panel.close()


def said(panel: SweepPanel) -> str:
    return str(panel.form._messages["sweep"].value)


def test_the_range_is_what_the_data_bear(panel: SweepPanel) -> None:
    assert default_range(120) == (2, 15)
    assert panel.form.n_clusters == range(2, 16)
    assert "14 fits." in said(panel)
    assert not panel._sweep_button.disabled
    assert panel._button.disabled
    assert panel._button.description == "Train with … clusters"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("from", "1", "from: is 1. Give 2 or more"),
        ("from", "few", "from: is &#x27;few&#x27;"),
        ("to", "1000", "to: is 1,000, but there are only 120"),
        ("from", "20", "to: is 15, which is less than 20"),
        ("step", "0", "step: is 0"),
        ("seeds", "", "random_state: is empty"),
        ("seeds", "1, 1", "holds a value twice"),
        ("seeds", "one", "random_state: is &#x27;one&#x27;"),
        ("budget_seconds", "-1", "budget_seconds: is -1"),
        ("budget_seconds", "soon", "budget_seconds: is &#x27;soon&#x27;"),
        ("budget_seconds", "nan", "budget_seconds: is nan"),
        ("budget_fits", "2.5", "budget_fits: is &#x27;2.5&#x27;"),
    ],
)
def test_what_is_wrong_is_said_as_it_is_typed(
    panel: SweepPanel, name: str, value: str, says: str
) -> None:
    panel.form.fields[name].value = value
    assert says in said(panel)
    assert panel._sweep_button.disabled
    with pytest.raises(RequestError):
        _ = panel.request


def test_the_plan_is_what_the_form_says(panel: SweepPanel) -> None:
    fields = panel.form.fields
    fields["from"].value, fields["to"].value, fields["step"].value = "4", " 12", "4"
    fields["seeds"].value = "0, 3"
    fields["budget_fits"].value, fields["budget_seconds"].value = "5", "60"
    plan = panel.form.plan()
    assert plan.n_clusters == (4, 8, 12)
    assert plan.random_states == (0, 3)
    assert (plan.budget_seconds, plan.budget_fits) == (60.0, 5)
    assert "5 fits." in said(panel)
    assert "range(4, 13, 4), random_state=[0, 3], budget_seconds=60.0, budget_fits=5" in panel.code


def test_turns_are_swept_when_that_is_asked_for(panel: SweepPanel) -> None:
    fields = panel.form.fields
    fields["unit"].value, fields["turns"].value = "utterance", "all"
    fields["from"].value = fields["to"].value = "200"  # more than there are dialogues
    assert "1 fit." in said(panel)
    assert "nbtrain.Clustering(turns='all', unit='utterance')" in panel.code
    swept = panel.start()
    assert swept.wait(60).state is RunState.SUCCEEDED
    assert len(set(swept.labels(200).values())) == 200
    assert swept.train(200).result().unit == "utterance"
    fields["to"].value = "20000000"
    assert "At most 10,000 are possible" in said(panel)


class _AwayOnce(LocalService):
    """Is away the first time that a choice is asked for."""

    asked = 0

    def sweep_choice(self, sweep_id: str) -> Choice | None:
        self.asked += 1
        if self.asked == 1:
            raise ServiceUnavailable("The service <went> away.")
        return super().sweep_choice(sweep_id)


def test_a_sweep_that_cannot_be_shown_does_not_lock_the_panel(
    conversations: pd.DataFrame, tmp_path: Path, service: LocalService
) -> None:
    away = _AwayOnce(service.home)
    panel = SweepPanel(conversations, **COLUMNS, model_id="away", service=away, folder=tmp_path)
    panel.form.fields["to"].value = "3"
    panel._sweep_button.click()
    assert "&lt;went&gt;" in panel._sweep_messages.value
    assert not panel._sweep_button.disabled
    panel._sweep_button.click()
    assert panel.sweep_monitor is not None
    assert panel.sweep_monitor.wait(60).state is RunState.SUCCEEDED
    wait_until(lambda: not panel._sweep_button.disabled, 60)
    panel.close()


def test_from_a_click_to_a_trained_model(panel: SweepPanel, conversations: pd.DataFrame) -> None:
    panel.form.fields["to"].value = "9"
    panel._sweep_button.click()
    assert panel._sweep_messages.value == ""
    assert panel.sweep is not None
    assert panel._sweep_button.disabled
    monitor = panel.sweep_monitor
    assert monitor is not None
    assert monitor.wait(120).state is RunState.SUCCEEDED
    wait_until(lambda: not panel._sweep_button.disabled, 60)
    assert {fit.n_clusters for fit in monitor.fits} == set(range(2, 10))
    assert monitor.chart.counts["objective"] == 8
    assert all(fit.clusters for fit in monitor.fits)

    # Looked into: a fit, two of them, and the choice.
    monitor.look_at(5)
    assert panel._button.description == "Train with 5 clusters"
    explorer = monitor.explorer
    explorer.fields["left"].value, explorer.fields["right"].value = 4, 6
    explorer.fields["view"].value = "Compare two"
    wait_until(lambda: "From 4 to 6 clusters" in explorer._parts["flows"].value, 60)
    monitor.look_at(6)
    monitor._why.value = "six teams"
    monitor._choose.click()
    assert panel.choice is not None
    assert (panel.choice.n_clusters, panel.choice.reason) == (6, "six teams")
    assert panel.sweep.choice() == panel.choice
    monitor.look_at(3)
    assert panel._button.description == "Train with 6 clusters"
    assert "sweep.choose(6, 'six teams')" in panel.code

    # Trained, with the same request.
    panel._button.click()
    wait_until(lambda: panel.result is not None, 120)
    assert panel.result is not None
    assert panel.result.n_clusters == 6
    assert panel.result.model_id == panel.sweep.request.model_id
    assert "cluster" in nbtrain.label(conversations, panel.result).columns
    assert not panel._button.disabled


def test_the_code_does_what_the_panel_does(
    conversations: pd.DataFrame, tmp_path: Path, service: LocalService
) -> None:
    panel = SweepPanel(conversations, **COLUMNS, model_id="coded", service=service, folder=tmp_path)
    panel.form.fields["to"].value = "4"
    lines = [line for line in panel.code.splitlines() if "SweepMonitor" not in line]
    code = "\n".join(lines).replace("sweep.recommendation().n_clusters", "3")
    names: dict[str, Any] = {"df": conversations, "service": service}
    exec(code, names)
    assert names["result"].n_clusters == 3
    assert names["sweep"].choice().n_clusters == 3
    panel.close()


def test_nothing_is_trained_before_a_sweep(panel: SweepPanel) -> None:
    with pytest.raises(RequestError, match="Press Sweep"):
        panel.train()


def test_stop_keeps_what_is_there_and_frees_the_button(panel: SweepPanel) -> None:
    panel.form.fields["seeds"].value = " ".join(map(str, range(40)))
    panel._sweep_button.click()
    monitor = panel.sweep_monitor
    assert monitor is not None
    wait_until(lambda: len(monitor.fits) > 2, 60)
    began = time.monotonic()
    monitor._cancel.click()
    assert monitor.wait(30).state is RunState.CANCELLED
    assert time.monotonic() - began < 5
    wait_until(lambda: not panel._sweep_button.disabled, 60)
    assert len(monitor.fits) > 2
    assert not panel._button.disabled


def test_a_range_that_ends_too_early_goes_on_by_a_click(panel: SweepPanel) -> None:
    panel.form.fields["to"].value = "6"
    panel._sweep_button.click()
    first = panel.sweep_monitor
    assert first is not None
    wait_until(lambda: first._further.layout.display is None, 60)
    up_to = panel.recommendation.up_to
    assert up_to is not None
    assert first._further.description == f"Sweep up to {up_to}"
    assert f"try up to about {up_to}, too" in panel.recommendation.summary
    offered = [text for text, _ in first.explorer.fields["opened"].options]
    assert f"{panel.recommendation.n_clusters} (nearest)" in offered
    wait_until(lambda: not panel._sweep_button.disabled, 60)
    first._further.click()
    assert panel.form.fields["to"].value == str(up_to)
    second = panel.sweep_monitor
    assert second is not None
    assert second is not first
    wait_until(lambda: second.status is not None and second.status.state is RunState.SUCCEEDED, 60)
    wait_until(lambda: not panel._sweep_button.disabled, 60)
    assert max(fit.n_clusters for fit in second.fits) == up_to
    assert panel.recommendation.up_to is None
    assert second._further.layout.display == "none"


def test_a_panel_wants_data() -> None:
    with pytest.raises(RequestError, match="df, data"):
        SweepPanel()


def test_closing_closes_every_part(
    conversations: pd.DataFrame, tmp_path: Path, service: LocalService
) -> None:
    before = set(ipywidgets.widgets.widget._instances)
    panel = SweepPanel(conversations, **COLUMNS, model_id="shut", service=service, folder=tmp_path)
    panel.form.fields["to"].value = "3"
    panel._sweep_button.click()
    assert panel.sweep_monitor is not None
    panel.sweep_monitor.wait(60)
    wait_until(lambda: not panel._sweep_button.disabled, 60)
    panel.close()
    assert set(ipywidgets.widgets.widget._instances) == before
