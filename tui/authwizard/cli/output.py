"""Where does text leave the program? Standard output and error, neutralised once more."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TextIO

from authwizard.model.errors import UsageError
from authwizard.protocol.clean import safe


def say(text: str) -> None:
    """Write a text for the user to standard output."""
    _write(sys.stdout, text)


def tell(text: str) -> None:
    """Write a line for a person to standard error (progress, notes, problems); where it cannot be written, the result counts all the same."""
    with contextlib.suppress(UsageError):
        _write(sys.stderr, text + "\n")


def without_secrets(text: str) -> str:
    """Return a sentence in which no word looks like a secret: an error repeats what was typed, and that may be a pasted token."""
    from authwizard.store.secret_shapes import looks_like_secret, looks_random

    def shown(word: re.Match[str]) -> str:
        hidden = looks_like_secret(word[0]) or looks_random(word[0], at_least=20)
        return f"<{len(word[0])} characters that look like a secret>" if hidden else word[0]

    return re.sub(r"[^\s'\"]{12,}", shown, text)


def _write(stream: TextIO, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # A terminal that is not UTF-8 gets a stand-in instead of a crash.
    try:
        stream.write(safe(text).encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _give_up(stream)
        raise UsageError(f"What was found cannot be written: {error.strerror}.") from None


def _give_up(stream: TextIO) -> None:
    """Let what is left in a stream go nowhere: Python would fail once more with it when the process ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
