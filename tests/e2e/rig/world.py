"""The whole rig with its usual profile: a valid token for scope `read`, everything named, nothing wrong (base setup U)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomlkit
from e2e.rig.api import Api
from e2e.rig.authorization_server import AuthorizationServer
from e2e.rig.proxies import HOP, Proxy
from e2e.rig.sntp import TimeServer
from e2e.rig.wire import Answer, Asked, Loop, Server

TOKEN_PATHS = ("/token", "/introspect", "/revoke")


class Rig:
    """All servers of one row, the profiles, and the secrets by field. A row's setup changes what it likes before the run."""

    def __init__(self, home: Path) -> None:
        self.auth = AuthorizationServer("prod")
        self.api = Api(self.auth)
        self.staging_auth = AuthorizationServer("staging")
        self.staging_api = Api(self.staging_auth)
        self.forward = Proxy()
        self.reverse = Proxy(product="nginx")
        self.stranger = Server(
            lambda asked: Answer(200, [("Content-Type", "text/html")], b"<html><form action=/login>Sign in</form></html>")
        )
        self.ntp = TimeServer()
        self.home = home
        self.environ: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.profile: dict[str, Any] = {}
        self.others: dict[str, dict[str, Any]] = {}
        self.other_secrets: list[str] = []
        self.store: Any = None
        """A store of the row's own; None = secrets are in memory."""
        self.sent = ""
        """What `--sent` is given."""

    @property
    def servers(self) -> tuple[Server, ...]:
        doors = (self.auth, self.api, self.staging_auth, self.staging_api, self.forward, self.reverse)
        return (*(d.server for d in doors), self.stranger)

    async def start(self) -> None:
        for server in self.servers:
            await server.start()
        await self.ntp.start()
        self.reverse.upstream = self.api.server.port
        self.secrets = {"access_token": self.auth.token(), "client_secret": self.auth.client.secret}
        self.profile = self._usual()

    async def close(self) -> None:
        for server in self.servers:
            await server.close()
        self.ntp.close()

    def _usual(self) -> dict[str, Any]:
        auth = self.auth
        return {
            "environment": "production", "base_url": self.api.server.url, "request": "GET /v2/me", "client": "curl",
            "credential": {"kind": "bearer"},
            "oauth": {
                "issuer": auth.issuer, "introspection_url": f"{auth.issuer}/introspect", "client_id": auth.client.id,
                "client_auth": "client_secret_basic", "grant": "client_credentials", "scopes": ["read"], "audience": auth.audience,
            },
            "expect": {"issuer": auth.issuer, "audience": [auth.audience]},
            "network": {"proxy": "none", "ntp_server": f"127.0.0.1:{self.ntp.port}"},
        }  # fmt: skip

    def staging_profile(self) -> dict[str, Any]:
        """The profile of the staging environment, to set beside prod."""
        auth, usual = self.staging_auth, self._usual()
        oauth = {**usual["oauth"], "issuer": auth.issuer, "introspection_url": f"{auth.issuer}/introspect", "client_id": auth.client.id,
                 "audience": auth.audience}  # fmt: skip
        return {**usual, "environment": "staging", "base_url": self.staging_api.server.url, "oauth": oauth,
                "expect": {"issuer": auth.issuer, "audience": [auth.audience]}}  # fmt: skip

    def behind_reverse_proxy(self) -> None:
        self.profile["base_url"] = self.reverse.server.url

    def through_forward_proxy(self) -> None:
        """The machine names P1 as its proxy."""
        self.environ["http_proxy"] = self.forward.server.url
        self.profile["network"]["proxy"] = "env"

    def without_token(self) -> None:
        del self.secrets["access_token"]

    # ── what the product is given ────────────────────────────────────────────────────────────────────────────────────

    def toml(self, references: bool = False) -> str:
        document = {"prod": dict(self.profile), **self.others}
        if references:
            document["prod"]["secrets"] = {name: f"env:{variable(name)}" for name in self.secrets}
        return tomlkit.dumps({"version": 1, "profile": document})

    @property
    def all_secrets(self) -> list[str]:
        """Every secret that is about in this row."""
        issued = [*self.auth.issued, *self.staging_auth.issued]
        return [*self.secrets.values(), *self.other_secrets, *issued, self.auth.client.secret, self.staging_auth.client.secret]

    # ── what the servers saw ─────────────────────────────────────────────────────────────────────────────────────────

    def forget(self) -> None:
        """Forget what was asked while the row was set up."""
        for server in self.servers:
            server.log.clear()

    @property
    def errors(self) -> list[Exception]:
        return [error for server in self.servers for error in server.errors]

    @property
    def api_requests(self) -> list[Asked]:
        """What the product asked the API, each once, whatever was on the way; its metadata counts apart (CHECKS 0)."""
        ports = {str(s.port) for s in (self.api.server, self.reverse.server, self.stranger, self.staging_api.server)}
        by_proxy = [a for a in self.forward.server.log if a.target.split("/")[2:3] and a.target.split("/")[2].rpartition(":")[2] in ports]
        direct = [a for s in (self.reverse.server, self.api.server) for a in s.log if not a.header(HOP)]
        return [a for a in (*by_proxy, *direct) if "/.well-known/" not in a.target]

    @property
    def token_requests(self) -> list[Asked]:
        return [a for a in self.auth.server.log if a.method == "POST" and a.path in TOKEN_PATHS]


def variable(field: str) -> str:
    """The environment variable a secret is put into for a process of its own."""
    return f"RIG_{field.upper()}"


@contextlib.contextmanager
def running(loop: Loop, home: Path) -> Iterator[Rig]:
    rig = Rig(home)
    loop.call(rig.start())
    try:
        yield rig
    finally:
        loop.call(rig.close())
