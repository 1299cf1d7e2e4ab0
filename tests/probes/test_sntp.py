from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.evidence import NetworkTime, NotTried, RunClock, Unavailable
from authwizard.model.options import RunOptions
from authwizard.model.profile import Network, Profile
from authwizard.probe import World
from authwizard.probes import clocks
from authwizard.probes.sntp import BadAnswer, ask, read, request

EPOCH = 2_208_988_800


def stamp(seconds: float) -> int:
    return int((seconds + EPOCH) % (1 << 32) * (1 << 32))


def packet(
    query: bytes, *, ahead: float = 0.0, head: int = 0x24, stratum: int = 2, origin: int | None = None, now: float | None = None
) -> bytes:
    here = (time.time() if now is None else now) + ahead
    echoed = struct.unpack("!Q", query[40:48])[0] if origin is None else origin
    return struct.pack("!BBbbIIIQQQQ", head, stratum, 6, -20, 0, 0, 0, stamp(here - 1), echoed, stamp(here), stamp(here))


class _Server(asyncio.DatagramProtocol):
    def __init__(self, answer: Callable[[bytes], list[bytes]]) -> None:
        self.answer = answer
        self.asked: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked.append(data)
        for reply in self.answer(data):
            self.transport.sendto(reply, addr)


@pytest.fixture
async def time_server() -> AsyncIterator[Callable[..., Any]]:
    open_: list[Any] = []

    async def start(answer: Callable[[bytes], list[bytes]]) -> tuple[int, _Server]:
        transport, server = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Server(answer), local_addr=("127.0.0.1", 0))
        open_.append(transport)
        return transport.get_extra_info("sockname")[1], server

    yield start
    for transport in open_:
        transport.close()
    await asyncio.sleep(0)


def profile(port: int | str) -> Profile:
    server = port if isinstance(port, str) else f"127.0.0.1:{port}"
    return Profile("t", "https://api.example.com", "GET /", network=Network(ntp_server=server))


@pytest.mark.parametrize("ahead", [0.0, 600.0, -1800.0])
async def test_the_offset_of_a_server_is_found(time_server: Any, make_world: Callable[..., World], ahead: float) -> None:
    port, server = await time_server(lambda query: [packet(query, ahead=ahead)])
    seen = await clocks.network_time.look(make_world(profile(port)))
    assert isinstance(seen, NetworkTime)
    assert seen.offset_seconds == pytest.approx(ahead, abs=0.5)
    assert 0 <= seen.error_seconds < 0.5
    assert seen.samples == 3
    assert len(server.asked) == 3
    assert all(data[0] == 0x23 and len(data) == 48 for data in server.asked)
    assert len({data[40:48] for data in server.asked}) == 3


async def test_the_sample_with_the_shortest_round_trip_counts(make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    from authwizard.probes.sntp import Sample

    samples = iter([Sample(9.0, 0.5), Sample(1.0, 0.01), Sample(5.0, 0.2)])

    async def fake(*arguments: Any, **more: Any) -> Sample:
        return next(samples)

    monkeypatch.setattr(clocks, "ask", fake)
    assert await clocks.network_time.look(make_world(profile("time.example"))) == NetworkTime("time.example", 1.0, 0.005, 3)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda q: [b"short"], "too short"),
        (lambda q: [packet(q, origin=7)], "does not belong"),
        (lambda q: [packet(q, head=0x23)], "does not belong"),
        (lambda q: [packet(q, stratum=0)], "kiss"),
        (lambda q: [packet(q, head=0xE4)], "not synchronised"),
        (lambda q: [packet(q, stratum=16)], "not synchronised"),
    ],
)
async def test_a_server_of_no_use_is_said_to_be_so(time_server: Any, make_world: Callable[..., World], answer: Any, words: str) -> None:
    port, server = await time_server(answer)
    seen = await clocks.network_time.look(make_world(profile(port)))
    assert isinstance(seen, Unavailable)
    assert words in seen.why
    assert len(server.asked) == 1


async def test_silence_ends_with_the_time_out(time_server: Any, make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "TIMEOUT", 0.05)
    port, _ = await time_server(lambda q: [])
    seen = await clocks.network_time.look(make_world(profile(port)))
    assert isinstance(seen, Unavailable)
    assert "0.05 s" in seen.why


async def test_a_closed_port_is_unavailable(make_world: Callable[..., World], unused_udp_port: int) -> None:
    seen = await clocks.network_time.look(make_world(profile(unused_udp_port)))
    assert isinstance(seen, Unavailable)


async def test_none_switches_the_query_off(make_world: Callable[..., World]) -> None:
    assert isinstance(await clocks.network_time.look(make_world(profile("none"))), NotTried)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("pool.ntp.org", ("pool.ntp.org", 123)),
        ("h:1123", ("h", 1123)),
        ("[::1]:99", ("::1", 99)),
        ("::1", ("::1", 123)),
        ("[::1]", ("::1", 123)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert clocks._address(text) == address


@given(st.binary(max_size=80))
def test_garbage_is_never_a_time(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        read(data, 1 << 63 | 12345, 0.0, 0.1)


@given(st.floats(0, 1.5e9), st.floats(-1e6, 1e6), st.floats(0, 2))
def test_offset_and_delay_of_a_symmetric_path(now: float, ahead: float, trip: float) -> None:
    question = request(77)
    answer = packet(question, ahead=ahead, now=now + trip / 2)
    sample = read(answer, 77, now, now + trip)
    assert sample.offset == pytest.approx(ahead, abs=1e-3)
    assert sample.delay == pytest.approx(trip, abs=1e-3)


def test_the_era_after_2036_is_read() -> None:
    late = 2.3e9
    assert read(packet(request(5), now=late), 5, late, late).offset == pytest.approx(0, abs=1e-3)


async def test_asking_uses_the_clock_it_is_given(time_server: Any) -> None:
    port, _ = await time_server(lambda query: [packet(query)])
    sample = await ask("127.0.0.1", port, timeout_seconds=2, clock=lambda: time.time() - 900)
    assert sample.offset == pytest.approx(900, abs=0.5)


async def test_run_clock_is_now_or_what_the_user_said(make_world: Callable[..., World]) -> None:
    before = time.time()
    seen = await clocks.run_clock.look(make_world(profile("none")))
    assert isinstance(seen, RunClock)
    assert before <= seen.now <= time.time()
    world = make_world(profile("none"))
    told = await clocks.run_clock.look(replace(world, options=RunOptions(now=5.0)))
    assert isinstance(told, RunClock)
    assert told.now == 5.0
