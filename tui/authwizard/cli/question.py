"""Asking a person for a yes on the terminal."""

from __future__ import annotations

import sys

from authwizard.model.errors import UsageError
from authwizard.protocol.clean import safe


def agreed(question: str) -> bool:
    """Ask on the terminal, starting on No; raises UsageError where there is none to ask on."""
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is no terminal to ask on; add --yes.")
    sys.stderr.write(safe(f"{question} [y/N] "))
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
