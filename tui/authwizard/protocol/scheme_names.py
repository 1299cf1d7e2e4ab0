"""How is the name of an authentication scheme written? (IANA's HTTP Authentication Scheme Registry; RFC 9110 11.1: its case does not matter.)"""

from __future__ import annotations

_NAMES = (
    "Basic", "Bearer", "Concealed", "Digest", "DPoP", "GNAP", "HOBA", "Mutual", "Negotiate", "OAuth", "PrivateToken", "SCRAM-SHA-1",
    "SCRAM-SHA-256", "vapid", "NTLM", "Token", "ApiKey", "API-Key", "AWS4-HMAC-SHA256", "Hawk", "Signature", "SharedKey", "GoogleLogin",
)  # fmt: skip
"""The registered names, and after `vapid` those that servers use without."""
_BY_SMALL = {name.lower(): name for name in _NAMES}


def scheme_name(scheme: str) -> str:
    """Return a scheme as people know it: `basic` as `Basic`; one that is not known stays as it is."""
    return _BY_SMALL.get(scheme.lower(), scheme)
