"""Which places of a text hold a secret by their look or their name, though nobody registered it?"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.placeholder import placeholder_of

TOKEN_LIKE = "token-like text"
"""Label of the unregistered texts a report must not hold: `eyJ` and more, 20 base64url characters and over."""


@dataclass(frozen=True)
class Shape:
    """A place of a text to be masked, and the word for what stands there."""

    start: int
    end: int
    word: str


TOKEN_LIKE_TEXT = late_pattern(r"eyJ[A-Za-z0-9_-]{17,}(?:\.[A-Za-z0-9_-]*){0,4}")
_WRAPPED = late_pattern(
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{17,}+(?:\.[A-Za-z0-9_-]*+){0,4}+"
    r"(?:[ \t]*+\r?\n[ \t]*+[A-Za-z0-9_.-]{20,}+(?![^\s\"'<>,]))+"
)
"""A token over several lines: whole lines of its characters belong to it."""
_OTHER_JWT = late_pattern(r"(?<![A-Za-z0-9_-])(?:eyA|ew[o0k])[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*")
_KNOWN_KEY = late_pattern(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|[sr]k_(?:live|test)_\w{10,}|xox[abeprs]-[\w-]{10,}"
    r"|AIza[\w-]{30,}|ya29\.[\w-]{20,}|npm_\w{30,}|SG\.[\w-]{15,}\.[\w-]{15,}|sk-ant-[\w-]{20,}|dop_v1_\w{30,}|shpat_\w{20,})"
)
_PRIVATE_KEY = late_pattern(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----")

_NAME_ENDS = ("token", "secret", "password", "passwd", "assertion", "code", "key", "samlresponse")
_NAME = late_pattern(
    r"(?:access|refresh|id|session|auth)[_-]?token|client[_-]?secret|(?<![a-z0-9])secret|passw(?:or)?d|assertion|device[_-]?code"
    r"|(?:api|private)[_-]?key|(?<![a-z0-9_-])code|samlresponse"
)
"""Names of members whose value is secret; looked for only where one of `_NAME_ENDS` was found, which is what makes it fast."""

_PLAIN = late_pattern(r"""["']\s{0,9}:\s{0,9}(?P<o>["'])(?P<value>(?:\\.|(?!(?P=o))[^\\\n])*)""")
_ESCAPED = late_pattern(r"""\\+["']\s{0,9}:\s{0,9}(?P<o>\\+["'])(?P<value>(?:(?!(?P=o))[^\n])*)""")
_FORM = late_pattern(r"""=(?P<value>[^&\s"'<>;,#]+)""")
_XML = late_pattern(r">(?P<value>[^<>]+)</")
"""Up to the next tag: behind a name that stands a thousand times, the whole text would be read a thousand times."""

_HEADER_LINE = late_pattern(
    r"(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?P<scheme>[A-Za-z][\w-]*[ \t]+)?(?P<value>[^\s\"',<]+)", re.IGNORECASE
)
_BEARER = late_pattern(r"\b(?:bearer|dpop)[ \t]+(?P<value>[A-Za-z0-9._~+/-]{8,}=*)(?![\w=\"'])", re.IGNORECASE)
_BASIC = late_pattern(r"\bbasic[ \t]+(?P<value>[A-Za-z0-9+/_-]{4,}={0,2})(?![\w=\"'])", re.IGNORECASE)
_USERINFO = late_pattern(r"://(?:\{secret:[a-z_]+\}|[^\s/?#@\"'<>:{])*:(?P<value>[^\s/?#@\"'<>]+)@")

_SAMPLE_NAME = late_pattern(r"[A-Z]+(?:_[A-Z]+)+")
_PIECES = late_pattern(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def shapes_of(text: str) -> Iterator[Shape]:
    """Yield the places to mask, in no order, overlapping where several rules see the same value."""
    yield from (Shape(m.start(), m.end(), "token") for m in TOKEN_LIKE_TEXT.finditer(text))
    yield from (Shape(m.start(), m.end(), "token") for m in _WRAPPED.finditer(text))
    yield from (Shape(m.start(), m.end(), "token") for m in _OTHER_JWT.finditer(text))
    yield from (Shape(m.start(), m.end(), "API key") for m in _KNOWN_KEY.finditer(text))
    yield from _private_keys(text)
    lower = text.lower()
    if len(lower) == len(text):  # a few capitals grow when lowered: then the places would be off
        yield from _members(text, lower)
    if "authorization" in lower:
        yield from (_shape(m, "credential") for m in _HEADER_LINE.finditer(text) if _is_credential(m))
    if "bearer" in lower or "dpop" in lower:
        yield from _matches(_BEARER, text, "token", looks_random)
    if "basic" in lower:
        yield from _matches(_BASIC, text, "user name and password", _is_pair)
    if "://" in text:
        yield from _matches(_USERINFO, text, "password", lambda value: not value.startswith("{secret:"))


def _private_keys(text: str) -> Iterator[Shape]:
    begin = _PRIVATE_KEY.search(text)
    while begin:
        end = text.find("-----END", begin.end())
        yield Shape(begin.start(), end if end >= 0 else len(text), "private key")
        begin = _PRIVATE_KEY.search(text, end) if end >= 0 else None


def _members(text: str, lower: str) -> Iterator[Shape]:
    for ending in _NAME_ENDS:
        end = lower.find(ending)
        while end >= 0:
            end += len(ending)
            # white space is bounded, so that a text of blanks costs nothing
            match = next((m for p in (_PLAIN, _FORM, _ESCAPED, _XML) if (m := p.match(text, end))), None)
            if match and (name := _name_before(lower, end)) and _hides(name, match["value"]):
                yield _shape(match, word_of(name))
            end = lower.find(ending, match.end() if match else end)


def _name_before(lower: str, end: int) -> str:
    start = max(0, end - 24)
    return next((m.group() for m in _NAME.finditer(lower, start, end) if m.end() == end), "")


def word_of(name: str) -> str:
    """Return the word for the value of a member, header or query parameter of this name."""
    plain = name.lower().replace("_", "").replace("-", "")
    words = (("refreshtoken", "refresh token"), ("clientsecret", "client secret"), ("assertion", "assertion"), ("passw", "password"),
             ("devicecode", "device code"), ("privatekey", "private key"), ("token", "token"), ("jwt", "token"), ("cookie", "cookie"),
             ("session", "session"), ("key", "API key"), ("code", "code"), ("signature", "signature"), ("saml", "assertion"))  # fmt: skip
    return next((word for part, word in words if part in plain), "secret")


def looks_random(value: str) -> bool:
    """Tell whether a value looks drawn by lot, as tokens do, and not like words, a number or an error code.

    Words of a sentence or of CamelCase are long; between the capitals and digits of a random text only two or three letters stand.
    """
    pieces = _PIECES.findall(value)
    if len(value) < 16 or not pieces:
        return False
    return sum(map(len, pieces)) < 4 * len(pieces) or max(map(len, pieces)) >= 20


def _matches(pattern: re.Pattern[str], text: str, word: str, test: Callable[[str], bool]) -> Iterator[Shape]:
    return (_shape(m, word) for m in pattern.finditer(text) if test(m["value"]))


def _shape(match: re.Match[str], word: str) -> Shape:
    return Shape(match.start("value"), match.end("value"), word)


def _hides(name: str, value: str) -> bool:
    """A `code` is an error code unless it looks random; a token never holds a blank; masks and templates are no values."""
    if not value or value.startswith(("<", "{secret:", "$")):
        return False
    if name.lower() == "code":
        return looks_random(value)
    return " " not in value or word_of(name) in ("password", "secret", "private key")


def _is_credential(match: re.Match[str]) -> bool:
    value = match["value"]
    if placeholder_of(value) or _SAMPLE_NAME.fullmatch(value):
        return False  # the sample of a documentation, which is a clue
    return len(value) >= 8 and not value.startswith(("<", "{secret:")) and (bool(match["scheme"]) or looks_random(value))


def _is_pair(value: str) -> bool:
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_" if set(value) & set("-_") else None)
    except (binascii.Error, ValueError):
        return False
