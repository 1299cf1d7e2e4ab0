"""In which spellings can one secret stand in a text? Raw, base64 at any byte alignment, a JWT's parts, a user:password pair."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import quote, quote_plus

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe, safe_line
from authwizard.protocol.fingerprint import JWT_HEAD

Reach = Literal["anywhere", "word", "value"]
"""Where a spelling counts: anywhere, not inside a longer word, or only where it stands alone as a value."""

_JWT = late_pattern(JWT_HEAD + r"[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,4}")
_SCHEME = late_pattern(r"(?:Bearer|Basic|Token|DPoP|JWT|OAuth|ApiKey|Digest|Negotiate)[ \t]+", re.IGNORECASE)
_URL_SAFE = str.maketrans("+/", "-_")


@dataclass(frozen=True)
class Needle:
    """One spelling of a secret. `encoded`: base64, so the whole run of base64 characters around it belongs to it."""

    text: str
    reach: Reach = "anywhere"
    encoded: bool = False
    part: bool = False
    """Only a part of the secret (one of a JWT's three)."""

    @property
    def foldable(self) -> bool:
        """Whether it may be looked for with all white space removed: long enough not to be found in prose."""
        return self.reach == "anywhere" and len(self.text) >= 12


def needles_of(text: str) -> tuple[Needle, ...]:
    """Return the spellings to look for, longest first; none for an empty text."""
    found: dict[str, Needle] = {}
    for value in _values(text):
        for spelling in (value, safe(value), safe_line(value), value.replace(" ", "+"), _mojibake(value)):
            _keep(found, Needle(spelling, _reach(spelling)))
        for other in (value.lower(), value.upper()) if _reach(value) == "anywhere" else ():
            # servers show a key in one case only, and of hexadecimal digits, base32 and UUIDs that is the whole key
            _keep(found, Needle(other))
        for part in _jwt_parts(value):
            _keep(found, Needle(part, part=True))
        for data in _bytes_of((value, _form(value), _percent(value))):
            for spelling in _base64_forms(data):
                _keep(found, Needle(spelling, "anywhere" if len(spelling) >= 8 else "word", encoded=True))
    return tuple(sorted(found.values(), key=lambda needle: -len(needle.text)))


def needles_of_pair(user: str, password: str) -> tuple[Needle, ...]:
    """Return the base64 of `user:password`, plain and form-encoded (RFC 7617 2, RFC 6749 2.3.1), longest first."""
    pairs = (f"{user}:{password}", f"{_form(user)}:{_form(password)}", f"{_percent(user)}:{_percent(password)}")
    found: dict[str, Needle] = {}
    for data in _bytes_of(pairs):
        for spelling in _alphabets(base64.b64encode(data).decode().rstrip("=")):
            _keep(found, Needle(spelling, "anywhere" if len(spelling) >= 12 else "word", encoded=True))
    return tuple(sorted(found.values(), key=lambda needle: -len(needle.text)))


def _keep(found: dict[str, Needle], needle: Needle) -> None:
    if needle.text.strip():
        found.setdefault(needle.text, needle)


def _values(text: str) -> Iterator[str]:
    """The texts that are secret: without a scheme word in front, without blanks at the ends, without inner white space."""
    value = _SCHEME.sub("", text.lstrip(), count=1) if _SCHEME.match(text.lstrip()) else text
    yield from dict.fromkeys((value, value.strip()))
    joined = "".join(value.split())
    if len(joined) >= 12:
        yield joined
    if len(value) < 100_000:
        yield from (match.group() for match in _JWT.finditer(value) if match.group() != value)


def _reach(value: str) -> Reach:
    """A short value stands in words by chance, so that it may only count alone: "a" would shred every report."""
    if len(value) < 4:
        return "value"
    return "word" if len(value) < 8 or (len(value) < 16 and value.isalpha()) else "anywhere"


def _jwt_parts(value: str) -> Iterator[str]:
    if _JWT.fullmatch(value):
        yield from (part for part in value.split(".") if len(part) >= 12)


def _mojibake(value: str) -> str:
    """UTF-8 read as Latin-1, as header values often are."""
    return value if value.isascii() else value.encode("utf-8", "surrogatepass").decode("latin-1")


def _form(value: str) -> str:
    return quote_plus(_bytes(value))


def _percent(value: str) -> str:
    return quote(_bytes(value), safe="")


def _bytes(value: str) -> bytes:
    """UTF-8; a lone surrogate is the byte of a file or variable that was no UTF-8, or else itself."""
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


def _bytes_of(values: Iterable[str]) -> Iterator[bytes]:
    yield from dict.fromkeys(data for value in values for data in (_bytes(value), *_latin(value)))


def _latin(value: str) -> Iterator[bytes]:
    if all(ord(c) < 0x100 for c in value):
        yield value.encode("latin-1")


def _base64_forms(data: bytes) -> Iterator[str]:
    """The base64 characters that only this data decides, for each of the three places in a group of three bytes."""
    for lead in range(3):
        text = base64.b64encode(bytes(lead) + data).decode()
        inner = text[(lead * 8 + 5) // 6 : (lead + len(data)) * 8 // 6]
        if len(inner) >= 6 or (lead == 0 and len(inner) >= 3):
            yield from _alphabets(inner)


def _alphabets(text: str) -> tuple[str, ...]:
    other = text.translate(_URL_SAFE)
    return (text,) if other == text else (text, other)
