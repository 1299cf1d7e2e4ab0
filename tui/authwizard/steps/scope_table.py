"""Which row of the profile's scope table speaks about a request, and does what the token holds satisfy it? Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Endpoint, Profile

Coverage = Literal["met", "maybe", "unmet"]

_PLACEHOLDER = late_pattern(r"\{[^{}/]*\}|<[^<>/]*>|(?<![^/]):[A-Za-z_]\w*")
"""`{id}`, `<id>` and a segment `:id`: one piece of a path, whatever it is."""


@dataclass(frozen=True)
class Shortfall:
    """How a row's requirement compares with what is granted.

    `maybe`: only a wider, wildcard or differently prefixed name could cover it; `because` says which. `missing` names the
    smallest set of scopes that would satisfy the row, the first one written where several are as small.
    """

    coverage: Coverage
    missing: tuple[str, ...] = ()
    because: str = ""


def row_for(profile: Profile) -> Endpoint | None:
    """Return the row of the scope table for the profile's own request; the most specific one where several fit."""
    return find_row(profile, profile.endpoints, f"{profile.method} {profile.target}")


def find_row(profile: Profile, rows: Iterable[Endpoint], request: str) -> Endpoint | None:
    """Return the most specific row whose method and path fit `request`; the query is ignored, equals keep their order."""
    method, path = _split(profile, request)
    fitting = []
    for index, row in enumerate(rows):
        row_method, template = _split(profile, row.request)
        if row_method in (method, "*") and matches(template, path):
            fitting.append((_specificity(template), row_method != "*", -index, row))
    return max(fitting, key=lambda found: found[:3])[3] if fitting else None


def matches(template: str, path: str) -> bool:
    """Tell whether a path fits a template: `{id}` is one segment, a `*` at the end one or more, elsewhere within one."""
    wanted, given = _segments(template), _segments(path)
    if wanted and wanted[-1] in ("*", "**"):
        head = wanted[:-1]
        enough = len(given) >= len(head) + (1 if wanted[-1] == "*" else 0)
        return enough and _each(head, given[: len(head)])
    return len(wanted) == len(given) and _each(wanted, given)


def requirement(row: Endpoint) -> tuple[frozenset[str], ...]:
    """Return the sets of scopes of which any one suffices; a row without scopes needs none."""
    return tuple(frozenset(one.split()) for one in row.scopes if one.strip())


def shown(row: Endpoint) -> str:
    """Write a requirement for a person: "read or devices:read", "a and b"."""
    return " or ".join(" and ".join(sorted(one)) for one in requirement(row)) or "none"


def compare(row: Endpoint, granted: Collection[str]) -> Shortfall:
    """Compare a row's requirement with the granted scopes (exact and case-sensitive, RFC 6749 3.3)."""
    sets = requirement(row)
    if not sets or any(one <= set(granted) for one in sets):
        return Shortfall("met")
    missing = min((tuple(sorted(one - set(granted))) for one in sets), key=len)
    for one in sets:
        covers = [_cover(name, granted) for name in sorted(one - set(granted))]
        if all(covers):
            return Shortfall("maybe", tuple(sorted(one - set(granted))), covers[0])
    return Shortfall("unmet", missing)


def _cover(needed: str, granted: Collection[str]) -> str:
    """Return the granted name that some servers would take for `needed`, or ""."""
    return next((name for name in sorted(granted) if _same_suffix(needed, name) or _wildcard(name, needed) or _wider(name, needed)), "")


def _same_suffix(one: str, other: str) -> bool:
    """`https://api.example.com/read` or `api://id/read` and `read`: some servers drop the prefix (Entra does)."""
    return one != other and any("://" in full and full.rpartition("/")[2] == short for full, short in ((one, other), (other, one)))


def _wildcard(granted: str, needed: str) -> bool:
    return granted.endswith("*") and needed.startswith(granted[:-1])


def _wider(granted: str, needed: str) -> bool:
    """Whether a name looks like the wider one: `admin`; `devices:admin`, `repo` or `drive` for what stands under it; write for read."""
    if granted == "admin" or (granted.endswith((":admin", ".admin")) and needed.startswith(granted[:-5])):
        return True
    if len(granted) > 2 and needed.startswith((f"{granted}:", f"{granted}.", f"{granted}/")):
        return True
    return any(_as_read(granted, wide) == needed for wide in WIDER_VERBS)


WIDER_VERBS = ("readwrite", "write", "manage", "admin")
"""Verbs that many servers let include reading (GitHub, Microsoft Graph, Auth0); never the other way round."""


def _as_read(granted: str, verb: str) -> str:
    """Return a scope with its verb exchanged for reading (`write:org`, `User.ReadWrite.All`, `devices:manage`), "" where it has none."""
    found = re.search(rf"(?:^|(?<=[:._/-])){verb}(?=[:._/-]|$)", granted, re.IGNORECASE)
    if found is None or found.group() == granted:
        return ""  # a bare `write` beside `read` is a name of its own
    reading = "Read" if found.group()[0].isupper() else "read"
    return granted[: found.start()] + reading + granted[found.end() :]


def _split(profile: Profile, request: str) -> tuple[str, str]:
    word, _, rest = request.strip().partition(" ")
    named = bool(rest.strip()) and (word.isalpha() or word == "*")
    method, target = (word.upper(), rest.strip()) if named else ("GET", request.strip())
    return method, _path(profile.url_of(target))


def _path(url: str) -> str:
    # Not urlsplit: a template or a {secret:..} reference may hold what it rejects.
    rest = url.partition("://")[2] if "://" in url else url
    path = rest[rest.find("/") :] if "/" in rest else "/"
    return path.partition("?")[0].partition("#")[0]


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _each(wanted: list[str], given: list[str]) -> bool:
    return all(_segment_pattern(w).fullmatch(g) for w, g in zip(wanted, given, strict=True))


def _segment_pattern(template: str) -> re.Pattern[str]:
    pieces, end = [], 0
    for hole in re.finditer(rf"{_PLACEHOLDER.pattern}|\*+", template):
        pieces += [re.escape(template[end : hole.start()]), "[^/]*" if hole.group().startswith("*") else "[^/]+"]
        end = hole.end()
    return re.compile("".join([*pieces, re.escape(template[end:])]))


def _specificity(template: str) -> tuple[tuple[int, ...], int]:
    """Literal text before a placeholder before a wildcard, compared segment by segment from the left."""
    segments = _segments(template)
    return tuple(_weight(segment) for segment in segments), len(segments)


def _weight(segment: str) -> int:
    if "*" in segment:
        return 0 if segment.strip("*") == "" else 1
    whole = _PLACEHOLDER.fullmatch(segment)
    return 2 if whole else 3 if _PLACEHOLDER.search(segment) else 4
