"""Is a token response, a header line, a command, a URL, a cookie or a key file stored where the token alone belongs?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.fingerprint import JWT_HEAD
from authwizard.protocol.jose_text import read_json

_JWT = late_pattern(
    r"(?<![A-Za-z0-9_.-])" + JWT_HEAD + r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){0,2}(?![A-Za-z0-9_.-])"
)
_MEMBERS = ("access_token", "accessToken", "token", "jwt", "id_token", "idToken")
_CUT_MEMBER = late_pattern(r"""["'](?:access_?token)["']\s*:\s*u?["']([^"'\s]+)""", re.IGNORECASE)
_HEADER = late_pattern(
    r"""\{?\s*(?:-H\s*)?["']?\s*(?:proxy-)?authori[sz]ation["']?\s*[:=]\s*["']?(?:(?:bearer|token|jwt|dpop|oauth)[ \t:]+)?([^\s"'},]+)["']?\s*\}?""",
    re.IGNORECASE,
)
_ASSIGNMENT = late_pattern(
    r"""(?:export\s+|set\s+|setx\s+|\$env:|const\s+|let\s+|var\s+)?([A-Za-z_][A-Za-z0-9_.-]{0,60})\s*(=|:\s)\s*(["']?)([^\s"']{8,})\3;?""",
    re.IGNORECASE,
)
_ASSIGNMENT_NAME = late_pattern(r"token|jwt|secret|key|auth|bearer|password|credential", re.IGNORECASE)
_EDGE = late_pattern(r"[\s\"'=:;,<>(){}\[\]]")
_CURL = late_pattern(r"""authorization\s*:\s*(?:bearer|token|jwt|dpop)\s+([^\s"']+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Package:
    """What is stored instead of the token; `inner` is the token in it, None where there is none."""

    cause: str
    text: str
    position: int | None = 0
    inner: str | None = field(default=None, repr=False)


def unwrapped(text: str) -> Package | None:
    """Recognise what a token was stored in; None where the text is no such thing."""
    value = text.strip()
    return next((found for rule in _RULES if value and (found := rule(value)) is not None), None)


def token_answer_of(text: str) -> Mapping[str, Any] | None:
    """Return the members of a whole token response (RFC 6749 5.1); None where the text is none."""
    value = text.strip()
    members = read_json(value.encode("utf-8", "replace")).value if value.startswith("{") else None
    if not isinstance(members, Mapping) or not isinstance(members.get("access_token"), str) or not members["access_token"]:
        return None
    return members


def _response(value: str) -> Package | None:
    words = "The whole token response is stored; the token is its member `{}`."
    if value.startswith(("{", "[")):
        found = _member(read_json(value.encode("utf-8", "replace")).value)
        cut = None if found else _CUT_MEMBER.search(value)
        if found or cut:
            name, token = found or ("access_token", cut[1] if cut else "")
            return Package("token_response_pasted", words.format(name), 0, token)
    if re.match(r"(?:[a-z_]+=[^&\s]*&)*access_token=", value):
        token = dict(parse_qsl(value)).get("access_token")
        return Package("token_response_pasted", words.format("access_token"), 0, token) if token else None
    return None


def _member(value: object, depth: int = 2) -> tuple[str, str] | None:
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    if not isinstance(value, Mapping) or ("payload" in value and ("signatures" in value or "signature" in value)):
        return None
    for name in _MEMBERS:
        if isinstance(value.get(name), str) and value[name]:
            return name, value[name]
    nested = (_member(item, depth - 1) for item in value.values() if isinstance(item, Mapping) and depth)
    return next((found for found in nested if found), None)


def _command(value: str) -> Package | None:
    if not re.match(r"(?:\$\s*)?(?:curl|http|https|wget|Invoke-\w+)\s", value):
        return None
    match = _CURL.search(value) or _JWT.search(value)
    return Package("wrapper_in_token", "A whole command line is stored instead of the token.", 0, match and match[match.lastindex or 0])


def _header(value: str) -> Package | None:
    match = _HEADER.fullmatch(value)
    return match and Package("wrapper_in_token", "The header's name is stored as part of the value.", 0, match[1])


def _url(value: str) -> Package | None:
    if not re.match(r"[a-z][a-z0-9+.-]*://", value, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    members = dict(parse_qsl(parts.fragment) + parse_qsl(parts.query))
    token = next((members[name] for name in ("access_token", "token", "id_token", "jwt") if members.get(name)), None)
    words = "A URL is stored instead of the token" + (", which is one of its parameters." if token else ".")
    return Package("wrapper_in_token", words, 0, token)


def _pem(value: str) -> Package | None:
    return (
        Package("wrapper_in_token", "A PEM block is stored: a key or certificate, not a token.") if value.startswith("-----BEGIN") else None
    )


def _page(value: str) -> Package | None:
    if not re.match(r"<(?:!doctype html|html|head|body)\b", value, re.IGNORECASE):
        return None
    return Package("wrapper_in_token", "A web page is stored instead of the token: the request for it was answered by a page.")


def _assignment(value: str) -> Package | None:
    match = _ASSIGNMENT.fullmatch(value)
    if not match or not (_ASSIGNMENT_NAME.search(match[1]) or value.split(None, 1)[0].lower() in ("export", "set", "setx")):
        return None
    if match[2] == "=" and set(match[4]) <= {"="}:
        return None
    return Package(
        "wrapper_in_token", f"The assignment is stored with the value: it begins with a name and “{match[2].strip()}”.", 0, match[4]
    )


def _surrounded(value: str) -> Package | None:
    """Exactly one whole JWT with other words around it: a cookie string, a sentence, a log line."""
    found = [match for match in _JWT.finditer(value[:100_000]) if not match.group().endswith(".")]
    if len(found) != 1 or found[0].group() == value:
        return None
    before, after = value[: found[0].start()], value[found[0].end() :]
    around = before + after
    if not re.search(r"[\w.-]", around) or not (_EDGE.search(before[-1:] + after[:1])):
        return None
    if re.fullmatch(r"(?:bearer|token|jwt|dpop|oauth|basic)\s*", around.strip("\"'` "), re.IGNORECASE):
        return None  # a scheme word is judged with the header, where it may belong
    return Package(
        "wrapper_in_token", "Other text stands around the token.", found[0].end() if found[0].start() == 0 else 0, found[0].group()
    )


_RULES: tuple[Callable[[str], Package | None], ...] = (
    _response, _command, _header, _url, _pem, _page, _assignment, _surrounded,
)  # fmt: skip
