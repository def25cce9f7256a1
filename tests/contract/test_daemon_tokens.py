"""The token endpoint: Knovvu's client-credentials grant, with RFC 6749 errors."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nbtrain.daemon.tokens import TokenError, Tokens
from nbtrain.protocols.knovvu import SCOPE, TOKEN_PATH
from nbtrain.protocols.local import PREFIX
from tests.daemon_process import RunningDaemon, start_daemon, wait_until

FORM = "client_id=me&client_secret=hush&grant_type=client_credentials"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    with start_daemon(tmp_path_factory.mktemp("home")) as running:
        yield running


def form_of(daemon: RunningDaemon, **changes: str | None) -> dict[str, str]:
    form: dict[str, str | None] = {
        "client_id": daemon.client_id,
        "client_secret": daemon.client_secret,
        "grant_type": "client_credentials",
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


def test_a_token_as_the_vendor_documents_it(daemon: RunningDaemon) -> None:
    answer = httpx.post(daemon.url + TOKEN_PATH, data=form_of(daemon))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "expires_in", "token_type", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 86400, SCOPE)
    assert answer.headers["cache-control"] == "no-store"
    header = {"Authorization": f"Bearer {body['access_token']}"}
    assert httpx.get(f"{daemon.url}{PREFIX}/health", headers=header).status_code == 200


def test_each_token_is_another_one(daemon: RunningDaemon) -> None:
    assert daemon.token() != daemon.token()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client"),
        ({"client_id": None}, "invalid_request"),
        ({"client_secret": None}, "invalid_request"),
        ({"client_secret": ""}, "invalid_request"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "Everything"}, "invalid_scope"),
    ],
)
def test_refusals(daemon: RunningDaemon, changes: dict[str, str | None], error: str) -> None:
    answer = httpx.post(daemon.url + TOKEN_PATH, data=form_of(daemon, **changes))
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]
    assert daemon.client_secret not in answer.text


def test_the_known_scope_may_be_asked_for(daemon: RunningDaemon) -> None:
    answer = httpx.post(daemon.url + TOKEN_PATH, data=form_of(daemon, scope=SCOPE))
    assert answer.status_code == 200


def test_a_field_sent_twice(daemon: RunningDaemon) -> None:
    content = f"client_id=a&client_id={daemon.client_id}&client_secret=b&grant_type=c"
    header = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = httpx.post(daemon.url + TOKEN_PATH, content=content, headers=header)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_json_instead_of_a_form(daemon: RunningDaemon) -> None:
    answer = httpx.post(daemon.url + TOKEN_PATH, json=form_of(daemon))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_http_basic_instead_of_form_fields(daemon: RunningDaemon) -> None:
    form = {"grant_type": "client_credentials"}
    header = basic(daemon.client_id, daemon.client_secret)
    answer = httpx.post(daemon.url + TOKEN_PATH, data=form, headers=header)
    assert answer.status_code == 200
    for header in (basic(daemon.client_id, "wrong"), {"Authorization": "Basic %%%"}):
        answer = httpx.post(daemon.url + TOKEN_PATH, data=form, headers=header)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_both_ways_at_once_are_one_too_many(daemon: RunningDaemon) -> None:
    header = basic(daemon.client_id, daemon.client_secret)
    answer = httpx.post(daemon.url + TOKEN_PATH, data=form_of(daemon), headers=header)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_token_runs_out(tmp_path: Path) -> None:
    with start_daemon(tmp_path, token_lifetime=1) as daemon:
        header = {"Authorization": f"Bearer {daemon.token()}"}
        health = f"{daemon.url}{PREFIX}/health"
        assert httpx.get(health, headers=header).status_code == 200
        began = time.monotonic()

        def refused() -> httpx.Response | None:
            answer = httpx.get(health, headers=header)
            return answer if answer.status_code == 401 else None

        answer = wait_until(refused)
        assert time.monotonic() - began > 0.5
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert "expired" in answer.json()["error"]["message"]


def test_expiry_by_the_clock() -> None:
    now = 100.0
    tokens = Tokens("me", "hush", lifetime=60, clock=lambda: now)
    first = tokens.grant(FORM)["access_token"]
    now = 159.9
    second = tokens.grant(FORM)["access_token"]
    assert tokens.is_valid(first)
    now = 160.0
    assert not tokens.is_valid(first)
    assert tokens.is_valid(second)


def test_a_flood_of_tokens_forgets_the_oldest() -> None:
    tokens = Tokens("me", "hush")
    first = tokens.grant(FORM)["access_token"]
    for _ in range(10_000):
        last = tokens.grant(FORM)["access_token"]
    assert not tokens.is_valid(first)
    assert tokens.is_valid(last)


def test_credentials_that_need_encoding() -> None:
    tokens = Tokens("müller & co", "a:b+c%")
    form = "client_id=m%C3%BCller+%26+co&client_secret=a%3Ab%2Bc%25&grant_type=client_credentials"
    assert tokens.grant(form)["token_type"] == "Bearer"
    # RFC 6749 section 2.3.1: form-encoded first, then Basic.
    header = basic("m%C3%BCller+%26+co", "a%3Ab%2Bc%25")["Authorization"]
    assert tokens.grant("grant_type=client_credentials", header)["token_type"] == "Bearer"
    with pytest.raises(TokenError, match="invalid_client"):
        tokens.grant("grant_type=client_credentials", "Bearer nonsense")
