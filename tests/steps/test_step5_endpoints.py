"""S5-07: the same token on other endpoints of the API."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import OtherEndpoint, OtherEndpoints
from authwizard.model.finding import Grade, Status
from authwizard.model.profile import Endpoint, Profile
from authwizard.steps.step5_endpoints import OF_THE_TOKEN, refused_here_alone

from .made_evidence import about, baseline, credential, exchange, judge, opaque, profile, said

NEEDS_WRITE = {Profile: profile(request="POST /v2/devices", endpoints=(Endpoint("POST /v2/devices", ("write",)), Endpoint("GET /v2/a")))}
NEEDS_READ = {Profile: profile(endpoints=(Endpoint("GET /v2/devices", ("read",)), Endpoint("GET /v2/a")))}


def other(status: int | None, anonymous: int | None = 401, **answer: Any) -> OtherEndpoint:
    return OtherEndpoint("GET /v2/a", exchange(status, **answer), exchange(anonymous) if anonymous is not None else None)


def left(finding: Any) -> set[tuple[str, str]]:
    return {(cause, grade) for cause, grade in said(finding) if not grade.startswith("X")}


@pytest.mark.parametrize(
    ("status", "given", "expected"),
    [
        (403, NEEDS_WRITE, {("insufficient_scope", "M"), ("route_auth_config", "W")}),
        (401, NEEDS_WRITE, {("insufficient_scope", "M"), ("route_auth_config", "W")}),
        (401, NEEDS_READ, {("insufficient_scope", "W"), ("route_auth_config", "M")}),
        (401, {}, {("insufficient_scope", "M"), ("route_auth_config", "M")}),
        (404, {}, {("insufficient_scope", "M"), ("route_auth_config", "W")}),
    ],
)
def test_accepted_elsewhere_is_a_matter_of_the_endpoint(status: int, given: Any, expected: set[tuple[str, str]]) -> None:
    finding = judge(refused_here_alone, baseline(status), OtherEndpoints((other(200), other(401))), given=given)
    assert (finding.status, left(finding)) == (Status.WARN, expected)
    assert {a.cause for a in finding.arguments if a.grade is Grade.XS} == set(OF_THE_TOKEN)
    assert "refuses requests without one" in about(finding, "insufficient_scope").text


@pytest.mark.parametrize(
    "call",
    [other(200, 200), other(200, None), other(200, headers={"Age": "30"}), OtherEndpoint("GET /v2/a", exchange(200), exchange(None)), other(500),
     other(404), other(None)],
)  # fmt: skip
def test_an_endpoint_that_is_public_cached_or_broken_proves_nothing(call: OtherEndpoint) -> None:
    finding = judge(refused_here_alone, baseline(401), OtherEndpoints((call,)))
    assert (finding.status, said(finding)) == (Status.BLOCKED, set())


def test_refused_everywhere_is_a_matter_of_the_token() -> None:
    finding = judge(refused_here_alone, baseline(401), OtherEndpoints((other(401, None), other(401, None))))
    assert (finding.status, said(finding)) == (Status.PASS, {("insufficient_scope", "XM"), ("route_auth_config", "XM")})
    mixed = judge(refused_here_alone, baseline(403), OtherEndpoints((other(403, None),)))
    assert (mixed.status, said(mixed)) == (Status.WARN, set())


def test_a_token_that_cannot_be_read_is_compared_all_the_same() -> None:
    finding = judge(refused_here_alone, credential(opaque()), baseline(403), OtherEndpoints((other(200),)), given=NEEDS_WRITE)
    assert left(finding) == {("insufficient_scope", "M"), ("route_auth_config", "W")}


def test_nothing_was_refused() -> None:
    assert judge(refused_here_alone, baseline(200), OtherEndpoints((other(200),))).status is Status.SKIP
