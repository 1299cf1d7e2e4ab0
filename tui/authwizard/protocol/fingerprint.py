"""By which eight digits is a secret named without being shown?"""

from __future__ import annotations

import hashlib
import hmac

from authwizard.model.late_pattern import late_pattern

JWT_HEAD = r"(?:eyJ|eyA|ew[o0k])"
"""How the base64url of a JSON object begins: an opening brace, then a quote or white space."""

_JWT = late_pattern(JWT_HEAD + r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){1,3}")
_TOKEN68 = late_pattern(r"[A-Za-z0-9._~+/-]+=*")


def is_token(text: str) -> bool:
    """Tell whether a text is a JWT, or 40 and more characters of token68 (RFC 9110 11.2): too long to be guessed from its hash."""
    return bool(_JWT.fullmatch(text)) or (len(text) >= 40 and bool(_TOKEN68.fullmatch(text)))


def fingerprint(text: str, install_key: bytes | None) -> str:
    """Return `#` and 8 hex digits that name a secret.

    Of SHA-256 for a token, so that the server's owner can compute the same; of HMAC-SHA256 under the per-install key for
    every other secret, because a short one could be found from a plain hash. Without a key those have none ("").
    """
    data = text.encode("utf-8", "surrogatepass")
    if is_token(text):
        return "#" + hashlib.sha256(data).hexdigest()[:8]
    if install_key is None or not text:
        return ""
    return "#" + hmac.new(install_key, data, hashlib.sha256).hexdigest()[:8]
