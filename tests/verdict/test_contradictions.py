"""Two observations that disagree: said, weighed where nothing else does it, and the verdict is less sure (CHECKS 16.6)."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.finding import Argument, Finding, Grade, Group, Status
from authwizard.verdict import conclude
from authwizard.verdict.contradictions import contradictions
from authwizard.verdict.ledger import open_ledger

WORDS, KEYS, TABLE = Group.SERVER_MESSAGE, Group.METADATA, Group.LOCAL_CLAIMS


def finding(check: str, *arguments: Argument, status: Status = Status.FAIL, **facts: Any) -> Finding:
    return Finding(check, 0, check, status, f"summary of {check}", arguments=arguments, facts=facts)


def argue(cause: str, grade: Grade, group: Group) -> Argument:
    return Argument(cause, grade, group, f"{cause} {grade} {group}")


REFUSED = finding("I-03", status=Status.PASS, triage="401")
SAYS_SIGNATURE = finding("S8-03", argue("signature_invalid", Grade.S, WORDS))
VERIFIED = finding("S3-13", argue("signature_invalid", Grade.XS, KEYS), status=Status.PASS)


def test_a_signature_refused_there_and_verified_here_speaks_of_the_servers_keys() -> None:
    verdict = conclude([REFUSED, SAYS_SIGNATURE, VERIFIED])
    assert (verdict.kind, verdict.confidence) == ("cause", "possible")
    assert {verdict.cause, verdict.tie_with} == {"jwks_stale_at_server", "server_key_misconfigured"}
    assert any("verifies here" in text for text in verdict.contradictions)
    assert [s.check for s in verdict.because] == ["S3-13"]
    assert verdict.next_test


def test_more_than_the_disagreement_decides_between_its_explanations() -> None:
    wrong_keys = finding("S7-02", argue("server_key_misconfigured", Grade.S, KEYS))
    verdict = conclude([REFUSED, SAYS_SIGNATURE, VERIFIED, wrong_keys])
    assert (verdict.cause, verdict.tie_with) == ("server_key_misconfigured", None)
    assert verdict.confidence == "likely", "a contradiction is open"


def test_words_about_a_scope_that_the_table_says_is_there() -> None:
    says = finding("S8-03", argue("insufficient_scope", Grade.S, WORDS))
    met = finding("S5-02", argue("insufficient_scope", Grade.XM, TABLE), status=Status.PASS)
    verdict = conclude([REFUSED, says, met])
    assert any("scope table" in text for text in verdict.contradictions)
    assert {"insufficient_scope", "forbidden_by_policy"} <= {c.cause for c in verdict.candidates}
    assert verdict.confidence in (None, "possible")
    assert not conclude([REFUSED, says]).contradictions


@pytest.mark.parametrize("cause", ["token_expired", "token_not_yet_valid"])
def test_a_time_the_server_names_and_the_token_denies(cause: str) -> None:
    says, denies = finding("S8-03", argue(cause, Grade.S, WORDS)), finding("S2-03", argue(cause, Grade.XM, Group.TIME))
    assert len(conclude([REFUSED, says, denies]).contradictions) == 1
    assert not conclude([REFUSED, denies]).contradictions


def test_bodies_that_vary_are_said_and_cost_no_certainty() -> None:
    firm = finding("S3-10", argue("audience_mismatch", Grade.S, TABLE))
    volatile = finding("S8-14", status=Status.WARN, volatile=True)
    verdict = conclude([REFUSED, firm, volatile])
    assert len(verdict.contradictions) == 1
    assert verdict.confidence == conclude([REFUSED, firm]).confidence == "very_likely"


def test_a_flip_is_a_contradiction() -> None:
    mixed = finding("I-05", argue("replica_inconsistent", Grade.S, Group.RESPONSE_CLASS), flapping=True)
    verdict = conclude([REFUSED, mixed])
    assert (verdict.cause, len(verdict.contradictions)) == ("replica_inconsistent", 1)


def test_where_all_agree_there_is_none() -> None:
    ledger = open_ledger([REFUSED, SAYS_SIGNATURE])
    assert contradictions(ledger, {}) == ()
