"""How does a secret fit into a store whose items are small (Windows: 2560 bytes, UTF-16, so 1280 characters)?

A secret that fits is stored as it is, so that the platform's own tools show it. A longer one is cut into parts under the names
`NAME#0`, `NAME#1` ..., and NAME itself holds `c1.<generation>.<number of parts>.<SHA-256 of the whole>`, written last: a half-written
secret is recognised as damaged, never returned cut short.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

PART_UNITS = 1200
"""UTF-16 code units in a part; below the platform's 1280 so that an item has room for what a back end adds."""

_HEADER = late_pattern(r"c1\.(\d{1,9})\.(\d{1,4})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Header:
    """What the item itself says of a secret in parts."""

    generation: int
    parts: int
    digest: str

    def __str__(self) -> str:
        return f"c1.{self.generation}.{self.parts}.{self.digest}"


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def must_split(text: str, limit: int | None) -> bool:
    """Tell whether a text is stored in parts: too long for one item, or it could be taken for a header."""
    return (limit is not None and units(text) > limit) or read_header(text) is not None


def read_header(text: str) -> Header | None:
    """Read the text of an item as a header; None where it is a secret itself."""
    found = _HEADER.fullmatch(text)
    return Header(int(found[1]), int(found[2]), found[3]) if found else None


def header_of(text: str, parts: int, generation: int) -> Header:
    """Make the header of a secret."""
    return Header(generation, parts, _digest(text))


def split(text: str) -> list[str]:
    """Cut a text into parts of at most PART_UNITS, never through a character."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[str]:
    part, length = "", 0
    for char in text:
        size = 2 if char > "\uffff" else 1
        if length + size > PART_UNITS:
            yield part
            part, length = "", 0
        part += char
        length += size
    yield part


def join(header: Header, parts: list[str | None]) -> str | None:
    """Put the parts together; None where one is missing or the whole is not what the header says."""
    whole = "".join(part for part in parts if part is not None)
    return whole if None not in parts and _digest(whole) == header.digest else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
