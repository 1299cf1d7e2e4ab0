"""Does a profile hold a secret in the open, and which command moves it to the store?

Looked at are all texts of a profile but its references. The sentence names the place and the command, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import SECRET_FIELDS, Reference
from authwizard.protocol.clean import safe_line
from authwizard.store.profile_errors import BadField
from authwizard.store.references import reference_fault
from authwizard.store.secret_shapes import looks_like_secret, looks_random
from authwizard.store.toml_lines import KeyPath

PLACEHOLDER = late_pattern(r"\{secret:([^{}]*)\}")
REQUEST_KEYS = frozenset({"base_url", "origin_url", "request", "probe", "whoami", "proxy"})
_SCHEME_WORD = late_pattern(r"\s*(?:bearer|basic|token|digest|dpop|negotiate|api-?key|key)\b\s*", re.IGNORECASE)
_SECRET_WORDS = frozenset({"authorization", "token", "secret", "password", "passwd", "pwd", "apikey", "jwt", "signature", "sig"})
_KEY_WORDS = frozenset({"api", "access", "subscription", "functions", "auth", "private", "license"})
_PAGE_WORDS = frozenset({"page", "next", "continuation", "sync", "type"})
_SESSION_WORDS = frozenset({"sid", "session", "sessionid", "jsessionid", "phpsessid", "auth"}) | _SECRET_WORDS
_PATH_RUN = 48
"""Ids of documents in a path reach 44 random characters; a credential there is rarely that short."""
_KEY_LENGTH = 16
"""`?key=name` is a sort key, `?key=` and 16 characters is a credential."""


def check_literals(name: str, table: Mapping[str, Any]) -> None:
    """Raise BadField for the first text of a profile's table (as TOML gives it) that looks like a secret."""
    for path, text in _texts(table, ("profile", name)):
        field = _field_of(path[2:], text)
        if field:
            raise BadField(path, moved(name, field, replaced=not _is_authorization(path)))


def without_literals(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile's table without the secrets that stand in it as values: in their table, and under their names in any other."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key == "secrets" and isinstance(value, dict):
            found[key] = {field: reference for field, reference in value.items() if not _is_value(reference)}
        elif key not in SECRET_FIELDS:
            found[key] = {k: v for k, v in value.items() if k not in SECRET_FIELDS} if isinstance(value, dict) else value
    return found


def _is_value(reference: object) -> bool:
    text = reference.get("ref") if isinstance(reference, dict) else reference
    return isinstance(text, str) and (reference_fault(Reference(text)) or "").startswith("holds")


def header_secret(name: str, text: str) -> bool:
    """Tell whether a header would be refused in a profile, since its value looks like a secret."""
    return _field_of(("headers", name), text) is not None


def request_secret(target: str) -> bool:
    """Tell whether a request target would be refused in a profile, since a part of it looks like a secret."""
    return _field_of(("request",), target) is not None


def moved(name: str, field: str, *, replaced: bool) -> str:
    """Word the refusal: what it is, the command that stores it, and what stays in the file."""
    then = f"write {{secret:{field}}} in its place" if replaced else "delete this line"
    profile = safe_line(name, 60)
    return f"looks like a secret, and this file never holds one. Run: authwizard store set {profile} {field}; then {then}"


def _texts(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Walk all texts of a profile but its references, with their key paths."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if len(path) != 2 or key != "secrets":
                yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))


def _is_authorization(path: KeyPath) -> bool:
    return path[2:3] == ("headers",) and str(path[-1]).lower() == "authorization"


def _field_of(path: KeyPath, text: str) -> str | None:
    """Return the secret field that a text should become, or None where it is no secret."""
    key = str(path[-1]) if path else ""
    rest = PLACEHOLDER.sub("", text)
    if path[:1] == ("headers",):
        return _header(key, rest, whole=rest == text)
    if key in REQUEST_KEYS or key.endswith("_url"):
        found = _url(rest if key == "base_url" or key.endswith("_url") else rest.strip().rpartition(" ")[2])
        if found:
            return found
    return _known(rest)


def _known(text: str) -> str | None:
    if not looks_like_secret(text):
        return None
    if "PRIVATE KEY" in text:
        return "private_key"
    return "access_token" if "eyJ" in text else "api_key"


def _header(name: str, text: str, *, whole: bool) -> str | None:
    """Judge a header's value; `whole` tells that no part of it is a placeholder."""
    words = _words(name)
    if "cookie" in words:
        return "session_cookie" if any(_crumb(part) for part in text.split(";")) else _known(text)
    field = "authorization" if "authorization" in words else "api_key"
    bare = _SCHEME_WORD.sub("", text, count=1).strip()
    if whole and bare and _names_secret(words):
        return field
    if looks_like_secret(text):
        return field
    if text.lstrip()[:8].lower().startswith(("http://", "https://")):  # Referer: an address of its own
        return _url(text)
    is_id = bool(words & {"id", "traceparent", "tracestate", "tenant", "organization", "account", "project"})
    return field if looks_random(text) and not is_id else None


def _crumb(part: str) -> bool:
    """Tell whether one `name=value` of a Cookie header is a session rather than a preference."""
    name, _, value = part.partition("=")
    return bool(value.strip()) and (bool(_words(name) & _SESSION_WORDS) or looks_random(value))


def _words(name: str) -> set[str]:
    """Split a name as people write them: `X-Api-Key`, `api_key`, `apiKey`."""
    return set(re.split(r"[-_.]", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.strip()).lower()))


def _names_secret(words: set[str]) -> bool:
    if words & _PAGE_WORDS:
        return False
    return bool(words & _SECRET_WORDS) or ("key" in words and bool(words & _KEY_WORDS))


def _url(text: str) -> str | None:
    """Judge a URL or a request target: userinfo, query, path."""
    try:
        parts = urlsplit(text.strip())
        password = parts.password
    except ValueError:
        return None
    if password:
        return "password"
    if looks_random(parts.username or ""):
        return "username"
    for name, value in parse_qsl(parts.query):
        words = _words(name)
        is_key = words in ({"key"}, {"code"}) and len(value) >= _KEY_LENGTH
        if _names_secret(words) or is_key or looks_like_secret(value):
            return name if name in SECRET_FIELDS else "api_key"
        if looks_random(value) and "id" not in words:
            return "api_key"
    return "api_key" if any(looks_random(part, at_least=_PATH_RUN) for part in parts.path.split("/")) else None
