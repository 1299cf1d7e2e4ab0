"""How is a user and a password written into, and read from, a Basic value? (RFC 7617, RFC 6749 2.3.1)"""

from __future__ import annotations

import base64
import binascii
from typing import Literal
from urllib.parse import quote_plus

from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret

Charset = Literal["utf-8", "latin-1"]


@dataclass(frozen=True)
class BasicSeen:
    """A Basic payload as it was read; `fault` says in a sentence why it could not be, "" where it could."""

    user: Secret | None = None
    password: Secret | None = None
    fault: str = ""


def basic_payload(user: str, password: str, charset: Charset = "utf-8") -> str:
    """Return the base64 of `user:password`; raises ValueError for a colon in the user or letters the charset lacks (never quoting them)."""
    if ":" in user:
        raise ValueError("The user name holds a colon, which Basic cannot carry (RFC 7617 2).")
    try:
        return base64.b64encode(f"{user}:{password}".encode(charset)).decode("ascii")
    except UnicodeEncodeError:
        raise ValueError(f"The user name or password holds letters that {charset} does not have.") from None


def client_payload(client_id: str, client_secret: str, *, form_encoded: bool = True) -> str:
    """Return the Basic payload of a client; by the standard id and secret are form-encoded first (RFC 6749 2.3.1)."""
    if form_encoded:
        return basic_payload(quote_plus(client_id), quote_plus(client_secret))
    return base64.b64encode(f"{client_id}:{client_secret}".encode()).decode("ascii")


def needs_form_encoding(text: str) -> bool:
    """Tell whether form-encoding changes a text, so that the two ways of RFC 6749 2.3.1 differ."""
    return quote_plus(text) != text


def read_basic(payload: str) -> BasicSeen:
    """Read a Basic payload; never raises."""
    try:
        decoded = base64.b64decode(payload.strip(), validate=True)
    except (binascii.Error, ValueError):
        return BasicSeen(fault="It is no base64.")
    try:
        text = decoded.decode("utf-8")
    except UnicodeDecodeError:
        text = decoded.decode("latin-1")
    user, colon, password = text.partition(":")
    if not colon:
        return BasicSeen(fault="There is no colon between user and password in it.")
    if password.endswith(("\n", "\r")):
        return BasicSeen(Secret(user), Secret(password), "It ends in a line break, as `echo` without -n makes it.")
    return BasicSeen(Secret(user), Secret(password))
