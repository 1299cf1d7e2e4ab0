"""S8-10, S8-11: an old answer and an old decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from authwizard.model.evidence import Baseline, FreshToken, Introspection, OtherEndpoint, OtherEndpoints, Repeats, UncachedCall
from authwizard.model.finding import Status
from authwizard.model.oauth import Introspected
from authwizard.steps.step8_cache import authorizer_cache, cached_answer

from .evidence_of_first_steps import NOW, baseline, credential, exchange, fresh_call, grades, granted, judge, jws

HIT = (("Age", "30"), ("X-Cache", "HIT"))
AWS = (("x-amzn-ErrorType", "AccessDeniedException"), ("apigw-requestid", "Ab1"))
SENT = credential(jws({"iss": "i", "sub": "x"}))
ALIVE = Introspection(exchange(200), Introspected(active=True))
NEW = granted(FreshToken, jws({"iss": "i", "sub": "x"}))


def past(status: int, **more: Any) -> UncachedCall:
    return UncachedCall(exchange(status, id="S-nocache", **more))


# ── S8-10 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "more", "status", "causes"),
    [
        (baseline(401), (), "pass", {}),
        (baseline(401, headers=HIT), (), "fail", {"cached_401": "S"}),
        (baseline(401, headers=HIT), (past(200),), "fail", {"cached_401": "P"}),
        (baseline(401), (past(200),), "warn", {"cached_401": "M"}),
        (baseline(401), (past(200), Repeats((exchange(401),))), "fail", {"cached_401": "P"}),
        (baseline(401), (past(200), Repeats((exchange(429),))), "warn", {"cached_401": "M"}),
        (baseline(401), (past(200), Repeats((exchange(200),))), "warn", {}),
        (baseline(401, headers=HIT), (past(401),), "warn", {"cached_401": "XS"}),
        (baseline(401, headers=HIT), (past(400),), "warn", {}),
        (baseline(401), (past(401),), "pass", {}),
        (baseline(500, headers=HIT), (), "skip", {}),
    ],
)
def test_a_kept_answer(answer: Baseline, more: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(cached_answer, answer, *more)
    assert (finding.status, grades(finding)) == (status, causes)
    assert finding.facts == ({"from_cache": True} if causes == {"cached_401": "S"} and not more else {})


def test_one_date_on_answers_some_time_apart_is_one_answer() -> None:
    date = (("Date", "Fri, 15 Jan 2027 08:00:00 GMT"),)
    first = baseline(401, headers=date, off=None)
    later = replace(first.exchange, id="P0.2", sent_at=NOW + 9, received_at=NOW + 9)
    finding = judge(cached_answer, first, Repeats((later,)))
    assert (finding.status, grades(finding)) == (Status.FAIL, {"cached_401": "M"})
    at_once = replace(later, sent_at=NOW + 1, received_at=NOW + 1)
    assert judge(cached_answer, first, Repeats((at_once,))).status is Status.PASS


# ── S8-11 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_h09_a_gateway_that_takes_a_fresh_token_and_keeps_refusing_a_living_one() -> None:
    refused = baseline(403, headers=AWS)
    finding = judge(authorizer_cache, refused, SENT, NEW, fresh_call(200), ALIVE)
    assert (finding.status, grades(finding)) == (Status.FAIL, {"authorizer_cache": "M"})
    dead = Introspection(exchange(200), Introspected(active=False))
    assert judge(authorizer_cache, refused, SENT, NEW, fresh_call(200), dead).status is Status.PASS
    other = granted(FreshToken, jws({"iss": "i", "sub": "x", "scope": "admin"}))
    assert judge(authorizer_cache, refused, SENT, other, fresh_call(200), ALIVE).status is Status.PASS
    assert judge(authorizer_cache, refused, SENT, NEW, fresh_call(403), ALIVE).status is Status.PASS


def test_a_policy_kept_for_another_path() -> None:
    other = OtherEndpoints((OtherEndpoint("GET /v2/devices", exchange(200), exchange(401)),))
    finding = judge(authorizer_cache, baseline(403, headers=AWS), SENT, other)
    assert (finding.status, grades(finding)) == (Status.WARN, {"authorizer_cache": "W"})


def test_where_no_gateway_answers_or_nothing_can_be_compared() -> None:
    assert judge(authorizer_cache, baseline(403), SENT).status is Status.SKIP
    assert judge(authorizer_cache, baseline(200, headers=AWS), SENT).status is Status.SKIP
    assert judge(authorizer_cache, baseline(403, headers=AWS), SENT).status is Status.BLOCKED
