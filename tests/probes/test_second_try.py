"""A new token once more, some seconds later: the wait is counted from the first answer, and a write is never repeated."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from authwizard.model.evidence import (
    Baseline,
    FreshCall,
    FreshCallAgain,
    FreshToken,
    NotApplicable,
    NotTried,
    RefreshedCall,
    RefreshedCallAgain,
    RefreshedToken,
)
from authwizard.model.exchange import Exchange
from authwizard.model.oauth import TokenAnswer
from authwizard.model.options import RunOptions
from authwizard.model.profile import Network, Profile
from authwizard.model.secret import Secret
from authwizard.probe import World
from authwizard.probes import second_try
from authwizard.probes.second_try import fresh_call_again, refreshed_call_again
from authwizard.probes.swaps import refreshed_call

from .conftest import MemoryVault, Server, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
NEW = "new-" + "Zq9" * 15


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Remember how long was waited, and wait no longer."""
    seen: list[float] = []

    async def sleep(seconds: float) -> None:
        seen.append(seconds)

    monkeypatch.setattr(second_try.asyncio, "sleep", sleep)
    return seen


def profile(server: Server, request: str = "GET /x", **more: Any) -> Profile:
    return Profile("t", server.url, request, network=Network(timeout_seconds=2, proxy="none"), **more)


def refused(ago: float = 0.0) -> Exchange:
    return Exchange("P", "", "C2", "api", "GET", "", status=401, received_at=time.time() - ago)


def grant(kind: Any, token: str | None = NEW) -> Any:
    answer = TokenAnswer(token is not None, 200, access_token=Secret(token) if token else None)
    return kind(Exchange("token", "", "C4", "token", "POST", "", status=200), answer, "client_credentials", "none")


async def test_both_kinds_of_new_token_are_sent_again(serve: Serve, make_world: Make, waited: list[float]) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server))
    fresh = await fresh_call_again.look(world, Baseline(refused()), bearer("old"), stored(), grant(FreshToken), FreshCall(refused(1)))
    refreshed = await refreshed_call_again.look(world, stored(), grant(RefreshedToken), RefreshedCall(refused(60)))
    assert isinstance(fresh, FreshCallAgain)
    assert isinstance(refreshed, RefreshedCallAgain)
    assert [r.header("authorization") for r in server.requests] == [f"Bearer {NEW}"] * 2
    assert waited == [pytest.approx(4, abs=0.5), 0.0], "other probes have used the time"
    assert "Zq9Zq9" not in repr((fresh, refreshed))


async def test_a_token_fetched_for_this_run_is_p0_again(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    made_now = replace(bearer(NEW), fetched=True)
    seen = await fresh_call_again.look(make_world(profile(server)), Baseline(refused()), made_now, stored(), None, None)
    assert isinstance(seen, FreshCallAgain)
    assert server.requests[0].header("authorization") == f"Bearer {NEW}"


async def test_without_a_new_token_and_for_a_write_nothing_is_sent(serve: Serve, make_world: Make, waited: list[float]) -> None:
    server = await serve(lambda r: reply(200))
    world, first = make_world(profile(server)), FreshCall(refused())
    for fresh, call in ((None, None), (grant(FreshToken, None), first), (grant(FreshToken), None)):
        seen = await fresh_call_again.look(world, Baseline(refused()), bearer("old"), stored(), fresh, call)
        assert isinstance(seen, NotApplicable)
    writing = make_world(profile(server, "POST /x"), options=RunOptions(allow_write=True))
    assert isinstance(await refreshed_call_again.look(writing, stored(), grant(RefreshedToken), RefreshedCall(refused())), NotTried)
    assert not server.requests
    assert not waited


@pytest.mark.parametrize(("status", "told"), [(200, ["accepted renewed"]), (401, []), (403, []), (500, [])])
async def test_only_a_success_with_the_refreshed_token_tells_the_vault_to_remove_the_spent_one(
    serve: Serve, make_world: Make, waited: list[float], status: int, told: list[str]
) -> None:
    server = await serve(lambda r: reply(status))
    for probe, *before in ((refreshed_call,), (refreshed_call_again, RefreshedCall(refused()))):
        vault = MemoryVault(said="It is read-only.")
        seen = await probe.look(make_world(profile(server), vault=vault), stored(), grant(RefreshedToken), *before)
        assert isinstance(seen, RefreshedCall | RefreshedCallAgain)
        assert vault.log == told
        assert seen.spent_note == ("It is read-only." if told else "")
