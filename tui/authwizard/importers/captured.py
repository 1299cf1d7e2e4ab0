"""What is in the bytes that a program sent to a listening port? Read as leniently as programs send (RFC 9112)."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Literal

from authwizard.importers.request import ImportedRequest
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

HEAD_LIMIT = 64 << 10
"""Bytes of a request line and header fields that are read."""
BODY_LIMIT = 1 << 20
"""Bytes of a body that are waited for; none of it is kept."""
BROWSERS_OWN = frozenset({"/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png", "/robots.txt"})
Speech = Literal["more", "http", "tls", "http2", "unknown"]
_REQUEST_LINE = late_pattern(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) (\S+) (HTTP/\d\.\d)")


@dataclass(frozen=True, repr=False)
class CapturedRequest:
    """One request as it came. It holds secrets in clear, so it is never shown: it has no useful repr."""

    method: str
    target: str
    version: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    """What is odd about its form, as sentences without values."""
    body_bytes: int = 0

    def __repr__(self) -> str:
        return f"<CapturedRequest {self.method}, {len(self.headers)} headers>"

    def header(self, name: str) -> str:
        """Return the first header of that name (any case), "" where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def path(self) -> str:
        """The path without the query, of an absolute address as well."""
        return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", "", self.target).partition("?")[0] or "/"

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks first whether it may send its request (Fetch, "CORS-preflight request")."""
        return self.method == "OPTIONS" and bool(self.header("Origin")) and bool(self.header("Access-Control-Request-Method"))

    @property
    def is_browsers_own(self) -> bool:
        """Whether a browser asks for something that no program wants."""
        return self.method == "GET" and (self.path in BROWSERS_OWN or self.path.startswith("/.well-known/appspecific/"))

    def imported(self, origin: str) -> ImportedRequest:
        """Return it as a request to an origin, or to the address it names itself (as to a proxy)."""
        url = self.target if "://" in self.target else origin + (self.target if self.target.startswith("/") else "/")
        return ImportedRequest(self.method, url, list(self.headers))


def speech_of(data: bytes) -> Speech:
    """Say what is spoken, by the first bytes: TLS, HTTP/2 without negotiation, HTTP/1, or "more" where that cannot be told yet."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    if data[:1] == b"\x16":
        return "tls" if len(data) > 1 and data[1] == 3 else "more" if len(data) < 2 else "unknown"
    if data and preface.startswith(data[: len(preface)]) and data[:1] == b"P" and len(data) <= len(preface):
        return "http2" if len(data) >= 16 else "more"
    if data.startswith(preface[:16]):
        return "http2"
    if data and not re.match(rb"[\r\n]*[!#$%&'*+.^_`|~0-9A-Za-z-]*(?: |\Z)", data):
        return "unknown"
    return "http" if head_end(data) >= 0 else "more"


def head_end(data: bytes) -> int:
    """Return where the header fields end (behind the empty line), -1 where the end has not come yet."""
    found = re.search(rb"\r?\n\r?\n", data.lstrip(b"\r\n"))
    return found.end() + len(data) - len(data.lstrip(b"\r\n")) if found else -1


def read_head(data: bytes) -> CapturedRequest:
    """Read a request line and header fields; raises ValueError with the reason, without what was sent."""
    lines = re.split(r"\r?\n", _text(data.lstrip(b"\r\n")[:HEAD_LIMIT]))
    match = _REQUEST_LINE.fullmatch(lines[0].rstrip())
    if match is None:
        raise ValueError("The first line of what came is no HTTP request line.")
    headers: list[tuple[str, str]] = []
    remarks: list[str] = []
    for line in lines[1:]:
        if not line:
            break
        _take(line, headers, remarks)
    return CapturedRequest(match[1], match[2], match[3], headers, tuple(dict.fromkeys(remarks)), announced(headers))


def _take(line: str, headers: list[tuple[str, str]], remarks: list[str]) -> None:
    """Add one line to the fields. A value keeps its blanks but the one behind the colon: they are what is looked for."""
    if line[0] in " \t" and headers:
        name, value = headers[-1]
        headers[-1] = (name, f"{value}\n{line}")
        remarks.append("A header field goes on over a second line, which servers refuse (RFC 9112 5.2).")
        return
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        remarks.append("A line among the header fields has no name and colon, so it is no field.")
        return
    if name != name.rstrip():
        remarks.append("White space stands in front of a colon, which servers refuse (RFC 9112 5.1).")
    headers.append((name.strip(), value[1:] if value.startswith(" ") else value))


def announced(headers: list[tuple[str, str]]) -> int:
    """Return the length of the body as its header says, 0 where it says none."""
    value = next((v.strip() for n, v in headers if n.lower() == "content-length"), "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
