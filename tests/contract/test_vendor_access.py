"""Access tokens: fetched, renewed in time, renewed when refused, never shown."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from nbtrain import DataFile, KnovvuService, NbtrainError, TrainingRequest, submit
from nbtrain.errors import (
    AuthenticationFailed,
    RequestError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from nbtrain.progress import RunState
from nbtrain.services.connection import Connection
from nbtrain.services.http import Http
from nbtrain.services.secrets import Secret
from nbtrain.testing import FakeClock

from .vendor import Call, Quirk, Vendor

RUNNING = Quirk(body={"percent": 1, "trainingStatus": "Training"})


@pytest.mark.parametrize(
    ("life", "kept_for"),
    [(86400, 86340), (86399, 86339), ("600", 540), (600.5, 540.5), (80, 40), (None, 240),
     ("soon", 240), (-5, 240), (True, 240), (1e400, 240), ([], 240)],
)  # fmt: skip
def test_a_token_is_renewed_in_time(
    client: KnovvuService, vendor: Vendor, clock: FakeClock, life: object, kept_for: float
) -> None:
    vendor.token_answer = {"expires_in": life}
    vendor.script("progress", *[RUNNING] * 3)
    client.status("topics")
    clock.sleep(kept_for - 0.1)
    client.status("topics")
    assert vendor.count("token") == 1
    clock.sleep(0.2)
    client.status("topics")
    assert vendor.count("token") == 2


def test_a_token_that_expires_in_mid_run_is_renewed(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    run = submit(TrainingRequest("topics", sentences), client)
    states = []
    for update in run.watch(0.0):
        states.append(update.status.state)
        if len(states) % 2:
            vendor.expire()
    assert states[-1] is RunState.SUCCEEDED
    assert vendor.count("token") > 2


@pytest.mark.parametrize("reads", [True, False])
def test_an_upload_goes_again_with_a_new_token(
    client: KnovvuService, vendor: Vendor, sentences: DataFile, reads: bool
) -> None:
    with sentences.path.open("ab") as file:
        file.write(b" " * 3_000_000)  # more than any buffer on the way takes
    vendor.script("train", Quirk(status=401, reads=reads))
    client.submit(TrainingRequest("topics", sentences))
    assert vendor.count("train") == 2
    assert len(vendor.trainings) == 1
    assert vendor.trainings[0].files["dataFile"] == sentences.path.read_bytes()


def test_refused_twice_is_refused(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    vendor.script("train", *[Quirk(status=401)] * 9)
    vendor.script("progress", *[Quirk(status=401)] * 9)
    with pytest.raises(AuthenticationFailed):
        client.submit(TrainingRequest("topics", sentences))
    with pytest.raises(AuthenticationFailed):
        client.status("topics")
    assert (vendor.count("train"), vendor.count("progress")) == (2, 2)
    assert vendor.trainings == []


def test_many_threads_share_one_token(client: KnovvuService, vendor: Vendor) -> None:
    vendor.script("progress", *[RUNNING] * 8)
    threads = [threading.Thread(target=client.status, args=("topics",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vendor.count("progress") == 8
    assert vendor.count("token") == 1


@pytest.mark.parametrize(
    ("quirk", "error", "said"),
    [
        (Quirk(status=400, body={"error": "invalid_client"}), AuthenticationFailed, "invalid_cl"),
        (Quirk(status=401, body="<html><title>No</title>"), AuthenticationFailed, "given: No"),
        (Quirk(status=403), AuthenticationFailed, "no reason"),
        (Quirk(status=200, body={}), UnexpectedResponse, "no access token"),
        (Quirk(status=200, body="Welcome"), UnexpectedResponse, "no access token"),
        (Quirk(status=200, body={"access_token": "a\r\nX: b"}), UnexpectedResponse, "no access"),
        (Quirk(status=200, body={"access_token": "tökén"}), UnexpectedResponse, "no access"),
        (Quirk(status=200, body={"access_token": 5}), UnexpectedResponse, "no access"),
        (Quirk(status=302, headers={"Location": "https://login.example.com/x?y"}),
         UnexpectedResponse, "https://login.example.com,"),
    ],
)  # fmt: skip
def test_tokens_that_are_not_given(
    client: KnovvuService, vendor: Vendor, quirk: Quirk, error: type[Exception], said: str
) -> None:
    vendor.script("token", quirk)
    with pytest.raises(error, match=said):
        client.status("topics")
    assert [call.route for call in vendor.calls] == ["token"]


def test_asking_for_a_token_is_repeated(client: KnovvuService, vendor: Vendor) -> None:
    vendor.script("token", Quirk(status=503), Quirk(cut=-1), Quirk(cut=5, act=True))
    vendor.script("progress", RUNNING)
    client.status("topics")
    assert vendor.count("token") == 4


def test_a_token_that_cannot_be_had_sends_no_request(
    client: KnovvuService, vendor: Vendor, sentences: DataFile
) -> None:
    vendor.script("token", *[Quirk(cut=-1)] * 4)
    with pytest.raises(ServiceUnavailable, match="No access token") as caught:
        client.submit(TrainingRequest("topics", sentences))
    assert not caught.value.sent
    assert {call.route for call in vendor.calls} == {"token"}


# --- secrets ---------------------------------------------------------------------------------


def frames(error: BaseException | None) -> str:
    """Write a traceback as verbose ones do: with all variables, and all causes."""
    text = ""
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            file = frame.f_code.co_filename
            if ("nbtrain" in file or "http" in file) and "contract" not in file:
                text += "".join(f"{name}={value!r}\n" for name, value in frame.f_locals.items())
        text += f"{error!r} {error}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return text


class _Interrupted:
    """A transport during which the user presses stop."""

    def __init__(self, at: str) -> None:
        self.at = at

    def __call__(self, frame: Any, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name == self.at:
            sys.setprofile(None)
            raise KeyboardInterrupt


def echo(call: Call) -> object:
    """Repeat the secrets of a call, in an error message."""
    form = call.body.decode() if call.route == "token" else ""
    return {"error": {"message": f"{call.headers.get('authorization')} {form} {unquote(form)}"}}


ODD = [Quirk(status=status, body=echo) for status in (400, 401, 403, 404, 500, 503)] + [
    Quirk(status=302, headers={"Location": "//evil.example"}, act=True),
    Quirk(cut=-1), Quirk(cut=40, act=True), Quirk(body="[]"), Quirk(body="<html>"),
]  # fmt: skip


@pytest.mark.parametrize("route", ["token", "train", "progress", "ready", "infer"])
@pytest.mark.parametrize("place", range(len(ODD)))
def test_no_secret_is_shown(
    vendor: Vendor, clock: FakeClock, sentences: DataFile, caplog: pytest.LogCaptureFixture,
    route: str, place: int,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    trainer, user = vendor.clients.values()
    client = KnovvuService(
        vendor.url, "trainer", trainer, sleep=clock.sleep,
        inference_client_id="AIModule_SestekAI_App", inference_client_secret=user,
    )  # fmt: skip
    vendor.script(route, *[ODD[place]] * 20)
    calls: list[Callable[[], object]] = [
        lambda: client.submit(TrainingRequest("topics", sentences)),
        lambda: client.status("topics"),
        lambda: client.ready("topics"),
        lambda: client.infer("topics", ["text"], tenant="acme"),
    ]
    shown = repr(client)
    for call in calls:
        try:
            call()
        except NbtrainError as error:
            shown += frames(error)
    shown += caplog.text
    assert "self=" in shown
    for secret in ("Tr41ner", "t0ken", "1nf3r"):
        assert secret not in shown, shown[max(0, shown.index(secret) - 500) :][:600]


@pytest.mark.parametrize("first", [True, False], ids=["token", "call"])
@pytest.mark.parametrize(
    "at", ["build_request", "send", "auth_flow", "handle_request", "_send_request_headers",
           "_receive_event", "iter_raw", "read"],
)  # fmt: skip
def test_no_secret_is_shown_when_interrupted(
    client: KnovvuService, vendor: Vendor, at: str, first: bool
) -> None:
    vendor.script("progress", *[RUNNING] * 9)
    if not first:
        client.status("topics")
    sys.setprofile(_Interrupted(at))
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.status("topics")
    finally:
        sys.setprofile(None)
    shown = frames(caught.value)
    assert "self=" in shown
    for secret in ("Tr41ner", "t0ken"):
        assert secret not in shown


@pytest.mark.parametrize(
    "address",
    ["", "ai.example.com", "ftp://ai.example.com", "https://", "https://user:hush@ai.example.com",
     "https://ai.example.com?key=hush", "https://ai.example.com:port", "http://[::1", "http://a b",
     "https://a..b", 5, None],
)  # fmt: skip
def test_addresses_that_are_none(address: Any) -> None:
    with pytest.raises(RequestError, match="identity_url") as caught:
        Connection("https://ai.example.com", address, "id", Secret("hush"))
    assert "hush" not in str(caught.value)


def test_a_good_address_is_taken() -> None:
    for address in ("https://ai.example.com/", "http://127.0.0.1:80/path", "http://[::1]:8080"):
        connection = Connection(address, address, "id", Secret("hush"))
        assert Http(connection).connection.loopback == ("example" not in address)
