"""What stands between the client and the API: a reverse proxy that does not pass Authorization on, or an address that has moved."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import h11

from authwizard.demo.http_message import Request, Response, json_response
from authwizard.demo.http_server import HOST

MAX_ANSWER = 1024 * 1024
TIMEOUT_SECONDS = 10.0
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect"}
)
"""Fields that belong to one connection (RFC 9110 7.6.1), and those this proxy writes anew."""
VIA = "1.1 edge"


@dataclass(frozen=True)
class StrippingProxy:
    """Forwards every request to the API without its Authorization field; X-Api-Key it passes on."""

    upstream_port: int

    async def __call__(self, request: Request) -> Response:
        """Forward one request and return the API's answer with `Via` added; 502 where the API does not answer."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return (await self._forward(request)).plus(("Via", VIA))
        except (OSError, h11.ProtocolError):
            return json_response(502, {"error": "bad_gateway"}, ("Via", VIA))

    async def _forward(self, request: Request) -> Response:
        reader, writer = await asyncio.open_connection(HOST, self.upstream_port)
        try:
            connection = h11.Connection(h11.CLIENT)
            writer.write(_written(connection, request))
            await writer.drain()
            return await _read_answer(connection, reader)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@dataclass(frozen=True)
class Moved:
    """Sends every request to the API's new address; clients drop Authorization on the way, because the port differs."""

    new_url: str

    async def __call__(self, request: Request) -> Response:
        """Answer with a permanent redirect that keeps the method (RFC 9110 15.4.9)."""
        target = request.target if request.target.startswith("/") else request.path
        return json_response(308, {"message": "This API has moved."}, ("Location", self.new_url + target))


def _written(connection: h11.Connection, request: Request) -> bytes:
    dropped = HOP_BY_HOP | {"authorization"}
    headers = [(n, v) for n, v in request.headers if n.lower() not in dropped]
    headers += [("Via", VIA), ("Connection", "close"), ("Content-Length", str(len(request.body)))]
    parts = [connection.send(h11.Request(method=request.method, target=request.target, headers=headers))]
    if request.body:
        parts.append(connection.send(h11.Data(data=request.body)))
    parts.append(connection.send(h11.EndOfMessage()))
    return b"".join(part for part in parts if part)


async def _read_answer(connection: h11.Connection, reader: asyncio.StreamReader) -> Response:
    head: h11.Response | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data) and len(body) + len(event.data) <= MAX_ANSWER:
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = tuple(
                (n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers.raw_items() if n.lower() not in (b"connection",)
            )
            return Response(head.status_code, headers, body)
        elif not isinstance(event, h11.InformationalResponse):
            raise h11.RemoteProtocolError("the API's answer ended early or is too large")
