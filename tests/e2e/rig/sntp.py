"""A time server (RFC 4330) that may be wrong by some seconds."""

from __future__ import annotations

import asyncio
import struct
import time

_EPOCH = 2_208_988_800
_PACKET = struct.Struct("!B B b b I I I Q Q Q Q")


class TimeServer(asyncio.DatagramProtocol):
    """Answers every request with this machine's time and `offset`."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        now = int((time.time() + self.offset + _EPOCH) * (1 << 32)) & ((1 << 64) - 1)
        asked = _PACKET.unpack_from(data)[-1]
        self._transport.sendto(_PACKET.pack(4 << 3 | 4, 2, 6, -20, 0, 0, 0x7F000001, now, asked, now, now), addr)
