"""Which parts of a credential made of parameters may be shown and judged (Digest, SigV4, HMAC)? Never what proves knowledge."""

from __future__ import annotations

import re
from collections.abc import Mapping

from authwizard.protocol.clean import safe_line

_PARAMETER = re.compile(r"([A-Za-z][A-Za-z0-9_*-]{0,40})\s*=\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^,\"]*))(?:,|\s*$|\s+(?=[A-Za-z]))")
_PROOF = frozenset({"response", "signature", "cnonce", "sig", "mac", "hmac", "password", "secret", "token", "hash", "nonce", "opaque"})
"""Names whose value is told by its length alone."""
_WHO = frozenset({"username", "user", "keyid", "id", "accesskeyid", "apikey", "username*"})
"""Names of whoever signs: only that they are there is told."""
AWS = "aws4-hmac-sha256"


def public_parameters(field_value: str) -> Mapping[str, str]:
    """Return the parameters of a field value by lower-case name, made harmless; empty where it is no list of them.

    Of a proof its length in characters is told, of a user or key id that it is there, of an AWS credential its scope and the
    first four letters of the key id (they tell a temporary key).
    """
    scheme, _, rest = field_value.strip().partition(" ")
    found = [(m[1].lower(), m[2] if m[2] is not None else (m[3] or "").strip()) for m in _PARAMETER.finditer(rest)]
    aws = scheme.lower().startswith("aws4-")
    if not aws and (len(found) < 2 or not rest.lstrip()[:41].partition("=")[1]):
        return {}
    return {name: _shown(name, value, aws=aws) for name, value in found}


def _shown(name: str, value: str, *, aws: bool) -> str:
    if aws and name == "credential":
        key, slash, scope = value.partition("/")
        return safe_line(f"{key[:4]}{slash}{scope}", 200)
    if name in _PROOF:
        return str(len(value))
    if name in _WHO:
        return "present" if value else ""
    return safe_line(value, 200)
