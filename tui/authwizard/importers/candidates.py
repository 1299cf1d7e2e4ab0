"""Which requests of a document could be the one that fails? A HAR, a collection and a description hold many."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from authwizard.importers.documents import document
from authwizard.importers.har import REFUSED, Entry, entries, load
from authwizard.importers.openapi import Operation, read_openapi
from authwizard.importers.postman import read_collection
from authwizard.importers.request import ImportedRequest
from authwizard.importers.request_profile import KEY_HEADERS, SHORTEST_IN_PATH
from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.protocol.redaction import Redactor

MOST = 5000
"""Requests that are named: who has more gives the one that fails by itself."""
MOST_KNOWN = 50
MOST_WAYS = 6
MOST_OF_URL = 2000
WIDTH = 200


@dataclass(frozen=True)
class Candidate:
    """One request of a document. `pick` names it for `profiles.Choices`; label and note are for people, and without a secret."""

    pick: str
    label: str
    note: str = ""


def candidates(source: str, text: str) -> tuple[Candidate, ...]:
    """Return the requests of a document, the likeliest first; () for a format that holds one. Raises ValueError as its reader does."""
    find = _FINDERS.get(source)
    return tuple(found for _, found in zip(range(MOST), find(text), strict=False)) if find is not None else ()


def _har(text: str) -> Iterator[Candidate]:
    """Refused requests first, as `har.read_har` ranks them; the same one again and again is named once, by its last time."""
    every = entries(load(text))
    redactor = _knowing(every)
    found = {(e.method, e.url, e.status): (number, e) for number, e in enumerate(every) if e.url.startswith(("http://", "https://"))}
    for number, entry in sorted(found.values(), key=lambda item: (_rank(item[1]), -item[0])):
        yield Candidate(str(number), f"{safe_line(entry.method, 20)} {_shown(entry.url, redactor)}", _answer(entry))


def _rank(entry: Entry) -> tuple[int, bool]:
    ranks = {status: rank for rank, status in enumerate((*REFUSED, 0))}
    return ranks.get(-1 if entry.status is None else entry.status, len(ranks)), entry.method == "OPTIONS"


def _answer(entry: Entry) -> str:
    said = "no answer" if not entry.status else f"answered with {entry.status}"
    asks = ImportedRequest(entry.method, entry.url, entry.headers, entry.body).is_token_request
    return f"{said}, asks for a token" if asks else said


def _postman(text: str) -> Iterator[Candidate]:
    redactor = Redactor()
    for number, request in enumerate(read_collection(document(text))):
        yield Candidate(
            str(number),
            safe_line(request.name, WIDTH) or "without a name",
            f"{safe_line(request.method, 20)} {_shown(request.url or '', redactor)}",
        )


def _openapi(text: str) -> Iterator[Candidate]:
    for operation in sorted(read_openapi(document(text)).operations, key=_unlikely):
        pick = f"{operation.method} {operation.path}"
        yield Candidate(pick, safe_line(pick, WIDTH), _needs(operation))


def _unlikely(operation: Operation) -> tuple[bool, bool]:
    return operation.method != "GET", not any(operation.requirements)


def _needs(operation: Operation) -> str:
    if not operation.requirements:
        return "asks for no credential"
    ways = (
        " and ".join(r.scheme.key + (f" ({' '.join(r.scopes)})" if r.scopes else "") for r in one)
        for one in operation.requirements[:MOST_WAYS]
    )
    return safe_line(" or ".join(way or "none" for way in ways), WIDTH)


def _knowing(every: Iterable[Entry]) -> Redactor:
    """Return a redactor that knows the credentials of a file's requests: one may stand in the path of another."""
    values = {value.rpartition(" ")[2] for e in every for name, value in e.headers if name.lower() in ("authorization", *KEY_HEADERS)}
    redactor = Redactor()
    for value in sorted(v for v in values if len(v) >= SHORTEST_IN_PATH)[:MOST_KNOWN]:
        redactor.add("token", Secret(value))
    return redactor


def _shown(url: str, redactor: Redactor) -> str:
    """An address for a list: no login, no query, and what is, or looks like, a token masked."""
    return safe_line(re.sub(r"//[^/@]*@", "//", redactor.redact_url(url[:MOST_OF_URL]).partition("?")[0]), WIDTH)


_FINDERS: Mapping[str, Callable[[str], Iterator[Candidate]]] = {"har": _har, "postman": _postman, "openapi": _openapi}
