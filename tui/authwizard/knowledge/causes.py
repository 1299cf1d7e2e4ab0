"""What is known about each root cause? Reads the catalogue `causes.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from authwizard.knowledge.table_text import table_text
from authwizard.model.cause import Cause, RemedyWhere
from authwizard.model.errors import UsageError
from authwizard.model.finding import Owner

FAMILY_ORDER = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "N")
"""The order in a request's life: a fault further left hides those further right."""

_PROSE = ("title", "explanation", "recognised", "remedy")


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Cause]:
    """Return every cause by its code, in the order of the file. Read once; a cause's prose is one line per text."""
    return _Catalogue(table_text("causes"))


class _Catalogue(Mapping[str, Cause]):
    """The causes by their codes. Each is parsed when it is asked for: a run argues about a few of them."""

    def __init__(self, text: str) -> None:
        heads = list(re.finditer(r"^\[cause\.(\w+)\]$", text, re.MULTILINE))
        ends = [*(head.start() for head in heads[1:]), len(text)]
        self._tables = {head[1]: text[head.start() : end] for head, end in zip(heads, ends, strict=True)}
        self._parsed: dict[str, Cause] = {}

    def __getitem__(self, code: str) -> Cause:
        if code not in self._parsed:
            self._parsed[code] = _cause(code, tomllib.loads(self._tables[code])["cause"][code])
        return self._parsed[code]

    def __contains__(self, code: object) -> bool:
        return code in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def cause(code: str) -> Cause:
    """Return one cause. Raises `UsageError` with the nearest codes for one that does not exist."""
    known = catalogue()
    if code in known:
        return known[code]
    import difflib

    wanted = code.strip().lower().replace("-", "_").replace(" ", "_")
    near = [wanted] if wanted in known else difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "`authwizard cause` lists them all."
    raise UsageError(f"There is no cause called {code[:60]!r}; {hint}")


def family_rank(code: str) -> int:
    """Return the place of a cause's family in `FAMILY_ORDER`, 0 for the earliest. Raises `UsageError` like `cause`."""
    return FAMILY_ORDER.index(cause(code).family)


def _cause(code: str, row: Mapping[str, Any]) -> Cause:
    prose = {name: " ".join(row[name].split()) for name in _PROSE}
    return Cause(
        code=code,
        family=row["family"],
        step=row["step"],
        owner=Owner(row["owner"]),
        commands=tuple(row["commands"]),
        remedies=tuple(
            RemedyWhere(one["fact"], one["value"], " ".join(one["remedy"].split()), tuple(one["commands"])) for one in row.get("where", ())
        ),
        sources=tuple(row["sources"]),
        confused_with=tuple(row["confused_with"]),
        context_only=row.get("context_only", False),
        **prose,
    )
