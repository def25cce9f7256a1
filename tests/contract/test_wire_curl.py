"""The vendor's curl commands, sent by curl: only host, token and names are filled in.

The values are quoted as the page quotes them, which is more than they should be.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.daemon_process import SENTENCES, RunningDaemon, start_daemon, wait_until

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

Json = dict[str, Any]

TRAIN = "curl --location '{url}/sestekai-api/api/external/trainings/train' "
AUTHORIZATION = "--header 'Authorization: Bearer {token}' "

DIALOGUE = r"""
--form 'modelId="\"vendor-dialogue\""'
--form 'productName="CA"'
--form 'languageCode="\"en-US\""'
--form 'dataSchema="dialogue"'
--form 'dataFile=@"{folder}/dialogues.json"'
--form 'numClusters="\"4\""'
--form 'llm="\"openai\" // Optional parameter"'
--form 'forceTrain="true"'
"""

INTENT = r"""
--form 'modelId="\"vendor-intent\""'
--form 'productName="CA"'
--form 'languageCode="\"tr-TR\""'
--form 'dataSchema="intent"'
--form 'dataFile=@"{folder}/intents.json"'
--form 'numClusters="\"0\""'
--form 'llm="\"\""'
--form 'forceTrain="true"'
"""

DIALOGUE_AND_INTENT = r"""
--form 'modelId="\"vendor-both\""'
--form 'productName="CA"'
--form 'languageCode="\"nl-NL\""'
--form 'dataSchema="dialogue"'
--form 'dataFile=@"{folder}/dialogues.json"'
--form 'secondaryDataSchema="intent"'
--form 'secondaryDataFile=@"{folder}/intents.json"'
--form 'numClusters="\"6\""'
--form 'llm="\"openai\" // Optional parameter"'
--form 'forceTrain="true"'
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    # Without a key no language model is asked, whatever the machine has set.
    home = tmp_path_factory.mktemp("home")
    with start_daemon(home, env={"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    turns = [[{"speaker": "customer", "text": text}] for text in SENTENCES]
    dialogues = [{"dialogueId": f"c-{n}", "turns": said} for n, said in enumerate(turns)]
    (folder / "dialogues.json").write_text(json.dumps(dialogues))
    intents = [{"Label": "lost card", "Text": text} for text in SENTENCES if "lost" in text]
    (folder / "intents.json").write_text(json.dumps(intents))
    return folder


@pytest.fixture(scope="module")
def token(daemon: RunningDaemon) -> str:
    command = (
        "curl --location '{url}/connect/token' "
        "--header 'Content-Type: application/x-www-form-urlencoded' "
        "--data-urlencode 'client_id={id}' --data-urlencode 'client_secret={secret}' "
        "--data-urlencode 'grant_type=client_credentials'"
    )
    status, answer = run(
        command.format(url=daemon.url, id=daemon.client_id, secret=daemon.client_secret)
    )
    assert (status, answer["token_type"], answer["scope"]) == (200, "Bearer", "SestekAI_External")
    return str(answer["access_token"])


def run(command: str) -> tuple[int, Any]:
    """Run a command line as a shell would; the status and the body of the answer."""
    words = [*shlex.split(command), "--silent", "--show-error", "--write-out", "\n%{http_code}"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def get(daemon: RunningDaemon, token: str, path: str) -> Any:
    command = "curl --location '{url}" + path + "' " + AUTHORIZATION
    status, answer = run(command.format(url=daemon.url, token=token))
    assert status == 200, answer
    return answer


def test_curl_sends_the_inner_quotes() -> None:
    # Otherwise these tests would show nothing.
    assert r'modelId="\"vendor-dialogue\""' in shlex.split(DIALOGUE)


@pytest.mark.parametrize(
    ("form", "name", "params"),
    [
        (DIALOGUE, "vendor-dialogue", ("en-US", "dialogue", "4", "openai")),
        (INTENT, "vendor-intent", ("tr-TR", "intent", "0", "")),
        (DIALOGUE_AND_INTENT, "vendor-both", ("nl-NL", "dialogue", "6", "openai")),
    ],
)
def test_the_vendors_command_gets_an_experiment_and_a_model(
    daemon: RunningDaemon,
    token: str,
    folder: Path,
    form: str,
    name: str,
    params: tuple[str, ...],
) -> None:
    command = TRAIN + AUTHORIZATION + form.replace("\n", " ")
    status, experiment = run(command.format(url=daemon.url, token=token, folder=folder))
    assert status == 200, experiment
    assert (experiment["name"], experiment["description"]) == (name, "CA")
    assert (experiment["status"], experiment["statusMessage"]) == (0, "Initialized")
    assert experiment["percent"] == 0
    told = experiment["trainingParams"]
    wanted = ("languageCode", "dataSchema", "numClusters", "llm")
    assert tuple(told[field] for field in wanted) == params
    for uuid in (experiment["id"], experiment["projectId"], experiment["moduleVersionId"]):
        assert str(UUID(uuid)) == uuid
    kept = daemon.home / "runs" / experiment["id"]
    data = "intents.json" if params[1] == "intent" else "dialogues.json"
    assert (kept / "data.json").read_bytes() == (folder / data).read_bytes()
    assert (kept / "secondary.json").exists() == (form is DIALOGUE_AND_INTENT)

    path = f"/sestekai-api/api/external/trainings/{name}"

    def is_running() -> bool:
        progress = get(daemon, token, f"{path}/progress")
        assert progress["trainingStatus"] != "Failed"
        return bool(progress["inferenceStatus"] == "Running")

    wait_until(is_running)
    assert get(daemon, token, f"{path}/ready") is True
    inference = (
        "curl --location '{url}/published/local-{name}/v1/text/clustering/inference' "
        "--header 'Content-Type: application/json' --data '{body}'"
    )
    body: Json = {
        "inputs": [{"text": "I lost my parcel"}],
        "batchSize": 1,
        "topN": 1,
        "textNormalizationConfiguration": {
            "language": params[0],
            "lowerCase": True,
            "spellCorrection": False,
            "stemming": False,
            "removeStopwords": False,
            "removePunctuation": False,
        },
    }
    command = inference.format(url=daemon.url, name=name, body=json.dumps(body))
    status, answer = run(command)
    assert status == 200, answer
    [entry] = answer["result"]
    assert entry["text"] == "I lost my parcel"
    assert entry["topPrediction"] == entry["predictions"][0]["label"]
    if form is DIALOGUE_AND_INTENT:
        assert entry["topPrediction"] == "lost card"
