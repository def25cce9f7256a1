"""Calls that only read are repeated, for as long as makes sense, by a clock turned by hand."""

from __future__ import annotations

import pytest

from nbtrain import KnovvuService, NbtrainError
from nbtrain.errors import RequestRejected, ServiceUnavailable, UnexpectedResponse
from nbtrain.services.retries import Retry, retry_after
from nbtrain.testing import FakeClock

from .vendor import Quirk, Vendor

GOOD = Quirk(body={"percent": 10, "trainingStatus": "Training"})
FLEETING = {
    "429": Quirk(status=429),
    "500": Quirk(status=500),
    "502": Quirk(status=502, body="<html><title>502"),
    "503": Quirk(status=503),
    "504": Quirk(status=504),
    "no answer": Quirk(cut=-1),
    "cut answer": Quirk(body={"percent": 10}, cut=3),
    "slow answer": Quirk(pause=0.9),
    "answer in drops": Quirk(body=" " * 200, drip=0.02),
}


@pytest.mark.parametrize("quirk", FLEETING.values(), ids=FLEETING)
def test_what_passes_is_waited_for(
    hasty_client: KnovvuService, vendor: Vendor, clock: FakeClock, quirk: Quirk
) -> None:
    vendor.script("progress", quirk, quirk, GOOD)
    assert hasty_client.status("topics").fraction == 0.1
    assert vendor.count("progress") == 3
    assert clock.now == 0.25 + 0.5


@pytest.mark.parametrize("quirk", FLEETING.values(), ids=FLEETING)
def test_what_stays_is_given_up(
    hasty_client: KnovvuService, vendor: Vendor, clock: FakeClock, quirk: Quirk
) -> None:
    vendor.script("progress", *[quirk] * 5)
    with pytest.raises((ServiceUnavailable, RequestRejected)):
        hasty_client.status("topics")
    assert vendor.count("progress") == 4
    assert clock.now == 0.25 + 0.5 + 1.0


@pytest.mark.parametrize("status", [400, 403, 404, 405, 418, 501])
def test_a_plain_no_is_not_argued_with(
    client: KnovvuService, vendor: Vendor, clock: FakeClock, status: int
) -> None:
    vendor.script("progress", Quirk(status=status))
    with pytest.raises(NbtrainError):
        client.status("topics")
    assert vendor.count("progress") == 1
    assert clock.now == 0.0


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("7", 7.0), ("0", 0.0), ("1.5", 1.5), (" 3 ", 3.0), ("999999999", 60.0), ("9" * 5000, 0.25),
        ("-5", 0.25), ("abc", 0.25), ("NaN", 0.25), ("inf", 0.25), ("1e9", 0.25), ("", 0.25),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("Fri, 31 Dec 9999 23:59:59 GMT", 60.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0.25), ("\u0663", 0.25), ("7, 8", 0.25),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
@pytest.mark.parametrize("status", [429, 503])
def test_the_vendor_says_when_to_come_back(
    client: KnovvuService, vendor: Vendor, clock: FakeClock, header: str, pause: float, status: int
) -> None:
    sent = header.encode().decode("latin-1")
    vendor.script("progress", Quirk(status=status, headers={"Retry-After": sent}), GOOD)
    client.status("topics")
    assert clock.now == pause


def test_nobody_waits_for_ever(client: KnovvuService, vendor: Vendor, clock: FakeClock) -> None:
    vendor.script("progress", *[Quirk(status=429, headers={"Retry-After": "3600"})] * 9)
    with pytest.raises(ServiceUnavailable, match=r"come back in 60 s\."):
        client.status("topics")
    assert clock.now == 120.0


@pytest.mark.parametrize(
    "date",
    ["Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT",
     "Wed Oct 21 07:28:00 2015", "Wed, 21 Oct 2015 09:28:00 +0200"],
)  # fmt: skip
def test_dates_of_all_forms(date: str) -> None:
    assert retry_after(date, 1445412480.0 - 9.0) == 9.0
    assert retry_after(date, 1445412480.0 + 9.0) == 0.0
    assert retry_after(date, 0.0) == 60.0


def test_pauses_grow_and_are_spread() -> None:
    retry = Retry()
    assert [retry.pause(attempt, 1.0) for attempt in (1, 2, 3, 20)] == [0.25, 0.5, 1.0, 60.0]
    assert retry.pause(1, 0.0) == 0.125
    assert retry.pause(1, 0.0, told=9.0) == 9.0


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://other.example.com/progress", "https://other.example.com,"),
        ("http://user:pass@other.example.com/", "http://other.example.com,"),
        ("//other.example.com", "http://other.example.com,"),
        ("/elsewhere", "Check the service's address"),
        ("", "Check the service's address"),
        ("http://[broken", "not followed"),
        ("javascript:alert(1)", "not followed"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(
    client: KnovvuService, vendor: Vendor, location: str, said: str, status: int
) -> None:
    vendor.script("progress", Quirk(status=status, headers={"Location": location}))
    with pytest.raises(UnexpectedResponse, match="redirects") as caught:
        client.status("topics")
    assert said in str(caught.value)
    assert "user:pass" not in str(caught.value)
    assert vendor.count("progress") == 1


def test_no_token_goes_to_another_host(client: KnovvuService, vendor: Vendor) -> None:
    with Vendor() as other:
        vendor.script("progress", Quirk(status=307, headers={"Location": f"{other.url}/x"}))
        vendor.script("train", Quirk(status=307, headers={"Location": f"{other.url}/x"}))
        with pytest.raises(UnexpectedResponse):
            client.status("topics")
        assert other.calls == []
