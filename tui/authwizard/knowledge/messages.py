"""What do the server's own words say? Reads `messages*.toml` and finds the row that fits an answer (CHECKS 14)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, Literal, cast

from authwizard.knowledge.error_codes import CODES
from authwizard.knowledge.literals import WordIndex
from authwizard.knowledge.table_text import table_text
from authwizard.model.finding import Grade
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.challenge import challenge_fields, parse_challenges

MessageClass = Literal["absent", "names", "ambiguous", "none"]
Place = Literal["answer", "log"]
TELLING = (
    "error_description", "error", "message", "detail", "hint", "title", "reason", "code", "error_code", "errorcode", "errors", "messages",
    "msg", "errorsummary", "description", "fault", "faultstring", "status",
)  # fmt: skip
"""Members of a JSON answer that hold its reason, the most telling first; all others come after them."""
TELLING_FIELDS = (
    "x-amzn-errortype", "x-ms-error-code", "x-auth-error", "x-error-message", "x-error-code", "grpc-message", "x-seraph-loginreason",
)  # fmt: skip
"""Header fields some servers put their reason in."""
FILES = ("", "_gateways", "_clouds", "_libraries", "_issuers", "_providers", "_servers", "_logs")
"""The files `messages*.toml`; the first holds the wordings that many share."""
MAX_TEXT = 500
"""Characters of one text that are read: a reason stands at its beginning."""
MAX_WORDS = 200
"""Characters of a server's words that are quoted."""
MAX_TEXTS = 24
MAX_HEADERS = 40
MAX_CHARACTERS = 4000
"""Of all texts together: an answer's reason is short, and a hostile answer must not cost seconds."""
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
"""Patterns and texts are compared in small letters (a third of the time of ignoring case); unlike `lower` this keeps every place."""
MAX_PAGE = 4000
_RANK: dict[str, int] = {"names": 3, "absent": 2, "ambiguous": 1}
_TAG = late_pattern(r"<[^<>]{0,300}>")
_HIDDEN = late_pattern(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_IDENTIFIER = late_pattern(r"(?=.{4,80}$)[A-Za-z][A-Za-z0-9]*(?:[_./:-][A-Za-z0-9]+)*")
_WORD = late_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TITLE = late_pattern(r"<title[^<>]{0,100}>([^<]{1,300})</title", re.IGNORECASE)


@dataclass(frozen=True)
class MessageRow:
    """One row of `messages*.toml`."""

    regex: str
    kind: MessageClass
    causes: tuple[str, ...]
    grade: Grade
    stack: str
    source: str
    place: Place = "answer"
    beside: str = ""
    """A pattern that must fit somewhere in the same answer, where the words alone are anybody's; "" where they suffice."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The words, compiled where they are first tried."""
        return re.compile(self.regex)

    def stands_in(self, surroundings: str) -> bool:
        """Tell whether the answer as a whole is one of this stack."""
        return not self.beside or re.search(self.beside, surroundings) is not None

    @property
    def weight(self) -> tuple[int, int, bool]:
        """How much the row says: its grade, then a named cause before absence before a refusal that narrows it down a little."""
        return self.grade.points, _RANK[self.kind], bool(self.causes)


@dataclass(frozen=True)
class MessageSeen:
    """The most telling words of an answer. `key` is equal for equal meanings (part of the response signature)."""

    kind: MessageClass = "none"
    causes: tuple[str, ...] = ()
    grade: Grade = Grade.W
    words: str = ""
    stack: str = ""
    source: str = ""
    key: str = ""
    expected: tuple[tuple[str, str], ...] = ()
    """What the server says it expects: ("audience", value), ("issuer", value)."""

    @property
    def one_meaning(self) -> bool:
        """Whether these words leave no other cause open."""
        return self.kind == "names" and self.grade is Grade.S and len(self.causes) == 1


@lru_cache(maxsize=1)
def rows() -> tuple[MessageRow, ...]:
    """Return all rows in the files' order, and in the order they stand in there."""
    texts_read = (table_text(f"messages{name}") for name in FILES)
    return tuple(_row(stack, row) for text in texts_read for stack in tomllib.loads(text)["stack"] for row in stack["rows"])


@lru_cache(maxsize=1)
def _index() -> WordIndex:
    return WordIndex(row.regex for row in rows())


def _row(stack: dict[str, Any], row: list[str]) -> MessageRow:
    kind, grade, causes, regex, *beside = row
    if kind not in _RANK:
        raise ValueError(f"messages.toml: {kind!r} is no class of message")
    place: Place = "log" if stack.get("where") == "log" else "answer"
    return MessageRow(
        regex, cast("MessageClass", kind), tuple(causes.split()), Grade(grade), stack["name"], stack["source"], place, "".join(beside)
    )


def read_message(status: int, headers: Sequence[tuple[str, str]], body: str) -> MessageSeen:
    """Return the row that says most about this answer; class "none" where no row fits.

    Only rows that say so look at the status: servers say the same words under several (CHECKS 1.10).
    """
    return _read(status, tuple((str(name), str(value)) for name, value in headers), body[: 1024 * 1024])


@lru_cache(maxsize=128)
def _read(status: int, headers: tuple[tuple[str, str], ...], body: str) -> MessageSeen:
    return _best(
        islice(texts(headers, body), MAX_TEXTS), ("answer",), (f"status {status}", *(f"{n}: {v}" for n, v in headers), body[:MAX_PAGE])
    )


def read_log(text: str) -> MessageSeen:
    """Return the row that says most about lines of a server's log; the last line that says as much stands (it is the newest)."""
    lines = [line.strip()[:MAX_TEXT] for line in text.splitlines() if line.strip()]
    return _best(reversed(lines[-200:]), ("log", "answer"))


def _best(found: Iterable[str], places: tuple[Place, ...], around: Iterable[str] = ()) -> MessageSeen:
    """Of all texts: `around` holds what else a row may ask for, the status, the header fields and the body."""
    best: tuple[tuple[int, int, bool], MessageSeen] = ((0, 0, False), MessageSeen())
    read = _within_limit(dict.fromkeys(found))
    surroundings = "\n".join((*(line[:MAX_PAGE] for line in islice(around, MAX_HEADERS)), *read)).translate(_SMALL)
    for text in read:
        hit = _strongest(text, places, surroundings)
        if hit is not None and hit[1].weight > best[0]:
            best = hit[1].weight, _seen(*hit, text)
    return best[1]


def _within_limit(found: Iterable[str]) -> list[str]:
    kept: list[str] = []
    left = MAX_CHARACTERS
    for text in found:
        left -= len(text)
        if left < 0:
            break
        kept.append(text)
    return kept


def _strongest(text: str, places: tuple[Place, ...], surroundings: str) -> tuple[int, MessageRow, re.Match[str]] | None:
    """Of one text: a longer match hides what it covers (a stack's own words before shared ones), and of the rest the row that says most stands."""
    hits = _hits(text.translate(_SMALL), places, surroundings)
    if not hits and _IDENTIFIER.fullmatch(text) and text.lower() not in CODES:
        # a code such as TOKEN_EXPIRED or tokenExpired says in one word what others say in three
        hits = [hit for hit in _hits(words_of(text), places, surroundings) if not hit[1].stack]
    kept: list[tuple[int, MessageRow, re.Match[str]]] = []
    for hit in sorted(hits, key=lambda h: (not h[1].stack, h[2].start() - h[2].end(), not h[1].beside, h[0])):
        if all(hit[2].end() <= other[2].start() or other[2].end() <= hit[2].start() for other in kept):
            kept.append(hit)
    return max(kept, key=lambda h: h[1].weight, default=None)


def _hits(small: str, places: tuple[Place, ...], surroundings: str) -> list[tuple[int, MessageRow, re.Match[str]]]:
    return [
        (index, row, match)
        for index, row in ((index, rows()[index]) for index in _index().candidates(small))
        if row.place in places
        for match in islice(row.pattern.finditer(small), 3)
        if row.stands_in(surroundings)
    ]


def words_of(identifier: str) -> str:
    """Write an identifier as words: `ERR_TOKEN_EXPIRED`, `auth/token-expired` and `TokenExpiredError` as "token expired"."""
    words = [word.lower() for word in _WORD.findall(identifier)]
    while len(words) > 1 and words[-1] in ("error", "exception", "err"):
        words.pop()
    while len(words) > 1 and words[0] in ("error", "err", "e"):
        words.pop(0)
    return " ".join(words)


def _seen(index: int, row: MessageRow, match: re.Match[str], text: str) -> MessageSeen:
    expected = tuple((name, text[match.start(name) : match.end(name)].strip()) for name in match.groupdict() if match[name])
    return MessageSeen(row.kind, row.causes, row.grade, _beginning(text), row.stack, row.source, f"row:{index}", expected)


def _beginning(text: str) -> str:
    """Up to 200 characters in whole words: half a token would no longer be known for one."""
    if len(text) <= MAX_WORDS:
        return text
    kept = text[:MAX_WORDS].rpartition(" ")[0]
    return kept or text[: MAX_WORDS // 4]


def texts(headers: Sequence[tuple[str, str]], body: str) -> Iterator[str]:
    """Yield the texts of an answer a server may have put its reason in, the challenge's first; each cut to a readable length."""
    for text in (*_challenge_texts(headers), *(v for n, v in headers if n.lower() in TELLING_FIELDS)):
        yield text.strip()[:MAX_TEXT]
    yield from body_texts(body)


def _challenge_texts(headers: Sequence[tuple[str, str]]) -> Iterator[str]:
    try:
        challenges = parse_challenges(challenge_fields(headers))
    except ValueError:
        return
    for challenge in challenges:
        yield from (challenge.params[name] for name in ("error_description", "error") if challenge.params.get(name))


def body_texts(body: str) -> Iterator[str]:
    """Yield the telling texts of a body: members of JSON, the texts of a page or XML document, or the text itself."""
    stripped = body.strip()
    if not stripped:
        return
    try:
        value = json.loads(stripped)
    except (ValueError, RecursionError):
        yield from _page_texts(stripped[:MAX_PAGE])
        return
    yield from _strings(value, "", 0)


def _strings(value: Any, name: str, depth: int) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(value, str):
        if value.strip():
            yield value.strip()[:MAX_TEXT]
    elif isinstance(value, dict):
        for member in sorted(islice(value, 100), key=_telling):
            yield from _strings(value[member], member, depth + 1)
    elif isinstance(value, list):
        for item in value[:20]:
            yield from _strings(item, name, depth + 1)
    elif isinstance(value, int) and not isinstance(value, bool) and "code" in name.lower():
        yield f"code {value}"[:MAX_TEXT]


def _telling(member: str) -> int:
    name = member.lower()
    return TELLING.index(name) if name in TELLING else len(TELLING)


def _page_texts(text: str) -> Iterator[str]:
    title = _TITLE.search(text)
    if title is not None:
        yield title.group(1).strip()
    shown = _HIDDEN.sub(" ", text)
    pieces = [" ".join(piece.split()) for piece in _TAG.split(shown)]
    yield from (piece[:MAX_TEXT] for piece in islice((p for p in pieces if p), MAX_TEXTS // 2))
    # a sentence may be broken up by tags inside it
    yield " ".join(" ".join(pieces).split())[:MAX_TEXT]
