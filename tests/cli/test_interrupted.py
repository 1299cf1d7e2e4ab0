"""Ctrl-C, SIGTERM and a closed terminal: the run ends with 130, and a refresh that has begun is finished and kept first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.services

OLD, NEW = "plainly-fake-old-refresh-000000", "plainly-fake-new-refresh-111111"


class Platform(ThreadingHTTPServer):
    """An API that refuses everything, and a token endpoint that answers when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked, self.answer = threading.Event(), threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Platform

    def do_GET(self) -> None:
        self._reply(401, b"{}", ("WWW-Authenticate", 'Bearer error="invalid_token", error_description="The token expired"'))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.set()
        self.server.answer.wait(20)
        self._reply(200, json.dumps({"access_token": "plainly-fake-access-222222", "token_type": "Bearer", "refresh_token": NEW}).encode())

    def _reply(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.answer.set()
        server.shutdown()
        thread.join()


def started(platform: Platform, folder: Path) -> subprocess.Popen[str]:
    url = f"http://127.0.0.1:{platform.server_address[1]}"
    (folder / "refresh").write_text(OLD)
    (folder / "access").write_text("plainly-fake-expired-333333")
    (folder / "profiles.toml").write_text(
        f'version = 1\n[profile.x]\nbase_url = "{url}"\nrequest = "GET /v2/me"\n[profile.x.oauth]\ntoken_url = "{url}/token"\nclient_id = "c"\n'
        'client_auth = "none"\ngrant = "refresh_token"\n[profile.x.network]\nntp_server = "none"\nproxy = "none"\n'
        '[profile.x.secrets]\naccess_token = "file:access"\nrefresh_token = "file:refresh"\n'
    )
    command = [sys.executable, "-m", "authwizard", "check", "x", "--config", str(folder / "profiles.toml"), "--trust", "--allow", "refresh"]
    return subprocess.Popen(
        command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=_listening_to_signals,  # noqa: PLW1509 - it only resets signals
    )  # fmt: skip


def _listening_to_signals() -> None:
    """A suite under nohup or in the background of a shell ignores signals, and its children would inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("signals", [("SIGINT",), ("SIGTERM",), ("SIGHUP",), ("SIGINT", "SIGINT"), ("SIGTERM", "SIGINT")], ids="+".join)
def test_a_refresh_that_has_begun_is_kept_whatever_ends_the_run(platform: Platform, tmp_path: Path, signals: tuple[str, ...]) -> None:
    process = started(platform, tmp_path)
    with process:
        assert platform.asked.wait(30)
        for name in signals:
            process.send_signal(getattr(signal, name))
            if name != signals[-1]:
                # The second one comes once the first is being dealt with.
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.3)
        platform.answer.set()
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert (tmp_path / "refresh").read_text() == NEW
    assert all(secret not in out + err for secret in (OLD, NEW))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["access", "profiles.toml", "refresh"]
