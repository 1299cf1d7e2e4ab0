"""Which requests did the practice servers get? So that a test can count them; never a credential, only its fingerprint."""

from __future__ import annotations

import time
from collections import deque

from authwizard.model.frozen import dataclass
from authwizard.protocol.clean import safe_line
from authwizard.protocol.fingerprint import fingerprint

KEPT = 5000
"""Requests that are remembered; older ones are forgotten."""
LONGEST_PATH = 200
"""Characters of a path that are kept."""


@dataclass(frozen=True)
class Received:
    """One request as a server saw it. `at` is Unix seconds of this machine's clock."""

    server: str
    """`api`, `auth`, `staging_api`, `staging_auth`, `proxy` or `moved`."""
    port: int
    method: str
    """Empty where the bytes were no HTTP request."""
    path: str
    """Without the query, which may hold a secret."""
    status: int
    authorization: bool
    fingerprint: str
    """Of the credentials after the scheme word; "" where they are too short to be named without being guessed."""
    at: float


class Journal:
    """The requests of all servers in the order they were answered."""

    def __init__(self) -> None:
        self._entries: deque[Received] = deque(maxlen=KEPT)

    @property
    def entries(self) -> tuple[Received, ...]:
        """All remembered requests."""
        return tuple(self._entries)

    def record(self, server: str, port: int, method: str, path: str, status: int, authorization: str | None) -> None:
        """Remember one answered request; of the Authorization field only its presence and a fingerprint are kept."""
        credentials = (authorization or "").partition(" ")[2] or authorization or ""
        named = fingerprint(credentials, None)
        shown = safe_line(path, LONGEST_PATH)
        self._entries.append(Received(server, port, method, shown, status, authorization is not None, named, time.time()))
