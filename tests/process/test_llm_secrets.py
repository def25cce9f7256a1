"""A hunt for canaries: no key of a language model shows up anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import nbtrain
from nbtrain import LLM, Clustering, LLMSettings, LocalService, TrainingRequest
from nbtrain.errors import NbtrainError
from nbtrain.protocols.naming import Naming, NamingJob
from nbtrain.training import DataFile
from tests.llm_server import Asked, LLMServer, Said, error, good, llm_server

STORED = "sk-stored-canary-0b7e41c9"
INHERITED = "sk-inherited-canary-93d2aa"
KEYS = (STORED, INHERITED)

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture
def model() -> Iterator[LLMServer]:
    with llm_server() as server:
        yield server


@pytest.fixture
def data(tmp_path: Path) -> DataFile:
    df = nbtrain.samples.sentences(120, n_intents=4)
    return nbtrain.write_intents(df, tmp_path / "sentences.json", text="text")


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalService]:
    """A service whose own environment holds a key, as a user's may."""
    monkeypatch.setenv("OPENAI_API_KEY", INHERITED)
    service = LocalService(tmp_path / "home")
    service.health()
    yield service
    service.stop()


def settings(model: LLMServer) -> LLMSettings:
    return LLMSettings("openai", "canary", {"OPENAI_API_KEY": STORED}, base_url=model.url)


def processes() -> Iterator[tuple[str, bytes, bytes]]:
    """Yield name, arguments and environment of all processes that may be looked at."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        yield folder.name, arguments, environment


def found_in(*data: bytes | str) -> bool:
    held = [each.encode() if isinstance(each, str) else each for each in data]
    return any(key.encode() in each for key in KEYS for each in held)


def files_with_keys(folder: Path) -> list[str]:
    return [
        str(path) for path in folder.rglob("*") if path.is_file() and found_in(path.read_bytes())
    ]


@linux
def test_no_key_in_processes_files_or_results(
    service: LocalService, data: DataFile, model: LLMServer
) -> None:
    workers: list[str] = []
    leaks: list[str] = []

    def spy(asked: Asked) -> Said:
        """Look round while a worker waits for its answer; then try to make it tell the key."""
        for pid, arguments, environment in processes():
            if found_in(arguments):
                leaks.append(f"arguments of {pid}")
            if b"nbtrain.worker" in arguments:
                workers.append(pid)
                if found_in(environment):
                    leaks.append(f"environment of {pid}")
        key = asked.headers["Authorization"]
        number = next(n for n, each in enumerate(model.asked) if each is asked) % 3
        if number == 0:
            return error(400, f"this is your key: {key}", code=key)
        if number == 1:
            return Said(json.dumps({"name": f"Key {key[7:]}", "description": key}))
        return good(asked)

    model.script = spy
    service.configure_llm(settings(model))
    request = TrainingRequest("canary", data, Clustering(4, LLM()))
    run = nbtrain.submit(request, service)
    result = run.result(timeout=60)
    named = service.name_clusters("canary", clusters=[0, 1, 2])
    assert len(workers) >= 7
    assert leaks == []
    assert any(cluster.description for cluster in named.clusters)
    audit, preview = service.name_audit("canary"), service.preview_names("canary")
    assert any("this is your key" in record.reason for record in audit)
    assert not found_in(repr((result, named, audit, preview, service, run.status())))
    assert not found_in(repr(settings(model)))
    path = "/sestekai-api/api/external/llm-configurations"
    body = {
        "productName": "CA", "moduleName": "cluster", "model": "m",
        "providerSettings": {"provider": "Groq", "GROQ_API_KEY": STORED},
    }  # fmt: skip
    assert not found_in(service._connect().post(path, lambda: body).text)
    service.stop()
    assert files_with_keys(service.home) == []


def told(error: BaseException) -> str:
    """Return a traceback that shows the variables of the package's own frames."""
    full = traceback.TracebackException.from_exception(error, capture_locals=True)
    package = str(Path(nbtrain.__file__).parent)
    own = [frame for frame in full.stack if frame.filename.startswith(package)]
    assert own
    return "".join([str(error), repr(error), *(repr(frame.locals) for frame in own)])


def wrong_settings(service: LocalService, model: LLMServer) -> object:
    return LLMSettings("openai", "", {"OPENAI_API_KEY": STORED})


def wrong_address(service: LocalService, model: LLMServer) -> object:
    return LLMSettings("openai", "m", {"OPENAI_API_KEY": STORED}, f"https://u:{STORED}@x/")


def not_callable(service: LocalService, model: LLMServer) -> object:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": STORED, "AWS_REGION_NAME": "x1"}
    service.configure_llm(LLMSettings("AwsBedrock", "m", keys))
    return None


def no_service(service: LocalService, model: LLMServer) -> object:
    gone = LocalService(service.home / "empty", start=False)
    gone.configure_llm(settings(model))
    return None


def refused_key(service: LocalService, model: LLMServer) -> object:
    service.configure_llm(settings(model))
    service.name_clusters("never-trained")
    return None


@pytest.mark.parametrize(
    "mistake", [wrong_settings, wrong_address, not_callable, no_service, refused_key]
)
def test_no_key_in_a_traceback(mistake: Any, service: LocalService, model: LLMServer) -> None:
    with pytest.raises(NbtrainError) as caught:
        mistake(service, model)
    assert not found_in(told(caught.value))


def test_no_key_in_what_a_crashing_worker_writes(tmp_path: Path, model: LLMServer) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    clusters = [
        {"cluster_id": 0, "name": "n", "size": 1, "keywords": ["card"], "examples": [],
         "borderline": []}
    ]  # fmt: skip
    result = {
        "run_id": "r", "model_id": "m", "schema": "intent", "clusters": clusters,
        "document_ids": [], "cluster_ids": [], "confidences": [], "metrics": {}, "warnings": [],
        "provenance": {},
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(result))
    (folder / "names.json").mkdir()  # where a file is to be written
    job = NamingJob(folder, "en-US", Naming(settings(model)))
    process = subprocess.Popen(
        [sys.executable, "-m", "nbtrain.worker"], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(job.to_line() + "\n")
        process.stdin.flush()
        said, complained = process.stdout.read(), process.stderr.read()
    assert "Traceback" in complained
    assert '"failed"' in said
    assert not found_in(said, complained)
    assert files_with_keys(tmp_path) == []


CELLS = (
    "%xmode Verbose",
    """import os
from nbtrain import *
import nbtrain
settings = LLMSettings("openai", "canary", {"OPENAI_API_KEY": os.environ["OPENAI_API_KEY"]},
                       base_url=os.environ["MODEL_URL"], input_price=1, output_price=2)
settings""",
    "service = LocalService()\nservice.configure_llm(settings)\nservice",
    """data = write_intents(nbtrain.samples.sentences(120, n_intents=4), "s.json", text="text")
request = TrainingRequest("canary", data, Clustering(4, LLM(max_cost=1.0)))
result = submit(request, service).result()
cluster_table(result)""",
    "service.preview_names('canary')",
    "service.preview_names('canary').prompts",
    "service.name_audit('canary')",
    "LLMSettings('openai', '', settings.keys)",
    "service.name_clusters('canary', clusters=[99])",
    "service.stop()",
)
FAIL = {7, 8}


def test_no_key_in_a_notebook(
    tmp_path: Path, model: LLMServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "OPENAI_API_KEY": STORED, "MODEL_URL": model.url, "NBTRAIN_HOME": str(tmp_path / "state"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{i}", "source": source, "outputs": [],
         "execution_count": None,
         "metadata": {"tags": ["raises-exception"] if i in FAIL else []}}
        for i, source in enumerate(CELLS)
    ]  # fmt: skip
    kernelspec = {"name": "python3", "display_name": "Python 3"}
    notebook: Any = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernelspec}, "cells": cells}
    )
    try:
        NotebookClient(
            notebook, timeout=120, resources={"metadata": {"path": os.fspath(tmp_path)}}
        ).execute()
    finally:
        LocalService(tmp_path / "state", start=False).stop()
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    assert "Texts about" in text
    for cell in FAIL:
        (output,) = notebook.cells[cell].outputs
        assert output.ename == "RequestError"
    assert not found_in(text)
    assert files_with_keys(tmp_path) == []
