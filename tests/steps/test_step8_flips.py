"""R16, R19 to R21 and D7: what an empty or a foreign credential, and one changed thing, give away."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    CleanedCall,
    EmptyHeader,
    FinalUrlCall,
    ForeignToken,
    FreshCall,
    FreshCallAgain,
    Garbage,
    Repeats,
    Tampered,
    UncachedCall,
)
from authwizard.model.finding import Status
from authwizard.steps.intake_network import stability
from authwizard.steps.step8_flips import OF_THE_TOKEN, empty_noticed, flips, like_a_foreign_one, one_change_flips, one_change_leaves_all

from .evidence_of_first_steps import baseline, exchange, grades, judge

NO, MALFORMED, SIGNATURE, ISSUER = (
    {"status": 401, "body": f'{{"message": "{text}"}}'} for text in ("go away", "jwt malformed", "invalid signature", "jwt issuer invalid")
)  # fmt: skip


def none(**answer: Any) -> tuple[Anonymous, AnonymousAgain]:
    said = {"status": 401, "body": '{"message": "No authorization token was found"}', **answer}
    return Anonymous(exchange(**said, id="D1")), AnonymousAgain(exchange(**said, id="D1b"))


# ── R16 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("empty", "bare", "without", "status", "causes"),
    [
        ({"status": 400}, {"status": 400}, {}, "pass", {"authorization_stripped": "XS"}),
        ({"status": 401, "body": NO["body"]}, {"status": 400}, NO, "pass", {"authorization_stripped": "XS"}),
        (NO, NO, NO, "pass", {}),
        ({"status": 500}, {"status": 502}, NO, "pass", {}),
        ({"fault": "timeout"}, {"fault": "timeout"}, NO, "blocked", {}),
    ],
)
def test_an_empty_field(empty: dict[str, Any], bare: dict[str, Any], without: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    seen = EmptyHeader(exchange(**empty, id="D6"), exchange(**bare, id="D6b"))
    finding = judge(empty_noticed, seen, *none(**without))
    assert (finding.status, grades(finding)) == (status, causes)


# ── D7 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("p0", "foreign", "status", "causes"),
    [
        (SIGNATURE, {"status": 200}, "fail", {"endpoint_not_protected": "S"}),
        (SIGNATURE, ISSUER, "pass", {"authorization_stripped": "XS", "issuer_mismatch": "XM", "signing_key_unknown": "XM"}),
        (ISSUER, ISSUER, "warn", {"token_rejected_unspecified": "W", "authorization_stripped": "XS"}),
        (MALFORMED, MALFORMED, "pass", {"authorization_stripped": "XS"}),
        (SIGNATURE, {"fault": "timeout"}, "blocked", {}),
        ({"status": 200}, ISSUER, "skip", {}),
    ],
)
def test_a_token_of_nobody(p0: dict[str, Any], foreign: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(like_a_foreign_one, baseline(**p0), ForeignToken(exchange(**foreign)), Garbage(exchange(**MALFORMED)), *none())
    assert (finding.status, grades(finding)) == (status, causes)


def test_a_token_that_fails_like_its_tampered_twin_may_still_be_of_the_wrong_issuer() -> None:
    twin = Tampered(exchange(**SIGNATURE))
    finding = judge(like_a_foreign_one, baseline(**SIGNATURE), ForeignToken(exchange(**ISSUER)), twin, *none())
    assert grades(finding) == {"authorization_stripped": "XS"}


# ── R19, R20 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def cleaned(status: int) -> CleanedCall:
    return CleanedCall(exchange(status, id="S-clean"), "quotes_in_token", "quotes")


def test_r19_the_token_and_the_way_are_cleared_where_the_cleaned_value_works() -> None:
    finding = judge(one_change_flips, baseline(401), cleaned(200))
    found = grades(finding)
    assert finding.status is Status.WARN
    assert {found[c] for c in (*OF_THE_TOKEN, "authorization_stripped", "wrong_path_or_method")} == {"XS"}
    assert not {"quotes_in_token", "auth_scheme_wrong"} & set(found)


@pytest.mark.parametrize("call", [FinalUrlCall(exchange(200)), UncachedCall(exchange(200))])
def test_r19_another_way_clears_the_token_and_not_the_way(call: Any) -> None:
    found = grades(judge(one_change_flips, baseline(401), call))
    assert found["token_expired"] == "XS"
    assert not {"authorization_stripped", "cached_401", "wrong_path_or_method"} & set(found)


def test_r19_another_token_is_judged_in_steps_4_and_7() -> None:
    finding = judge(one_change_flips, baseline(401), FreshCall(exchange(200)))
    assert (finding.status, grades(finding)) == (Status.WARN, {})
    assert judge(one_change_flips, baseline(401), cleaned(401)).status is Status.PASS
    assert judge(one_change_flips, baseline(401)).status is Status.SKIP
    assert judge(one_change_flips, baseline(200), cleaned(200)).status is Status.SKIP


def test_r20_shows_what_does_not_matter() -> None:
    finding = judge(one_change_leaves_all, baseline(401), cleaned(401), FreshCall(exchange(403)))
    assert (finding.status, grades(finding)) == (Status.WARN, {})
    assert "1 of 2" in finding.summary
    assert judge(one_change_leaves_all, baseline(401), cleaned(403)).status is Status.PASS
    assert judge(one_change_leaves_all, baseline(401)).status is Status.SKIP
    assert judge(one_change_leaves_all, baseline(200), cleaned(200)).status is Status.SKIP


# ── R21 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("first", "later", "status"), [(401, (200, 401), "fail"), (401, (401, 401), "pass"), (200, (429,), "pass")])
def test_r21_a_flip_clears_the_form_and_the_way(first: int, later: tuple[int, ...], status: str) -> None:
    finding = judge(flips, baseline(first), Repeats(tuple(exchange(s) for s in later)))
    assert finding.status == status
    assert grades(finding).get("authorization_stripped") == ("XS" if status == "fail" else None)


def test_r21_and_i05_a_token_that_had_to_become_known_is_no_flip() -> None:
    second = FreshCallAgain(exchange(200))
    for check, quiet in ((flips, ()), (stability, ())):
        once = judge(check, baseline(401), Repeats((exchange(200), exchange(200))), second)
        assert (once.status, once.arguments, once.facts.get("flapping")) == (Status.WARN, quiet, None)
        both = judge(check, baseline(401), Repeats((exchange(200), exchange(401))), second)
        assert both.facts["flapping"] is True
