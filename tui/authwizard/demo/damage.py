"""What happens to a token's text on its way from the authorization server into somebody's settings?"""

from __future__ import annotations

import base64
import json

LINE = 76
"""Characters after which mail programs and base64 tools break a line."""
CUT = 40
"""Characters that are lost where a column or a variable is too short."""


def intact(token: str) -> str:
    """Nothing happens."""
    return token


def quoted(token: str) -> str:
    """The quotes of a settings file become part of the value."""
    return f'"{token}"'


def wrapped(token: str) -> str:
    """A mail program breaks the line."""
    return "\n".join(token[at : at + LINE] for at in range(0, len(token), LINE))


def newline_at_end(token: str) -> str:
    """`echo` adds its line feed."""
    return token + "\n"


def cut_off(token: str) -> str:
    """The end does not fit into the column."""
    return token[:-CUT]


def with_scheme(token: str) -> str:
    """The scheme word is copied along, and the program writes it once more."""
    return f"Bearer {token}"


def placeholder(_token: str) -> str:
    """The example's text was never replaced."""
    return "YOUR_ACCESS_TOKEN"


def altered(token: str) -> str:
    """One character inside the payload changes (in the token's id), the signature stays."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["jti"] = ("0" if claims["jti"][0] != "0" else "1") + claims["jti"][1:]
    changed = base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode()).rstrip(b"=").decode("ascii")
    return f"{header}.{changed}.{signature}"
