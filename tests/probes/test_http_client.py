from __future__ import annotations

import asyncio
import base64
import gzip
import json
import logging
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Network, OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.probe import Halted, Request
from authwizard.probes.http_client import HttpSender
from authwizard.probes.limits import MAX_KEPT, MAX_READ
from authwizard.protocol.redaction import Redactor

from .conftest import Seen, Server, quick, reply

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., HttpSender]

TOKEN = "tok-" + "Zq9" * 20


def get(url: str | Secret, *, value: str | Secret | None = None, target: Any = "api", cost: Cost = Cost.C2, **more: Any) -> Request:
    headers = () if value is None else (("Authorization", value),)
    return Request(more.pop("id", "P0"), "test", cost, target, more.pop("method", "GET"), url, more.pop("headers", headers), **more)


def profile_for(server: Server, **network: Any) -> Profile:
    return Profile("t", server.url, "GET /x", network=Network(timeout_seconds=2, proxy="none", **network))


# ── what goes out ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_credential_goes_out_as_it_is_and_is_masked_in_the_record(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(401, "no", {"WWW-Authenticate": 'Bearer error="invalid_token"'}))
    sender = make_sender(profile_for(server))
    answer = await sender.send(get(server.url + "/x", value=Secret(f"Bearer {TOKEN}")))
    assert server.requests[0].header("Authorization") == f"Bearer {TOKEN}"
    sent = dict(answer.exchange.request_headers)
    assert sent["Authorization"].startswith("Bearer <")
    assert TOKEN not in repr(answer.exchange)
    assert answer.exchange.header("WWW-Authenticate") == 'Bearer error="invalid_token"'
    assert answer.exchange.status == 401
    assert answer.exchange.peer == f"127.0.0.1:{server.port}"
    assert answer.exchange.sent_at <= answer.exchange.received_at
    assert answer.exchange.timing_ms.keys() >= {"connect", "first_byte", "total"}


async def test_non_ascii_goes_out_as_bytes(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(401))
    sender = make_sender(profile_for(server))
    await sender.send(get(server.url + "/x", value=Secret("Bearer tökén-value")))
    await sender.send(get(server.url + "/x", value=Secret("Bearer t\udcf6k-value")))
    assert server.requests[0].raw("Authorization") == "Bearer tökén-value".encode()
    assert server.requests[1].raw("Authorization") == b"Bearer t\xf6k-value"


@pytest.mark.parametrize("bad", ["Bearer {t}\n", "Bearer {t}\r\nX: y", " Bearer {t}", "Bearer {t}\x00", "Bearer {t} ", "Bearer \ud800{t}"])
async def test_a_value_that_cannot_be_sent_is_a_local_refusal_without_the_value(serve: Serve, make_sender: Make, bad: str) -> None:
    server = await serve(lambda r: reply(200))
    sender = make_sender(profile_for(server))
    value = bad.format(t=TOKEN)
    answer = await sender.send(get(server.url + "/x", value=Secret(value)))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "refused_locally"
    assert TOKEN not in repr(answer)
    assert not server.requests
    assert sender.counts.api == 0


async def test_request_ids_have_the_same_names_and_new_values(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply())
    sender = make_sender(profile_for(server))
    for _ in range(2):
        await sender.send(get(server.url + "/x"))
    first, second = server.requests
    assert [n for n, _ in first.headers] == [n for n, _ in second.headers]
    for name in ("X-Request-Id", "traceparent"):
        assert first.header(name)
        assert first.header(name) != second.header(name)
    without = make_sender(profile_for(server, request_ids=False))
    await without.send(get(server.url + "/x"))
    assert server.requests[2].header("traceparent") is None


async def test_user_agent_is_the_profiles_or_ours(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply())
    profile = profile_for(server)
    await make_sender(profile).send(get(server.url + "/x"))
    await make_sender(replace(profile, headers={"user-agent": "app/7"})).send(get(server.url + "/x", target="metadata", cost=Cost.C1))
    assert (server.requests[0].header("User-Agent") or "").startswith("authwizard/")
    assert server.requests[1].header("User-Agent") == "app/7"


async def test_userinfo_replaces_the_header_and_is_masked(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(401, f"you said {r.header('authorization')}, or pass-word-77"))
    sender = make_sender(profile_for(server))
    url = server.url.replace("://", "://ann:pass-word-77@") + "/x"
    answer = await sender.send(get(Secret(url), value=Secret(f"Bearer {TOKEN}")))
    pair = base64.b64encode(b"ann:pass-word-77").decode()
    assert server.requests[0].header("Authorization") == f"Basic {pair}"
    record = repr(answer.exchange)
    assert pair not in record
    assert "pass-word-77" not in record


async def test_userinfo_leaves_the_header_of_a_client_that_keeps_it(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(401, "or pass-word-77"))
    url = server.url.replace("://", "://ann:pass-word-77@") + "/x"
    for client, begins in (("curl", "Bearer "), ("go", "Bearer "), ("requests", "Basic "), ("fetch", "Basic "), ("other", "Basic ")):
        sender = make_sender(replace(profile_for(server), client=client))
        answer = await sender.send(get(Secret(url), value=Secret(f"Bearer {TOKEN}")))
        assert (server.requests[-1].header("Authorization") or "").startswith(begins)
        assert "pass-word-77" not in repr(answer.exchange)
    await make_sender(replace(profile_for(server), client="curl")).send(get(Secret(url)))
    assert (server.requests[-1].header("Authorization") or "").startswith("Basic "), "without a header of its own curl sends the login"


async def test_cookies_of_one_answer_are_not_sent_with_the_next_request(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(200, headers={"Set-Cookie": "sid=abcdef123456; Path=/"}))
    sender = make_sender(profile_for(server))
    answer = await sender.send(get(server.url + "/x"))
    await sender.send(get(server.url + "/x"))
    assert server.requests[1].header("Cookie") is None
    assert "abcdef123456" not in repr(answer.exchange)


async def test_one_connection_is_reused_and_a_new_one_is_new(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply())
    sender = make_sender(profile_for(server))
    for _ in range(2):
        await sender.send(get(server.url + "/x"))
    await sender.send(get(server.url + "/x", new_connection=True))
    assert [r.connection for r in server.requests] == [1, 1, 2]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_a_kept_connection_that_ends_unanswered_is_no_fault_of_the_server(serve: Serve, make_sender: Make, method: str) -> None:
    used: set[int] = set()

    def once_a_connection(seen: Seen) -> bytes:
        again = seen.connection in used
        used.add(seen.connection)
        return b"" if again else reply(401)

    server = await serve(once_a_connection)
    sender = make_sender(profile_for(server))
    first = await sender.send(get(server.url + "/x", cost=Cost.C1, method=method))
    second = await sender.send(get(server.url + "/x", cost=Cost.C1, method=method))
    assert (first.exchange.status, second.exchange.status) == (401, 401)
    assert second.exchange.timing_ms["connect"] >= 0
    assert [r.connection for r in server.requests] == [1, 1, 2]
    assert sender.counts.api == 3, "the server was asked three times"


async def test_a_new_connection_that_ends_unanswered_is_told(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: b"")
    sender = make_sender(profile_for(server))
    answer = await sender.send(get(server.url + "/x"))
    assert answer.exchange.fault is not None
    assert "closed the connection without an answer" in answer.exchange.fault.text
    assert len(server.requests) == 1


async def test_a_spent_budget_leaves_the_ended_connection_as_it_was(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(401) if len(server.requests) == 1 else b"")
    sender = make_sender(profile_for(server), RunOptions(api_budget=2))
    await sender.send(get(server.url + "/x"))
    answer = await sender.send(get(server.url + "/x"))
    assert answer.exchange.fault is not None
    assert [r.connection for r in server.requests] == [1, 1]


async def test_what_cannot_be_sent_twice_never_goes_over_a_kept_connection(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(200, "{}"))
    sender = make_sender(profile_for(server), RunOptions(allow_write=True))
    await sender.send(get(server.url + "/x"))
    await sender.send(get(server.url + "/token", target="token", cost=Cost.C4, method="POST", body=b"grant_type=client_credentials"))
    await sender.send(get(server.url + "/x", method="POST", cost=Cost.C5, body=b"{}"))
    assert [r.connection for r in server.requests] == [1, 2, 3]


async def test_netrc_and_environment_proxies_of_this_process_are_not_read(
    serve: Serve, make_sender: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(lambda r: reply())
    (Path(os.environ["HOME"]) / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    sender = make_sender(replace(profile_for(server), network=Network(timeout_seconds=2)))
    answer = await sender.send(get(server.url + "/x"))
    assert answer.exchange.status == 200
    assert server.requests[0].header("Authorization") is None


# ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("location", ["/elsewhere", "http://[bad", "http://127.0.0.1:9/", "http://x:notaport/", "\xff\xfe"])
async def test_redirects_are_not_followed_whatever_their_location_says(serve: Serve, make_sender: Make, location: str) -> None:
    server = await serve(lambda r: reply(302, headers={"Location": location}))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x", value=Secret(TOKEN)))
    assert answer.exchange.status == 302
    assert len(server.requests) == 1


# ── own origins, plain http ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_credential_does_not_go_to_a_foreign_origin(serve: Serve, make_sender: Make) -> None:
    own = await serve(lambda r: reply())
    foreign = await serve(lambda r: reply())
    sender = make_sender(profile_for(own))
    for request in (
        get(foreign.url + "/x", value=Secret(TOKEN)),
        get(Secret(foreign.url + "/?key=" + TOKEN)),
        get(foreign.url + "/x", body=Secret(TOKEN)),
        get(foreign.url.replace("://", "://a:b@") + "/x"),
        get(foreign.url + "/x", value=Secret(TOKEN), target="token", cost=Cost.C4),
        get(own.url + "/x", value=Secret(TOKEN), target="token", cost=Cost.C4),
    ):
        with pytest.raises(Halted, match="own origins"):
            await sender.send(request)
    assert not foreign.requests
    assert not own.requests
    await sender.send(get(foreign.url + "/x", cost=Cost.C1))
    assert foreign.requests[0].header("Authorization") is None


async def test_the_authorization_servers_origin_is_its_own(serve: Serve, make_sender: Make) -> None:
    api = await serve(lambda r: reply())
    issuer = await serve(lambda r: reply())
    profile = replace(profile_for(api), oauth=OAuth(issuer=issuer.url, client_id="c"))
    sender = make_sender(profile)
    await sender.send(get(issuer.url + "/token", target="token", cost=Cost.C4, method="POST", body=Secret("x=y")))
    with pytest.raises(Halted, match="own origins"):
        await sender.send(get(issuer.url + "/x", value=Secret(TOKEN)))
    pinned = make_sender(
        replace(profile, oauth=OAuth(issuer=issuer.url, token_url=api.url + "/t", introspection_url=api.url, revocation_url=api.url))
    )
    with pytest.raises(Halted, match="own origins"):
        await pinned.send(get(issuer.url + "/token", target="token", cost=Cost.C4, method="POST", body=Secret("x=y")))
    pinned.allow_origin(issuer.url)
    await pinned.send(get(issuer.url + "/token", target="token", cost=Cost.C4, method="POST", body=Secret("x=y")))
    assert len(issuer.requests) == 2


async def test_plain_http_off_loopback_waits_for_leave(make_sender: Make) -> None:
    import httpx

    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200)

    profile = Profile("t", "http://api.example.com", "GET /x")
    for cost in (Cost.C1, Cost.C2):
        with pytest.raises(Halted, match="--allow http"):
            await make_sender(profile, transport=httpx.MockTransport(handle)).send(get("http://api.example.com/x", cost=cost))
    assert not asked
    sender = make_sender(profile, RunOptions(allow_http=True), transport=httpx.MockTransport(handle))
    await sender.send(get("http://api.example.com/x", value=Secret(TOKEN)))
    assert asked == ["http://api.example.com/x"]


@pytest.mark.parametrize("host", ["127.example.com", "127.0.0.1.example.com", "127.0.0.1.", "localhost.example.com", "mylocalhost"])
async def test_a_name_that_only_looks_like_this_machine_is_none(make_sender: Make, host: str) -> None:
    url = f"http://{host}"
    with pytest.raises(Halted, match="--allow http" if host != "127.0.0.1." else "own origins"):
        await make_sender(Profile("t", "https://api.example.com", "GET /x")).send(get(url + "/x", value=Secret(TOKEN)))


async def test_a_name_of_this_machine_that_leads_elsewhere_is_given_up(
    serve: Serve, make_sender: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(lambda r: reply())
    from authwizard.probes import origins

    monkeypatch.setattr(origins, "is_loopback_address", lambda host: False)
    url = server.url.replace("127.0.0.1", "localhost")
    profile = Profile("t", url, "GET /x", network=Network(timeout_seconds=2, proxy="none"))
    answer = await make_sender(profile).send(get(url + "/x", value=Secret(TOKEN)))
    assert answer.exchange.fault is not None
    assert (answer.exchange.fault.layer, "--allow http" in answer.exchange.fault.text) == ("refused_locally", True)
    assert not answer.sent
    assert not server.requests
    answer = await make_sender(profile, RunOptions(allow_http=True)).send(get(url + "/x", value=Secret(TOKEN)))
    assert answer.exchange.status == 200


async def test_plain_http_of_this_machine_does_not_leave_it_through_a_proxy(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply())
    environ = {"HTTP_PROXY": "http://u:p@proxy.example.com:3128"}
    profile = Profile("t", server.url, "GET /x", network=Network(timeout_seconds=2))
    with pytest.raises(Halted, match=r"through the proxy http://proxy\.example\.com:3128, off this machine"):
        await make_sender(profile, environ=environ).send(get(server.url + "/x", value=Secret(TOKEN)))
    for more in ({"no_proxy": "127.0.0.1"}, {"http_proxy": server.url}):
        assert (await make_sender(profile, environ={**environ, **more}).send(get(server.url + "/x"))).exchange.status == 200


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.1.1]", "2852039166", "0xa9fea9fe"])
async def test_link_local_addresses_are_never_asked_for_metadata(make_sender: Make, host: str) -> None:
    sender = make_sender(Profile("t", "https://api.example.com", "GET /x"))
    with pytest.raises(Halted, match="link-local"):
        await sender.send(get(f"https://{host}/", target="metadata", cost=Cost.C1))
    with pytest.raises(Halted, match="link-local"):  # where a redirect of the API leads
        await sender.send(get(f"https://{host}/", target="api", cost=Cost.C1))
    sender.allow_origin(f"https://{host}")
    with pytest.raises(Halted, match="link-local"):
        await sender.send(get(f"https://{host}/", target="token", cost=Cost.C4, value=Secret(TOKEN)))


async def test_a_name_that_leads_to_a_link_local_address_is_given_up_before_anything_is_sent(
    serve: Serve, make_sender: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(lambda r: reply())
    from authwizard.probes import origins

    monkeypatch.setattr(origins, "is_link_local", lambda host: host == "127.0.0.1")
    answer = await make_sender(profile_for(server)).send(
        get(server.url.replace("127.0.0.1", "localhost") + "/x", target="metadata", cost=Cost.C1)
    )
    assert answer.exchange.fault is not None
    assert "link-local" in answer.exchange.fault.text
    assert not server.requests


# ── limits of an answer ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_large_body_is_read_to_the_limit_and_cut_in_the_record(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(200, b"x" * 10_000_000))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert len(answer.raw) == MAX_READ
    assert answer.exchange.body_bytes == MAX_READ
    assert 0 < len(answer.exchange.body) <= MAX_KEPT
    assert "1 MiB" in answer.exchange.body_cut


async def test_a_body_between_the_limits_is_read_whole_and_kept_in_part(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(200, b"word " * 40_000))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert len(answer.raw) == 200_000
    assert len(answer.exchange.body) <= MAX_KEPT
    assert "200000" in answer.exchange.body_cut


async def test_an_endless_body_ends(serve: Serve, make_sender: Make) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"4000\r\n" + b"y" * 0x4000 + b"\r\n"

    server = await serve(lambda r: endless())
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert (answer.exchange.status, answer.exchange.body_bytes) == (401, MAX_READ)


async def test_a_slow_drip_ends_with_the_time_a_request_has(serve: Serve, make_sender: Make) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 401 No\r\nContent-Length: 9999\r\n\r\n"
        while True:
            yield b"z"
            await asyncio.sleep(0.02)

    server = await serve(lambda r: drip())
    began = asyncio.get_running_loop().time()
    answer = await make_sender(quick(profile_for(server))).send(get(server.url + "/x"))
    assert asyncio.get_running_loop().time() - began < 20
    assert answer.exchange.status == 401
    assert "not complete within 0.3 s" in answer.exchange.body_cut


async def test_headers_that_drip_end_too(serve: Serve, make_sender: Make) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 401 No\r\n"
        while True:
            yield b"A: b\r\n"
            await asyncio.sleep(0.02)

    server = await serve(lambda r: drip())
    answer = await make_sender(quick(profile_for(server))).send(get(server.url + "/x"))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "timeout"


async def test_nothing_at_all_is_a_time_out(serve: Serve, make_sender: Make) -> None:
    async def silence() -> AsyncIterator[bytes]:
        await asyncio.sleep(30)
        yield b""

    server = await serve(lambda r: silence())
    answer = await make_sender(quick(profile_for(server))).send(get(server.url + "/x"))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "timeout"
    assert answer.exchange.received_at == 0


@pytest.mark.parametrize(
    ("data", "layer"),
    [(b"", "protocol"), (b"\x00\xff\x16garbage\r\n\r\n", "protocol"), (b"HTTP/1.1 abc\r\n\r\n", "protocol")],
)
async def test_garbage_is_a_protocol_fault(serve: Serve, make_sender: Make, data: bytes, layer: str) -> None:
    async def once() -> AsyncIterator[bytes]:
        yield data

    server = await serve(lambda r: once())
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == layer


async def test_huge_headers_are_too_large(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: b"HTTP/1.1 401 No\r\nX: " + b"h" * 300_000 + b"\r\n\r\n")
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "too_large"


async def test_many_and_long_header_fields_are_bounded(serve: Serve, make_sender: Make) -> None:
    fields = {f"X-{i}": "v" for i in range(500)} | {"X-Long": "l" * 20_000}
    server = await serve(lambda r: reply(200, headers=dict(reversed(fields.items()))))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert len(answer.exchange.response_headers) == 100
    assert len(answer.exchange.header("X-Long") or "") < 8300


async def test_a_gzip_bomb_stops_at_the_limit(serve: Serve, make_sender: Make) -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    server = await serve(lambda r: reply(200, bomb, {"Content-Encoding": "gzip"}))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert len(answer.raw) == MAX_READ


@pytest.mark.parametrize(
    ("coding", "data", "text", "cut"),
    [
        ("gzip", gzip.compress(b'{"a":1}'), '{"a":1}', ""),
        ("deflate", zlib.compress(b'{"a":1}'), '{"a":1}', ""),
        ("deflate", zlib.compress(b'{"a":1}')[2:-4], '{"a":1}', ""),
        ("gzip", b"not gzip at all", "", "not valid gzip"),
        ("br", b"\x0b\x03\x80abc\x03", None, "br"),
        ("identity", b"plain", "plain", ""),
    ],
)
async def test_codings(serve: Serve, make_sender: Make, coding: str, data: bytes, text: str | None, cut: str) -> None:
    server = await serve(lambda r: reply(200, data, {"Content-Encoding": coding}))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert answer.exchange.status == 200
    assert text is None or answer.exchange.body == text
    assert cut in answer.exchange.body_cut
    assert bool(cut) == bool(answer.exchange.body_cut)


async def test_a_body_that_breaks_off_keeps_its_status(serve: Serve, make_sender: Make) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\nhalf of it"

    server = await serve(lambda r: half())
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    assert (answer.exchange.status, answer.exchange.fault) == (401, None)
    assert "broke off" in answer.exchange.body_cut


async def test_control_characters_of_an_answer_are_neutralised(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(401, "\x1b[2Jred\u202e", {"Server": "a\x1b]0;x\x07b", "Content-Type": "text/plain; charset=idna"}))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x"))
    record = answer.exchange.body + (answer.exchange.header("server") or "")
    assert "\x1b" not in record
    assert "\u202e" not in record


# ── redaction of what is recorded ────────────────────────────────────────────────────────────────────────────────────


def _echo(text: str) -> list[str]:
    from urllib.parse import quote

    return [text, base64.b64encode(text.encode()).decode(), quote(text, safe=""), base64.b64encode(f"Bearer {text}".encode()).decode()]


@pytest.mark.parametrize("how", range(4))
async def test_an_echoed_credential_is_masked_in_every_spelling(serve: Serve, make_sender: Make, how: int) -> None:
    secret = "s3cr+t/Value=" + "Kd8" * 8
    said = _echo(secret)[how]
    server = await serve(lambda r: reply(401, f'{{"got": "{said}"}}', {"X-Echo": said, "Location": f"https://other.example/?t={said}"}))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x", value=Secret(f"Bearer {secret}")))
    assert said not in repr(answer.exchange)
    assert "got" in answer.exchange.body


async def test_a_secret_that_the_body_limit_cuts_in_two_leaves_no_first_half(serve: Serve, make_sender: Make) -> None:
    """Masks are shorter than what they mask, so the cut end of a long text can move into what is kept."""
    long = "tok-" + "".join(f"{n:05d}" for n in range(200))
    server = await serve(lambda r: reply(401, (long.encode() * 3000)[: 2 * MAX_READ + 77]))
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x", value=Secret(f"Bearer {long}")))
    assert long[:12] not in answer.exchange.body


async def test_a_secret_that_breaks_off_leaves_no_first_half(serve: Serve, make_sender: Make) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 401 No\r\nContent-Length: 1000\r\n\r\nyou sent: " + TOKEN[:40].encode()

    server = await serve(lambda r: half())
    answer = await make_sender(profile_for(server)).send(get(server.url + "/x", value=Secret(f"Bearer {TOKEN}")))
    assert TOKEN[:12] not in answer.exchange.body
    assert "you sent" in answer.exchange.body


async def test_nothing_of_a_request_reaches_the_log(serve: Serve, make_sender: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = await serve(lambda r: reply())
    sender = make_sender(profile_for(server))
    await sender.send(get(Secret(f"{server.url}/x?api_key={TOKEN}"), value=Secret(TOKEN)))
    assert server.requests[0].target.endswith(TOKEN)
    assert not [r for r in caplog.records if r.name.startswith(("httpx", "httpcore", "h11", "hpack"))]
    assert TOKEN not in caplog.text
    assert TOKEN not in sender.exchanges[0].url


# ── transport faults ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_closed_port_is_a_connect_fault(make_sender: Make, unused_tcp_port: int) -> None:
    profile = Profile("t", f"http://127.0.0.1:{unused_tcp_port}", "GET /x")
    answer = await make_sender(profile).send(get(profile.base_url + "/x", value=Secret(TOKEN)))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "connect"
    assert "refused" in answer.exchange.fault.text


async def test_an_unknown_name_is_a_dns_fault(make_sender: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    async def getaddrinfo(*arguments: Any, **more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    answer = await make_sender(Profile("t", "https://api.invalid", "GET /x")).send(get("https://api.invalid/x"))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "dns"


async def test_plain_http_behind_https_is_a_tls_fault(make_sender: Make) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(400))
        await reader.read(64)
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        answer = await make_sender(Profile("t", url, "GET /x")).send(get(url + "/x"))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "tls"
    assert "WRONG_VERSION" in answer.exchange.fault.text


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "https://[::1/", "no address", "https://a:b/", ""])
async def test_an_address_of_no_use_is_refused_locally(make_sender: Make, url: str) -> None:
    answer = await make_sender(Profile("t", "https://api.example.com", "GET /x")).send(get(url))
    assert answer.exchange.fault is not None
    assert answer.exchange.fault.layer == "refused_locally"


async def test_files_of_the_profile_that_cannot_be_used_are_named(make_sender: Make, tmp_path: Any) -> None:
    for network in (Network(ca_bundle=str(tmp_path / "none.pem")), Network(client_cert=str(tmp_path / "none.pem"))):
        answer = await make_sender(Profile("t", "https://127.0.0.1:9", "GET /x", network=network)).send(get("https://127.0.0.1:9/x"))
        assert answer.exchange.fault is not None
        assert answer.exchange.fault.layer == "tls"
        assert "none.pem" in answer.exchange.fault.text


async def test_cancelling_leaves_nothing_behind(serve: Serve, make_sender: Make) -> None:
    async def silence() -> AsyncIterator[bytes]:
        await asyncio.sleep(30)
        yield b""

    server = await serve(lambda r: silence())
    sender = make_sender(profile_for(server))
    task = asyncio.ensure_future(sender.send(get(server.url + "/x")))
    while not server.requests:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sender.exchanges == ()
    assert sender.counts.api == 1


async def test_at_most_four_requests_to_one_host_are_in_flight(serve: Serve, make_sender: Make) -> None:
    inside = most = 0
    full = asyncio.Event()

    async def answer() -> bytes:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        if inside == 4:
            full.set()
        await asyncio.wait_for(full.wait(), 20)
        await asyncio.sleep(0.02)  # in which a fifth would come
        inside -= 1
        return reply()

    server = await serve(lambda r: answer())
    sender = make_sender(profile_for(server))
    await asyncio.gather(*(sender.send(get(server.url + "/x", id=str(i))) for i in range(10)))
    assert most == 4
    assert [e.id for e in sender.exchanges] == [str(i) for i in range(10)]


async def test_seen_is_whole(serve: Serve, make_sender: Make) -> None:
    """A body goes out whole with its length."""
    server = await serve(lambda r: reply())
    sender = make_sender(profile_for(server), RunOptions(allow_write=True))
    await sender.send(get(server.url + "/x", method="POST", cost=Cost.C5, body=b"a=b", headers=(("Content-Type", "text/plain"),)))
    seen: Seen = server.requests[0]
    assert (seen.method, seen.body, seen.header("content-length")) == ("POST", b"a=b", "3")


def test_the_sender_shows_no_secret_in_its_repr() -> None:
    redactor = Redactor()
    redactor.add("access_token", Secret(TOKEN))
    assert TOKEN not in repr(HttpSender(Profile("t", "https://x.example", "GET /"), RunOptions(), redactor))


async def test_what_must_be_kept_is_handed_over_before_the_record_is_made(serve: Serve, make_sender: Make) -> None:
    server = await serve(lambda r: reply(201, b"raw body", {"X-A": "b"}))
    sender = make_sender(profile_for(server))
    handed: list[Any] = []

    async def at_once(status: int, fields: tuple[tuple[str, str], ...], body: bytes) -> None:
        handed.append((status, dict(fields)["X-A"], body, sender.exchanges))

    await sender.send(get(server.url + "/x", at_once=at_once))
    assert handed == [(201, "b", b"raw body", ())]


async def test_it_is_known_whether_a_request_left(serve: Serve, make_sender: Make, unused_tcp_port: int) -> None:
    async def silence() -> AsyncIterator[bytes]:
        await asyncio.sleep(30)
        yield b""

    server = await serve(lambda r: silence())
    assert (await make_sender(quick(profile_for(server), 0.2)).send(get(server.url + "/x"))).sent
    closed = f"http://127.0.0.1:{unused_tcp_port}/x"
    assert not (await make_sender(profile_for(server)).send(get(closed, cost=Cost.C1))).sent
    assert not (await make_sender(profile_for(server)).send(get(server.url + "/x", headers=(("X", "a\nb"),)))).sent


async def test_a_hostile_body_does_not_hold_the_run_up(serve: Serve, make_sender: Make) -> None:
    """Redaction of the largest body that is looked at ends in a time a person does not notice."""
    for piece in (b"eyJ", b"%41", b"\\\\", b"&amp;", b"access_token=", b"Bearer ", b"A"):
        server = await serve(lambda r, piece=piece: reply(401, piece * (200_000 // len(piece))))
        sender = make_sender(profile_for(server))
        began = asyncio.get_running_loop().time()
        await sender.send(get(server.url + "/x", value=Secret(f"Bearer {TOKEN}")))
        assert asyncio.get_running_loop().time() - began < 3, piece


async def test_what_only_its_name_tells_to_be_a_secret_is_masked_in_an_echo(serve: Serve, make_sender: Make) -> None:
    signature, key = "Pw-5f" + "iLq7" * 3, "Kd8x" * 4
    server = await serve(lambda r: reply(401, json.dumps({"path": r.target, "echo": r.header("X-Vault-Token")})))
    profile = replace(profile_for(server), headers={"X-Vault-Token": key})
    answer = await make_sender(profile).send(replace(get(f"{server.url}/x?page=2&sig={signature}"), headers=(("X-Vault-Token", key),)))
    assert signature.encode() in server.requests[0].target.encode()
    assert "page=2" in answer.exchange.body
    assert signature not in repr(answer.exchange)
    assert key not in repr(answer.exchange)
