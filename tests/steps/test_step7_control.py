"""S7-05: what a credential that is known to work says about the way and about this profile's own."""

from __future__ import annotations

import pytest

from authwizard.check import run_check
from authwizard.model.evidence import Anonymous, AnonymousAgain, Baseline, KnownGoodCall, NotApplicable, NotTried, RunClock
from authwizard.model.finding import Skip, Status
from authwizard.steps.step7_control import OF_THE_CREDENTIAL, OF_THE_WAY, known_good_control

from .made_evidence import NOW, baseline, exchange, judge, said, token

GOOD = token({"exp": NOW + 900}, fingerprint="#good0000")


def control(status: int | None = 401, body: str = "", **changes: object) -> KnownGoodCall:
    return KnownGoodCall(exchange(status, body, id="control"), "prod-admin", changes.get("token", GOOD))  # type: ignore[arg-type]


def test_a_success_clears_the_way_and_says_nothing_of_the_credential() -> None:
    finding = judge(known_good_control, control(200), baseline(401))
    assert finding.status is Status.PASS
    assert said(finding) == {(cause, "XS") for cause in OF_THE_WAY}
    assert {"authorization_stripped", "wrong_path_or_method", "server_key_misconfigured", "uniform_401"} <= set(OF_THE_WAY)
    assert not {"token_expired", "forbidden_by_policy", "auth_scheme_wrong"} & set(OF_THE_WAY)


def test_the_answer_to_none_for_both_means_that_the_header_is_lost() -> None:
    none = Anonymous(exchange(401, "no")), AnonymousAgain(exchange(401, "no"))
    finding = judge(known_good_control, control(401, "no"), baseline(401, "no"), *none)
    assert finding.status is Status.FAIL
    assert {("authorization_stripped", "M"), ("server_key_misconfigured", "W")} <= said(finding)
    assert {(cause, "XS") for cause in OF_THE_CREDENTIAL} <= said(finding)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('{"error": "invalid signature"}', {("server_key_misconfigured", "M")}),
        ('{"error": "jwt expired"}', {("clock_skew_server", "M")}),
        ('{"error": "go away"}', {("server_key_misconfigured", "M"), ("clock_skew_server", "W"), ("wrong_path_or_method", "W")}),
    ],
)
def test_the_same_refusal_lies_at_the_server(words: str, expected: set[tuple[str, str]]) -> None:
    none = Anonymous(exchange(401, '{"error": "missing"}')), AnonymousAgain(exchange(401, '{"error": "missing"}'))
    finding = judge(known_good_control, control(401, words), baseline(401, words), *none)
    assert {(cause, grade) for cause, grade in said(finding) if not grade.startswith("X")} == expected


def test_a_control_that_is_itself_at_an_end_proves_nothing() -> None:
    over = control(401, token=token({"exp": NOW - 60}))
    finding = judge(known_good_control, over, baseline(401))
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert "expired 1 min ago" in finding.summary


def test_another_refusal_and_no_answer_prove_nothing() -> None:
    other = judge(known_good_control, control(401, '{"error": "jwt malformed"}'), baseline(401, '{"error": "jwt expired"}'))
    assert (other.status, said(other)) == (Status.WARN, set())
    lost = judge(known_good_control, control(None), baseline(401))
    assert (lost.status, said(lost)) == (Status.BLOCKED, set())


def test_without_a_control_the_reason_is_told() -> None:
    for absence, skip in ((NotApplicable("None is named."), Skip.NOT_APPLICABLE), (NotTried("No leave."), Skip.NOT_TRIED)):
        finding = run_check(known_good_control, {KnownGoodCall: absence, Baseline: baseline(401), RunClock: RunClock(NOW)})
        assert finding is not None
        assert (finding.skip, finding.summary) == (skip, absence.why)
