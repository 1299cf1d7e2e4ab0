"""How does the practice platform tell the time to SNTP clients (RFC 5905, RFC 4330 section 6)?"""

from __future__ import annotations

import asyncio
import struct
from typing import Any, cast

from authwizard.demo.clock import Clock
from authwizard.demo.http_server import HOST

PACKET = struct.Struct("!BBbbII4s8s8s8s8s")
"""Leap, version and mode; stratum; poll; precision; root delay and dispersion; reference id; four timestamps."""
EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins to count, to 1970."""
CLIENT, SERVER = 3, 4
STRATUM = 2
PRECISION = -20
"""About a microsecond, as a power of two seconds."""


def ntp_time(moment: float) -> bytes:
    """Return Unix seconds as an NTP timestamp: 32 bits of seconds since 1900 (modulo the era), 32 bits of fraction."""
    whole = int(moment)
    return struct.pack("!II", (whole + EPOCH) % 2**32, int((moment - whole) * 2**32))


def reply(packet: bytes, clock: Clock, received: float) -> bytes | None:
    """Return the answer to a client's packet, None where it is none.

    Args:
        packet: The datagram.
        clock: What the server believes.
        received: When it came, in Unix seconds of that clock.
    """
    if len(packet) < PACKET.size:
        return None
    first, _, poll, *_, originate = PACKET.unpack_from(packet)
    version, mode = first >> 3 & 7, first & 7
    if mode != CLIENT or not 1 <= version <= 4:
        return None
    reference = ntp_time(received - 30)
    return PACKET.pack(
        version << 3 | SERVER, STRATUM, poll, PRECISION, 0, 1 << 6, bytes((127, 0, 0, 1)),
        reference, originate, ntp_time(received), ntp_time(clock.now()),
    )  # fmt: skip


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, clock: Clock, closed: asyncio.Future[None]) -> None:
        self._clock = clock
        self._closed = closed
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = reply(data, self._clock, self._clock.now())
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closed.done():
            self._closed.set_result(None)


class SntpServer:
    """Answers SNTP on a UDP port of 127.0.0.1 until `close`."""

    def __init__(self, transport: asyncio.DatagramTransport, closed: asyncio.Future[None]) -> None:
        self._transport = transport
        self._closed = closed
        self.port: int = transport.get_extra_info("sockname")[1]

    @property
    def address(self) -> str:
        """`host:port`, as a profile's `network.ntp_server` has it."""
        return f"{HOST}:{self.port}"

    @classmethod
    async def start(cls, clock: Clock) -> SntpServer:
        """Open the port and begin to answer."""
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[None] = loop.create_future()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Protocol(clock, closed), local_addr=(HOST, 0))
        return cls(transport, closed)

    async def close(self) -> None:
        """Free the port."""
        self._transport.close()
        await self._closed
