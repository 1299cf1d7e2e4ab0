"""Step 2: expiry and its neighbours, against the right clock."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.evidence import FreshToken, Introspection, MintedForRun, NetworkTime, Reported, RunClock, SecretState, StoredSecrets
from authwizard.model.finding import Group, Status
from authwizard.model.oauth import Introspected
from authwizard.steps.step2_claims import exp_present, exp_unit, lifetime
from authwizard.steps.step2_expiration import issued_in_past, not_before, not_expired
from authwizard.steps.step2_opaque import opaque_age

from .evidence_of_first_steps import (
    NOW,
    anonymous,
    baseline,
    credential,
    discovery,
    exchange,
    grades,
    granted,
    judge,
    jws,
    leeway,
    opaque,
    profile,
)


def token(**claims: Any) -> Any:
    return credential(jws({"sub": "x", **claims}))


API = baseline(401, off=0)
HOUR = 3600

# ── S2-01, S2-02 ─────────────────────────────────────────────────────────────────────────────────────────────────────


@for_each(
    ("claims", "header", "status", "causes"),
    [
        ({"exp": NOW}, {}, "pass", {}),
        ({"exp": 0}, {}, "pass", {}),
        ({}, {}, "warn", {"exp_missing": "W"}),
        ({"exp": None}, {}, "warn", {"exp_missing": "W"}),
        ({}, {"typ": "at+jwt"}, "fail", {"exp_missing": "M"}),
        ({}, {"typ": "application/AT+JWT"}, "fail", {"exp_missing": "M"}),
        ({"exp": "1800000000"}, {}, "fail", {"exp_wrong_type": "M"}),
        ({"exp": "2027-01-15T08:00:00Z"}, {}, "fail", {"exp_wrong_type": "M"}),
        ({"exp": True}, {}, "fail", {"exp_wrong_type": "M"}),
        ({"exp": -5}, {}, "fail", {"exp_wrong_type": "M"}),
        ({"exp": float("nan")}, {}, "fail", {"exp_wrong_type": "M"}),
        ({"exp": [NOW]}, {}, "fail", {"exp_wrong_type": "M"}),
    ],
)
def test_exp_is_there_and_a_number(claims: dict[str, Any], header: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(exp_present, credential(jws({"sub": "x", **claims}, header={"alg": "ES256", **header})))
    assert (finding.status, grades(finding)) == (Status(status), causes)


@pytest.mark.parametrize(
    ("exp", "status", "causes"),
    [
        (NOW, "pass", {}),
        (4.0e9, "pass", {}),
        (5.0e9, "warn", {}),
        (3600, "fail", {"exp_wrong_unit": "M"}),
        ((NOW - HOUR) * 1000, "fail", {"exp_wrong_unit": "S"}),
        ((NOW + HOUR) * 1000, "warn", {"exp_wrong_unit": "M"}),
        ((NOW - HOUR) * 1e6, "fail", {"exp_wrong_unit": "S"}),
        ((NOW + HOUR) * 1e9, "warn", {"exp_wrong_unit": "M"}),
    ],
)
def test_the_unit_of_exp(exp: float, status: str, causes: dict[str, str]) -> None:
    finding = judge(exp_unit, token(exp=exp, iat=NOW - HOUR))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_claims_that_cannot_be_read_are_not_judged() -> None:
    for check in (exp_present, exp_unit, not_expired, not_before, issued_in_past, lifetime):
        assert judge(check, credential(opaque())).status is Status.SKIP
        assert judge(check, credential(None)).status is Status.SKIP


# ── S2-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("left", "status", "causes"),
    [
        (-2 * HOUR, "fail", {"token_expired": "S"}),
        (-60, "fail", {"token_expired": "S"}),
        (-59, "warn", {"token_expired": "W"}),
        (-20, "warn", {"token_expired": "W"}),
        (0, "warn", {"token_expired": "W"}),
        (50, "warn", {"token_expired": "W"}),
        (119, "warn", {"token_expired": "W"}),
        (121, "pass", {"token_expired": "XS"}),
        (HOUR, "pass", {"token_expired": "XS"}),
    ],
)
def test_expiry_by_the_apis_clock(left: int, status: str, causes: dict[str, str]) -> None:
    finding = judge(not_expired, token(exp=NOW + left), API)
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert not any(a.on_local_clock for a in finding.arguments)
    assert all(a.group is Group.TIME for a in finding.arguments)
    assert finding.facts["token_margin_s"] == left


@pytest.mark.parametrize(("left", "causes"), [(-HOUR, {"token_expired": "M"}), (HOUR, {})])
def test_this_machines_clock_alone_is_less(left: int, causes: dict[str, str]) -> None:
    finding = judge(not_expired, token(exp=NOW + left))
    assert grades(finding) == causes
    assert all(a.on_local_clock for a in finding.arguments)


@pytest.mark.parametrize(
    ("evidence", "grade"),
    [
        ((baseline(401, off=660),), "S"),
        ((anonymous(401, off=660),), "S"),
        ((NetworkTime("time.test", 660, 0.05),), "S"),
        ((Reported(answer=exchange(401, headers=(("Date", "Fri, 15 Jan 2027 08:11:00 GMT"),), at=0)),), "S"),
        ((baseline(401, headers=(("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),)),), None),
        ((), None),
    ],
)
def test_a_clock_that_is_behind_here_is_corrected(evidence: tuple[Any, ...], grade: str | None) -> None:
    """By this machine the token lives another five minutes; by every other clock it ended six minutes ago."""
    assert grades(judge(not_expired, token(exp=NOW + 300), *evidence)).get("token_expired") == grade


def test_no_leeway_no_grace() -> None:
    assert grades(judge(not_expired, token(exp=NOW - 1), API, profile(expect=leeway(0)))) == {"token_expired": "S"}
    assert judge(not_expired, token(exp=NOW - 250), API, profile(expect=leeway(300))).status is Status.WARN


def test_within_the_leeway_is_said_so() -> None:
    assert "within leeway" in judge(not_expired, token(exp=NOW - 20), API).summary


def test_life_by_another_clock_is_told_and_marked() -> None:
    finding = judge(not_expired, token(exp=NOW + HOUR), baseline(401, off=2.2 * HOUR), NetworkTime("time.test", 0, 0.05))
    assert grades(finding) == {"token_expired": "S"}
    assert finding.facts["alive_by_other_clock"] is True
    assert "clocks disagree" in finding.summary
    assert "alive_by_other_clock" not in judge(not_expired, token(exp=NOW - HOUR), API).facts


def test_milliseconds_are_left_to_the_check_of_the_unit() -> None:
    assert judge(not_expired, token(exp=(NOW - HOUR) * 1000), API).status is Status.SKIP


def test_digits_in_quotes_are_read_as_tolerant_servers_do() -> None:
    assert grades(judge(not_expired, token(exp=str(int(NOW) - HOUR)), API)) == {"token_expired": "S"}


@given(st.integers(-10_000, 10_000), st.integers(0, 600), st.floats(-7200, 7200))
def test_only_the_margin_by_the_apis_clock_counts(left: int, allowed: int, shift: float) -> None:
    """A shift of this machine's clock changes nothing, whatever the margin."""
    exp = NOW + left
    here, there = RunClock(NOW - shift), baseline(401, off=round(shift), at=NOW - round(shift))
    finding = judge(not_expired, token(exp=exp), here, there, profile(expect=leeway(allowed)))
    positive = {a.grade.value for a in finding.arguments if not a.grade.against}
    assert ("S" in positive) == (left <= -allowed)
    if any(a.grade.against for a in finding.arguments):
        assert left > allowed


# ── S2-04, S2-05 ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ahead", "evidence", "status", "causes"),
    [
        (-HOUR, (API,), "pass", {}),
        (600, (API,), "fail", {"token_not_yet_valid": "S"}),
        (600, (), "fail", {"token_not_yet_valid": "M"}),
        (30, (API,), "warn", {}),
        (600, (baseline(401, off=900),), "pass", {}),
    ],
)
def test_the_beginning(ahead: int, evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(not_before, token(nbf=NOW + ahead), *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert all(a.on_local_clock is (not evidence) for a in finding.arguments)


@pytest.mark.parametrize(
    ("ahead", "evidence", "status", "causes"),
    [
        (-HOUR, (API,), "pass", {}),
        (0, (API,), "pass", {}),
        (5, (API,), "warn", {"clock_skew_issuer_api": "M"}),
        (660, (API,), "fail", {"clock_skew_issuer_api": "M"}),
        (660, (API, discovery(660)), "fail", {"clock_skew_issuer_api": "M"}),
        (660, (), "fail", {"clock_skew_client": "M"}),
        (0, (baseline(401, off=-660), discovery(0), NetworkTime("t", 0, 0.1)), "fail", {"clock_skew_server": "M"}),
        (6 * HOUR, (API, discovery(0)), "fail", {}),
    ],
)
def test_the_moment_of_issue(ahead: int, evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(issued_in_past, token(iat=NOW + ahead), *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert all(a.on_local_clock is (a.cause == "clock_skew_client") for a in finding.arguments)


@pytest.mark.parametrize(
    ("claims", "max_age", "causes"),
    [
        ({"auth_time": NOW - 2 * HOUR, "iat": NOW - 60}, "3600", {"token_too_old": "W"}),
        ({"auth_time": NOW - 60, "iat": NOW - 60}, "3600", {}),
        ({"iat": NOW - 2 * HOUR}, "3600", {"token_too_old": "W"}),
        ({"iat": NOW - 2 * HOUR}, "soon", {}),
    ],
)
def test_a_login_older_than_the_server_wants(claims: dict[str, Any], max_age: str, causes: dict[str, str]) -> None:
    asks = (("WWW-Authenticate", f'Bearer error="insufficient_user_authentication", max_age="{max_age}"'),)
    assert grades(judge(issued_in_past, token(**claims), baseline(401, off=0, headers=asks))) == causes


# ── S2-06 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("life", "status", "causes"),
    [
        (HOUR, "pass", {}),
        (119, "warn", {"token_lifetime_too_short": "W"}),
        (0, "warn", {"token_lifetime_too_short": "W"}),
        (-HOUR, "warn", {"token_lifetime_too_short": "W"}),
        (2 * 86400, "warn", {}),
    ],
)
def test_lifetimes(life: int, status: str, causes: dict[str, str]) -> None:
    finding = judge(lifetime, token(iat=NOW, exp=NOW + life))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_lifetime_in_milliseconds_is_read_in_its_unit() -> None:
    assert judge(lifetime, token(iat=NOW * 1000, exp=(NOW + HOUR) * 1000)).status is Status.PASS
    assert judge(lifetime, token(iat=NOW, exp=(NOW + HOUR) * 1000)).status is Status.SKIP


@pytest.mark.parametrize(("said", "causes"), [(3600, {}), (3604, {}), (7200, {"exp_expires_in_disagree": "W"}), (None, {})])
def test_the_answer_and_the_token_agree_about_the_lifetime(said: int | None, causes: dict[str, str]) -> None:
    made = granted(FreshToken, jws({"iat": NOW, "exp": NOW + HOUR}), expires_in=said)
    assert grades(judge(lifetime, token(iat=NOW, exp=NOW + HOUR), made)) == causes


# ── S2-07 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def stored(obtained_at: float | None, expires_in: int | None) -> StoredSecrets:
    return StoredSecrets({"access_token": SecretState("access_token", "present", obtained_at=obtained_at, expires_in=expires_in)})


def asked(active: bool | None, **members: Any) -> Introspection:
    return Introspection(exchange(200), Introspected(active, members))


@pytest.mark.parametrize(
    ("evidence", "status", "causes"),
    [
        ((), "blocked", {}),
        ((stored(None, 3600),), "blocked", {}),
        ((stored(NOW - 7200, 3600),), "fail", {"token_expired": "M"}),
        ((stored(NOW - 60, 3600),), "pass", {}),
        ((asked(True, exp=NOW + 60),), "pass", {"token_expired": "XS"}),
        ((asked(False, exp=NOW - 60),), "fail", {"token_expired": "S"}),
        ((asked(False),), "skip", {}),
        ((asked(False, exp=NOW + 600),), "skip", {}),
        ((asked(None), stored(NOW - 7200, 3600)), "fail", {"token_expired": "M"}),
        ((asked(True), stored(NOW - 7200, 3600)), "pass", {"token_expired": "XS"}),
    ],
)
def test_opaque_tokens(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(opaque_age, credential(opaque()), *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_token_fetched_for_this_run_has_the_age_of_its_answer() -> None:
    finding = judge(opaque_age, credential(opaque(), fetched=True), granted(MintedForRun, opaque(), expires_in=3600))
    assert (finding.status, grades(finding)) == (Status.PASS, {"token_expired": "XS"})
    assert "fetched in this run" in finding.summary


def test_keys_and_readable_tokens_are_judged_elsewhere() -> None:
    assert judge(opaque_age, credential(opaque(), kind="api_key"), stored(NOW - 7200, 3600)).status is Status.SKIP
    unknown = judge(opaque_age, credential(opaque()), baseline(401))
    assert unknown.status is Status.BLOCKED
    assert "introspection_url" in unknown.summary
    accepted = judge(opaque_age, credential(opaque()), stored(NOW - 7200, 3600), baseline(200))
    assert (accepted.status, grades(accepted)) == (Status.PASS, {})
    assert judge(opaque_age, token(exp=NOW), stored(NOW - 7200, 3600)).status is Status.SKIP
