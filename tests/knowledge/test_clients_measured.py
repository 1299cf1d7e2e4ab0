"""What `clients.toml` says of clients that can be run here, measured again with them on 127.0.0.1."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from authwizard.knowledge.clients import HttpClient, clients

pytestmark = pytest.mark.services
HEADERS = {"Authorization": "Bearer plainly-fake", "Cookie": "sid=1", "X-Api-Key": "plainly-fake"}
VALUES = {"blank_end": "Bearer a ", "blank_front": " Bearer a", "line_break": "Bearer a\nb", "beyond_ascii": "Bearer \u00e9"}
REDIRECTS = ("same", "port", "host")
LANDED: dict[str, dict[str, bytes]] = {"beyond_ascii": {"utf-8": b"Bearer \xc3\xa9", "latin-1": b"Bearer \xe9", "lost": b"Bearer ?"}}
SENT_AS = {"blank_end": b"Bearer a ", "blank_front": b"Bearer a", "line_break": b"a\nb"}

PYTHON = """
import importlib, json, sys
client = importlib.import_module(sys.argv[1])
for one in json.loads(sys.argv[2]):
    try:
        more = {"follow_redirects": True} if sys.argv[1] == "httpx" else {}
        body = {"content" if sys.argv[1] == "httpx" else "data": one["body"]} if one.get("body") else {}
        client.request("GET", one["url"], headers=one.get("headers"), auth=tuple(one["auth"]) if one.get("auth") else None, timeout=10, **body, **more)
    except Exception:
        pass
"""
NODE = """
for (const one of JSON.parse(process.argv[1])) {
  try { await (await fetch(one.url, {headers: one.headers, body: one.body})).text() } catch (error) {}
}
"""


@dataclass
class Recorder:
    """A server that keeps the head of every request, and redirects where the path asks for it."""

    port: int = 0
    other: int = 0
    heads: dict[str, bytes] = field(default_factory=dict)

    def listen(self, address: str = "127.0.0.1", port: int = 0) -> int:
        server = socket.create_server((address, port))
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()
        return int(server.getsockname()[1])

    def _serve(self, server: socket.socket) -> None:
        while True:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                try:
                    self._answer(connection)
                except OSError:
                    continue

    def _answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        path = head.split(b" ")[1].decode("latin-1")
        self.heads[path.rpartition("/")[2]] = head
        kind = path.rpartition("/")[2].removeprefix("go-")
        to = {"same": f"http://127.0.0.1:{self.port}", "port": f"http://127.0.0.1:{self.other}", "host": f"http://localhost:{self.port}"}
        if path.rpartition("/")[2].startswith("go-"):
            connection.sendall(
                f"HTTP/1.1 302 Found\r\nLocation: {to[kind]}/end-{kind}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def value(self, path: str, name: str = "authorization") -> bytes | None:
        found = re.search(rb"\r\n" + name.encode() + rb":[ ]?([^\r]*)\r\n", self.heads.get(path, b""), re.IGNORECASE)
        return found[1] if found else None


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    made = Recorder()
    made.port, made.other = made.listen(), made.listen()
    return made


def run(library: str, asked: list[dict[str, Any]], **environ: str) -> None:
    """Have a client send these requests."""
    env = {**os.environ, "NO_PROXY": "", **environ}
    if library == "curl":
        for one in asked:
            options = [f"-H{name}: {value}" for name, value in one.get("headers", {}).items()]
            options += ["-u", ":".join(one["auth"])] if one.get("auth") else []
            options += ["-XGET", "-d", one["body"]] if one.get("body") else []
            subprocess.run(["curl", "-sSL", "-m", "10", "-o", os.devnull, *options, one["url"]], env=env, capture_output=True, check=False)
    elif library.startswith("fetch"):
        subprocess.run(
            ["node", "--input-type=module", "-e", NODE, json.dumps(asked)], env=env, capture_output=True, check=False, timeout=60
        )
    else:
        name = library.split(maxsplit=1)[0]
        subprocess.run([sys.executable, "-c", PYTHON, name, json.dumps(asked)], env=env, capture_output=True, check=False, timeout=60)


def available(row: HttpClient) -> bool:
    name = row.library.split()[0]
    if name in ("requests", "httpx"):
        return importlib.util.find_spec(name) is not None
    return shutil.which({"curl": "curl", "fetch": "node"}.get(name, "-")) is not None and "browser" not in row.library


ROWS = [pytest.param(c, id=c.library, marks=[] if available(c) else pytest.mark.skip(reason="is not on this machine")) for c in clients()
        if c.measured and c.library.split()[0] in ("curl", "requests", "httpx", "fetch")]  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_redirects_values_and_bodies(row: HttpClient, recorder: Recorder) -> None:
    recorder.heads.clear()
    base = f"http://127.0.0.1:{recorder.port}"
    asked: list[dict[str, Any]] = [{"url": f"{base}/go-{kind}", "headers": HEADERS} for kind in REDIRECTS]
    asked += [{"url": f"{base}/{name}", "headers": {"authoriZATION": value}} for name, value in VALUES.items()]
    asked += [{"url": f"{base}/body", "body": "x=1"}, {"url": f"{base}/plain"}]
    asked += [{"url": f"{base}/basic", "auth": ["u", "p\u00e4"]}] if row.basic in ("utf-8", "latin-1") else []
    run(row.library, asked)
    to = {"same": base, "port": f"http://127.0.0.1:{recorder.other}", "host": f"http://localhost:{recorder.port}"}
    for kind in REDIRECTS:
        for header in HEADERS:
            gone = recorder.value(f"end-{kind}", header) is None
            assert gone is row.loses(header, f"{base}/go-{kind}", f"{to[kind]}/end-{kind}"), f"{header}, {kind}"
    assert {name: _fate(recorder.value(name), name) for name in SENT_AS} == {name: getattr(row, name) for name in SENT_AS}
    assert recorder.value("beyond_ascii") == LANDED["beyond_ascii"].get(row.beyond_ascii)
    assert ("body" in recorder.heads) is (row.body_with_get == "sent")
    assert recorder.value("plain", "accept") == (row.accept.encode() or None)
    assert (recorder.value("plain", "user-agent") or b"").decode().lower().startswith(row.agent)
    assert (b"authoriZATION:" in recorder.heads["beyond_ascii"]) is (row.names == "kept") if "beyond_ascii" in recorder.heads else True
    if row.basic in ("utf-8", "latin-1"):
        assert recorder.value("basic") == {"utf-8": b"Basic dTpww6Q=", "latin-1": b"Basic dTpw5A=="}[row.basic]


def _fate(seen: bytes | None, name: str) -> str:
    if seen is None:
        return "refused"
    whole = {"blank_end": seen.endswith(b" "), "blank_front": seen.startswith(b" "), "line_break": b"\n" in seen}[name]
    return "sent" if whole else "dropped"


@pytest.mark.parametrize("row", ROWS)
def test_netrc(row: HttpClient, recorder: Recorder, tmp_path: Path) -> None:
    recorder.heads.clear()
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login nobody password plainly-fake\n")
    url = f"http://127.0.0.1:{recorder.port}"
    run(row.library, [{"url": f"{url}/bare"}, {"url": f"{url}/set", "headers": HEADERS}], HOME=str(tmp_path))
    assert (recorder.value("bare") is not None) is (row.netrc == "always")
    assert (recorder.value("set") or b"").startswith(b"Basic " if row.netrc == "always" and row.netrc_wins else b"Bearer ")


@pytest.mark.parametrize("row", ROWS)
def test_proxies(row: HttpClient, recorder: Recorder) -> None:
    """The proxy is asked for a whole address, so that its record tells who was asked."""
    port = Recorder(heads=recorder.heads).listen("127.0.0.2")
    seen: dict[str, bool] = {}
    for name, variables in {
        "small": {"http_proxy": "x"}, "capital": {"HTTP_PROXY": "x"}, "block": {"http_proxy": "x", "no_proxy": "127.0.0.0/8"},
    }.items():  # fmt: skip
        recorder.heads.clear()
        given = {n: f"http://127.0.0.1:{recorder.port}" if v == "x" else v for n, v in variables.items()}
        run(row.library, [{"url": f"http://127.0.0.2:{port}/{name}"}], **given)
        seen[name] = recorder.heads[name].startswith(b"GET http://")
    reads = row.proxies == "environment"
    assert seen == {"small": reads, "capital": reads and row.capitals, "block": reads and not row.no_proxy_blocks}
