"""A generic OAuth 2 library gets a token, uses it, and gets another when it has expired."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError, TokenExpiredError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from nbtrain.protocols.knovvu import TOKEN_PATH, progress_path
from tests.daemon_process import RunningDaemon, start_daemon, wait_until


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    home = tmp_path_factory.mktemp("home")
    with start_daemon(home) as running:
        running.train(modelId="oauth")
        running.wait_for("oauth")
    with start_daemon(home, token_lifetime=2) as running:
        yield running


@pytest.fixture(autouse=True)
def without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library send secrets over plain HTTP, which here stays on this machine."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def session_of(daemon: RunningDaemon, scope: str | None = None) -> OAuth2Session:
    return OAuth2Session(client=BackendApplicationClient(daemon.client_id, scope=scope))


@pytest.mark.parametrize("basic", [False, True])
@pytest.mark.parametrize("scope", [None, "SestekAI_External", "AIModule"])
def test_the_client_credentials_grant(
    daemon: RunningDaemon, basic: bool, scope: str | None
) -> None:
    with session_of(daemon, scope) as session:
        url = daemon.url + TOKEN_PATH
        if basic:
            auth = HTTPBasicAuth(daemon.client_id, daemon.client_secret)
            token = session.fetch_token(url, auth=auth)
        else:
            token = session.fetch_token(
                url, client_secret=daemon.client_secret, include_client_id=True
            )
        assert token["token_type"] == "Bearer"
        assert token["scope"] == [scope or "SestekAI_External"]
        answer = session.get(daemon.url + progress_path("oauth"))
    assert answer.status_code == 200
    assert answer.json()["trainingStatus"] == "Completed"


def test_a_wrong_secret_is_the_librarys_own_error(daemon: RunningDaemon) -> None:
    with session_of(daemon) as session, pytest.raises(InvalidClientError):
        session.fetch_token(daemon.url + TOKEN_PATH, client_secret="guess", include_client_id=True)


def test_the_library_sees_when_its_token_has_expired(daemon: RunningDaemon) -> None:
    url = daemon.url + progress_path("oauth")
    with session_of(daemon) as session:

        def fetch() -> dict[str, str]:
            token: dict[str, str] = session.fetch_token(
                daemon.url + TOKEN_PATH,
                client_secret=daemon.client_secret,
                include_client_id=True,
            )
            return token

        first = fetch()["access_token"]
        assert session.get(url).status_code == 200

        def has_expired() -> bool:
            try:
                return bool(session.get(url).status_code == 401)
            except TokenExpiredError:  # the library looks at the time itself
                return True

        wait_until(has_expired)
        header = {"Authorization": f"Bearer {first}"}
        wait_until(lambda: requests.get(url, headers=header, timeout=30).status_code == 401)
        assert fetch()["access_token"] != first
        assert session.get(url).status_code == 200
