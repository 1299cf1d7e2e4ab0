"""One JSON object a line in, one answer a line out, in the same order and never fewer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from authwizard.cli.text_input import open_input
from authwizard.protocol.clean import safe

MAX_LINE = 8 * 1024 * 1024
WORST = (2, 1, 3, 0)
"""The exit status of many lines: the worst in this order."""
_BATCH = 64 * 1024
Answer = Callable[[object], tuple[dict[str, Any], int]]


def answer_lines(name: str | None, answer: Answer, unreadable: Callable[[str], dict[str, Any]]) -> int:
    """Answer every line of a file or of standard input.

    Args:
        name: The file; None and "-" are standard input.
        answer: Returns a line's answer and its exit status; raises ValueError with a sentence where the line is nothing it can read.
        unreadable: Returns the answer to such a line.

    Returns:
        The worst exit status of all lines; 0 for none.
    """
    stream = open_input(name)
    statuses: set[int] = set()
    out = _Writer()
    try:
        for line in _lines(stream):
            try:
                said, status = answer(_value(line))
            except ValueError as error:
                said, status = unreadable(str(error)), 2
            statuses.add(status)
            out.write(said)
    finally:
        out.flush()
        if stream is not sys.stdin.buffer:
            stream.close()
    return next((s for s in WORST if s in statuses), 0)


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream; None for one that is too long, which is passed over to its end."""
    while line := stream.readline(MAX_LINE):
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        yield None


def _value(line: bytes | None) -> object:
    if line is None:
        raise ValueError(f"The line is longer than {MAX_LINE // 1024 // 1024} MiB.")
    if not line.strip():
        raise ValueError("The line is empty.")
    try:
        return json.loads(line)
    except RecursionError:
        raise ValueError("The line nests deeper than can be read.") from None
    except UnicodeDecodeError:
        raise ValueError("The line is not UTF-8.") from None
    except ValueError as error:
        # the parser's own words repeat the line's text in no case, but its place is all that helps
        place = getattr(error, "colno", 0)
        raise ValueError(f"The line is no JSON (at character {place}).") from None


class _Writer:
    """Writes lines in batches where nobody waits for each, and each at once where a program answers to it."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._size = 0
        self._at_once = sys.stdin.isatty()

    def write(self, said: dict[str, Any]) -> None:
        # escaped: no character of the answer can act on a terminal, and any encoding can carry it
        line = json.dumps(said) + "\n"
        self._held.append(line)
        self._size += len(line)
        if self._at_once or self._size >= _BATCH:
            self.flush()

    def flush(self) -> None:
        sys.stdout.write(safe("".join(self._held)))
        sys.stdout.flush()
        self._held, self._size = [], 0
