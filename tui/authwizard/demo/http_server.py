"""How do the practice servers speak HTTP/1.1? One task a connection, everything bounded, bad input answered and never printed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

import h11

from authwizard.demo.clock import Clock
from authwizard.demo.http_message import Handler, Request, Response, json_response, reason_phrase
from authwizard.demo.journal import Journal
from authwizard.model.frozen import dataclass

HOST = "127.0.0.1"
MAX_BODY = 64 * 1024
"""Bytes of a request body; a larger one is answered with 413."""
IDLE_SECONDS = 30.0
"""How long a connection may stay silent."""
LINGER_SECONDS = 1.0
"""How long a refused client is listened to before its connection is closed."""


class Listener:
    """A port on 127.0.0.1 that is already ours, so that its URL can be written down before anything answers there."""

    def __init__(self, port: int = 0) -> None:
        """Bind and listen; raises OSError where the port is taken."""
        # The protocol is named because asyncio switches Nagle's delay off only where it is.
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":  # on Windows the option would let two servers share a port
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((HOST, port))
            self.socket.listen(64)
            self.socket.setblocking(False)
        except BaseException:
            self.socket.close()
            raise
        self.port: int = self.socket.getsockname()[1]

    @property
    def url(self) -> str:
        """The origin that clients use."""
        return f"http://{HOST}:{self.port}"


@dataclass(frozen=True)
class Identity:
    """How a server signs its answers: its name in the journal, its product token, its clock."""

    name: str
    product: str
    clock: Clock

    def sign(self, response: Response) -> Response:
        """Return the answer with `Date`, `Server` and `Content-Length`, where it has none of its own."""
        fields = (("Date", self.clock.http_date()), ("Server", self.product), ("Content-Length", str(len(response.body))))
        bodiless = response.status == 204
        missing = [f for f in fields if response.header(f[0].lower()) is None and not (bodiless and f[0] == "Content-Length")]
        return response.plus(*missing)


class HttpServer:
    """Serves one handler on one listener until `close`. Errors inside the handler become a 500 and are kept in `errors`."""

    def __init__(self, listener: Listener, identity: Identity, handler: Handler, journal: Journal) -> None:
        self.listener = listener
        self.identity = identity
        self.handler = handler
        self.journal = journal
        self.errors: list[Exception] = []
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._closed = False

    async def start(self) -> None:
        """Begin to accept connections."""
        self._server = await asyncio.start_server(self._accept, sock=self.listener.socket)

    async def close(self) -> None:
        """Stop accepting, end every connection, and free the port."""
        self._closed = True
        if self._server is not None:
            self._server.close()
        self.listener.socket.close()
        open_now = dict(self._connections)
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        for connection in open_now.values():
            if not connection.begun:  # cancelled before its first step, so it could not close itself
                await connection.close()
        if self._server is not None:
            await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: the one asyncio would make reports a cancelled connection on stderr.
        if self._closed:
            writer.transport.abort()
            return
        connection = _Connection(self, reader, writer)
        task = asyncio.get_running_loop().create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(self._connections.pop)


class _Connection:
    """One connection: requests and answers in turn, until either side ends it."""

    def __init__(self, server: HttpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._h11 = h11.Connection(h11.SERVER)
        self.begun = False

    async def run(self) -> None:
        self.begun = True
        try:
            while await self._exchange():
                self._h11.start_next_cycle()
        except OSError:
            self._writer.transport.abort()  # the client went away or fell silent (TimeoutError): nobody is left to tell
        except asyncio.CancelledError:
            self._writer.transport.abort()
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours, kept for the platform's owner instead of a traceback on stderr
            self._server.errors.append(error)
            self._writer.transport.abort()
        finally:
            await self.close()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass  # the client had already gone
        except asyncio.CancelledError:
            self._writer.transport.abort()  # do not wait for a client that does not read
            raise

    async def _exchange(self) -> bool:
        """Read one request and answer it; return whether the connection can carry another."""
        try:
            request = await self._read_request()
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint)
            return False
        except _TooLargeError:
            await self._refuse(413)
            return False
        if request is None:
            return False
        response = self._server.identity.sign(await self._answer(request))
        authorization = request.header("authorization")
        self._note(request.method, request.path, response.status, authorization)
        await self._send(response, with_body=request.method != "HEAD")
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE

    async def _read_request(self) -> Request | None:
        head: h11.Request | None = None
        body = b""
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY:
                    raise _TooLargeError
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers)
                return Request(head.method.decode("ascii"), head.target.decode("latin-1"), headers, body)
            else:
                return None

    async def _next_event(self) -> h11.Event | type[h11.PAUSED]:
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            if self._h11.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            async with asyncio.timeout(IDLE_SECONDS):
                self._h11.receive_data(await self._reader.read(MAX_BODY))
        return event  # type: ignore[return-value]  # h11 types its two sentinels as one

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._server.handler(request)
        except Exception as error:  # noqa: BLE001 - a bug of ours: the client gets a 500, the platform's owner finds it in `errors`
            self._server.errors.append(error)
            return json_response(500, {"error": "internal_error"})

    async def _refuse(self, status: int) -> None:
        if self._h11.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        response = json_response(
            status, {"error": "bad_request", "error_description": f"{reason_phrase(status)}."}, ("Connection", "close")
        )
        self._note("", "", status, None)
        await self._send(self._server.identity.sign(response), with_body=True)
        await self._linger()

    async def _linger(self) -> None:
        """Read on for a moment: to close with unread bytes would reset the connection before the client has its answer."""
        self._writer.write_eof()
        with contextlib.suppress(OSError):
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._reader.read(MAX_BODY):
                    pass

    def _note(self, method: str, path: str, status: int, authorization: str | None) -> None:
        self._server.journal.record(self._server.identity.name, self._server.listener.port, method, path, status, authorization)

    async def _send(self, response: Response, *, with_body: bool) -> None:
        head = h11.Response(status_code=response.status, headers=list(response.headers), reason=reason_phrase(response.status).encode())
        body = [h11.Data(data=response.body)] if with_body and response.body else []
        self._write(head, *body, h11.EndOfMessage())
        async with asyncio.timeout(IDLE_SECONDS):
            await self._writer.drain()

    def _write(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._h11.send(event) or b"" for event in events))


class _TooLargeError(Exception):
    """The body is larger than MAX_BODY."""
