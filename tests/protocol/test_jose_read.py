"""A token is read whatever was done to it, and the part that is broken is named."""

from __future__ import annotations

import json
import math
import string
import time

import jwt
import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.token import TokenSeen
from authwizard.protocol.clean import safe_line
from authwizard.protocol.jose import inspect_token, token_class

from .token_samples import ANY_TEXT, part, rs256


def causes(seen: TokenSeen) -> list[str]:
    return [fault.cause for fault in seen.faults]


def made(header: object, payload: object, signature: bytes = b"s" * 32) -> str:
    return f"{part(header)}.{part(payload)}.{part(signature)}"


HS = {"alg": "HS256"}


def test_a_good_token_has_no_fault() -> None:
    token = rs256(typ="at+jwt")
    seen = inspect_token(token)
    assert (seen.kind, seen.faults, seen.signature_bytes) == ("jws", (), 256)
    assert seen.claims["scope"] == "read"
    assert seen.header["kid"] == "k1"
    assert seen.parts == tuple(map(len, token.split(".")))
    assert seen.fingerprint.startswith("#")


def test_a_scheme_word_in_front_is_passed_over() -> None:
    assert inspect_token("Bearer " + rs256()) == inspect_token("Bearer " + rs256())
    assert inspect_token("bearer " + rs256()).faults == ()


@pytest.mark.parametrize(
    ("cut", "cause", "where"),
    [
        (slice(None, -40), "token_truncated", "signature"),
        (slice(None, -1), "token_truncated", "signature"),
        (slice(1, None), "token_truncated", "header"),
        (slice(5, None), "token_truncated", "header"),
    ],
)
def test_a_cut_token(cut: slice, cause: str, where: str) -> None:
    seen = inspect_token(rs256()[cut])
    assert [(fault.cause, fault.part) for fault in seen.faults] == [(cause, where)]
    assert seen.claims["sub"] == "u1"
    assert seen.header["alg"] == "RS256"


def test_a_cut_says_how_much_is_there() -> None:
    assert "226 of 256 bytes" in inspect_token(rs256()[:-40]).faults[0].text
    header, payload, _ = rs256().split(".")
    assert "2 of 3 parts" in inspect_token(f"{header}.{payload}").faults[0].text
    assert "signature is empty" in inspect_token(f"{header}.{payload}.").faults[0].text
    assert "only the header" in inspect_token(header).faults[0].text


def test_claims_before_a_cut_are_read() -> None:
    header, payload, _ = rs256().split(".")
    seen = inspect_token(f"{header}.{payload[:-20]}")
    assert causes(seen) == ["token_truncated"]
    assert seen.claims["iss"] == "https://as.example"


@for_each(
    ("token", "cause", "where"),
    [
        (made(HS, b"not json"), "token_malformed", "payload"),
        (made(HS, [1]), "token_malformed", "payload"),
        (made(HS, b"\xff\xfe{}"), "token_malformed", "payload"),
        (made(b'{"alg":"HS256"', {}), "token_malformed", "header"),
        (made({"typ": "JWT"}, {}), "token_malformed", "header"),
        (made({**HS, "kid": 7}, {}), "token_malformed", "header"),
        (made({"alg": "none"}, {}, b""), "alg_none_or_unsupported", "header"),
        (made({"alg": "NoNe"}, {}, b""), "alg_none_or_unsupported", "header"),
        (made({"alg": "hs256"}, {}), "alg_none_or_unsupported", "header"),
        (made({"alg": "ES256"}, {}, b"\x30" + b"s" * 70), "signature_length_wrong", "signature"),
        (made({"alg": "ES256"}, {}, b"s" * 63), "token_truncated", "signature"),
        (made({**HS, "typ": "dpop+jwt"}, {}), "wrong_token_type", "header"),
        (made({**HS, "typ": "application/logout+jwt"}, {}), "wrong_token_type", "header"),
        (made({**HS, "typ": "client-authentication+jwt"}, {}), "client_assertion_used", "payload"),
        (made(HS, {"typ": "Refresh"}), "refresh_token_used", "payload"),
        (made({**HS, "nonce": "n"}, {"iss": "https://sts.windows.net/t/"}), "third_party_token", "header"),
        (f"{part(HS)}.{part({})}.SIGNATURE_REMOVED_BY_GOOGLE", "authorization_replaced", "signature"),
        (made(HS, {}) + ".x", "token_malformed", "value"),
    ],
)
def test_faults_inside(token: str, cause: str, where: str) -> None:
    seen = inspect_token(token)
    assert seen.kind == "jws"
    assert (seen.faults[0].cause, seen.faults[0].part) == (cause, where)
    assert len(seen.faults) == 1


def test_a_bad_character_is_placed() -> None:
    token = made(HS, {})
    at = token.index(".") + 2
    (fault,) = inspect_token(token[:at] + "#" + token[at:]).faults
    assert (fault.cause, fault.part, fault.position) == ("token_malformed", "payload", at)


def test_duplicates_are_listed_and_nan_survives() -> None:
    seen = inspect_token(made(b'{"alg":"HS256","alg":"HS256"}', b'{"exp":NaN,"a":1,"a":2,"n":{"b":1,"b":2}}'))
    assert seen.duplicate_members == ("alg", "b", "a")
    assert math.isnan(seen.claims["exp"])
    assert seen.claims["a"] == 2
    assert seen.faults == ()


def test_odd_numbers_do_not_stop_the_reader() -> None:
    seen = inspect_token(made(HS, b'{"exp":' + b"9" * 6000 + b',"iat":1e999}'))
    assert seen.claims["exp"] == math.inf == seen.claims["iat"]


def test_deep_nesting_is_a_fault_and_no_crash() -> None:
    seen = inspect_token(made(HS, b"[" * 100_000))
    assert [fault.part for fault in seen.faults] == ["payload"]


def test_what_a_token_says_is_neutralised() -> None:
    seen = inspect_token(made({**HS, "kid": "k\x1b[2J"}, {"sub\u202e": ["a\x07"]}))
    assert seen.header["kid"] == r"k\x1b[2J"
    assert seen.claims == {r"sub\u202e": [r"a\x07"]}


@for_each(
    ("text", "kind"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("2YotnFZFEjr1zCsicMWpAA", "opaque"),
        (f"{part({'alg': 'dir', 'enc': 'A256GCM'})}..aaaa.bbbb.cccc", "jwe"),
        ('{"payload":"e30","signatures":[]}', "jws_json"),
        ("v4.public.eyJzdWIiOiIxIn0", "paseto"),
        ("PHNhbWxwOlJlc3BvbnNlIHhtbG5zOg", "saml"),
        ("<saml:Assertion ID='x'>", "saml"),
        ("MDAxY2xvY2F0aW9uIGh0dHBzOi8vZXhhbXBsZS5jb20K", "macaroon"),
        ("s%3AabcdefghIJKL.0123456789abcdefghij", "cookie"),
        ("sid=abc; theme=dark", "cookie"),
        (part({"user": 1}) + ".Zx1234." + "a" * 27, "cookie"),
        ("ghp_" + "a" * 36, "api_key"),
        ("3fa85f64-5717-4562-b3fc-2c963f66afa6", "uuid"),
        ("0123456789abcdef0123456789abcdef", "hex"),
        ("MTk4NjIyNDgz.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs", "opaque"),
        (".eyJhIjoxfQ.0123456789abcdef", "jws"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert inspect_token(text).kind == kind


@pytest.mark.parametrize(
    ("text", "cause"),
    [("<saml:Assertion>", "saml_not_jwt"), ("sid=abc; theme=dark", "wrong_token_kind"), ("1//0" + "a" * 30, "refresh_token_used")],
)
def test_kinds_that_are_no_access_token(text: str, cause: str) -> None:
    assert causes(inspect_token(text)) == [cause]


def test_a_cut_encrypted_token() -> None:
    assert causes(inspect_token(f"{part({'alg': 'dir', 'enc': 'A256GCM'})}..aaaa.bbbb")) == ["token_truncated"]


def test_a_wrapped_token_is_read_inside_its_wrapper() -> None:
    seen = inspect_token(json.dumps({"access_token": rs256(), "token_type": "Bearer"}))
    assert (causes(seen), seen.kind, seen.claims["sub"]) == (["token_response_pasted"], "jws", "u1")


def test_an_id_token_is_no_fault_but_a_class() -> None:
    seen = inspect_token(jwt.encode({"iss": "i", "aud": "c", "nonce": "n", "at_hash": "h"}, "k" * 32))
    assert seen.faults == ()
    assert (token_class(seen).name, token_class(seen).certain) == ("id", True)
    assert token_class(inspect_token(rs256())).name == "access"
    assert token_class(inspect_token(made(HS, {"iss": "c", "sub": "c", "jti": "1"}))).name == "client_assertion"


def test_a_self_issued_access_token_is_no_assertion() -> None:
    assert inspect_token(made(HS, {"iss": "svc", "sub": "svc", "aud": "https://api", "jti": "1"})).faults == ()


def test_a_placeholder_is_one_fault() -> None:
    assert causes(inspect_token("YOUR_ACCESS_TOKEN")) == ["placeholder_value"]


def test_a_huge_text_is_refused_not_read() -> None:
    started = time.process_time()
    assert causes(inspect_token("eyJ." * 400_000)) == ["token_malformed"]
    assert time.process_time() - started < 1


@given(ANY_TEXT)
def test_any_text_is_inspected(text: str) -> None:
    seen = inspect_token(text)
    assert seen.length == len(text)
    for fault in seen.faults:
        assert fault.position is None or 0 <= fault.position <= len(text)
        assert safe_line(fault.text) == fault.text


TOKEN = rs256()


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from([*"aA0.-_ \n#\u200b", ""]), st.integers(0, 3))
def test_any_damage_to_a_token_is_inspected(at: int, put: str, drop: int) -> None:
    seen = inspect_token(TOKEN[:at] + put + TOKEN[at + drop :])
    assert seen.kind in ("jws", "jwe", "opaque")
    told = " ".join(fault.text for fault in seen.faults)
    assert not [i for i in range(0, len(TOKEN) - 8, 3) if TOKEN[i : i + 8] in told]


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=6,
        ),
    )
)
def test_every_claim_set_comes_through(claims: dict[str, object]) -> None:
    seen = inspect_token(made(HS, json.dumps(claims).encode()))
    assert len(seen.claims) <= len(claims)
    plain = {k: v for k, v in claims.items() if isinstance(v, str) and set(k + v) <= set(string.ascii_letters)}
    assert plain.items() <= dict(seen.claims).items()
