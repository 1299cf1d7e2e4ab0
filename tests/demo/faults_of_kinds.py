"""How the faults of other kinds of credential look from outside, seen with httpx's own Digest and with proofs made here."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

Seen = Any


def proof(seen: Seen, token: str, nonce: str = "", **changes: Any) -> str:
    """A DPoP proof (RFC 9449 4.2) for the profile's request, made with nothing of the product."""
    key: Any = load_pem_private_key(seen.secret("dpop_key").encode(), None)
    public = jwt.get_algorithm_by_name("ES256").to_jwk(key.public_key(), as_dict=True)
    ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    claims = {"jti": secrets.token_hex(8), "htm": "GET", "htu": seen.url(), "iat": int(time.time()), "ath": ath, "nonce": nonce, **changes}
    return jwt.encode(claims, key, "ES256", {"typ": "dpop+jwt", "jwk": {n: public[n] for n in ("kty", "crv", "x", "y")}})


async def proved(seen: Seen, **changes: Any) -> httpx.Response:
    """The request with a proof: once for the nonce, once with it."""
    token = seen.secret("access_token")
    first = await seen.send({"Authorization": f"DPoP {token}", "DPoP": proof(seen, token)})
    assert (first.status_code, "use_dpop_nonce" in first.headers["WWW-Authenticate"]) == (401, True)
    second = proof(seen, token, first.headers["DPoP-Nonce"], **changes)
    return await seen.send({"Authorization": f"DPoP {token}", "DPoP": second})


async def healthy_dpop(seen: Seen) -> None:
    assert (await proved(seen)).status_code == 200
    for changes in ({"htm": "POST"}, {"ath": "x"}, {"htu": seen.url() + "/x"}, {"iat": int(time.time()) - 3600}):
        refused = await proved(seen, **changes)
        assert (refused.status_code, "use_dpop_nonce" in refused.headers["WWW-Authenticate"]) == (401, False), changes


async def dpop_required(seen: Seen) -> None:
    p0 = await seen.p0()
    assert (p0.status_code, p0.headers["WWW-Authenticate"].startswith("DPoP ")) == (401, True)
    assert "jkt" in (await seen.verify(seen.secret("access_token")))["cnf"]
    assert (await proved(seen)).status_code == 200


async def mtls_certificate_missing(seen: Seen) -> None:
    assert (await seen.p0()).status_code == 401
    assert "x5t#S256" in (await seen.verify(seen.secret("access_token")))["cnf"]
    assert "client_cert" not in seen.profile["network"]
    assert (await seen.bearer(await seen.fresh())).status_code == 200


async def credential_location_wrong(seen: Seen) -> None:
    key = seen.secret("api_key")
    refused = await seen.send({"Authorization": f"Bearer {key}"})
    assert refused.status_code == 401
    assert any('name="X-Api-Key"' in c for c in refused.headers.get_list("www-authenticate"))
    assert (await seen.send({"X-Api-Key": key})).status_code == 200


async def basic_charset(seen: Seen) -> None:
    pair = f"{seen.secret('username')}:{seen.secret('password')}"
    assert not pair.isascii()
    answers = [await seen.send({"Authorization": f"Basic {base64.b64encode(pair.encode(c)).decode()}"}) for c in ("latin-1", "utf-8")]
    assert [a.status_code for a in answers] == [401, 200]
    assert 'charset="UTF-8"' in answers[0].headers["WWW-Authenticate"]
    assert seen.profile["credential"]["charset"] == "latin-1"


async def digest_stale_nonce(seen: Seen) -> None:
    kept = await seen.send({"Authorization": seen.secret("authorization")})
    assert (kept.status_code, "stale=true" in kept.headers["WWW-Authenticate"]) == (401, True)
    assert "stale" not in (await seen.none()).headers["WWW-Authenticate"]
    login = (seen.secret("username"), seen.secret("password"))
    assert (await seen.http.get(seen.url(), auth=httpx.DigestAuth(*login))).status_code == 200
    wrong = await seen.http.get(seen.url(), auth=httpx.DigestAuth(login[0], "wrong"))
    assert (wrong.status_code, "stale" in wrong.headers["WWW-Authenticate"]) == (401, False)


async def cookie_overrides_token(seen: Seen) -> None:
    bearer = {"Authorization": f"Bearer {seen.secret('access_token')}"}
    assert (await seen.send({**bearer, "Cookie": f"session={seen.secret('session_cookie')}"})).status_code == 401
    assert (await seen.send({**bearer, "Cookie": "lang=en"})).status_code == 200
    assert seen.profile["headers"] == {"Cookie": "session={secret:session_cookie}"}


async def header_too_large(seen: Seen) -> None:
    assert len(seen.secret("access_token")) > 8192
    assert (await seen.p0()).status_code == 431
    assert (await seen.garbage()).status_code == 401
    assert (await seen.bearer(await seen.fresh())).status_code == 200


async def proxy_strips_authorization(seen: Seen) -> None:
    assert (await seen.p0()).status_code == 200
    async with httpx.AsyncClient(proxy=seen.profile["network"]["proxy"], trust_env=False, verify=False) as through:
        refused = await through.get(seen.url(), headers={"Authorization": f"Bearer {seen.secret('access_token')}"})
    assert refused.status_code == 401
    assert refused.headers["Via"] == "1.1 edge"
    assert refused.json()["error_description"] == "No authorization token was found"


async def connection_header_strips_authorization(seen: Seen) -> None:
    bearer = {"Authorization": f"Bearer {seen.secret('access_token')}"}
    assert (await seen.send({**bearer, **seen.profile["headers"]})).status_code == 401
    assert (await seen.send(bearer)).status_code == 200


SHOWN_KINDS: dict[str, Callable[[Seen], Awaitable[None]]] = {
    "healthy-dpop": healthy_dpop,
    "dpop_required": dpop_required,
    "mtls_certificate_missing": mtls_certificate_missing,
    "credential_location_wrong": credential_location_wrong,
    "basic_charset": basic_charset,
    "digest_stale_nonce": digest_stale_nonce,
    "cookie_overrides_token": cookie_overrides_token,
    "header_too_large": header_too_large,
    "proxy_strips_authorization": proxy_strips_authorization,
    "connection_header_strips_authorization": connection_header_strips_authorization,
}
