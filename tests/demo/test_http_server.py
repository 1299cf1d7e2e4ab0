"""Do the practice servers survive what clients send, within their bounds, and in silence?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authwizard.demo import http_server
from authwizard.demo.clock import Clock
from authwizard.demo.http_message import Request, Response, json_response
from authwizard.demo.http_server import MAX_BODY, HttpServer, Identity, Listener
from authwizard.demo.journal import Journal


async def echo(request: Request) -> Response:
    if request.path == "/bug":
        raise LookupError("a bug")
    if request.path == "/illegal":
        return Response(200, (("X-Broken", "a\nb"),))
    if request.path == "/empty":
        return Response(204)
    return json_response(200, {"method": request.method, "path": request.path, "query": request.query, "body": len(request.body)})


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    running = HttpServer(Listener(), Identity("echo", "echo/1", Clock()), echo, Journal())
    await running.start()
    yield running
    await running.close()


async def raw(server: HttpServer, data: bytes, *, end: bool = True) -> bytes:
    """Send bytes and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.listener.port)
    try:
        writer.write(data)
        await writer.drain()
        if end:
            writer.write_eof()
        async with asyncio.timeout(5):
            return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def test_answers_and_keeps_the_connection(server: HttpServer) -> None:
    async with httpx.AsyncClient(base_url=server.listener.url, trust_env=False, verify=False) as http:
        for _ in range(3):
            answer = await http.post("/a%20b?x=1&x=2", content=b"abc")
            assert answer.json() == {"method": "POST", "path": "/a b", "query": {"x": "2"}, "body": 3}
        assert answer.headers["Server"] == "echo/1"
        assert answer.headers["Date"].endswith(" GMT")
        assert (await http.head("/x")).headers["Content-Length"] != "0"
        empty = await http.get("/empty")
        assert (empty.status_code, empty.headers.get("Content-Length")) == (204, None)
        assert len({entry.port for entry in server.journal.entries}) == 1
    assert len(server._connections) <= 1


async def test_pipelined_requests_are_answered_in_order(server: HttpServer) -> None:
    one = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = await raw(server, one % 1 + one % 2)
    assert answer.index(b'"/1"') < answer.index(b'"/2"')


async def test_absolute_form_and_expect(server: HttpServer) -> None:
    answer = await raw(server, b"GET http://a.test/p?q=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert b'"path": "/p"' in answer
    reader, writer = await asyncio.open_connection("127.0.0.1", server.listener.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
    writer.write(b"ab")
    assert b'"body": 2' in await reader.read()
    writer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS handshake
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",  # without Host
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nA: b\x00c\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
async def test_bad_input_gets_a_400(server: HttpServer, data: bytes) -> None:
    assert (await raw(server, data)).startswith(b"HTTP/1.1 400 ")
    assert [(e.method, e.status) for e in server.journal.entries] == [("", 400)]


async def test_too_much_is_refused(server: HttpServer) -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 200_000
    assert (await raw(server, head)).startswith(b"HTTP/1.1 431 ")
    chunk = b"%x\r\n%b\r\n" % (MAX_BODY, b"x" * MAX_BODY)
    body = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk[: MAX_BODY // 2]
    assert (await raw(server, body)).startswith(b"HTTP/1.1 413 ")


async def test_a_half_request_ends_quietly(server: HttpServer) -> None:
    assert await raw(server, b"") == b""
    await raw(server, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
    assert server.errors == []


async def test_a_silent_connection_is_closed(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "IDLE_SECONDS", 0.02)
    assert await raw(server, b"GET / HTTP/1.1\r\n", end=False) == b""
    assert server.errors == []


async def test_a_bug_is_a_500_and_is_kept(server: HttpServer, capfd: pytest.CaptureFixture[str]) -> None:
    async with httpx.AsyncClient(base_url=server.listener.url, trust_env=False, verify=False) as http:
        assert (await http.get("/bug")).status_code == 500
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/illegal")
        assert (await http.get("/")).status_code == 200
    assert [type(error).__name__ for error in server.errors] == ["LookupError", "LocalProtocolError"]
    assert capfd.readouterr() == ("", "")


async def test_closing_ends_open_connections(capfd: pytest.CaptureFixture[str]) -> None:
    waiting = asyncio.Event()

    async def never(_request: Request) -> Response:
        waiting.set()
        await asyncio.Event().wait()
        raise AssertionError

    server = HttpServer(Listener(), Identity("slow", "slow/1", Clock()), never, Journal())
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.listener.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    await waiting.wait()
    await server.close()
    await server.close()
    assert await rest(reader) == b""
    writer.close()
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", server.listener.port)
    assert capfd.readouterr() == ("", "")


async def test_a_connection_cancelled_before_its_first_step_is_closed_too() -> None:
    server = HttpServer(Listener(), Identity("echo", "echo/1", Clock()), echo, Journal())
    accepted: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
    accept = server._accept

    def stop_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accept(reader, writer)
        accepted.set_result(writer)
        closing.append(asyncio.create_task(server.close()))
        next(iter(server._connections)).cancel()

    closing: list[asyncio.Task[None]] = []
    server._accept = stop_at_once  # type: ignore[method-assign]
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.listener.port)
    async with asyncio.timeout(5):
        served = await accepted
        await closing[0]
        assert await rest(reader) == b""
    assert served.transport.is_closing()
    writer.close()


async def test_a_connection_that_comes_while_closing_is_not_served(server: HttpServer) -> None:
    closed = HttpServer(Listener(), Identity("echo", "echo/1", Clock()), echo, Journal())
    await closed.start()
    await closed.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.listener.port)
    closed._accept(reader, writer)
    assert writer.transport.is_closing()
    assert closed._connections == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda b: b"GET / HTTP/1.1\r\nHost: a\r\n" + b + b"\r\n\r\n")))
def test_no_bytes_make_it_stumble(data: bytes) -> None:
    async def once() -> list[Exception]:
        server = HttpServer(Listener(), Identity("echo", "echo/1", Clock()), echo, Journal())
        await server.start()
        try:
            await raw(server, data)
        finally:
            await server.close()
        return server.errors

    assert asyncio.run(once()) == []
