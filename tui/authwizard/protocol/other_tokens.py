"""What do tokens say that are no JWT: a public PASETO, a SAML assertion, a macaroon? Read, never verified, never raises."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import zlib
from collections.abc import Mapping
from typing import Any

from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe, safe_json
from authwizard.protocol.jose_text import read_base64url, read_json

_SIGNATURE_BYTES = {"v1": 256, "v2": 64, "v3": 96, "v4": 64}
"""Sizes of the signature behind the message of a public PASETO (PASETO specification, versions 1 to 4)."""
MAX_XML = 1_000_000
_SAML_PARTS = {
    "iss": late_pattern(r"<(?:\w+:)?Issuer\b[^>]*>([^<]{1,500})<"),
    "sub": late_pattern(r"<(?:\w+:)?NameID\b[^>]*>([^<]{1,500})<"),
    "aud": late_pattern(r"<(?:\w+:)?Audience\b[^>]*>([^<]{1,500})<"),
    "nbf": late_pattern(r"<(?:\w+:)?Conditions\b[^>]*\bNotBefore=[\"']([^\"']{1,40})"),
    "exp": late_pattern(r"<(?:\w+:)?Conditions\b[^>]*\bNotOnOrAfter=[\"']([^\"']{1,40})"),
    "iat": late_pattern(r"<(?:\w+:)?Assertion\b[^>]*\bIssueInstant=[\"']([^\"']{1,40})"),
}
"""Names of JWT claims and where a SAML 2.0 assertion says the same (SAML Core 2.3 to 2.5)."""


def paseto_claims(token: str) -> Mapping[str, Any]:
    """Return the claims of a public PASETO; none of a local one, which is encrypted."""
    parts = token.strip().split(".")
    if len(parts) < 3 or parts[1] != "public":
        return {}
    data = read_base64url(parts[2]).data
    value = safe_json(read_json(data[: -_SIGNATURE_BYTES.get(parts[0], 64)]).value)
    return value if isinstance(value, dict) else {}


def saml_claims(text: str) -> Mapping[str, Any]:
    """Return issuer, subject, audience and times of a SAML assertion under the names JWTs have for them."""
    xml = _xml(text.strip())
    found = {name: match[1].strip() for name, pattern in _SAML_PARTS.items() if (match := pattern.search(xml))}
    return {name: safe(value) for name, value in found.items()}


def seconds_of(moment: object) -> float | None:
    """Read a moment as these formats write it (ISO 8601, as in PASETO and SAML) or as JWTs do (seconds); None for anything else."""
    if isinstance(moment, (int, float)) and not isinstance(moment, bool):
        return float(moment) if abs(moment) < 1e18 else None
    if not isinstance(moment, str):
        return None
    try:
        read = dt.datetime.fromisoformat(moment.strip())
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=dt.UTC)).timestamp()


def _xml(text: str) -> str:
    if text.startswith("<"):
        return text[:MAX_XML]
    try:
        data = base64.b64decode("".join(text[: MAX_XML * 2].split()) + "==")
    except (binascii.Error, ValueError):
        return ""
    if not data.lstrip().startswith(b"<"):
        try:
            data = zlib.decompressobj(-15).decompress(data, MAX_XML)
        except zlib.error:
            return ""
    return data[:MAX_XML].decode("utf-8", "replace")
