"""I-04: other addresses of the host are asked without any credential."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from authwizard.model.evidence import Neighbours
from authwizard.model.options import RunOptions
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.probe import World
from authwizard.probes.neighbours import neighbours

from .conftest import Server, reply

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]


def profile(server: Server, request: str = "GET /v1/x?key={secret:api_key}") -> Profile:
    network = Network(timeout_seconds=2, proxy="none")
    return Profile("t", server.url, request, headers={"X-T": "{secret:api_key}"}, credential=CredentialSpec(query="key"), network=network)


@pytest.mark.parametrize(
    ("request_line", "asked"), [("GET /v1/x?key={secret:api_key}", {"/", "/favicon.ico"}), ("GET /", {"/favicon.ico"})]
)
async def test_root_and_a_static_path(serve: Serve, make_world: Make, request_line: str, asked: set[str]) -> None:
    server = await serve(lambda r: reply(404, headers={"Server": "x"}))
    seen = await neighbours.look(make_world(profile(server, request_line)))
    assert isinstance(seen, Neighbours)
    assert {r.target for r in server.requests} == asked
    assert len(seen.exchanges) == len(asked)
    assert all(r.header("authorization") is None and r.header("x-t") is None for r in server.requests)


async def test_what_the_budget_leaves_is_enough(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    seen = await neighbours.look(make_world(profile(server), options=RunOptions(api_budget=1)))
    assert isinstance(seen, Neighbours)
    assert len(seen.exchanges) == len(server.requests) == 1
