"""Step 6: which clock is off, and whether that matters."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import FreshToken, MintedForRun, NetworkTime, RunClock, SecretState, StoredSecrets
from authwizard.model.finding import Group, Status
from authwizard.model.profile import Profile, Reference
from authwizard.steps.self_signed import signs_with_own_clock
from authwizard.steps.step6_issued import fresh_iat, whole_hour_offset
from authwizard.steps.step6_system_time import clocks_agree, local_against_network

from .evidence_of_first_steps import (
    NOW,
    anonymous,
    baseline,
    credential,
    discovery,
    fresh_call,
    grades,
    granted,
    judge,
    jws,
    oauth,
    opaque,
    profile,
    spec,
)

HOUR, MINUTE = 3600, 60
SIGNING = profile(oauth=oauth(client_auth="private_key_jwt"))
BEARER_ONLY = profile(oauth=oauth())


def network(off: float, error: float = 0.05) -> NetworkTime:
    return NetworkTime("time.test", off, error)


# ── S6-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("off", "settings", "status", "causes"),
    [
        (0.4, SIGNING, "pass", {}),
        (-2, SIGNING, "pass", {}),
        (30, SIGNING, "warn", {}),
        (660, SIGNING, "fail", {"clock_skew_client": "S"}),
        (-660, SIGNING, "fail", {"clock_skew_client": "S"}),
        (660, BEARER_ONLY, "fail", {"clock_skew_client": "M"}),
    ],
)
def test_this_machine_against_network_time(off: float, settings: Profile, status: str, causes: dict[str, str]) -> None:
    finding = judge(local_against_network, network(off), settings)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_server_ahead_means_this_machine_behind() -> None:
    assert "11 min behind" in judge(local_against_network, network(660), SIGNING).summary


def test_a_wrong_clock_does_not_break_a_bearer_token_and_that_is_said() -> None:
    assert "does not break a bearer token" in judge(local_against_network, network(660), BEARER_ONLY).summary


def test_a_wide_error_bar_is_no_skew() -> None:
    assert judge(local_against_network, network(20, error=25), SIGNING).status is Status.PASS
    assert judge(local_against_network, network(70, error=25), SIGNING).status is Status.WARN


def test_a_time_server_that_stands_alone_is_not_believed() -> None:
    finding = judge(local_against_network, network(660), SIGNING, baseline(401, off=0))
    assert (finding.status, grades(finding)) == (Status.WARN, {})


@pytest.mark.parametrize(
    ("settings", "stored", "signs"),
    [
        (BEARER_ONLY, None, False),
        (SIGNING, None, True),
        (profile(credential=spec(kind="dpop")), None, True),
        (profile(credential=spec(scheme="AWS4-HMAC-SHA256")), None, True),
        (profile(secrets={"private_key": Reference("file:key.pem")}), None, True),
        (profile(), StoredSecrets({"shared_secret": SecretState("shared_secret", "present")}), True),
        (profile(), StoredSecrets({"shared_secret": SecretState("shared_secret", "absent")}), False),
    ],
)
def test_what_this_machine_signs(settings: Profile, stored: StoredSecrets | None, signs: bool) -> None:
    assert bool(signs_with_own_clock(settings, stored)) is signs


# ── S6-02 ────────────────────────────────────────────────────────────────────────────────────────────────────────────

LIVING = credential(jws({"iat": NOW - 60, "nbf": NOW - 60, "exp": NOW + HOUR}))
JUST_ISSUED_AHEAD = credential(jws({"iat": NOW + 660, "exp": NOW + 660 + HOUR}))


@for_each(
    ("evidence", "status", "causes"),
    [
        # all agree
        ((baseline(401, off=0), discovery(0), network(0)), "pass", {}),
        ((baseline(401, off=3), discovery(0)), "pass", {}),
        ((baseline(401, off=40), discovery(0), network(0)), "warn", {}),
        # this machine alone
        ((SIGNING, anonymous(401, off=660), discovery(660), network(660)), "fail", {"clock_skew_client": "S"}),
        ((SIGNING, anonymous(401, off=660), discovery(660)), "fail", {"clock_skew_client": "M"}),
        ((BEARER_ONLY, baseline(401, off=660), discovery(660), network(660), LIVING), "fail", {"clock_skew_client": "M"}),
        # the API alone, and the token dies or is born too early by it
        ((baseline(401, off=2.2 * HOUR), discovery(0), network(0), LIVING), "fail", {"clock_skew_server": "S"}),
        ((baseline(401, off=2.2 * HOUR), discovery(0), LIVING), "fail", {"clock_skew_server": "S"}),
        ((baseline(401, off=2.2 * HOUR), network(0), LIVING), "fail", {"clock_skew_server": "S"}),
        ((baseline(401, off=-660), discovery(0), network(0), LIVING), "fail", {"clock_skew_server": "S"}),
        # the API alone, but the token reads the same by either clock
        ((baseline(401, off=660), discovery(0), network(0), LIVING), "fail", {"clock_skew_server": "M"}),
        ((baseline(401, off=2.2 * HOUR), discovery(0), network(0), credential(opaque())), "fail", {"clock_skew_server": "M"}),
        # the issuer alone
        ((baseline(401, off=0), discovery(660), network(0), JUST_ISSUED_AHEAD), "fail", {"clock_skew_issuer_api": "S"}),
        ((baseline(401, off=0), discovery(660), JUST_ISSUED_AHEAD), "fail", {"clock_skew_issuer_api": "S"}),
        ((baseline(401, off=0), discovery(660), network(0), LIVING), "fail", {"clock_skew_issuer_api": "M"}),
        # nobody can tell
        ((baseline(401, off=660), LIVING), "fail", {"clock_skew_client": "W", "clock_skew_server": "W"}),
        ((baseline(401, off=660), discovery(-660), JUST_ISSUED_AHEAD), "fail", {"clock_skew_issuer_api": "M"}),
        # a success: the Date may be an edge's
        ((baseline(200, off=2.2 * HOUR), discovery(0), network(0), LIVING), "warn", {"clock_skew_server": "S"}),
    ],
)
def test_clocks(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(clocks_agree, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert all(a.group is Group.TIME for a in finding.arguments)


def test_a_new_token_of_a_skewed_issuer_matters_as_much_as_the_stored_one() -> None:
    fresh = granted(FreshToken, jws({"iat": NOW + 660, "exp": NOW + 660 + HOUR}), off=660)
    assert grades(judge(clocks_agree, baseline(401, off=0), network(0), LIVING, fresh)) == {"clock_skew_issuer_api": "S"}


def test_the_token_endpoint_tells_the_issuers_clock_before_its_metadata() -> None:
    finding = judge(clocks_agree, baseline(401, off=0), discovery(0), granted(MintedForRun, opaque(), off=660), network(0))
    assert finding.facts["offset_issuer"] == pytest.approx(660, abs=1)


def test_nothing_seen_is_no_finding_of_right() -> None:
    assert judge(clocks_agree).status is Status.SKIP
    assert judge(clocks_agree, baseline(401)).status is Status.BLOCKED
    assert judge(clocks_agree, baseline(401, headers=(("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),))).status is Status.BLOCKED


def test_the_offsets_are_facts() -> None:
    facts = judge(clocks_agree, baseline(401, off=660), discovery(30), network(-2)).facts
    assert facts == {"offset_api": pytest.approx(660, abs=1), "offset_issuer": pytest.approx(30, abs=1), "offset_ntp": -2}


# ── S6-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def minted(ahead: float, off: float = 0, kind: Any = FreshToken) -> Any:
    return granted(kind, jws({"iat": NOW + ahead, "exp": NOW + ahead + HOUR}), off=off)


@for_each(
    ("evidence", "status", "causes"),
    [
        ((minted(0), baseline(401, off=0)), "pass", {}),
        ((minted(1), baseline(401, off=0)), "pass", {}),
        ((minted(660, 660), baseline(401, off=0)), "fail", {"clock_skew_issuer_api": "S"}),
        ((minted(660, 660), baseline(401, off=0), network(0), fresh_call(401)), "fail", {"clock_skew_issuer_api": "S"}),
        ((minted(660, 660), baseline(401, off=0), fresh_call(200)), "warn", {"clock_skew_issuer_api": "M"}),
        ((minted(10, 10), baseline(401, off=0)), "fail", {"clock_skew_issuer_api": "M"}),
        ((minted(10, 10), baseline(401, off=0), fresh_call(401)), "fail", {"clock_skew_issuer_api": "S"}),
        ((minted(10, 10), baseline(401, off=0), fresh_call(200)), "warn", {"clock_skew_issuer_api": "W"}),
        ((minted(0, 0), baseline(401, off=-660), network(0)), "fail", {"clock_skew_server": "S"}),
        ((minted(660, 660, MintedForRun), baseline(401, off=0)), "fail", {"clock_skew_issuer_api": "S"}),
        ((minted(660, 660, MintedForRun), baseline(200, off=0)), "warn", {"clock_skew_issuer_api": "M"}),
        ((minted(660, 660), baseline(401)), "skip", {}),
        ((granted(FreshToken, opaque()), baseline(401, off=0)), "skip", {}),
        ((granted(FreshToken, None, status=400), baseline(401, off=0)), "skip", {}),
        ((baseline(401, off=0),), "skip", {}),
        ((minted(660, 660), baseline(401, off=660)), "pass", {}),
    ],
)
def test_a_new_token_against_the_api(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(fresh_iat, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


# ── S6-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@for_each(
    ("evidence", "status", "causes"),
    [
        ((), "skip", {}),
        ((minted(0), baseline(401, off=0)), "pass", {}),
        ((minted(2 * HOUR),), "fail", {"timezone_bug": "S"}),
        ((minted(-5.5 * HOUR),), "fail", {"timezone_bug": "S"}),
        ((minted(2 * HOUR + 3),), "fail", {"timezone_bug": "S"}),
        ((minted(2 * HOUR + 30),), "pass", {}),
        ((minted(15 * MINUTE),), "pass", {}),
        ((minted(2 * HOUR, 2 * HOUR),), "pass", {}),
        ((granted(FreshToken, jws({"iat": NOW, "exp": NOW + 3 * HOUR}), expires_in=HOUR),), "fail", {"timezone_bug": "S"}),
        ((granted(FreshToken, jws({"iat": NOW, "exp": NOW + HOUR}), expires_in=HOUR),), "pass", {}),
        ((baseline(401, off=2 * HOUR), discovery(0), network(0)), "pass", {}),
        ((RunClock(NOW, 2 * HOUR), network(-2 * HOUR)), "fail", {"timezone_bug": "S"}),
        ((RunClock(NOW, 2 * HOUR), network(-2 * HOUR - 40)), "pass", {}),
        ((RunClock(NOW, HOUR), network(-2 * HOUR)), "pass", {}),
        ((RunClock(NOW, 0), network(0)), "pass", {}),
    ],
)
def test_whole_hours(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(whole_hour_offset, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_token_handed_out_again_is_not_freshly_written() -> None:
    again = FreshToken(**{**minted(-2 * HOUR).__dict__, "same_as_stored": True})
    assert judge(whole_hour_offset, again).status is Status.PASS
