"""A port on 127.0.0.1 that takes one request, answers it with 401, and forwards nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable

from authwizard.importers.captured import BODY_LIMIT, HEAD_LIMIT, CapturedRequest, head_end, read_head, speech_of
from authwizard.model.errors import UsageError

HOST = "127.0.0.1"
QUIET_SECONDS = 10.0
"""How long a connection may take to send its request, and to read the answer."""
LINGER_SECONDS = 1.0
"""How long a program that is still sending is listened to after its answer: a closed connection would take the answer away."""
CHALLENGE = 'Bearer realm="authwizard capture"'
HTTPS_SPOKEN = "Your program speaks HTTPS here. This address speaks plain HTTP: write it with http://, or switch TLS off for this one call."
HTTP2_SPOKEN = "Your program speaks HTTP/2 at once here. Let it speak HTTP/1.1 for this one call (h2c is not read)."
UNREADABLE = "Something came that is no HTTP request."
TOO_LARGE = f"A request came whose header fields are longer than {HEAD_LIMIT >> 10} KiB; servers refuse that many (431)."
AS_PROXY = "Your program uses this address as its proxy and asks for an encrypted tunnel. Give it this address in place of the API's, not as a proxy."
_TLS_ALERT = bytes.fromhex("15030100020228")
"""RFC 8446 6: a fatal handshake_failure."""
_HTTP2_GOAWAY = bytes.fromhex("000000040000000000" + "000008070000000000" + "00000000" + "0000000d")
"""RFC 9113: an empty SETTINGS frame, then GOAWAY with HTTP_1_1_REQUIRED."""


class Listener:
    """One request is waited for; what is no request is said through `note`, each thing once, and waited past."""

    def __init__(self, port: int, note: Callable[[str], None]) -> None:
        self._wanted = port
        self._note = note
        self._said: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._caught: asyncio.Future[CapturedRequest] | None = None
        self.port = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What came and was no request, as sentences."""
        return tuple(self._said)

    async def open(self) -> None:
        """Listen; raises UsageError where the port is taken."""
        self._caught = asyncio.get_running_loop().create_future()
        try:
            self._server = await asyncio.start_server(self._accept, HOST, self._wanted, limit=HEAD_LIMIT)
        except (OSError, OverflowError):
            raise UsageError(f"Port {self._wanted} on {HOST} cannot be listened on; leave out --port to take a free one.") from None
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def caught(self, seconds: float) -> CapturedRequest | None:
        """Wait for the request; None where none came in this time."""
        assert self._caught is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._caught)
        return None

    async def close(self) -> None:
        """Stop listening; an answer that is under way is finished first."""
        if self._server is not None:
            self._server.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LINGER_SECONDS * 2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(QUIET_SECONDS):
                    await self._converse(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await self._head(reader, writer)
        if data is None:
            return
        try:
            seen = read_head(data)
        except ValueError:
            self._say(UNREADABLE)
            await self._finish(reader, writer, _answer(400, "this is no HTTP request"))
            return
        if seen.method == "CONNECT":
            self._say(AS_PROXY)
            await self._finish(reader, writer, _answer(405, "this is no proxy"))
        elif seen.is_preflight:
            self._say("A browser asked first whether it may send its request (a preflight); it was told yes.")
            await self._finish(reader, writer, _preflight(seen))
        elif seen.is_browsers_own:
            await self._finish(reader, writer, _answer(404, "not here"))
        else:
            await self._take(seen, reader, writer)

    async def _take(self, seen: CapturedRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._caught is not None
        if not self._caught.done():
            self._caught.set_result(seen)
        await self._finish(reader, writer, _refusal(seen))

    async def _head(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        """Read until the header fields are there; None where what came is no request of HTTP/1."""
        data = b""
        while True:
            speech = speech_of(data) if data else "more"
            if speech == "http":
                return data[: head_end(data)]
            if speech != "more":
                await self._refuse_speech(speech, reader, writer)
                return None
            if len(data) > HEAD_LIMIT:
                self._say(TOO_LARGE)
                await self._finish(reader, writer, _answer(431, "the header fields are too long"))
                return None
            piece = await reader.read(16384)
            if not piece:
                if data.strip():
                    self._say(UNREADABLE)
                return None
            data += piece

    async def _refuse_speech(self, speech: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words, answer = {
            "tls": (HTTPS_SPOKEN, _TLS_ALERT),
            "http2": (HTTP2_SPOKEN, _HTTP2_GOAWAY),
        }.get(speech, (UNREADABLE, _answer(400, "this is no HTTP request")))
        self._say(words)
        await self._finish(reader, writer, answer)

    async def _finish(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        """Answer, and read on for a moment what the program still sends, so that it reads the answer."""
        writer.write(answer)
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        left = BODY_LIMIT
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while left > 0 and (piece := await reader.read(65536)):
                    left -= len(piece)

    def _say(self, words: str) -> None:
        if words not in self._said:
            self._said.append(words)
            self._note(words)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _answer(status: int, words: str, *fields: tuple[str, str]) -> bytes:
    body = json.dumps({"error": "authwizard capture", "message": words}).encode()
    phrase = {204: "No Content", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}.get(
        status, "Refused"
    )
    head = [f"HTTP/1.1 {status} {phrase}", *(f"{n}: {v}" for n, v in fields), "Connection: close", "Cache-Control: no-store"]
    if status == 204:
        return "\r\n".join([*head, "", ""]).encode("latin-1")
    return "\r\n".join([*head, "Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body


def _refusal(seen: CapturedRequest) -> bytes:
    words = "This address shows what was sent. Nothing was forwarded."
    return _answer(401, words, ("WWW-Authenticate", CHALLENGE), *_open_to(seen))


def _preflight(seen: CapturedRequest) -> bytes:
    """Let the browser send its request with the fields it wants to send (Fetch, "CORS protocol")."""
    allowed = [("Access-Control-Allow-Methods", _plain(seen.header("Access-Control-Request-Method"))), ("Access-Control-Max-Age", "0")]
    wanted = _plain(seen.header("Access-Control-Request-Headers"))
    if wanted:
        allowed.append(("Access-Control-Allow-Headers", wanted))
    if seen.header("Access-Control-Request-Private-Network"):
        allowed.append(("Access-Control-Allow-Private-Network", "true"))
    return _answer(204, "", *_open_to(seen), *allowed)


def _open_to(seen: CapturedRequest) -> list[tuple[str, str]]:
    """The page that asks may read the answer: it says nothing that the page did not send itself."""
    origin = _plain(seen.header("Origin"))
    if not origin:
        return []
    return [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin")]


def _plain(value: str) -> str:
    """A value that goes back into a header: nothing in it but what an origin or a list of names holds."""
    return re.sub(r"[^A-Za-z0-9!#$%&'*+.^_`|~:/,\[\] -]", "", value)[:2000].strip()
