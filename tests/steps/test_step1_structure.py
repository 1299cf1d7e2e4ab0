"""S1-09 to S1-11: the kind of token and whether it is whole, on what the reader of tokens really says."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each
from tests_support import make_jwt

from authwizard.model.evidence import CredentialSeen, FreshToken
from authwizard.model.finding import Status
from authwizard.model.profile import Expect
from authwizard.model.token import TokenFault
from authwizard.protocol.jose import inspect_token
from authwizard.steps.step1_structure import ends_complete, jws_structure, token_kind

from .evidence_of_first_steps import credential, grades, granted, judge, jws, oauth, opaque, profile

TOKEN = make_jwt({"sub": "x", "iss": "https://auth.acme.io", "aud": "api"})
AUTH0 = oauth(issuer="https://acme.eu.auth0.com/")


def seen(text: str) -> CredentialSeen:
    return credential(inspect_token(text), length=len(text))


@for_each(
    ("token", "settings", "status", "causes"),
    [
        (jws(), {}, "pass", {}),
        (opaque(), {}, "pass", {}),
        (opaque("uuid", 36), {}, "pass", {}),
        (opaque("paseto"), {}, "pass", {}),
        (opaque("saml"), {}, "fail", {"saml_not_jwt": "S"}),
        (opaque("cookie"), {}, "fail", {"wrong_token_kind": "M"}),
        (opaque("empty"), {}, "skip", {}),
        (opaque(), {"expect": Expect(type="at+jwt")}, "warn", {"wrong_token_kind": "M"}),
        (opaque(), {"oauth": AUTH0}, "warn", {"opaque_token_no_audience": "M"}),
        (opaque(), {"oauth": oauth(issuer=AUTH0.issuer, audience="https://api")}, "pass", {}),
        (opaque("jwe", header={"alg": "dir", "enc": "A256GCM"}), {}, "pass", {}),
        (opaque("jwe", header={"alg": "dir"}), {"oauth": oauth(audience="https://api")}, "pass", {}),
        (opaque("jwe", header={"alg": "RSA-OAEP"}), {"expect": Expect(type="at+jwt")}, "pass", {}),
        (opaque("api_key"), {}, "pass", {}),
    ],
)
def test_kinds(token: Any, settings: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(token_kind, credential(token), profile(**settings))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_an_opaque_token_is_odd_where_a_new_one_is_a_jwt() -> None:
    finding = judge(token_kind, credential(opaque()), granted(FreshToken, jws()))
    assert grades(finding) == {"wrong_token_kind": "M"}
    assert judge(token_kind, credential(opaque()), granted(FreshToken, opaque())).status is Status.PASS


def test_keys_and_passwords_are_no_tokens() -> None:
    for kind in ("api_key", "basic", "cookie"):
        assert judge(token_kind, credential(opaque(), kind=kind)).status is Status.SKIP


@pytest.mark.parametrize(
    ("text", "status", "cause"),
    [
        (TOKEN, "pass", ""),
        (TOKEN[:-40], "fail", "token_truncated"),
        (TOKEN.rpartition(".")[0], "fail", "token_truncated"),
        (TOKEN + TOKEN, "fail", "token_concatenated"),
        (TOKEN.replace(".", ".!", 1), "fail", "token_malformed"),
        ("just-an-opaque-value-of-some-length-0123", "skip", ""),
    ],
)
def test_structure(text: str, status: str, cause: str) -> None:
    finding = judge(jws_structure, seen(text))
    assert finding.status is Status(status)
    assert set(grades(finding).values()) <= {"S"}
    assert (cause in grades(finding)) if cause else not grades(finding)


def test_an_odd_signature_length_is_moderate() -> None:
    fault = TokenFault("signature_length_wrong", "The signature has 70 bytes; ES256 makes 64.", "signature")
    assert grades(judge(jws_structure, credential(jws(faults=(fault,))))) == {"signature_length_wrong": "M"}


def test_members_stated_twice_are_a_warning() -> None:
    finding = judge(jws_structure, credential(jws(duplicate_members=("aud",))))
    assert (finding.status, grades(finding)) == (Status.WARN, {})
    assert "aud" in finding.summary


@pytest.mark.parametrize("header", [{"alg": "ES256", "b64": False}, {"alg": "ES256", "cty": "JWT"}])
def test_odd_but_legal_shapes_are_reported_as_such(header: dict[str, Any]) -> None:
    finding = judge(jws_structure, credential(jws(header=header)))
    assert finding.status is Status.PASS
    assert any("legal" in getattr(d, "note", "") for d in finding.details)


@pytest.mark.parametrize(
    ("cred", "status", "causes"),
    [
        (seen(TOKEN), "pass", {}),
        (seen(TOKEN[2:]), "fail", {"token_truncated": "S"}),
        (credential(opaque(length=255)), "warn", {"token_truncated": "W"}),
        (credential(opaque(length=254)), "pass", {}),
        (credential(jws(length=1024)), "pass", {}),
        (credential(jws(length=1024, faults=(TokenFault("token_malformed", "x", "payload"),))), "warn", {"token_truncated": "W"}),
        (credential(opaque(length=255), kind="api_key"), "skip", {}),
    ],
)
def test_ends(cred: CredentialSeen, status: str, causes: dict[str, str]) -> None:
    finding = judge(ends_complete, cred)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_cut_head_is_told_once() -> None:
    """The head belongs to S1-11, everything else to S1-10."""
    assert grades(judge(jws_structure, seen(TOKEN[2:]))).get("token_truncated") is None
