"""S6-05 to S6-07: is the clock kept, is what is signed within its window, was the clock set meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.check import run_check
from authwizard.model.evidence import ClockDrift, ClockSync, FreshToken, NetworkTime, NotApplicable, Unavailable
from authwizard.model.finding import Skip, Status
from authwizard.model.profile import Profile
from authwizard.steps.step6_kept import kept_by_itself, not_set_meanwhile, signed_window

from .evidence_of_first_steps import baseline, discovery, grades, granted, judge, oauth, profile, spec

MINUTE = 60
ASSERTION = profile(oauth=oauth(client_auth="private_key_jwt"))
DPOP = profile(credential=spec(kind="dpop"))
SIGV4 = profile(credential=spec(scheme="AWS4-HMAC-SHA256"))
S3 = profile(base_url="https://bucket.s3.eu-west-1.amazonaws.com", credential=spec(scheme="AWS4-HMAC-SHA256"))


@pytest.mark.parametrize(("kept", "status", "causes"), [(True, "pass", {}), (False, "warn", {"clock_unsynchronised": "W"})])
def test_a_clock_that_nothing_keeps_is_a_risk_and_no_cause(kept: bool, status: str, causes: dict[str, str]) -> None:
    finding = judge(kept_by_itself, ClockSync("timedatectl", kept, "NTPSynchronized"))
    assert (finding.status, grades(finding)) == (status, causes)


def test_where_nothing_tells_it_is_blocked_and_in_a_container_skipped() -> None:
    for absence, status in ((Unavailable("No command."), Status.BLOCKED), (NotApplicable("A container."), Status.SKIP)):
        finding = run_check(kept_by_itself, {ClockSync: absence})
        assert finding is not None
        assert finding.status is status


def network(off: float) -> NetworkTime:
    return NetworkTime("time.test", off, 0.05)


@pytest.mark.parametrize(
    ("settings", "off", "seen", "status", "causes"),
    [
        (DPOP, 20, (), "pass", {}),
        (DPOP, 2 * MINUTE, (), "warn", {}),
        (DPOP, 10 * MINUTE, (), "fail", {"clock_skew_client": "M"}),
        (DPOP, 10 * MINUTE, (network(600),), "fail", {"clock_skew_client": "S"}),
        (DPOP, 10 * MINUTE, (network(0),), "fail", {"clock_skew_server": "M"}),
        (SIGV4, 4 * MINUTE, (), "pass", {}),
        (SIGV4, -6 * MINUTE, (network(-360),), "fail", {"clock_skew_client": "S"}),
        (S3, -6 * MINUTE, (network(-360),), "pass", {}),
        (S3, 20 * MINUTE, (network(1200),), "fail", {"clock_skew_client": "S"}),
    ],
)
def test_what_the_api_checks_is_held_against_its_clock(
    settings: Profile, off: float, seen: tuple[Any, ...], status: str, causes: dict[str, str]
) -> None:
    finding = judge(signed_window, settings, baseline(401, off=off), *seen)
    assert (finding.status, grades(finding)) == (status, causes)


def test_an_assertion_is_held_against_the_issuers_clock() -> None:
    refused = granted(FreshToken, None, status=401, off=660, error="invalid_client")
    finding = judge(signed_window, ASSERTION, refused, baseline(401, off=660), network(660))
    assert (finding.status, grades(finding)) == ("fail", {"clock_skew_client": "S"})
    assert "client assertion" in finding.summary
    assert "11 min behind" in finding.summary


@pytest.mark.parametrize(("off", "grade"), [(3600, "S"), (-3600, "M")])
def test_an_issuer_whose_clock_stands_alone_is_named_surely_only_where_the_assertion_is_over_by_it(off: float, grade: str) -> None:
    refused = granted(FreshToken, None, status=401, off=off, error="invalid_client")
    finding = judge(signed_window, ASSERTION, refused, discovery(off), baseline(401, off=0), network(0))
    assert grades(finding) == {"clock_skew_issuer_api": grade}


def test_what_was_taken_all_the_same_is_a_warning() -> None:
    taken = granted(FreshToken, None, off=660)
    finding = judge(signed_window, ASSERTION, taken, discovery(660))
    assert (finding.status, finding.arguments) == ("warn", ())
    assert judge(signed_window, DPOP, baseline(200, off=660)).status == "warn"


def test_a_bearer_token_has_no_window_and_an_unseen_clock_no_judgement() -> None:
    assert judge(signed_window, profile(oauth=oauth()), baseline(401, off=9999)).skip is Skip.NOT_APPLICABLE
    assert judge(signed_window, DPOP).skip is Skip.NOT_TRIED
    assert judge(signed_window, DPOP, baseline(401, off=None)).skip is Skip.NOT_TRIED


@pytest.mark.parametrize(("moved", "status"), [(0.2, "pass"), (-0.9, "pass"), (3.0, "warn"), (-3600.0, "warn")])
def test_a_clock_that_was_set_meanwhile(moved: float, status: str) -> None:
    finding = judge(not_set_meanwhile, ClockDrift(moved, 4.2))
    assert finding.status == status
    assert ("back" in finding.summary) is (moved < -1)
    assert grades(finding) == ({"clock_unsynchronised": "W"} if status == "warn" else {})
