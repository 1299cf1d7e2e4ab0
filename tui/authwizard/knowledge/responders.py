"""Which component wrote an answer? Reads `responders.toml` and compares its marks (CHECKS I-04)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache

from authwizard.knowledge.table_text import table_text
from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class Mark:
    """A header (with an optional pattern of its value) or a pattern of the body."""

    header: str = ""
    value: re.Pattern[str] | None = None
    body: re.Pattern[str] | None = None

    def fits(self, headers: Sequence[tuple[str, str]], body: str) -> bool:
        """Tell whether an answer carries this mark."""
        if self.body is not None:
            return self.body.search(body) is not None
        return any(n.lower() == self.header and (self.value is None or self.value.search(v)) for n, v in headers)


@dataclass(frozen=True)
class ResponderSeen:
    """The component that likely answered; `name` "" where no mark fits. `edge`: it stands in front of the API."""

    name: str = ""
    edge: bool = False
    source: str = ""


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[ResponderSeen, tuple[Mark, ...]], ...]:
    text = table_text("responders")
    return tuple(
        (ResponderSeen(row["name"], row.get("edge", False), row["source"]), tuple(_mark(m) for m in row["marks"]))
        for row in tomllib.loads(text)["responder"]
    )


def _mark(row: dict[str, str]) -> Mark:
    flags = re.IGNORECASE | re.DOTALL
    return Mark(
        row.get("header", ""),
        re.compile(row["value"], flags) if "value" in row else None,
        re.compile(row["body"], flags) if "body" in row else None,
    )


def responder_of(headers: Sequence[tuple[str, str]], body: str) -> ResponderSeen:
    """Return the first responder one of whose marks fits; the rows stand from the edge inwards."""
    return next((seen for seen, marks in _rows() if any(m.fits(headers, body) for m in marks)), ResponderSeen())
