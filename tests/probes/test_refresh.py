from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from authwizard.model.evidence import (
    Baseline,
    NotApplicable,
    NotTried,
    RefreshedToken,
    SecretState,
    StoredSecrets,
    TokenEndpoint,
    Unavailable,
)
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Network, OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.probe import Halted, Request, World
from authwizard.probes import recording, refresh
from authwizard.probes.refresh import refreshed_token

from .conftest import MemoryVault, Seen, Server, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
OLD, NEW, ACCESS = "old-refresh-" + "aB3" * 10, "new-refresh-" + "Zq9" * 10, "access-" + "Kd8" * 15
HELD = stored(refresh_token=OLD, access_token="expired-token", client_secret="s3cret-value")


def answer(**members: Any) -> bytes:
    return reply(200, json.dumps({"access_token": ACCESS, "token_type": "Bearer", **members}), {"Content-Type": "application/json"})


def profile(server: Server, seconds: float = 2) -> Profile:
    oauth = OAuth(token_url=server.url + "/token", client_id="cid", client_auth="client_secret_post", grant="refresh_token")
    return Profile("t", "https://api.example.com", "GET /x", oauth=oauth, network=Network(timeout_seconds=seconds, proxy="none"))


def p0(status: int | None = 401) -> Baseline:
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=status))


async def look(world: World, server: Server, baseline: Baseline | None = None, held: StoredSecrets = HELD) -> Any:
    return await refreshed_token.look(world, held, TokenEndpoint(server.url + "/token"), baseline or p0(), None)


def allowed(make_world: Make, server: Server, vault: MemoryVault, **more: Any) -> World:
    vault.values.setdefault("refresh_token", OLD)
    return make_world(profile(server, more.pop("seconds", 2)), vault=vault, options=RunOptions(allow_refresh=True), **more)


async def test_one_post_and_the_refresh_token_is_kept_first(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer(refresh_token=NEW, expires_in=300))
    vault = MemoryVault()
    world = allowed(make_world, server, vault)
    seen = await look(world, server)
    assert isinstance(seen, RefreshedToken)
    assert vault.log == ["preflight refresh_token", "keep refresh_token", "keep access_token"]
    assert vault.values == {"refresh_token": NEW, "access_token": ACCESS}
    assert (seen.rotated, seen.kept_in, seen.keep_problem, seen.unknown_outcome, seen.answer.ok) == (True, "memory", "", False, True)
    assert len(server.requests) == 1
    form = {n: v[0] for n, v in parse_qs(server.requests[0].body.decode()).items()}
    assert form == {"grant_type": "refresh_token", "refresh_token": OLD, "client_id": "cid", "client_secret": "s3cret-value"}
    assert seen.exchange.cost == "C5"
    record = repr(world.sender.exchanges)
    assert all(text not in record for text in (OLD, NEW, ACCESS, "s3cret-value"))


async def test_nothing_happens_between_the_answer_and_the_keeping(serve: Serve, make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where recording the exchange breaks, the new token is in its place."""
    server = await serve(lambda r: answer(refresh_token=NEW))
    vault = MemoryVault()
    seen_at: list[list[str]] = []

    def breaks(*arguments: Any, **more: Any) -> Any:
        seen_at.append(list(vault.log))
        raise RuntimeError("recording broke")

    monkeypatch.setattr(recording.Recorder, "exchange", breaks)
    with pytest.raises(RuntimeError):
        await look(allowed(make_world, server, vault), server)
    assert seen_at == [["preflight refresh_token", "keep refresh_token", "keep access_token"]]
    assert vault.values["refresh_token"] == NEW


async def test_it_goes_over_a_connection_of_its_own(serve: Serve, make_world: Make) -> None:
    """A connection kept open may be closed by the server just then, which would leave the outcome unknown."""
    server = await serve(lambda r: answer(refresh_token=NEW))
    world = allowed(make_world, server, MemoryVault())
    await world.sender.send(Request("warm", "", Cost.C1, "metadata", "GET", server.url + "/"))
    await look(world, server)
    assert [r.connection for r in server.requests] == [1, 2]


@pytest.mark.parametrize("members", [{}, {"refresh_token": OLD}, {"refresh_token": ""}])
async def test_an_answer_without_a_new_refresh_token_leaves_the_old_one(serve: Serve, make_world: Make, members: dict[str, str]) -> None:
    server = await serve(lambda r: answer(**members))
    vault = MemoryVault({"refresh_token": OLD})
    seen = await look(allowed(make_world, server, vault), server)
    assert (seen.rotated, seen.keep_problem, vault.log) == (False, "", ["preflight refresh_token", "keep access_token"])
    assert vault.values["refresh_token"] == OLD


async def test_a_write_that_fails_is_told_and_the_access_token_kept_all_the_same(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer(refresh_token=NEW))
    vault = MemoryVault(fails_to_keep={"refresh_token"})
    seen = await look(allowed(make_world, server, vault), server)
    assert (seen.rotated, seen.kept_in, seen.keep_problem) == (True, "memory", "The keyring refused the write.")
    assert vault.log == ["preflight refresh_token", "keep refresh_token", "keep access_token"]
    assert seen.answer.refresh_token is not None
    assert seen.answer.refresh_token.reveal() == NEW


async def test_a_place_that_fails_its_trial_write_leaves_the_token_unspent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer(refresh_token=NEW))
    vault = MemoryVault({"refresh_token": OLD}, fails_preflight={"refresh_token": "The keyring is locked."})
    seen = await look(allowed(make_world, server, vault), server)
    assert isinstance(seen, Unavailable)
    assert "not spent" in seen.why
    assert "The keyring is locked." in seen.why
    assert not server.requests
    assert vault.values == {"refresh_token": OLD}


async def test_the_trial_write_is_the_last_thing_before_the_post(serve: Serve, make_world: Make) -> None:
    vault = MemoryVault()
    at_the_post: list[list[str]] = []

    def handle(request: Seen) -> bytes:
        at_the_post.append(list(vault.log))
        return answer(refresh_token=NEW)

    server = await serve(handle)
    await look(allowed(make_world, server, vault), server)
    assert at_the_post == [["preflight refresh_token"]]


async def test_a_place_that_breaks_in_an_unforeseen_way_is_told(serve: Serve, make_world: Make) -> None:
    class Breaking(MemoryVault):
        async def keep(self, field: str, value: Secret, expires_in: int | None = None) -> str:
            raise UnicodeEncodeError("utf-8", value.reveal(), 0, 1, "plainly broken")

    server = await serve(lambda r: answer(refresh_token=NEW))
    seen = await look(allowed(make_world, server, Breaking()), server)
    assert isinstance(seen, RefreshedToken)
    assert seen.rotated
    assert "UnicodeEncodeError" in seen.keep_problem
    assert NEW not in repr(seen)
    assert seen.answer.refresh_token is not None


async def test_a_store_that_breaks_does_not_take_the_new_token_with_it(
    serve: Serve, make_world: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(self: MemoryVault, field: str, value: Secret, expires_in: int | None = None) -> str:
        raise RuntimeError(value.reveal())

    monkeypatch.setattr(MemoryVault, "keep", breaks)
    server = await serve(lambda r: answer(refresh_token=NEW))
    seen = await look(allowed(make_world, server, MemoryVault()), server)
    assert isinstance(seen, RefreshedToken)
    assert seen.answer.refresh_token is not None
    assert (seen.answer.refresh_token.reveal(), seen.kept_in) == (NEW, "")
    assert "RuntimeError" in seen.keep_problem
    assert NEW not in repr(seen)


async def test_an_access_token_with_no_place_does_not_spoil_a_kept_rotation(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer(refresh_token=NEW))
    vault = MemoryVault(cannot_keep={"access_token": "It comes from the variable X."})
    seen = await look(allowed(make_world, server, vault), server)
    assert (seen.rotated, seen.kept_in, seen.keep_problem, vault.log) == (
        True,
        "memory",
        "",
        ["preflight refresh_token", "keep refresh_token"],
    )
    unrotated = await serve(lambda r: answer())
    vault.values["refresh_token"] = OLD
    seen = await look(allowed(make_world, unrotated, vault), unrotated)
    assert "variable X" in seen.keep_problem


async def test_a_time_out_is_an_unknown_outcome_and_never_repeated(serve: Serve, make_world: Make) -> None:
    async def silence() -> AsyncIterator[bytes]:
        await asyncio.sleep(30)
        yield b""

    server = await serve(lambda r: silence())
    vault = MemoryVault({"refresh_token": OLD})
    seen = await look(allowed(make_world, server, vault, seconds=0.2), server)
    assert isinstance(seen, RefreshedToken)
    assert (seen.unknown_outcome, seen.answer.ok, seen.kept_in) == (True, False, "")
    assert seen.exchange.fault is not None
    assert seen.exchange.fault.layer == "timeout"
    assert len(server.requests) == 1
    assert vault.values == {"refresh_token": OLD}


@pytest.mark.parametrize("piece", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b'{"access_token": "abcdef'])
async def test_an_answer_that_breaks_off_is_an_unknown_outcome(serve: Serve, make_world: Make, piece: bytes) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield piece

    server = await serve(lambda r: half())
    seen = await look(allowed(make_world, server, MemoryVault()), server)
    assert (seen.unknown_outcome, len(server.requests)) == (True, 1)


async def test_a_server_that_was_not_reached_has_not_spent_the_token(serve: Serve, make_world: Make, unused_tcp_port: int) -> None:
    server = await serve(lambda r: answer())
    server.port, port = unused_tcp_port, server.port
    seen = await look(allowed(make_world, server, MemoryVault()), server)
    server.port = port
    assert (seen.unknown_outcome, seen.exchange.status) == (False, None)


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_a_refusal_is_known(serve: Serve, make_world: Make, status: int) -> None:
    server = await serve(lambda r: reply(status, '{"error": "invalid_grant"}', {"Content-Type": "application/json"}))
    vault = MemoryVault({"refresh_token": OLD})
    seen = await look(allowed(make_world, server, vault), server)
    assert (seen.unknown_outcome, seen.answer.error, vault.log) == (False, "invalid_grant", ["preflight refresh_token"])
    assert len(server.requests) == 1


async def test_when_the_refresh_token_is_not_spent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer())
    vault = MemoryVault()
    agreed = allowed(make_world, server, vault)
    without_leave = make_world(profile(server), vault=vault)
    assert isinstance(await look(without_leave, server), NotTried)
    for status in (200, 204, 500, None):
        assert isinstance(await look(agreed, server, p0(status)), NotTried)
    assert isinstance(await look(agreed, server, held=stored(access_token="x")), NotApplicable)
    locked = StoredSecrets({"refresh_token": SecretState("refresh_token", "unavailable", why="The keyring is locked.")})
    seen = await look(agreed, server, held=locked)
    assert isinstance(seen, Unavailable)
    assert seen.cause == "keyring_unavailable"
    nowhere = MemoryVault(cannot_keep={"refresh_token": "A variable cannot be written back."})
    seen = await look(allowed(make_world, server, nowhere), server)
    assert isinstance(seen, Unavailable)
    assert "variable" in seen.why
    assert not server.requests
    assert vault.log == []


@pytest.mark.parametrize(("held", "spent"), [(stored(refresh_token=OLD, client_secret="s"), True), (HELD, False)])
async def test_without_p0_it_is_spent_only_where_no_access_token_is_stored(
    serve: Serve, make_world: Make, held: StoredSecrets, spent: bool
) -> None:
    server = await serve(lambda r: answer())
    seen = await refreshed_token.look(allowed(make_world, server, MemoryVault()), held, TokenEndpoint(server.url + "/token"), None, None)
    assert isinstance(seen, RefreshedToken) is spent
    assert len(server.requests) == int(spent)


async def test_after_a_stop_sign_nothing_is_spent(serve: Serve, make_world: Make) -> None:
    api = await serve(lambda r: reply(429))
    server = await serve(lambda r: answer())
    world = make_world(
        replace(profile(server), base_url=api.url), vault=MemoryVault({"refresh_token": OLD}), options=RunOptions(allow_refresh=True)
    )
    await world.sender.send(Request("P0", "", Cost.C2, "api", "GET", api.url + "/x", (("Authorization", Secret("Bearer abc")),)))
    with pytest.raises(Halted):
        await look(world, server)
    assert not server.requests


def test_it_is_awaited_to_its_end() -> None:
    assert refreshed_token.finish
    assert refreshed_token.when == "asked"
    assert refresh.GRANT == "refresh_token"
    assert Seen("GET", "/", []).path == "/"


async def test_a_token_that_another_process_has_replaced_is_not_spent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer(refresh_token=NEW))
    vault = MemoryVault({"refresh_token": "put there by another process"})
    seen = await look(allowed(make_world, server, vault), server)
    assert isinstance(seen, NotTried)
    assert "Another authwizard has replaced the refresh token" in seen.why
    assert (server.requests, vault.log, len(vault.settled)) == ([], ["preflight refresh_token"], 1)


async def test_a_token_that_was_removed_or_moved_meanwhile_is_not_spent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer(refresh_token=NEW))
    vault = MemoryVault()
    world = allowed(make_world, server, vault)
    vault.values.clear()  # `store forget`, `store move` or `profile rename` of another process, while this run was under way
    seen = await look(world, server)
    assert isinstance(seen, NotTried)
    assert "removed or moved meanwhile" in seen.why
    assert (server.requests, vault.values, len(vault.settled)) == ([], {}, 1)


async def test_the_place_is_let_go_of_whatever_comes(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: answer(refresh_token=NEW))
    vault = MemoryVault(said="It is not in its place yet.")
    seen = await look(allowed(make_world, server, vault), server)
    assert (seen.keep_note, vault.settled) == ("It is not in its place yet.", [False])
    vault.values.clear()
    broken = await serve(lambda r: b"")
    await look(allowed(make_world, broken, vault), broken)
    refused = await serve(lambda r: reply(400, b'{"error": "invalid_grant"}'))
    vault.values.clear()
    await look(allowed(make_world, refused, vault), refused)
    assert vault.settled == [False, True, False]
