"""A captured request beside what the profile sends, as text and as JSON; nothing in it is a secret."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from typing import Any

from authwizard.knowledge.causes import cause
from authwizard.model.evidence import SentRequest
from authwizard.model.finding import Table
from authwizard.model.frozen import dataclass
from authwizard.steps.sent_request import Difference

WIDTH = 100
SCHEMA = "authwizard.capture/1"


@dataclass(frozen=True)
class Told:
    """What a capture has to tell: every text is masked and neutralised."""

    profile: str
    address: str
    sent: SentRequest
    method: str
    url: str
    table: Table
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


def render_capture(told: Told) -> str:
    """Return the capture as text: the answer, what differs, both requests, what to do."""
    lines = ["", *_wrap(_summary(told), "")]
    lines += _section("What differs", (f"{d.cause}: {d.text}" for d in told.differences))
    lines += _section("To be known", told.notes)
    lines += ["", "Side by side:", *(line for row in told.table.rows for line in _row(row))]
    lines += ["", "What to do:", *(line for text in _advice(told) for line in _wrap(text, "  "))]
    return "\n".join(lines) + "\n"


def capture_json(told: Told) -> str:
    """Return the capture as one JSON object (`authwizard.capture/1`)."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "outcome": "differs" if told.differences else "same",
        "address": told.address,
        "summary": _summary(told),
        "request": {"method": told.sent.method, "url": told.sent.url, "headers": [list(f) for f in told.sent.fields], "body_bytes": told.sent.body_bytes},
        "profile": {"name": told.profile, "method": told.method, "url": told.url},
        "differences": [{"cause": d.cause, "text": d.text} for d in told.differences],
        "side_by_side": [dict(zip(("what", "your_program", "authwizard", "mark"), row, strict=True)) for row in told.table.rows],
        "notes": list(told.notes),
        "next": _advice(told),
    }  # fmt: skip
    return _dumped(document)


def render_nothing(notes: tuple[str, ...], address: str, profile: str) -> tuple[str, str]:
    """Return what is said where no request came, as text and as JSON."""
    words = f"Nothing came to {address}."
    advice = "See that your program runs, reads the changed address, and goes to it without a proxy (NO_PROXY=127.0.0.1)."
    document = {"schema": SCHEMA, "outcome": "nothing_came", "address": address, "summary": words, "profile": {"name": profile}, "differences": [],
                "notes": list(notes), "next": [advice]}  # fmt: skip
    return "\n".join(["", words, *_section("To be known", notes), "", *_wrap(advice, "")]) + "\n", _dumped(document)


def _summary(told: Told) -> str:
    who = f" ({told.sent.agent})" if told.sent.agent else ""
    if not told.differences:
        return f"Your program{who} sends what {told.profile} sends, in all that decides who it is."
    return f"Your program{who} sends something else than {told.profile}: {told.differences[0].text}"


def _advice(told: Told) -> list[str]:
    if not told.differences:
        words = "The request leaves your program right. What is left is the way: a proxy, a redirect, another address, another time. "
        return [f"{words}Run: authwizard check {told.profile} --reported-401"]
    first = told.differences[0]
    return [
        f"Mend it in your program, and capture it again. {cause(first.cause).title}: authwizard cause {first.cause}",
        "The address here stands in for the API, so host, port and TLS are not compared.",
    ]


def _row(row: tuple[str, ...]) -> list[str]:
    name, theirs, own, mark = row
    if mark != "differs":
        return _wrap(f"{name}: {theirs}" + ("" if mark == "same" or theirs == own else f"  (here: {own})"), "    ", "        ")
    return [
        f"  ! {name}",
        *_wrap(f"your program: {theirs}", "        ", "          "),
        *_wrap(f"authwizard:   {own}", "        ", "          "),
    ]


def _section(title: str, items: Iterable[str]) -> list[str]:
    entries = list(items)
    return ["", f"{title}:", *(line for entry in entries for line in _wrap(entry, "  - ", "    "))] if entries else []


def _wrap(text: str, first: str, rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=first if rest is None else rest, break_long_words=False, break_on_hyphens=False
    ) or [first.rstrip()]


def _dumped(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
