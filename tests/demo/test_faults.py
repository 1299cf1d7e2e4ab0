"""Does each fault look from outside as its cause does, and as nothing else? (CHECKS 13 to 17)"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import jwt
import pytest
from each_row import for_each

from authwizard.demo.fault import Fault
from authwizard.demo.faults import FAULTS, fault_named, listing
from authwizard.demo.profiles import variable
from authwizard.knowledge.causes import cause
from authwizard.model.errors import UsageError
from authwizard.model.profile import is_loopback
from authwizard.store.profiles import parse_profiles

from .faults_of_kinds import SHOWN_KINDS

Seen = Any
KINDS = {"healthy": 0, "cannot_tell": 3, "not_reproduced": 5}
REQUIRED = {
    "healthy", "credential_missing", "auth_header_name_wrong", "auth_scheme_missing", "auth_scheme_duplicated", "auth_scheme_case_rejected",
    "quotes_in_token", "line_break_in_token", "token_truncated", "placeholder_value", "token_expired", "token_not_yet_valid",
    "token_revoked", "environment_mismatch", "audience_mismatch", "issuer_mismatch", "signature_invalid", "signing_key_rotated",
    "insufficient_scope", "insufficient_scope-401", "scope_not_granted", "client_credentials_invalid", "client_disabled",
    "client_auth_method_wrong", "refresh_token_expired", "refresh_token_reused", "clock_skew_client", "clock_skew_server",
    "clock_skew_issuer_api", "authorization_stripped", "redirect_drops_authorization", "cors_preflight_rejected", "auth_scheme_wrong",
    "environment_mismatch-api_key", "cannot_tell", "not_reproduced",
}  # fmt: skip


def words(answer: httpx.Response) -> str:
    return str(answer.json().get("error_description", ""))


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Equal but for the volatile parts."""
    volatile = {"timestamp", "request_id"}
    bodies = [{k: v for k, v in answer.json().items() if k not in volatile} for answer in (one, other)]
    challenges = [answer.headers.get_list("www-authenticate") for answer in (one, other)]
    return one.status_code == other.status_code and bodies[0] == bodies[1] and challenges[0] == challenges[1]


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_names_are_unique_and_begin_with_their_code() -> None:
    names = [f.name for f in FAULTS]
    assert len(names) == len(set(names))
    assert all(f.name == f.code or f.name.startswith(f.code + "-") for f in FAULTS)
    assert {f.code for f in FAULTS} <= set(names), "the plainest fault of a cause is called as the cause"
    assert set(names) >= REQUIRED


def test_a_line_has_name_code_and_text() -> None:
    rows = [line.split("\t") for line in listing().splitlines()]
    assert [row[:2] for row in rows] == [[f.name, f.code] for f in FAULTS]
    assert all(len(row) == 3 and row[2] for row in rows)


@for_each("fault", FAULTS, ids=lambda f: f.name)
def test_exit_status_and_step_fit_the_code(fault: Fault) -> None:
    assert fault.exit_status == KINDS.get(fault.code, 1)
    assert (fault.step is None) == (fault.code == "healthy")
    assert set(fault.allow) <= {"refresh", "write", "http"}
    assert bool(fault.without_allow) == bool(fault.allow)
    assert ("--sent" in fault.check_options) == bool(fault.sent)


@for_each("fault", [f for f in FAULTS if f.code not in KINDS], ids=lambda f: f.name)
def test_the_step_of_record_is_the_catalogue_s(fault: Fault) -> None:
    expected = cause(fault.code).step
    # CHECKS 15: a rate limit of the API belongs to the intake, one of the authorization server to step 3; a fault in the bytes of
    # a client secret belongs to step 3, where the same fault in a token belongs to step 1.
    placed = {"rate_limited": 0, "whitespace_in_credential-client_secret": 3}
    assert fault.step == placed.get(fault.name, expected)
    if fault.without_allow is not None:
        assert fault.without_allow[1] == cause(fault.without_allow[0]).step


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'token_expire'.*token_expired"):
        fault_named("token_expire")
    with pytest.raises(UsageError, match="demo --list"):
        fault_named("\u202exyzzy")


# ── every fault ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def healthy(seen: Seen) -> None:
    assert (await seen.p0()).status_code == 200
    assert (await seen.none()).status_code == 401
    assert (await seen.garbage()).status_code == 401
    token = seen.secret("access_token")
    assert (await seen.tampered(token)).status_code == 401
    assert await seen.active(token)
    claims = await seen.verify(token)
    expect = seen.profile["expect"]
    assert claims["iss"] == expect["issuer"]
    assert claims["aud"] in expect["audience"]
    assert claims["scope"].split() == seen.oauth["scopes"]
    fresh = await seen.fresh()
    assert (await seen.bearer(fresh)).status_code == 200
    for row in seen.profile["endpoints"]:
        if row["request"].startswith("GET"):
            assert (await seen.bearer(fresh, row["request"])).status_code == row.get("expect", 200), row
    assert (await seen.mint("client_secret_post")).status_code == 200


async def healthy_private_key_jwt(seen: Seen) -> None:
    assert "access_token" not in seen.platform.secrets["demo"]
    assert (await seen.bearer(await seen.fresh())).status_code == 200


async def healthy_api_key(seen: Seen) -> None:
    assert seen.secret("api_key").startswith("cx_live_")
    assert (await seen.p0()).status_code == 200
    assert (await seen.none()).status_code == 401
    for row in seen.profile["endpoints"]:
        if row["request"].startswith("GET"):
            assert (await seen.send({"X-Api-Key": seen.secret("api_key")}, row["request"])).status_code == 200


async def healthy_basic(seen: Seen) -> None:
    assert (await seen.p0()).status_code == 200
    assert (await seen.none()).headers["WWW-Authenticate"].startswith("Basic ")


async def credential_missing(seen: Seen) -> None:
    assert not {"access_token", "refresh_token"} & set(seen.platform.secrets["demo"])
    assert seen.oauth["grant"] == "authorization_code"
    absent = await seen.none()
    assert absent.headers["WWW-Authenticate"] == 'Bearer realm="Company X API"'
    assert words(absent) == "No authorization token was found"


async def repaired_by_a_swap(seen: Seen, swap: httpx.Response, *, like_absent: bool) -> None:
    """P0 is refused, the one change makes it work; and garbage Bearer is seen, so the path is open."""
    p0, none, garbage = await seen.p0(), await seen.none(), await seen.garbage()
    assert p0.status_code == 401
    assert same(p0, none) == like_absent
    assert not same(garbage, none)
    assert swap.status_code == 200


async def auth_header_name_wrong(seen: Seen) -> None:
    assert seen.profile["credential"]["header"] == "Authentication"
    await repaired_by_a_swap(seen, await seen.bearer(seen.secret("access_token")), like_absent=True)


async def auth_scheme_missing(seen: Seen) -> None:
    assert seen.profile["credential"]["scheme"] == ""
    await repaired_by_a_swap(seen, await seen.bearer(seen.secret("access_token")), like_absent=True)


async def auth_scheme_duplicated(seen: Seen) -> None:
    stored = seen.secret("access_token")
    assert stored.startswith("Bearer eyJ")
    await repaired_by_a_swap(seen, await seen.bearer(stored.removeprefix("Bearer ")), like_absent=False)


async def auth_scheme_case_rejected(seen: Seen) -> None:
    assert seen.profile["credential"]["scheme"] == "bearer"
    await repaired_by_a_swap(seen, await seen.bearer(seen.secret("access_token")), like_absent=True)


async def auth_scheme_wrong(seen: Seen) -> None:
    p0, none, garbage = await seen.p0(), await seen.none(), await seen.garbage()
    assert same(p0, none)
    assert same(garbage, none)
    assert p0.headers.get_list("www-authenticate") == ['Basic realm="Company X API", charset="UTF-8"']
    pair = (seen.secret("username"), seen.secret("password"))
    assert (await seen.http.get(seen.url(), auth=pair)).status_code == 200


async def quotes_in_token(seen: Seen) -> None:
    stored = seen.secret("access_token")
    assert stored[0] == stored[-1] == '"'
    await repaired_by_a_swap(seen, await seen.bearer(stored[1:-1]), like_absent=False)


async def not_sendable(seen: Seen, mended: str) -> None:
    with pytest.raises(httpx.LocalProtocolError):
        await seen.p0()
    assert (await seen.bearer(mended)).status_code == 200


async def line_break_in_token(seen: Seen) -> None:
    stored = seen.secret("access_token")
    assert {len(line) for line in stored.split("\n")[:-1]} == {76}
    await not_sendable(seen, stored.replace("\n", ""))


async def whitespace_in_credential(seen: Seen) -> None:
    stored = seen.secret("access_token")
    assert stored.endswith("\n")
    await not_sendable(seen, stored[:-1])


async def token_at_fault(seen: Seen, *, active: bool | None = False) -> str:
    """P0 is refused as a token that was seen; a fresh one of the same client works."""
    p0, none = await seen.p0(), await seen.none()
    assert p0.status_code == 401
    assert not same(p0, none)
    assert (await seen.bearer(await seen.fresh())).status_code == 200
    if active is not None:
        assert await seen.active(seen.secret("access_token")) is active
    return words(p0)


async def token_truncated(seen: Seen) -> None:
    parts = seen.secret("access_token").split(".")
    assert len(parts) == 3
    assert len(parts[2]) < 86  # ES256: 64 bytes in base64url
    assert await token_at_fault(seen) in ("The access token is invalid or has expired", "Token signature verification failed")


async def placeholder_value(seen: Seen) -> None:
    assert seen.secret("access_token") == "YOUR_ACCESS_TOKEN"
    assert await token_at_fault(seen) == "The access token is invalid or has expired"


async def refresh_token_used(seen: Seen) -> None:
    assert seen.secret("access_token") == seen.secret("refresh_token")
    assert await token_at_fault(seen, active=None) == "The access token is invalid or has expired"


async def stripped(seen: Seen) -> None:
    """No value of the header makes a difference, and the answer is the one for an absent header."""
    token = seen.secret("access_token")
    odd = await seen.send({"Authorization": "Authwizard-Probe x"})
    answers = [
        await seen.p0(),
        await seen.none(),
        await seen.garbage(),
        await seen.tampered(token),
        odd,
        await seen.bearer(await seen.fresh()),
    ]
    assert all(same(answers[0], other) for other in answers)
    assert words(answers[0]) == "No authorization token was found"
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer realm="Company X API"'
    assert all("Via" in answer.headers for answer in answers)
    assert await seen.active(token)
    await seen.verify(token)


async def authorization_stripped(seen: Seen) -> None:
    assert "origin_url" not in seen.profile
    await stripped(seen)


async def edge_strips_authorization(seen: Seen) -> None:
    await stripped(seen)
    behind = seen.profile["origin_url"] + "/v2/organizations/current"
    answer = await seen.http.get(behind, headers={"Authorization": f"Bearer {seen.secret('access_token')}"})
    assert answer.status_code == 200
    assert "Via" not in answer.headers


async def redirect_drops_authorization(seen: Seen) -> None:
    p0 = await seen.p0()
    assert p0.status_code == 308
    target = httpx.URL(p0.headers["Location"])
    assert target.port != httpx.URL(seen.url()).port
    headers = {"Authorization": f"Bearer {seen.secret('access_token')}"}
    assert (await seen.http.get(target, headers=headers)).status_code == 200
    assert (await seen.http.get(seen.url(), headers=headers, follow_redirects=True)).status_code == 401


async def cors_preflight_rejected(seen: Seen) -> None:
    assert (await seen.p0()).status_code == 200
    asked = {
        "Origin": seen.profile["browser_origin"],
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    assert (await seen.send(asked, method="OPTIONS")).status_code == 401


async def token_expired(seen: Seen) -> None:
    claims = await seen.verify(seen.secret("access_token"))
    assert claims["exp"] < time.time() - 3600
    assert await token_at_fault(seen) == "Token has expired"


async def token_expired_refreshable(seen: Seen) -> None:
    assert (await seen.p0()).status_code == 401
    answer = await seen.refresh()
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != seen.secret("refresh_token")
    assert (await seen.bearer(answer.json()["access_token"])).status_code == 200


async def token_not_yet_valid(seen: Seen) -> None:
    claims = await seen.verify(seen.secret("access_token"))
    assert claims["iat"] < time.time() < claims["nbf"] - 3600
    assert (await token_at_fault(seen)).startswith("The token is not valid before ")


async def clock_skew_client(seen: Seen) -> None:
    assert "access_token" not in seen.platform.secrets["demo"]
    refused = await seen.mint()
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert "expired" not in refused.text
    corrected = seen.assertion(iat=int(time.time()) + 660, exp=int(time.time()) + 660 + 120)
    form = {"grant_type": "client_credentials", "client_assertion": corrected}
    form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    answer = await seen.http.post(seen.oauth["token_url"], data=form)
    assert (await seen.bearer(answer.json()["access_token"])).status_code == 200


async def clock_skew_server(seen: Seen) -> None:
    token = seen.secret("access_token")
    assert (await seen.verify(token))["exp"] > time.time() + 60
    assert await seen.active(token)
    for answer in (await seen.p0(), await seen.bearer(await seen.fresh())):
        assert (answer.status_code, words(answer)) == (401, "Token has expired")


async def clock_skew_issuer_api(seen: Seen) -> None:
    fresh = await seen.fresh()
    assert 600 < (await seen.verify(fresh))["iat"] - time.time() < 700
    assert await seen.active(fresh)
    for answer in (await seen.p0(), await seen.bearer(fresh)):
        assert answer.status_code == 401
        assert words(answer).startswith("The token is not valid before ")


async def environment_mismatch(seen: Seen) -> None:
    claims = jwt.decode(seen.secret("access_token"), options={"verify_signature": False})
    other = seen.profiles["staging"]
    assert claims["iss"] == other["oauth"]["issuer"]
    assert claims["client_id"] == other["oauth"]["client_id"]
    assert [claims["aud"]] == other["expect"]["audience"]
    assert await token_at_fault(seen) == "The signature key was not found"
    home = await seen.http.get(
        other["base_url"] + "/v2/organizations/current", headers={"Authorization": f"Bearer {seen.secret('access_token')}"}
    )
    assert home.status_code == 200


async def environment_mismatch_api_key(seen: Seen) -> None:
    key = seen.secret("api_key")
    assert key.startswith("cx_test_")
    assert key == seen.secret("api_key", "staging")
    answer = await seen.p0()
    assert (answer.status_code, words(answer)) == (401, "The API key is not valid")
    assert not same(answer, await seen.none())
    home = await seen.http.get(seen.profiles["staging"]["base_url"] + "/v3/organizations/current", headers={"X-Api-Key": key})
    assert home.status_code == 200


async def api_key_invalid(seen: Seen) -> None:
    assert seen.secret("api_key").startswith("cx_live_")
    assert seen.secret("api_key") != seen.secret("api_key", "staging")
    answer = await seen.p0()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_api_key")


async def audience_mismatch(seen: Seen) -> None:
    assert await token_at_fault(seen, active=True) == "The aud claim is not valid"
    stored, fresh = await seen.verify(seen.secret("access_token")), await seen.verify(await seen.fresh())
    differing = {name for name in stored if stored[name] != fresh[name]} - {"iat", "nbf", "exp", "jti"}
    assert differing == {"aud"}
    assert fresh["aud"] in seen.profile["expect"]["audience"]


async def audience_mismatch_requested(seen: Seen) -> None:
    fresh = await seen.fresh()
    assert (await seen.verify(fresh))["aud"] not in seen.profile["expect"]["audience"]
    for answer in (await seen.p0(), await seen.bearer(fresh)):
        assert (answer.status_code, words(answer)) == (401, "The aud claim is not valid")
    assert await seen.active(fresh)


async def issuer_mismatch(seen: Seen) -> None:
    assert await token_at_fault(seen, active=True) == "The iss claim is not valid"
    stored, fresh = await seen.verify(seen.secret("access_token")), await seen.verify(await seen.fresh())
    differing = {name for name in stored if stored[name] != fresh[name]} - {"iat", "nbf", "exp", "jti"}
    assert differing == {"iss"}
    assert stored["iss"].replace("localhost", "127.0.0.1") == seen.oauth["issuer"]


async def issuer_mismatch_api(seen: Seen) -> None:
    fresh = await seen.fresh()
    assert (await seen.verify(fresh))["iss"] == seen.oauth["issuer"]
    assert "issuer" not in seen.profile["expect"]
    for answer in (await seen.p0(), await seen.bearer(fresh)):
        assert (answer.status_code, words(answer)) == (401, "The iss claim is not valid")


async def signature_invalid(seen: Seen) -> None:
    with pytest.raises(jwt.InvalidSignatureError):
        await seen.verify(seen.secret("access_token"))
    assert await token_at_fault(seen) == "Token signature verification failed"


async def signing_key_rotated(seen: Seen) -> None:
    with pytest.raises(KeyError):
        await seen.verify(seen.secret("access_token"))
    assert await token_at_fault(seen) == "The signature key was not found"
    await seen.verify(await seen.fresh())


async def token_revoked(seen: Seen) -> None:
    claims = await seen.verify(seen.secret("access_token"))
    assert claims["exp"] > time.time() + 60
    assert await token_at_fault(seen) == "The access token is invalid or has expired"
    assert (await seen.p0()).headers["WWW-Authenticate"] == 'Bearer realm="Company X API"'
    assert same(await seen.p0(), await seen.garbage())


async def client_refused(seen: Seen, error: str, description: str) -> None:
    assert "access_token" not in seen.platform.secrets["demo"]
    answer = await seen.mint()
    assert (answer.json()["error"], answer.json()["error_description"]) == (error, description)
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert ("WWW-Authenticate" in answer.headers) == (error == "invalid_client")
    assert (await seen.mint("client_secret_post")).json()["error"] == error


async def client_credentials_invalid(seen: Seen) -> None:
    await client_refused(seen, "invalid_client", "Client authentication failed.")


async def client_unknown(seen: Seen) -> None:
    await client_refused(seen, "invalid_client", "No client with this client_id is registered.")


async def client_disabled(seen: Seen) -> None:
    await client_refused(seen, "invalid_client", "The client is disabled.")


async def client_secret_expired(seen: Seen) -> None:
    await client_refused(seen, "invalid_client", "The client secret has expired.")


async def grant_not_allowed(seen: Seen) -> None:
    await client_refused(seen, "unauthorized_client", "The client is not allowed to use the grant client_credentials.")


async def scope_unknown(seen: Seen) -> None:
    await client_refused(seen, "invalid_scope", "The requested scope is unknown or may not be granted to this client.")


async def client_auth_method_wrong(seen: Seen) -> None:
    assert (await seen.mint()).json()["error"] == "invalid_client"
    answer = await seen.mint("client_secret_post")
    assert (await seen.bearer(answer.json()["access_token"])).status_code == 200
    metadata = (await seen.http.get(seen.oauth["issuer"] + "/.well-known/openid-configuration")).json()
    assert metadata["token_endpoint_auth_methods_supported"] == ["client_secret_post"]


async def token_endpoint_wrong(seen: Seen) -> None:
    assert (await seen.mint()).status_code == 404
    metadata = (await seen.http.get(seen.oauth["issuer"] + "/.well-known/oauth-authorization-server")).json()
    assert metadata["token_endpoint"] != seen.oauth["token_url"]


async def refresh_refused(seen: Seen, description: str) -> None:
    p0 = await seen.p0()
    assert (p0.status_code, words(p0)) == (401, "Token has expired")
    assert seen.oauth["grant"] == "refresh_token"
    for _ in range(2):  # the same words however often it is asked
        answer = await seen.refresh()
        assert (answer.status_code, answer.json()["error"], answer.json()["error_description"]) == (400, "invalid_grant", description)


async def refresh_token_expired(seen: Seen) -> None:
    await refresh_refused(seen, "The refresh token has expired.")


async def refresh_token_reused(seen: Seen) -> None:
    await refresh_refused(seen, "The refresh token was already used; all tokens of this sign-in are revoked.")


async def scope_refused(seen: Seen, status: int) -> None:
    p0, fresh = await seen.p0(), await seen.bearer(await seen.fresh())
    assert same(p0, fresh)
    assert (p0.status_code, words(p0)) == (status, "Token lacks required scope")
    assert 'error="insufficient_scope"' in p0.headers["WWW-Authenticate"]
    assert 'scope="logs:read"' in p0.headers["WWW-Authenticate"]
    assert (await seen.none()).status_code == (await seen.garbage()).status_code == 401
    assert (await seen.bearer(seen.secret("access_token"), "GET /v2/devices")).status_code == 200
    assert (await seen.verify(seen.secret("access_token")))["scope"] == "read write"


async def insufficient_scope(seen: Seen) -> None:
    await scope_refused(seen, 403)
    assert seen.oauth["scopes"] == ["read", "write"]


async def insufficient_scope_401(seen: Seen) -> None:
    await scope_refused(seen, 401)


async def scope_not_granted(seen: Seen) -> None:
    await scope_refused(seen, 403)
    answer = (await seen.mint()).json()
    assert "logs:read" in seen.oauth["scopes"]
    assert answer["scope"] == "read write"


async def authorization_stripped_known_good(seen: Seen) -> None:
    assert same(await seen.p0(), await seen.none())
    good = seen.secret("access_token", "admin")
    assert good != seen.secret("access_token")
    assert same(await seen.bearer(good), await seen.none())
    assert (await seen.http.get(seen.platform.urls["api"] + "/v2/devices", headers={"Authorization": f"Bearer {good}"})).status_code == 200


async def cached_401(seen: Seen) -> None:
    kept = await seen.p0()
    assert (kept.status_code, kept.headers["X-Cache"]) == (401, "HIT")
    assert int(kept.headers["Age"]) >= 40
    assert same(kept, await seen.none())
    headers = {"Authorization": f"Bearer {seen.secret('access_token')}", "Cache-Control": "no-cache"}
    assert (await seen.send(headers)).status_code == 200
    assert (await seen.bearer(seen.secret("access_token"), "GET /v2/devices")).headers["X-Cache"] == "MISS"


async def wrong_path_or_method(seen: Seen) -> None:
    token = seen.secret("access_token")
    p0 = await seen.p0()
    assert p0.status_code == 401
    assert same(p0, await seen.bearer(token, "GET /v2/no-such-thing"))
    assert same(p0, await seen.none())
    assert (await seen.bearer(token, "GET /v2/devices")).status_code == 200


async def token_propagation_delay(seen: Seen) -> None:
    token = await seen.fresh()
    assert await seen.active(token)
    assert (await seen.bearer(token)).status_code == 401
    await asyncio.sleep(seen.platform.fault.settings.api.learning_seconds)
    assert (await seen.bearer(token)).status_code == 200


async def rate_limited(seen: Seen) -> None:
    answer = await seen.p0()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert (await seen.none()).status_code == 401


async def endpoint_not_protected(seen: Seen) -> None:
    for answer in (await seen.p0(), await seen.none(), await seen.garbage()):
        assert answer.status_code == 200


async def cannot_tell(seen: Seen) -> None:
    token = seen.secret("access_token")
    odd = await seen.send({"Authorization": "Authwizard-Probe x"})
    answers = [
        await seen.p0(),
        await seen.none(),
        await seen.garbage(),
        await seen.tampered(token),
        odd,
        await seen.bearer(await seen.fresh()),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, '{"error": "authentication_failed", "code": 401}')}
    assert not any("WWW-Authenticate" in answer.headers for answer in answers)
    await seen.verify(token)
    assert "introspection_url" not in seen.oauth
    metadata = (await seen.http.get(seen.oauth["issuer"] + "/.well-known/oauth-authorization-server")).json()
    assert "introspection_endpoint" not in metadata
    assert (await seen.http.post(seen.oauth["issuer"] + "/oauth/introspect")).status_code == 404


async def not_reproduced(seen: Seen) -> None:
    await healthy(seen)
    sent = seen.platform.sent
    shown = next(line for line in sent.splitlines() if line.startswith("> Authorization: Bearer eyJ"))
    token = shown.removeprefix("> Authorization: Bearer ")
    assert token != seen.secret("access_token")
    assert token in {secret.reveal() for secret in seen.platform.all_secrets}
    assert words(await seen.bearer(token)) == "Token has expired"
    assert "< HTTP/1.1 401 Unauthorized" in sent
    assert "Token has expired" in sent


async def not_reproduced_no_credential(seen: Seen) -> None:
    await healthy(seen)
    assert "> Authorization" not in seen.platform.sent
    assert "No authorization token was found" in seen.platform.sent


async def not_reproduced_netrc(seen: Seen) -> None:
    await healthy(seen)
    shown = next(line for line in seen.platform.sent.splitlines() if line.startswith("> Authorization: Basic "))
    login = base64.b64decode(shown.rpartition(" ")[2]).decode().partition(":")[2]
    assert login in {secret.reveal() for secret in seen.platform.all_secrets}
    assert "< HTTP/1.1 401 Unauthorized" in seen.platform.sent


async def not_reproduced_environment(seen: Seen) -> None:
    await healthy(seen)
    stray = seen.platform.environ["API_TOKEN"].reveal()
    assert stray != seen.secret("access_token")
    assert words(await seen.bearer(stray)) == "Token has expired"


async def _good_but_refused(seen: Seen, status: int, said: str) -> httpx.Response:
    """A token without fault, refused in these words, as a new one is; without a credential the answer is another."""
    answer = await seen.p0()
    assert (answer.status_code, words(answer)) == (status, said)
    assert same(answer, await seen.bearer(await seen.fresh()))
    assert not same(answer, await seen.none())
    await seen.verify(seen.secret("access_token"))
    return answer  # type: ignore[no-any-return]


async def session_expired(seen: Seen) -> None:
    assert words(await seen.p0()) == "The session has ended"
    assert not await seen.active(seen.secret("access_token"))
    assert (await seen.bearer(await seen.fresh())).status_code == 200


async def claims_challenge(seen: Seen) -> None:
    answer = await _good_but_refused(seen, 401, "The sign-in must be evaluated again")
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_claims"' in challenge
    claims = challenge.partition('claims="')[2].partition('"')[0]
    assert "access_token" in json.loads(base64.b64decode(claims))


async def step_up_required(seen: Seen) -> None:
    answer = await _good_but_refused(seen, 401, "A different authentication level is required")
    assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]
    assert 'acr_values="phr", max_age="300"' in answer.headers["WWW-Authenticate"]


async def wrong_subject_type(seen: Seen) -> None:
    await _good_but_refused(seen, 403, "Application tokens are not accepted here")
    claims = await seen.verify(seen.secret("access_token"))
    assert claims["sub"] == claims["client_id"]


async def account_locked(seen: Seen) -> None:
    await _good_but_refused(seen, 401, "The account is locked")


async def route_auth_config(seen: Seen) -> None:
    await _good_but_refused(seen, 401, "The access token is invalid or has expired")
    for other in ("GET /v2/policies", "GET /v2/logs/audit", "GET /v2/organizations/current"):
        assert (await seen.bearer(seen.secret("access_token"), other)).status_code == 200
        assert (await seen.send({}, other)).status_code == 401


async def api_key_expired(seen: Seen) -> None:
    answer = await seen.p0()
    assert (answer.status_code, answer.json()["error"], words(answer)) == (401, "invalid_api_key", "The API key has expired")
    assert words(await seen.send({"X-Api-Key": "cx_live_plainly_fake"})) == "The API key is not valid"


async def whitespace_in_credential_client_secret(seen: Seen) -> None:
    assert seen.secret("client_secret").endswith(" ")
    refused = await seen.mint()
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def scope_separator_wrong(seen: Seen) -> None:
    assert seen.oauth["scopes"] == ["read,write"]
    refused = await seen.mint()
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


SHOWN: dict[str, Callable[[Seen], Awaitable[None]]] = {
    f.name: value for f in FAULTS if callable(value := globals().get(f.name.replace("-", "_")))
}


SHOWN |= SHOWN_KINDS


def test_every_fault_is_looked_at() -> None:
    assert [f.name for f in FAULTS if f.name not in SHOWN] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
async def test_starts_quickly_with_a_valid_profile_and_looks_as_its_cause_does(fault: Fault, start: Any) -> None:
    began = time.process_time()  # of this process, so that a busy machine does not count
    seen = await start(fault)
    assert time.process_time() - began < 0.3
    control = {fault.profile["known_good"]} if "known_good" in fault.profile else set()
    assert set(parse_profiles(seen.platform.profiles_toml, "profiles.toml")) == {"demo", "staging", *control}
    served = parse_profiles(seen.platform.served_config, "profiles.toml")
    for name, profile in served.items():
        assert is_loopback(profile.base_url)
        assert profile.method == "GET"
        referred = {reference.ref.removeprefix("env:") for reference in profile.secrets.values()}
        assert referred == {variable(name, field) for field in seen.platform.secrets[name]}
    assert all(value for value in seen.platform.env.values())
    for secret in seen.platform.all_secrets:
        if len(secret) > 20:
            assert secret.reveal() not in seen.platform.served_config
    await SHOWN[fault.name](seen)
