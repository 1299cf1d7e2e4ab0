"""What does one `-F` field of curl become in a multipart body? (curl's manual page, src/tool_formparse.c; measured with 7.88.1)"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from authwizard.model.late_pattern import late_pattern

_QUOTED = late_pattern(r'\s*"((?:\\.|[^"\\])*)"[^;]*', re.DOTALL)
"""What follows a closing quote, up to the next semicolon, is dropped."""
_BARE = late_pattern(r"\s*([^;]*)")
_OPTION = late_pattern(r";\s*(type|filename|headers|encoder)=", re.IGNORECASE)


@dataclass
class _Field:
    data: str
    kind: str = ""
    filename: str | None = None
    headers: list[str] = field(default_factory=list)


def form_part(value: str, *, literal: bool, disposition: str = "form-data") -> tuple[str, str | None]:
    """Return a field as it stands between two boundaries, and the file it is read from (None without one).

    `literal`: the value is taken as it is (`--form-string`). Raises ValueError for a field that curl refuses.
    """
    name, equals, text = value.partition("=")
    if not equals:
        raise ValueError("A form field (-F) has no name and value.")
    read = _Field(text) if literal else _field(text)
    file = read.data[1:] if not literal and text.startswith(("@", "<")) else None
    if file is not None:
        read.data = ""
        if text.startswith("@") and read.filename is None:
            read.filename = file.rsplit("/", 1)[-1]
    head = f"Content-Disposition: {disposition}"
    if name:
        head += f'; name="{_in_quotes(name)}"'
    if read.filename is not None:
        head += f'; filename="{_in_quotes(read.filename)}"'
    lines = [head, *([f"Content-Type: {read.kind}"] if read.kind else []), *read.headers]
    return "\r\n".join([*lines, "", read.data]), file


def _field(text: str) -> _Field:
    prefix = text[:1] if text.startswith(("@", "<")) else ""
    data, at = _word(text, len(prefix))
    read = _Field(prefix + data)
    while at < len(text):
        option = _OPTION.match(text, at)
        if option is None:  # a parameter of the type before it, or one that curl does not know and drops
            more, end = _word(text, at + 1, bare=bool(read.kind))
            read.kind += f"; {more}" if read.kind else ""
            at = end
            continue
        word, at = _word(text, option.end(), bare=option[1].lower() == "type")
        what = option[1].lower()
        if what == "type":
            read.kind = word
        elif what == "filename":
            read.filename = word
        elif what == "headers" and not word.startswith(("@", "<")):
            read.headers.append(word)
    return read


def _word(text: str, at: int, *, bare: bool = False) -> tuple[str, int]:
    """Return a word and where it ends: at a semicolon, or behind its quotes, in which a backslash guards a quote or itself."""
    quoted = None if bare else _QUOTED.match(text, at)
    if quoted is not None:
        return re.sub(r"\\([\\\"])", r"\1", quoted[1]), quoted.end()
    plain = _BARE.match(text, at)
    assert plain is not None  # it may be empty
    return plain[1].rstrip(), plain.end()


def _in_quotes(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
