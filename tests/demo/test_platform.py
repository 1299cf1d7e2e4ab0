"""Does the platform start, hand out what it should, count requests, and leave nothing behind?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import tomllib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from authwizard.demo.fault import Fault
from authwizard.demo.faults import fault_named
from authwizard.demo.platform import Platform
from authwizard.demo.settings import Clocks, PlatformSettings
from authwizard.model.errors import UsageError

Start = Any


@pytest.mark.parametrize(
    ("name", "api", "auth"),
    [("healthy", 0, 0), ("clock_skew_client", 660, 660), ("clock_skew_server", 7620, 0), ("clock_skew_issuer_api", 0, 660)],
)
async def test_each_clock_shows_in_date(
    start: Start, date_ahead: Callable[[httpx.Response], float], name: str, api: int, auth: int
) -> None:
    seen = await start(name)
    assert date_ahead(await seen.none()) == pytest.approx(api, abs=2)
    assert date_ahead(await seen.http.get(seen.oauth["issuer"] + "/.well-known/jwks.json")) == pytest.approx(auth, abs=2)
    ahead_of_ntp = seen.platform._parts.sntp is not None and seen.platform.fault.settings.clocks.ntp
    assert ahead_of_ntp == (660 if name == "clock_skew_client" else 0)
    assert seen.profile["network"]["ntp_server"] == seen.platform.urls["ntp"]


async def test_the_ports_are_free_again(start: Start) -> None:
    async with await Platform.start(fault_named("authorization_stripped")) as platform:
        urls = dict(platform.urls)
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            assert (await http.get(urls["base"])).status_code == 200
    for name, url in urls.items():
        port = int(url.rpartition(":")[2])
        kind = socket.SOCK_DGRAM if name == "ntp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


async def test_a_port_of_ones_own_and_a_taken_one() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    async with await Platform.start(fault_named("redirect_drops_authorization"), port=free) as platform:
        assert platform.urls["base"] == f"http://127.0.0.1:{free}"
        with pytest.raises(UsageError, match=f"Port {free} is already in use"):
            await Platform.start(fault_named("healthy"), port=free)
    async with await Platform.start(fault_named("healthy"), port=free) as platform:
        assert platform.urls["api"].endswith(f":{free}")
    for wrong in (-1, 65536, 10**30):
        with pytest.raises(UsageError, match="is no port"):
            await Platform.start(fault_named("healthy"), port=wrong)


async def test_a_start_that_fails_leaves_no_port_open(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []
    real = socket.socket.listen

    def listen(self: socket.socket, *arguments: Any) -> None:
        opened.append(self)
        real(self, *arguments)

    monkeypatch.setattr(socket.socket, "listen", listen)

    async def broken(_clock: object) -> None:
        raise OSError("no clock today")

    monkeypatch.setattr("authwizard.demo.sntp.SntpServer.start", broken)
    with pytest.raises(OSError, match="no clock"):
        await Platform.start(fault_named("healthy"))
    assert len(opened) >= 4
    assert {s.fileno() for s in opened} == {-1}


async def test_a_start_that_fails_late_leaves_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    from authwizard.demo.http_server import HttpServer

    real = HttpServer.close

    async def close(self: HttpServer) -> None:
        closed.append(self.identity.name)
        await real(self)

    monkeypatch.setattr(HttpServer, "close", close)
    with pytest.raises(AttributeError):
        await Platform.start(Fault("x", "healthy", None, "x", profile=5))  # type: ignore[arg-type]
    assert sorted(closed) == ["api", "auth", "staging_api", "staging_auth"]


async def test_cancelling_a_running_platform_ends_it() -> None:
    began: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def serve() -> None:
        async with await Platform.start(fault_named("healthy")) as platform:
            began.set_result(platform.urls["base"])
            await asyncio.Event().wait()

    task = asyncio.create_task(serve())
    url = await began
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        assert (await http.get(url)).status_code == 200
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(httpx.ConnectError):
            await http.get(url)


async def test_the_log_counts_requests_without_secrets(start: Start) -> None:
    seen = await start("authorization_stripped")
    token = seen.secret("access_token")
    await seen.p0()
    await seen.send({}, "GET /v2/devices?limit=1&token=hidden")
    await seen.fresh()
    entries = [(e.server, e.method, e.path, e.status, e.authorization) for e in seen.platform.log]
    assert entries == [
        ("api", "GET", "/v2/organizations/current", 401, False),
        ("proxy", "GET", "/v2/organizations/current", 401, True),
        ("api", "GET", "/v2/devices", 401, False),
        ("proxy", "GET", "/v2/devices", 401, False),
        ("auth", "POST", "/oauth/token", 200, True),
    ]
    assert seen.platform.log[1].fingerprint == "#" + hashlib.sha256(token.encode()).hexdigest()[:8]
    assert seen.platform.log[0].fingerprint == ""
    assert str(seen.platform.log[1].port) == seen.platform.urls["base"].rpartition(":")[2]
    shown = repr(seen.platform.log)
    assert not [s for s in seen.platform.all_secrets if s.reveal() in shown]
    assert "hidden" not in shown


async def test_issued_tokens_are_among_the_secrets(start: Start) -> None:
    seen = await start("token_expired-refreshable")
    answer = (await seen.refresh()).json()
    known = {secret.reveal() for secret in seen.platform.all_secrets}
    assert {answer["access_token"], answer["refresh_token"], await seen.fresh()} - known != set()
    known = {secret.reveal() for secret in seen.platform.all_secrets}
    assert {answer["access_token"], answer["refresh_token"], seen.secret("client_secret")} <= known


async def test_what_serve_prints(start: Start) -> None:
    seen = await start("line_break_in_token")
    line = seen.platform.serve_document()
    assert "\n" not in line
    document = json.loads(line)
    assert set(document) == {"profile", "config", "env", "urls"}
    assert document["profile"] == "demo"
    profile = tomllib.loads(document["config"])["profile"]["demo"]
    variable = profile["secrets"]["access_token"].removeprefix("env:")
    assert variable == "AUTHWIZARD_DEMO_ACCESS_TOKEN"
    assert document["env"][variable] == seen.secret("access_token")
    assert document["urls"]["base"] == profile["base_url"]


async def test_without_references_for_a_store_in_memory(start: Start) -> None:
    seen = await start("refresh_token_expired")
    assert all("secrets" not in profile for profile in seen.profiles.values())
    assert set(seen.platform.secrets["demo"]) == {"access_token", "refresh_token", "client_secret"}


async def test_two_platforms_share_nothing(start: Start) -> None:
    one, two = await start("healthy"), await start("healthy")
    assert not set(one.platform.urls.values()) & set(two.platform.urls.values())
    assert not {s.reveal() for s in one.platform.all_secrets} & {s.reveal() for s in two.platform.all_secrets} - {"svc-portal-sync"}
    assert (await two.bearer(one.secret("access_token"))).status_code == 401


async def test_staging_is_right_whatever_the_fault(start: Start) -> None:
    for name in ("cannot_tell", "clock_skew_server", "rate_limited", "client_disabled"):
        seen = await start(name)
        staging = seen.profiles["staging"]
        pair = (staging["oauth"]["client_id"], seen.secret("client_secret", "staging"))
        form = {"grant_type": "client_credentials"}
        assert (await seen.http.post(staging["oauth"]["token_url"], data=form, auth=pair)).status_code == 200
    seen = await start(Fault("x", "healthy", None, "x", settings=PlatformSettings(clocks=Clocks(api=660, auth=660, ntp=660))))
    headers = {"Authorization": f"Bearer {seen.secret('access_token', 'staging')}"}
    assert (await seen.http.get(seen.profiles["staging"]["base_url"] + "/v2/devices", headers=headers)).status_code == 200


async def test_bad_input_everywhere_prints_nothing(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    seen = await start("authorization_stripped")
    for url in seen.platform.urls.values():
        port = int(url.rpartition(":")[2])
        if url == seen.platform.urls["ntp"]:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.sendto(b"\xff" * 100, ("127.0.0.1", port))
            continue
        for data in (
            b"\x00\x01\r\n\r\n",
            b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            writer.write_eof()
            async with asyncio.timeout(5):
                assert (await reader.read()).startswith(b"HTTP/1.1 ")
            writer.close()
    assert capfd.readouterr() == ("", "")


async def test_the_proxy_says_502_where_the_api_is_gone(start: Start) -> None:
    seen = await start("authorization_stripped")
    api = next(s for s in seen.platform._parts.servers if s.identity.name == "api")
    await api.close()
    answer = await seen.p0()
    assert (answer.status_code, answer.headers["Via"]) == (502, "1.1 edge")


async def test_the_proxy_passes_everything_else_on(start: Start) -> None:
    seen = await start("authorization_stripped")
    key = seen.platform._parts.prod.api_key.reveal()
    base = seen.profile["base_url"]
    answer = await seen.http.get(base + "/v3/devices?limit=2", headers={"X-Api-Key": key})
    assert len(answer.json()["data"]) == 2
    posted = await seen.http.post(base + "/v3/devices/dev_01/actions", headers={"X-Api-Key": key}, json={"action": "open"})
    assert posted.status_code == 201
    head = await seen.http.head(base + "/v3/devices", headers={"X-Api-Key": key})
    assert (head.status_code, head.content) == (200, b"")
