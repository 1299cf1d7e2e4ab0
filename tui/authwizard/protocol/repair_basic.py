"""Is a Basic value what RFC 7617 makes of a user and a password? Judged, never changed (S1-18)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator


def payload_faults(payload: str, colon_in_user: bool) -> Iterator[tuple[str, str, str]]:
    """Name the faults of the text behind `Basic`: cause, factor, sentence; never what it decodes to."""
    factor = "Basic payload"
    data = _decoded(payload.strip(" \t"))
    if data is None:
        yield "basic_malformed", factor, "The value behind Basic is not base64."
        return
    if b":" not in data:
        twice = _decoded(data.decode("latin-1").strip())
        words = "it was encoded twice" if twice and b":" in twice else "it holds no colon between user name and password"
        yield "basic_malformed", factor, f"The value behind Basic is base64, but {words}."
        return
    user, _, password = data.partition(b":")
    if colon_in_user:
        yield "basic_malformed", factor, "The user name holds a colon; the server takes what stands behind it as password."
    if data.endswith((b"\n", b"\r")):
        yield "whitespace_in_credential", factor, "The password ends in a line feed, as “echo” without -n adds one."
    elif any(byte < 0x20 or byte == 0x7F for byte in data):
        yield "basic_malformed", factor, "The user name or password holds a control character, which Basic does not allow."
    if not user or not password:
        words = "user name and password are" if not user and not password else f"{'user name' if not user else 'password'} is"
        yield "basic_malformed", "empty part", f"The {words} empty; some services mean that, most do not."
    if not data.isascii():
        yield "basic_charset", "charset", _charset_words(data)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if text else None
    except (binascii.Error, ValueError):
        return None


def _charset_words(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "The user name or password holds letters beyond ASCII, sent as Latin-1; most servers read UTF-8."
    return "The user name or password holds letters beyond ASCII, sent as UTF-8; some servers read Latin-1."
