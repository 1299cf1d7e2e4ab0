"""A curl command with what it printed below it, as it is copied from a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

from authwizard.importers.curl import parse_curl
from authwizard.importers.raw_http import read_transcript
from authwizard.importers.transcript import Transcript
from authwizard.model.late_pattern import late_pattern

_OUTPUT = late_pattern(r"^(?:[*<>] |[{}] \[\d+ bytes data|HTTP/\d|Enter host password|Note: |Warning: |  % Total)", re.MULTILINE)
"""How a line begins that curl prints, before an answer's body."""


def command_and_output(text: str) -> Transcript | None:
    """Return the request and answer of a command and its output; None where no output of -v or -i follows a command that can be read.

    The request is the one that the output shows (-v), else the command's (-i).
    """
    output = _OUTPUT.search(text)
    if output is None:
        return None
    try:
        request = parse_curl(text[: output.start()])
        seen = read_transcript(text[output.start() :])
    except ValueError:
        return None
    return replace(seen, request=seen.request or request, source="a curl command and its output")
