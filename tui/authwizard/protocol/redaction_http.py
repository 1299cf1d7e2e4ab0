"""Which header values and which parts of a URL are credentials by their name alone?"""

from __future__ import annotations

import re
from collections.abc import Callable

from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.redaction_shapes import word_of

Show = Callable[[str, str], str]
"""Makes the mask of a value: word, value to text; a mask and an empty value stay as they are."""

_SECRET_HEADER = late_pattern(
    r"(?:^|[-_.])(?:token|secret|passw(?:or)?d|credentials?|signature|jwt|assertion|session|dpop|apikey|session-?id)$|^dpop$"
    r"|(?<!idempotency)(?<!websocket)[-_.]key$",
    re.IGNORECASE,
)
_HARMLESS_HEADER = late_pattern(r"^(?:sec-websocket-key|idempotency-key|surrogate-key|xkey|x-cache-key)$", re.IGNORECASE)
_SECRET_QUERY = late_pattern(
    r"^(?:.*[-_.]?(?:token|secret|passw(?:or)?d|pwd|signature|assertion|credential|apikey|api[-_]key|subscription[-_]key|private[-_]key)"
    r"|key|sig|sid|code|device_code|jwt|session(?:[-_]?id)?|auth|authorization|samlresponse|x-amz-security-token)$",
    re.IGNORECASE,
)
_FIRST_WORD = late_pattern(r"([A-Za-z][A-Za-z0-9_-]*)([ \t]+)(\S.*)", re.DOTALL)
_USERINFO = late_pattern(r"((?:\{secret:[a-z_]+\}|[^:])*):(.*)", re.DOTALL)
_PARAMETER = late_pattern(
    r"(?P<name>response|signature|credential|sig|mac)(?P<is>\s*=\s*)(?P<quote>\"?)(?P<value>[^\",\s]+)", re.IGNORECASE
)
MASK = r"<(?:part of )?[A-Za-z][A-Za-z ]{0,40} [0-9]+ bytes?(?: #[0-9a-f]{8})?>"
"""What stands in a secret's place; the # of its fingerprint begins no fragment."""
_PAIR = late_pattern(rf"(?<![^=;&?#\s])(?P<name>[^=;&?#\s]++)=(?P<value>(?:{MASK}|[^;&#])*+)")
"""A name is tried from its beginning alone: a long text without `=` would be read again from each of its characters."""


def hide_header(name: str, value: str, request: bool, show: Show) -> str:
    """Return a header's value with its credential masked, where the name says that it is one."""
    lower = name.lower()
    if lower in ("authorization", "proxy-authorization"):
        return _hide_authorization(value, show)
    if lower == "cookie":
        return _hide_cookies(value, show)
    if lower == "set-cookie":
        first, semicolon, rest = value.partition(";")
        return _hide_cookies(first, show) + semicolon + rest
    if lower in ("location", "content-location", "referer", "refresh"):
        return hide_url(value, show)
    if _SECRET_HEADER.search(lower) and not _HARMLESS_HEADER.match(lower) and (request or not value.isdigit()):
        return show(word_of(lower), value)
    return value


def hide_url(url: str, show: Show) -> str:
    """Return a URL with the password of its userinfo and the values of secret-looking names masked."""
    head, mark, rest = url.partition("://")
    if mark:
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        userinfo, at, host = authority.rpartition("@")
        pair = _USERINFO.fullmatch(userinfo)
        if at and pair and not pair[2].startswith("{secret:"):
            url = f"{head}://{pair[1]}:{show('password', pair[2])}@{host}{rest[len(authority) :]}"
    start = min((i for i in (url.find("?"), url.find("#")) if i >= 0), default=-1)
    return url if start < 0 else url[: start + 1] + _PAIR.sub(lambda match: _hide_parameter(match, show), url[start + 1 :])


def _hide_parameter(match: re.Match[str], show: Show) -> str:
    name, value = match["name"], match["value"]
    if not _SECRET_QUERY.match(name) or value.startswith("{secret:"):
        return match.group()
    return f"{name}={show(word_of(name), value)}"


def _hide_authorization(value: str, show: Show) -> str:
    """The scheme word stays, what follows is masked; of a parameter list (Digest, SigV4) only what proves knowledge."""
    match = _FIRST_WORD.fullmatch(value.strip())
    if not match:
        return show("credential", value.strip())
    scheme, blank, rest = match.groups()
    if re.match(r"[\w-]+\s*=\s*[^=\s]", rest) and "," in rest:
        return scheme + blank + _PARAMETER.sub(lambda m: m["name"] + m["is"] + m["quote"] + show("signature", m["value"]), rest)
    word = {"basic": "user name and password", "bearer": "token", "dpop": "token", "token": "token", "jwt": "token"}.get(scheme.lower())
    return scheme + blank + show(word or "credential", rest)


def _hide_cookies(value: str, show: Show) -> str:
    shown = (part.partition("=") for part in value.split(";"))
    return ";".join(name + is_ + show("cookie", text.strip()) if is_ else show("cookie", name) for name, is_, text in shown)
