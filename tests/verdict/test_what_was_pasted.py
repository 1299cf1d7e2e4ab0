"""Runs without a saved profile: an answer alone is never more than likely, and what needs nothing is healthy."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.finding import Argument, Finding, Grade, Group, Status
from authwizard.verdict import conclude


def finding(check: str, *arguments: Argument, status: Status = Status.FAIL, **facts: Any) -> Finding:
    return Finding(check, 0, check, status, f"summary of {check}", arguments=arguments, facts=facts)


def argue(cause: str, grade: Grade, group: Group = Group.LOCAL_CLAIMS, **more: Any) -> Argument:
    return Argument(cause, grade, group, f"{cause} {grade}", **more)


@pytest.mark.parametrize(
    ("argument", "asked_for", "alone"),
    [
        (argue("token_expired", Grade.S, Group.SERVER_MESSAGE), "very_likely", "likely"),
        (argue("token_expired", Grade.P, Group.SWAP), "proven", "likely"),
        (argue("audience_mismatch", Grade.M, Group.METADATA), "possible", "possible"),
    ],
)
def test_a_pasted_answer_is_at_most_likely(argument: Argument, asked_for: str, alone: str) -> None:
    words = finding("S8-03", argument)
    assert conclude([finding("I-03", status=Status.PASS, triage="401"), words]).confidence == asked_for
    assert conclude([finding("I-03", status=Status.PASS, triage="401", pasted=True), words]).confidence == alone
    assert conclude([finding("I-03", triage="401"), finding("S8-05", pasted=True), words]).confidence == alone


MISSING = finding("S1-01", argue("credential_missing", Grade.S, Group.LOCAL_BYTES))
OPEN = finding("V-04", status=Status.PASS, anonymous_ok=True)


def test_an_address_that_needs_no_credential_is_healthy() -> None:
    verdict = conclude([finding("I-03", triage="not_sent"), MISSING, OPEN])
    assert (verdict.kind, verdict.exit_status, verdict.cause) == ("healthy", 0, None)
    assert "needs no credential" in verdict.summary


def test_an_address_that_refuses_wants_one() -> None:
    verdict = conclude([finding("I-03", triage="not_sent"), MISSING, finding("V-04", status=Status.PASS)])
    assert (verdict.kind, verdict.cause) == ("cause", "credential_missing")


def test_a_credential_that_cannot_be_sent_is_a_cause_on_an_open_address_too() -> None:
    broken = finding("S1-02", argue("line_break_in_token", Grade.S, Group.LOCAL_BYTES))
    assert conclude([finding("I-03", triage="not_sent"), broken, OPEN]).cause == "line_break_in_token"


def test_a_locked_keyring_is_not_hidden_by_an_open_address() -> None:
    locked = finding("S1-01", argue("keyring_unavailable", Grade.S, Group.ENVIRONMENT))
    assert conclude([finding("I-03", triage="not_sent"), locked, OPEN]).cause == "keyring_unavailable"


def test_a_pasted_token_request_that_works_is_healthy() -> None:
    verdict = conclude([finding("I-03", triage="not_sent", no_request=True), finding("S3-05", renewal_tried=True, renewal_failed=False)])
    assert (verdict.kind, verdict.exit_status) == ("healthy", 0)
    assert "token request works" in verdict.summary


@pytest.mark.parametrize(
    "facts", [{"renewal_tried": True, "renewal_failed": True}, {"renewal_tried": True}, {}], ids=["refused", "no answer", "not tried"]
)
def test_one_that_does_not_work_is_not(facts: dict[str, Any]) -> None:
    assert conclude([finding("I-03", triage="not_sent", no_request=True), finding("S3-05", **facts)]).kind != "healthy"


def test_a_request_that_was_not_sent_is_not_healthy_because_a_token_came() -> None:
    """A POST without leave: the token request worked, but the request itself was never seen."""
    verdict = conclude([finding("I-03", triage="not_sent"), finding("S3-05", renewal_tried=True, renewal_failed=False)])
    assert verdict.kind == "could_not_look"


def test_a_proof_against_a_proof_lowers_both() -> None:
    both = finding(
        "I-08", argue("edge_strips_authorization", Grade.P, Group.SWAP, factor="path"),
        argue("edge_strips_authorization", Grade.XP, Group.SWAP, factor="token"),
    )  # fmt: skip
    verdict = conclude([finding("I-03", triage="401"), both])
    assert verdict.confidence == "very_likely"
    assert verdict.contradictions


def test_seen_and_not_seen_disagree() -> None:
    words = finding("S8-03", argue("authorization_stripped", Grade.M, Group.SERVER_MESSAGE))
    code = finding("S8-02", argue("authorization_stripped", Grade.XS, Group.SERVER_MESSAGE))
    assert any("lost between" in text for text in conclude([finding("I-03", triage="401"), words, code]).contradictions)
    assert not conclude([finding("I-03", triage="401"), words]).contradictions


def test_a_check_may_place_a_cause_in_another_step() -> None:
    limited = argue("rate_limited", Grade.S, Group.RESPONSE_CLASS)
    placed = [finding("I-03", limited, triage="429", **{"step:rate_limited": 0})]
    assert conclude(placed).step == 0
    assert conclude([finding("I-03", limited, triage="429")]).step == 3


def test_a_pasted_token_request_is_judged_in_step_3_whatever_it_was_refused_for() -> None:
    nothing = finding("I-03", status=Status.SKIP, triage="not_sent", no_request=True)
    for cause in ("refresh_token_reused", "scope_unknown", "authorization_code_reused", "user_credentials_invalid"):
        refused = finding("S3-05", argue(cause, Grade.S, Group.TOKEN_ENDPOINT), renewal_tried=True, renewal_failed=True)
        assert (conclude([nothing, refused]).cause, conclude([nothing, refused]).step) == (cause, 3)


def test_a_sign_in_under_way_is_no_cause() -> None:
    nothing = finding("I-03", status=Status.SKIP, triage="not_sent", no_request=True)
    waiting = finding("S3-05", status=Status.WARN, waiting="Not finished yet.", unblock="Confirm it.")
    verdict = conclude([nothing, waiting])
    assert (verdict.kind, verdict.cause, verdict.summary, verdict.next_test) == ("could_not_look", None, "Not finished yet.", "Confirm it.")
