"""S1-16, S1-22, S1-23: the size, the HTTP version, the Connection field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import Baseline, FreshToken, Garbage, LeanerCall, NotTried, OtherVersionCall
from authwizard.model.finding import Skip, Status
from authwizard.steps.step1_request import hop_by_hop, http_version, size

from .evidence_of_first_steps import anonymous, baseline, credential, exchange, fresh_call, grades, granted, judge, jws, profile

SMALL = credential(jws(length=900))
MEDIUM = credential(jws(length=5000))
HUGE = credential(jws(length=11000))
D1 = anonymous(401)
D2 = Garbage(exchange(401, id="D2"))
RESET = baseline(None, fault="connect")


@for_each(
    ("evidence", "status", "causes"),
    [
        ((SMALL,), "pass", {}),
        ((SMALL, baseline(401), D1, D2), "pass", {}),
        ((MEDIUM, baseline(401), D1, D2), "warn", {}),
        ((HUGE, baseline(200)), "warn", {}),
        ((HUGE, baseline(403), D1, D2), "warn", {}),
        # the server says so itself
        ((SMALL, baseline(431)), "fail", {"header_too_large": "S"}),
        ((HUGE, baseline(431), D1, D2), "fail", {"header_too_large": "P"}),
        ((HUGE, baseline(400, body="<title>400 Request Header Or Cookie Too Large</title>"), D2), "fail", {"header_too_large": "P"}),
        # an answer that may have other reasons
        ((HUGE, baseline(400), D1, D2), "fail", {"header_too_large": "P"}),
        ((MEDIUM, baseline(400), D1, D2), "fail", {"header_too_large": "M"}),
        ((MEDIUM, baseline(502), D1, D2), "fail", {"header_too_large": "S"}),
        ((HUGE, baseline(502), D1), "fail", {"header_too_large": "M"}),
        ((HUGE, RESET, D1, D2), "fail", {"header_too_large": "P"}),
        ((HUGE, RESET), "warn", {}),
        ((HUGE, RESET, anonymous(None, fault="connect"), Garbage(exchange(None, fault="connect"))), "warn", {}),
        ((HUGE, baseline(None, fault="timeout"), D1, D2), "warn", {}),
        ((SMALL, RESET, D1, D2), "pass", {}),
        ((SMALL, baseline(400), D1, D2), "pass", {}),
        ((HUGE, baseline(400, body='{"error":"invalid_request"}'), D1, D2), "warn", {}),
        ((HUGE, baseline(400, body="jwt malformed"), D1, D2), "warn", {}),
    ],
)
def test_size(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(size, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_an_unjudged_long_credential_asks_for_a_short_one() -> None:
    assert judge(size, HUGE, RESET).facts.get("oversized") is True
    assert judge(size, HUGE, baseline(401)).facts.get("oversized") is None
    assert judge(size, credential(None, field_value=None)).skip is Skip.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("before", "after", "length", "grade"),
    [(431, 200, 900, "P"), (431, 200, 11000, "S"), (431, 401, 900, "S"), (400, 200, 900, None), (401, 200, 900, None)],
)
def test_a_shorter_new_token_that_is_accepted_proves_it(before: int, after: int, length: int, grade: str | None) -> None:
    new = granted(FreshToken, jws(length=length))
    finding = judge(size, HUGE, baseline(before), fresh_call(after), new)
    assert grades(finding) == ({"header_too_large": grade} if grade else {})


def test_the_size_of_all_fields_is_told() -> None:
    seen = Baseline(replace(exchange(401), header_bytes=9000))
    assert any("9000" in str(detail) for detail in judge(size, SMALL, seen).details)


def spoken(version: str, status: int | None, **more: Any) -> OtherVersionCall:
    return OtherVersionCall(replace(exchange(status, id="S-http2", **more), http_version=version))


@pytest.mark.parametrize(
    ("other", "status", "causes"),
    [
        (spoken("HTTP/2", 401), "pass", {}),
        (spoken("HTTP/2", 200), "fail", {"http_version_dependent": "S"}),
        (spoken("HTTP/2", 403), "warn", {"http_version_dependent": "M"}),
        (spoken("HTTP/2", 421), "pass", {}),
        (spoken("HTTP/1.1", 200), "skip", {}),
        (spoken("HTTP/2", None, fault="timeout"), "skip", {}),
    ],
)
def test_versions(other: OtherVersionCall, status: str, causes: dict[str, str]) -> None:
    finding = judge(http_version, baseline(401), other)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_without_the_package_the_check_says_so() -> None:
    from authwizard.check import run_check

    why = "HTTP/2 needs the Python package h2, which is not installed; only HTTP/1.1 was spoken."
    finding = run_check(http_version, {Baseline: baseline(401), OtherVersionCall: NotTried(why)})
    assert finding is not None
    assert (finding.skip, finding.summary) == (Skip.NOT_TRIED, why)


def without_field(status: int) -> LeanerCall:
    return LeanerCall(exchange(status), "connection_header_strips_authorization", "Connection field")


@pytest.mark.parametrize(
    ("headers", "evidence", "status", "causes"),
    [
        ({}, (SMALL,), "pass", {}),
        ({"Connection": "keep-alive"}, (SMALL,), "pass", {}),
        ({"Connection": "X-Trace, Upgrade"}, (SMALL, baseline(401)), "pass", {}),
        ({"connection": "close, AUTHORIZATION"}, (SMALL, baseline(401)), "fail", {"connection_header_strips_authorization": "S"}),
        ({"Connection": "X-Api-Key"}, (credential(None, kind="api_key", name="X-Api-Key"),), "fail", {"connection_header_strips_authorization": "S"}),
        ({"Connection": "X-Api-Key"}, (SMALL,), "pass", {}),
        ({"Connection": "Cookie"}, (credential(None, kind="cookie", place="cookie", name="sid"),), "fail", {"connection_header_strips_authorization": "S"}),
        ({"Connection": "Authorization"}, (SMALL, baseline(401), without_field(200)), "fail", {"connection_header_strips_authorization": "P"}),
        ({"Connection": "Authorization"}, (SMALL, baseline(200)), "warn", {}),
        ({"Connection": "key"}, (credential(None, kind="api_key", place="query", name="key"),), "skip", {}),
    ],
)  # fmt: skip
def test_hop_by_hop(headers: dict[str, str], evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(hop_by_hop, profile(headers=headers), *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)
