"""Does the credential stand under a header name that servers read? (S1-03)"""

from __future__ import annotations

from collections.abc import Iterator

from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.scheme import distance

Found = tuple[str, str, str, int | None, str | None]
"""Cause, factor, sentence, position, what it should be."""

_TOKEN = late_pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_STAND_INS = frozenset(
    ("x-authorization", "token", "bearer", "auth", "authentication", "x-authentication", "authenticate", "www-authenticate")
)


def name_faults(name: str, kind: str) -> Iterator[Found]:
    """Name a header that is no header name, one that is nearly `Authorization`, one for proxies, and one with an underscore.

    Other names are not judged: gateways read their own (`X-Serverless-Authorization`, `Authorization-Custom`).
    """
    factor = "header name"
    if not _TOKEN.fullmatch(name):
        plain = name.strip().rstrip(":").strip()
        words = "The header's name holds characters that no header name can have."
        yield "auth_header_name_wrong", factor, words, None, plain if _TOKEN.fullmatch(plain) else "Authorization"
        return
    lower = name.lower()
    if lower == "authorization":
        return
    if distance(lower, "authorization") <= 2:
        yield "auth_header_name_wrong", factor, f"The header is called {name}; servers read Authorization.", None, "Authorization"
    elif lower == "proxy-authorization" and kind != "api_key":
        words = "Proxy-Authorization is for the next proxy and ends there; an API reads Authorization."
        yield "auth_header_name_wrong", factor, words, None, "Authorization"
    elif lower in _STAND_INS and kind != "api_key":
        yield (
            "auth_header_name_wrong",
            factor,
            f"{name} is not a header that carries credentials; servers read Authorization.",
            None,
            "Authorization",
        )
    elif "_" in name:
        words = f"The name {name} holds an underscore; nginx and others drop such headers without a word."
        yield "header_name_underscore", factor, words, None, name.replace("_", "-")
