"""An API and an authorization server in one whose every answer takes its time, and a profile of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = "slow"
PROFILE = """version = 1

[profile.slow]
environment = "development"
base_url = "{url}"
request = "GET /v2/me"

[profile.slow.oauth]
issuer = "{url}"
client_id = "benchmark"
client_auth = "client_secret_post"
grant = "client_credentials"

[profile.slow.network]
ntp_server = "none"
proxy = "none"

[profile.slow.secrets]
access_token = "env:BENCHMARK_TOKEN"
client_secret = "env:BENCHMARK_SECRET"
"""
SECRETS = {
    "BENCHMARK_TOKEN": "plainly-fake-token-for-the-benchmark-0123456789",
    "BENCHMARK_SECRET": "plainly-fake-secret-for-the-benchmark",
}

NEW = "plainly-fake-token-just-made-9876543210"
"""The token that the authorization server gives, and the only one that the API takes."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    # An answer that is written in two pieces would otherwise wait up to 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        if self.path.startswith("/.well-known/"):
            url = f"http://127.0.0.1:{self.server.server_address[1]}"
            known = self.path.endswith(("/openid-configuration", "/oauth-authorization-server"))
            self._answer(
                200 if known else 404, {"issuer": url, "token_endpoint": f"{url}/token", "jwks_uri": f"{url}/keys"} if known else {}
            )
        elif self.path == "/keys":
            self._answer(200, {"keys": []})
        elif NEW in (self.headers["authorization"] or ""):
            # Where a new token is refused too, a run waits some seconds for it to arrive everywhere: that is no overhead of its own.
            self._answer(200, {"id": 1})
        else:
            self._answer(401, {"error": "unauthorized"}, ("WWW-Authenticate", 'Bearer error="invalid_token"'))

    do_HEAD = do_OPTIONS = do_GET

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"] or 0))
        self._answer(200, {"access_token": NEW, "token_type": "Bearer", "expires_in": 3600})

    def _answer(self, status: int, members: object, *headers: tuple[str, str]) -> None:
        body = json.dumps(members).encode()
        time.sleep(self.server.seconds)
        self.send_response(status)
        for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seconds = seconds


@contextmanager
def serving(home: Path, seconds: float) -> Iterator[None]:
    """Serve until the block ends, and write a saved profile of it into a home; every answer takes `seconds`."""
    with _Server(seconds) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "config" / "profiles.toml").write_text(PROFILE.format(url=f"http://127.0.0.1:{server.server_address[1]}"), encoding="utf-8")
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
