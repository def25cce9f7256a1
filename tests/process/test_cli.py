"""The nbtrain command, as a shell runs it."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest

import nbtrain
from nbtrain import LocalService


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    yield home
    LocalService(home, start=False).stop()


def run(
    home: Path, *arguments: object, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "nbtrain", *map(str, arguments)],
        env={**os.environ, "NBTRAIN_HOME": str(home), "COLUMNS": "100"},
        capture_output=True, text=True, timeout=120, cwd=cwd, check=False,
    )  # fmt: skip


def test_demo_prints_one_json_object(home: Path, tmp_path: Path) -> None:
    done = run(home, "demo", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["state"] == "succeeded"
    assert summary["documents"] == 600
    assert summary["clusters"] == len(summary["table"]) >= 2
    assert sum(row["size"] for row in summary["table"]) == 600
    assert list(tmp_path.iterdir()) == []


def test_demo_prints_a_table_and_writes_a_report(home: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = run(home, "demo", "--n-clusters", 12, "--language", "tr-TR", "--report", report)
    assert done.returncode == 0, done.stderr
    assert "12 clusters" in done.stdout
    assert str(report) in done.stdout
    page = report.read_text(encoding="utf-8")
    assert page.count("<details>") == 12
    assert "<svg" in page
    assert "<script" not in page


def test_train_keeps_rows_and_order(home: Path, tmp_path: Path) -> None:
    df = nbtrain.samples.sentences(300, n_intents=6).sample(frac=1, random_state=3)
    df.loc[df.index[5], "text"] = ""
    df.loc[df.index[6], "text"] = "NA"
    source, out = tmp_path / "My File.csv", tmp_path / "out" / "labels.csv"
    out.parent.mkdir()
    df.to_csv(source, index=False)
    arguments = ("--text", "text", "--n-clusters", 6, "--random-state", 4, "--out", out)
    done = run(home, "train", source, *arguments)
    assert done.returncode == 0, done.stderr
    labelled = pd.read_csv(out, keep_default_na=False, dtype=str)
    assert labelled["text"].tolist() == df["text"].tolist()
    assert labelled["intent"].tolist() == df["intent"].tolist()
    assert labelled["cluster"][5] == ""
    assert set(labelled["cluster"]) - {""} == set("012345")
    first = out.read_bytes()
    assert run(home, "train", source, *arguments).returncode == 0
    assert out.read_bytes() == first


def test_train_gives_every_turn_its_dialogues_cluster(home: Path, tmp_path: Path) -> None:
    df = nbtrain.samples.conversations(80, n_intents=5)
    source, out = tmp_path / "turns.csv", tmp_path / "labels.csv"
    df.to_csv(source, index=False)
    done = run(
        home, "train", source, "--text", "text", "--dialogue", "dialogue_id",
        "--speaker", "speaker", "--n-clusters", "5", "--out", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    labelled = pd.read_csv(out)
    assert len(labelled) == len(df)
    assert (labelled.groupby("dialogue_id")["cluster"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text", "txt"], "Did you mean 'text'"),
        (["--text", "text", "--language", "en-GB"], "Did you mean 'en-US'"),
        (["--text", "text", "--n-clusters", "9999"], "only 60 documents"),
        (["--text", "text", "--dialogue", "intent"], "speaker: is not named"),
        (["--text", "text", "--random-state", "-1"], "random_state"),
        (["--text", "text", "--model-id", "Bad_"], "model_id"),
        (["--text", "text", "--speaker", "intent"], "--dialogue: is missing"),
    ],
)
def test_bad_usage_is_explained_and_writes_nothing(
    home: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    source, out = tmp_path / "s.csv", tmp_path / "labels.csv"
    nbtrain.samples.sentences(60).to_csv(source, index=False)
    done = run(home, "train", source, *arguments, "--out", out)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [source]


def test_files_that_cannot_be_read_or_written_are_explained(home: Path, tmp_path: Path) -> None:
    missing = run(home, "train", tmp_path / "no.csv", "--text", "t", "--out", tmp_path / "o.csv")
    assert missing.returncode == 1
    assert "No such file" in missing.stderr
    source = tmp_path / "s.csv"
    source.write_bytes(b"text\n\xff\xfe\xfa\n")
    binary = run(home, "train", source, "--text", "text", "--out", tmp_path / "o.csv")
    assert binary.returncode == 1
    assert "can't be read" in binary.stderr
    nbtrain.samples.sentences(60).to_csv(source, index=False)
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(source.read_bytes())[:-20])
    torn = run(home, "train", cut, "--text", "text", "--out", tmp_path / "o.csv")
    assert torn.returncode == 1
    assert "can't be read" in torn.stderr
    everything = missing.stderr + binary.stderr + torn.stderr
    for place in (tmp_path / "none" / "o.csv", tmp_path):
        wrong = run(home, "train", source, "--text", "text", "--n-clusters", 2, "--out", place)
        assert wrong.returncode == 1
        assert "--out" in wrong.stderr
        everything += wrong.stderr
    assert "Traceback" not in everything


def test_train_lists_all_that_is_wrong_at_once(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "s.csv"
    nbtrain.samples.sentences(60).to_csv(source, index=False)
    done = run(
        home, "train", source, "--text", "txt", "--language", "en-GB", "--n-clusters", "9999",
        "--model-id", "Bad_", "--random-state", "-1", "--out", tmp_path / "none" / "o.csv",
    )  # fmt: skip
    assert done.returncode == 1
    for word in ("'txt'", "en-GB", "9,999", "model_id", "random_state", "--out"):
        assert word in done.stderr, word


def test_train_writes_a_compressed_file_when_its_name_says_so(home: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "s.csv", tmp_path / "labels.csv.gz"
    nbtrain.samples.sentences(60).to_csv(source, index=False)
    done = run(home, "train", source, "--text", "text", "--n-clusters", 2, "--out", out)
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(out)) == 60


def test_a_reader_that_has_seen_enough_is_no_error(home: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m nbtrain demo --n-clusters 30 | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env={**os.environ, "NBTRAIN_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "BrokenPipe" not in done.stderr


def test_serve_prints_credentials_that_work(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbtrain", "serve", "--port", "0"]
    command += ["--home", str(tmp_path), "--print-credentials"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        credentials = json.loads(process.stdout.readline())
        answer = httpx.post(
            credentials["url"] + "/connect/token",
            data={
                "client_id": credentials["client_id"],
                "client_secret": credentials["client_secret"],
                "grant_type": "client_credentials",
            },
        )
        process.terminate()
        process.wait(10)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"


def test_help_names_every_command() -> None:
    done = run(Path(), "--help")
    assert done.returncode == 0
    for command in ("demo", "lab", "serve", "train"):
        assert command in done.stdout
    assert run(Path(), "--version").stdout.strip() == nbtrain.__version__
