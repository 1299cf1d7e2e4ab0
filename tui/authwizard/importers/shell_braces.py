"""Which words does a shell make of braces? `a{b,c}` and `{1..3}` outside of quotes (bash's manual, "Brace Expansion")."""

from __future__ import annotations

import re
from itertools import pairwise

from authwizard.model.late_pattern import late_pattern

MARKS = {"{": "\ue003", ",": "\ue004", "}": "\ue005"}
"""What stands for these signs where no quote guards them: characters of private use, which no request holds."""
BRACES = {ord(mark): sign for sign, mark in MARKS.items()}
_OPEN, _COMMA, _CLOSE = MARKS.values()
_NUMBERS = late_pattern(r"(-?\d{1,9})\.\.(-?\d{1,9})(?:\.\.(-?\d{1,9}))?")
_LETTERS = late_pattern(r"([A-Za-z])\.\.([A-Za-z])")
_MOST = 100
"""More words than this are made of no command that is meant."""


def without_braces(word: str) -> list[str]:
    """Return the words that a word with MARKS in it becomes, without them; itself where the shell leaves it as it is.

    Raises ValueError where there are more than a hundred.
    """
    out: list[str] = []
    waiting = [("", word)]
    while waiting:
        done, rest = waiting.pop()
        found = _first(rest)
        if found is None:
            out.append((done + rest).translate(BRACES))
        else:
            start, end, members = found
            if len(waiting) + len(out) + len(members) > _MOST:
                raise ValueError(
                    "The command has braces outside of quotes that a shell makes more than a hundred words of; put quotes around them."
                )
            # the first member is to be read first; one may hold braces of its own
            waiting += [(done + rest[:start], member + rest[end:]) for member in reversed(members)]
    return out


def _first(text: str) -> tuple[int, int, list[str]] | None:
    """Return where the first braces begin and end that are taken apart, and what stands between them."""
    opened: list[tuple[int, list[int]]] = []
    first: tuple[int, int, list[str]] | None = None
    for at, char in enumerate(text):
        if char == _OPEN:
            opened.append((at, []))
        elif char == _COMMA and opened:
            opened[-1][1].append(at)
        elif char == _CLOSE and opened:
            start, commas = opened.pop()
            edges = [start, *commas, at]
            members = [text[a + 1 : b] for a, b in pairwise(edges)] if commas else _sequence(text[start + 1 : at])
            if members and (first is None or start < first[0]):
                first = (start, at + 1, members)
            if first is not None and not opened:
                return first
    return first


def _sequence(text: str) -> list[str]:
    letters = _LETTERS.fullmatch(text)
    if letters is not None:
        first, last = ord(letters[1]), ord(letters[2])
        return [chr(number) for number in _steps(first, last, 1)]
    numbers = _NUMBERS.fullmatch(text)
    if numbers is None:
        return []
    width = max(len(numbers[1]), len(numbers[2])) if re.search(r"(?:^|\.)-?0\d", text) else 0
    return [f"{number:0{width}d}" for number in _steps(int(numbers[1]), int(numbers[2]), abs(int(numbers[3] or 1)) or 1)]


def _steps(first: int, last: int, step: int) -> range:
    """At most one more than may be made of them: the caller says that there are too many."""
    whole = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    return whole[: _MOST + 1]
