"""Which parts of a credential made of parameters may be shown and judged (Digest, SigV4, HMAC)? Never what proves knowledge."""

from __future__ import annotations

from collections.abc import Mapping

from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe_line

AWS = "aws4-hmac-sha256"
HMAC = frozenset({"hmac", "signature"})
"""Schemes whose value lists the fields it covers: Kong hmac-auth, and the drafts before RFC 9421."""
_SCHEMES = frozenset({"digest", AWS, *HMAC})
_SHOWN = frozenset({"realm", "algorithm", "qop", "nc", "signedheaders", "headers", "created", "expires"})
"""Names whose value anybody may see; of all others only the length is told."""
_PARAMETER = late_pattern(r"([A-Za-z][A-Za-z0-9_*-]{0,40})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^,\"]*))(?:,|\s*$|\s+(?=[A-Za-z]))")


def public_parameters(field_value: str) -> Mapping[str, str]:
    """Return the parameters of a field value of a known scheme by lower-case name, made harmless; empty for any other value.

    What may be secret is told by its length in characters. Of a signed address only the path is told (its query may hold a key), of
    an AWS credential its scope and the first four letters of the key id (they tell a temporary key).
    """
    scheme, _, rest = field_value.strip().partition(" ")
    if scheme.lower() not in _SCHEMES:
        return {}
    found = ((m[1].lower(), m[2] if m[2] is not None else (m[3] or "").strip()) for m in _PARAMETER.finditer(rest))
    return {name: safe_line(_shown(name, value, scheme.lower()), 200) for name, value in found}


def _shown(name: str, value: str, scheme: str) -> str:
    if name in _SHOWN:
        return value
    if name == "uri":
        return value.partition("?")[0]
    if name == "credential" and scheme == AWS:
        key, slash, scope = value.partition("/")
        return f"{key[:4]}{slash}{scope}"
    return str(len(value)) if value else ""
