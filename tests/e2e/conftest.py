"""Real servers that nobody here wrote, started once for all end-to-end tests."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SERVERS = Path(__file__).parent / "servers"
AUDIENCE = "https://api.example.test"
CLIENT_ID = "e2e-client"
CLIENT_SECRET = "plainly-fake-e2e-secret-000000000000"


@dataclass(frozen=True)
class Stack:
    """The running servers: authorization server, API, and three nginx in front of the API."""

    issuer: str
    api: str
    plain: str
    stripping: str
    case_sensitive: str
    jwk: dict[str, Any]

    def token(self, *, key: Any = None, **changes: Any) -> str:
        """Sign an access token as the provider would, with changed claims or another key."""
        import jwt

        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": CLIENT_ID, "aud": AUDIENCE, "client_id": CLIENT_ID, "iat": now - 30, "exp": now + 600,
            "scope": "read write", "jti": base64.urlsafe_b64encode(os.urandom(12)).decode(),
        }  # fmt: skip
        claims.update(changes)
        signing = key if key is not None else jwt.PyJWK(self.jwk).key
        return jwt.encode(claims, signing, algorithm="RS256", headers={"kid": self.jwk["kid"], "typ": "at+jwt"})


def _require(reason: str) -> None:
    if os.environ.get("AUTHWIZARD_REQUIRE_SERVICES"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start provider, API and nginx; everything is ended with the session."""
    if shutil.which("node") is None or not (SERVERS / "node_modules").is_dir():
        _require("needs node and the packages of tests/e2e/servers (npm install there)")
    if shutil.which("nginx") is None:
        _require("needs nginx; .ci/install-services installs it on Debian")
    with contextlib.ExitStack() as processes:
        provider = _node(processes, "provider.mjs", "0", AUDIENCE)
        api = _node(processes, "api.mjs", "0", provider["issuer"], AUDIENCE)
        ports = _free_ports(3)
        _nginx(processes, tmp_path_factory.mktemp("nginx"), api["url"], ports)
        plain, stripping, case_sensitive = (f"http://127.0.0.1:{port}" for port in ports)
        yield Stack(provider["issuer"], api["url"], plain, stripping, case_sensitive, provider["jwk"])


def _node(processes: contextlib.ExitStack, script: str, *arguments: str) -> dict[str, Any]:
    process = subprocess.Popen(
        ["node", "--no-warnings", str(SERVERS / script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=SERVERS,
    )
    processes.callback(_end, process)
    assert process.stdout is not None
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ready, _, _ = select.select([process.stdout], [], [], 1)
        if not ready:
            continue
        line = process.stdout.readline()
        if line.startswith("{"):
            loaded: dict[str, Any] = json.loads(line)
            return loaded
        if not line:
            break
    raise AssertionError(f"{script} did not start")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $http_authorization $bearer_only {{ "~^Bearer " $http_authorization; default ""; }}
  server {{ listen 127.0.0.1:{plain}; location / {{ proxy_pass {api}; }} }}
  server {{ listen 127.0.0.1:{stripping}; location / {{ proxy_pass {api}; proxy_set_header Authorization ""; }} }}
  server {{ listen 127.0.0.1:{case}; location / {{ proxy_pass {api}; proxy_set_header Authorization $bearer_only; }} }}
}}
"""


def _nginx(processes: contextlib.ExitStack, folder: Path, api: str, ports: list[int]) -> None:
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, api=api, plain=ports[0], stripping=ports[1], case=ports[2]))
    process = subprocess.Popen(
        ["nginx", "-c", str(configuration), "-p", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )
    processes.callback(_end, process)
    for port in ports:
        _wait_until_open(port)


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except ConnectionRefusedError:
            select.select([], [], [], 0.02)
    raise AssertionError(f"nothing listens on port {port}")


Check = Callable[..., tuple[dict[str, Any], int, str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Run `authwizard check` as a process of its own on a profiles text; return the JSON, the exit status and all that was printed."""

    def run(profiles: str, secrets: dict[str, str], *options: str) -> tuple[dict[str, Any], int, str]:
        config = tmp_path / "profiles.toml"
        config.write_text(profiles)
        done = subprocess.run(
            [sys.executable, "-m", "authwizard", "check", "prod", "--config", str(config), "--trust", "--format", "json", *options],
            env={**os.environ, **secrets}, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.stdout, done.stderr
        for secret in secrets.values():
            assert secret not in done.stdout + done.stderr
        return json.loads(done.stdout), done.returncode, done.stdout + done.stderr

    return run
