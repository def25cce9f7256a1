"""Getting in: tokens of Einstein Language. Numbers are sections of the reference."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from nbtrain.daemon.__main__ import main
from nbtrain.daemon.tokens import Tokens
from nbtrain.protocols.einstein_access import (
    HOSTED_URL,
    JWT_GRANT,
    MOST_SECONDS,
    TOKEN_PATH,
    TOKENS_PATH,
)
from tests.daemon_process import RunningDaemon, start_daemon, wait_until

DATASETS = "/v2/language/datasets"


@dataclass(frozen=True)
class Account:
    """Somebody with a key pair."""

    key: rsa.RSAPrivateKey

    def public_file(self, path: Path) -> Path:
        """Write the public key to a file."""
        form = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        path.write_bytes(self.key.public_key().public_bytes(*form))
        return path

    def assertion(self, url: str, **changes: Any) -> str:
        """Sign an assertion; a claim of None is left out."""
        claims = {"sub": "me@example.org", "aud": url + TOKEN_PATH, "exp": time.time() + 60}
        claims = {k: v for k, v in {**claims, **changes}.items() if v is not None}
        return jwt.encode(claims, self.key, algorithm="RS256")


def make_account() -> Account:
    return Account(rsa.generate_private_key(public_exponent=65537, key_size=2048))


@pytest.fixture(scope="module")
def account() -> Account:
    return make_account()


@pytest.fixture(scope="module")
def daemon(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    folder = tmp_path_factory.mktemp("daemon")
    other = make_account().public_file(folder / "other.pem")
    mine = account.public_file(folder / "mine.pem")
    keys = ("--public-key", str(other), "--public-key", str(mine))
    with start_daemon(folder / "home", *keys) as running:
        yield running


def ask(daemon: RunningDaemon, **fields: str) -> httpx.Response:
    return httpx.post(daemon.url + TOKEN_PATH, data=fields)


def ask_with(daemon: RunningDaemon, assertion: str, **fields: str) -> httpx.Response:
    return ask(daemon, grant_type=JWT_GRANT, assertion=assertion, **fields)


def message_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"message"}
    assert isinstance(body["message"], str)
    assert body["message"]
    return str(body["message"])


def get(daemon: RunningDaemon, token: str, path: str = DATASETS + "/0") -> httpx.Response:
    return httpx.get(daemon.url + path, headers={"Authorization": f"Bearer {token}"})


def test_4_a_token_for_an_assertion(daemon: RunningDaemon, account: Account) -> None:
    answer = ask_with(daemon, account.assertion(daemon.url))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 60)
    assert answer.headers["cache-control"] == "no-store"
    assert get(daemon, body["access_token"]).status_code == 404


@pytest.mark.parametrize(
    ("asked", "given"),
    [("120", 120), ("1", 1), (" 7 ", 7), (str(MOST_SECONDS), MOST_SECONDS), ("9" * 4400, 2592000)],
)
def test_4_valid_for_up_to_30_days(
    daemon: RunningDaemon, account: Account, asked: str, given: int
) -> None:
    answer = ask_with(daemon, account.assertion(daemon.url), valid_for=asked)
    assert answer.json()["expires_in"] == given


@pytest.mark.parametrize("asked", ["0", "-1", "1.5", "soon", "٣"])
def test_4_odd_valid_for(daemon: RunningDaemon, account: Account, asked: str) -> None:
    answer = ask_with(daemon, account.assertion(daemon.url), valid_for=asked)
    assert answer.status_code == 400
    assert "valid_for" in message_of(answer)


def test_4_and_14_a_token_runs_out(daemon: RunningDaemon, account: Account) -> None:
    token = ask_with(daemon, account.assertion(daemon.url), valid_for="1").json()["access_token"]
    assert get(daemon, token).status_code == 404

    def refused() -> httpx.Response | None:
        answer = get(daemon, token)
        return answer if answer.status_code == 401 else None

    assert message_of(wait_until(refused)) == "Invalid access token"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": f"{HOSTED_URL}{TOKEN_PATH}"},
        {"aud": [f"{HOSTED_URL}{TOKEN_PATH}", "https://elsewhere.example"]},
        {"aud": "LOCALHOST"},
        {"exp": int(time.time()) + 90_000},
        {"exp": time.time() + 90_000.25},
        {"iss": "developer.force.com"},
        {"iat": int(time.time()) + 500},
        {"iat": str(time.time())},
        {"sub": "00D000000000001"},
        {"jti": 7, "nonsense": {"a": []}},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_4_claims_of_real_clients(
    daemon: RunningDaemon, account: Account, claims: dict[str, Any]
) -> None:
    if claims.get("aud") == "LOCALHOST":
        claims = {"aud": daemon.url.replace("127.0.0.1", "localhost") + TOKEN_PATH}
    answer = ask_with(daemon, account.assertion(daemon.url, **claims))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"sub": None}, "sub"),
        ({"sub": " "}, "sub"),
        ({"aud": None}, "aud"),
        ({"aud": "https://elsewhere.example/v2/oauth2/token"}, "aud"),
        ({"aud": "http://127.0.0.1:1/v2/oauth2/token"}, "aud"),
        ({"aud": HOSTED_URL}, "aud"),
        ({"aud": "http://["}, "aud"),
        ({"aud": 7}, "aud"),
        ({"exp": None}, "exp"),
        ({"exp": 1_600_000_000}, "expired"),
        ({"exp": "soon"}, "JWT"),
        ({"exp": 1e400}, "JWT"),
        ({"exp": []}, "JWT"),
    ],
)
def test_4_claims_that_are_refused(
    daemon: RunningDaemon, account: Account, claims: dict[str, Any], word: str
) -> None:
    answer = ask_with(daemon, account.assertion(daemon.url, **claims))
    assert answer.status_code == 400
    assert word in message_of(answer)


def test_4_signatures_that_are_not_good(daemon: RunningDaemon, account: Account) -> None:
    stranger = make_account().assertion(daemon.url)
    claims = jwt.decode(stranger, options={"verify_signature": False})
    changed = account.assertion(daemon.url).split(".")
    changed[1] = account.assertion(daemon.url, sub="you@example.org").split(".")[1]
    # A public key is no secret: it must not do as one.
    hmac = jwt.encode(claims, "x" * 64, algorithm="HS256")
    unsigned = jwt.encode(claims, "", algorithm="none")
    for assertion in (stranger, ".".join(changed), hmac, unsigned):
        answer = ask_with(daemon, assertion)
        assert answer.status_code == 401
        message_of(answer)


NESTED = base64.urlsafe_b64encode(b"[" * 100_000).decode()


@pytest.mark.parametrize(
    "assertion",
    ["x", "a.b.c", "....", "é.ü.ö", "W10.W10.W10", f"{NESTED}.e30.x", f"{'9' * 9000}.e30.x"],
    ids=range(7),
)
def test_4_what_is_no_jwt(daemon: RunningDaemon, assertion: str) -> None:
    answer = ask_with(daemon, assertion)
    assert answer.status_code == 400
    assert "JWT" in message_of(answer)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "grant_type"),
        ({"grant_type": "password"}, "grant_type"),
        ({"grant_type": JWT_GRANT}, "assertion"),
        ({"grant_type": JWT_GRANT, "assertion": " "}, "assertion"),
        ({"grant_type": "refresh_token"}, "refresh_token"),
    ],
)
def test_4_fields_that_are_missing(
    daemon: RunningDaemon, fields: dict[str, str], word: str
) -> None:
    answer = ask(daemon, **fields)
    assert answer.status_code == 400
    assert word in message_of(answer)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "text/plain",
        None,
    ],
)
def test_4_a_hand_built_body(
    daemon: RunningDaemon, account: Account, content_type: str | None
) -> None:
    body = f"grant_type={JWT_GRANT}&assertion={account.assertion(daemon.url)}&valid_for=90\r\n"
    headers = {"Content-Type": content_type} if content_type else {}
    answer = httpx.post(daemon.url + TOKEN_PATH, content=body, headers=headers)
    assert (answer.status_code, answer.json().get("expires_in")) == (200, 90)


def test_4_as_a_multipart_form(daemon: RunningDaemon, account: Account) -> None:
    parts = {"grant_type": JWT_GRANT, "assertion": account.assertion(daemon.url)}
    files = {name: (name, value.encode()) for name, value in parts.items()}
    assert httpx.post(daemon.url + TOKEN_PATH, files=files).status_code == 200


def test_4_a_field_sent_twice(daemon: RunningDaemon) -> None:
    body = f"grant_type={JWT_GRANT}&assertion=a&assertion=b"
    answer = httpx.post(daemon.url + TOKEN_PATH, content=body)
    assert answer.status_code == 400
    assert "more than once" in message_of(answer)


def test_4_refresh_tokens(daemon: RunningDaemon, account: Account) -> None:
    assertion = account.assertion(daemon.url)
    first = ask_with(daemon, assertion, scope="offline", valid_for="120").json()
    assert set(first) == {"access_token", "token_type", "expires_in", "refresh_token"}
    refresh = first["refresh_token"]
    for _ in range(2):  # it may be used again
        answer = ask(daemon, grant_type="refresh_token", refresh_token=refresh, valid_for="30")
        assert answer.status_code == 200
        body = answer.json()
        assert set(body) == {"access_token", "token_type", "expires_in"}
        assert body["expires_in"] == 30
        assert body["access_token"] != first["access_token"]
        assert get(daemon, body["access_token"]).status_code == 404
    # It is no access token itself.
    assert get(daemon, refresh).status_code == 401


def test_4_revocation(daemon: RunningDaemon, account: Account) -> None:
    body = ask_with(daemon, account.assertion(daemon.url), scope="offline").json()
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    url = f"{daemon.url}{TOKENS_PATH}/{body['refresh_token']}"
    assert httpx.delete(url).status_code == 401
    answer = httpx.delete(url, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    gone = httpx.delete(url, headers=headers)
    assert (gone.status_code, bool(message_of(gone))) == (404, True)
    answer = ask(daemon, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert (answer.status_code, bool(message_of(answer))) == (401, True)
    # An access token can't be removed.
    url = f"{daemon.url}{TOKENS_PATH}/{body['access_token']}"
    answer = httpx.delete(url, headers=headers)
    assert (answer.status_code, bool(message_of(answer))) == (400, True)
    assert get(daemon, body["access_token"]).status_code == 404


def test_4_one_token_for_all_protocols(daemon: RunningDaemon, account: Account) -> None:
    assert get(daemon, daemon.token()).status_code == 404
    token = ask_with(daemon, account.assertion(daemon.url)).json()["access_token"]
    assert get(daemon, token, "/nbtrain/v1/health").status_code == 200


def test_4_without_a_key_no_assertion_is_good(tmp_path: Path, account: Account) -> None:
    with start_daemon(tmp_path) as daemon:
        answer = ask_with(daemon, account.assertion(daemon.url))
        assert answer.status_code == 401
        assert "--public-key" in message_of(answer)


def test_4_development_takes_any_well_formed_assertion(tmp_path: Path, account: Account) -> None:
    with start_daemon(tmp_path, "--accept-any-assertion") as daemon:
        old = account.assertion("https://elsewhere.example", exp=1.5e9, sub=None)
        hmac = jwt.encode({"sub": "me"}, "x" * 64, algorithm="HS256")
        for assertion in (old, hmac):
            token = ask_with(daemon, assertion).json()["access_token"]
            assert get(daemon, token).status_code == 404
        assert ask_with(daemon, "a.b.c").status_code == 400
        # All other calls want a token as ever.
        assert get(daemon, "guess").status_code == 401


@pytest.mark.parametrize("kind", ["private", "certificate-like", "not RSA", "empty", "missing"])
def test_4_keys_that_are_none(
    tmp_path: Path, account: Account, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = tmp_path / "key.pem"
    if kind == "private":
        form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        pem.write_bytes(account.key.private_bytes(*form))
    elif kind == "certificate-like":
        pem.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    elif kind == "not RSA":
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        pem.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    elif kind == "empty":
        pem.touch()
    assert main(["--home", str(tmp_path / "home"), "--public-key", str(pem)]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "key.pem" in told
    assert ("openssl" in told) == (kind == "private")


def test_4_tokens_of_different_lives() -> None:
    now = 0.0
    tokens = Tokens("me", "hush", clock=lambda: now)
    long, short = tokens.issue(100), tokens.issue(10)
    now = 10.0
    assert (tokens.is_valid(long), tokens.is_valid(short)) == (True, False)
    # A flood of short ones leaves the long one alone.
    for _ in range(10_001):
        last = tokens.issue(10)
    assert tokens.is_valid(long)
    assert tokens.is_valid(last)
