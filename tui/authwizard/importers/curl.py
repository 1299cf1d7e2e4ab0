"""What would curl send? Reads a pasted curl command; what it does not know, or cannot see, is said, never passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from authwizard.importers.curl_body import Body
from authwizard.importers.curl_options import SHORT, Option, long_option
from authwizard.importers.curl_url import address, first_of_glob, with_query
from authwizard.importers.request import ImportedRequest, basic_value
from authwizard.importers.shell_words import curl_words

_BEGINS_WITH_CURL = re.compile(
    r"(?:#[^\n]*\n\s*|PS [^>\n]*> |[$%>] |(?:sudo|time) |[A-Za-z_]\w*=\S* )*(?:\S*[/\\])?curl(?:\.exe)?(?:\s|$)", re.IGNORECASE
)
DATA = frozenset({"data", "data_raw", "data_binary", "data_urlencode", "json", "form", "form_string"})
AUTHENTICATION = frozenset({"basic", "digest", "ntlm", "negotiate", "anyauth"})
NTLM_FIRST = "NTLM TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA="
"""The negotiate message every NTLM exchange of curl begins with ([MS-NLMP] 2.2.1.1): it names nobody."""
REFUSED = {
    "sigv4": "The command signs each request for AWS (--aws-sigv4), which is made for one moment; paste the request with -v, as it was sent.",
    "config": "The command reads more options from a file (-K); paste them with the command.",
    "upload": "The command uploads a file (-T); paste it with -X PUT and -d in its place.",
}
NETRC = "curl takes the user name and password from ~/.netrc here, which was not read."
HTTP2_UPGRADE = (
    ("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQCAAAAAAIAAAAA"),
)  # fmt: skip


@dataclass
class _Command:
    """What the options have said so far."""

    method: str = ""
    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    body: Body = field(default_factory=Body)
    query: list[str] = field(default_factory=list)
    user: str | None = None
    bearer: str | None = None
    ways: set[str] = field(default_factory=set)
    """The ways of authentication asked for."""
    texts: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def is_curl(text: str) -> bool:
    """Whether a text is meant as a curl command, whatever else may be wrong with it."""
    return bool(_BEGINS_WITH_CURL.match(text.lstrip("\ufeff \t\r\n")))


def parse_curl(command: str, *, variables: bool = False) -> ImportedRequest:
    """Return the first request a curl command sends; raises ValueError with the reason where that cannot be told.

    What curl would do and this cannot see (a file it reads, a second request) stands in `notes`. A shell variable is refused, or, with
    `variables`, stands marked in the request (`shell_words.split`).
    """
    said = _Command()
    _read_options(curl_words(command, variables=variables), said)
    return _request(said)


def _read_options(words: list[str], said: _Command) -> None:
    rest = iter(words)
    only_urls = False
    for word in rest:
        if only_urls or not word.startswith("-") or word == "-":
            said.urls.append(word)
        elif word == "--":
            only_urls = True
        elif word in ("--next", "-:"):
            said.notes.append("Only the request before --next was read.")
            return
        elif word.startswith("--"):
            option, off = long_option(word[2:])
            _take(said, option, _value(word, rest) if option.value else "", off=off)
        else:
            _short(word, rest, said)


def _short(word: str, rest: Iterator[str], said: _Command) -> None:
    for position, letter in enumerate(word[1:], start=1):
        option = SHORT.get(letter)
        if option is None:
            raise ValueError(f"The curl option -{letter} is not understood here; leave it out if it does not change what is sent.")
        if option.value:
            _take(said, option, word[position + 1 :] or _value(f"-{letter}", rest))
            return
        _take(said, option, "")


def _value(option: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise ValueError(f"The curl option {option} lacks its value.")
    return value


def _take(said: _Command, option: Option, value: str, *, off: bool = False) -> None:
    what = option.does
    if what in REFUSED:
        raise ValueError(REFUSED[what])
    if what in DATA:
        said.body.take(what, value)
    elif what in AUTHENTICATION:
        (said.ways.discard if off else said.ways.add)(what)
    elif what == "header":
        _take_header(said, value)
    elif what == "cookie":
        _take_cookie(said, value)
    elif what == "url":
        said.urls.append(value)
    elif what == "query":
        said.query.append(value[1:] if value.startswith("+") else said.body.urlencoded(value))
    elif what == "method":
        if not value.isalpha():
            raise ValueError("The method (-X) of the command is no HTTP method.")
        said.method = value
    elif what == "user":
        said.user = value
    elif what == "bearer":
        said.bearer = value
    elif what and option.value:
        said.texts[what] = value
    elif what:
        (said.flags.discard if off else said.flags.add)(what)


def _take_header(said: _Command, value: str) -> None:
    if value.startswith("@"):
        said.notes.append("The command reads headers from a file (-H @FILE), which was not read.")
        return
    name, colon, text = value.partition(":")
    if colon and not text.strip():
        said.removed.add(name.strip().lower())
    elif colon:
        said.headers.append((name.strip(), text.lstrip(" \t")))
    elif value.endswith(";"):
        said.headers.append((value[:-1].strip(), ""))
    else:
        said.notes.append("A header (-H) has no colon, so curl does not send it.")


def _take_cookie(said: _Command, value: str) -> None:
    if "=" in value:
        said.cookies.append(value)
    elif value:
        said.notes.append("The command reads its cookies from a file (-b FILE), which was not read.")


def _request(said: _Command) -> ImportedRequest:
    if not said.urls:
        raise ValueError("The command names no URL.")
    if len(said.urls) > 1:
        said.notes.append(f"The command names {len(said.urls)} URLs; the first was read.")
    body = said.body.bytes()
    if said.body.fields and said.body.text is not None:
        raise ValueError("The command sends data (-d) and a form (-F) at once; curl refuses that.")
    if "head" in said.flags and body is not None and "get" not in said.flags:
        raise ValueError("The command asks for the header alone (-I) and sends a body; curl refuses that.")
    first = said.urls[0] if "globoff" in said.flags else first_of_glob(said.urls[0])
    url, userinfo = address(first, scheme=said.texts.get("scheme", "http"), as_is="as_is" in said.flags)
    if "get" in said.flags and said.body.text is not None:
        url, body = with_query(url, said.body.text), None
    for part in said.query:
        url = with_query(url, part)
    user = said.user if said.user is not None else userinfo
    headers = _headers(said, url, user, has_body=body is not None)
    method = said.method or ("HEAD" if "head" in said.flags else "GET" if body is None else "POST")
    if said.body.files:
        said.notes.append("A part of its body is read from a file, which was not read.")
    return ImportedRequest(
        method, url, headers, body, "insecure" in said.flags, said.texts.get("proxy", ""), notes=tuple(dict.fromkeys(said.notes)),
        login=user if _way(said) not in ("", "basic", "bearer") else None, login_by=_way(said) if user is not None else "",
        urls=len(said.urls), asks_password=user is not None and ":" not in user, certificate=said.texts.get("cert", ""),
    )  # fmt: skip


def _headers(said: _Command, url: str, user: str | None, *, has_body: bool) -> list[tuple[str, str]]:
    headers = list(said.headers)
    names = {name.lower() for name, _ in headers} | said.removed

    def add(name: str, value: str | None) -> None:
        if value and name.lower() not in names:
            headers.append((name, value))

    add("Authorization", _authorization(said, user))
    for name, value in _told(said):
        add(name, value)
    if url.startswith("http:") and "http2" in said.flags:
        headers += [pair for pair in HTTP2_UPGRADE if pair[0].lower() not in names]
    if has_body or said.body.json:
        add("Content-Type", said.body.content_type)
    if said.body.json:
        add("Accept", "application/json")
    return headers


def _told(said: _Command) -> Iterator[tuple[str, str]]:
    """The header fields that options of their own make."""
    texts = said.texts
    yield "User-Agent", texts.get("agent", "")
    yield "Referer", texts.get("referer", "").removesuffix(";auto")
    yield "Cookie", ";".join(said.cookies)
    if texts.get("range"):
        yield "Range", f"bytes={texts['range']}"
    elif texts.get("resume", "-") not in ("-", "0"):
        yield "Range", f"bytes={texts['resume']}-"
    if "compressed" in said.flags:
        yield "Accept-Encoding", "deflate, gzip, br, zstd"
    if "te" in said.flags:
        yield "TE", "gzip"


def _way(said: _Command) -> str:
    """The one way of authentication curl begins with; "" where several are asked for, and it waits for the server's challenge."""
    ways = said.ways | ({"bearer"} if said.bearer is not None else set())
    if not ways:
        return "basic"
    return next(iter(ways)) if len(ways) == 1 and "anyauth" not in ways else ""


def _authorization(said: _Command, user: str | None) -> str | None:
    """What goes out with the first request."""
    way = _way(said)
    if way == "bearer":
        return f"Bearer {said.bearer}"
    if user is None:
        if {"netrc"} & said.flags or "netrc_file" in said.texts:
            said.notes.append(NETRC)
        return None
    if way == "basic":
        return basic_value(user if ":" in user else f"{user}:")
    if way == "ntlm":
        return NTLM_FIRST
    said.notes.append("curl sends the first request without a credential here, and answers the server's challenge with the next.")
    return None
