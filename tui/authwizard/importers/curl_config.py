"""Which words does curl read from a config file (-K)? One option a line (curl's manual page, --config; src/tool_parsecfg.c)."""

from __future__ import annotations

import re

from authwizard.importers.curl_options import SHORT, long_option
from authwizard.model.late_pattern import late_pattern

_LINE = late_pattern(r"[ \t]*(?:(-[^\s]+)[ \t]*|([\w.-]+)[ \t]*[=:]?[ \t]*)(.*)")
"""An option with its dashes stands before a blank; without them, an equals sign or colon may follow."""
_QUOTED = late_pattern(r'"((?:\\.|[^"\\])*)"')
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "v": "\v"}


def config_words(text: str) -> list[str]:
    """Return the words that the lines of a config file stand for; raises ValueError for a line that cannot be read."""
    return [word for line in text.splitlines() if line.strip() and line.strip()[0] != "#" for word in _words(line)]


def _words(line: str) -> list[str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError("A line of the options that are fed to curl (-K) names no option.")
    name = found[1] or f"--{found[2]}"
    value = _value(found[3])
    if not _takes_value(name):
        return [name]
    if value is None:
        raise ValueError("An option that is fed to curl (-K) lacks its value.")
    return [name, value]


def _takes_value(name: str) -> bool:
    if name.startswith("--"):
        return long_option(name[2:])[0].value
    return len(name) == 2 and name[1] in SHORT and SHORT[name[1]].value


def _value(text: str) -> str | None:
    if text.startswith('"'):
        quoted = _QUOTED.match(text)
        if quoted is None:
            raise ValueError("A double quote in the options that are fed to curl (-K) is not closed.")
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), quoted[1])
    words = text.split()
    return words[0] if words else None
