"""S5-08 and S5-09: a stronger sign-in, finer permissions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from authwizard.model.finding import Status
from authwizard.model.profile import OAuth, Profile
from authwizard.steps.step5_demands import details_granted, sign_in_suffices

from .made_evidence import AUDIENCE, NOW, baseline, credential, granted, judge, opaque, profile, refusal, said, token

STEP_UP = 'Bearer error="insufficient_user_authentication", error_description="A different level is required"'
LEVEL, AGE = f'{STEP_UP}, acr_values="phr phrh"', f'{STEP_UP}, max_age="300"'


def challenged(value: str, status: int = 401) -> Any:
    return baseline(status, headers={"WWW-Authenticate": value})


@pytest.mark.parametrize(
    ("evidence", "status", "expected"),
    [
        ((challenged(LEVEL),), "fail", {("step_up_required", "S")}),
        ((challenged(AGE), credential(token({"auth_time": NOW - 4000}))), "fail", {("step_up_required", "S")}),
        ((challenged(STEP_UP), credential(opaque())), "fail", {("step_up_required", "S")}),
        ((refusal("Fresh token required"),), "fail", {("step_up_required", "M")}),
        # parameters without the code: informative
        ((challenged('Bearer realm="x", max_age="300"'),), "warn", {("step_up_required", "W")}),
        ((challenged('Bearer error="invalid_token"'),), "pass", set()),
        ((challenged('Bearer realm="x"'),), "pass", set()),
        ((baseline(200, headers={"WWW-Authenticate": LEVEL}),), "skip", set()),
    ],
)
def test_a_step_up_challenge(evidence: tuple[Any, ...], status: str, expected: set[tuple[str, str]]) -> None:
    finding = judge(sign_in_suffices, *evidence)
    assert (finding.status, said(finding)) == (Status(status), expected), finding.summary


def test_what_is_wanted_and_what_the_token_has_stand_side_by_side() -> None:
    finding = judge(
        sign_in_suffices, challenged(f'{LEVEL}, max_age="300"'), credential(token({"acr": "pwd", "amr": ["pwd"], "auth_time": NOW - 900}))
    )
    shown = {line.label: (line.value, line.mark) for line in finding.details if hasattr(line, "label")}
    assert shown["level asked for"] == ("phr or phrh", None)
    assert shown["token acr"] == ("pwd", Status.FAIL)
    assert shown["signed in"] == ("15 min ago", Status.FAIL)
    assert finding.facts == {"acr_values": "phr phrh", "max_age": "300"}
    assert "a sign-in of the level phr or phrh and a sign-in no older than 5 min" in finding.summary


def test_authorization_details_that_fall_short() -> None:
    short = 'Bearer error="insufficient_authorization_details"'
    finding = judge(details_granted, challenged(short, 403), credential(token({"authorization_details": [{"type": "payment"}]})))
    assert (finding.status, said(finding)) == (Status.FAIL, {("insufficient_authorization_details", "M")})
    assert "it carries payment" in finding.summary
    none = judge(details_granted, challenged(short, 403))
    assert "it carries none" in none.summary
    assert said(judge(details_granted, challenged('Bearer error="insufficient_scope"', 403))) == set()


def test_a_resource_the_server_did_not_heed() -> None:
    asked = {Profile: profile(oauth=OAuth(client_id="client-1", resource="https://other.example.com"))}
    ignored = judge(details_granted, granted(), given=asked)
    assert (ignored.status, said(ignored)) == (Status.WARN, {("audience_mismatch", "M")})
    heeded = {Profile: profile(oauth=OAuth(client_id="client-1", resource=f"{AUDIENCE}/"))}
    assert judge(details_granted, granted(), given=heeded).status is Status.PASS
    unreadable = judge(details_granted, granted(opaque()), given=asked)
    assert said(unreadable) == set()
    refused = replace(granted(), answer=replace(granted().answer, ok=False))
    assert said(judge(details_granted, refused, given=asked)) == set()


def test_neither_is_in_use() -> None:
    assert judge(details_granted, baseline(401)).status is Status.SKIP
    odd = credential(token({"authorization_details": "text"}))
    assert judge(details_granted, baseline(401), odd).status is Status.SKIP
