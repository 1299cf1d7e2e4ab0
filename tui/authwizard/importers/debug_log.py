"""What does the debug log of a Python program show of its request? http.client (under requests), urllib3, httpx, httpcore."""

from __future__ import annotations

import ast
import re

from authwizard.importers.raw_http import read_transcript
from authwizard.importers.request import ImportedRequest
from authwizard.importers.transcript import ImportedAnswer, Transcript
from authwizard.model.late_pattern import late_pattern

LINE_LIMIT = 256 << 10
_SEND = late_pattern(r"""send: (b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*")""")
_REPLY = late_pattern(r"""reply: ['"](HTTP/[\d.]+ \d{3}[^\\'"]*)""")
_HEADER = late_pattern(r"^header: ([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?(.*)$")
_CONNECTS = late_pattern(r"Starting new (HTTPS?) connection \(\d+\): ([^\s:]+)(?::(\d+))?")
_URLLIB3 = late_pattern(r'(https?)://([^\s"/]+) "([A-Z]+) (\S+) HTTP/[\d.]+" (\d{3})')
_HTTPX = late_pattern(r'HTTP Request: ([A-Z]+) (https?://\S+) "HTTP/[\d.]+ (\d{3})')
_HTTPCORE = late_pattern(r"receive_response_headers\.complete return_value=\(b'HTTP/[\d.]+', (\d{3}), b'[^']*', (\[.*\])")
_PAIR = late_pattern(r"""\((b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"), (b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*")\)""")


def looks_like_log(text: str) -> bool:
    """Tell whether a text holds lines of one of these logs."""
    return any(pattern.search(text) for pattern in (_SEND, _URLLIB3, _HTTPX))


def read_log(text: str) -> Transcript:
    """Return the last refused request of a log, else its last; raises ValueError where none is in it."""
    lines = [line[:LINE_LIMIT] for line in text.replace("\r\n", "\n").split("\n")]
    if _SEND.search(text):
        return _http_client(lines)
    found = [seen for line in lines if (seen := _one_line(line)) is not None]
    if not found:
        raise ValueError("There is no request in this log.")
    request, status = next((f for f in reversed(found) if f[1] in (401, 403)), found[-1])
    return Transcript(request, _answer(lines, status), fields_known=False, source="a log that does not show header fields")


def _one_line(line: str) -> tuple[ImportedRequest, int] | None:
    match = _HTTPX.search(line)
    if match is not None:
        return ImportedRequest(match[1], match[2]), int(match[3])
    match = _URLLIB3.search(line)
    if match is None:
        return None
    scheme, host, method, target, status = match.groups()
    return ImportedRequest(method, f"{scheme}://{_host(scheme, host)}{target}"), int(status)


def _host(scheme: str, host: str) -> str:
    return host.removesuffix(":443" if scheme == "https" else ":80")


def _answer(lines: list[str], status: int) -> ImportedAnswer:
    """The answer of that status: with its header fields where httpcore has logged them."""
    for line in reversed(lines):
        match = _HTTPCORE.search(line)
        if match is not None and int(match[1]) == status:
            return ImportedAnswer(status, [(_bytes(n), _bytes(v)) for n, v in _PAIR.findall(match[2])])
    return ImportedAnswer(status)


def _http_client(lines: list[str]) -> Transcript:
    """Write the log of http.client out as a transcript of requests and answers, and read that."""
    shown: list[str] = []
    secure = ""
    for line in lines:
        connects = _CONNECTS.search(line)
        if connects is not None:
            secure = "* SSL connection using TLS" if connects[1] == "HTTPS" else ""
        for literal in _SEND.findall(line):
            shown += _sent(_bytes(literal))
        reply = _REPLY.search(line)
        header = _HEADER.match(line)
        if reply is not None:
            shown.append("< " + reply[1].strip())
        elif header is not None:
            shown.append(f"< {header[1]}: {header[2]}")
    transcript = read_transcript("\n".join([secure or "* connected", *shown, "* end"]))
    return Transcript(transcript.request, transcript.answer, transcript.earlier, source="the debug log of http.client")


def _sent(text: str) -> list[str]:
    """The head of a request as `curl -v` shows it; a body, which comes in a `send` of its own, is passed over."""
    head, _, _ = text.partition("\r\n\r\n")
    return [f"> {line}" for line in head.split("\r\n")] if re.match(r"[A-Z]+ \S+ HTTP/", head) else []


def _bytes(literal: str) -> str:
    try:
        value = ast.literal_eval(literal)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ""
    return value.decode("latin-1") if isinstance(value, bytes) else ""
