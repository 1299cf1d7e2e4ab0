from __future__ import annotations

import base64
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.evidence import CredentialSeen, EmptyHeader, ForeignToken, Garbage, NotApplicable, NotTried, OddScheme, Tampered
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.probe import Halted, World
from authwizard.probes import differential as probes

from .conftest import Server, a_jwt, bearer, reply

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]


def decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


@given(st.binary(min_size=3, max_size=600))
def test_tampering_changes_the_decoded_signature_and_stays_canonical(signature: bytes) -> None:
    token = f"eyJh.eyJp.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    changed = probes.tamper(token)
    assert changed is not None
    head, _, part = changed.rpartition(".")
    assert head == "eyJh.eyJp"
    assert decoded(part) != signature
    assert len(decoded(part)) == len(signature)
    assert base64.urlsafe_b64encode(decoded(part)).rstrip(b"=").decode() == part
    assert sum(a != b for a, b in zip(token, changed, strict=True)) == 1


@pytest.mark.parametrize("token", ["", "abc", "a.b", "a.b.", "a.b.c.d.e", "a.b.ab=", "a.b.a+/b", "a.b.abcde\n", "a.b.AAAAB"])
def test_what_has_no_canonical_signature_is_not_tampered_with(token: str) -> None:
    assert probes.tamper(token) is None


def profile(server: Server, **more: Any) -> Profile:
    return Profile("t", server.url, more.pop("request", "GET /x"), network=Network(timeout_seconds=2, proxy="none"), **more)


@pytest.mark.parametrize(
    ("credential", "field", "value"),
    [
        (bearer("abc", scheme="bearer"), "authorization", "Bearer authwizard-probe"),
        (bearer("abc", name="Authentication"), "authorization", "Bearer authwizard-probe"),
        (bearer("abc", kind="dpop", scheme="DPoP"), "authorization", "DPoP authwizard-probe"),
        (bearer("dXNlcjpwdw==", kind="basic", scheme="Basic"), "authorization", "Bearer authwizard-probe"),
        (bearer("abc", kind="digest", scheme="Digest"), "authorization", "Bearer authwizard-probe"),
        (bearer("abc", kind="api_key", name="X-Key", scheme=""), "x-key", "authwizard-probe"),
        (bearer("abc", kind="api_key", scheme="ApiKey"), "authorization", "ApiKey authwizard-probe"),
        (bearer("abc", kind="cookie", name="sid", place="cookie", scheme=""), "cookie", "sid=authwizard-probe"),
        (
            bearer("sid=abc; csrf=x", kind="cookie", name="", place="cookie", scheme=""),
            "cookie",
            "sid=authwizard-probe; csrf=authwizard-probe",
        ),
        (bearer("abc", kind="cookie", name="", place="cookie", scheme=""), "cookie", "authwizard-probe"),
    ],
)
async def test_garbage_by_kind(serve: Serve, make_world: Make, credential: CredentialSeen, field: str, value: str) -> None:
    server = await serve(lambda r: reply(401))
    seen = await probes.garbage.look(make_world(profile(server)), credential)
    assert isinstance(seen, Garbage)
    assert (seen.exchange.id, seen.exchange.cost) == ("D2", "C3")
    assert server.requests[0].header(field) == value
    assert len([n for n, _ in server.requests[0].headers if n.lower() == field]) == 1


async def test_garbage_in_the_query(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    world = make_world(profile(server, request="GET /x?y=1&key={secret:api_key}", credential=CredentialSpec(kind="api_key", query="key")))
    await probes.garbage.look(world, bearer("abc", kind="api_key", name="key", place="query", scheme=""))
    assert server.requests[0].target == "/x?y=1&key=authwizard-probe"


async def test_tampered_sends_the_changed_token_and_no_other_credential(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401, r.header("authorization") or ""))
    token = a_jwt()
    world = make_world(profile(server, headers={"X-Sub": "{secret:second_credential}", "X-T": "1"}))
    seen = await probes.tampered.look(world, bearer(token, scheme="bearer"))
    assert isinstance(seen, Tampered)
    sent = server.requests[0].header("authorization") or ""
    assert sent.startswith("bearer eyJ")
    assert sent != f"bearer {token}"
    assert (server.requests[0].header("x-sub"), server.requests[0].header("x-t")) == (None, "1")
    assert sent.rpartition(".")[2][:40] not in repr(seen)


@pytest.mark.parametrize("token", ["opaque-value", "a.b.c.d.e"])
async def test_tampered_is_for_jwts(serve: Serve, make_world: Make, token: str) -> None:
    server = await serve(lambda r: reply(401))
    assert isinstance(await probes.tampered.look(make_world(profile(server)), bearer(token)), NotApplicable)
    assert not server.requests


async def test_odd_scheme(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    seen = await probes.odd_scheme.look(make_world(profile(server)), bearer("abc"))
    assert isinstance(seen, OddScheme)
    assert server.requests[0].header("authorization") == "Authwizard-Probe x"
    elsewhere = await probes.odd_scheme.look(make_world(profile(server)), bearer("abc", place="query", name="k"))
    assert isinstance(elsewhere, NotApplicable)


async def test_invalid_credentials_go_with_harmless_requests_only(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    world = make_world(profile(server, request="POST /x"), options=RunOptions(allow_write=True))
    for probe in (probes.garbage, probes.tampered, probes.odd_scheme):
        assert isinstance(await probe.look(world, bearer(a_jwt())), NotTried)
    assert not server.requests


async def test_without_consent_nothing_invalid_is_sent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    world = make_world(profile(server), options=RunOptions(costs=frozenset({Cost.C0, Cost.C1, Cost.C2, Cost.C4})))
    for probe in (probes.garbage, probes.tampered, probes.odd_scheme):
        with pytest.raises(Halted, match="C3"):
            await probe.look(world, bearer(a_jwt()))
    assert not server.requests


# ── D6, D7 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_empty_field_and_then_the_scheme_alone(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(400 if r.raw("authorization") == b"" else 401))
    seen = await probes.empty_header.look(make_world(profile(server)), bearer(a_jwt()))
    assert isinstance(seen, EmptyHeader)
    assert [r.raw("authorization") for r in server.requests] == [b"", b"Bearer"]
    assert seen.bare is not None
    assert (seen.exchange.status, seen.bare.status, seen.exchange.cost) == (400, 401, "C3")


async def test_an_empty_field_says_nothing_of_a_key_in_another_place(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    for other in (bearer("k", kind="api_key", name="X-Key", scheme=""), bearer("k", kind="cookie", place="cookie", name="sid", scheme="")):
        assert isinstance(await probes.empty_header.look(make_world(profile(server)), other), NotApplicable)
    assert not server.requests


async def test_what_was_seen_before_the_budget_ended_is_kept(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    seen = await probes.empty_header.look(make_world(profile(server), options=RunOptions(api_budget=1)), bearer(a_jwt()))
    assert isinstance(seen, EmptyHeader)
    assert seen.bare is None


@pytest.mark.parametrize(("algorithm", "size"), [("RS256", 256), ("ES256", 64), ("HS512", 64), ("EdDSA", 64), ("none", 64)])
def test_a_foreign_token_is_well_formed_and_names_nobody(algorithm: str, size: int) -> None:
    header, claims, signature = (decoded(part) for part in probes.foreign_jwt(algorithm, "at+jwt").split("."))
    assert json.loads(header) == {"alg": algorithm, "kid": probes.GARBAGE, "typ": "at+jwt"}
    assert "sub" not in json.loads(claims)
    assert json.loads(claims)["iss"].endswith(".invalid")
    assert json.loads(claims)["exp"] < time.time()
    assert len(signature) == size


async def test_a_foreign_token_goes_out_in_the_form_of_ours(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    token = bearer(a_jwt(), scheme="bearer")
    seen = await probes.foreign_token.look(make_world(profile(server)), token)
    assert isinstance(seen, ForeignToken)
    sent = server.requests[0].header("authorization") or ""
    assert sent.startswith("bearer eyJ")
    assert token.field_value is not None
    assert sent != token.field_value.reveal()
    assert isinstance(await probes.foreign_token.look(make_world(profile(server)), bearer("opaque-one")), NotApplicable)
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["basic", "digest"])
async def test_a_login_is_never_tampered_with(serve: Serve, make_world: Make, kind: str) -> None:
    server = await serve(lambda r: reply(401))
    login = bearer(a_jwt(), kind=kind, scheme="Basic")
    assert isinstance(await probes.tampered.look(make_world(profile(server)), login), NotApplicable)
    assert isinstance(await probes.tampered.look(make_world(profile(server)), bearer(a_jwt(), scheme="Basic")), NotApplicable)
    assert not server.requests
