"""What do OkHttp's logging interceptor and .NET's HttpRequestMessage.ToString() show of a request?

Both show the fields that the program set; what the library adds on the wire (User-Agent, a cookie jar) may be missing from them.
"""

from __future__ import annotations

import re

from authwizard.importers.request import ImportedRequest
from authwizard.importers.transcript import ImportedAnswer, Transcript
from authwizard.model.late_pattern import late_pattern

MOST_LINES = 200
_OKHTTP = late_pattern(r"--> ([A-Z]+) (https?://\S+)(?: .*)?$")
_OKHTTP_ANSWER = late_pattern(r"<-- (\d{3})\b")
_DOTNET = late_pattern(r"Method: ([A-Z]+), RequestUri: '(https?://[^']*)'")
_DOTNET_ANSWER = late_pattern(r"StatusCode: (\d{3})\b")
_FIELD = late_pattern(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+): ?(.*)$")


def looks_like_dump(text: str) -> bool:
    """Tell whether a text holds what one of these two writes."""
    return any(_OKHTTP.search(line) or _DOTNET.search(line) for line in text.splitlines())


def read_dump(text: str) -> Transcript:
    """Return the last request that was refused, else the last; raises ValueError where none is in it."""
    lines = text.replace("\r\n", "\n").split("\n")
    starts = [i for i, line in enumerate(lines) if _OKHTTP.search(line) or _DOTNET.search(line)]
    if not starts:
        raise ValueError("There is no request in this text.")
    found = [
        _one(lines[start:end], at_dotnet=_DOTNET.search(lines[start]) is not None)
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    refused = (seen for seen in reversed(found) if seen.answer is not None and seen.answer.status in (401, 403))
    return next(refused, found[-1])


def _one(lines: list[str], *, at_dotnet: bool) -> Transcript:
    """A request, and the answer that stands before the next request."""
    match = (_DOTNET if at_dotnet else _OKHTTP).search(lines[0])
    assert match is not None
    answer_mark = _DOTNET_ANSWER if at_dotnet else _OKHTTP_ANSWER
    at = next((i for i, line in enumerate(lines) if answer_mark.search(line)), None)
    own, rest = lines[1 : at if at is not None else len(lines)], lines[at + 1 :] if at is not None else []
    request = ImportedRequest(match[1], match[2], _dotnet_fields(own) if at_dotnet else _okhttp_fields(own, lines[0]))
    answer = None
    if at is not None:
        status = answer_mark.search(lines[at])
        assert status is not None
        answer = ImportedAnswer(int(status[1]), _dotnet_fields(rest) if at_dotnet else _okhttp_fields(rest, lines[at]))
    # Level BASIC of the interceptor shows no fields at all: then nothing is known of them.
    return Transcript(request, answer, fields_known=bool(request.headers), source="a .NET request dump" if at_dotnet else "an OkHttp log")


def _dotnet_fields(lines: list[str]) -> list[tuple[str, str]]:
    """The lines between the braces."""
    found: list[tuple[str, str]] = []
    inside = False
    for line in lines[:MOST_LINES]:
        stripped = line.strip()
        if stripped.startswith("{"):
            inside = True
        elif stripped.startswith("}"):
            break
        elif inside and (match := _FIELD.match(stripped)):
            found.append((match[1], match[2]))
    return found


def _okhttp_fields(lines: list[str], first: str) -> list[tuple[str, str]]:
    """The lines behind the first, without what the logger puts in front of each of them, up to the end mark or an empty line."""
    front = re.search(r"(?:-->|<--) ", first)
    width = front.start() if front is not None else 0
    found: list[tuple[str, str]] = []
    for line in lines[:MOST_LINES]:
        text = line[width:] if line[:width].strip()[-8:] == first[:width].strip()[-8:] else line.strip()
        if not text.strip() or text.startswith(("-->", "<--")):
            break
        match = _FIELD.match(text)
        if match is None:
            break
        found.append((match[1], match[2]))
    return found
