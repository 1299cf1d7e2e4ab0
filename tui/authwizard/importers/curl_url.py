"""Which address does curl ask for? Guessed schemes, user names, dot segments, queries (curl's manual page; measured with 7.88.1)."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from authwizard.model.late_pattern import late_pattern

_URL = late_pattern(r"(?:([A-Za-z][A-Za-z0-9+.-]*):/{1,3}(?!/))?([^/?#]*)([^?#]*)(\?[^#]*)?")
"""curl takes one slash to three behind the scheme; what follows a `#` stays at home."""
_PORT = late_pattern(r":(\d*)$")
_NO_HOST = late_pattern(r"[\s/:#?!@{}\[\]\\$'\"^`*<>=;,+&()]")
"""Characters that curl takes in no host name (lib/urlapi.c)."""
_CONTROL = late_pattern(r"[\x00-\x20\x7f]")
_ESCAPE = late_pattern(r"%[0-9A-Fa-f]{2}")
_OTHER_SCHEMES = ("ftp", "dict", "ldap", "imap", "smtp", "pop3")
"""Schemes that curl guesses from the first label of a host."""
_TYPOGRAPHIC = ("\u2013", "\u2014", "\u201c", "\u201d", "\u2018", "\u2019")
"""What a word processor makes of options and quotes."""
BLANK = "The URL holds a blank, and curl refuses that; put quotes around the URL, and write a blank as %20."


def address(url: str, *, scheme: str, as_is: bool) -> tuple[str, str | None]:
    """Return the address as curl asks for it, and the user name and password it carries (decoded, None without).

    `scheme` is the one that is taken where the URL names none, "" = curl guesses it from the host. Raises ValueError where curl would
    send nothing, or nothing by HTTP.
    """
    url = url.strip("\r\n\t")
    if url.startswith(_TYPOGRAPHIC):
        raise ValueError(
            "The command has a long dash or curly quotes where curl and the shell know only - and straight quotes; type them anew."
        )
    parts = _URL.match(url)
    assert parts is not None  # every part may be empty
    named, authority, path, query = parts[1], parts[2], parts[3], parts[4] or ""
    userinfo, at, netloc = authority.partition("@")
    netloc = netloc if at else authority
    protocol = (named or scheme or _guessed(netloc)).lower()
    if protocol not in ("http", "https"):
        raise ValueError(f"The URL of the command is no http:// or https:// address but {protocol[:20]}://.")
    if _CONTROL.search(url):
        raise ValueError(BLANK)
    path = path if as_is else _without_dots(path)
    return f"{protocol}://{_host(netloc, named=named is not None)}{_ascii(path)}{query}", _pair(userinfo) if at else None


def with_query(url: str, query: str) -> str:
    """Return the address with more query behind the one it has; curl writes the escapes of what it adds in lower case.

    Raises ValueError where curl refuses the query.
    """
    if _CONTROL.search(query):
        raise ValueError(BLANK)
    sent = _ESCAPE.sub(lambda m: m[0].lower(), query.partition("#")[0])
    base, _, before = url.partition("?")
    base = base if base.count("/") > 2 else f"{base}/"
    whole = f"{before}&{sent}" if before and not before.endswith("&") else before + sent
    return f"{base}?{whole}" if whole or query else base


def with_file_name(url: str, file: str) -> str:
    """Return the address a file is uploaded to: where it ends in a slash, or has no path, curl puts the file's name behind it."""
    base, mark, query = url.partition("?")
    if file in ("-", ".") or (base.count("/") > 2 and not base.endswith("/")):
        return url
    name = _ESCAPE.sub(lambda m: m[0].lower(), quote(file.rsplit("/", 1)[-1], safe="~", errors="surrogateescape"))
    return f"{base.removesuffix('/')}/{name}{mark}{query}"


def asked_instead(url: str, target: str) -> str:
    """Return the address of a request whose target is given apart from it (--request-target); raises ValueError for one that is no path."""
    if not target.startswith("/"):
        raise ValueError("The command asks for a target that is no path (--request-target); leave it out if the request works without.")
    return "/".join(url.partition("?")[0].split("/")[:3]) + target


def _guessed(host: str) -> str:
    first, dot, _ = host.partition(".")
    return first.lower() if dot and first.lower() in _OTHER_SCHEMES else "http"


def _host(netloc: str, *, named: bool) -> str:
    """Return host and port; raises ValueError where curl takes them for none: an empty port, too, where no scheme is `named`."""
    port = _PORT.search(netloc)
    host = netloc[: port.start()] if port is not None else netloc
    number = port[1] if port is not None else ""
    if not host:
        raise ValueError("The URL of the command names no host.")
    if "@" in host:
        raise ValueError("The URL holds two @; write the one in the user name or password as %40.")
    if "$" in host:
        raise ValueError(
            "The host of the URL holds a $, which a shell leaves as it is between single quotes; paste it with the value filled in."
        )
    bare = re.fullmatch(r"\[[0-9A-Fa-f:.]+(?:%[^\[\]]*)?\]", host)
    if (bare is None and _NO_HOST.search(host)) or int(number or 0) > 65535 or (port is not None and not number and not named):
        raise ValueError("The URL of the command cannot be read; check its host and port.")
    return f"{host}:{int(number)}" if number else host


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
