from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from authwizard.model.evidence import Discovery, KeySet, NotApplicable, OtherKeySets, TokenEndpoint
from authwizard.model.oauth import AuthorizationServerMetadata, PublishedKey
from authwizard.model.profile import Network, OAuth, Profile
from authwizard.model.token import TokenSeen
from authwizard.probe import World
from authwizard.probes.credential import credential
from authwizard.probes.keys import key_set, other_key_sets

from .conftest import Server, a_jwt, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
KEY = ec.generate_private_key(ec.SECP256R1())


def jwk(kid: str = "k1") -> dict[str, Any]:
    return {**json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(KEY.public_key())), "kid": kid, "alg": "ES256", "use": "sig"}


def token(kid: str = "k1") -> str:
    return jwt.encode({"iss": "https://issuer.example"}, KEY, algorithm="ES256", headers={"kid": kid})


def profile(**more: Any) -> Profile:
    return Profile("t", "https://api.example.com", "GET /x", network=Network(timeout_seconds=2, proxy="none"), **more)


async def look(world: World, value: str, endpoint: TokenEndpoint | None, **secrets: str) -> Any:
    held = stored(access_token=value, **secrets)
    return await key_set.look(world, await credential.look(world, held, None), held, endpoint, None)


async def served(serve: Serve, body: str, status: int = 200) -> tuple[Server, TokenEndpoint]:
    server = await serve(lambda r: reply(status, body, {"Content-Type": "application/json"}))
    return server, TokenEndpoint("", jwks_url=server.url + "/keys")


@pytest.mark.parametrize("around", ["{}", '"{}"', "{}\n", "Bearer {}"])
async def test_a_good_signature_is_verified_whatever_stands_around_the_token(serve: Serve, make_world: Make, around: str) -> None:
    server, endpoint = await served(serve, json.dumps({"keys": [jwk()]}))
    seen = await look(make_world(profile()), around.format(token()), endpoint)
    assert isinstance(seen, KeySet)
    assert seen.keys == (PublishedKey("k1", "EC", "ES256", "sig"),)
    assert seen.signature is not None
    assert (seen.signature.status, seen.signature.key_id) == ("verified", "k1")
    assert server.requests[0].header("authorization") is None
    assert seen.document["keys"][0]["kid"] == "k1"


async def test_a_changed_token_fails(serve: Serve, make_world: Make) -> None:
    _, endpoint = await served(serve, json.dumps({"keys": [jwk()]}))
    head, _, signature = token().split(".")
    forged = ".".join((head, base64.urlsafe_b64encode(b'{"iss":"x"}').rstrip(b"=").decode(), signature))
    seen = await look(make_world(profile()), forged, endpoint)
    assert seen.signature.status == "failed"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, "", "404"),
        (200, "<html>", "cannot be read"),
        (200, "{}", "cannot be read"),
        (200, '{"keys": []}', "no key"),
        (200, '{"keys": [7]}', "no key"),
    ],
)
async def test_a_key_set_of_no_use(serve: Serve, make_world: Make, status: int, body: str, words: str) -> None:
    _, endpoint = await served(serve, body, status)
    seen = await look(make_world(profile()), token(), endpoint)
    assert isinstance(seen, KeySet)
    assert (seen.keys, seen.signature) == ((), None)
    assert words in seen.problem


async def test_a_key_set_that_is_not_there(make_world: Make, unused_tcp_port: int) -> None:
    seen = await look(make_world(profile()), token(), TokenEndpoint("", jwks_url=f"http://127.0.0.1:{unused_tcp_port}/k"))
    assert isinstance(seen, KeySet)
    assert "refused" in seen.problem


async def test_opaque_tokens_have_no_signature(serve: Serve, make_world: Make) -> None:
    _, endpoint = await served(serve, json.dumps({"keys": [jwk()]}))
    seen = await look(make_world(profile()), "tok-" + "aB3" * 15, endpoint)
    assert (len(seen.keys), seen.signature) == (1, None)


@pytest.mark.parametrize(("stored_as", "cause"), [("plain", ""), ("base64", "symmetric_key_encoding")])
async def test_a_shared_secret_verifies_hs256(make_world: Make, stored_as: str, cause: str) -> None:
    key = b"a-shared-secret-of-32-bytes-long"
    text = key.decode() if stored_as == "plain" else base64.b64encode(key).decode()
    value = jwt.encode({"sub": "x"}, key, algorithm="HS256")
    seen = await look(make_world(profile()), value, None, shared_secret=text)
    assert isinstance(seen, KeySet)
    assert seen.signature is not None
    assert (seen.signature.status, seen.signature.cause) == ("verified", cause)
    wrong = await look(make_world(profile()), value, None, shared_secret="another-shared-secret-32-bytes!!")
    assert wrong.signature.status == "failed"


async def test_keys_elsewhere_are_named_and_not_fetched(make_world: Make) -> None:
    metadata = AuthorizationServerMetadata(jwks_uri="https://keys.example/jwks")
    oauth = OAuth(issuer="https://issuer.example")
    seen = await key_set.look(
        make_world(profile(oauth=oauth)), bearer(a_jwt()), stored(), None, Discovery("https://issuer.example", metadata)
    )
    assert isinstance(seen, KeySet)
    assert "https://keys.example/jwks" in seen.problem
    assert seen.exchange is None
    assert isinstance(await key_set.look(make_world(profile()), bearer(a_jwt()), stored(), None, None), NotApplicable)
    assert isinstance(await key_set.look(make_world(profile(oauth=oauth)), bearer(a_jwt()), stored(), None, None), NotApplicable)


async def test_the_key_is_looked_for_at_other_profiles_issuers(serve: Serve, make_world: Make) -> None:
    staging = await serve(lambda r: reply(200, json.dumps({"keys": [jwk("staging-key")]})))
    silent = await serve(lambda r: reply(500))
    others = (
        Profile("staging", "https://s.example", "GET /", oauth=OAuth(issuer="https://s.example", jwks_url=staging.url)),
        Profile("dev", "https://d.example", "GET /", oauth=OAuth(issuer=silent.url)),
        Profile("far", "https://f.example", "GET /", oauth=OAuth(jwks_url="http://far.example/jwks")),
        Profile("basic", "https://b.example", "GET /"),
    )
    world = make_world(profile(), others=others)
    held = stored(access_token=token("staging-key"))
    seen = await other_key_sets.look(world, await credential.look(world, held, None), KeySet("https://own/k", (PublishedKey("k1"),)))
    assert seen == OtherKeySets((("staging", "https://s.example", ("staging-key",)),))
    published = await other_key_sets.look(world, await credential.look(world, held, None), KeySet("", (PublishedKey("staging-key"),)))
    assert isinstance(published, NotApplicable)
    assert len(staging.requests) == 1


async def test_without_a_key_id_or_other_issuers_nobody_is_asked(make_world: Make) -> None:
    named = bearer(a_jwt())
    assert isinstance(await other_key_sets.look(make_world(profile()), named, None), NotApplicable)
    assert named.token == TokenSeen("jws", named.token.length if named.token else 0)
