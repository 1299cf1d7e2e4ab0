"""Which address does curl ask for? Guessed schemes, globs, user names, dot segments (curl's manual page; measured with 7.88.1)."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_SET = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"\[(\d+)-\d+(?::\d+)?\]|\[([a-zA-Z])-[a-zA-Z](?::\d+)?\]")
_ADDRESS = re.compile(r"^(?:[a-z]+://)?(?:[^/?#@]*@)?\[[0-9a-fA-F:.%]+\]", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def first_of_glob(url: str) -> str:
    """Return the first address that a URL with {a,b} or [1-3] stands for; raises ValueError for a glob curl refuses."""
    address = _ADDRESS.match(url)
    head, rest = (address.group(), url[address.end() :]) if address else ("", url)
    rest = _SET.sub(lambda m: m[1].split(",")[0], rest)
    rest = _RANGE.sub(lambda m: m[1] or m[2], rest)
    if re.search(r"[{}\[\]]", rest):
        raise ValueError("The URL holds a brace or bracket that curl would take for a pattern and refuse; -g turns that off.")
    return head + rest


def address(url: str, *, scheme: str, as_is: bool) -> tuple[str, str | None]:
    """Return the address as curl asks for it, and the user name and password it carries (decoded, None without).

    Raises ValueError where curl would send nothing, or nothing by HTTP.
    """
    url = url.strip("\r\n\t")
    url = url if _SCHEME.match(url) else f"{scheme}://{url}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("The URL of the command cannot be read; check its host and port.") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError(f"The URL of the command is no http:// or https:// address but {parts.scheme[:20]}://.")
    if not host:
        raise ValueError("The URL of the command names no host.")
    if any(char in " \t\r\n" or ord(char) < 0x20 for char in url):
        raise ValueError("The URL holds a blank, and curl refuses that; put quotes around the URL, and write a blank as %20.")
    userinfo, at, netloc = parts.netloc.rpartition("@")
    path = parts.path if as_is else _without_dots(parts.path)
    plain = urlunsplit((parts.scheme.lower(), netloc, _ascii(path), parts.query, ""))
    return plain, _pair(userinfo) if at else None


def with_query(url: str, query: str) -> str:
    """Return the address with more query behind the one it has."""
    parts = urlsplit(url)
    joined = f"{parts.query}&{query}" if parts.query else query
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", joined, ""))


def _pair(userinfo: str) -> str:
    user, _, password = userinfo.partition(":")
    return f"{unquote(user)}:{unquote(password)}"


def _ascii(text: str) -> str:
    return re.sub(r"[^\x21-\x7e]", lambda m: quote(m[0], safe="", errors="surrogateescape").lower(), text)


def _without_dots(path: str) -> str:
    """Remove `.` and `..` segments (RFC 3986 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment in (".", ".."):
            if segment == ".." and len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)
