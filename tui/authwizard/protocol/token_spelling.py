"""Was a token's text re-encoded on its way: percent, base64 twice, the other alphabet, letter case, two tokens in one? (S1-08)"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import field
from urllib.parse import unquote

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.fingerprint import JWT_HEAD
from authwizard.protocol.jose_text import read_base64url, read_json

_ESCAPE = late_pattern(r"%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\/|&(?:#\d{1,3}|#x[0-9A-Fa-f]{1,2}|amp|quot|lt|gt);")
_UNICODE = late_pattern(r"\\u00([0-9A-Fa-f]{2})")
_COMPACT = late_pattern(JWT_HEAD + r"[A-Za-z0-9_+/=-]*(?:\.[A-Za-z0-9_+/=-]*){2,4}")
MAX_HEADS = 60
"""Places that begin like a header and are looked at, when a second token is searched."""


def percent_decoded(text: str) -> str | None:
    """Undo percent, JSON or HTML escapes; None where there are none, or one stands that is no escape."""
    if not _ESCAPE.search(text) or re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return None
    import html

    plain = html.unescape(_UNICODE.sub(lambda match: chr(int(match[1], 16)), text.replace("\\/", "/")))
    inner = unquote(plain, errors="replace")
    return inner if inner != text and "\ufffd" not in inner else None


def first_escape(text: str) -> tuple[int, str]:
    """Return where the first escape stands, and the escape itself (never more of the text)."""
    match = _ESCAPE.search(text)
    return (match.start(), match.group()) if match else (0, "")


def decoded_twice(text: str) -> str | None:
    """Return the token whose base64 the text is; None where it is none."""
    if len(text) < 16 or not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", text):
        return None
    try:
        inner = base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return inner if _COMPACT.fullmatch(inner.strip()) or re.match(r'\{\s*"access_token"', inner) else None


def url_safe(text: str) -> str | None:
    """Return a JWT in base64url that stands here in standard base64; None where it is no JWT, or is one already."""
    if not _COMPACT.fullmatch(text) or not set("+/=") & set(text):
        return None
    return text.replace("+", "-").replace("/", "_").replace("=", "")


def is_folded(text: str) -> bool:
    """Tell whether a JWT was written all in small or all in capital letters."""
    if text.count(".") not in (1, 2, 4) or len(text) < 20 or text[:3].lower() != "eyj":
        return False
    return text == text.lower() or text == text.upper()


@dataclass(frozen=True)
class Joined:
    """Two tokens in one text: where the second begins, and the one to keep."""

    position: int
    same: bool
    inner: str = field(repr=False)


def concatenated(text: str) -> Joined | None:
    """Find a second token behind a first; of two different ones the later to expire is kept."""
    if text.count(".") < 3 or not re.match(JWT_HEAD, text):
        return None
    start = text.find("eyJ", 20)
    for _ in range(MAX_HEADS):
        if start < 0:
            break
        first, second = text[:start].rstrip(" .,;|\t\r\n"), text[start:]
        # the payload of the first token begins like a head too, but only a header is JSON with `alg`
        if first.count(".") >= 2 and "alg" in _members(second):
            return Joined(start, first == second, second if _expiry(second) >= _expiry(first) else first)
        start = text.find("eyJ", start + 3)
    return None


def _members(token: str) -> dict[str, object]:
    value = read_json(read_base64url(token.partition(".")[0][:8192]).data).value
    return value if isinstance(value, dict) else {}


def _expiry(token: str) -> float:
    exp = _members(token.partition(".")[2]).get("exp")
    return float(exp) if isinstance(exp, (int, float)) and exp == exp else 0.0  # noqa: PLR0124 - NaN differs from itself
