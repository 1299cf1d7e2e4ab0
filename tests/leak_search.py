"""Does a text hold a secret, in any encoding? Written apart from the product's own scan, to test it."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from authwizard.model.secret import Secret

SHORTEST = 6
"""Characters below which a value is found everywhere by chance."""
PIECE = 20
"""Characters of a piece: no pane is narrower, so a secret that is wrapped over rows leaves one of this length."""
GRAIN = PIECE // 2
"""Wherever a piece stands in a text, one of the grains at every (PIECE - GRAIN + 1)th place lies whole within it."""


def leaks(secrets: Iterable[Secret], text: str) -> list[str]:
    """Return which encodings of which secrets occur in a text."""
    found = []
    values = values_of(secrets)
    for number, value in enumerate(values):
        for kind, form in forms(value):
            if len(form) >= SHORTEST and form in text:
                found.append(f"secret {number} ({len(value)} characters) as {kind}")
    for one, other in itertools.permutations((v for v in values if len(v) < 200), 2):
        if base64.b64encode(f"{one}:{other}".encode()).decode().rstrip("=") in text:
            found.append("a Basic pair")
    return found


class Pieces:
    """Every piece of every encoding of some secrets: finds what is cut off or wrapped over rows, too."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._pieces: dict[str, str] = {}
        self._short: dict[str, str] = {}
        for number, value in enumerate(values_of(secrets)):
            for kind, form in forms(value):
                label = f"a piece of secret {number} ({len(value)} characters) as {kind}"
                if SHORTEST <= len(form) < PIECE:
                    self._short.setdefault(form, label)
                for start in range(len(form) - PIECE + 1):
                    self._pieces.setdefault(form[start : start + PIECE], label)
        self._grains = {piece[start : start + GRAIN] for piece in self._pieces for start in range(PIECE - GRAIN + 1)}

    def within(self, text: str) -> list[str]:
        """Return which secrets a text holds a piece of."""
        found = [label for form, label in self._short.items() if form in text]
        if not self._grains.isdisjoint(text[i : i + GRAIN] for i in range(0, len(text), PIECE - GRAIN + 1)):
            found += [label for i in range(len(text) - PIECE + 1) if (label := self._pieces.get(text[i : i + PIECE])) is not None]
        return list(dict.fromkeys(found))


def values_of(secrets: Iterable[Secret]) -> list[str]:
    """Return the values that can be searched for: long enough, and no template that stands for a value."""
    return sorted({s.reveal() for s in secrets if len(s.reveal()) >= SHORTEST and "YOUR" not in s.reveal()})


def forms(value: str) -> Iterator[tuple[str, str]]:
    """Return a value in the encodings in which it could leave."""
    raw = value.encode("utf-8", "surrogatepass")
    yield "raw", value
    yield "stripped", value.strip()
    yield "quoted", quote(value, safe="")
    yield "form", quote_plus(value)
    yield "json", json.dumps(value)[1:-1]
    for offset in range(3):
        yield f"base64 at {offset}", base64.b64encode(raw[offset:])[:-4].decode().rstrip("=")
        yield f"base64url at {offset}", base64.urlsafe_b64encode(raw[offset:])[:-4].decode().rstrip("=")
    if value.count(".") >= 2:
        for part in value.split("."):
            if len(part) >= 16:
                yield "JWT part", part
