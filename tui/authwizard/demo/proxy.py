"""What stands between the client and the API: a proxy that does not pass all fields on, a cache, or an address that has moved."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import field
from urllib.parse import urlsplit

import h11

from authwizard.demo.clock import Clock
from authwizard.demo.http_message import Request, Response, json_response
from authwizard.demo.http_server import HOST
from authwizard.model.frozen import dataclass

MAX_ANSWER = 1024 * 1024
TIMEOUT_SECONDS = 10.0
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect"}
)
"""Fields that belong to one connection (RFC 9110 7.6.1), and those this proxy writes anew."""
VIA = "1.1 edge"
KEPT_SECONDS = 40
"""How old the answer is that the cache holds when the platform starts."""


@dataclass(frozen=True)
class StrippingProxy:
    """Forwards every request to the API, or where an absolute address says on this machine; it may drop the Authorization field.

    What a request's Connection field names is for this hop alone and never passed on (RFC 9110 7.6.1).
    """

    upstream_port: int
    drops: frozenset[str] = frozenset({"authorization"})

    async def __call__(self, request: Request) -> Response:
        """Forward one request and return the API's answer with `Via` added; 502 where the API does not answer."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return (await forwarded(request, self.upstream_port, self.drops)).plus(("Via", VIA))
        except (OSError, h11.ProtocolError):
            return json_response(502, {"error": "bad_gateway"}, ("Via", VIA))


@dataclass(frozen=True)
class CachingProxy:
    """Keeps a refusal by its address alone and hands it to everybody (against RFC 9111 3.5), unless asked not to take a kept answer."""

    upstream_port: int
    clock: Clock
    kept: dict[str, tuple[float, Response]] = field(default_factory=dict)

    async def __call__(self, request: Request) -> Response:
        """Answer from the cache where it holds this address, else forward; 502 where the API does not answer."""
        fresh_wanted = "no-cache" in (request.header("cache-control") or "")
        if request.target in self.kept and not fresh_wanted:
            at, answer = self.kept[request.target]
            return answer.plus(("Via", VIA), ("Age", str(int(time.monotonic() - at))), ("X-Cache", "HIT"))
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await forwarded(request, self.upstream_port)
        except (OSError, h11.ProtocolError):
            return json_response(502, {"error": "bad_gateway"}, ("Via", VIA))
        return answer.plus(("Via", VIA), ("X-Cache", "MISS"))

    async def keep(self, target: str) -> None:
        """Hold the answer that a visitor without a credential once got here, a while ago by the `Date` it bears."""
        answer = await forwarded(Request("GET", target, (("Host", HOST),)), self.upstream_port)
        past = Clock(self.clock.ahead - KEPT_SECONDS)
        headers = tuple((n, past.http_date() if n.lower() == "date" else v) for n, v in answer.headers)
        self.kept[target] = time.monotonic() - KEPT_SECONDS, Response(answer.status, headers, answer.body)


@dataclass(frozen=True)
class Moved:
    """Sends every request to the API's new address; clients drop Authorization on the way, because the port differs."""

    new_url: str

    async def __call__(self, request: Request) -> Response:
        """Answer with a permanent redirect that keeps the method (RFC 9110 15.4.9)."""
        target = request.target if request.target.startswith("/") else request.path
        return json_response(308, {"message": "This API has moved."}, ("Location", self.new_url + target))


async def forwarded(request: Request, port: int, drops: frozenset[str] = frozenset()) -> Response:
    """Return what the server at a port of this machine answers; `drops` names fields (lower case) that are not passed on."""
    reader, writer = await asyncio.open_connection(HOST, _port_of(request.target) or port)
    try:
        connection = h11.Connection(h11.CLIENT)
        writer.write(_written(connection, request, drops))
        await writer.drain()
        return await _read_answer(connection, reader)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _port_of(target: str) -> int:
    """The port a request to a forward proxy names, where that is on this machine; 0 where it names a path alone."""
    try:
        parts = urlsplit(target)
        return parts.port or 0 if parts.hostname == HOST else 0
    except ValueError:
        return 0


def _written(connection: h11.Connection, request: Request, drops: frozenset[str]) -> bytes:
    named = {word.strip().lower() for value in request.header_all("connection") for word in value.split(",")}
    dropped = HOP_BY_HOP | named | drops
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
