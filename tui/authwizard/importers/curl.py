"""What would curl send? Reads a pasted curl command; an option it does not know is said, never passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit, urlunsplit

from authwizard.importers.request import ImportedRequest, basic_value
from authwizard.importers.shell_words import split

WITH_VALUE = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "-d": "data", "--data": "data", "--data-ascii": "data",
    "--data-raw": "data_raw", "--data-binary": "data_binary", "--data-urlencode": "data_urlencode", "--json": "json", "-u": "user",
    "--user": "user", "--oauth2-bearer": "bearer", "--url": "url", "-A": "agent", "--user-agent": "agent", "-b": "cookie",
    "--cookie": "cookie", "-e": "referer", "--referer": "referer", "-x": "proxy", "--proxy": "proxy", "--url-query": "url_query",
}  # fmt: skip
FLAGS = {"-G": "get", "--get": "get", "-I": "head", "--head": "head", "-k": "insecure", "--insecure": "insecure"}
NO_EFFECT_WITH_VALUE = {
    "-o", "--output", "-m", "--max-time", "--connect-timeout", "-w", "--write-out", "--retry", "--retry-delay", "--retry-max-time", "-D",
    "--dump-header", "-c", "--cookie-jar", "--limit-rate", "-Y", "-y", "--stderr", "--trace", "--trace-ascii", "--max-redirs", "--cacert",
    "--capath", "--resolve", "--noproxy", "--interface", "--ciphers", "--tls-max",
}  # fmt: skip
NO_EFFECT = {
    "-s", "--silent", "-S", "--show-error", "-v", "--verbose", "-i", "--include", "-L", "--location", "-f", "--fail", "--fail-with-body",
    "-#", "--progress-bar", "-O", "--remote-name", "-N", "--no-buffer", "--compressed", "--http1.1", "--http1.0", "--http2", "-0",
    "--http2-prior-knowledge", "--http3", "-4", "-6", "--ipv4", "--ipv6", "-g", "--globoff", "--basic", "--location-trusted", "--tcp-nodelay",
    "--path-as-is", "--no-keepalive", "--ssl-reqd", "--tlsv1.2", "--tlsv1.3", "--no-progress-meter", "-q", "--disable", "-j",
}  # fmt: skip
SHORT_WITH_VALUE = {option[1] for option in (*WITH_VALUE, *NO_EFFECT_WITH_VALUE) if len(option) == 2}


@dataclass
class _Command:
    """What the options have said so far."""

    method: str = ""
    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    data: list[str] = field(default_factory=list)
    query: list[str] = field(default_factory=list)
    user: str | None = None
    bearer: str | None = None
    agent: str | None = None
    cookies: list[str] = field(default_factory=list)
    referer: str | None = None
    proxy: str = ""
    get: bool = False
    head: bool = False
    insecure: bool = False
    json: bool = False


def parse_curl(command: str) -> ImportedRequest:
    """Return the request a curl command sends; raises ValueError with the reason where that cannot be told."""
    words = split(command.lstrip("$ \t\r\n") if command.lstrip().startswith("$ ") else command)
    if not words or words[0].rsplit("/", 1)[-1].rsplit("\\", 1)[-1].removesuffix(".exe") != "curl":
        raise ValueError("This does not begin with curl.")
    said = _Command()
    _read_options(words[1:], said)
    return _request(said)


def _read_options(words: list[str], said: _Command) -> None:
    rest = iter(words)
    only_urls = False
    for word in rest:
        if only_urls or not word.startswith("-") or word == "-":
            said.urls.append(word)
        elif word == "--":
            only_urls = True
        elif word.startswith("--"):
            _long(word, rest, said)
        else:
            _short(word, rest, said)


def _long(word: str, rest: Iterator[str], said: _Command) -> None:
    if word in FLAGS:
        setattr(said, FLAGS[word], True)
    elif word in WITH_VALUE:
        _take(said, WITH_VALUE[word], _value(word, rest))
    elif word in NO_EFFECT_WITH_VALUE:
        _value(word, rest)
    elif word not in NO_EFFECT:
        raise ValueError(f"The curl option {word} is not understood here; leave it out if it does not change what is sent.")


def _short(word: str, rest: Iterator[str], said: _Command) -> None:
    for position, letter in enumerate(word[1:], start=1):
        option = f"-{letter}"
        if letter in SHORT_WITH_VALUE:
            value = word[position + 1 :] or _value(option, rest)
            if option in WITH_VALUE:
                _take(said, WITH_VALUE[option], value)
            return
        if option in FLAGS:
            setattr(said, FLAGS[option], True)
        elif option not in NO_EFFECT:
            raise ValueError(f"The curl option {option} is not understood here; leave it out if it does not change what is sent.")


def _value(option: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise ValueError(f"The curl option {option} lacks its value.")
    return value


def _take(said: _Command, what: str, value: str) -> None:
    if what == "method":
        if not value.isalpha():
            raise ValueError("The method (-X) of the command is no HTTP method.")
        said.method = value
    elif what == "header":
        _take_header(said, value)
    elif what in ("data", "data_binary", "data_raw", "data_urlencode", "json"):
        _take_data(said, what, value)
    elif what == "cookie":
        if "=" not in value:
            raise ValueError("The command reads its cookies from a file (-b FILE); paste the Cookie header instead.")
        said.cookies.append(value)
    elif what == "url":
        said.urls.append(value)
    elif what == "url_query":
        said.query.append(_urlencoded(value))
    else:
        setattr(said, what, value)


def _take_header(said: _Command, value: str) -> None:
    if value.startswith("@"):
        raise ValueError("The command reads headers from a file (-H @FILE); paste them as -H options.")
    name, colon, text = value.partition(":")
    if colon and not text.strip():
        said.removed.add(name.strip().lower())
    elif colon:
        said.headers.append((name.strip(), text.lstrip(" \t")))
    elif value.endswith(";"):
        said.headers.append((value[:-1].strip(), ""))
    else:
        raise ValueError("A header (-H) has no colon; curl would not send it.")


def _take_data(said: _Command, what: str, value: str) -> None:
    if what != "data_raw" and value.startswith("@"):
        raise ValueError("The command reads its body from a file (@FILE); paste the body itself.")
    if what == "json":
        said.json = True
        said.data.append(value)
    elif what == "data_urlencode":
        said.data.append(_urlencoded(value))
    else:
        said.data.append(value)


def _urlencoded(value: str) -> str:
    name, equals, text = value.partition("=")
    if not equals:
        if "@" in value:
            raise ValueError("The command reads a value from a file (NAME@FILE); paste the value itself.")
        return quote_plus(value)
    return f"{name}={quote_plus(text)}" if name else quote_plus(text)


def _request(said: _Command) -> ImportedRequest:
    if not said.urls:
        raise ValueError("The command names no URL.")
    if len(said.urls) > 1:
        raise ValueError(f"The command names {len(said.urls)} URLs; paste it with the one that fails.")
    url = said.urls[0] if "://" in said.urls[0] else f"http://{said.urls[0]}"
    body = None if not said.data else ("" if said.json else "&").join(said.data)
    if said.get and body is not None:
        url, body = _with_query(url, body), None
    for part in said.query:
        url = _with_query(url, part)
    url, from_url = _without_userinfo(url)
    headers = _headers(said, from_url, has_body=body is not None)
    method = said.method or ("HEAD" if said.head else "GET" if body is None else "POST")
    return ImportedRequest(method, url, headers, None if body is None else body.encode("utf-8"), said.insecure, said.proxy)


def _with_query(url: str, query: str) -> str:
    parts = urlsplit(url)
    joined = f"{parts.query}&{query}" if parts.query else query
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", joined, ""))


def _without_userinfo(url: str) -> tuple[str, str | None]:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("The URL of the command cannot be read.") from None
    if not parts.hostname:
        raise ValueError("The URL of the command names no host.")
    if "@" not in parts.netloc:
        return url, None
    userinfo, _, host = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment)), userinfo


def _headers(said: _Command, from_url: str | None, *, has_body: bool) -> list[tuple[str, str]]:
    headers = list(said.headers)
    names = {name.lower() for name, _ in headers} | said.removed

    def add(name: str, value: str | None) -> None:
        if value and name.lower() not in names:
            headers.append((name, value))

    user = said.user if said.user is not None else from_url
    if said.bearer is not None:
        add("Authorization", f"Bearer {said.bearer}")
    elif user is not None:
        if ":" not in user:
            raise ValueError("The command gives a user name without a password (-u NAME); curl would ask for it.")
        add("Authorization", basic_value(user))
    add("User-Agent", said.agent)
    add("Referer", said.referer)
    add("Cookie", ";".join(said.cookies))
    if said.json:
        add("Content-Type", "application/json")
        add("Accept", "application/json")
    elif has_body:
        add("Content-Type", "application/x-www-form-urlencoded")
    return headers
