"""Does the authorization server keep to its RFCs: metadata, grants, client authentication, rotation, introspection, revocation?"""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import jwt
import pytest

Start = Any
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_both_metadata_documents_name_working_endpoints(start: Start) -> None:
    seen = await start("healthy")
    issuer = seen.oauth["issuer"]
    plain = (await seen.http.get(issuer + "/.well-known/oauth-authorization-server")).json()
    openid = (await seen.http.get(issuer + "/.well-known/openid-configuration")).json()
    assert plain["issuer"] == openid["issuer"] == issuer
    assert plain.items() <= openid.items()
    assert openid["id_token_signing_alg_values_supported"] == ["ES256"]
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert (await seen.http.get(plain[name])).status_code == 405
        assert (await seen.http.get(plain[name])).headers["Allow"] == "POST"
    keys = (await seen.http.get(plain["jwks_uri"])).json()["keys"]
    assert [(k["kty"], k["use"], k["alg"]) for k in keys] == [("EC", "sig", "ES256")]
    assert not {"d", "p", "q"} & set(keys[0])


async def test_staging_has_other_keys_issuer_client_and_ports(start: Start) -> None:
    seen = await start("healthy")
    both = [seen.profiles[name] for name in ("demo", "staging")]
    for pick in (
        lambda p: p["base_url"],
        lambda p: p["oauth"]["issuer"],
        lambda p: p["oauth"]["client_id"],
        lambda p: tuple(p["expect"]["audience"]),
    ):
        assert pick(both[0]) != pick(both[1])
    token = seen.secret("access_token", "staging")
    header = jwt.get_unverified_header(token)
    keys = (await seen.http.get(both[1]["oauth"]["issuer"] + "/.well-known/jwks.json")).json()["keys"]
    assert [(k["kid"], k["kty"], k["alg"]) for k in keys] == [(header["kid"], "RSA", "RS256")]
    jwt.decode(token, jwt.PyJWK(keys[0]), ["RS256"], audience=both[1]["expect"]["audience"])
    answer = await seen.http.get(both[1]["base_url"] + "/v2/devices", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_a_token_answer_is_complete(start: Start) -> None:
    seen = await start("healthy")
    answer = await seen.mint()
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "read write logs:read")
    assert "refresh_token" not in body  # RFC 6749 4.4.3
    claims = await seen.verify(body["access_token"])
    assert jwt.get_unverified_header(body["access_token"])["typ"] == "at+jwt"
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - time.time()) < 5
    assert claims["sub"] == claims["client_id"] == seen.oauth["client_id"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "read nonsense"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "audience": "https://other.test"}, "invalid_target"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "cxr_unknown"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "unknown"}, "invalid_grant"),
    ],
)
async def test_what_cannot_be_granted_is_a_400(start: Start, form: dict[str, str], error: str) -> None:
    seen = await start("healthy")
    answer = await seen.token_request(form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]


async def test_malformed_token_requests_are_refused(start: Start) -> None:
    seen = await start("healthy")
    url, pair = seen.oauth["token_url"], (seen.oauth["client_id"], seen.secret("client_secret"))
    bodies: list[dict[str, Any]] = [
        {"json": {"grant_type": "client_credentials"}},
        {"content": b"grant_type=client_credentials&grant_type=client_credentials", "headers": FORM},
        {"content": b"grant_type=\xff", "headers": FORM},
        {"content": b"&".join(b"a%d=1" % n for n in range(200)), "headers": FORM},
    ]
    for body in bodies:
        answer = await seen.http.post(url, auth=pair, **body)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), body


async def test_client_authentication_by_header_is_form_encoded_first(start: Start) -> None:
    seen = await start("healthy")
    pair = f"{quote_plus(seen.oauth['client_id'])}:{''.join(f'%{ord(c):02X}' for c in seen.secret('client_secret'))}"
    form = {"grant_type": "client_credentials"}
    header = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    assert (await seen.http.post(seen.oauth["token_url"], data=form, headers=header)).status_code == 200


@pytest.mark.parametrize("value", ["Basic", "Basic ###", "Basic " + base64.b64encode(b"nocolon").decode(), "Basic /w==", "Bearer x"])
async def test_an_unreadable_authorization_field_is_invalid_client(start: Start, value: str) -> None:
    seen = await start("healthy")
    answer = await seen.http.post(seen.oauth["token_url"], data={"grant_type": "client_credentials"}, headers={"Authorization": value})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


async def test_two_ways_of_authentication_at_once_are_refused(start: Start) -> None:
    seen = await start("healthy")
    answer = await seen.token_request({"grant_type": "client_credentials", "client_secret": "x"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    answer = await seen.http.post(seen.oauth["token_url"], data={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_client_assertion_counts_once_and_only_in_its_time(start: Start) -> None:
    seen = await start("healthy-private_key_jwt")
    now = int(time.time())

    async def with_assertion(assertion: str, kind: str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") -> str:
        form = {"grant_type": "client_credentials", "client_assertion": assertion, "client_assertion_type": kind}
        answer = await seen.http.post(seen.oauth["token_url"], data=form)
        return str(answer.json().get("error", "ok"))

    good = seen.assertion()
    assert await with_assertion(good, "something else") == "invalid_request"
    assert await with_assertion(good) == "ok"
    assert await with_assertion(good) == "invalid_client"
    assert await with_assertion(seen.assertion(aud=[seen.oauth["issuer"], "https://x.test"])) == "ok"
    for wrong in (
        {"aud": "https://x.test"},
        {"exp": now - 61},
        {"exp": "soon"},
        {"nbf": now + 300},
        {"iat": now + 300},
        {"jti": ""},
        {"sub": "x"},
        {"iss": "x"},
    ):
        assert await with_assertion(seen.assertion(**wrong)) == "invalid_client", wrong
    assert await with_assertion(good[:-8] + "AAAAAAAA") == "invalid_client"
    assert await with_assertion("not.a.token") == "invalid_client"


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_sign_in(start: Start) -> None:
    seen = await start("token_expired-refreshable")
    first = seen.secret("refresh_token")
    assert await seen.active(first)
    answer = (await seen.refresh()).json()
    second, access = answer["refresh_token"], answer["access_token"]
    assert not await seen.active(first)
    assert await seen.active(second)
    assert (await seen.bearer(access)).status_code == 200
    assert (await seen.refresh(first)).json()["error_description"].startswith("The refresh token was already used")
    assert (await seen.refresh(second)).json()["error_description"] == "The refresh token has been revoked."
    assert not await seen.active(access)
    assert (await seen.bearer(access)).status_code == 401


async def test_a_refresh_may_narrow_the_scope_and_never_widen_it(start: Start) -> None:
    seen = await start("token_expired-refreshable")
    form = {"grant_type": "refresh_token", "refresh_token": seen.secret("refresh_token")}
    assert (await seen.token_request({**form, "scope": "read admin"})).json()["error"] == "invalid_scope"
    answer = await seen.token_request({**form, "scope": "read"})
    assert answer.json()["scope"] == "read"


async def test_revocation_ends_a_token_and_says_nothing_of_unknown_ones(start: Start) -> None:
    seen = await start("token_expired-refreshable")
    pair = (seen.oauth["client_id"], seen.secret("client_secret"))
    answer = (await seen.refresh()).json()

    async def revoke(data: dict[str, str]) -> int:
        return int((await seen.http.post(seen.oauth["revocation_url"], data=data, auth=pair)).status_code)

    fresh = await seen.fresh()
    assert await revoke({"token": fresh}) == 200
    assert (await seen.bearer(fresh)).status_code == 401
    assert (await seen.bearer(answer["access_token"])).status_code == 200
    assert await revoke({"token": answer["refresh_token"]}) == 200
    assert (await seen.bearer(answer["access_token"])).status_code == 401
    assert await revoke({"token": "unknown"}) == 200
    assert await revoke({}) == 400
    assert (await seen.http.post(seen.oauth["revocation_url"], data={"token": "x"})).status_code == 401


async def test_introspection_describes_good_tokens_and_wants_a_client(start: Start) -> None:
    seen = await start("healthy")
    pair = (seen.oauth["client_id"], seen.secret("client_secret"))
    url = seen.oauth["introspection_url"]
    token = seen.secret("access_token")
    answer = (await seen.http.post(url, data={"token": token}, auth=pair)).json()
    claims = await seen.verify(token)
    assert answer == {"active": True, "token_type": "Bearer", **claims}
    for dead in ("garbage", token[:-20], seen.secret("access_token", "staging")):
        assert (await seen.http.post(url, data={"token": dead}, auth=pair)).json() == {"active": False}
    assert (await seen.http.post(url, data={"token": token})).status_code == 401
    assert (await seen.http.post(url, data={}, auth=pair)).json()["error"] == "invalid_request"


async def test_signing_in_by_authorization_code_with_pkce(start: Start) -> None:
    seen = await start("credential_missing")
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": seen.oauth["client_id"], "redirect_uri": "http://127.0.0.1:9/cb?a=1", "state": "s&t",
        "scope": "read", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    authorize = seen.oauth["issuer"] + "/oauth/authorize"

    async def code() -> str:
        answer = await seen.http.get(authorize, params=asked)
        assert answer.status_code == 302
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert (query["a"], query["state"]) == (["1"], ["s&t"])
        return query["code"][0]

    form = {"grant_type": "authorization_code", "redirect_uri": asked["redirect_uri"], "code_verifier": verifier}
    for wrong in ({"code_verifier": "x" * 43}, {"redirect_uri": "http://127.0.0.1:9/other"}):
        assert (await seen.token_request({**form, "code": await code(), **wrong})).json()["error"] == "invalid_grant"
    once = await code()
    answer = await seen.token_request({**form, "code": once})
    assert answer.json()["scope"] == "read"
    assert (await seen.bearer(answer.json()["access_token"])).status_code == 200
    assert (await seen.refresh(answer.json()["refresh_token"])).status_code == 200
    assert (await seen.token_request({**form, "code": once})).json()["error"] == "invalid_grant"

    for wrong in (
        {"redirect_uri": "https://evil.test/"},
        {"redirect_uri": "http://127.0.0.1:9/\r\nX: y"},
        {"client_id": "x"},
        {"redirect_uri": "http://["},
    ):
        assert (await seen.http.get(authorize, params={**asked, **wrong})).status_code == 400
    for wrong, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ):
        location = (await seen.http.get(authorize, params={**asked, **wrong})).headers["Location"]
        assert parse_qs(urlsplit(location).query)["error"] == [error]


async def test_unknown_paths_and_methods(start: Start) -> None:
    seen = await start("healthy")
    assert (await seen.http.get(seen.oauth["issuer"] + "/nothing")).status_code == 404
    assert (await seen.http.delete(seen.oauth["issuer"] + "/oauth/token")).status_code == 405
    assert (await seen.http.head(seen.oauth["issuer"] + "/.well-known/jwks.json")).status_code == 200
