"""What can be seen of a token without trusting it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from authwizard.model.frozen import dataclass

TokenKind = Literal["jws", "jwe", "jws_json", "paseto", "saml", "macaroon", "cookie", "api_key", "uuid", "hex", "opaque", "empty"]
GUESS, HINT = "guess", "hint"
"""Parts of a fault that is told by shape alone: an honest value may look so too, rarely (guess) or quite often (hint)."""


@dataclass(frozen=True)
class TokenFault:
    """Something wrong with a token's text or structure: the cause it points to, a sentence, the place."""

    cause: str
    text: str
    part: str = ""
    """`header`, `payload`, `signature`, `value`, GUESS, HINT or ""."""
    position: int | None = None
    """0-based index of the faulty character in the value, where there is one."""


@dataclass(frozen=True)
class TokenSeen:
    """A token as lenient reading shows it; header and claims are neutralised text, never verified."""

    kind: TokenKind
    length: int
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[TokenFault, ...] = ()
    parts: tuple[int, ...] = ()
    """Length of each dot-separated part in characters."""
    signature_bytes: int | None = None
    duplicate_members: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def readable(self) -> bool:
        """Whether claims could be read (a JWS with a JSON payload)."""
        return self.kind in ("jws", "jws_json") and bool(self.claims)


@dataclass(frozen=True)
class SignatureSeen:
    """The outcome of verifying a signature: `why` is a sentence; `cause` where a fault names one."""

    status: Literal["verified", "failed", "not_checked"]
    why: str = ""
    cause: str = ""
    key_id: str = ""
    algorithm: str = ""
