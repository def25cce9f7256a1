"""The choice of a service in the panel, and what becomes of the secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ipywidgets import Widget

import nbtrain
from nbtrain import EinsteinService, KnovvuService, LocalService, TrainingPanel
from nbtrain.errors import AuthenticationFailed
from nbtrain.home import ServiceRecord
from nbtrain.progress import RunState
from nbtrain.testing import ScriptedService, training_script
from nbtrain.widgets.service import ServiceForm

CANARY = "canary-5f0c-secret"


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "IDENTITY_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"KNOVVU_{name}", raising=False)
    for name in ("BASE_URL", "ACCOUNT", "PRIVATE_KEY_FILE", "ACCESS_TOKEN", "REFRESH_TOKEN"):
        monkeypatch.delenv(f"EINSTEIN_{name}", raising=False)


def states(widget: Any) -> str:
    """Return the state of a widget and all its parts, as a notebook would save it."""
    parts, found = [widget], []
    while parts:
        part = parts.pop()
        found.append(json.dumps(part.get_state(drop_defaults=False), default=str))
        parts += [p for p in getattr(part, "children", ()) if isinstance(p, Widget)]
    return "\n".join(found)


def test_the_local_service_is_the_default_and_needs_nothing() -> None:
    form = ServiceForm()
    assert form.service() is None
    assert form.problems() == []
    assert form.code == ""
    assert form.capabilities.result


def test_knovvu_asks_for_what_is_missing() -> None:
    form = ServiceForm()
    form.fields["service"].value = "knovvu"
    assert [p.where for p in form.problems()] == ["base_url", "client_id", "client_secret"]
    with pytest.raises(AuthenticationFailed, match="KNOVVU_CLIENT_SECRET"):
        form.service()
    assert not form.capabilities.result


def test_the_secret_is_taken_out_of_its_field_at_once() -> None:
    form = ServiceForm()
    form.fields["service"].value = "knovvu"
    form.fields["base_url"].value = "https://ai.example.com"
    form.fields["client_id"].value = "me"
    form.fields["client_secret"].value = CANARY
    assert form.fields["client_secret"].value == ""
    assert form.problems() == []
    assert isinstance(form.service(), KnovvuService)
    everything = states(form) + form.code + repr(form) + repr(vars(form)) + repr(form.service())
    assert CANARY not in everything
    assert "connect_knovvu(base_url='https://ai.example.com', client_id='me')" in form.code


def test_the_environment_fills_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOVVU_BASE_URL", "https://ai.example.com")
    monkeypatch.setenv("KNOVVU_CLIENT_ID", "me")
    monkeypatch.setenv("KNOVVU_CLIENT_SECRET", CANARY)
    form = ServiceForm()
    form.fields["service"].value = "knovvu"
    assert form.problems() == []
    assert CANARY not in states(form)
    assert eval(form.code, {"nbtrain": nbtrain}).__class__ is KnovvuService


def test_einstein_is_offered_for_intents_only() -> None:
    names = [
        [name for _, name in ServiceForm(task=task).fields["service"].options]
        for task in ("clustering", "classification")
    ]
    assert names == [["local", "knovvu"], ["local", "knovvu", "einstein"]]


def test_einsteins_token_is_taken_out_of_its_field_at_once() -> None:
    form = ServiceForm(task="classification")
    fields = form.fields
    fields["service"].value = "einstein"
    assert [p.where for p in form.problems()] == ["account", "private_key"]
    assert form.problems()[1].fix == "Fill in 'Key file' or an access token."
    fields["base_url"].value = "https://ai.example.com"
    fields["access_token"].value = CANARY
    assert fields["access_token"].value == ""
    assert form.problems() == []
    assert isinstance(form.service(), EinsteinService)
    assert CANARY not in states(form) + form.code + repr(form) + repr(vars(form))
    assert form.code == "nbtrain.connect_einstein(base_url='https://ai.example.com')"
    assert form.capabilities.retrain
    # The other vendor's fields are its own, and so is its secret.
    fields["service"].value = "knovvu"
    assert "account" not in fields
    assert "client_secret" in [p.where for p in form.problems()]
    fields["service"].value = "einstein"
    assert form.problems() == []


def test_a_key_in_place_of_its_path_does_not_stay() -> None:
    form = ServiceForm(task="classification")
    form.fields["service"].value = "einstein"
    for key in (f"-----BEGIN PRIVATE KEY-----{CANARY}", CANARY + 1600 * "k"):
        form.fields["private_key"].value = key
        assert CANARY not in states(form) + form.code
        assert "looked like a key" in states(form)
    form.fields["account"].value = "me@example.com"
    form.fields["private_key"].value = "key.pem"
    assert "account='me@example.com', private_key='key.pem'" in form.code
    with pytest.raises(AuthenticationFailed):
        form.service()


def test_the_keyring_fills_in_the_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A keyring of one file, in the form of the real package.
    (tmp_path / "keyring.py").write_text(
        "class errors:\n    class KeyringError(Exception):\n        pass\n"
        "def get_password(service, name):\n"
        f"    return {CANARY!r} if (service, name) == ('nbtrain-knovvu', 'me') else None\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert nbtrain.connect_knovvu("https://ai.example.com", "me")
    with pytest.raises(AuthenticationFailed, match="client_secret"):
        nbtrain.connect_knovvu("https://ai.example.com", "somebody")


def test_a_given_service_leaves_no_choice() -> None:
    service = ScriptedService(training_script())
    form = ServiceForm(service)
    assert form.service() is service
    assert form.fields["service"].disabled
    assert form.problems() == []


def test_a_panel_trains_at_knovvu(
    conversations: pd.DataFrame, tmp_path: Path, service: LocalService
) -> None:
    # The local service speaks the vendor's protocol, so it stands for the vendor here.
    record = ServiceRecord.load(service.home) if service.health() else None
    assert record is not None
    panel = TrainingPanel(
        conversations, dialogue_id="dialogue_id", speaker="speaker", text="text",
        model_id="at-knovvu", n_clusters=5, folder=tmp_path,
    )  # fmt: skip
    fields = panel.service_form.fields
    fields["service"].value = "knovvu"
    assert panel._button.disabled
    assert "base_url" in panel.llm_form.fields
    assert panel.llm_form._ours.layout.display == "none"
    fields["base_url"].value = record.url
    fields["client_id"].value = record.client_id
    fields["client_secret"].value = record.client_secret
    assert not panel._button.disabled
    panel._button.click()
    assert panel.run is not None
    assert isinstance(panel.run.service, KnovvuService)
    assert panel.monitor is not None
    assert panel.monitor.wait(60).state is RunState.SUCCEEDED
    assert panel.monitor._cancel.layout.display == "none"
    assert record.client_secret not in states(panel) + panel.code
    panel.close()
