"""S1-04, S1-05, S1-14: the scheme word, its spelling, what the server asks for."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each
from tests_support import make_jwt

from authwizard.model.evidence import CredentialSeen, Garbage, OtherSchemeCall, Respelled
from authwizard.model.finding import Group, Status
from authwizard.model.token import TokenFault
from authwizard.protocol.jose import inspect_token
from authwizard.protocol.repair_scheme import read_words, scheme_faults
from authwizard.steps.step1_bytes import whitespace_and_invisibles
from authwizard.steps.step1_scheme import scheme_asked_for, scheme_case, scheme_word

from .evidence_of_first_steps import BEARER, anonymous, baseline, credential, exchange, grades, judge, jws, opaque


def asks(*challenges: str) -> dict[str, Any]:
    return {"headers": tuple(("WWW-Authenticate", c) for c in challenges)}


def sent(value: str, kind: str = "bearer", name: str = "Authorization", **more: Any) -> CredentialSeen:
    """Return the credential as it is seen when this field value goes out, with the faults the reader of schemes finds."""
    wanted = {"basic": "Basic", "dpop": "DPoP"}.get(kind, "Bearer")
    words = read_words(value)
    found = scheme_faults(words, wanted, name.lower() == "authorization", None)
    faults = tuple(TokenFault(cause, text, "value", place) for cause, _, text, place, _ in found)
    first = words.words[0].word if words.words else ""
    return credential(inspect_token(words.rest), kind=kind, name=name, scheme=first, faults=faults, **more)


TOKEN = make_jwt({"sub": "x", "iss": "https://auth.acme.io"})
OPAQUE = "q8Zx2Lk9Vb3Nm7Rt5Yw1Pc4Hd6Jf0Gs"


@for_each(
    ("evidence", "status", "causes"),
    [
        ((sent(f"Bearer {TOKEN}"),), "pass", {}),
        ((sent(f"bearer {TOKEN}"),), "pass", {}),
        ((sent(f"Bearer Bearer {TOKEN}"),), "fail", {"auth_scheme_duplicated": "S"}),
        ((sent(f"Bearer Bearer {TOKEN}"), baseline(401, **asks("Bearer"))), "fail", {"auth_scheme_duplicated": "S"}),
        ((sent(TOKEN),), "fail", {"auth_scheme_missing": "S"}),
        ((sent(TOKEN, name="X-Token"),), "pass", {}),
        ((sent(TOKEN, kind="api_key"),), "skip", {}),
        ((sent(TOKEN, place="query"),), "skip", {}),
        ((sent(f"Bearrer {TOKEN}"),), "fail", {"auth_scheme_wrong": "M"}),
        ((sent(f"Bearer: {TOKEN}"),), "fail", {"auth_scheme_wrong": "M"}),
        ((sent(f"Bearer  {TOKEN}"),), "warn", {"whitespace_in_credential": "M"}),
        ((sent(f"Bearer\t{TOKEN}"),), "warn", {"whitespace_in_credential": "M"}),
        ((sent(f"Basic {TOKEN}"),), "fail", {"auth_scheme_wrong": "M"}),
        ((sent(f"Token {OPAQUE}"),), "warn", {"auth_scheme_wrong": "W"}),
        ((sent(f"Token {OPAQUE}"), baseline(401, **asks("Bearer"))), "fail", {"auth_scheme_wrong": "M"}),
        ((sent(f"Token {OPAQUE}"), anonymous(401, **asks("Bearer"))), "fail", {"auth_scheme_wrong": "M"}),
        ((sent(f"Token {OPAQUE}"), baseline(401, **asks("Token"))), "pass", {}),
        ((sent(f"Token {OPAQUE}"), baseline(200)), "pass", {}),
        ((sent(TOKEN), baseline(200)), "pass", {}),
        ((sent("Basic dTpw", kind="basic"),), "pass", {}),
        ((sent("Bearer dTpw", kind="basic"), baseline(401, **asks('Basic realm="x"'))), "fail", {"auth_scheme_wrong": "M"}),
    ],
)
def test_scheme_words(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(scheme_word, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_blanks_behind_the_scheme_are_told_once() -> None:
    """RFC 9110 allows more than one, so they are no blanks in the token."""
    assert grades(judge(whitespace_and_invisibles, sent(f"Bearer  {TOKEN}"))) == {}


@pytest.mark.parametrize(("status", "grade"), [(200, "P"), (401, "XM"), (403, "S")])
def test_the_other_scheme_is_judged_by_its_answer(status: int, grade: str) -> None:
    other = OtherSchemeCall(exchange(status, **asks("Bearer")), "auth_scheme_wrong", "scheme word")
    finding = judge(scheme_word, credential(opaque(), scheme="Bearer"), baseline(401, **asks("Bearer")), other)
    assert grades(finding) == {"auth_scheme_wrong": grade}


def respelled(status: int, scheme: str = "Bearer", **more: Any) -> Respelled:
    return Respelled(exchange(status, id="D5", **more), scheme)


LOWER = credential(jws(), scheme="bearer")


@pytest.mark.parametrize(
    ("evidence", "status", "causes"),
    [
        ((credential(jws()),), "pass", {}),
        ((credential(jws(), scheme="DPoP", kind="dpop"),), "pass", {}),
        ((credential(jws(), scheme=""),), "skip", {}),
        ((credential(jws(), scheme="MyScheme"),), "pass", {}),
        ((LOWER,), "warn", {"auth_scheme_case_rejected": "W"}),
        ((LOWER, baseline(401)), "warn", {"auth_scheme_case_rejected": "W"}),
        ((LOWER, baseline(200)), "warn", {}),
        ((LOWER, baseline(401), respelled(200)), "fail", {"auth_scheme_case_rejected": "P"}),
        ((LOWER, baseline(401, headers=BEARER), respelled(401, headers=BEARER)), "warn", {"auth_scheme_case_rejected": "XP"}),
        ((LOWER, baseline(401), respelled(403)), "fail", {"auth_scheme_case_rejected": "S"}),
        ((credential(jws()), baseline(200), respelled(401, "bearer")), "pass", {}),
    ],
)
def test_spelling(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(scheme_case, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert all(a.factor == "scheme spelling" for a in finding.arguments if a.group is Group.SWAP)


def test_small_letters_are_called_legal() -> None:
    assert "legal" in judge(scheme_case, LOWER).summary
    assert judge(scheme_case, LOWER).facts["scheme_not_canonical"] is True


BASIC = credential(None, kind="basic", scheme="Basic")


@for_each(
    ("seen", "p0", "d1", "status", "causes"),
    [
        (credential(jws()), asks("Bearer"), asks("Bearer"), "pass", {}),
        (LOWER, asks('Bearer realm="x", Basic realm="y"'), asks(), "pass", {}),
        (credential(jws()), asks('Basic realm="api"'), asks('Basic realm="api"'), "fail", {"auth_scheme_wrong": "S"}),
        (credential(jws()), asks('Basic realm="api"'), None, "fail", {"auth_scheme_wrong": "M"}),
        (credential(jws()), asks('Basic realm="a"'), {**asks('Basic realm="a"'), "body": "other words"}, "fail", {"auth_scheme_wrong": "M"}),
        (BASIC, asks('Digest realm="a", nonce="x"'), asks('Digest realm="a", nonce="y"'), "fail", {"digest_required": "S"}),
        (credential(jws()), asks("Negotiate", "NTLM"), asks("Negotiate", "NTLM"), "fail", {"negotiate_required": "S"}),
        (credential(jws()), asks('DPoP algs="ES256"'), asks('DPoP algs="ES256"'), "fail", {"dpop_required": "S"}),
        (BASIC, asks('Digest realm="a"', "Negotiate"), asks('Digest realm="a"', "Negotiate"), "fail", {"auth_scheme_wrong": "S"}),
        (credential(jws()), {"headers": (("x-amzn-Remapped-WWW-Authenticate", "Bearer"),)}, None, "pass", {}),
        (credential(jws()), {}, {}, "skip", {}),
        (credential(jws()), {"body": "Authorization header requires AWS4-HMAC-SHA256 fields"}, {}, "warn", {"sigv4_required": "M"}),
        (credential(jws(), scheme="", kind="api_key", name="X-Api-Key"), asks("Basic"), None, "skip", {}),
    ],
)  # fmt: skip
def test_what_is_asked_for(
    seen: CredentialSeen, p0: dict[str, Any], d1: dict[str, Any] | None, status: str, causes: dict[str, str]
) -> None:  # fmt: skip
    finding = judge(scheme_asked_for, seen, baseline(401, **p0), anonymous(401, **d1) if d1 is not None else None)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_token_that_changes_the_answer_shows_that_bearer_is_read() -> None:
    """Some servers list only the first scheme they take."""
    same = asks("Basic")
    finding = judge(scheme_asked_for, credential(jws()), baseline(401, **same), anonymous(401, **same), Garbage(exchange(400)))
    assert grades(finding) == {"auth_scheme_wrong": "M"}


def test_a_success_needs_no_challenge() -> None:
    assert judge(scheme_asked_for, credential(jws()), baseline(200), anonymous(401, **asks("Basic"))).status is Status.PASS
