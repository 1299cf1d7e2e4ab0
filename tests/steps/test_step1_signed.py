"""S1-26: AWS signatures and HMAC."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import RunClock
from authwizard.model.finding import Skip, Status
from authwizard.steps.step1_signed import EMPTY, signed_requests

from .evidence_of_first_steps import baseline, credential, grades, judge, jws, profile

NOW = 1767225600.0
"""2026-01-01T00:00:00Z"""
STAMP = "20260101T000000Z"
HOST = "https://abc123.execute-api.eu-west-1.amazonaws.com"
GOOD = {"credential": "AKIA/20260101/eu-west-1/execute-api/aws4_request", "signedheaders": "host;x-amz-date", "signature": "64"}


def aws(**changes: str | None) -> Any:
    merged = {**GOOD, **changes}
    return credential(None, scheme="AWS4-HMAC-SHA256", whole=True, parameters={n: v for n, v in merged.items() if v is not None})


def verdict(sent: Any, headers: dict[str, str] | None = None, url: str = HOST, now: float = NOW, **more: Any) -> tuple[str, dict[str, str]]:
    given = profile(base_url=url, headers={"X-Amz-Date": STAMP} if headers is None else headers, **more)
    finding = judge(signed_requests, sent, given, RunClock(now), baseline(403))
    return finding.status.value, grades(finding)


@for_each(
    ("changes", "causes"),
    [
        ({}, {}),
        ({"credential": None}, {"sigv4_malformed": "S"}),
        ({"signature": ""}, {"sigv4_malformed": "S"}),
        ({"signature": "63"}, {"sigv4_malformed": "S"}),
        ({"credential": "AKIA/20260101/eu-west-1/aws4_request"}, {"sigv4_malformed": "S"}),
        ({"credential": "AKIA/20260101/eu-west-1/execute-api/aws4"}, {"sigv4_malformed": "S"}),
        ({"signedheaders": "x-amz-date"}, {"sigv4_malformed": "S"}),
        ({"credential": "AKIA/20260101/us-east-1/execute-api/aws4_request"}, {"sigv4_scope_wrong": "S"}),
        ({"credential": "AKIA/20260101/eu-west-1/s3/aws4_request"}, {"sigv4_scope_wrong": "S"}),
        ({"credential": "AKIA/20251231/eu-west-1/execute-api/aws4_request"}, {"sigv4_scope_wrong": "S"}),
        ({"credential": "ASIA/20260101/eu-west-1/execute-api/aws4_request"}, {"session_token_missing": "S"}),
        ({"signedheaders": "host;x-amz-date;x-tenant"}, {"request_signature_mismatch": "S"}),
    ],
)
def test_parts_of_an_aws_signature(changes: dict[str, str | None], causes: dict[str, str]) -> None:
    assert verdict(aws(**changes)) == ("fail" if causes else "pass", causes)


@pytest.mark.parametrize(
    ("headers", "causes", "status"),
    [
        ({}, {"sigv4_malformed": "S"}, "fail"),
        ({"X-Amz-Date": "2026-01-01"}, {"sigv4_malformed": "S"}, "fail"),
        ({"X-Amz-Date": STAMP, "X-Amz-Content-Sha256": "a" * 64}, {"request_signature_mismatch": "S"}, "fail"),
        ({"X-Amz-Date": STAMP, "X-Amz-Content-Sha256": EMPTY}, {}, "pass"),
        ({"X-Amz-Date": STAMP, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}, {}, "pass"),
        ({"Date": "Thu, 01 Jan 2026 00:00:00 GMT", "X-Amz-Date": STAMP}, {}, "pass"),
    ],
)
def test_fields_of_an_aws_signature(headers: dict[str, str], causes: dict[str, str], status: str) -> None:
    assert verdict(aws(), headers) == (status, causes)


def test_a_temporary_key_with_its_session_token_is_whole() -> None:
    key = "ASIA/20260101/eu-west-1/execute-api/aws4_request"
    assert verdict(aws(credential=key), {"X-Amz-Date": STAMP, "X-Amz-Security-Token": "{secret:second_credential}"}) == ("pass", {})


def test_a_signature_that_was_kept_is_old() -> None:
    assert verdict(aws(), now=NOW + 3600) == ("warn", {"request_signature_mismatch": "M"})
    assert verdict(aws(), now=NOW + 60) == ("pass", {})


@pytest.mark.parametrize("url", ["https://api.acme.io", "https://monitoring.eu-west-1.amazonaws.com"])
def test_hosts_that_do_not_tell_the_service_are_not_compared(url: str) -> None:
    assert verdict(aws(), url=url) == ("pass", {})


def hmac(headers: str, signature: str = "44") -> Any:
    parameters = {"username": "3", "algorithm": "hmac-sha256", "headers": headers, "signature": signature}
    return credential(None, scheme="hmac", whole=True, parameters=parameters)


@pytest.mark.parametrize(
    ("sent", "headers", "causes"),
    [
        (hmac("date request-line"), {"Date": "x"}, {}),
        (hmac("(request-target) host date"), {"Date": "x"}, {}),
        (hmac("date request-line"), {}, {"request_signature_mismatch": "S"}),
        (hmac("date", ""), {"Date": "x"}, {"request_signature_mismatch": "S"}),
    ],
)
def test_an_hmac_covers_what_is_sent(sent: Any, headers: dict[str, str], causes: dict[str, str]) -> None:
    assert verdict(sent, headers) == ("fail" if causes else "pass", causes)


def test_what_is_accepted_or_unsigned_is_not_judged() -> None:
    accepted = judge(signed_requests, aws(signature="1"), profile(), RunClock(NOW), baseline(200))
    assert (accepted.status, grades(accepted)) == (Status.PASS, {})
    assert judge(signed_requests, credential(jws()), baseline(401)).skip is Skip.NOT_APPLICABLE
