"""What the tests of the probes stand on: tiny servers on 127.0.0.1, a vault in memory, and a world to look at."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.evidence import CredentialSeen, SecretState, StoredSecrets
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.model.token import TokenSeen
from authwizard.model.vault import SecretRead
from authwizard.probe import World
from authwizard.probes.http_client import HttpSender
from authwizard.protocol.redaction import Redactor


@dataclass
class Seen:
    """One request as the server got it."""

    method: str
    target: str
    headers: list[tuple[str, bytes]]
    body: bytes = b""
    connection: int = 0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        return next((v.decode("latin-1") for n, v in self.headers if n.lower() == name.lower()), None)

    def raw(self, name: str) -> bytes | None:
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)


def reply(status: int = 200, body: bytes | str = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Compose a whole answer; the connection stays open."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(data)}", *(f"{n}: {v}" for n, v in (headers or {}).items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


Handler = Callable[[Seen], "bytes | Awaitable[bytes] | AsyncIterator[bytes]"]


@dataclass
class Server:
    """A server that answers with what its handler returns: bytes as they are, in pieces where it yields them."""

    handler: Handler
    port: int = 0
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    scheme: str = "http"
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def start(self, tls: Any = None) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.scheme = "https" if tls else "http"
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.append(writer)
        self.connections += 1
        number = self.connections
        try:
            while (seen := await _read_request(reader, number)) is not None:
                self.requests.append(seen)
                if not await self._answer(seen, writer):
                    return
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        given = self.handler(seen)
        if isinstance(given, bytes):
            writer.write(given)
            await writer.drain()
            return bool(given) and b"\r\nConnection: close" not in given
        if isinstance(given, AsyncIterator):
            async for piece in given:
                writer.write(piece)
                await writer.drain()
            return False
        writer.write(await given)
        await writer.drain()
        return True


async def _read_request(reader: asyncio.StreamReader, connection: int) -> Seen | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head.strip():
        return None
    line, *fields = head.rstrip(b"\r\n").split(b"\r\n")
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = [(n.decode("latin-1"), v.strip(b" ")) for n, _, v in (f.partition(b":") for f in fields)]
    length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
    return Seen(method, target, headers, await reader.readexactly(length), connection)


@dataclass
class MemoryVault:
    """A vault in memory that remembers what was kept, and can refuse."""

    values: dict[str, str] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    cannot_keep: dict[str, str] = field(default_factory=dict)
    fails_preflight: dict[str, str] = field(default_factory=dict)
    fails_to_keep: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    settled: list[bool] = field(default_factory=list)
    said: str = ""

    async def read(self, field: str) -> SecretRead:
        if field in self.unavailable:
            return SecretRead(field, "unavailable", source="keyring", why=self.unavailable[field])
        if field not in self.values:
            return SecretRead(field, "absent", source="memory")
        return SecretRead(field, "present", Secret(self.values[field]), "memory")

    def can_keep(self, field: str) -> str | None:
        return self.cannot_keep.get(field)

    async def preflight(self, field: str) -> str | None:
        self.log.append(f"preflight {field}")
        return self.fails_preflight.get(field, self.can_keep(field))

    async def keep(self, field: str, value: Secret, expires_in: int | None = None) -> str:
        self.log.append(f"keep {field}")
        if field in self.fails_to_keep:
            raise StoreError("The keyring refused the write.")
        self.values[field] = value.reveal()
        return "memory"

    async def settle(self, field: str, *, unknown: bool = False) -> str:
        self.settled.append(unknown)
        return self.said

    async def accepted(self, *, renewed: bool) -> str:
        self.log.append(f"accepted{' renewed' if renewed else ''}")
        return self.said


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """Start servers: `await serve(handler)`; all end with the test."""
    servers: list[Server] = []

    async def start(handler: Handler, tls: Any = None) -> Server:
        server = Server(handler)
        servers.append(server)
        return await server.start(tls)

    yield start
    for server in servers:
        await server.stop()


@pytest.fixture
async def make_sender() -> AsyncIterator[Callable[..., HttpSender]]:
    """Make senders that are closed with the test."""
    senders: list[HttpSender] = []

    def make(profile: Profile, options: RunOptions | None = None, redactor: Redactor | None = None, **more: Any) -> HttpSender:
        sender = HttpSender(profile, options or RunOptions(), redactor or Redactor(), **more)
        senders.append(sender)
        return sender

    yield make
    for sender in senders:
        await sender.aclose()


@pytest.fixture
def make_world(make_sender: Callable[..., HttpSender]) -> Callable[..., World]:
    """Make a world: profile, options, secrets by field; the sender is the real one."""

    def make(profile: Profile, secrets: Mapping[str, str] | None = None, options: RunOptions | None = None, **more: Any) -> World:
        chosen = options or RunOptions()
        redactor = Redactor(b"k" * 32)
        vault = more.pop("vault", None) or MemoryVault(dict(secrets or {}))
        transport = more.pop("transport", None)
        sender = make_sender(profile, chosen, redactor, environ=more.get("environ", {}), transport=transport)
        return World(profile, chosen, vault, sender, redactor, install_key=b"k" * 32, **more)

    return make


def quick(profile: Profile, seconds: float = 0.3) -> Profile:
    """The same profile with a short time-out."""
    return replace(profile, network=replace(profile.network, timeout_seconds=seconds))


def stored(**secrets: str) -> StoredSecrets:
    """Evidence of stored secrets."""
    return StoredSecrets({n: SecretState(n, "present", "memory", length=len(v), secret=Secret(v)) for n, v in secrets.items()})


def bearer(
    token: str, *, name: str = "Authorization", scheme: str = "Bearer", kind: str = "bearer", place: Any = "header"
) -> CredentialSeen:
    """Evidence of a credential as P0 sends it."""
    value = f"{scheme} {token}" if scheme else token
    read: Any = "jws" if token.count(".") == 2 and token.startswith("eyJ") else "opaque"
    return CredentialSeen(kind, place, name, scheme, Secret(value), TokenSeen(read, len(token)))


def a_jwt(**claims: Any) -> str:
    """A well-formed JWT that nobody signed."""
    parts = [json.dumps({"alg": "RS256", "typ": "JWT"}), json.dumps({"iss": "https://i.example", **claims})]
    signature = secrets.token_bytes(256)
    return ".".join(base64.urlsafe_b64encode(p.encode() if isinstance(p, str) else p).rstrip(b"=").decode() for p in [*parts, signature])


def dpop_key() -> str:
    """A private key as PEM, made now."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
