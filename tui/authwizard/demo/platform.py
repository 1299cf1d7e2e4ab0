"""How is the practice platform started and stopped, and what does it hand out?"""

from __future__ import annotations

import base64
import errno
import functools
import json
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from authwizard.demo import profiles
from authwizard.demo.clock import Clock
from authwizard.demo.environment import Environment, build, new_secret
from authwizard.demo.fault import Fault
from authwizard.demo.holdings import Holdings, StoredToken
from authwizard.demo.http_message import Handler, Request
from authwizard.demo.http_server import HttpServer, Identity, Listener
from authwizard.demo.journal import Journal, Received
from authwizard.demo.proxy import CachingProxy, Moved, StrippingProxy
from authwizard.demo.settings import HOUR
from authwizard.demo.sntp import SntpServer
from authwizard.demo.stock import held_secrets, staging_secrets, stored_token
from authwizard.demo.transcript import curl_verbose
from authwizard.model.errors import UsageError
from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret

PROFILE = "demo"
"""The profile with the fault."""
STRAY = "API_TOKEN"
"""The variable that a careless program reads."""
KNOWN_GOOD = "admin"
"""The profile whose credential works, where a fault names it as known_good."""
REQUEST_PATH = "/v2/organizations/current"
API_PRODUCT, AUTH_PRODUCT, EDGE_PRODUCT = "companyx-api", "companyx-auth", "companyx-edge"
"""How the servers name themselves in `Server`."""


@dataclass(frozen=True)
class _Served:
    """The parts of a running platform."""

    servers: tuple[HttpServer, ...]
    sntp: SntpServer
    prod: Environment
    staging: Environment
    urls: Mapping[str, str]
    """By name: `base` (the profile's address), `api`, `auth`, `staging_api`, `staging_auth`, `ntp` (host:port)."""

    async def close(self) -> None:
        for server in self.servers:
            await server.close()
        await self.sntp.close()


class Platform:
    """The practice platform with one fault, serving on 127.0.0.1 until it is closed.

    `profiles_toml` expects the secrets in a store under the profiles' names (`secrets`, for one in memory);
    `served_config` has `env:` references instead, for processes that are given `env`.
    """

    def __init__(self, fault: Fault, journal: Journal, parts: _Served) -> None:
        self.fault = fault
        self._journal = journal
        self._parts = parts
        self.urls = dict(parts.urls)
        held = fault.held
        self.secrets: dict[str, dict[str, Secret]] = {
            PROFILE: held_secrets(held, parts.prod, parts.staging, key_rotated=fault.settings.key_rotated),
            "staging": staging_secrets(held, parts.staging),
        }
        self._documents = {
            PROFILE: profiles.merged(
                profiles.demo_profile(parts.prod, self.urls["base"], self.urls["ntp"], fault.settings, held), self._placed(fault.profile)
            ),
            "staging": profiles.staging_profile(parts.staging, self.urls["staging_api"], self.urls["ntp"], held),
        }
        if fault.profile.get("known_good") == KNOWN_GOOD:
            self.secrets[KNOWN_GOOD] = held_secrets(Holdings(), parts.prod, parts.staging, key_rotated=False)
            self._documents[KNOWN_GOOD] = profiles.demo_profile(
                parts.prod, self.urls["base"], self.urls["ntp"], fault.settings, Holdings()
            )  # fmt: skip
        self.sent = ""
        """What `curl -v` showed of the user's own program, where the fault has one that differs."""
        self._older: Secret | None = None
        self._login: Secret | None = None
        self.environ: dict[str, Secret] = {}
        """The variables of the invented machine, besides those of `env`."""
        if fault.surroundings == "older_token":
            self._older = Secret(stored_token(StoredToken(age=26 * HOUR), Holdings(), parts.prod))
            self.environ[STRAY] = self._older

    @classmethod
    async def start(cls, fault: Fault, port: int | None = None) -> Self:
        """Start a platform with a fault; `port` is that of the profile's address, any free one if None.

        Raises UsageError where the port is taken or not allowed.
        """
        journal = Journal()
        parts = await _serve(fault, port, journal)
        try:
            platform = cls(fault, journal, parts)
            if fault.sent:
                platform.sent = await platform._transcript()
        except BaseException:
            await parts.close()
            raise
        return platform

    async def close(self) -> None:
        """End all connections and free all ports."""
        await self._parts.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    @property
    def log(self) -> tuple[Received, ...]:
        """The requests that the servers answered, in order."""
        return self._journal.entries

    @property
    def errors(self) -> tuple[Exception, ...]:
        """Exceptions inside the servers' own code, each answered with a 500: bugs of ours."""
        return tuple(error for server in self._parts.servers for error in server.errors)

    @functools.cached_property
    def profiles_toml(self) -> str:
        """`profiles.toml` without references: the secrets are in a store."""
        return profiles.to_toml(self._documents)

    @functools.cached_property
    def served_config(self) -> str:
        """`profiles.toml` with an `env:` reference for every secret."""
        return profiles.to_toml(profiles.with_references(self._documents, self.secrets))

    @property
    def env(self) -> dict[str, Secret]:
        """The environment variables that `served_config` refers to."""
        return {profiles.variable(p, field): value for p, held in self.secrets.items() for field, value in held.items()}

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """Every secret that is about: those of the profiles, that of `sent`, and the tokens given out so far."""
        stored = [value for held in self.secrets.values() for value in held.values()]
        issued = [*self._parts.prod.auth.issued, *self._parts.staging.auth.issued]
        return (*stored, *issued, *(secret for secret in (self._older, self._login) if secret))

    def serve_document(self) -> str:
        """Return the one line of JSON that `demo --serve` prints; it holds the practice secrets in clear."""
        env = {name: value.reveal() for name, value in (self.env | self.environ).items()}
        return json.dumps({"profile": PROFILE, "config": self.served_config, "env": env, "urls": self.urls})

    def _placed(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Write the servers' addresses into a fault's changes."""
        placed: dict[str, Any] = {}
        for key, value in changes.items():
            if isinstance(value, Mapping):
                placed[key] = self._placed(value)
            elif isinstance(value, str):
                placed[key] = re.sub(r"\{(auth|api|base)\}", lambda place: self.urls[place[1]], value)
            else:
                placed[key] = value
        return placed

    async def _transcript(self) -> str:
        """Put the question of the user's own program to the API, and write down both as curl does."""
        agent = "python-requests/2.32.3" if self.fault.sent == "login" else "curl/8.5.0"
        headers = [("Host", self.urls["base"].removeprefix("http://")), ("User-Agent", agent), ("Accept", "*/*")]
        if self.fault.sent == "older_token":
            older = stored_token(StoredToken(age=26 * HOUR), Holdings(), self._parts.prod)
            headers.append(("Authorization", f"Bearer {older}"))
            self._older = Secret(older)
        if self.fault.sent == "login":
            self._login = new_secret()
            pair = base64.b64encode(f"svc-portal:{self._login.reveal()}".encode()).decode()
            headers.append(("Authorization", f"Basic {pair}"))
        request = Request("GET", REQUEST_PATH, tuple(headers))
        response = await self._parts.prod.api(request)
        signed = Identity("api", API_PRODUCT, Clock(self.fault.settings.clocks.api)).sign(response)
        return curl_verbose(self.urls["base"], request, signed)


async def _serve(fault: Fault, port: int | None, journal: Journal) -> _Served:
    """Open the ports, build what answers there, and start it; whatever was opened is closed again where that fails."""
    settings = fault.settings
    names = ["base", "auth", "staging_api", "staging_auth", *(["api"] if settings.front != "api" else [])]
    listeners: dict[str, Listener] = {}
    servers: list[HttpServer] = []
    try:
        for name in names:
            listeners[name] = _listen(port or 0 if name == "base" else 0)
        listeners.setdefault("api", listeners["base"])
        prod = build("prod", listeners["auth"].url, settings)
        staging = build("staging", listeners["staging_auth"].url, settings)
        api, auth = Clock(settings.clocks.api), Clock(settings.clocks.auth)
        answering: list[tuple[str, str, str, Clock, Handler]] = [
            ("api", "api", API_PRODUCT, api, prod.api),
            ("auth", "auth", AUTH_PRODUCT, auth, prod.auth),
            ("staging_api", "staging_api", API_PRODUCT, api, staging.api),
            ("staging_auth", "staging_auth", AUTH_PRODUCT, auth, staging.auth),
        ]
        if settings.front in ("proxy", "relay"):
            drops = frozenset({"authorization"} if settings.front == "proxy" else ())
            answering.append(("base", "proxy", EDGE_PRODUCT, api, StrippingProxy(listeners["api"].port, drops)))
        cache = CachingProxy(listeners["api"].port, api)
        if settings.front == "cache":
            answering.append(("base", "cache", EDGE_PRODUCT, api, cache))
        if settings.front == "moved":
            answering.append(("base", "moved", API_PRODUCT, api, Moved(listeners["api"].url)))
        for place, name, product, clock, handler in answering:
            server = HttpServer(listeners[place], Identity(name, product, clock), handler, journal)
            servers.append(server)
            await server.start()
        if settings.front == "cache":
            await cache.keep(REQUEST_PATH)
        sntp = await SntpServer.start(Clock(settings.clocks.ntp))
    except BaseException:
        for server in servers:
            await server.close()
        for listener in listeners.values():
            listener.socket.close()
        raise
    urls = {name: listener.url for name, listener in listeners.items()} | {"ntp": sntp.address}
    return _Served(tuple(servers), sntp, prod, staging, urls)


def _listen(port: int) -> Listener:
    try:
        return Listener(port)
    except OverflowError:
        raise UsageError(f"{port} is no port: a port is a number from 1 to 65535.") from None
    except OSError as error:
        why = "is already in use" if error.errno == errno.EADDRINUSE else f"cannot be opened ({error.strerror})"
        raise UsageError(f"Port {port} {why}. Name another, or leave --port out.") from None
