"""A relay in front of the practice platform: it counts what is spent, and can hold a request until as many wait for its answer."""

from __future__ import annotations

import hashlib
import http.client
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60.0
"""Seconds after which those that were waited for have not come. Nothing waits for them to pass."""


class Relay:
    """One front for one server. `gate` is passed by the requests with `held` in a header field, all together or not at all."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target).netloc
        self._lock = threading.Lock()
        self._gate: tuple[str, threading.Barrier] | None = None
        self.spent: list[str] = []
        """The mark of each refresh token that was sent, in order."""

    def hold(self, text: str, parties: int) -> None:
        """Let requests with this text in a field wait until so many are there; once they have met, nothing is held any more."""
        self._gate = (text, threading.Barrier(parties, action=self._open))

    def _open(self) -> None:
        self._gate = None

    def seen(self, fields: str, body: bytes) -> None:
        """Count a refresh token; wait at the gate."""
        gate = self._gate
        if gate is not None and gate[0] in fields:
            gate[1].wait(PATIENCE)
        token = parse_qs(body.decode("latin-1")).get("refresh_token")
        if token:
            with self._lock:
                self.spent.append(hashlib.sha256(token[0].encode()).hexdigest())

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on 127.0.0.1; yields the address."""
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                relay.seen(str(self.headers), body)
                upstream = http.client.HTTPConnection(relay._target, timeout=PATIENCE)
                kept = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "host")}
                upstream.request(self.command, self.path, body or None, {**kept, "Host": relay._target})
                answer = upstream.getresponse()
                content = answer.read()
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
                upstream.close()

            do_GET = do_POST = do_HEAD = do_OPTIONS = do_PUT = do_DELETE = _pass_on

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
