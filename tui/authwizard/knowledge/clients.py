"""What does the HTTP client of the user's program do on its own? Reads `clients.toml` (CHECKS 1.4 to 1.7)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from authwizard.knowledge.table_text import table_text
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Client, origin_of

Loss = Literal["any", "origin", "host_or_below", "hostname", "hostname_or_below", "never", "unsure"]
Fate = Literal["sent", "dropped", "refused", ""]
UNKNOWN_LOSS: Loss = "origin"
"""What most clients do, where the user's is not known."""


@dataclass(frozen=True)
class HttpClient:
    """One library and its habits; "" or None = not known. The words are those of `clients.toml`."""

    name: str
    library: str
    agent: str
    accept: str
    follows: Literal["always", "told"]
    authorization: Loss
    cookie: Loss
    other: Loss
    upgrade: bool
    netrc: Literal["always", "told", "never"]
    netrc_wins: bool
    userinfo: Literal["replaces", "yields", "refused"]
    proxies: Literal["environment", "system", "told"]
    names: Literal["kept", "canonical"]
    trusts: str
    capitals: bool = False
    no_proxy_blocks: bool | None = None
    blank_end: Fate = ""
    blank_front: Fate = ""
    line_break: Fate = ""
    beyond_ascii: Literal["utf-8", "latin-1", "lost", "refused", ""] = ""
    basic: Literal["utf-8", "latin-1", "told", ""] = ""
    body_with_get: Literal["sent", "refused", ""] = ""
    measured: str = ""
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)

    def loses(self, header: str, before: str, after: str) -> bool | None:
        """Tell whether a redirect from one address to another takes a header away that the program has set; None = versions differ."""
        lower = header.lower()
        loss = self.authorization if lower == "authorization" else self.cookie if lower == "cookie" else self.other
        return lost(loss, before, after, upgrade=self.upgrade)


@lru_cache(maxsize=1)
def clients() -> tuple[HttpClient, ...]:
    """Return every client that is known."""
    text = table_text("clients")
    return tuple(HttpClient(**row) for row in tomllib.loads(text)["client"])


def of_profile(client: Client) -> tuple[HttpClient, ...]:
    """Return the libraries that a profile's `client` may be; () for `other`."""
    return tuple(c for c in clients() if c.name == client)


def of_agent(user_agent: str) -> HttpClient | None:
    """Return the client that sends such a User-Agent; None where it is not known (a program may send any)."""
    lower = user_agent.strip().lower()
    return next((c for c in clients() if c.agent and lower.startswith(c.agent)), None)


def lost(loss: Loss, before: str, after: str, *, upgrade: bool = False) -> bool | None:
    """Tell whether a redirect between two addresses takes a header away under a rule of `clients.toml`."""
    one, two = origin_of(before), origin_of(after)
    if loss in ("any", "never"):
        return loss == "any"
    if one == two:
        return False
    if loss == "unsure":
        return None
    if upgrade and one.startswith("http:") and one.endswith(":80") and two == f"https{one[4:-3]}:443":
        return False
    if loss == "origin":
        return True
    return _other_host(loss, before, after)


def _other_host(loss: Loss, before: str, after: str) -> bool:
    first, second = _host(before), _host(after)
    names_differ = first[0] != second[0]
    below = second[0].endswith("." + first[0]) and ":" not in second[0]
    if loss == "hostname":
        return names_differ
    if loss == "hostname_or_below":
        return names_differ and not below
    downgraded = before.lower().startswith("https:") and not after.lower().startswith("https:")
    return downgraded or (first != second and not below)


def _host(url: str) -> tuple[str, int | None]:
    """Name and port as written: an omitted port is another than a written one only where they are compared as text."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "", None
