"""One request and its answer, redacted and neutralised when it was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from authwizard.model.frozen import dataclass

Target = Literal["api", "token", "metadata", "verification", "other"]
Layer = Literal["dns", "connect", "tls", "timeout", "proxy", "protocol", "too_large", "refused_locally"]


@dataclass(frozen=True)
class TransportFault:
    """Why no answer came: the layer that failed and one sentence (never a secret)."""

    layer: Layer
    text: str


@dataclass(frozen=True)
class Exchange:
    """A request as it left and the answer as it came; every text is redacted and free of control characters.

    Times: `sent_at` and `received_at` are Unix seconds of this machine's clock, `timing_ms` milliseconds.
    """

    id: str
    purpose: str
    cost: str
    target: Target
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    response_headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    body_bytes: int = 0
    fault: TransportFault | None = None
    http_version: str = ""
    peer: str = ""
    sent_at: float = 0.0
    received_at: float = 0.0
    timing_ms: Mapping[str, int] = field(default_factory=dict)
    body_cut: str = ""
    """Why `body` is not the whole body (longer than the limit, broken off, undecodable), as a sentence; "" = it is whole."""
    tls: Mapping[str, str] = field(default_factory=dict)
    """What the TLS handshake showed: `version`, `subject`, `issuer`, `not_after`; empty without TLS."""
    header_bytes: int = 0
    """Size of the request's header fields as they left, names and line ends included."""

    def header(self, name: str) -> str | None:
        """Return the first response header of that name (any case), or None."""
        return next((v for n, v in self.response_headers if n.lower() == name.lower()), None)

    def header_all(self, name: str) -> tuple[str, ...]:
        """Return all response headers of that name (any case), in order."""
        return tuple(v for n, v in self.response_headers if n.lower() == name.lower())

    @property
    def ok(self) -> bool:
        """Whether the answer has a 2xx status."""
        return self.status is not None and 200 <= self.status < 300
