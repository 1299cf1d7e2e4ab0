"""Are two answers of an API the same answer? Their signature, with volatile parts masked (CHECKS 13.2)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from authwizard.knowledge.messages import read_message
from authwizard.knowledge.responders import responder_of
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.challenge import Challenge, challenge_fields, parse_challenges

VOLATILE = late_pattern(
    r"""<[a-z0-9 ._-]{1,60}\ \d{1,9}\ bytes[^<>]{0,40}>                    # a masked secret
      | \beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4}                 # a JWT, or what an error page keeps of it
      | \bauthwizard-probe\b                                           # the probe's own meaningless token
      | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}   # UUID
      | (?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\ \d{1,2}[ -][a-z]{3}[a-z]{0,6}[ -]\d{2,4}\ \d\d:\d\d:\d\d(?:\ (?:gmt|utc|[+-]\d{4}))?  # HTTP date
      | \d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?  # timestamp
      | \d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?                            # IPv4
      | \b(?:[0-9a-f]{1,4}:){3,7}:?[0-9a-f]{1,4}\b                     # IPv6
      | \b[0-9a-f]{8,}\b                                               # hex
      | [A-Za-z0-9+/_.-]{16,}={0,2}                                    # an id or a value in base64, where it does not read as words
      | \b[a-z]{2,8}_[A-Za-z0-9]{6,}\b                                 # an id with a prefix (req_8Yk2...), likewise
      | \d+(?:\.\d+)?                                                 # number
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WORD_PARTS = late_pattern(r"[A-Z]?[a-z]+|[A-Z]+|.", re.DOTALL)
_SEPARATORS = frozenset("._/+-")


@dataclass(frozen=True)
class Signature:
    """What makes two answers the same: everything but ids, times and other volatile text."""

    status: int | None
    schemes: tuple[str, ...]
    error: str
    message: str
    content_type: str
    responder: str


def signature(exchange: Exchange) -> Signature:
    """Return an answer's signature; of an exchange without an answer, one that equals only its own kind of fault."""
    if exchange.fault is not None:
        return Signature(None, (), "", f"fault:{exchange.fault.layer}", "", "")
    return _signature(exchange.status, exchange.response_headers, exchange.body)


@lru_cache(maxsize=64)
def _signature(status: int | None, headers: tuple[tuple[str, str], ...], body: str) -> Signature:
    """The few answers of a run are compared with each other many times."""
    challenges = _challenges(headers)
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    return Signature(
        status,
        tuple(sorted(c.scheme for c in challenges)),
        next((c.params["error"] for c in challenges if c.params.get("error")), ""),
        _meaning(status, headers, body, challenges),
        content_type.partition(";")[0].strip().lower(),
        responder_of(headers, body).name,
    )


def _meaning(status: int | None, headers: tuple[tuple[str, str], ...], body: str, challenges: tuple[Challenge, ...]) -> str:
    """What the words mean, where they are known to mean one thing; else the words themselves without what varies.

    Vague words ("unauthorized") are no meaning that two answers could share while the rest of their bodies differs.
    """
    seen = read_message(status or 0, headers, body)
    if seen.kind in ("names", "absent"):
        return seen.key
    said = [c.params["error_description"] for c in challenges if c.params.get("error_description")]
    return "\n".join([*(masked(text) for text in said), skeleton(body)])


def same(one: Exchange, other: Exchange, *, ignore_body: bool = False) -> bool:
    """Tell whether two answers have the same signature; `ignore_body` where bodies proved volatile."""
    a, b = signature(one), signature(other)
    if ignore_body:
        a, b = replace(a, message=""), replace(b, message="")
    return a == b


def challenges_of(exchange: Exchange) -> tuple[Challenge, ...]:
    """Return the challenges of an answer, () where none can be read."""
    return _challenges(exchange.response_headers)


def _challenges(headers: tuple[tuple[str, str], ...]) -> tuple[Challenge, ...]:
    try:
        return parse_challenges(challenge_fields(headers))
    except ValueError:
        return ()


def skeleton(body: str) -> str:
    """Return a body with ids, times and numbers masked; of JSON the members in a fixed order, and only that there is a number."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return masked(body)
    return masked(json.dumps(_without_numbers(value), sort_keys=True))


def masked(text: str) -> str:
    """Return a text with `#` for everything in it that differs from answer to answer; its first 2000 characters count."""
    return VOLATILE.sub(_mask, text[:8000])[:2000]


def _mask(match: re.Match[str]) -> str:
    text = match.group()
    return text if _reads_as_words(text) else "#"


def _reads_as_words(text: str) -> bool:
    """Whether a long run of letters is made of words (`no_authorization`, `ExpiredAuthenticationToken`) and not drawn at random.

    A drawn one has digits, or changes between capitals and small letters every few places.
    """
    if text.lower() == "authwizard-probe" or text[:3] == "eyJ" or (len(text) >= 8 and set(text.lower()) <= set("abcdef")):
        return False
    parts = [part for part in _WORD_PARTS.findall(text) if part not in _SEPARATORS]
    return bool(parts) and all(part.isascii() and part.isalpha() for part in parts) and sum(map(len, parts)) >= 4 * len(parts)


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        found: dict[str, list[Any]] = {}
        for name, item in value.items():
            found.setdefault(masked(str(name)), []).append(_without_numbers(item))
        # Names that are ids are alike once they are masked; what they name stays, in an order of its own.
        return {name: items[0] if len(items) == 1 else sorted(items, key=_ordered) for name, items in found.items()}
    if isinstance(value, list):
        return [_without_numbers(item) for item in value]
    return "#" if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _ordered(item: Any) -> str:
    return json.dumps(item, sort_keys=True)
