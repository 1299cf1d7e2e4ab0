"""What does a .env file say? Read as each of the two families of readers reads it: they differ, and the difference causes 401s.

`python-dotenv` is read by that library itself. `motdotla` is the dialect of Node's dotenv package, read here by its documented rules
(github.com/motdotla/dotenv, README "What rules does the parsing engine follow?").
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from authwizard.model.late_pattern import late_pattern

DIALECTS = ("python-dotenv", "motdotla")
_BLANK = "\t\v\f \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What JavaScript takes for a blank (ECMA-262, WhiteSpace and LineTerminator), without the ends of lines: a byte order mark is one."""
_STRIPPED = "\n" + _BLANK.replace("\u2000-\u200a", "".join(map(chr, range(0x2000, 0x200B))))
_KEY = late_pattern(rf"[\n{_BLANK}]*(?:export[\n{_BLANK}]+)?([\w.-]+)(?:[\n{_BLANK}]*=|:[\n{_BLANK}])", re.ASCII)
_BLANKS = late_pattern(r"\s+")
_MOST_BLANKS = 4000
_INK = late_pattern(rf"[^\n{_BLANK}]")
_QUOTES = "'\"`"
_ENDS = "\n\u2028\u2029"
"""Where a line ends for `^`, `$` and `.` of JavaScript's patterns (ECMA-262, LineTerminator)."""
_END = rf"[{_BLANK}]*(?:#[^{_ENDS}]*)?(?=[{_ENDS}]|\Z)"
_QUOTED = [late_pattern(rf"[\n{_BLANK}]*({quote}(?:\\{quote}|[^{quote}])*{quote}){_END}") for quote in _QUOTES]
_PLAIN = late_pattern(rf"[{_BLANK}]*([^#\n]*)(?:#[^{_ENDS}]*)?(?=[{_ENDS}]|\Z)")
_BETWEEN_QUOTES = late_pattern(rf"(?:(?<=[{_ENDS}])|\A)([{_QUOTES}])(.*)\1(?=[{_ENDS}]|\Z)", re.DOTALL)
_NEXT_LINE = late_pattern(rf"[{_ENDS}]")


def parse_dotenv(text: str, dialect: str) -> list[tuple[str, str | None]]:
    """Return names and values in the order of the file, the last value of a name at its first place; None for a name without one.

    `dialect` is `python-dotenv` or `motdotla`; raises ValueError for another. Variables in values are not filled in.
    """
    if dialect == "python-dotenv":
        return list(dict(_as_python(text)).items())
    if dialect.partition("/")[0] == "motdotla":
        return list(dict(_as_node(text)).items())
    raise ValueError(f"There is no .env dialect called {dialect[:40]!r}; there are {' and '.join(DIALECTS)}.")


def differing(text: str) -> tuple[str, ...]:
    """Return the names that the two dialects read with different values: such a file works in one program and not in another."""
    python, node = dict(parse_dotenv(text, "python-dotenv")), dict(parse_dotenv(text, "motdotla"))
    names = dict.fromkeys((*python, *node))
    return tuple(name for name in names if (python.get(name) or "") != (node.get(name) or ""))


def _as_python(text: str) -> Iterator[tuple[str, str | None]]:
    # The parser alone: `dotenv_values` logs what it cannot read, and would fill in variables.
    from dotenv.parser import parse_stream

    if any(len(run) > _MOST_BLANKS for run in _BLANKS.findall(text)):  # its pattern for a comment takes quadratic time on them
        raise ValueError("The file holds thousands of blanks in a row, which no .env file does.")
    for binding in parse_stream(io.StringIO(text)):
        if binding.key is not None and not binding.error:
            yield binding.key, binding.value


def _as_node(text: str) -> Iterator[tuple[str, str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    at = 0
    # blank lines are passed over once: each would be read to its end again
    while (ink := _INK.search(text, at)) is not None:
        at = ink.start()
        name = _KEY.match(text, at)
        value = _value(text, name.end()) if name is not None else None
        if name is None or value is None:
            end = _NEXT_LINE.search(text, at)
            at = len(text) if end is None else end.end()
            continue
        yield name[1], _bare(value[1])
        at = value.end()


def _value(text: str, at: int) -> re.Match[str] | None:
    """A quoted value may run over lines and ends its line; anything else ends at a `#` or with the line."""
    for pattern in _QUOTED:
        quoted = pattern.match(text, at)
        if quoted is not None:
            return quoted
    return _PLAIN.match(text, at)


def _bare(value: str) -> str:
    value = value.strip(_STRIPPED)
    quote = value[:1]
    value = _BETWEEN_QUOTES.sub(r"\2", value)
    if quote == '"':
        value = value.replace("\\n", "\n").replace("\\r", "\r")
    return value
