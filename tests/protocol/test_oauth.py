"""Token requests, answers, errors and metadata."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.oauth import TokenAnswer
from authwizard.model.profile import OAuth
from authwizard.model.secret import Secret
from authwizard.protocol.basic import basic_payload, client_payload, needs_form_encoding, read_basic
from authwizard.protocol.oauth import (
    authorization_server_urls,
    issuer_difference,
    read_introspection,
    read_jwks,
    read_metadata,
    read_resource_metadata,
    read_token_answer,
    resource_metadata_urls,
    token_request,
)

OAUTH = OAuth(client_id="abc", scopes=("read", "write"), audience="https://api.example.com")
URL = "https://auth.example.com/token"
JSON = [("Content-Type", "application/json")]


def body(request: Any) -> dict[str, list[str]]:
    return parse_qs(request.body.reveal())


def header(request: Any, name: str) -> str:
    value = dict(request.headers)[name]
    return value.reveal() if isinstance(value, Secret) else str(value)


def test_client_credentials_by_basic() -> None:
    request = token_request(OAUTH, grant="client_credentials", token_url=URL, client_secret="plainly fake")
    assert body(request) == {"grant_type": ["client_credentials"], "scope": ["read write"], "audience": ["https://api.example.com"]}
    assert header(request, "Authorization") == "Basic " + base64.b64encode(b"abc:plainly+fake").decode()
    assert "plainly" not in repr(request)


def test_raw_basic_is_the_other_way_of_the_standard() -> None:
    assert base64.b64decode(client_payload("a:b", "c+d", form_encoded=False)) == b"a:b:c+d"
    assert needs_form_encoding("a+b")
    assert not needs_form_encoding("ab-_.")


def test_secret_in_the_body() -> None:
    request = token_request(
        OAUTH, grant="client_credentials", token_url=URL, client_secret="plainly-fake", client_auth="client_secret_post"
    )
    assert body(request)["client_secret"] == ["plainly-fake"]
    assert "Authorization" not in dict(request.headers)


def test_a_refresh_carries_no_new_scope() -> None:
    request = token_request(OAUTH, grant="refresh_token", token_url=URL, client_secret="x", refresh_token="plainly-fake-refresh")
    assert body(request) == {"grant_type": ["refresh_token"], "refresh_token": ["plainly-fake-refresh"]}
    with pytest.raises(ValueError, match="no refresh token"):
        token_request(OAUTH, grant="refresh_token", token_url=URL)


def test_a_signed_assertion_is_short_and_for_the_token_endpoint() -> None:
    import jwt
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    oauth = OAuth(client_id="abc", client_auth="private_key_jwt", key_id="k1", assertion_alg="ES256")
    request = token_request(oauth, grant="client_credentials", token_url=URL, private_key=pem, now=1_000_000)
    assertion = body(request)["client_assertion"][0]
    claims = jwt.decode(assertion, key.public_key(), algorithms=["ES256"], audience=URL, options={"verify_exp": False, "verify_iat": False})
    assert (claims["iss"], claims["sub"], claims["iat"]) == ("abc", "abc", 1_000_000)
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert jwt.get_unverified_header(assertion)["kid"] == "k1"


def test_a_key_that_cannot_sign_is_refused_without_being_quoted() -> None:
    oauth = OAuth(client_id="abc", client_auth="private_key_jwt")
    with pytest.raises(ValueError, match="cannot sign with RS256") as caught:
        token_request(oauth, grant="client_credentials", token_url=URL, private_key="plainly-fake-no-key")
    assert "plainly-fake" not in str(caught.value)


def test_a_good_answer() -> None:
    answer = read_token_answer(200, JSON, json.dumps({"access_token": "t-1", "token_type": "Bearer", "expires_in": "3600", "scope": "a b"}))
    assert answer.ok
    assert (answer.expires_in, answer.scope, answer.token_type) == (3600, "a b", "Bearer")
    assert answer.access_token is not None
    assert "t-1" not in repr(answer)


def test_a_form_answer_is_read_too() -> None:
    answer = read_token_answer(200, [("content-type", "application/x-www-form-urlencoded")], "access_token=t-1&token_type=bearer")
    assert answer.ok
    assert not answer.is_json


def test_further_codes_of_vendors_are_read() -> None:
    entra = read_token_answer(400, JSON, json.dumps({"error": "invalid_grant", "suberror": "bad_token", "error_codes": [70000, True, "x"]}))
    assert (entra.suberror, entra.error_codes) == ("bad_token", ("AADSTS70000",))
    google = read_token_answer(400, JSON, json.dumps({"error": "invalid_grant", "error_subtype": "invalid_rapt"}))
    assert google.suberror == "invalid_rapt"
    okta = read_token_answer(401, JSON, json.dumps({"errorCode": "E0000011", "errorSummary": "Invalid token provided"}))
    assert (okta.error, okta.error_description) == ("E0000011", "Invalid token provided")


def test_texts_are_neutralised() -> None:
    answer = read_token_answer(400, JSON, json.dumps({"error": "invalid_client", "error_description": "\x1b]52;c;x\x07"}))
    assert "\x1b" not in answer.error_description


def refused(error: str, description: str = "", status: int = 401) -> TokenAnswer:
    return read_token_answer(status, JSON, json.dumps({"error": error, "error_description": description}))


def test_introspection() -> None:
    assert read_introspection(200, '{"active": false}').active is False
    assert read_introspection(200, '{"active": true, "scope": "a"}').members["scope"] == "a"
    assert read_introspection(401, '{"error": "invalid_client"}').active is None
    assert read_introspection(200, '{"active": "yes"}').active is None


def test_well_known_addresses() -> None:
    assert authorization_server_urls("https://a.example.com/t1") == (
        "https://a.example.com/.well-known/oauth-authorization-server/t1",
        "https://a.example.com/t1/.well-known/openid-configuration",
        "https://a.example.com/.well-known/openid-configuration/t1",
    )
    assert len(authorization_server_urls("https://a.example.com")) == 2
    assert resource_metadata_urls("https://api.example.com/v2")[0] == "https://api.example.com/.well-known/oauth-protected-resource/v2"


def test_metadata() -> None:
    metadata = read_metadata('{"issuer": "https://a", "token_endpoint": "https://a/t", "grant_types_supported": ["x", 1]}')
    assert (metadata.token_endpoint, metadata.grant_types_supported) == ("https://a/t", ("x",))
    assert read_resource_metadata('{"resource": "https://api", "authorization_servers": ["https://a"]}').authorization_servers == (
        "https://a",
    )
    raw, keys = read_jwks('{"keys": [{"kid": "k", "kty": "EC", "n": "x"}, 3]}')
    assert [k.kid for k in keys] == ["k"]
    assert raw["keys"]


@pytest.mark.parametrize("text", ["", "[]", "{}", "<html>", '{"issuer": 1}', "[" * 100000])
def test_what_is_no_metadata_is_refused(text: str) -> None:
    for read in (read_metadata, read_resource_metadata, read_jwks):
        with pytest.raises(ValueError, match="document"):
            read(text)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("https://a.example.com", "https://a.example.com", ""),
        ("https://a.example.com", "https://a.example.com/", "trailing_slash"),
        ("https://a.example.com", "http://a.example.com", "scheme"),
        ("https://A.example.com/x", "https://a.example.com/x", "case"),
        ("https://a.example.com", "https://b.example.com", "host"),
        ("https://a.example.com:1", "https://a.example.com:2", "port"),
        ("https://k/realms/prod", "https://k/realms/dev", "realm"),
        ("https://a.example.com/x", "https://a.example.com/y", "path"),
        (
            "https://sts.windows.net/11111111-1111-1111-1111-111111111111/",
            "https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0",
            "version",
        ),
        (
            "https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0",
            "https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222/v2.0",
            "tenant",
        ),
    ],
)
def test_how_issuers_differ(one: str, other: str, kind: str) -> None:
    assert issuer_difference(one, other) == kind
    assert issuer_difference(other, one) == kind


def test_basic_round_trip_and_faults() -> None:
    seen = read_basic(basic_payload("anna", "pä:ss"))
    assert seen.user is not None
    assert seen.password is not None
    assert (seen.user.reveal(), seen.password.reveal(), seen.fault) == ("anna", "pä:ss", "")
    assert "no base64" in read_basic("%%%").fault
    assert "no colon" in read_basic(base64.b64encode(b"abc").decode()).fault
    assert "line break" in read_basic(base64.b64encode(b"a:b\n").decode()).fault
    with pytest.raises(ValueError, match="colon"):
        basic_payload("a:b", "c")
    with pytest.raises(ValueError, match="latin-1") as caught:
        basic_payload("a", "€-plainly-fake", "latin-1")
    assert "plainly-fake" not in str(caught.value)


@given(st.integers(100, 599) | st.none(), st.text(max_size=200))
def test_any_answer_is_read(status: int | None, text: str) -> None:
    read_token_answer(status, [("Content-Type", text)], text)
    read_introspection(status, text)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_issuers_are_compared(one: str, other: str) -> None:
    assert (issuer_difference(one, other) == "") == (one == other)
