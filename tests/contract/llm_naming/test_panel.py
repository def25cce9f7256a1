"""The panel's LLM part end to end: a real service, and a language model's server of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ipywidgets import Widget

import nbtrain
from nbtrain import LocalService, TrainingPanel
from nbtrain.progress import RunState
from tests.daemon_process import wait_until
from tests.llm_server import LLMServer

CANARY = "canary-7c1d-key"


@pytest.fixture
def panel(
    conversations: pd.DataFrame, tmp_path: Path, service: LocalService
) -> Iterator[TrainingPanel]:
    panel = TrainingPanel(
        conversations, dialogue_id="dialogue_id", speaker="speaker", text="text",
        model_id="named", n_clusters=5, folder=tmp_path, service=service,
    )  # fmt: skip
    yield panel
    panel.close()


def states(widget: Any) -> str:
    """Return the state of a widget and all its parts, as a notebook would save it."""
    parts, found = [widget], []
    while parts:
        part = parts.pop()
        found.append(json.dumps(part.get_state(drop_defaults=False), default=str))
        parts += [p for p in getattr(part, "children", ()) if isinstance(p, Widget)]
    return "\n".join(found)


def fill_in(panel: TrainingPanel, model: LLMServer) -> None:
    fields = panel.llm_form.fields
    fields["llm"].value = True
    fields["provider"].value = "Vllm"
    fields["model"].value = "tiny"
    fields["base_url"].value = model.url
    fields["key"].value = CANARY
    fields["input_price"].value, fields["output_price"].value = "1", "4"


def test_a_training_is_named_by_the_model(panel: TrainingPanel, model: LLMServer) -> None:
    fill_in(panel, model)
    assert panel.llm_form.fields["key"].value == ""
    assert "5" in panel.llm_form._estimate.value
    assert "tokens" in panel.llm_form._estimate.value
    panel._button.click()
    assert panel.monitor is not None
    assert panel.monitor.wait(60).state is RunState.SUCCEEDED
    wait_until(lambda: panel.result is not None)
    assert panel.result is not None
    assert all(cluster.description for cluster in panel.result.clusters)
    assert panel.result.clusters[0].description in panel._outcome.value
    assert CANARY not in states(panel) + panel.code + repr(vars(panel.llm_form))


def test_the_code_names_too(
    panel: TrainingPanel, model: LLMServer, conversations: pd.DataFrame, service: LocalService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fill_in(panel, model)
    assert "os.environ['VLLM_API_KEY']" in panel.code
    monkeypatch.setenv("VLLM_API_KEY", CANARY)
    names: dict[str, Any] = {"df": conversations, "service": service}
    exec(panel.code, names)
    assert names["request"] == panel.request
    assert all(cluster.description for cluster in names["result"].clusters)


def test_prompts_are_read_before_they_are_sent(panel: TrainingPanel, model: LLMServer) -> None:
    panel._button.click()
    assert panel.monitor is not None
    assert panel.monitor.wait(60).state is RunState.SUCCEEDED
    wait_until(lambda: len(panel._place.children) == 2)
    box = panel._place.children[1]
    fill_in(panel, model)
    panel.llm_form.fields["model"].value = "another"
    asked = len(model.asked)
    box._show.click()
    wait_until(lambda: not box._show.disabled)
    assert "Nothing was sent" in box._messages.value
    assert panel.result is not None
    assert panel.result.clusters[0].keywords[0] in box._prompts.value
    assert len(model.asked) == asked
    assert not any(cluster.description for cluster in panel.result.clusters)
    panel.llm_form.fields["top_n"].value = "2"
    box._send.click()
    wait_until(lambda: not box._send.disabled)
    assert [bool(c.description) for c in panel.result.clusters] == [True, True, False, False, False]
    assert len(model.asked) == asked + 2
    assert panel._place.children[1] is box


def test_what_is_wrong_is_said_before_anything_is_trained(panel: TrainingPanel) -> None:
    fields = panel.llm_form.fields
    fields["llm"].value = True
    fields["provider"].value = "OpenAi"
    fields["max_tokens"].value = "many"
    assert panel._button.disabled
    assert "OPENAI_API_KEY" in panel._messages.value
    assert "max_tokens" in panel._messages.value
    with pytest.raises(nbtrain.RequestError, match="max_tokens"):
        _ = panel.request


def test_unused_it_costs_nothing(panel: TrainingPanel) -> None:
    assert panel.llm_form._fields == {}
    assert panel.llm_form.llm() is None
    assert "llm" not in panel.code


def test_a_cap_holds_whether_or_not_the_training_was_named(
    panel: TrainingPanel, model: LLMServer
) -> None:
    panel._button.click()
    assert panel.monitor is not None
    assert panel.monitor.wait(60).state is RunState.SUCCEEDED
    wait_until(lambda: len(panel._place.children) == 2)
    box = panel._place.children[1]
    fill_in(panel, model)
    panel.llm_form.fields["llm"].value = False
    panel.llm_form.fields["model"].value = "capped"
    panel.llm_form.fields["max_tokens"].value = "1"
    asked = len(model.asked)
    box._send.click()
    wait_until(lambda: not box._send.disabled)
    assert len(model.asked) == asked
    assert panel.result is not None
    assert not any(cluster.description for cluster in panel.result.clusters)


def test_a_key_among_other_settings_is_taken_out_at_once(panel: TrainingPanel) -> None:
    fields = panel.llm_form.fields
    fields["llm"].value = True
    fields["provider"].value = "AwsBedrock"
    fields["settings"].value = f"AWS_REGION_NAME=eu-west-1, AWS_BEARER_TOKEN_BEDROCK={CANARY}"
    assert fields["settings"].value == "AWS_REGION_NAME=eu-west-1"
    assert CANARY not in states(panel) + panel.code
    settings = panel.llm_form
    fields["model"].value = "some-model"
    configured = settings.settings()
    assert configured is not None
    assert configured.key("AWS_BEARER_TOKEN_BEDROCK") == CANARY
    assert "'AWS_REGION_NAME': 'eu-west-1'" in panel.code
