"""What does one `-F` field of curl become in a multipart body? (curl's manual page, src/tool_formparse.c; measured with 7.88.1)"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from authwizard.model.late_pattern import late_pattern

_QUOTED = late_pattern(r'\s*"((?:\\.|[^"\\])*)"[^;]*', re.DOTALL | re.ASCII)
"""What follows a closing quote, up to the next semicolon, is dropped."""
_BARE = late_pattern(r"\s*([^;]*)", re.ASCII)
_OPTION = late_pattern(r";\s*(type|filename|headers|encoder)=\s*", re.IGNORECASE | re.ASCII)
_TYPE = late_pattern(r"[^/ ]+/[^;, \n]+")
"""As far as curl looks at a type."""
_TYPES = (
    (".gif", "image/gif"), (".jpg", "image/jpeg"), (".jpeg", "image/jpeg"), (".png", "image/png"), (".svg", "image/svg+xml"),
    (".txt", "text/plain"), (".htm", "text/html"), (".html", "text/html"), (".pdf", "application/pdf"), (".xml", "application/xml"),
)  # fmt: skip
"""What curl tells from the end of a file's name (lib/mime.c)."""
BLANK = " \t\n\r\v\f"
"""What curl takes for a blank."""
ANY_BYTES = "application/octet-stream"


@dataclass
class _Field:
    data: str
    kind: str = ""
    filename: str | None = None
    headers: list[str] = field(default_factory=list)


def form_part(value: str, *, literal: bool, disposition: str = "form-data", escaped: bool = False) -> tuple[str, str | None]:
    """Return a field as it stands between two boundaries, and the file it is read from (None without one).

    `literal`: the value is taken as it is (`--form-string`); `escaped`: quotes in names get a backslash (`--form-escape`). Raises ValueError
    for a field that curl refuses.
    """
    name, equals, text = value.partition("=")
    if not equals:
        raise ValueError("A form field (-F) has no name and value.")
    if not literal and text.startswith("("):
        raise ValueError(
            "A form field (-F) begins with a parenthesis, which curl takes for parts within parts; --form-string sends it as it is."
        )
    read = _Field(text) if literal else _field(text)
    file = read.data[1:] if not literal and text.startswith(("@", "<")) else None
    if file is not None:
        read.data = ""
        if text.startswith("@") and read.filename is None:
            read.filename = file.rsplit("/", 1)[-1]
    kind = read.kind or _guessed(read.filename, file if text.startswith("@") else None)
    head = f"Content-Disposition: {disposition}"
    if name:
        head += f'; name="{_in_quotes(name, escaped=escaped)}"'
    if read.filename is not None:
        head += f'; filename="{_in_quotes(read.filename, escaped=escaped)}"'
    lines = [head, *([f"Content-Type: {kind}"] if kind else []), *read.headers]
    return "\r\n".join([*lines, "", read.data]), file


def _guessed(filename: str | None, file: str | None) -> str:
    """The type of a field that names none: by the name it is sent under, then by the file's own, then any bytes for a file."""
    for name in (filename, file):
        kind = next((kind for end, kind in _TYPES if name is not None and name.lower().endswith(end)), "")
        if kind:
            return kind
    return ANY_BYTES if file is not None else ""


def _field(text: str) -> _Field:
    prefix = text[:1] if text.startswith(("@", "<")) else ""
    data, at = _word(text, len(prefix))
    read = _Field(prefix + data)
    began: int | None = None  # where the type stands: as long as nothing else follows, what does is part of it
    while at < len(text):
        option = _OPTION.match(text, at)
        what = option[1].lower() if option is not None else ""
        if option is None or (what == "type" and began is not None):
            _, end = _word(text, at + 1, bare=began is not None)
            if began is not None:
                read.kind = text[began:end].strip(BLANK)
            at = end
            continue
        word, at = _word(text, option.end(), bare=what == "type")
        began = option.end() if what == "type" else None
        if what == "type":
            if _TYPE.match(word) is None:
                raise ValueError("The type= of a form field (-F) is no media type, and curl refuses that.")
            read.kind = word
        elif what == "filename" and prefix != "<":
            read.filename = word
        elif what == "encoder":
            raise ValueError(
                "A form field (-F) is to be sent in another encoding (encoder=); leave that out if the request fails without it too."
            )
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
    return plain[1].rstrip(BLANK), plain.end()


def _in_quotes(text: str, *, escaped: bool) -> str:
    if escaped:
        return re.sub(r"([\\\"])", r"\\\1", text)
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
