"""How is a text read from a file or from standard input: bounded, and in the encoding it was written in?"""

from __future__ import annotations

import codecs
import sys
from typing import BinaryIO

from authwizard.cli.output import tell
from authwizard.model.errors import UsageError

MAX_INPUT = 64 * 1024 * 1024
"""A HAR of a long session is tens of megabytes."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""PowerShell writes UTF-16 where output is redirected to a file."""


def open_input(name: str | None) -> BinaryIO:
    """Open a file's bytes, or standard input for None and "-"; raises UsageError where it cannot be read."""
    if name in (None, "-"):
        return sys.stdin.buffer
    try:
        return open(str(name), "rb")
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None


def read_text(name: str | None, wanted: str) -> str:
    """Read a whole text; on a terminal, say what is wanted first. Raises UsageError where it is too long or cannot be read."""
    if name in (None, "-") and sys.stdin.isatty():
        tell(f"Paste {wanted}, then press Ctrl-D.")
    stream = open_input(name)
    try:
        data = stream.read(MAX_INPUT + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    finally:
        if name not in (None, "-"):
            stream.close()
    if len(data) > MAX_INPUT:
        raise UsageError(f"This is longer than {MAX_INPUT // 1024 // 1024} MiB; give the part that matters.")
    return decoded(data)


def decoded(data: bytes) -> str:
    """Return the text of bytes, by their byte order mark; what is no UTF-8 is kept as lone surrogates."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, "replace" if encoding == "utf-16" else "surrogateescape")
