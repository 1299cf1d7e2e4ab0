"""What the tests of the practice platform share: a platform that is closed again, and an observer who sees it only from outside."""

from __future__ import annotations

import secrets
import time
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import jwt
import pytest

from authwizard.demo.fault import Fault
from authwizard.demo.faults import fault_named
from authwizard.demo.platform import Platform

Start = Callable[[str | Fault], Awaitable["Observer"]]


class Observer:
    """Sends what the profile says, and the probes that a diagnosis is made of."""

    def __init__(self, platform: Platform, http: httpx.AsyncClient) -> None:
        self.platform = platform
        self.http = http
        self.profiles: dict[str, Any] = tomllib.loads(platform.profiles_toml)["profile"]
        self.profile = self.profiles["demo"]
        self.oauth = self.profile.get("oauth", {})

    def secret(self, field: str, profile: str = "demo") -> str:
        return self.platform.secrets[profile][field].reveal()

    def url(self, request: str = "") -> str:
        return self.profile["base_url"] + (request or self.profile["request"]).partition(" ")[2]

    def field_value(self, secret: str, scheme: str | None = None) -> str:
        word = self.profile["credential"].get("scheme", "") if scheme is None else scheme
        return f"{word} {secret}" if word else secret

    async def send(self, headers: dict[str, str], request: str = "", method: str = "GET") -> httpx.Response:
        return await self.http.request(method, self.url(request), headers=headers)

    async def p0(self) -> httpx.Response:
        """The request as the profile has it."""
        credential = self.profile["credential"]
        name = credential.get("header", "Authorization")
        if credential["kind"] == "api_key":
            return await self.send({name: self.secret("api_key")})
        if credential["kind"] == "basic":
            return await self.http.get(self.url(), auth=(self.secret("username"), self.secret("password")))
        return await self.send({name: self.field_value(self.secret("access_token"))})

    async def none(self) -> httpx.Response:
        """D1."""
        return await self.send({})

    async def garbage(self) -> httpx.Response:
        """D2."""
        return await self.send({"Authorization": "Bearer authwizard-probe"})

    async def tampered(self, token: str) -> httpx.Response:
        """D3."""
        head, _, signature = token.rpartition(".")
        middle = len(signature) // 2
        swapped = "A" if signature[middle] != "A" else "B"
        return await self.send({"Authorization": f"Bearer {head}.{signature[:middle]}{swapped}{signature[middle + 1 :]}"})

    async def bearer(self, token: str, request: str = "") -> httpx.Response:
        """P0 with another token."""
        return await self.send({"Authorization": f"Bearer {token}"}, request)

    async def token_request(self, form: dict[str, str], how: str = "") -> httpx.Response:
        how = how or self.oauth["client_auth"]
        client_id = self.oauth["client_id"]
        url = self.oauth["token_url"]
        if how == "client_secret_basic":
            return await self.http.post(url, data=form, auth=(client_id, self.secret("client_secret")))
        if how == "client_secret_post":
            return await self.http.post(url, data={**form, "client_id": client_id, "client_secret": self.secret("client_secret")})
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return await self.http.post(url, data={**form, "client_assertion_type": kind, "client_assertion": self.assertion()})

    def assertion(self, **changes: Any) -> str:
        now = int(time.time())
        client_id = self.oauth["client_id"]
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": self.oauth["token_url"],
            "jti": secrets.token_hex(8),
            "iat": now,
            "exp": now + 120,
        }
        return jwt.encode({**claims, **changes}, self.secret("private_key"), self.oauth["assertion_alg"], {"kid": self.oauth["key_id"]})

    async def mint(self, how: str = "") -> httpx.Response:
        form = {"grant_type": "client_credentials", "scope": " ".join(self.oauth["scopes"]), "audience": self.oauth["audience"]}
        return await self.token_request(form, how)

    async def fresh(self) -> str:
        answer = await self.mint()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def refresh(self, token: str = "") -> httpx.Response:
        return await self.token_request({"grant_type": "refresh_token", "refresh_token": token or self.secret("refresh_token")})

    async def active(self, token: str) -> bool:
        pair = (self.oauth["client_id"], self.secret("client_secret"))
        answer = await self.http.post(self.oauth["introspection_url"], data={"token": token}, auth=pair)
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["active"])

    async def verify(self, token: str) -> dict[str, Any]:
        """Verify a signature with the published keys; raises KeyError for an unknown key id."""
        metadata = (await self.http.get(self.oauth["issuer"] + "/.well-known/oauth-authorization-server")).json()
        keys = {k["kid"]: k for k in (await self.http.get(metadata["jwks_uri"])).json()["keys"]}
        key = jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]])
        skipped = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        claims: dict[str, Any] = jwt.decode(token, key, [key.algorithm_name], options=skipped)
        return claims


def ahead(answer: httpx.Response) -> float:
    """By how many seconds the answer's Date is ahead of this machine."""
    return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


@pytest.fixture
def date_ahead() -> Callable[[httpx.Response], float]:
    return ahead


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start platforms, and show at the end that no server stumbled."""
    running: list[Platform] = []
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=5) as http:  # verify: no TLS here, and its set-up costs 40 ms

        async def begin(fault: str | Fault) -> Observer:
            platform = await Platform.start(fault_named(fault) if isinstance(fault, str) else fault)
            running.append(platform)
            return Observer(platform, http)

        yield begin
    for platform in running:
        await platform.close()
    assert [error for platform in running for error in platform.errors] == []


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a new token no time to become known: no server of these tests needs any."""
    monkeypatch.setattr("authwizard.probes.second_try.PROPAGATION_SECONDS", 0.0)
