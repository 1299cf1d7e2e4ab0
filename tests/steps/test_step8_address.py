"""S8-09, R13, R14: a wrong path, a hidden resource, and a credential refused before routing."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.check import Check
from authwizard.model.evidence import Anonymous, AnonymousAgain, Baseline, OtherEndpoint, OtherEndpoints, PathCanary
from authwizard.model.finding import Finding, Status
from authwizard.model.profile import Endpoint
from authwizard.steps.step8_address import masked, path_and_method, unknown_path

from .evidence_of_first_steps import credential, exchange, grades, judge, jws, profile

HERE, THERE = "https://api.acme.io/v2/me", "https://api.acme.io/v2/authwizard-no-such-path"
SENT = credential(jws())
LISTED = profile(endpoints=(Endpoint("GET /v2/me", ("read",)),))
JSON = (("Content-Type", "application/json"),)
AWS = (*JSON, ("x-amzn-ErrorType", "UnknownError"), ("apigw-requestid", "Ab1"))
NO: dict[str, Any] = {"status": 401, "body": '{"error": "no"}', "headers": JSON}
ABSENT: dict[str, Any] = {"status": 401, "body": '{"message": "No authorization token was found"}', "headers": JSON}
GATEWAY: dict[str, Any] = {"status": 401, "body": '{"message": "Unauthorized"}', "headers": AWS}
NO_ROUTE: dict[str, Any] = {"status": 403, "body": '{"message": "Missing Authentication Token"}', "headers": AWS}
NOT_FOUND: dict[str, Any] = {"status": 404, "body": '{"error": "not found"}', "headers": JSON}


def judged(check: Check, here: dict[str, Any], there: dict[str, Any] | None, *more: Any, none: dict[str, Any] | None = None) -> Finding:
    answers = [Baseline(exchange(**{"url": HERE, **here}))]
    canary = [PathCanary(exchange(**{"url": THERE, **there}), "/v2/authwizard-no-such-path")] if there is not None else []
    without = none if none is not None else NO
    twice = [Anonymous(exchange(**{"url": HERE, **without})), AnonymousAgain(exchange(**{"url": HERE, **without}))]
    return judge(check, *answers, *canary, *twice, SENT, *more)


def elsewhere(status: int, without: int | None = 401) -> OtherEndpoints:
    anonymous = exchange(without) if without is not None else None
    return OtherEndpoints((OtherEndpoint("GET /v2/devices", exchange(status), anonymous),))


# ── S8-09 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("here", "there", "status", "causes"),
    [
        (NO, NOT_FOUND, "pass", {"wrong_path_or_method": "XM", "wrong_base_url": "XM"}),
        (NO, {**NO, "body": '{"error": "other"}'}, "pass", {}),
        (NO, NO, "warn", {"wrong_path_or_method": "W"}),
        (ABSENT, ABSENT, "warn", {"wrong_path_or_method": "W"}),
        (GATEWAY, GATEWAY, "fail", {"wrong_path_or_method": "M", "wrong_base_url": "W"}),
        (NO_ROUTE, NO_ROUTE, "fail", {"wrong_path_or_method": "S", "wrong_base_url": "M"}),
        (NOT_FOUND, NOT_FOUND, "warn", {}),
        (NO, {"fault": "timeout"}, "blocked", {}),
        ({"status": 200}, NO, "skip", {}),
    ],
)
def test_an_invented_path(here: dict[str, Any], there: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judged(path_and_method, here, there)
    assert (finding.status, grades(finding)) == (status, causes)


def test_c09_a_token_that_is_good_elsewhere_makes_the_path_wrong() -> None:
    finding = judged(path_and_method, NO, NO, elsewhere(200))
    assert (finding.status, grades(finding)) == (Status.FAIL, {"wrong_path_or_method": "S", "wrong_base_url": "W"})
    assert "GET /v2/devices" in finding.summary
    for nothing in (elsewhere(401), elsewhere(200, without=200), elsewhere(200, without=None)):
        assert grades(judged(path_and_method, NO, NO, nothing)) == {"wrong_path_or_method": "W"}


def test_a_path_in_the_words_makes_no_difference() -> None:
    here = {**NO, "body": '{"error": "no", "path": "/v2/me"}'}
    there = {**NO, "body": '{"error": "no", "path": "/v2/authwizard-no-such-path"}'}
    assert judged(path_and_method, here, there).status is Status.WARN


def test_a_method_that_is_refused_shows_that_the_path_exists() -> None:
    canary = PathCanary(exchange(**NO, url=THERE), "/v2/x", None, exchange(405, url=HERE))
    finding = judge(path_and_method, Baseline(exchange(**NO, url=HERE)), canary, SENT)
    assert (finding.status, grades(finding)) == (Status.PASS, {})


# ── R13, R14 ─────────────────────────────────────────────────────────────────────────────────────────────────────────

OTHER_404 = {**NOT_FOUND, "body": "<h1>nothing here</h1>", "headers": (("Content-Type", "text/html"),)}
BOTH = {"authorization_stripped": "M", "insufficient_scope": "M"}


@pytest.mark.parametrize(
    ("here", "there", "none", "more", "causes"),
    [
        (NOT_FOUND, OTHER_404, NOT_FOUND, (), BOTH),
        (NOT_FOUND, NOT_FOUND, NOT_FOUND, (), {}),
        (NOT_FOUND, None, NOT_FOUND, (LISTED,), BOTH),
        (NOT_FOUND, NOT_FOUND, NO, (LISTED,), {}),
        (NO, OTHER_404, NO, (), {}),
    ],
)
def test_r13_a_404_that_hides_something(
    here: dict[str, Any], there: dict[str, Any] | None, none: dict[str, Any], more: tuple[Any, ...], causes: dict[str, str]
) -> None:
    finding = judged(masked, here, there, *more, none=none)
    assert grades(finding) == causes
    assert finding.status is (Status.FAIL if causes else Status.SKIP)


@pytest.mark.parametrize(
    ("here", "there", "more", "status", "wrong_path"),
    [
        (NOT_FOUND, NOT_FOUND, (), "fail", "S"),
        (NOT_FOUND, NOT_FOUND, (LISTED,), "fail", "M"),
        (NOT_FOUND, OTHER_404, (), "pass", None),
        ({"status": 405}, NO, (), "fail", "S"),
        (NO, NOT_FOUND, (), "skip", None),
        (NOT_FOUND, {"fault": "timeout"}, (), "blocked", None),
    ],
)
def test_r14_a_path_that_cannot_exist(
    here: dict[str, Any], there: dict[str, Any], more: tuple[Any, ...], status: str, wrong_path: str | None
) -> None:
    finding = judged(unknown_path, here, there, *more)
    assert (finding.status, grades(finding).get("wrong_path_or_method")) == (status, wrong_path)
    assert grades(finding).get("token_expired") == ("XM" if wrong_path == "S" else None)
