"""Getting into Einstein Language: paths, the token call, and what an error looks like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import Problem, RequestError

__all__ = [
    "DEFAULT_SECONDS",
    "FILE_BYTES",
    "HOSTED_URL",
    "INVALID_SCHEME",
    "INVALID_TOKEN",
    "JWT_GRANT",
    "MOST_SECONDS",
    "PREFIX",
    "REFRESH_GRANT",
    "TOKENS_PATH",
    "TOKEN_PATH",
    "VISION_PREFIX",
    "TokenAnswer",
    "TokenForm",
    "assertion_claims",
    "error_body",
    "is_audience",
    "is_einstein",
    "normal_path",
    "read_token_answer",
    "read_token_form",
    "token_answer_to_json",
    "token_form_to_fields",
]

Json = dict[str, Any]

HOSTED_URL = "https://api.einstein.ai"
"""Where the vendor's service is, or was."""

PREFIX = "/v2"
TOKEN_PATH = f"{PREFIX}/oauth2/token"
TOKENS_PATH = f"{PREFIX}/oauth2/tokens"
VISION_PREFIX = f"{PREFIX}/vision"

FILE_BYTES = 25_000_000
"""Bytes in a data file: the vendor's 25 MB."""

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REFRESH_GRANT = "refresh_token"

DEFAULT_SECONDS = 60
"""How long an access token is good if ``valid_for`` says nothing."""

MOST_SECONDS = 30 * 86_400
"""How long an access token is good at most: a larger ``valid_for`` means this."""

INVALID_SCHEME = "Invalid authentication scheme"
INVALID_TOKEN = "Invalid access token"  # noqa: S105

_OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class TokenForm:
    """What a token is asked with: an assertion or a refresh token, the other one is empty.

    Parameters
    ----------
    assertion : str
        A signed JWT.
    refresh_token : str
        From an earlier answer.
    valid_for : int
        Seconds.
    offline : bool
        Whether a refresh token is asked for, too.
    """

    assertion: str = ""
    refresh_token: str = ""
    valid_for: int = DEFAULT_SECONDS
    offline: bool = False


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token call gives.

    Parameters
    ----------
    access_token : str
    expires_in : float
        Seconds.
    refresh_token : str
        Empty if there is none.
    """

    access_token: str
    expires_in: float
    refresh_token: str = ""


def token_form_to_fields(form: TokenForm) -> dict[str, str]:
    """Write the fields of a token call.

    Examples
    --------
    >>> token_form_to_fields(TokenForm(refresh_token="r", valid_for=120))
    {'grant_type': 'refresh_token', 'refresh_token': 'r', 'valid_for': '120'}
    """
    if form.refresh_token:
        fields = {"grant_type": REFRESH_GRANT, "refresh_token": form.refresh_token}
    else:
        fields = {"grant_type": JWT_GRANT, "assertion": form.assertion}
    if form.offline:
        fields["scope"] = _OFFLINE
    return {**fields, "valid_for": str(form.valid_for)}


def read_token_form(fields: Mapping[str, str]) -> TokenForm:
    """Read the fields of a token call.

    Raises
    ------
    RequestError
        If one is missing or wrong.

    Examples
    --------
    >>> read_token_form({"grant_type": "refresh_token", "refresh_token": "r", "valid_for": "9e9"})
    Traceback (most recent call last):
    nbtrain.errors.RequestError: Your request is not valid.
      - valid_for: is no whole number of seconds above 0.
    """
    problems = []
    grant_type = fields.get("grant_type", "")
    needed = {JWT_GRANT: "assertion", REFRESH_GRANT: "refresh_token"}.get(grant_type)
    if not grant_type:
        problems.append(Problem("grant_type", "is required"))
    elif needed is None:
        problems.append(Problem("grant_type", f"is neither {JWT_GRANT} nor {REFRESH_GRANT}"))
    elif not fields.get(needed):
        problems.append(Problem(needed, "is required"))
    valid_for = fields.get("valid_for") or str(DEFAULT_SECONDS)
    if not (valid_for.isascii() and valid_for.isdecimal() and valid_for.strip("0")):
        problems.append(Problem("valid_for", "is no whole number of seconds above 0"))
    if problems:
        raise RequestError("Your request is not valid.", problems)
    return TokenForm(
        assertion=fields["assertion"] if needed == "assertion" else "",
        refresh_token=fields["refresh_token"] if needed == "refresh_token" else "",
        valid_for=MOST_SECONDS if len(valid_for) > 9 else min(int(valid_for), MOST_SECONDS),
        offline=_OFFLINE in fields.get("scope", "").split(),
    )


def token_answer_to_json(answer: TokenAnswer) -> Json:
    """Write the answer of a token call; ``expires_in`` is a number, as OAuth has it."""
    refresh = {"refresh_token": answer.refresh_token} if answer.refresh_token else {}
    return {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": int(answer.expires_in),
        **refresh,
    }


def read_token_answer(data: object) -> TokenAnswer:
    """Read the answer of a token call; ``expires_in`` may be a number or a text.

    Raises
    ------
    ValueError
        If there is no access token in it.

    Examples
    --------
    >>> read_token_answer({"access_token": "A", "token_type": "Bearer", "expires_in": "120"})
    TokenAnswer(access_token='A', expires_in=120.0, refresh_token='')
    """
    fields = data if isinstance(data, dict) else {}
    access_token, refresh_token = fields.get("access_token"), fields.get("refresh_token")
    if not isinstance(access_token, str) or not access_token:
        raise ValueError("there is no access token in the answer")
    try:
        seconds = float(fields["expires_in"])
    except (KeyError, TypeError, ValueError, OverflowError):
        seconds = DEFAULT_SECONDS
    return TokenAnswer(
        access_token,
        seconds if math.isfinite(seconds) and seconds > 0 else DEFAULT_SECONDS,
        refresh_token if isinstance(refresh_token, str) else "",
    )


def assertion_claims(account: str, token_url: str, expiry: float) -> Json:
    """Return the claims of an assertion.

    Parameters
    ----------
    account : str
        E-mail address or id of the account.
    token_url : str
        Where the token call goes to.
    expiry : float
        Seconds since 1970.

    Examples
    --------
    >>> assertion_claims("me@example.org", "https://api.einstein.ai/v2/oauth2/token", 1.9e9)
    {'sub': 'me@example.org', 'aud': 'https://api.einstein.ai/v2/oauth2/token', 'exp': 1900000000}
    """
    return {"sub": account, "aud": token_url, "exp": int(expiry)}


def is_audience(audience: object, hosts: Iterable[str]) -> bool:
    """Tell whether an assertion's ``aud`` means this service.

    It does if it is the URL of the token call at one of ``hosts`` or at the vendor's, which some
    clients send wherever they post to.

    Parameters
    ----------
    audience : object
        The claim: a text, or a list of texts one of which has to fit.
    hosts : iterable of str
        With port: ``"127.0.0.1:8080"``.

    Examples
    --------
    >>> is_audience("http://127.0.0.1:80/v2/oauth2/token", ["127.0.0.1:80"])
    True
    >>> is_audience("https://elsewhere.example/v2/oauth2/token", ["127.0.0.1:80"])
    False
    """
    known = {*hosts, urlsplit(HOSTED_URL).netloc}
    for url in audience if isinstance(audience, list) else [audience]:
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
        except ValueError:
            continue
        if parts.netloc.lower() in known and normal_path(parts.path) == TOKEN_PATH:
            return True
    return False


def error_body(message: str, problems: Iterable[Problem] = ()) -> Json:
    """Write the body of an error answer.

    Examples
    --------
    >>> error_body("Your request is not valid.", [Problem("epochs", "is 0", "Give 1 to 1000.")])
    {'message': 'Your request is not valid. epochs: is 0. Give 1 to 1000.'}
    """
    return {"message": " ".join([message, *map(str, problems)])}


def is_einstein(path: str) -> bool:
    """Tell whether a path belongs to this protocol.

    Examples
    --------
    >>> is_einstein("/v2/apiusage"), is_einstein("/connect/token")
    (True, False)
    """
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def normal_path(path: str) -> str:
    """Take the slashes and spaces out of a path that clients put there needlessly.

    Examples
    --------
    >>> normal_path("//v2/language/train/TUWBAIRLFB3KKEDZMEGIUR6COM /")
    '/v2/language/train/TUWBAIRLFB3KKEDZMEGIUR6COM'
    """
    return "".join(f"/{part.strip()}" for part in path.split("/") if part.strip())
