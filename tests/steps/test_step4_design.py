"""S4-07: how a program should renew, and signs of two that do it at once."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import RefreshedToken
from authwizard.model.finding import Status
from authwizard.model.profile import OAuth, Profile
from authwizard.steps.step4_design import refresh_design

from .made_evidence import NOW, credential, granted, judge, opaque, present, profile, refused, said, secrets

RENEWS = {Profile: profile(oauth=OAuth(client_id="client-1", grant="refresh_token"))}
REUSED = refused("invalid_grant", kind=RefreshedToken, description="refresh token was already used", grant="refresh_token")
RENEWED = granted(kind=RefreshedToken, grant="refresh_token")


def fetched(seconds_ago: float | None) -> Any:
    at = None if seconds_ago is None else NOW - seconds_ago
    return secrets(access_token=present("access_token", obtained_at=at, expires_in=600), refresh_token=present("refresh_token"))


@pytest.mark.parametrize(
    ("evidence", "status", "expected"),
    [
        ((fetched(4000),), "pass", set()),
        ((fetched(None), RENEWED), "pass", set()),
        ((fetched(4000), RENEWED), "pass", set()),
        ((fetched(3), RENEWED), "warn", {("refresh_race", "W")}),
        ((fetched(4000), REUSED), "warn", {("refresh_race", "W")}),
        ((fetched(3),), "pass", set()),
    ],
)
def test_signs_of_two_renewals(evidence: tuple[Any, ...], status: str, expected: set[tuple[str, str]]) -> None:
    finding = judge(refresh_design, *evidence, given=RENEWS)
    assert (finding.status, said(finding)) == (Status(status), expected), finding.summary


def test_a_run_that_renewed_nothing_does_not_claim_to_have_seen_nothing() -> None:
    assert judge(refresh_design, fetched(None), given=RENEWS).summary.startswith("Nothing was renewed in this run")
    assert judge(refresh_design, fetched(None), RENEWED, given=RENEWS).summary.startswith("Nothing shows two renewals at once.")


def test_when_to_renew() -> None:
    assert "55 min after it was issued, of the 1 h it lives" in str(judge(refresh_design, fetched(None), given=RENEWS).details)
    by_answer = judge(refresh_design, fetched(60), credential(opaque()), given=RENEWS)
    assert "8 min after it was issued, of the 10 min it lives" in str(by_answer.details)


def test_nothing_is_renewed() -> None:
    assert judge(refresh_design, secrets()).status is Status.SKIP
    assert judge(refresh_design, secrets(), given={Profile: profile(oauth=None)}).status is Status.SKIP
