"""S3-12 and S3-13: the key set and the signature."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import KeySet, OtherKeySets, Repeats, Unavailable
from authwizard.model.finding import Group, Owner, Status
from authwizard.model.oauth import PublishedKey
from authwizard.model.token import SignatureSeen
from authwizard.steps.step3_keys import key_published, shared_secret_fits, signature_holds

from .made_evidence import (
    FAILED,
    ISSUER,
    about,
    credential,
    discovery,
    exchange,
    granted,
    judge,
    keys,
    opaque,
    present,
    refusal,
    said,
    secrets,
    token,
)

FOREIGN = credential(token({"iss": "https://else.example"}))


def test_e08_a_key_that_is_gone() -> None:
    finding = judge(key_published, keys("key-2", signature=SignatureSeen("not_checked")))
    assert (finding.status, said(finding)) == (Status.FAIL, {("signing_key_rotated", "M")})
    assert about(finding, "signing_key_rotated").group is Group.METADATA
    fresh = granted(token(header={"kid": "key-2"}))
    assert "key-2" in judge(key_published, keys("key-2"), fresh).summary


def test_a_key_of_another_profile() -> None:
    sets = OtherKeySets((("staging", "https://s", ("key-1",)),))
    finding = judge(key_published, keys("key-2"), sets)
    assert said(finding) == {("environment_mismatch", "S")}
    assert about(finding, "environment_mismatch").group is Group.CROSS_PROFILE
    assert "staging" in finding.summary


def test_a_token_of_another_issuer_has_no_rotated_key_and_no_broken_signature() -> None:
    for check, found in ((key_published, keys("key-2", signature=FAILED)), (signature_holds, keys("key-1", signature=FAILED))):
        finding = judge(check, FOREIGN, found, discovery())
        assert (finding.status, said(finding)) == (Status.WARN, set())


def test_a_published_key_speaks_against_rotation() -> None:
    finding = judge(key_published, keys("key-0", "key-1"))
    assert (finding.status, said(finding)) == (Status.PASS, {("signing_key_rotated", "XM")})


@pytest.mark.parametrize(("kids", "status"), [(("a",), Status.PASS), (("a", "b"), Status.WARN)])
def test_without_kid(kids: tuple[str, ...], status: Status) -> None:
    finding = judge(key_published, credential(token(header={"kid": None})), keys(*kids))
    assert (finding.status, said(finding)) == (status, set())


def test_the_server_does_not_know_a_good_key() -> None:
    finding = judge(key_published, keys(), refusal("Jwks doesn't have key to match kid or alg from Jwt"))
    assert said(finding) == {("signing_key_rotated", "XM"), ("signing_key_unknown", "M"), ("jwks_unreachable_for_server", "W")}
    argument = about(finding, "signing_key_unknown")
    assert argument.owner is Owner.API_OWNER
    assert "key-1" in argument.text
    assert ISSUER in argument.text


def test_e10_flapping_means_a_stale_key_set() -> None:
    words = refusal("invalid signature")
    mixed = Repeats((exchange(200), exchange(401), exchange(200)))
    finding = judge(key_published, keys(), words, mixed)
    assert said(finding) == {("signing_key_rotated", "XM"), ("jwks_stale_at_server", "S")}
    steady = Repeats((exchange(401), exchange(401)))
    assert said(judge(key_published, keys(), words, steady)) == {("signing_key_rotated", "XM")}
    assert ("jwks_stale_at_server", "S") not in said(judge(key_published, keys(signature=FAILED), words, mixed))


@pytest.mark.parametrize(
    ("claims", "header"), [({}, {"alg": "HS256"}), ({"iss": "https://sts.windows.net/11111111-2222-3333-4444-555555555555/"}, {"nonce": "abc"})]
)  # fmt: skip
def test_tokens_no_published_key_can_verify(claims: dict[str, Any], header: dict[str, Any]) -> None:
    for check in (key_published, signature_holds):
        finding = judge(check, credential(token(claims, header)), keys("other", signature=FAILED))
        assert (finding.status, said(finding)) == (Status.SKIP, set())
    assert judge(key_published, credential(opaque()), keys()).status is Status.SKIP


def test_a_key_set_that_could_not_be_read_is_blocked() -> None:
    empty = KeySet("https://x/jwks", (), None, None, "The key set is no JSON.")
    assert judge(key_published, empty).status is Status.BLOCKED
    assert judge(signature_holds, empty).status is Status.BLOCKED
    for check in (key_published, signature_holds):
        assert judge(check, given={KeySet: Unavailable("Not reached.")}).status is Status.BLOCKED


def test_a_cached_key_set_is_named() -> None:
    finding = judge(key_published, keys("key-2", exchange=exchange(200, headers={"Age": "900"})))
    assert any("900 s" in line.value for line in finding.details if hasattr(line, "value"))


def test_a_signature_that_holds_excludes_damage() -> None:
    finding = judge(signature_holds, keys())
    assert (finding.status, said(finding)) == (
        Status.PASS,
        {(c, "XS") for c in ("signature_invalid", "token_malformed", "token_truncated")},
    )


def test_e07_a_signature_that_does_not_hold() -> None:
    finding = judge(signature_holds, keys(signature=FAILED))
    assert (finding.status, said(finding)) == (Status.FAIL, {("signature_invalid", "S")})


@pytest.mark.parametrize(("cause", "expected"), [("alg_mismatch", ("alg_mismatch", "M")), ("token_malformed", ("token_malformed", "S")),
                                                 ("alg_none_or_unsupported", ("alg_none_or_unsupported", "S"))])  # fmt: skip
def test_the_cause_of_a_failed_verification(cause: str, expected: tuple[str, str]) -> None:
    finding = judge(signature_holds, keys(signature=SignatureSeen("failed", "The key is for RS512", cause, "key-1")))
    assert said(finding) == {expected}


def test_a_verification_that_could_not_be_done_blames_nothing() -> None:
    finding = judge(signature_holds, keys(signature=SignatureSeen("failed", "The header lists critical extensions.")))
    assert (finding.status, said(finding)) == (Status.WARN, set())


HS = credential(token(header={"alg": "HS256", "kid": None}))


def shared(status: str, cause: str = "") -> KeySet:
    return KeySet("", signature=SignatureSeen(status, "Told.", cause))  # type: ignore[arg-type]


def test_a_shared_secret() -> None:
    assert said(judge(shared_secret_fits, HS, shared("verified"))) == {
        (c, "XS") for c in ("signature_invalid", "token_malformed", "token_truncated")
    }
    short = judge(shared_secret_fits, HS, shared("verified"), secrets(shared_secret=present("shared_secret", length=12)))
    assert short.status is Status.WARN
    assert "12 bytes, fewer than the 32" in short.summary
    assert {grade for _, grade in said(short)} == {"XS"}
    long_enough = secrets(shared_secret=present("shared_secret", length=32))
    assert judge(shared_secret_fits, HS, shared("verified"), long_enough).status is Status.PASS
    assert said(judge(shared_secret_fits, HS, shared("failed"))) == {("signature_invalid", "M")}
    assert judge(shared_secret_fits, HS, keys()).status is Status.SKIP
    assert judge(shared_secret_fits, shared("verified")).status is Status.SKIP


def test_a_secret_that_is_base64_is_proof_only_with_the_servers_words() -> None:
    encoded = shared("verified", "symmetric_key_encoding")
    assert said(judge(shared_secret_fits, HS, encoded, refusal("invalid signature"))) == {("symmetric_key_encoding", "P")}
    assert said(judge(shared_secret_fits, HS, encoded, refusal("jwt expired"))) == {("symmetric_key_encoding", "W")}


def test_a_signature_that_was_not_checked_is_blocked_not_failed() -> None:
    finding = judge(signature_holds, keys(signature=SignatureSeen("not_checked", "No key fits")))
    assert (finding.status, said(finding)) == (Status.BLOCKED, set())


def test_a_key_without_kid_is_shown() -> None:
    finding = judge(key_published, keys(keys=(PublishedKey("", "RSA"),)))
    assert any("without kid" in line.value for line in finding.details if hasattr(line, "value"))
