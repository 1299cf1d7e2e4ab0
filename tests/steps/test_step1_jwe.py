"""S1-20: an encrypted token."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import FreshToken
from authwizard.model.finding import Skip, Status
from authwizard.model.profile import Expect
from authwizard.steps.step1_jwe import encrypted

from .evidence_of_first_steps import baseline, credential, grades, granted, judge, jws, oauth, opaque, profile

DIRECT = credential(opaque("jwe", header={"alg": "dir", "enc": "A256GCM"}, parts=(40, 0, 16, 300, 22)))
WRAPPED = credential(opaque("jwe", header={"alg": "RSA-OAEP", "enc": "A256GCM"}, parts=(40, 342, 16, 300, 22)))
AUTH0 = {"oauth": oauth(issuer="https://acme.eu.auth0.com/")}


@pytest.mark.parametrize(
    ("seen", "settings", "more", "status", "causes"),
    [
        (DIRECT, {}, (), "warn", {"opaque_token_no_audience": "M"}),
        (WRAPPED, AUTH0, (), "warn", {"opaque_token_no_audience": "M"}),
        (WRAPPED, {"expect": Expect(type="at+jwt")}, (), "warn", {"opaque_token_no_audience": "M"}),
        (WRAPPED, {}, (granted(FreshToken, jws()),), "warn", {"opaque_token_no_audience": "M"}),
        # encrypted access tokens are legitimate
        (WRAPPED, {}, (), "pass", {}),
        (DIRECT, {"oauth": oauth(audience="https://api.acme.io")}, (), "pass", {}),
        (DIRECT, {"oauth": oauth(resource="https://api.acme.io")}, (), "pass", {}),
        (DIRECT, {}, (baseline(200),), "pass", {}),
    ],
)
def test_encrypted(seen: Any, settings: dict[str, Any], more: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(encrypted, seen, profile(**settings), *more)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_what_can_be_read_is_not_encrypted() -> None:
    assert judge(encrypted, credential(jws())).skip is Skip.NOT_APPLICABLE
    assert judge(encrypted, credential(None, kind="basic", scheme="Basic")).skip is Skip.NOT_APPLICABLE


def test_the_key_part_is_told() -> None:
    assert any("agreed on directly" in str(d) for d in judge(encrypted, DIRECT).details)
    assert any("inside the token" in str(d) for d in judge(encrypted, WRAPPED).details)
