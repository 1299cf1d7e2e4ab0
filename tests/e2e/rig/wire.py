"""A small HTTP/1.1 server that keeps what it was asked and says exactly what it is told to, also what no good server would say."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import http
import json
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_plus, urlsplit

T = TypeVar("T")
Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """A request as it came, byte for byte (Latin-1)."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes = b""
    at: float = 0.0

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("latin-1"), keep_blank_values=True))

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def header(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def text(self) -> str:
        """All of it in one text, as it is and with percent-escapes undone, to search for secrets."""
        whole = "\n".join([self.target, *(f"{k}: {v}" for k, v in self.fields), self.body.decode("latin-1")])
        return f"{whole}\n{unquote_plus(whole)}"

    def without(self, *names: str) -> Asked:
        gone = {n.lower() for n in names}
        return Asked(self.method, self.target, tuple((k, v) for k, v in self.fields if k.lower() not in gone), self.body, self.at)


@dataclass
class Answer:
    """What is sent back; `raw` is sent instead of all else, and the connection is closed."""

    status: int
    fields: Fields = field(default_factory=list)
    body: bytes = b""
    raw: bytes | None = None

    def header(self, name: str) -> str:
        return next((v for k, v in self.fields if k.lower() == name.lower()), "")


def as_json(status: int, document: Any, *fields: tuple[str, str]) -> Answer:
    return Answer(status, [("Content-Type", "application/json"), *fields], json.dumps(document).encode())


Handler = Callable[[Asked], Answer | Awaitable[Answer]]


class Server:
    """One listener. `date_offset` seconds are added to what `Date` says; `errors` holds faults of the handler."""

    def __init__(self, handler: Handler, product: str = "") -> None:
        self.handler = handler
        self.product = product
        self.date_offset = 0.0
        self.log: list[Asked] = []
        self.errors: list[Exception] = []
        self.port = 0
        self.host = "127.0.0.1"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, self.host, 0, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end every connection."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._one(reader, writer):
                    pass
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        asked = await _read(head, reader)
        self.log.append(asked)
        try:
            answer = self.handler(asked)
            if not isinstance(answer, Answer):
                answer = await answer
        except Exception as error:
            self.errors.append(error)
            answer = Answer(500)
        writer.write(self._written(asked, answer))
        await writer.drain()
        return answer.raw is None and asked.header("connection").lower() != "close"

    def _written(self, asked: Asked, answer: Answer) -> bytes:
        if answer.raw is not None:
            return answer.raw
        fields = list(answer.fields)
        names = {name.lower() for name, _ in fields}
        if "date" not in names:
            fields.append(("Date", email.utils.formatdate(time.time() + self.date_offset, usegmt=True)))
        if self.product and "server" not in names:
            fields.append(("Server", self.product))
        if "transfer-encoding" not in names:
            fields.append(("Content-Length", str(len(answer.body))))
        reason = http.HTTPStatus(answer.status).phrase if answer.status in http.HTTPStatus._value2member_map_ else "Unknown"
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        body = b"" if asked.method == "HEAD" else answer.body
        return f"HTTP/1.1 {answer.status} {reason}\r\n{head}\r\n".encode("latin-1") + body


async def _read(head: str, reader: asyncio.StreamReader) -> Asked:
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    fields = tuple((name, value.strip(" \t")) for name, _, value in (line.partition(":") for line in lines if line))
    length = next((int(v) for k, v in fields if k.lower() == "content-length"), 0)
    body = await reader.readexactly(length) if length else b""
    return Asked(method, target, fields, body, time.time())


async def passed_on(asked: Asked, host: str, port: int, target: str = "") -> Answer:
    """Ask another server the same question and return its answer."""
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    try:
        fields = [(k, v) for k, v in asked.fields if k.lower() not in ("connection", "proxy-connection", "proxy-authorization")]
        lines = "".join(f"{k}: {v}\r\n" for k, v in [*fields, ("Connection", "close")])
        writer.write(f"{asked.method} {target or asked.target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + asked.body)
        await writer.drain()
        whole = await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = [(k, v.strip()) for k, _, v in (line.partition(":") for line in rest)]
    return Answer(int(first.split(" ")[1]), [(k, v) for k, v in pairs if k.lower() not in ("content-length", "connection")], body)


class Loop:
    """An event loop on a thread of its own, for all servers of a test process."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rig", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=20)
        self._loop.close()
