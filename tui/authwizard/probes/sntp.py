"""How far is this machine's clock from a time server's? A small SNTP client (RFC 4330, RFC 5905 section 8)."""

from __future__ import annotations

import asyncio
import secrets
import struct
import time
from collections.abc import Callable

from authwizard.model.frozen import dataclass

_EPOCH = 2_208_988_800
"""Seconds from 1900-01-01, where NTP counts from, to 1970-01-01."""
_ERA = 1 << 32
_PACKET = struct.Struct("!B B b b I I I Q Q Q Q")
_UNSYNCHRONISED = 3


@dataclass(frozen=True)
class Sample:
    """One answer: `offset` seconds the server is ahead of this clock, `delay` seconds of the round trip."""

    offset: float
    delay: float


class BadAnswer(Exception):
    """The server's answer is of no use; the text says why."""


async def ask(host: str, port: int, *, timeout_seconds: float, clock: Callable[[], float] = time.time) -> Sample:
    """Ask a time server once.

    Raises OSError (or TimeoutError) where it cannot be reached, and BadAnswer where it says it does not know the time.
    """
    answered: asyncio.Future[tuple[bytes, float]] = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(timeout_seconds):
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Client(answered, clock), remote_addr=(host, port))
        try:
            # RFC 5905 lets a client put anything here; a random stamp makes a forged answer miss and tells the server nothing.
            stamp = secrets.randbits(64) or 1
            sent = clock()
            transport.sendto(request(stamp))
            data, received = await answered
        finally:
            transport.close()
    return read(data, stamp, sent, received)


def request(stamp: int) -> bytes:
    """Return a client packet of version 4 whose transmit timestamp is `stamp`."""
    return _PACKET.pack(4 << 3 | 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, stamp)


def read(data: bytes, stamp: int, sent: float, received: float) -> Sample:
    """Read an answer to the request with this stamp; raises BadAnswer. `sent`, `received`: Unix seconds of this clock."""
    if len(data) < _PACKET.size:
        raise BadAnswer("the answer is too short")
    head, stratum, _, _, _, _, _, _, origin, arrived, left = _PACKET.unpack_from(data)
    if head & 7 != 4 or origin != stamp:
        raise BadAnswer("the answer does not belong to the question")
    if stratum == 0:
        raise BadAnswer("the server asks to be left alone (kiss-o'-death)")
    if head >> 6 == _UNSYNCHRONISED or stratum > 15 or left == 0:
        raise BadAnswer("the server says it is not synchronised itself")
    t2, t3 = _unix(arrived, received), _unix(left, received)
    return Sample(offset=((t2 - sent) + (t3 - received)) / 2, delay=max(0.0, (received - sent) - (t3 - t2)))


def _unix(stamp: int, near: float) -> float:
    """Unix seconds of a timestamp, in the 136-year era that is nearest to `near` (RFC 5905 section 6)."""
    seconds = (stamp >> 32) - _EPOCH + (stamp & 0xFFFFFFFF) / _ERA
    return seconds + round((near - seconds) / _ERA) * _ERA


class _Client(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Future[tuple[bytes, float]], clock: Callable[[], float]) -> None:
        self._answered = answered
        self._clock = clock

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._answered.done():
            self._answered.set_result((data, self._clock()))

    def error_received(self, exc: Exception) -> None:
        if not self._answered.done():
            self._answered.set_exception(exc)
