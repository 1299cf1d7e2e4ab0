"""Does the practice API answer as Company X documents it: endpoints, scopes, bodies, challenges, limits, CORS?"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from authwizard.demo.fault import Fault
from authwizard.demo.holdings import Holdings, StoredToken
from authwizard.demo.settings import API_AUDIENCE, PORTAL_ORIGIN, SCOPES, ApiSettings, PlatformSettings

Start = Any

ANSWERS = [
    ("GET", "/organizations/current", None, 200),
    ("GET", "/devices", None, 200),
    ("GET", "/devices?limit=5", None, 200),
    ("GET", "/devices?limit=0", None, 400),
    ("GET", "/devices?limit=many", None, 400),
    ("POST", "/devices/dev_01/actions", {"action": "open"}, 201),
    ("POST", "/devices/dev_01/actions", {"action": 1}, 400),
    ("POST", "/devices/dev_99/actions", {"action": "open"}, 404),
    ("GET", "/policies", None, 200),
    ("PUT", "/policies/pol_1", {"enabled": False}, 200),
    ("PUT", "/policies/pol_1", {"enabled": "no"}, 400),
    ("PUT", "/policies/pol_9", {"enabled": False}, 404),
    ("GET", "/logs/audit", None, 200),
    ("GET", "/logs/audit/today", None, 200),
    ("DELETE", "/organizations/current", None, 202),
    ("DELETE", "/organizations/org_other", None, 404),
    ("GET", "/nothing", None, 404),
    ("GET", "/logs", None, 404),
    ("GET", "/logs/", None, 404),
    ("GET", "/devices/", None, 404),
    ("PATCH", "/devices", None, 405),
]


def with_scopes(*scopes: str) -> Fault:
    return Fault("x", "healthy", None, "x", held=Holdings(scopes=scopes))


@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_every_endpoint(start: Start, version: str) -> None:
    seen = await start(with_scopes(*SCOPES))
    headers = {"Authorization": f"Bearer {seen.secret('access_token')}"}
    for method, path, body, status in ANSWERS:
        answer = await seen.http.request(method, f"{seen.profile['base_url']}/{version}{path}", json=body, headers=headers)
        assert answer.status_code == status, (method, path, answer.text)
        assert answer.headers["Content-Type"] == "application/json"
        assert ("data" in answer.json()) == (status < 300)
    assert len((await seen.bearer(seen.secret("access_token"), "GET /v2/devices?limit=5")).json()["data"]) == 5


@pytest.mark.parametrize(
    ("method", "path", "enough"),
    [
        ("GET", "/devices", {"read", "devices:read"}),
        ("POST", "/devices/dev_01/actions", {"write", "devices:manage"}),
        ("GET", "/policies", {"read", "policies:read"}),
        ("PUT", "/policies/pol_1", {"write", "policies:write"}),
        ("GET", "/logs/audit", {"logs:read", "admin"}),
        ("DELETE", "/organizations/current", {"admin"}),
        ("GET", "/organizations/current", set(SCOPES)),
    ],
)
async def test_the_scope_table(start: Start, method: str, path: str, enough: set[str]) -> None:
    seen = await start("healthy")
    pair = (seen.oauth["client_id"], seen.secret("client_secret"))
    passed = set()
    for scope in SCOPES:
        form = {"grant_type": "client_credentials", "scope": scope}
        token = (await seen.http.post(seen.oauth["token_url"], data=form, auth=pair)).json()["access_token"]
        answer = await seen.http.request(method, seen.profile["base_url"] + "/v2" + path, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == 403:
            assert answer.json()["error_code"] == "E-AUTH-003"
        else:
            passed.add(scope)
    assert passed == enough


async def test_a_refusal_has_everything_a_ticket_needs(start: Start) -> None:
    seen = await start("token_expired")
    answer = await seen.p0()
    body = answer.json()
    assert set(body) == {"error", "error_description", "error_code", "timestamp", "request_id"}
    assert (body["error"], body["error_code"]) == ("unauthorized", "E-AUTH-001")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="Company X API", error="invalid_token", error_description="Token has expired"'
    )
    assert answer.headers["Server"] == "companyx-api"


async def test_rate_limit_counts_down_to_429(start: Start) -> None:
    seen = await start(Fault("x", "healthy", None, "x", settings=PlatformSettings(api=ApiSettings(hourly_limit=2))))
    assert (await seen.none()).headers["X-RateLimit-Remaining"] == "2"
    answers = [await seen.p0() for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert [a.headers["X-RateLimit-Remaining"] for a in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
    assert (await seen.none()).status_code == (await seen.garbage()).status_code == 401
    seen.platform._parts.prod.api._window_began -= 3600
    assert (await seen.p0()).status_code == 200


async def test_api_keys_are_for_version_3_only(start: Start) -> None:
    seen = await start("healthy-api_key")
    key = {"X-Api-Key": seen.secret("api_key")}
    assert (await seen.send(key, "GET /v3/devices")).status_code == 200
    assert (await seen.send(key, "GET /v2/devices")).status_code == 401
    refused = await seen.send({"X-Api-Key": "cx_live_wrong"}, "GET /v3/devices")
    assert refused.json()["error_code"] == "E-AUTH-004"
    challenges = refused.headers.get_list("WWW-Authenticate")
    assert challenges == ['Bearer realm="Company X API"', 'ApiKey realm="Company X API", in="header", name="X-Api-Key"']
    narrow = await seen.http.delete(seen.profile["base_url"] + "/v3/organizations/current", headers=key)
    assert narrow.status_code == 403


async def test_two_credentials_are_one_too_many(start: Start) -> None:
    seen = await start("healthy")
    bearer = f"Bearer {seen.secret('access_token')}"
    twice = [("Authorization", bearer), ("Authorization", bearer)]
    assert (await seen.http.get(seen.url(), headers=twice)).status_code == 400
    both = {"Authorization": bearer, "X-Api-Key": "cx_live_x"}
    answer = await seen.send(both, "GET /v3/devices")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_may_be_spelled_in_any_case(start: Start, word: str) -> None:
    seen = await start("healthy")
    assert (await seen.send({"Authorization": f"{word} {seen.secret('access_token')}"})).status_code == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Basic dTpw", "Token abc", "Authwizard-Probe x"])
async def test_without_a_bearer_token_the_challenge_is_bare(start: Start, value: str) -> None:
    seen = await start("healthy")
    answer = await seen.send({"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Company X API"'
    assert answer.json()["error_code"] == "E-AUTH-002"


@pytest.mark.parametrize("value", ["Bearer a b", "Bearer  x", 'Bearer "x"', "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer ñ"])
async def test_an_unreadable_token_is_an_invalid_token(start: Start, value: str) -> None:
    seen = await start("healthy")
    answer = await seen.http.get(seen.url(), headers={b"Authorization": value.encode("latin-1")})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_times_are_judged_with_a_minute_of_leeway(start: Start) -> None:
    for age, status in ((3600 + 50, 200), (3600 + 70, 401)):
        seen = await start(Fault("x", "healthy", None, "x", held=Holdings(access_token=StoredToken(age=age))))
        assert (await seen.p0()).status_code == status
    for postponed, status in ((50, 200), (70, 401)):
        seen = await start(Fault("x", "healthy", None, "x", held=Holdings(access_token=StoredToken(age=0, postponed=postponed))))
        assert (await seen.p0()).status_code == status


async def test_a_list_of_audiences_may_hold_the_right_one(start: Start) -> None:
    seen = await start("healthy")
    auth = seen.platform._parts.prod.auth
    claims = await seen.verify(seen.secret("access_token"))
    for audience, status in ((["https://x.test", API_AUDIENCE], 200), (["https://x.test"], 401), (None, 401), ({}, 401)):
        answer = await seen.bearer(auth.sign_access_token({**claims, "aud": audience}))
        assert answer.status_code == status, audience


@pytest.mark.parametrize("changed", [{"exp": None}, {"exp": "1"}, {"exp": True}, {"nbf": []}, {"iat": float("nan")}, {"exp": float("inf")}])
async def test_odd_claims_are_no_server_error(start: Start, changed: dict[str, object]) -> None:
    seen = await start("healthy")
    claims = await seen.verify(seen.secret("access_token"))
    answer = await seen.bearer(seen.platform._parts.prod.auth.sign_access_token({**claims, **changed}))
    assert (answer.status_code, answer.json()["error_description"]) == (401, "The access token is invalid or has expired")


async def test_preflight_and_cors_for_the_portal_only(start: Start) -> None:
    seen = await start("healthy")
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    answer = await seen.send({**asked, "Origin": PORTAL_ORIGIN}, method="OPTIONS")
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == PORTAL_ORIGIN
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    other = await seen.send({**asked, "Origin": "https://evil.test"}, method="OPTIONS")
    assert not [name for name in other.headers if name.startswith("access-control")]
    assert (await seen.send({"Origin": PORTAL_ORIGIN})).headers["Access-Control-Allow-Origin"] == PORTAL_ORIGIN


async def test_the_root_is_public_and_head_is_get_without_body(start: Start) -> None:
    seen = await start("healthy")
    assert (await seen.http.get(seen.profile["base_url"] + "/")).json()["versions"] == ["v2", "v3"]
    headers = {"Authorization": f"Bearer {seen.secret('access_token')}"}
    answer = await seen.http.head(seen.url(), headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PlatformSettings().front = "proxy"  # type: ignore[misc]
