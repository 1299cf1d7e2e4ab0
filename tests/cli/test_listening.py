"""The port that captures: one request, one 401, and patience with everything else that may come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from authwizard.cli import listening
from authwizard.cli.listening import AS_PROXY, HTTP2_SPOKEN, HTTPS_SPOKEN, TOO_LARGE, UNREADABLE, Listener
from authwizard.model.errors import UsageError

PLAIN = b"GET /v2/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer plainly-fake\r\n\r\n"
PREFLIGHT = (
    b"OPTIONS /v2/me HTTP/1.1\r\nOrigin: https://app.example.com\r\nAccess-Control-Request-Method: PUT\r\n"
    b"Access-Control-Request-Headers: authorization,x-tenant\r\nAccess-Control-Request-Private-Network: true\r\n\r\n"
)


@pytest.fixture
async def listener(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    monkeypatch.setattr(listening, "LINGER_SECONDS", 0.2)
    said: list[str] = []
    made = Listener(0, said.append)
    await made.open()
    yield made
    await made.close()
    assert tuple(said) == made.notes


async def ask(listener: Listener, data: bytes, *, end: bool = True) -> bytes:
    """Send bytes and read the answer to its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(data)
    if end:
        writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


async def test_a_request_is_answered_with_401_and_caught(listener: Listener) -> None:
    answer = await ask(listener, PLAIN, end=False)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'WWW-Authenticate: Bearer realm="authwizard capture"\r\n' in answer
    assert b"plainly-fake" not in answer
    seen = await listener.caught(5)
    assert seen is not None
    assert seen.header("authorization") == "Bearer plainly-fake"


async def test_later_requests_are_refused_and_do_not_count(listener: Listener) -> None:
    await ask(listener, PLAIN)
    assert (await ask(listener, PLAIN.replace(b"/v2/me", b"/other"))).startswith(b"HTTP/1.1 401 ")
    seen = await listener.caught(5)
    assert seen is not None
    assert seen.target == "/v2/me"


@pytest.mark.parametrize(
    ("data", "begins", "note"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x15\x03", HTTPS_SPOKEN),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", b"\x00\x00\x00\x04", HTTP2_SPOKEN),
        (b"CONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 405", AS_PROXY),
        (b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 400", UNREADABLE),
        (b"GET / HTTP/7\r\n\r\n", b"HTTP/1.1 400", UNREADABLE),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"", UNREADABLE),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * (80 << 10), b"HTTP/1.1 431", TOO_LARGE),
    ],
    ids=["https", "http2", "proxy", "ssh", "version", "broken off", "large"],
)
async def test_what_is_no_plain_request_is_said_and_waited_past(listener: Listener, data: bytes, begins: bytes, note: str) -> None:
    assert (await ask(listener, data)).startswith(begins)
    assert listener.notes == (note,)
    await ask(listener, data)
    assert listener.notes == (note,), "each thing is said once"
    await ask(listener, PLAIN)
    assert await listener.caught(5) is not None


async def test_a_browser_is_let_through_to_its_request(listener: Listener) -> None:
    answer = await ask(listener, PREFLIGHT)
    assert answer.startswith(b"HTTP/1.1 204 ")
    for field in (
        b"Access-Control-Allow-Origin: https://app.example.com", b"Access-Control-Allow-Methods: PUT",
        b"Access-Control-Allow-Headers: authorization,x-tenant", b"Access-Control-Allow-Private-Network: true",
    ):  # fmt: skip
        assert field in answer
    assert (await ask(listener, b"GET /favicon.ico HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
    assert b"Access-Control-Allow-Origin: https://app.example.com" in await ask(
        listener, PLAIN.replace(b"Host: x", b"Host: x\r\nOrigin: https://app.example.com")
    )
    seen = await listener.caught(5)
    assert seen is not None
    assert seen.method == "GET"


async def test_a_header_from_outside_cannot_write_one_of_its_own(listener: Listener) -> None:
    hostile = PREFLIGHT.replace(b"https://app.example.com", b"https://a\x00\x0bX-Evil: 1;<script>")
    answer = await ask(listener, hostile)
    assert b"\x00" not in answer
    assert b"<script>" not in answer
    assert b"\r\nX-Evil" not in answer


async def test_a_body_that_waits_for_leave_or_never_ends_is_not_waited_for(listener: Listener) -> None:
    waits = b"POST /v2/me HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
    assert (await ask(listener, waits, end=False)).startswith(b"HTTP/1.1 401 ")
    assert (await ask(listener, waits + b"x" * (2 << 20))).startswith(b"HTTP/1.1 401 ")
    seen = await listener.caught(5)
    assert seen is not None
    assert seen.body_bytes == 99999999


async def test_an_idle_connection_does_not_keep_others_out(listener: Listener) -> None:
    _, idle = await asyncio.open_connection("127.0.0.1", listener.port)
    await ask(listener, PLAIN)
    assert await listener.caught(5) is not None
    idle.close()


async def test_nothing_came(listener: Listener) -> None:
    assert await listener.caught(0.05) is None
    assert listener.notes == ()


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="cannot be listened on"):
        await Listener(taken.getsockname()[1], print).open()
