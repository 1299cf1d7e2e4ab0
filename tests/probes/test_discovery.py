from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from authwizard.model.evidence import Anonymous, Baseline, Discovery, NotApplicable, ResourceMetadataSeen, TokenEndpoint, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.oauth import AuthorizationServerMetadata
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Network, OAuth, Profile
from authwizard.probe import Halted, World
from authwizard.probes.discovery import discovery, resource_metadata, token_endpoint_of

from .conftest import Seen, Server, reply

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]


def profile(url: str = "https://api.example.com", **more: Any) -> Profile:
    return Profile("t", url, "GET /v1/x?y=1", network=Network(timeout_seconds=2, proxy="none"), **more)


def serving(documents: dict[str, Any]) -> Callable[[Seen], bytes]:
    def handle(request: Seen) -> bytes:
        if request.path not in documents:
            return reply(404, "no")
        body = documents[request.path]
        return reply(200, body if isinstance(body, str) else json.dumps(body), {"Content-Type": "application/json"})

    return handle


async def test_the_issuers_metadata(serve: Serve, make_world: Make) -> None:
    documents: dict[str, Any] = {}
    server = await serve(serving(documents))
    issuer = server.url + "/realms/a"
    documents["/realms/a/.well-known/openid-configuration"] = {"issuer": issuer, "token_endpoint": issuer + "/token"}
    documents["/.well-known/oauth-authorization-server/realms/a"] = {"issuer": "https://other.example"}
    seen = await discovery.look(make_world(profile(oauth=OAuth(issuer=issuer))))
    assert isinstance(seen, Discovery)
    assert seen.metadata is not None
    assert (seen.metadata.issuer, seen.metadata.token_endpoint) == (issuer, issuer + "/token")
    assert seen.url.endswith("/realms/a/.well-known/openid-configuration")
    assert len(seen.exchanges) == 3
    assert {e.cost for e in seen.exchanges} == {"C1"}
    assert all(r.header("authorization") is None for r in server.requests)


async def test_a_document_of_another_issuer_is_still_shown(serve: Serve, make_world: Make) -> None:
    server = await serve(serving({"/.well-known/oauth-authorization-server": {"issuer": "https://other.example"}}))
    seen = await discovery.look(make_world(profile(oauth=OAuth(issuer=server.url))))
    assert isinstance(seen, Discovery)
    assert seen.metadata is not None
    assert seen.metadata.issuer == "https://other.example"


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"issuer": 7}', "\xff"])
async def test_no_readable_document(serve: Serve, make_world: Make, body: str) -> None:
    server = await serve(serving({"/.well-known/oauth-authorization-server": body}))
    seen = await discovery.look(make_world(profile(oauth=OAuth(issuer=server.url))))
    assert isinstance(seen, Discovery)
    assert seen.metadata is None
    assert "404" in seen.problem


async def test_an_issuer_that_is_not_there(make_world: Make, unused_tcp_port: int) -> None:
    seen = await discovery.look(make_world(profile(oauth=OAuth(issuer=f"http://127.0.0.1:{unused_tcp_port}"))))
    assert isinstance(seen, Discovery)
    assert "refused" in seen.problem


async def test_no_issuer_and_no_consent(serve: Serve, make_world: Make) -> None:
    assert isinstance(await discovery.look(make_world(profile())), NotApplicable)
    assert isinstance(await discovery.look(make_world(profile(oauth=OAuth(token_url="https://a/t")))), NotApplicable)
    server = await serve(lambda r: reply())
    world = make_world(profile(oauth=OAuth(issuer=server.url)), options=RunOptions(costs=frozenset({Cost.C0})))
    with pytest.raises(Halted):
        await discovery.look(world)
    assert not server.requests


def found(**metadata: str) -> Discovery:
    return Discovery("https://issuer.example", AuthorizationServerMetadata(**metadata))


async def endpoint(make_world: Make, oauth: OAuth | None, seen: Discovery | None) -> Any:
    return await token_endpoint_of.look(make_world(profile(oauth=oauth)), seen)


async def test_where_tokens_come_from(make_world: Make) -> None:
    issuer = OAuth(issuer="https://issuer.example")
    here = found(
        token_endpoint="https://issuer.example/token",
        jwks_uri="https://issuer.example/keys",
        introspection_endpoint="https://issuer.example/i",
    )
    assert await endpoint(make_world, issuer, here) == TokenEndpoint(
        "https://issuer.example/token", "https://issuer.example/i", "https://issuer.example/keys", "discovery"
    )
    own = replace(issuer, token_url="https://own.example/t", jwks_url="https://own.example/k")
    assert await endpoint(make_world, own, here) == TokenEndpoint(
        "https://own.example/t", "https://issuer.example/i", "https://own.example/k", "user"
    )


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/token", "http://issuer.example/token", "https://issuer.example:8443/token", "https://169.254.169.254/"],
)
async def test_a_discovered_endpoint_elsewhere_is_not_used(make_world: Make, elsewhere: str) -> None:
    seen = await endpoint(
        make_world,
        OAuth(issuer="https://issuer.example"),
        found(token_endpoint=elsewhere, introspection_endpoint=elsewhere, jwks_uri=elsewhere),
    )
    assert isinstance(seen, Unavailable)


async def test_no_endpoint(make_world: Make) -> None:
    assert isinstance(await endpoint(make_world, None, None), NotApplicable)
    seen = await endpoint(
        make_world, OAuth(issuer="https://issuer.example"), Discovery("https://issuer.example", problem="It answered 404.")
    )
    assert isinstance(seen, Unavailable)
    assert "404" in seen.why


def challenged(url: str) -> Baseline:
    fields = (("WWW-Authenticate", f'Bearer error="invalid_token", resource_metadata="{url}"'),)
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=401, response_headers=fields))


async def test_the_apis_own_metadata(serve: Serve, make_world: Make) -> None:
    document = {"resource": "https://api.example.com", "authorization_servers": ["https://issuer.example"]}
    server = await serve(serving({"/meta": document, "/.well-known/oauth-protected-resource": document}))
    world = make_world(profile(server.url))
    named = await resource_metadata.look(world, challenged(server.url + "/meta"), None)
    assert isinstance(named, ResourceMetadataSeen)
    assert named.url == server.url + "/meta"
    assert named.metadata.authorization_servers == ("https://issuer.example",)
    well_known = await resource_metadata.look(world, None, Anonymous(challenged("https://evil.example/meta").exchange))
    assert isinstance(well_known, ResourceMetadataSeen)
    assert well_known.url == server.url + "/.well-known/oauth-protected-resource"
    assert [r.path for r in server.requests] == [
        "/meta",
        "/.well-known/oauth-protected-resource/v1/x",
        "/.well-known/oauth-protected-resource",
    ]


async def test_an_api_without_metadata(serve: Serve, make_world: Make) -> None:
    server = await serve(serving({"/.well-known/oauth-protected-resource": "{}"}))
    assert isinstance(await resource_metadata.look(make_world(profile(server.url)), None, None), NotApplicable)
