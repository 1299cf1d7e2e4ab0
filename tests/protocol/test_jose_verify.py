"""A signature is verified with the issuer's keys and on their terms, never on the token's."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from authwizard.protocol.jose import published_keys, verify_signature

from .token_samples import ANY_TEXT, part, public_jwk, rs256, rsa_key

SECRET = b"0123456789abcdef0123456789abcdef"


def oct_jwk(secret: bytes = SECRET, **members: Any) -> dict[str, Any]:
    return {"kty": "oct", "k": base64.urlsafe_b64encode(secret).decode().rstrip("="), **members}


def key_set(*keys: dict[str, Any]) -> dict[str, Any]:
    return {"keys": list(keys)}


def good() -> dict[str, Any]:
    return public_jwk(rsa_key(), kid="k1", use="sig", alg="RS256")


def test_a_good_signature() -> None:
    seen = verify_signature(rs256(), key_set(good()))
    assert (seen.status, seen.key_id, seen.algorithm) == ("verified", "k1", "RS256")


@pytest.mark.parametrize(
    ("key", "algorithm", "to_jwk"),
    [(ec.generate_private_key(ec.SECP256R1()), "ES256", ECAlgorithm.to_jwk), (ec.generate_private_key(ec.SECP521R1()), "ES512", ECAlgorithm.to_jwk),
     (ed25519.Ed25519PrivateKey.generate(), "EdDSA", OKPAlgorithm.to_jwk)],
)  # fmt: skip
def test_other_key_types(key: Any, algorithm: str, to_jwk: Any) -> None:
    jwk = json.loads(to_jwk(key.public_key()))
    assert verify_signature(jwt.encode({}, key, algorithm=algorithm), jwk).status == "verified"
    assert verify_signature(rs256(), jwk).cause == "alg_mismatch"


@pytest.mark.parametrize("place", [-200, -2, 60])
def test_a_changed_token(place: int) -> None:
    token = rs256()
    at = place % len(token)
    changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    assert verify_signature(changed, key_set(good())).status == "failed"


def test_a_private_key_is_used_by_its_public_half() -> None:
    from jwt.algorithms import RSAAlgorithm

    private = json.loads(RSAAlgorithm.to_jwk(rsa_key()))
    assert verify_signature(rs256(), private).status == "not_checked"
    del private["key_ops"]  # it allows signing only
    assert verify_signature(rs256(), private).status == "verified"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"use": "enc"}, "use"),
        ({"key_ops": ["encrypt"]}, "operations"),
        ({"e": "AQ"}, "exponent"),
        ({"e": "Ag"}, "exponent"),
    ],
)
def test_keys_that_may_not_verify(members: dict[str, Any], words: str) -> None:
    seen = verify_signature(rs256(), key_set({**good(), **members}))
    assert seen.status == "not_checked"
    assert words in seen.why


def test_a_small_rsa_key() -> None:
    small = rsa_key(1024)
    assert "1024 bits" in verify_signature(_signed_by(small), key_set(public_jwk(small, kid="s"))).why


def _signed_by(key: Any) -> str:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    message = f"{part({'alg': 'RS256', 'kid': 's'})}.{part({})}"
    return f"{message}.{part(key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def test_a_modulus_of_the_broken_library_is_refused() -> None:
    # numbers of the shape k*M + 65537^a mod M give themselves away for every prime that divides M
    primes = [p for p in range(2, 168) if all(p % q for q in range(2, p))]
    product = 1
    for prime in primes:
        product *= prime
    modulus = pow(65537, 5, product) + product * (1 << (2048 - product.bit_length()))
    n = base64.urlsafe_b64encode(modulus.to_bytes((modulus.bit_length() + 7) // 8)).decode().rstrip("=")
    seen = verify_signature(rs256(), key_set({**good(), "n": n}))
    assert (seen.status, "CVE-2017-15361" in seen.why) == ("not_checked", True)


def test_the_algorithm_is_the_keys_own() -> None:
    assert verify_signature(rs256(), key_set({**good(), "alg": "PS256"})).cause == "alg_mismatch"
    pem = rsa_key().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    import hashlib
    import hmac

    message = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part({'admin': True})}"
    forged = f"{message}.{part(hmac.new(pem, message.encode(), hashlib.sha256).digest())}"
    assert verify_signature(forged, key_set(good())).cause == "alg_mismatch"
    assert verify_signature(forged, key_set(oct_jwk(pem, kid="k1"))).status == "not_checked"


def test_a_key_the_token_brings_is_never_used() -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    token = jwt.encode(
        {}, own, algorithm="ES256", headers={"jwk": json.loads(ECAlgorithm.to_jwk(own.public_key())), "jku": "https://evil.example"}
    )
    other = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
    assert verify_signature(token, key_set(other)).status == "failed"


def test_key_ids() -> None:
    token = rs256()
    assert verify_signature(token, key_set({**good(), "kid": "other"})).cause == "signing_key_unknown"
    assert verify_signature(token, key_set(public_jwk(rsa_key()))).status == "verified"
    assert "share" in verify_signature(token, key_set(good(), public_jwk(rsa_key(3072), kid="k1"))).why
    assert verify_signature(token, key_set(good(), good())).status == "verified"
    assert "its id is “x”" in verify_signature(token, {**good(), "kid": "x"}).why


def test_without_a_key_id_the_keys_that_fit_are_tried_and_that_is_said() -> None:
    token = jwt.encode({}, rsa_key(), algorithm="RS256")
    seen = verify_signature(token, key_set(public_jwk(rsa_key(3072), kid="a"), {**good(), "kid": "b"}, oct_jwk(kid="c")))
    assert (seen.status, seen.key_id) == ("verified", "b")
    assert "2 that fit were tried" in seen.why
    assert verify_signature(token, key_set(public_jwk(rsa_key(3072), kid="a"))).cause == "signature_invalid"


def test_hmac_secrets() -> None:
    token = jwt.encode({}, SECRET, algorithm="HS256")
    assert verify_signature(token, oct_jwk()).status == "verified"
    assert verify_signature(token, oct_jwk(b"another secret of thirty-two byte")).cause == "signature_invalid"


def test_a_short_secret_is_taken_from_the_user_and_not_from_a_key_set() -> None:
    import hashlib
    import hmac

    message = f"{part({'alg': 'HS256'})}.{part({})}"
    token = f"{message}.{part(hmac.new(b'short', message.encode(), hashlib.sha256).digest())}"
    seen = verify_signature(token, oct_jwk(b"short"))
    assert (seen.status, "shorter" in seen.why) == ("verified", True)
    assert verify_signature(token, key_set(oct_jwk(b"short"))).status == "not_checked"
    assert verify_signature(token, oct_jwk(b"")).status == "not_checked"


@pytest.mark.parametrize(
    ("header", "status", "cause"),
    [
        ({"alg": "none"}, "failed", "alg_none_or_unsupported"),
        ({"alg": "XX999"}, "failed", "alg_none_or_unsupported"),
        ({"alg": "HS256", "crit": ["exp"]}, "failed", ""),
        ({"alg": "HS256", "b64": False, "crit": ["b64"]}, "not_checked", ""),
        ({"alg": "HS256", "kid": 5}, "failed", "token_malformed"),
        ({"alg": ["HS256"]}, "failed", "token_malformed"),
        ({}, "failed", "token_malformed"),
    ],
)
def test_headers_no_strict_server_takes(header: dict[str, Any], status: str, cause: str) -> None:
    seen = verify_signature(f"{part(header)}.{part({})}.{part(b's' * 32)}", oct_jwk())
    assert (seen.status, seen.cause) == (status, cause)


def test_a_token_for_microsoft_graph_is_not_judged() -> None:
    token = jwt.encode({"iss": "https://sts.windows.net/t/"}, rsa_key(), algorithm="RS256", headers={"nonce": "n", "kid": "k1"})
    seen = verify_signature(token, key_set(good()))
    assert (seen.status, seen.cause) == ("not_checked", "third_party_token")


def test_nothing_of_a_key_gets_into_the_answer() -> None:
    broken = {"kty": "oct", "kid": "k", "k": "plainlyfakesecret" * 3, "alg": "HS256"}
    token = jwt.encode({}, SECRET, algorithm="HS256", headers={"kid": "k"})
    assert "plainlyfake" not in repr(verify_signature(token, key_set(broken)))
    assert "plainlyfake" not in repr(verify_signature(token, key_set({**broken, "kty": "EC", "alg": "ES256"})))


def test_the_slow_libraries_are_loaded_by_the_first_verification_only() -> None:
    names = ", ".join(f"authwizard.protocol.{name}" for name in ("jose", "repair", "redaction", "challenge", "oauth"))
    program = f"import sys, {names}; print(sorted({{'jwt', 'cryptography', 'httpx'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_published_keys_have_no_material() -> None:
    (shown,) = published_keys(key_set({**good(), "d": "plainlyfake"}))
    assert (shown.kid, shown.kty, shown.alg, shown.use) == ("k1", "RSA", "RS256", "sig")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kty", "kid", "k", "n", "e", "alg", "use", "key_ops", "crv", "x", "y", "keys"]), inner, max_size=6
        )
    ),
    max_leaves=9,
)
KEYS = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(JUNK, st.sampled_from(["RSA", "EC", "oct", "OKP", "AKP", "P-256", "AQAB", "HS256", "RS256", "ES256", "EdDSA"]))
        for name in ("kty", "kid", "k", "n", "e", "alg", "use", "key_ops", "crv", "x", "y")
    },
)


@given(
    st.one_of(
        ANY_TEXT,
        st.just(rs256()),
        st.sampled_from(["HS256", "RS256", "ES256", "EdDSA", "ML-DSA-65"]).map(
            lambda a: f"{part({'alg': a})}.{part({})}.{part(b's' * 64)}"
        ),
    ),
    st.one_of(JUNK, KEYS, st.lists(KEYS, max_size=3).map(lambda keys: {"keys": keys})),
)
def test_it_never_raises_and_never_verifies_junk(token: str, jwks: Any) -> None:
    assert verify_signature(token, jwks).status != "verified"


VECTORS = Path(os.environ.get("AUTHWIZARD_VECTORS", "")) / "jws.jsonl"


@pytest.mark.skipif(not os.environ.get("AUTHWIZARD_VECTORS"), reason="AUTHWIZARD_VECTORS names no folder of test vectors")
def test_vectors_of_other_projects() -> None:
    wrong = []
    for case in map(json.loads, VECTORS.read_text("utf-8").splitlines()):
        if case.get("peer_skip") or case.get("detached_payload") or case["expected"] == "decode-only" or not {"jwk", "jwks"} & set(case):
            continue
        verified = verify_signature(case["token"], case.get("jwks") or case["jwk"]).status == "verified"
        wanted = {case["expected"], *case.get("accept", [])}
        if not (("valid" in wanted) if verified else (wanted - {"valid"})):
            wrong.append((case["id"], verified))
    assert wrong == []
