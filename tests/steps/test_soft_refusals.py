"""A status of success with a refusal inside (Slack, GraphQL): no check takes it for a success."""

from __future__ import annotations

import json

import pytest

from authwizard.model.evidence import Anonymous, CleanedCall, FreshCall, FreshCallAgain, Garbage, Repeats
from authwizard.model.finding import Grade, Status
from authwizard.steps.expectations import words_of
from authwizard.steps.intake_network import stability
from authwizard.steps.step1_arrival import header_reaches
from authwizard.steps.step7_fresh_token import fresh_call
from authwizard.steps.swaps import swap_argument
from authwizard.steps.verification import negative_control, success

from .made_evidence import baseline, exchange, granted, judge, keys, said

SLACK = json.dumps({"ok": False, "error": "not_authed"})
GRAPHQL = json.dumps({"data": None, "errors": [{"message": "Not authenticated", "extensions": {"code": "UNAUTHENTICATED"}}]})
WORDS = json.dumps({"error": "unauthorized"})
SENTENCE = json.dumps({"message": "Unauthorized", "request_id": "r-1"})
DATA = json.dumps({"ok": True, "user": "u-1"})
SOFT = pytest.mark.parametrize("refusal", [SLACK, GRAPHQL, WORDS, SENTENCE])


@SOFT
def test_an_endpoint_that_refuses_softly_is_protected(refusal: str) -> None:
    finding = judge(negative_control, baseline(200, DATA), Anonymous(exchange(200, refusal)), Garbage(exchange(200, refusal)))
    assert (finding.status, said(finding)) == (Status.PASS, set())
    open_to_all = judge(negative_control, baseline(200, DATA), Anonymous(exchange(200, DATA)))
    assert said(open_to_all) == {("endpoint_not_protected", "S")}


@SOFT
def test_a_soft_refusal_is_no_success(refusal: str) -> None:
    assert judge(success, baseline(200, refusal)).status is Status.FAIL
    assert words_of(baseline(200, refusal)) is not None
    assert words_of(baseline(200, DATA)) is None


@SOFT
def test_the_effect_of_the_header_shows_under_one_status(refusal: str) -> None:
    finding = judge(header_reaches, baseline(200, refusal), Anonymous(exchange(200, refusal)))
    assert (finding.status, finding.facts["like_none"]) == (Status.WARN, True)


@SOFT
def test_swaps_look_inside(refusal: str) -> None:
    same = CleanedCall(exchange(200, refusal), "quotes_in_token", "quotes")
    argument = swap_argument(same, baseline(200, refusal))
    assert argument is not None
    assert argument.grade is Grade.XM
    argument = swap_argument(CleanedCall(exchange(200, DATA), "quotes_in_token", "quotes"), baseline(200, refusal))
    assert argument is not None
    assert argument.grade is Grade.P


@SOFT
def test_a_fresh_token_that_is_refused_softly_is_refused(refusal: str) -> None:
    twice = FreshCall(exchange(200, refusal)), FreshCallAgain(exchange(200, refusal))
    finding = judge(fresh_call, granted(), *twice, baseline(200, refusal), keys())
    assert finding.status is Status.FAIL
    assert ("token_revoked", "XS") in said(finding)


@SOFT
def test_soft_refusals_among_successes_are_a_mixture(refusal: str) -> None:
    finding = judge(stability, baseline(200, refusal), Repeats((exchange(200, DATA), exchange(200, refusal))))
    assert ("replica_inconsistent", "S") in said(finding)


@pytest.mark.parametrize(
    "data",
    [
        {"error": "token count exceeded", "answer": "42"},  # an answer with data, whatever its error
        {"message": "The token was refreshed"},
        {"message": "Welcome back"},
        {"error": None, "id": 7},
        {"error": "unauthorized", "data": {"id": 7}},
        {"error": ""},
        {"errcode": 0, "errmsg": "auth ok"},
        {"error": {"code": 0, "message": "token accepted"}},
        {"success": True, "message": "Login required"},  # a setting's name for all we know: the answer itself says that it went well
        {"errors": [{"message": "token expired", "user": "u-7"}], "total": 1},  # a log of what happened to others
    ],
)
def test_words_beside_data_or_about_something_else_are_no_refusal(data: dict[str, object]) -> None:
    assert judge(success, baseline(200, json.dumps(data))).status is Status.PASS
