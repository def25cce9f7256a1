"""Einstein's data sets over a real socket. Sections are those of the protocol reference."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from nbtrain.protocols.einstein_datasets import (
    DATASETS_PATH,
    DELETION_PATH,
    SYNC_UPLOAD_PATH,
    UPLOAD_PATH,
    Dataset,
    DatasetState,
    dataset_path,
)
from tests.daemon_process import RunningDaemon, start_daemon, wait_until

WEATHER = b"""what's the temperature,current-weather
"rain, tomorrow?",forecast
is it hot,current-weather
is it hot,current-weather
Is it hot,current-weather
"""
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


def upload(
    client: httpx.Client,
    data: bytes = WEATHER,
    fields: dict[str, str] | None = None,
    *,
    file: str | None = "weather.csv",
    path: str = SYNC_UPLOAD_PATH,
    method: str = "POST",
) -> httpx.Response:
    """Upload a file; without a file name it is sent as a plain field."""
    form = {"type": "text-intent", **(fields or {})}
    parts: dict[str, tuple[str | None, str | bytes]] = {
        name: (None, value) for name, value in form.items()
    }
    parts["data"] = (file, data)
    return client.request(method, path, files=parts)


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["object"] == "dataset"
    return body


def message(answer: httpx.Response, status: int) -> str:
    """Check the form of an error (section 14); its message."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"message"}
    return str(body["message"])


def test_synchronous_upload_answers_the_whole_data_set(client: httpx.Client) -> None:
    """Sections 6 and 7.1: every field, when the file is loaded; exact repeats are left out."""
    dataset = made(upload(client))
    dataset_id = dataset["id"]
    assert dataset["id"] > 1_000_000
    assert DATE.fullmatch(dataset.pop("createdAt"))
    assert DATE.fullmatch(dataset.pop("updatedAt"))
    assert dataset == {
        "id": dataset_id,
        "name": "weather",
        "labelSummary": {
            "labels": [
                {"id": 0, "datasetId": dataset_id, "name": "current-weather", "numExamples": 3},
                {"id": 1, "datasetId": dataset_id, "name": "forecast", "numExamples": 1},
            ]
        },
        "totalExamples": 4,
        "totalLabels": 2,
        "available": True,
        "statusMsg": "SUCCEEDED",
        "type": "text-intent",
        "language": "en_US",
        "numOfDuplicates": 1,
        "object": "dataset",
    }


def test_asynchronous_upload_is_polled(client: httpx.Client) -> None:
    """Section 7.1: 200 at once, UPLOADING, no labels; then the data set is polled."""
    first = made(upload(client, path=UPLOAD_PATH))
    assert (first["available"], first["statusMsg"]) == (False, "UPLOADING")
    assert (first["labelSummary"], first["totalExamples"]) == ({"labels": []}, 0)
    assert "totalLabels" not in first

    def loaded() -> dict[str, Any] | None:
        dataset = made(client.get(dataset_path(first["id"])))
        return dataset if dataset["available"] else None

    last = wait_until(loaded)
    assert (last["statusMsg"], last["totalExamples"], last["totalLabels"]) == ("SUCCEEDED", 4, 2)
    assert last["numOfDuplicates"] == 1


def test_a_bad_file_makes_a_failed_data_set_when_asynchronous(client: httpx.Client) -> None:
    """Section 6.1: FAILED and the reason."""
    first = made(upload(client, b"a,x\nb\n", path=UPLOAD_PATH))

    def failed() -> dict[str, Any] | None:
        dataset = made(client.get(dataset_path(first["id"])))
        return dataset if dataset["statusMsg"] != "UPLOADING" else None

    last = wait_until(failed)
    assert last["statusMsg"].startswith("FAILED: data: has one column in line 2.")
    assert (last["available"], last["totalExamples"]) == (False, 0)
    read = Dataset.from_json(last)
    assert read.state is DatasetState.FAILED
    assert read.message.startswith("data: has one column")
    assert client.delete(dataset_path(first["id"])).status_code == 200


def test_a_bad_file_leaves_nothing_when_synchronous(
    client: httpx.Client, daemon: RunningDaemon
) -> None:
    """Section 7.1, our choice: 400 with the reason."""
    before = client.get(DATASETS_PATH, params={"count": 25}).json()["data"]
    assert "one column" in message(upload(client, b"a\n"), 400)
    assert client.get(DATASETS_PATH, params={"count": 25}).json()["data"] == before
    wait_until(lambda: not list((daemon.home / "datasets").iterdir()))


def test_language_type_and_name(client: httpx.Client) -> None:
    """Section 5: any well-formed language code is kept and told; sentiments are a type."""
    dataset = made(
        upload(
            client,
            WEATHER,
            {"language": "de_DE", "type": "text-sentiment", "name": "  Stimmung  "},
            file="a.b.csv",
        )
    )
    assert dataset["name"] == "Stimmung"
    assert (dataset["language"], dataset["type"]) == ("de_DE", "text-sentiment")


def test_the_name_comes_from_the_file(client: httpx.Client) -> None:
    """Section 6: the file name without its extension."""
    assert made(upload(client, file="my.mail.csv"))["name"] == "my.mail"


def test_the_file_may_come_as_a_plain_field(client: httpx.Client) -> None:
    """Section 7.1: as clients made from the OpenAPI file send it; the content tells the format."""
    data = b'{"intents": {"Greetings": ["Hi", "Hello", "hi"], "InfoCar": ["I need to know"]}}'
    dataset = made(upload(client, data, {"name": "cars"}, file=None))
    assert (dataset["name"], dataset["totalExamples"], dataset["numOfDuplicates"]) == ("cars", 4, 0)
    assert [label["name"] for label in dataset["labelSummary"]["labels"]] == [
        "Greetings",
        "InfoCar",
    ]
    assert made(upload(client, b"a\tx\nb\ty\n", file=None))["name"] == "dataset"


def test_parameters_may_come_as_file_parts(client: httpx.Client) -> None:
    """Section 2: some clients give every part a file name and a content type, and pad values."""
    parts = {
        "type": ("type", b" text-intent \r\n", "application/octet-stream"),
        "name": ("name", b" Padded ", "text/plain"),
        "data": ("weather.csv", WEATHER, "text/csv"),
    }
    dataset = made(client.post(f"{SYNC_UPLOAD_PATH}/", files=parts))
    assert (dataset["name"], dataset["type"], dataset["totalExamples"]) == (
        "Padded",
        "text-intent",
        4,
    )
    assert made(client.get(f"{dataset_path(dataset['id'])}/ ")) == dataset


def test_long_label_names_are_cut(client: httpx.Client) -> None:
    """Section 5: 180 characters, not refused."""
    dataset = made(upload(client, b"a," + b"x" * 200 + b"\nb,y\n"))
    assert dataset["labelSummary"]["labels"][0]["name"] == "x" * 180


def test_one_label_is_enough_to_upload(client: httpx.Client) -> None:
    """Section 5: others may be added later."""
    dataset = made(upload(client, b"a,x\nb,x\n"))
    assert dataset["totalLabels"] == 1
    path = f"{dataset_path(dataset['id'])}/upload"
    assert made(upload(client, b"c,y\n", path=path, method="PUT"))["totalLabels"] == 2


@pytest.mark.parametrize("path", [UPLOAD_PATH, SYNC_UPLOAD_PATH])
def test_errors_in_the_vendors_words(client: httpx.Client, path: str) -> None:
    """Section 7.1: neither data nor path; both; no download; a name without value."""
    fields = {"type": (None, "text-intent")}
    data = {"data": ("a.csv", WEATHER)}
    url = {"path": (None, "https://example.com/a.csv")}
    assert message(client.post(path, files=fields), 400) == (
        "Uploading a dataset requires either the 'data' field or the 'path' field."
    )
    twice = "The 'data' parameter cannot be duplicated, nor sent along with the 'path' parameter."
    assert message(client.post(path, files={**fields, **data, **url}), 400) == twice
    part = ("data", ("a.csv", WEATHER))
    parts = [("type", (None, b"text-intent")), part, part]
    assert message(client.post(path, files=parts), 400) == twice
    assert message(client.post(path, files={**fields, **url}), 400).startswith(
        "Failed to download the dataset from the public URL."
    )
    assert message(upload(client, WEATHER, {"name": " "}, path=path), 400) == (
        "The 'name' parameter is required to create a dataset."
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"type": "image"}, "type"),
        ({"type": ""}, "type"),
        ({"language": "Klingon!"}, "language"),
        ({"name": "n" * 181}, "name"),
    ],
)
def test_other_errors_name_the_field(
    client: httpx.Client, fields: dict[str, str], named: str
) -> None:
    """Section 14: 400 for a bad parameter."""
    assert f"{named}: " in message(upload(client, WEATHER, fields), 400)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("weather.csv", WEATHER)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("où,place\n".encode("latin-1"), "is not UTF-8 text"),
        (WEATHER.decode().encode("utf-16"), "is UTF-16 text"),
        (b"a\n", "has one column in line 1"),
        (WEATHER + b"a,b,c\n", "has 3 columns in line 6"),
        (WEATHER + b'"a,b\n', "has a quote in line 6 that is never closed"),
        (b"", "holds no examples"),
        (b"a\0b,c\n", "holds NUL bytes"),
        (zipped(), "is a zip archive"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_files(client: httpx.Client, data: bytes, reason: str) -> None:
    """Sections 6.1 and 7.1: 400, or FAILED, with the reason."""
    assert reason in message(upload(client, data), 400)
    dataset_id = made(upload(client, data, path=UPLOAD_PATH))["id"]

    def ended() -> str | None:
        status = str(made(client.get(dataset_path(dataset_id)))["statusMsg"])
        return status if status != "UPLOADING" else None

    status = wait_until(ended)
    assert status.startswith("FAILED: ")
    assert reason in status
    # Section 6.1: other calls about it fail.
    assert "FAILED" in message(client.get(f"{dataset_path(dataset_id)}/examples"), 400)
    assert client.delete(dataset_path(dataset_id)).status_code == 200


def test_a_label_for_every_text(client: httpx.Client) -> None:
    """As when the columns were exchanged: many labels, over several batches."""
    data = b"".join(b"same,text %d\n" % n for n in range(3000)) * 2
    dataset = made(upload(client, data))
    assert (dataset["totalLabels"], dataset["numOfDuplicates"]) == (3000, 3000)
    labels = dataset["labelSummary"]["labels"]
    assert [label["id"] for label in labels] == list(range(3000))
    assert labels[2999]["name"] == "text 2999"


def test_too_large_a_file_is_refused(client: httpx.Client) -> None:
    """Section 5: at most 25 MB."""
    row = b"a text of some length to fill the file,label\n"
    data = row * (26_000_000 // len(row) + 1)
    for path in (UPLOAD_PATH, SYNC_UPLOAD_PATH):
        assert "25,000,000 bytes" in message(upload(client, data, path=path), 400)


def test_adding_examples(client: httpx.Client) -> None:
    """Section 7.3: new examples and labels; duplicates of all files are counted together."""
    dataset = made(upload(client))
    path = f"{dataset_path(dataset['id'])}/upload"
    more = b"is it hot,current-weather\nwhere am I,place\nis it hot,forecast\n"
    answer = made(upload(client, more, path=path, method="PUT"))
    assert (answer["totalExamples"], answer["totalLabels"], answer["numOfDuplicates"]) == (6, 3, 2)
    assert (answer["available"], answer["name"]) == (True, "weather")
    assert answer["updatedAt"] > dataset["updatedAt"]
    assert [label["numExamples"] for label in answer["labelSummary"]["labels"]] == [3, 2, 1]
    assert made(client.get(dataset_path(dataset["id"]))) == answer


def test_adding_a_bad_file_changes_nothing(client: httpx.Client) -> None:
    """Section 7.3, our choice: 400, whatever rows came before the bad one."""
    dataset = made(upload(client))
    path = f"{dataset_path(dataset['id'])}/upload"
    for bad in (b"new,x\nb\n", b"", b"new,x\n,y\n"):
        message(upload(client, bad, path=path, method="PUT"), 400)
    after = made(client.get(dataset_path(dataset["id"])))
    assert {**after, "updatedAt": ""} == {**dataset, "updatedAt": ""}
    assert "data" in message(client.put(path, files={"x": (None, "y")}), 400)
    for name in ("path", "type"):  # the OpenAPI file calls it type
        url = {name: (None, "https://example.com/a.csv")}
        assert "Failed to download" in message(client.put(path, files=url), 400)


def test_adding_to_a_data_set_that_is_not_available(client: httpx.Client) -> None:
    """Section 7.3: the vendor's sentence; 404 for one that is not there."""
    first = made(upload(client, b"a\n", path=UPLOAD_PATH))
    path = f"{dataset_path(first['id'])}/upload"
    assert message(upload(client, path=path, method="PUT"), 400) == (
        "The dataset is not yet available for update, try again once the dataset is ready."
    )
    missing = f"{dataset_path(999)}/upload"
    assert "999" in message(upload(client, path=missing, method="PUT"), 404)


def test_the_list_is_paged(client: httpx.Client) -> None:
    """Section 7.2: by id, 25 at most; a larger count acts as 25; global ones are none."""
    for _ in range(27):
        made(upload(client, b"a,x\n"))
    body = client.get(DATASETS_PATH).json()
    assert body["object"] == "list"
    ids = [dataset["id"] for dataset in body["data"]]
    assert len(ids) == 25
    assert ids == sorted(ids)
    assert client.get(DATASETS_PATH, params={"count": 1000}).json() == body
    part = client.get(DATASETS_PATH, params={"offset": 20, "count": 3}).json()["data"]
    assert [dataset["id"] for dataset in part] == ids[20:23]
    rest = client.get(DATASETS_PATH, params={"offset": 25}).json()["data"]
    assert rest
    assert not {dataset["id"] for dataset in rest} & set(ids)
    assert client.get(DATASETS_PATH, params={"global": "true"}).json()["data"] == []
    message(client.get(DATASETS_PATH, params={"offset": "-1"}), 400)


def test_deleting(client: httpx.Client) -> None:
    """Section 7.5: gone at once, 404 from then on; the deletion goes on answering."""
    dataset_id = made(upload(client))["id"]
    answer = client.delete(dataset_path(dataset_id))
    assert answer.status_code == 200
    deletion = answer.json()
    assert re.fullmatch("[A-Z2-7]{26}", deletion["id"])
    assert deletion == {
        "id": deletion["id"],
        "type": "DATASET",
        "status": "SUCCEEDED",
        "progress": 1,
        "message": None,
        "object": "deletion",
        "organizationId": "local",
        "deletedObjectId": str(dataset_id),
    }
    assert client.get(f"{DELETION_PATH}/{deletion['id']}").json() == deletion
    for call in (client.get, client.delete):
        assert str(dataset_id) in message(call(dataset_path(dataset_id)), 404)
    message(client.get(f"{dataset_path(dataset_id)}/examples"), 404)
    message(client.get(f"{DELETION_PATH}/AAAAAAAAAAAAAAAAAAAAAAAAAA"), 404)
    assert made(upload(client))["id"] > dataset_id


def test_a_path_that_is_no_number(client: httpx.Client) -> None:
    """Section 14: 400."""
    assert "datasetId" in message(client.get(dataset_path("weather")), 400)
    message(client.get(dataset_path("9" * 30)), 400)


def test_objects_are_read_as_they_are_written(client: httpx.Client) -> None:
    body = made(upload(client))
    dataset = Dataset.from_json(body)
    assert dataset.to_json() == body
    assert (dataset.examples, dataset.available) == (4, True)
    for bad in ({}, None, {"id": "x"}, {"id": 1, "labelSummary": {"labels": [{}]}}):
        with pytest.raises(ValueError, match="no data set"):
            Dataset.from_json(bad)
