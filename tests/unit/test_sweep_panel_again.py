"""A sweep panel takes up what an earlier kernel has swept, with the real local service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nbtrain
from nbtrain import LocalService, RunState, SweepPanel
from nbtrain.errors import RequestError, RunNotFound, ServiceUnavailable
from nbtrain.file_lock import FileLock
from nbtrain.sweep_journal import Journal, journal_path
from nbtrain.sweep_plans import SweepPlan
from nbtrain.sweep_results import SweepFit
from nbtrain.training import TrainingRequest
from nbtrain.widgets.sweep_monitor import SweepMonitor
from tests.daemon_process import wait_until

COLUMNS: Any = {"dialogue_id": "dialogue_id", "speaker": "speaker", "text": "text"}
Make = Callable[..., SweepPanel]


@pytest.fixture
def make(conversations: pd.DataFrame, tmp_path: Path, service: LocalService) -> Iterator[Make]:
    """Makes panels as a cell does that is run again, in another kernel as well."""
    made = []

    def make_panel(model_id: str, df: pd.DataFrame = conversations, **more: Any) -> SweepPanel:
        columns = {} if "data" in more else {"df": df, **COLUMNS}
        options = {"service": service, "folder": tmp_path} | more
        panel = SweepPanel(**columns, model_id=model_id, **options)
        made.append(panel)
        return panel

    yield make_panel
    for panel in made:
        panel.close()


def monitor_of(panel: SweepPanel) -> SweepMonitor:
    assert panel.sweep_monitor is not None
    return panel.sweep_monitor


def test_a_sweep_that_has_ended_is_there_again(make: Make, conversations: pd.DataFrame) -> None:
    first = make("ended")
    fields = first.form.fields
    fields["to"].value, fields["step"].value, fields["seeds"].value = "8", "2", "3, 4"
    fields["turns"].value, fields["budget_seconds"].value = "all", "300"
    swept = first.start()
    monitor_of(first).wait(120)
    monitor_of(first).choose(6, "six <teams>")
    code, listed = first.code, first.recommendation
    first.close()

    again = make("ended")
    assert again.sweep is not None
    assert again.sweep.sweep_id == swept.sweep_id
    assert (
        "This sweep was there already. Once it has ended, Sweep begins another one."
        in again._taken_up.value
    )
    assert monitor_of(again).wait(60).state is RunState.SUCCEEDED
    assert again.recommendation == listed
    assert again.choice is not None
    assert (again.choice.n_clusters, again.choice.reason) == (6, "six <teams>")
    assert monitor_of(again).explorer.opened == 6
    # The form is what was asked for then, so that its code is that of what is on show.
    assert again.code == code
    assert again._button.description == "Train with 6 clusters"
    wait_until(lambda: not again._sweep_button.disabled, 60)
    again.train().result()
    wait_until(lambda: again.result is not None, 60)
    assert again.result is not None
    assert "cluster" in nbtrain.label(conversations, again.result).columns

    # The same by hand, and a newer one in its place.
    by_hand = make("ended", data=swept.request.data)
    assert by_hand.attach().sweep_id == by_hand.attach(swept.sweep_id).sweep_id == swept.sweep_id
    newer = by_hand.start()
    assert by_hand._taken_up.value == ""
    monitor_of(by_hand).wait(60)
    third = make("ended")
    assert third.sweep is not None
    assert third.sweep.sweep_id == newer.sweep_id


def test_a_sweep_that_goes_on_is_followed_to_its_end(make: Make) -> None:
    first = make("going-on")
    first.form.fields["seeds"].value = " ".join(map(str, range(40)))
    first.start()
    first.close()
    again = make("going-on")
    assert "was there already" in again._taken_up.value
    assert again._sweep_button.disabled
    monitor = monitor_of(again)
    wait_until(lambda: len(monitor.fits) > 2, 60)
    monitor._cancel.click()
    assert monitor.wait(30).state is RunState.CANCELLED
    wait_until(lambda: not again._sweep_button.disabled, 60)


def test_other_data_or_no_sweep_at_all(
    make: Make, conversations: pd.DataFrame, tmp_path: Path
) -> None:
    assert make("never-swept").sweep is None
    first = make("others")
    first.form.fields["to"].value = "3"
    swept = first.start()
    monitor_of(first).wait(60)
    # One word more, of as many dialogues.
    changed = conversations.assign(text=[*conversations["text"][:-1], "something else"])
    other = make("others", changed)
    assert other.sweep is None
    said = "but of other data or in another language. Sweep begins a new one"
    assert said in other._taken_up.value
    turkish = make("others", language="tr-TR")
    assert turkish.sweep is None
    assert said in turkish._taken_up.value
    # Labelled data beside it, which the form can't say.
    labelled = pd.DataFrame({"text": ["my card is lost", "a fee"], "intent": ["lost", "fees"]})
    more = nbtrain.write_intents(labelled, tmp_path / "l.json", text="text", intent="intent")
    request = replace(swept.request, model_id="labelled", secondary_data=more)
    nbtrain.sweep(request, [2, 3], service=first.service_form.service()).wait(60)
    assert make("labelled").sweep is None
    with pytest.raises(RequestError, match="is of a sweep of other data"):
        other.attach(swept.sweep_id)
    with pytest.raises(RunNotFound):
        make("never-swept").attach()
    # Where nothing was ever done, no service is started to look for it.
    home = LocalService(tmp_path / "home")
    assert make("others", service=home).sweep is None
    assert not home.running


class _Plain(LocalService):
    """As a service that knows only runs, which cost money."""

    capabilities = replace(LocalService.capabilities, sweep=False)
    submitted = 0

    def submit(self, request: TrainingRequest) -> Any:
        self.submitted += 1
        return super().submit(request)


def test_runs_that_cost_money_do_not_go_on_by_themselves(make: Make, service: LocalService) -> None:
    plain = _Plain(service.home)
    first = make("costly", service=plain)
    first.form.fields["to"].value = "3"
    swept = first.start()
    monitor_of(first).wait(120)
    assert plain.submitted == 2
    again = make("costly", service=plain)
    assert again.sweep is not None
    assert again.sweep.sweep_id == swept.sweep_id
    assert len(again.sweep.fits()) == 2
    again.close()

    # The kernel died in the middle of this one.
    request = replace(swept.request, model_id="cut-off")
    data = request.data
    path = journal_path(data.path, "cut-off")
    Journal(path, "local", request, SweepPlan((2, 4, 3)), 0.0, fits=[SweepFit(2)]).save()
    cut_off = make("cut-off", service=plain, data=data)
    assert cut_off.sweep is None
    assert "was interrupted after 1 of 3 fits" in cut_off._taken_up.value
    assert cut_off.form.fields["to"].value == "4"
    assert plain.submitted == 2
    # Nor is it this one's if the data have changed.
    journal = Journal.load(path)
    changed = replace(journal, request=replace(request, data=replace(data, sha256="0" * 64)))
    changed.save()
    assert "but of other data" in make("cut-off", service=plain, data=data)._taken_up.value
    journal.save()
    # Another kernel has it.
    lock = FileLock(path)
    assert lock.acquire()
    assert "Another kernel is at" in make("cut-off", service=plain, data=data)._taken_up.value
    lock.release()
    cut_off._sweep_button.click()
    monitor_of(cut_off).wait(120)
    assert plain.submitted == 4


def test_runs_that_this_kernel_is_at_are_followed(make: Make, service: LocalService) -> None:
    plain = _Plain(service.home)
    first = make("cell-again", service=plain)
    first.form.fields["seeds"].value = " ".join(map(str, range(40)))
    swept = first.start()
    # The cell is run again, while the first one's thread hands in runs.
    again = make("cell-again", service=plain)
    assert again.sweep is not None
    assert again.sweep.sweep_id == swept.sweep_id
    assert "was there already" in again._taken_up.value
    again.sweep.cancel()
    assert monitor_of(again).wait(30).state is RunState.CANCELLED


def test_what_the_form_cannot_say_and_a_sweep_of_another_model(make: Make) -> None:
    first = make("unsaid")
    swept = nbtrain.sweep(first.request, [2, 3, 7], service=first.service_form.service())
    swept.wait(60)
    again = make("unsaid")
    assert "The form can&#x27;t say all that it was asked for." in again._taken_up.value
    other = make("another")
    other.attach(swept.sweep_id)
    assert other.form.fields["model_id"].value == "unsaid"
    assert "'unsaid'" in other.code or '"unsaid"' in other.code


class _Falling(LocalService):
    """A service that goes down between two questions."""

    def sweep_choice(self, sweep_id: str) -> Any:
        raise ServiceUnavailable("The service <is> down.")


def test_whatever_is_in_the_way_the_form_is_there(make: Make, service: LocalService) -> None:
    first = make("falling")
    nbtrain.sweep(first.request, [2, 3], service=service).wait(60)
    panel = make("falling", service=_Falling(service.home))
    assert panel.sweep is None
    assert panel.sweep_monitor is None
    assert "can&#x27;t be shown: The service &lt;is&gt; down." in panel._taken_up.value
    assert not panel._sweep_button.disabled
