"""S1-19: what the beginning of a key says."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.finding import Status
from authwizard.steps.step1_key_prefix import api_key_prefix

from .evidence_of_first_steps import baseline, credential, grades, judge, profile


@for_each(
    ("prefix", "settings", "status", "causes"),
    [
        ("", {}, "skip", {}),
        ("nobody_knows_", {}, "skip", {}),
        ("sk_test_", {"environment": "production"}, "fail", {"environment_mismatch": "M"}),
        ("sk_live_", {"environment": "production"}, "pass", {}),
        ("sk_test_", {"environment": "staging"}, "pass", {}),
        ("sk_live_", {"environment": "staging"}, "fail", {"environment_mismatch": "M"}),
        ("sk_live_", {"environment": "staging", "base_url": "https://api.sandbox.acme.io"}, "fail", {"environment_mismatch": "S"}),
        ("sk_live_", {"base_url": "https://test.acme.io"}, "warn", {"environment_mismatch": "M"}),
        ("sk_live_", {"base_url": "https://latest.acme.io"}, "pass", {}),
        ("pk_live_", {}, "fail", {"wrong_token_kind": "S"}),
        ("ghr_", {}, "fail", {"wrong_token_kind": "S"}),
        ("1//", {}, "fail", {"wrong_token_kind": "S"}),
        ("ASIA", {}, "fail", {"session_token_missing": "S"}),
        ("ASIA", {"headers": {"X-Amz-Security-Token": "{secret:session_cookie}"}}, "pass", {}),
        ("AKIA", {}, "pass", {}),
        ("ghp_", {}, "pass", {}),
    ],
)
def test_prefixes(prefix: str, settings: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(api_key_prefix, credential(None, kind="api_key", key_prefix=prefix), profile(**settings))
    assert (finding.status, grades(finding)) == (Status(status), causes)


@pytest.mark.parametrize(("fits", "causes"), [(True, {}), (None, {}), (False, {"token_malformed": "M"})])
def test_checksums(fits: bool | None, causes: dict[str, str]) -> None:
    finding = judge(api_key_prefix, credential(None, key_prefix="ghp_", checksum_ok=fits))
    assert (finding.status, grades(finding)) == (Status.FAIL if causes else Status.PASS, causes)


def test_a_key_that_works_is_right() -> None:
    finding = judge(api_key_prefix, credential(None, key_prefix="sk_test_"), profile(environment="production"), baseline(200))
    assert (finding.status, grades(finding)) == (Status.PASS, {})
