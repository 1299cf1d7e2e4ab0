"""A request and its answer as `curl -v`, `curl -i` or a bare response show them."""

from __future__ import annotations

import re
import textwrap

from authwizard.importers.request import ImportedRequest
from authwizard.importers.transcript import ImportedAnswer, Transcript
from authwizard.model.late_pattern import late_pattern

STATUS_LINE = late_pattern(r"^HTTP/(?:1\.[01]|2(?:\.0)?|3) (\d{3})(?: .*)?$")
REQUEST_LINE = late_pattern(r"^([A-Za-z][A-Za-z0-9_-]*) (\S+) HTTP/(?:1\.[01]|2(?:\.0)?|3)$")
HEADER_LINE = late_pattern(r"^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]?(.*)$")
_METER = late_pattern(r"^[ \d.kMGT]*(?:[-\d]+:[-\d]{2}:[-\d]{2} +){3}[\d.]+[kMGT]?(?=[*<>{}]|\s*$)")
"""curl's progress meter, which the first remark is written behind."""
MASKS = late_pattern(r"(?i)\[?(redacted|masked|hidden|removed)\]?|\*{3,}|<[a-z _-]+>|x{6,}|\u2588{2,}|\.\.\.$")


def read_transcript(text: str) -> Transcript:
    """Read `curl -v` text, `curl -i` text or a raw response; raises ValueError where neither request nor answer is in it."""
    lines = textwrap.dedent(text.replace("\r\n", "\n")).split("\n")
    verbose = sum(line.startswith(("> ", "< ", "* ")) for line in lines) >= 2
    transcript = _verbose(lines) if verbose else _plain(lines)
    if transcript.request is None and transcript.answer is None:
        raise ValueError("There is neither a request nor a response in this text.")
    return transcript


def is_masked(value: str) -> bool:
    """Whether a header value was masked by hand or by the tool that wrote it."""
    return bool(MASKS.search(value))


def _verbose(lines: list[str]) -> Transcript:
    sent: list[list[str]] = []
    schemes: list[str | None] = []
    received: list[list[str]] = []
    body: list[str] = []
    scheme: str | None = None
    for line in (_METER.sub("", line.rpartition("\r")[2] or line) for line in lines):
        if line.startswith("> "):
            if REQUEST_LINE.match(line[2:].strip()):
                sent.append([])
                schemes.append(scheme)
            if sent:
                sent[-1].append(line[2:].rstrip())
        elif line.startswith("< "):
            if STATUS_LINE.match(line[2:].strip()):
                received.append([])
                body = []
            if received:
                received[-1].append(line[2:].rstrip())
        elif line.startswith("* "):
            scheme = _scheme(line, scheme)
        elif not line.startswith(("{ [", "} [", "> ", "< ", ">", "<\r")) and line.rstrip() not in ("<", ">") and received:
            body.append(line)
    requests = [seen for head, its_scheme in zip(sent, schemes, strict=True) if (seen := _request(head, its_scheme)) is not None]
    return Transcript(
        requests[-1] if requests else None,
        _answer(received[-1], "\n".join(body).strip("\n")) if received else None,
        tuple(requests[:-1]) if len(received) > 1 else (),
    )


def _scheme(line: str, before: str | None) -> str | None:
    """What curl's remarks say of the connection that the next request goes over."""
    if "SSL connection using" in line or "TLS handshake" in line or " port 443" in line:
        return "https"
    return "http" if re.match(r"\*\s+(?:Trying|Connecting to hostname) ", line) else before


def _plain(lines: list[str]) -> Transcript:
    starts = [i for i, line in enumerate(lines) if STATUS_LINE.match(line.strip())]
    requests = [i for i, line in enumerate(lines) if REQUEST_LINE.match(line.strip())]
    request = _request([line.rstrip() for line in _head(lines, requests[0])], None) if requests else None
    if not starts:
        return Transcript(request, None)
    head = _head(lines, starts[-1])
    body = "\n".join(lines[starts[-1] + len(head) :]).strip("\n")
    return Transcript(request, _answer([line.rstrip() for line in head], body))


def _head(lines: list[str], start: int) -> list[str]:
    """The lines of a message head: from its first line to the first that is no header (a body may follow without an empty line)."""
    head = [lines[start]]
    for line in lines[start + 1 :]:
        if not line.strip() or (not HEADER_LINE.match(line.strip()) and not line.startswith((" ", "\t"))):
            break
        head.append(line)
    return head


def _headers(lines: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith((" ", "\t")) and found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}")
            continue
        match = HEADER_LINE.match(line)
        if match is not None:
            found.append((match.group(1), match.group(2)))
    return found


def _request(lines: list[str], scheme: str | None) -> ImportedRequest | None:
    """Read a request's head; `scheme` None = the text does not tell, and https is taken but for this machine."""
    match = REQUEST_LINE.match(lines[0].strip())
    if match is None:
        return None
    headers = _headers(lines[1:])
    method, target = match.groups()
    host = next((v.strip() for n, v in headers if n.lower() == "host"), "")
    if scheme is None:
        scheme = "http" if host.startswith(("localhost", "127.", "[::1]")) else "https"
    url = target if "://" in target else f"{scheme}://{host}{target}"
    kept = [(n, v) for n, v in headers if n.lower() not in ("host", "content-length", "connection")]
    return ImportedRequest(method, url, kept)


def _answer(lines: list[str], body: str) -> ImportedAnswer | None:
    match = STATUS_LINE.match(lines[0].strip())
    return ImportedAnswer(int(match.group(1)), _headers(lines[1:]), body) if match is not None else None
