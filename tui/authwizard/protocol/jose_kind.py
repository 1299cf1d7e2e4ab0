"""What kind of artefact is a text: a JWT, an encrypted token, a SAML assertion, a key, a cookie, or plain opaque?"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from authwizard.model.late_pattern import late_pattern
from authwizard.model.token import TokenFault, TokenKind
from authwizard.protocol.fingerprint import JWT_HEAD
from authwizard.protocol.jose_text import read_base64url, read_json

_KEY_PREFIXES = (
    "sk_test_", "sk_live_", "rk_test_", "rk_live_", "pk_test_", "pk_live_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "xoxb-", "xoxp-", "xapp-", "xoxe.", "AKIA", "ASIA", "AIza", "ya29.", "SG.", "key-", "sk-", "npm_", "pypi-", "dop_v1_", "shpat_",
)  # fmt: skip
_PASETO = late_pattern(r"v[1-4]\.(?:local|public)\.[A-Za-z0-9_-]+")
_UUID = late_pattern(r"\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?", re.IGNORECASE)
_HEX = late_pattern(r"[0-9a-fA-F]{16,}")
_COOKIES = late_pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=[^;=\s][^;\s]*(?:;\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+=[^;\s]*)+;?")
_SIGNED_COOKIE = late_pattern(r"s(?::|%3A)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9%+/=_-]{20,}", re.IGNORECASE)
_SESSION = late_pattern(
    r"\.?eJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"
)
_SAML_BASE64 = ("PHNhbWxw", "PHNhbWw6", "PHNhbWwy", "PEFzc2Vyd", "PEVuY3J5", "PFJlc3Bv", "PD94bWwg")
_SAML_XML = late_pattern(r"<(?:\?xml|(?:\w+:)?(?:Assertion|EncryptedAssertion|Response|AuthnRequest)\b)")
_REFRESH = late_pattern(r"1//[A-Za-z0-9_-]{20,}|ghr_[A-Za-z0-9]{20,}|[01]\.A[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_.-]*")
_HEAD = late_pattern(JWT_HEAD)
_WHOLE_HEADS = ("eyJhbGciOiJ", "eyJ0eXAiOiJ", "eyJraWQiOiJ", "ewogICJhbGc")


def kind_of(text: str) -> TokenKind:
    """Classify a credential by its shape. Damaged JWTs count as `jws`, so that the damage can be named."""
    value = text.strip()
    if not value:
        return "empty"
    if is_saml(value):
        return "saml"
    if _PASETO.match(value):
        return "paseto"
    if value.startswith("{"):
        return _kind_of_json(value)
    compact = _kind_of_compact(value)
    if compact:
        return compact
    if _is_macaroon(value):
        return "macaroon"
    if is_cookie(value):
        return "cookie"
    if value.startswith(_KEY_PREFIXES):
        return "api_key"
    return "uuid" if _UUID.fullmatch(value) else "hex" if _HEX.fullmatch(value) else "opaque"


def kind_faults(kind: TokenKind, text: str) -> tuple[TokenFault, ...]:
    """Name the faults that the kind alone is, where a bearer token is wanted (S1-09, S1-13)."""
    if kind == "saml":
        return (TokenFault("saml_not_jwt", "This is a SAML assertion, not an access token; it has to be exchanged for one.", "value"),)
    if kind == "cookie":
        return (TokenFault("wrong_token_kind", "This is a session cookie, not an access token.", "value"),)
    if _REFRESH.fullmatch(text.strip()):
        return (TokenFault("refresh_token_used", "This looks like a refresh token; APIs take access tokens.", "value"),)
    return ()


def is_saml(value: str) -> bool:
    """Tell whether a text is a SAML assertion or response: XML, base64 of it, or deflated as in a redirect."""
    if value.startswith(_SAML_BASE64) or _SAML_XML.match(value):
        return True
    if len(value) < 100 or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", value[:20_000]):
        return False
    try:
        start = zlib.decompressobj(-15).decompress(base64.b64decode(value[:20_000][: len(value[:20_000]) // 4 * 4]), 400)
    except (zlib.error, binascii.Error, ValueError):
        return False
    return _SAML_XML.match(start.decode("utf-8", "replace")) is not None


def is_cookie(value: str) -> bool:
    """Tell whether a text is a session cookie: signed by Express, Flask or Django, or several `name=value` pairs."""
    return bool(_SIGNED_COOKIE.fullmatch(value) or _SESSION.fullmatch(value) or _COOKIES.fullmatch(value))


def missing_head(text: str) -> str:
    """Return the characters that are missing in front of a JWT whose head was cut off; "" where its head is not cut."""
    first = text.partition(".")[0][:4096]
    if _HEAD.match(first) or len(first) < 8:
        return ""
    for head in _WHOLE_HEADS:
        for length in range(1, len(head) + 1):
            header = read_json(read_base64url(head[:length] + first).data)
            if not header.problem and isinstance(header.value, dict) and isinstance(header.value.get("alg"), str):
                return head[:length]
    return ""


def _kind_of_json(value: str) -> TokenKind:
    members = read_json(value.encode("utf-8", "replace")).value
    if not isinstance(members, dict):
        return "opaque"
    if "ciphertext" in members:
        return "jwe"
    return "jws_json" if "payload" in members and ("signatures" in members or "signature" in members) else "opaque"


def _kind_of_compact(value: str) -> TokenKind | None:
    parts = value.split(".")
    header = read_json(read_base64url(parts[0]).data)
    if isinstance(header.value, dict) and (_HEAD.match(value) or not header.problem):
        if "enc" in header.value or (len(parts) == 5 and "alg" in header.value and not _HEAD.match(parts[1])):
            return "jwe"
        if "alg" not in header.value and _SESSION.fullmatch(value):
            return None
        return "jws"
    if _HEAD.match(value) and (len(parts) in (2, 3) or re.fullmatch(r"[A-Za-z0-9_-]{20,}", value)):
        return "jws"
    if value[:3].lower() == "eyj" and len(parts) in (2, 3):
        return "jws"  # the case was folded
    if len(parts) in (2, 3) and (missing_head(value) or _HEAD.match(parts[1])):
        return "jws"
    beheaded = not parts[0] and re.fullmatch(r"\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{16,}", value)
    return "jws" if len(parts) == 3 and (beheaded or re.match(r".{1,3}eyJ", value)) else None


def _is_macaroon(value: str) -> bool:
    if value.startswith("pypi-"):
        return False
    data = read_base64url(value[:400]).data
    return b"location " in data[:16] or (data[:2] == b"\x02\x01" and b"\x02" in data[2:])
