"""What does a request line of a profile ask for, and where in it do secrets stand (`{secret:FIELD}`)?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from authwizard.model.late_pattern import late_pattern
from authwizard.model.secret import Secret

_PLACE = late_pattern(r"\{secret:([a-z_]+)\}")
_ESCAPED = late_pattern(r"(%[0-9A-Fa-f]{2})")


def split_request(text: str) -> tuple[str, str]:
    """Read "GET /path" as method and path or URL; the method is GET where none is written."""
    word, _, rest = text.strip().partition(" ")
    return (word.upper(), rest.strip()) if rest and word.isalpha() else ("GET", text.strip())


def fields_in(text: str) -> tuple[str, ...]:
    """Return the secret fields a text names, in order."""
    return tuple(_PLACE.findall(text))


def expand_url(url: str, secrets: Mapping[str, Secret]) -> str | Secret:
    """Put secrets into a URL, percent-encoded (escapes that are already there stay); raises KeyError for one that is absent."""
    return _expand(url, secrets, in_url=True)


def expand_text(text: str, secrets: Mapping[str, Secret]) -> str | Secret:
    """Put secrets into a header value, as they are; raises KeyError for one that is absent."""
    return _expand(text, secrets, in_url=False)


def without_secrets(url: str, parameter: str = "") -> str:
    """Return the URL with no credential in it: no user name and password, no query parameter that holds a secret.

    `parameter` names the query parameter that carries the profile's credential; it goes too, as does `access_token`.
    A secret in the path leaves its place empty: its segment cannot go without naming another resource.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return _PLACE.sub("", url)
    kept = [p for p in parts.query.split("&") if p and not _PLACE.search(p) and p.partition("=")[0] not in {parameter, "access_token"}]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], _PLACE.sub("", parts.path), "&".join(kept), ""))


def add_parameter(url: str, name: str, value: str) -> str:
    """Return the URL with one more query parameter, both parts percent-encoded."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    pair = f"{quote(name, safe='')}={quote(value, safe='', errors='surrogateescape')}"
    return urlunsplit((parts.scheme, parts.netloc, parts.path, f"{parts.query}&{pair}" if parts.query else pair, ""))


def _expand(text: str, secrets: Mapping[str, Secret], *, in_url: bool) -> str | Secret:
    if not _PLACE.search(text):
        return text

    def value(found: re.Match[str]) -> str:
        revealed = secrets[found[1]].reveal()
        return _encoded(revealed) if in_url else revealed

    return Secret(_PLACE.sub(value, text))


def _encoded(value: str) -> str:
    return "".join(
        piece if _ESCAPED.fullmatch(piece) else quote(piece, safe="", errors="surrogateescape") for piece in _ESCAPED.split(value)
    )
