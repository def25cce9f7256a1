"""The client's access to Einstein Language: assertions, refresh tokens, given tokens; no secrets.

Section numbers are those of the protocol's reference.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from nbtrain import EinsteinService, NbtrainError, connect_einstein
from nbtrain.errors import AuthenticationFailed, NotSupported, RequestError, UnexpectedResponse
from nbtrain.services.einstein_credentials import EinsteinCredentials
from nbtrain.services.secrets import Secret
from nbtrain.testing import FakeClock

from .einstein_vendor import Einstein, private_key
from .test_vendor_access import frames
from .vendor import Call, Quirk

ACCOUNT = "me@example.com"


@pytest.fixture
def einstein() -> Iterator[Einstein]:
    with Einstein() as einstein:
        yield einstein


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "ACCOUNT", "PRIVATE_KEY_FILE", "ACCESS_TOKEN", "REFRESH_TOKEN"):
        monkeypatch.delenv(f"EINSTEIN_{name}", raising=False)


def test_an_assertion_is_signed_and_used(einstein: Einstein) -> None:
    """4: RS256; sub, aud and exp."""
    client = EinsteinService(einstein.url + "/", ACCOUNT, private_key(), valid_for=900)
    assert client.datasets.all() == client.datasets.all() == []
    assert einstein.count("token") == 1
    claims = einstein.claims[0]
    assert claims.keys() == {"sub", "aud", "exp"}
    assert (claims["sub"], claims["aud"]) == (ACCOUNT, f"{einstein.url}/v2/oauth2/token")
    assert 0 < claims["exp"] - time.time() <= 300
    token_call = einstein.calls[0]
    assert token_call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in token_call.headers
    assert b"valid_for=900" in token_call.body


@pytest.mark.parametrize(
    ("life", "kept_for"), [("900", 840), (900, 840), ("40", 20), (None, 240), ("soon", 240)]
)
def test_a_token_is_renewed_in_time(
    einstein: Einstein, clock: FakeClock, life: object, kept_for: float
) -> None:
    """4: expires_in is a number or a text."""
    einstein.token_extra = {"expires_in": life}
    client = EinsteinService(einstein.url, ACCOUNT, private_key(), clock=clock, sleep=clock.sleep)
    client.datasets.all()
    clock.sleep(kept_for - 0.1)
    client.datasets.all()
    assert einstein.count("token") == 1
    clock.sleep(0.2)
    client.datasets.all()
    assert einstein.count("token") == 2


def test_a_refused_token_is_renewed_once(einstein: Einstein) -> None:
    """14: on one 401 the token is renewed once."""
    client = EinsteinService(einstein.url, ACCOUNT, private_key())
    client.datasets.all()
    einstein.expire()
    client.datasets.all()
    assert (einstein.count("token"), einstein.count("datasets")) == (2, 3)
    einstein.script("datasets", *[Quirk(status=401, body={"message": "Invalid access token"})] * 9)
    with pytest.raises(AuthenticationFailed, match="Invalid access token"):
        client.datasets.all()
    assert einstein.count("datasets") == 5


def test_a_refresh_token_is_asked_for_and_used(einstein: Einstein) -> None:
    """4: scope=offline, and the grant refresh_token."""
    keyed = EinsteinService(einstein.url, ACCOUNT, private_key())
    refresh = keyed.refresh_token()
    assert "r3fresh" not in repr(refresh)
    client = EinsteinService(einstein.url, refresh_token=refresh)
    client.datasets.all()
    body = einstein.calls[-2].body.decode()
    assert "grant_type=refresh_token" in body
    assert "refresh_token=r3fresh-1" in body
    with pytest.raises(NotSupported):
        client.refresh_token()


def test_a_refresh_token_that_is_replaced_is_not_used_again(einstein: Einstein) -> None:
    einstein.token_extra = {"refresh_token": "r3fresh-2"}
    client = EinsteinService(einstein.url, refresh_token="r3fresh-1")
    client.datasets.all()
    einstein.refresh_tokens = {"r3fresh-2"}
    einstein.expire()
    client.datasets.all()
    einstein.refresh_tokens = set()
    einstein.expire()
    with pytest.raises(AuthenticationFailed, match="No access token") as caught:
        client.datasets.all()
    assert "r3fresh" not in str(caught.value)


def test_a_given_token_is_used_until_it_is_refused(einstein: Einstein) -> None:
    einstein.tokens["g1ven"] = "einstein"
    client = EinsteinService(einstein.url, access_token="g1ven")
    assert client.datasets.all() == []
    einstein.expire()
    with pytest.raises(AuthenticationFailed, match="Give a new one") as caught:
        client.datasets.all()
    assert "g1ven" not in frames(caught.value)
    assert einstein.count("token") == 0


def test_a_given_token_may_have_a_line_end_and_is_never_shown(einstein: Einstein) -> None:
    einstein.tokens["g1ven"] = "einstein"
    assert EinsteinService(einstein.url, access_token=" g1ven\n").datasets.all() == []
    for bad in ("g1ven\nhUsh", "g1ven hUsh", "g1venhUsh\u00e9", "\n"):
        with pytest.raises(AuthenticationFailed, match="that no token has") as caught:
            EinsteinService(einstein.url, access_token=bad).datasets.all()
        assert "hUsh" not in frames(caught.value)


def test_wrong_keys_are_refused_by_the_service(einstein: Einstein) -> None:
    client = EinsteinService(einstein.url, ACCOUNT, pem(rsa.generate_private_key(65537, 2048)))
    # Of the forms that clients expect of this error (4): {"errors": [...]}.
    with pytest.raises(AuthenticationFailed, match=r"No access token.*Invalid Token") as caught:
        client.datasets.all()
    assert "eyJ" not in frames(caught.value)


@pytest.mark.parametrize(
    "body", [{}, {"access_token": ""}, {"access_token": 7}, "Welcome", b"\xff"]
)
def test_an_answer_without_token_is_none(einstein: Einstein, body: object) -> None:
    einstein.script("token", Quirk(status=200, body=body))
    with pytest.raises(UnexpectedResponse, match="no access token"):
        EinsteinService(einstein.url, ACCOUNT, private_key()).datasets.all()


# --- private keys ----------------------------------------------------------------------------


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: str = "") -> str:
    hidden = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden).decode()


def test_a_key_is_read_from_file_or_text(einstein: Einstein, tmp_path: Path) -> None:
    path = tmp_path / "einstein_platform.pem"
    path.write_text("Bag Attributes: none\n" + private_key())
    texts = (private_key(), private_key().encode(), Secret(private_key()))
    for given in (path, str(path), *texts):
        assert EinsteinService(einstein.url, ACCOUNT, given).datasets.all() == []


def test_keys_that_are_none_are_not_shown(tmp_path: Path) -> None:
    body = "".join(private_key().splitlines()[1:-1])
    (tmp_path / "broken.pem").write_text("-----BEGIN PRIVATE KEY-----\nhUsh\n")
    (tmp_path / "binary.der").write_bytes(bytes(range(256)) * 9)
    bad: dict[str | Path, str] = {
        tmp_path / "gone.pem": "can't be read: No such file",
        tmp_path: "can't be read: Is a directory",
        tmp_path / "broken.pem": "no private key in PEM",
        tmp_path / "binary.der": "no private key in PEM",
        body: "neither a path nor a key",
        "x/hUsh\nx/hUsh\n": "neither a path nor a key",
        "no-such-file": "can't be read",
        f"-----BEGIN PRIVATE KEY-----\n{body[:-40]}": "no private key in PEM",
        pem(ec.generate_private_key(ec.SECP256R1())): "no RSA key",
        pem(rsa.generate_private_key(65537, 1024)): "1024 bits",
        pem(rsa.generate_private_key(65537, 2048), "hUsh"): "password",
        "x\0y": "can't be read",
    }
    for given, said in bad.items():
        with pytest.raises(AuthenticationFailed) as caught:
            EinsteinService("https://ai.example.com", ACCOUNT, given)
        assert said in str(caught.value), given
        assert "hUsh" not in frames(caught.value)
        assert body[200:240] not in frames(caught.value)


# --- credentials -----------------------------------------------------------------------------


def test_the_environment_fills_in(
    einstein: Einstein, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "key.pem"
    path.write_text(private_key())
    monkeypatch.setenv("EINSTEIN_BASE_URL", einstein.url)
    monkeypatch.setenv("EINSTEIN_ACCOUNT", ACCOUNT)
    monkeypatch.setenv("EINSTEIN_PRIVATE_KEY_FILE", str(path))
    assert connect_einstein().datasets.all() == []
    assert einstein.claims[0]["sub"] == ACCOUNT
    einstein.tokens["t0ken-of-mine"] = "einstein"
    monkeypatch.setenv("EINSTEIN_ACCESS_TOKEN", "t0ken-of-mine")
    assert connect_einstein().datasets.all() == []
    assert einstein.count("token") == 1
    # What is given goes before what the environment says.
    assert connect_einstein(private_key=path).datasets.all() == []
    assert einstein.count("token") == 2


def test_the_keyring_fills_in_the_key(
    einstein: Einstein, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_text(private_key())
    # A keyring of one file, in the form of the real package.
    (tmp_path / "keyring.py").write_text(
        "import pathlib\n"
        "class errors:\n    class KeyringError(Exception):\n        pass\n"
        "def get_password(service, name):\n"
        f"    key = pathlib.Path({str(tmp_path / 'key.pem')!r}).read_text()\n"
        f"    return key if (service, name) == ('nbtrain-einstein', {ACCOUNT!r}) else None\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("keyring", None)
    try:
        assert connect_einstein(einstein.url, ACCOUNT).datasets.all() == []
        with pytest.raises(AuthenticationFailed, match="EINSTEIN_PRIVATE_KEY_FILE"):
            connect_einstein(einstein.url, "somebody@example.com")
    finally:
        sys.modules.pop("keyring", None)


def test_what_is_missing_is_named() -> None:
    assert EinsteinCredentials.find().missing == ["account", "private_key"]
    assert EinsteinCredentials.find().base_url == "https://api.einstein.ai"
    with pytest.raises(AuthenticationFailed, match="EINSTEIN_ACCOUNT, EINSTEIN_PRIVATE_KEY_FILE"):
        connect_einstein()
    with pytest.raises(AuthenticationFailed, match="account and its private key"):
        EinsteinService("https://ai.example.com")
    with pytest.raises(RequestError, match="unencrypted"):
        connect_einstein("http://ai.example.com", access_token="hUsh")
    found = EinsteinCredentials.find(account=ACCOUNT, private_key="hUsh", access_token="hUsh")
    assert "hUsh" not in repr(found)


# --- secrets ---------------------------------------------------------------------------------


def echo(call: Call) -> object:
    """Repeat the secrets of a call, in an error message."""
    return {"message": f"{call.headers.get('authorization')} {call.body.decode()}"}


@pytest.mark.parametrize("route", ["token", "datasets", "training", "intent"])
@pytest.mark.parametrize(
    "quirk",
    [*[Quirk(status=status, body=echo) for status in (400, 401, 403, 404, 500, 503)],
     Quirk(status=302, headers={"Location": "//evil.example"}), Quirk(cut=-1),
     Quirk(cut=40, act=True), Quirk(body="<html>")],
)  # fmt: skip
def test_no_secret_is_shown(
    einstein: Einstein, clock: FakeClock, caplog: pytest.LogCaptureFixture, route: str,
    quirk: Quirk,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    clients = [
        EinsteinService(einstein.url, ACCOUNT, private_key(), sleep=clock.sleep),
        EinsteinService(einstein.url, refresh_token="r3fresh-1", sleep=clock.sleep),
    ]
    einstein.script(route, *[quirk] * 40)
    shown = repr(clients)
    for client in clients:
        calls: list[Callable[[], object]] = [
            client.datasets.all,
            lambda client=client: client.status("M" * 26),  # type: ignore[misc]
            lambda client=client: client.predict("GlobalIntentModel", ["x"]),  # type: ignore[misc]
        ]
        for call in calls:
            try:
                call()
            except NbtrainError as error:
                shown += frames(error)
    shown += caplog.text
    assert "self=" in shown
    key = private_key().splitlines()[3]
    for secret in ("t0ken", "r3fresh", "eyJ", key):
        assert secret not in shown, shown[max(0, shown.index(secret) - 500) :][:700]
