"""What did a browser or a proxy record? Reads HTTP Archive files (HAR 1.2) and finds the request that was refused.

Chrome leaves Authorization, Cookie and Set-Cookie out of an export unless asked for them (developer.chrome.com, "DevTools: save network
requests to a HAR file"), so that a field which is absent from such a file may well have been sent.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any
from urllib.parse import urlencode, urljoin

from authwizard.importers.request import ImportedRequest
from authwizard.importers.transcript import ImportedAnswer, Transcript
from authwizard.model.frozen import dataclass
from authwizard.model.profile import origin_of

MAX_CHARACTERS = 64 << 20
MAX_BODY = 1 << 20
REFUSED = (401, 403, 407, 400)
"""Statuses in the order in which an entry is taken for the one that the user means."""
HIDDEN = frozenset({"authorization", "cookie", "set-cookie"})
"""Header fields that Chrome leaves out of a HAR by default."""


@dataclass(frozen=True, repr=False)
class Entry:
    """One request of a HAR and its answer; `status` None where the file has none, 0 where the browser saw no answer."""

    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    status: int | None = None
    answer_headers: list[tuple[str, str]] = field(default_factory=list)
    answer_body: str = ""
    redirect: str = ""

    def __repr__(self) -> str:
        return f"<Entry {self.method} {self.status}>"


def looks_like_har(text: str) -> bool:
    """Tell whether a text is meant as a HAR, by its beginning alone."""
    head = text.lstrip("\ufeff \t\r\n")[:4096]
    return head.startswith("{") and '"log"' in head


def load(text: str) -> object:
    """Return the JSON document of a HAR file; raises ValueError where it is too large or no JSON."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"This HAR file is larger than {MAX_CHARACTERS >> 20} MB; save one with the failing request alone.")
    try:
        return json.loads(text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        raise ValueError("This looks like a HAR file, but it is no whole JSON document.") from None


def entries(document: object) -> tuple[Entry, ...]:
    """Return all entries of a HAR document, () where it is none; what is not of the expected kind is passed over."""
    log = document.get("log") if isinstance(document, dict) else None
    found = log.get("entries") if isinstance(log, dict) else None
    return tuple(_entry(e) for e in found if isinstance(e, dict)) if isinstance(found, list) else ()


def read_har(text: str, own: frozenset[str] = frozenset(), number: int | None = None) -> Transcript:
    """Return the refused request of a HAR file, or the one of this number, and its answer.

    Args:
        text: The file's text.
        own: Origins (`scheme://host:port`) whose requests come first, where the file holds several that were refused.
        number: The place of an entry in the file; None = the one that was refused.

    Raises:
        ValueError: The text is no HAR, or nothing in it was refused.
    """
    found = entries(load(text))
    if not found:
        raise ValueError("This is JSON, but it holds no entries as a HAR file does.")
    chosen = _refused(found, own) if number is None else found[number] if 0 <= number < len(found) else None
    if chosen is None:
        raise ValueError(f"None of the {len(found)} requests in this HAR file was refused; record the failing one and save it again.")
    request = ImportedRequest(chosen.method, chosen.url, chosen.headers, chosen.body)
    answer = ImportedAnswer(chosen.status, chosen.answer_headers, chosen.answer_body) if chosen.status else None
    return Transcript(
        request, answer, tuple(_hops(found, chosen)), sanitised=_sanitised(found), source="a HAR file", unanswered=chosen.status == 0
    )


def _refused(found: tuple[Entry, ...], own: frozenset[str]) -> Entry | None:
    """The last refused entry: of HTTP before others (wss:, blob:), of an origin of the profile before others, a request before its preflight,
    one that was refused for good before one that was let in later (a renewed token, a login that waits for the challenge), 401 before
    other refusals.
    """
    let_in: dict[tuple[str, str], int] = {}
    for place, entry in enumerate(found):
        if entry.status is not None and 200 <= entry.status < 400:
            let_in[entry.method, entry.url] = place
    refused = [(place, e) for place, e in enumerate(found) if e.url and (e.status in REFUSED or e.status == 0)]
    ranks = {status: rank for rank, status in enumerate((*REFUSED, 0))}

    def rank(item: tuple[int, Entry]) -> tuple[bool, bool, bool, bool, int, int]:
        place, entry = item
        return (
            not entry.url.lower().startswith("http"),
            origin_of(entry.url) not in own,
            entry.method == "OPTIONS",
            let_in.get((entry.method, entry.url), -1) > place,
            ranks[entry.status or 0],
            -place,
        )

    return min(refused, key=rank)[1] if refused else None


def _hops(found: tuple[Entry, ...], last: Entry) -> Iterator[ImportedRequest]:
    """The requests that were redirected to this one, the first one first."""
    chain: list[Entry] = []
    target = last
    for entry in reversed(found[: found.index(last)]):
        if entry.redirect and _joined(entry) == target.url and len(chain) < 10:
            chain.append(entry)
            target = entry
    return (ImportedRequest(e.method, e.url, e.headers) for e in reversed(chain))


def _joined(entry: Entry) -> str:
    try:
        return urljoin(entry.url, entry.redirect)
    except ValueError:
        return ""


def _sanitised(found: tuple[Entry, ...]) -> bool:
    """Not one of the fields that a browser leaves out stands anywhere in the file: their absence says nothing."""
    names = {name.lower() for e in found for name, _ in (*e.headers, *e.answer_headers)}
    return not names & HIDDEN


def _entry(raw: dict[str, Any]) -> Entry:
    request, response = _mapping(raw.get("request")), _mapping(raw.get("response"))
    status = status_of(response.get("status"))
    return Entry(
        _text(request.get("method")).strip().upper() or "GET", _text(request.get("url")).strip(), _sent(request), _body(request.get("postData")),
        status if status is not None and 0 <= status < 1000 else None,
        _headers(response.get("headers")), _content(_mapping(response.get("content"))), _text(response.get("redirectURL")),
    )  # fmt: skip


def status_of(value: object) -> int | None:
    """Return a status as a number; some programs write it as text or with a decimal point."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}", value, re.ASCII):
        return int(value)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1 else None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _sent(request: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields of a request; a recorder that keeps cookies apart may leave their field out."""
    headers = _headers(request.get("headers"))
    if any(name.lower() == "cookie" for name, _ in headers):
        return headers
    rows = [_mapping(row) for row in request["cookies"]] if isinstance(request.get("cookies"), list) else []
    crumbs = "; ".join(f"{_text(row.get('name'))}={_text(row.get('value'))}" for row in rows if _text(row.get("name")))
    return [*headers, ("Cookie", crumbs)] if crumbs else headers


def _scalar(value: object) -> str:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _text(value)


def _headers(value: object) -> list[tuple[str, str]]:
    """The fields as pairs; the pseudo fields of HTTP/2 (`:authority`) are no header fields."""
    rows = (row for row in value if isinstance(row, dict)) if isinstance(value, list) else ()
    pairs = ((_text(row.get("name")).strip(), _scalar(row.get("value"))) for row in rows)
    return [(name, text) for name, text in pairs if name and not name.startswith(":")]


def _body(value: object) -> bytes | None:
    """The body as text; a form may be written as its members alone."""
    said = _mapping(value)
    text = _text(said.get("text"))
    if not text and not _text(said.get("mimeType")).lower().startswith("multipart/") and isinstance(said.get("params"), list):
        rows = [_mapping(row) for row in said["params"]]
        text = urlencode([(_text(row.get("name")), _text(row.get("value"))) for row in rows if _text(row.get("name"))])
    return text[:MAX_BODY].encode("utf-8", "surrogateescape" if text.isascii() else "replace") if text else None


def _content(content: dict[str, Any]) -> str:
    text = _text(content.get("text"))[: 2 * MAX_BODY]
    if content.get("encoding") != "base64":
        return text[:MAX_BODY]
    try:
        return base64.b64decode(text[: len(text) - len(text) % 4]).decode("utf-8", "replace")[:MAX_BODY]
    except (binascii.Error, ValueError):
        return ""
