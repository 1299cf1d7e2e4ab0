"""What would curl send? Reads a pasted curl command; what it does not know, or cannot see, is said, never passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from authwizard.importers.command_line import curl_command, curl_words
from authwizard.importers.curl_body import BOUNDARY, Body
from authwizard.importers.curl_config import config_words
from authwizard.importers.curl_form import BLANK
from authwizard.importers.curl_glob import first_of_glob
from authwizard.importers.curl_options import SHORT, Option, long_option, named
from authwizard.importers.curl_url import address, asked_instead, with_file_name, with_query
from authwizard.importers.here_document import without_here_document
from authwizard.importers.powershell import is_powershells_own
from authwizard.importers.request import ImportedRequest, basic_value
from authwizard.importers.shell_words import Aside
from authwizard.model.late_pattern import late_pattern

_METHOD = late_pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A method is a token (RFC 9110 9.1)."""
DATA = frozenset({"data", "data_raw", "data_binary", "data_urlencode", "json", "form", "form_string"})
AUTHENTICATION = frozenset({"basic", "digest", "ntlm", "negotiate", "anyauth"})
NTLM_FIRST = "NTLM TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA="
"""The negotiate message every NTLM exchange of curl begins with ([MS-NLMP] 2.2.1.1): it names nobody."""
REFUSED = {
    "sigv4": "The command signs each request for AWS (--aws-sigv4), which is made for one moment; paste the request with -v, as it was sent.",
    "signature": "The command signs each request (--httpsig), which is made for one moment; paste the request with -v, as it was sent.",
    "expand": "The command fills in variables of curl's own (--expand-...); paste it with their values filled in.",
}
CONFIG = "The command reads more options from a file (-K); paste them with the command."
NETRC = "curl takes the user name and password from ~/.netrc here, which was not read."
WAITS = "curl sends the first request without a credential here, and answers the server's challenge with the next."
WAITS_WITH_BODY = "curl sends the first request without credential and body here, and answers the server's challenge with the next."
EMPTY_AT_FIRST = frozenset({"digest", "ntlm"})
"""Ways whose first request carries no body: it is sent to be refused."""
PROXY_LINE = "The command tells a proxy's client before the request (--haproxy-protocol), which is not sent from here."
ETAG = "The command reads an ETag from a file (--etag-compare), which was not read."
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
    uploads: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def is_curl(text: str) -> bool:
    """Whether a text is meant as a curl command, whatever else may be wrong with it."""
    return curl_command(text) is not None


def parse_curl(command: str, *, variables: bool = False) -> ImportedRequest:
    """Return the first request a curl command sends; raises ValueError with the reason where that cannot be told.

    What curl would do and this cannot see (a file it reads, a second request) stands in `notes`. A shell variable is refused, or, with
    `variables`, stands marked in the request (`shell_words.split`).
    """
    said = _Command()
    aside = Aside()
    words = curl_words(without_here_document(command, aside, variables=variables), aside, variables=variables)
    if is_powershells_own(words):
        raise ValueError("This curl is PowerShell's own name for Invoke-WebRequest; paste the command as it is for curl.exe.")
    said.body.fed = aside.fed
    _read_options(words, said)
    said.notes += aside.remarks
    return _request(said)


def _read_options(words: list[str], said: _Command) -> None:
    rest = iter(words)
    only_urls = False
    for word in rest:
        if only_urls or not word.startswith("-") or word == "-":
            said.urls.append(word)
        elif word == "--":
            only_urls = True
        elif word == "--next":
            if _ends(said):
                return
        elif word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            option, off = long_option(name)
            if equals:
                _refuse_joined(option, name)
                said.notes.append("Only curl 8.16 and later take an option joined to its value by an equals sign (--NAME=VALUE).")
            _take(said, option, value if equals else _value(word, rest) if option.value else "", off=off)
        elif _short(word, rest, said):
            return


def _refuse_joined(option: Option, name: str) -> None:
    if not option.value:
        raise ValueError(f"The curl option {named(name)} takes no value.")


def _ends(said: _Command) -> bool:
    """Whether --next ends the first request: before an address was named, it changes nothing."""
    if said.urls:
        said.notes.append("Only the request before --next was read.")
    return bool(said.urls)


def _short(word: str, rest: Iterator[str], said: _Command) -> bool:
    """Take a word of short options; says whether the first request ends in it."""
    for position, letter in enumerate(word[1:], start=1):
        option = SHORT.get(letter)
        if option is None:
            raise ValueError(f"The curl option -{letter} is not understood here; leave it out if it does not change what is sent.")
        if option.value:
            _take(said, option, word[position + 1 :] or _value(f"-{letter}", rest))
            return False
        if option.does == "next":
            if _ends(said):
                return True
            continue
        _take(said, option, "")
    return False


def _value(option: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise ValueError(f"The curl option {option} lacks its value.")
    return value


def _take(said: _Command, option: Option, value: str, *, off: bool = False) -> None:
    what = option.does
    if what in REFUSED:
        raise ValueError(REFUSED[what])
    if what == "config":
        _take_config(said, value)
    elif what in DATA:
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
        if not _METHOD.fullmatch(value):
            raise ValueError("The method (-X) of the command is no HTTP method; write one such as POST, without a blank.")
        said.method = value
    elif what == "upload":
        said.uploads.append(value)
    elif what == "user":
        said.user = value
    elif what == "bearer":
        said.bearer = value
    elif what == "http1":
        said.flags.discard("http2")
    elif what and option.value:
        said.texts[what] = value
    elif what:
        (said.flags.discard if off else said.flags.add)(what)


def _take_config(said: _Command, file: str) -> None:
    if file != "-" or said.body.fed is None:
        raise ValueError(CONFIG)
    fed, said.body.fed = said.body.fed, ""
    _read_options(config_words(fed), said)


def _take_header(said: _Command, value: str) -> None:
    if value.startswith("@"):
        said.notes.append("The command reads headers from a file (-H @FILE), which was not read.")
        return
    name, colon, text = value.partition(":")
    bare, semicolon, rest = value.partition(";")
    if not colon and semicolon and bare and not rest:
        name, text = bare, ""
    elif not colon and semicolon and bare:
        said.removed.add(bare.lower())  # curl sends neither this nor its own field of that name
        return
    elif not colon or not name:
        said.notes.append(f"A header (-H) has no {'name' if colon else 'colon'}, so curl does not send it.")
        return
    elif not text.strip(BLANK):
        said.removed.add(name.lower())
        return
    if name != name.strip(BLANK):
        said.notes.append("The name of a header (-H) has a blank around it, and servers refuse or misread that.")
    said.headers.append((name.strip(BLANK), text.lstrip(" \t")))


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
    own_type = next(
        (value for name, value in said.headers if name.lower() == "content-type"), "" if "content-type" in said.removed else None
    )
    body = said.body.bytes(own_type, escaped="form_escape" in said.flags)
    if said.body.fields and said.body.text is not None:
        raise ValueError("The command sends data (-d) and a form (-F) at once; curl refuses that.")
    if "head" in said.flags and body is not None and (said.body.fields or "get" not in said.flags):
        raise ValueError("The command asks for the header alone (-I) and sends a body; curl refuses that.")
    upload = said.uploads[0] if said.uploads else ""
    upload = upload if "globoff" in said.flags else first_of_glob(upload)
    if upload and (said.body.text is not None or said.body.fields or {"head"} & said.flags):
        raise ValueError("The command uploads a file (-T) and asks for something else (-d, -F or -I) at once; curl refuses that.")
    first = said.urls[0] if "globoff" in said.flags else first_of_glob(said.urls[0])
    url, userinfo = address(first, scheme=said.texts.get("scheme", ""), as_is="as_is" in said.flags)
    if "get" in said.flags and said.body.text is not None:
        url, body = with_query(url, said.body.text), None  # --url-query changes nothing then
    elif said.query:
        url = with_query(url, "&".join(said.query))
    if upload:
        url, body = with_file_name(url, upload), _uploaded(said, upload)
    if "target" in said.texts:
        url = asked_instead(url, said.texts["target"])
    user = said.user if said.user is not None else userinfo
    headers = _headers(said, url, user, has_body=body is not None)
    method = said.method or ("PUT" if upload else "HEAD" if "head" in said.flags else "GET" if body is None else "POST")
    request = _first_request(said, ImportedRequest(method, url, headers, body), user)
    if said.body.files:
        said.notes.append("A part of its body is read from a file, which was not read.")
    return replace(
        request, insecure="insecure" in said.flags, proxy=said.texts.get("proxy", ""), notes=tuple(dict.fromkeys(said.notes)),
        login=user if _way(said) not in ("", "basic", "bearer") else None, login_by=_way(said) if user is not None else "",
        urls=len(said.urls), asks_password=user is not None and ":" not in user, certificate=said.texts.get("cert", ""),
    )  # fmt: skip


def _uploaded(said: _Command, file: str) -> bytes:
    """Return what is uploaded, as far as it is known: curl reads a file, or what the shell feeds to it."""
    if file in ("-", ".") and said.body.fed is not None:
        return said.body.fed.encode("utf-8", "surrogateescape")
    said.body.files.append(file)
    return b""


def _first_request(said: _Command, request: ImportedRequest, user: str | None) -> ImportedRequest:
    """Return a request as it goes out first: where curl waits for a challenge, without its body; a token request is known by its body."""
    if user is None or request.body is None or _way(said) not in EMPTY_AT_FIRST or request.is_token_request:
        return request
    said.notes[:] = [WAITS_WITH_BODY if note == WAITS else note for note in said.notes]
    said.notes += [WAITS_WITH_BODY] if _way(said) == "ntlm" else []
    headers = [(name, value) for name, value in request.headers if not (said.body.fields and name.lower() == "content-type")]
    return replace(request, headers=headers, body=b"")


def _headers(said: _Command, url: str, user: str | None, *, has_body: bool) -> list[tuple[str, str]]:
    headers = list(said.headers)
    if said.body.fields:  # a form needs its boundary
        headers += [("Content-Type", "")] if "content-type" in said.removed else []
        headers = [(n, f"{v}; boundary={BOUNDARY}" if n.lower() == "content-type" else v) for n, v in headers]
    if "te" in said.flags:  # curl joins its own word to the first Connection field
        asked = next((value for name, value in headers if name.lower() == "connection"), "")
        headers = [pair for pair in headers if pair[0].lower() != "connection"] + [("Connection", f"{asked}, TE" if asked else "TE")]
    names = {name.partition(";")[0].lower() for name, _ in headers} | said.removed

    def add(name: str, value: str | None) -> None:
        if value and name.lower() not in names:
            headers.append((name, value))

    add("Authorization", _authorization(said, user))
    for name, value in _told(said, has_body=has_body):
        add(name, value)
    if url.startswith("http:") and "http2" in said.flags:
        headers += [pair for pair in HTTP2_UPGRADE if pair[0].lower() not in names]
    if (said.body.text is not None and has_body) or said.body.fields or said.body.json:
        add("Content-Type", said.body.content_type)
    if said.uploads[:1] in (["-"], ["."]):
        add("Transfer-Encoding", "chunked")
    if said.body.json:
        add("Accept", "application/json")
    return headers


def _told(said: _Command, *, has_body: bool) -> Iterator[tuple[str, str]]:
    """The header fields that options of their own make."""
    texts = said.texts
    yield "User-Agent", texts.get("agent", "")
    yield "Referer", texts.get("referer", "").removesuffix(";auto")
    yield "Cookie", ";".join(said.cookies)
    if "condition" in texts:
        yield _condition(texts["condition"], said.notes)
    if not has_body and texts.get("resume", "-") not in ("-", "0"):
        yield "Range", f"bytes={texts['resume']}-"
    elif not has_body and "range" in texts:
        yield "Range", f"bytes={_range(texts['range'])}"
    elif "range" in texts and said.body.text is not None:
        yield "Content-Range", f"bytes {_range(texts['range'])}/{len(said.body.bytes() or b'')}"
    elif {"range", "resume"} & set(texts) and (said.uploads or (has_body and texts.get("resume", "-") not in ("-", "0"))):
        said.notes.append("What curl makes of a range (-r, -C) of a request with a body was not read.")
    if "compressed" in said.flags:
        yield "Accept-Encoding", "deflate, gzip, br, zstd"
    if "te" in said.flags:
        yield "TE", "gzip"
    if "etag" in texts:
        said.notes.append(ETAG)
    if "crlf" in said.flags and has_body:
        said.notes.append("curl changes the ends of lines in the body (--crlf), which was not done here.")
    if "proxy_line" in said.flags:
        said.notes.append(PROXY_LINE)


def _range(text: str) -> str:
    """A range that begins with a number and has no hyphen gets one from curl."""
    digits = re.match(r"\d+", text)
    return f"{int(digits[0])}-" if digits is not None and "-" not in text else text


def _condition(text: str, notes: list[str]) -> tuple[str, str]:
    """The field that -z makes of an HTTP date; curl takes dates of many more forms, and the date of a file."""
    try:
        moment = parsedate_to_datetime(text.removeprefix("-"))
    except ValueError:
        notes.append("The condition on time (-z) is no HTTP date, so it was not read.")
        return "If-Modified-Since", ""
    return f"If-{'Unm' if text.startswith('-') else 'M'}odified-Since", format_datetime(moment.astimezone(UTC), usegmt=True)


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
    said.notes.append(WAITS)
    return None
