"""An API that answers with whatever it likes: no crash, nothing raw on the terminal, and the run ends in time."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from authwizard import cli

pytestmark = pytest.mark.services

ESCAPES = "\x1b]2;PWNED\x07\x1b]52;c;UFdORUQ=\x1b\\\x1b[2J\x9b31m\u202e\u200b\x00\x08"
MARKUP = "[bold red]x[/][@click=app.quit]click[/] [/path/x] [[a]] $var {0} %s <script>alert(1)</script> `|* ![x](http://x)"
PROFILE = """
version = 1
[profile.hostile]
base_url = "{base}"
request = "GET /v2/me"
[profile.hostile.network]
timeout_seconds = 1
ntp_server = "none"
proxy = "none"
[profile.hostile.secrets]
access_token = "env:HOSTILE_TOKEN"
"""
TOKEN = "plainly-fake-hostile-token-0123456789abcdef"

Answer = Callable[[socket.socket], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Answer every connection with `answer`, on 127.0.0.1."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.02)
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def handle(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                connection.recv(65536)
                answer(connection)
            except OSError:
                return

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threads.append(threading.Thread(target=handle, args=(connection,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        accepting.join(timeout=5)
        listener.close()
        for thread in threads:
            thread.join(timeout=6)


def response(status: str, headers: str, body: bytes) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode("utf-8", "surrogateescape") + body
    )


def says(data: bytes) -> Answer:
    return lambda connection: connection.sendall(data)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
    chunk = b"x" * 65536
    for _ in range(160):
        connection.sendall(chunk)


def never(connection: socket.socket) -> None:
    connection.settimeout(4)
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\n")
    for _ in range(40):
        connection.sendall(b"X-A: b\r\n")
        time.sleep(0.1)


def run(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> tuple[str, int, float]:
    monkeypatch.setenv("HOSTILE_TOKEN", TOKEN)
    with serving(answer) as base:
        config = tmp_path / "profiles.toml"
        config.write_text(PROFILE.format(base=base))
        began = time.monotonic()
        status = cli.run(["check", "hostile", "--config", str(config), "--trust", "--format", form])
        took = time.monotonic() - began
    printed = capsys.readouterr()
    return printed.out + printed.err, status, took


def raw(text: str) -> list[str]:
    return sorted({hex(ord(c)) for c in text if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) <= 0x9F or c in "\u202e\u200b"})


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize("where", ["body", "json body", "challenge", "header"])
def test_escape_sequences_and_markup_never_arrive_raw(
    form: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ESCAPES + MARKUP
    challenge = f'WWW-Authenticate: Bearer error="invalid_token", error_description="{text.translate({0: None, 8: None, 10: None})}"\r\n'
    data = {
        "body": response("401 Unauthorized", "Content-Type: text/html\r\n", text.encode()),
        "json body": response(
            "401 Unauthorized", "Content-Type: application/json\r\n", json.dumps({"message": text, text: [text]}).encode()
        ),
        "challenge": response("401 Unauthorized", challenge, b"{}"),
        "header": response("401 Unauthorized", f"X-Request-Id: {MARKUP}\r\nServer: \x1b[31mred\r\n", b"{}"),
    }[where]
    printed, status, _ = run(says(data), tmp_path, monkeypatch, capsys, form)
    assert raw(printed) == []
    assert status in (1, 3, 4)
    assert TOKEN not in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("answer", "statuses"),
    [
        (endless, (1, 3)),
        (says(response("401 Unauthorized", "Content-Type: application/json\r\n", b'{"a":' * 50_000)), (1, 3)),
        (says(b""), (4,)),
        (says(b"\xff\xfe garbage \x00\r\n\r\n"), (4,)),
        (says(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\nshort"), (1, 3, 4)),
        (says(b"HTTP/1.1 401 Unauthorized\r\nX-A: " + b"a" * 200_000 + b"\r\n\r\n"), (4,)),
        (says(b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"), (1, 3, 4)),
        (says(response("302 Found", "Location: http://[::bad\r\n", b"")), (1, 3, 4)),
        (says(response("401 Unauthorized", "WWW-Authenticate: " + 'Bearer realm="' * 3000 + "\r\n", b"")), (1, 3)),
        (never, (4,)),
        (drip, (4,)),
    ],
    ids=[
        "10 MB",
        "deep JSON",
        "nothing",
        "garbage",
        "cut short",
        "huge header",
        "odd status",
        "bad redirect",
        "challenge soup",
        "never",
        "drip",
    ],
)
def test_bad_answers_end_the_run_in_time(
    answer: Answer, statuses: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed, status, took = run(answer, tmp_path, monkeypatch, capsys, "json")
    document: dict[str, Any] = json.loads(printed[printed.index("{") :])
    assert status in statuses, document["verdict"]
    assert took < 20
    assert not [c for s in document["steps"] for c in s["checks"] if c["status"] == "crashed"]
    if status == 4:
        assert document["verdict"]["kind"] == "could_not_look"
        blocked = [c["id"] for s in document["steps"] for c in s["checks"] if c["status"] == "blocked"]
        assert blocked


def test_an_echoed_token_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import base64

    body = f"You sent Bearer {TOKEN}, that is {base64.b64encode(TOKEN.encode()).decode()}".encode()
    for form in ("json", "text", "markdown"):
        printed, _, _ = run(says(response("401 Unauthorized", f"X-Echo: {TOKEN}\r\n", body)), tmp_path, monkeypatch, capsys, form)
        assert TOKEN not in printed
        assert base64.b64encode(TOKEN.encode()).decode() not in printed
