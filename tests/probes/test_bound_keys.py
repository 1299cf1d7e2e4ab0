"""DPoP keys by their thumbprint; D1 without the certificate where that is the credential."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from authwizard.model.evidence import Anonymous, Baseline, CredentialSeen, DpopKey, NotApplicable
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.probe import World
from authwizard.probes.baseline import anonymous, baseline
from authwizard.probes.differential import garbage, odd_scheme
from authwizard.probes.dpop import dpop_key as look_at_key

from .conftest import Server, dpop_key, reply, stored
from .test_tls import certificate, server_side

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]


def profile(path: str, url: str = "https://api.example.com", **more: str) -> Profile:
    network = Network(timeout_seconds=2, proxy="none", client_cert=path, **more)
    return Profile("t", url, "GET /x", credential=CredentialSpec(kind="mtls"), network=network)


async def test_the_thumbprint_of_a_dpop_key(make_world: Make) -> None:
    pem = dpop_key()
    key: Any = serialization.load_pem_private_key(pem.encode(), None)
    seen = await look_at_key.look(make_world(profile("")), stored(dpop_key=pem))
    public = jwt.get_algorithm_by_name("ES256").to_jwk(key.public_key(), as_dict=True)
    canonical = json.dumps({n: public[n] for n in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    assert seen == DpopKey(base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode())
    assert pem.splitlines()[1] not in repr(seen)


async def test_a_key_of_no_use_is_said_and_not_quoted(make_world: Make) -> None:
    seen = await look_at_key.look(make_world(profile("")), stored(dpop_key="n0t-a-key"))
    assert isinstance(seen, DpopKey)
    assert (seen.thumbprint, "DPoP key" in seen.problem, "n0t-a-key" in repr(seen)) == ("", True, False)
    assert isinstance(await look_at_key.look(make_world(profile("")), stored()), NotApplicable)


async def test_the_certificate_is_the_credential(serve: Serve, make_world: Make, tmp_path: Path) -> None:
    ca, both = certificate(tmp_path, "server")
    client, client_both = certificate(tmp_path, "client")
    server = await serve(lambda r: reply(200), server_side(both, client))
    world = make_world(profile(str(client_both), server.url, ca_bundle=str(ca)))
    nothing = CredentialSeen("mtls", "header", "Authorization", "", None)
    seen = await baseline.look(world, nothing, stored())
    assert isinstance(seen, Baseline)
    assert seen.exchange.status == 200
    without = await anonymous.look(world)
    assert isinstance(without, Anonymous)
    assert without.exchange.status is None
    assert len(server.requests) == 1
    for probe in (garbage, odd_scheme):
        assert isinstance(await probe.look(world, nothing), NotApplicable)
