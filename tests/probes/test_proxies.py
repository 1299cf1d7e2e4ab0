from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from authwizard.model.options import Cost
from authwizard.model.profile import Network, Profile
from authwizard.model.secret import Secret
from authwizard.probe import Request
from authwizard.probes.http_client import HttpSender
from authwizard.probes.proxies import bypasses, proxy_for, shown

from .conftest import Server, reply


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, "https://a.example/", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "https://a.example/", "http://p:1"),
        ({"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, "https://a.example/", "http://low:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://a.example/", ""),
        ({"HTTP_PROXY": "p:1"}, "http://a.example/", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a.example/", ""),
        ({"http_proxy": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a.example/", "http://p:1"),
        ({"ALL_PROXY": "http://all:1"}, "https://a.example/", "http://all:1"),
        ({"ALL_PROXY": "http://all:1", "NO_PROXY": "example"}, "https://a.example/", ""),
    ],
)
def test_the_environments_proxy(environ: dict[str, str], url: str, proxy: str) -> None:
    assert proxy_for(url, "env", environ) == proxy
    assert proxy_for(url, "none", environ) == ""
    assert proxy_for(url, "http://own:2", environ) == "http://own:2"


@pytest.mark.parametrize(
    ("host", "port", "entries", "exempt"),
    [
        ("a.example", None, "*", True),
        ("a.example", None, ".example", True),
        ("a.example", None, "*.example", True),
        ("a.example", None, "b.example, A.Example", True),
        ("ba.example", None, "a.example", False),
        ("a.example", 8080, "a.example:8080", True),
        ("a.example", 8081, "a.example:8080", False),
        ("127.0.0.1", None, "127.0.0.0/8", True),
        ("10.0.0.1", None, "127.0.0.0/8", False),
        ("a.example", None, "127.0.0.0/8", False),
        ("::1", None, "[::1]", True),
        ("::1", 99, "[::1]:99", True),
        ("::1", None, "::1", True),
        ("a.example", None, " , ", False),
        ("a.example", None, "nonsense/99", False),
    ],
)
def test_no_proxy(host: str, port: int | None, entries: str, exempt: bool) -> None:
    assert bypasses(host, port, entries) is exempt


def test_a_proxys_password_is_not_shown() -> None:
    assert shown("http://ann:secret-77@p.example:3128") == "http://p.example:3128"


def through(proxy: Server, url: str, **user: str) -> Profile:
    address = proxy.url.replace("://", f"://{user['user']}@") if user else proxy.url
    return Profile("t", url, "GET /x", network=Network(proxy=address, timeout_seconds=2))


def get(url: str, **more: Any) -> Request:
    return Request("P0", "test", Cost.C2, "api", "GET", url, (("Authorization", Secret("Bearer " + "t0k" * 12)),), **more)


async def test_a_plain_request_goes_through_the_proxy_and_past_it_when_direct(
    serve: Callable[..., Awaitable[Server]], make_sender: Callable[..., HttpSender]
) -> None:
    proxy = await serve(lambda r: reply(407, headers={"Proxy-Authenticate": 'Basic realm="p"'}))
    api = await serve(lambda r: reply(200))
    sender = make_sender(through(proxy, api.url))
    seen = (await sender.send(get(api.url + "/x"))).exchange
    assert (seen.status, seen.header("proxy-authenticate")) == (407, 'Basic realm="p"')
    assert proxy.requests[0].target == api.url + "/x"
    assert (await sender.send(get(api.url + "/x", direct=True))).exchange.status == 200
    assert len(proxy.requests) == 1


async def test_407_to_connect_is_an_answer_with_that_status(
    serve: Callable[..., Awaitable[Server]], make_sender: Callable[..., HttpSender]
) -> None:
    proxy = await serve(lambda r: reply(407, headers={"Proxy-Authenticate": "Basic"}))
    seen = (await make_sender(through(proxy, "https://127.0.0.1:1")).send(get("https://127.0.0.1:1/x"))).exchange
    assert (seen.status, seen.fault) == (407, None)
    assert proxy.requests[0].method == "CONNECT"
    assert proxy.requests[0].header("authorization") is None


@pytest.mark.parametrize(
    ("answer", "words"), [(reply(403), "403"), (reply(502), "502"), (b"", "without an answer"), (b"junk\r\n\r\n", "not valid HTTP")]
)
async def test_a_proxy_that_refuses_the_tunnel_is_a_proxy_fault(
    serve: Callable[..., Awaitable[Server]], make_sender: Callable[..., HttpSender], answer: bytes, words: str
) -> None:
    proxy = await serve(lambda r: answer)
    seen = (await make_sender(through(proxy, "https://127.0.0.1:1")).send(get("https://127.0.0.1:1/x"))).exchange
    assert seen.fault is not None
    assert seen.fault.layer == "proxy"
    assert words in seen.fault.text


async def test_a_proxys_credentials_are_sent_to_it_and_never_recorded(
    serve: Callable[..., Awaitable[Server]], make_sender: Callable[..., HttpSender]
) -> None:
    import base64

    password = "pr0xy-Pass-word"
    pair = base64.b64encode(f"ann:{password}".encode()).decode()
    proxy = await serve(lambda r: reply(407, f"you sent {r.header('proxy-authorization')} {password}"))
    for url in ("http://127.0.0.1:1", "https://127.0.0.1:1"):
        seen = (await make_sender(through(proxy, url, user=f"ann:{password}")).send(get(url + "/x"))).exchange
        assert seen.status == 407
        assert password not in repr(seen)
        assert pair not in repr(seen)
    assert [r.header("proxy-authorization") for r in proxy.requests] == [f"Basic {pair}"] * 2


async def test_a_proxy_that_is_not_there(make_sender: Callable[..., HttpSender], unused_tcp_port: int) -> None:
    network = Network(proxy=f"http://127.0.0.1:{unused_tcp_port}", timeout_seconds=2)
    for url in ("https://127.0.0.1:1", "http://127.0.0.1:1"):
        seen = (await make_sender(Profile("t", url, "GET /x", network=network)).send(get(url + "/x"))).exchange
        assert seen.fault is not None
        assert seen.fault.layer == "proxy"
        assert "proxy" in seen.fault.text


@pytest.mark.parametrize(("proxy", "words"), [("socks5://127.0.0.1:1", "socksio"), ("ftp://127.0.0.1:1", "no http://")])
async def test_a_proxy_of_another_kind_is_named(make_sender: Callable[..., HttpSender], proxy: str, words: str) -> None:
    seen = (
        await make_sender(Profile("t", "https://127.0.0.1:1", "GET /", network=Network(proxy=proxy))).send(get("https://127.0.0.1:1/x"))
    ).exchange
    assert seen.fault is not None
    assert seen.fault.layer == "proxy"
    assert words in seen.fault.text


async def test_the_environments_proxy_is_used_and_no_proxy_heeded(
    serve: Callable[..., Awaitable[Server]], make_sender: Callable[..., HttpSender]
) -> None:
    proxy = await serve(lambda r: reply(407))
    api = await serve(lambda r: reply(200))
    profile = Profile("t", api.url, "GET /x", network=Network(timeout_seconds=2))
    statuses = []
    for environ in ({"HTTP_PROXY": proxy.url}, {"HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}):
        statuses.append((await make_sender(profile, environ=environ).send(get(api.url + "/x"))).exchange.status)
    assert statuses == [407, 200]
    await asyncio.sleep(0)
