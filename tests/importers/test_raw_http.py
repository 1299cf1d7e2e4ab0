"""curl -v, curl -i and bare responses are read for their request and answer."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.raw_http import is_masked, read_transcript

VERBOSE = """* Host api.example.com:443 was resolved.
*   Trying 192.0.2.1:443...
* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
> GET /v2/orders HTTP/1.1
> Host: api.example.com
> User-Agent: curl/8.5.0
> Authorization: Bearer plainly-fake
>
< HTTP/1.1 401 Unauthorized
< Content-Type: application/json
< WWW-Authenticate: Bearer realm="x",
<
{"error": "unauthorized"}
* Connection #0 to host api.example.com left intact
"""


def test_verbose_text_gives_request_and_answer() -> None:
    seen = read_transcript(VERBOSE)
    assert seen.request is not None
    assert (seen.request.method, seen.request.url) == ("GET", "https://api.example.com/v2/orders")
    assert seen.request.header("authorization") == "Bearer plainly-fake"
    assert seen.answer is not None
    assert (seen.answer.status, seen.answer.body) == (401, '{"error": "unauthorized"}')
    assert ("WWW-Authenticate", 'Bearer realm="x",') in seen.answer.headers


def test_included_headers_give_the_last_answer() -> None:
    seen = read_transcript("HTTP/1.1 301 Moved Permanently\nLocation: /x\n\nHTTP/2 403\ncontent-type: text/plain\n\nno\nway\n")
    assert seen.request is None
    assert seen.answer is not None
    assert (seen.answer.status, seen.answer.body) == (403, "no\nway")


def test_a_body_right_after_the_headers_is_still_the_body() -> None:
    seen = read_transcript('HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer realm="Company X API"\n{\n"error": "unauthorized"\n}\n')
    assert seen.answer is not None
    assert seen.answer.body.startswith("{")


def test_a_folded_header_is_one_value() -> None:
    seen = read_transcript('HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer realm="a",\n  error="invalid_token"\n\n')
    assert seen.answer is not None
    assert seen.answer.headers == [("WWW-Authenticate", 'Bearer realm="a", error="invalid_token"')]


@pytest.mark.parametrize("value", ["Bearer [REDACTED]", "Bearer ****", "<token>", "Bearer xxxxxxxx"])
def test_masked_values_are_known_as_such(value: str) -> None:
    assert is_masked(value)


def test_text_without_http_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a request nor a response"):
        read_transcript("hello")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, "HTTP/1.1 401 x\n" + text, "> GET / HTTP/1.1\n< HTTP/1.1 401\n" + text):
        with contextlib.suppress(ValueError):
            read_transcript(candidate)


METER = "  % Total    % Received\n  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"


def test_a_progress_meter_before_the_first_remark_hides_nothing() -> None:
    text = (
        f"{METER}*   Trying 192.0.2.1:80...\n> FOO_BAR /x HTTP/1.1\n> Host: a.example.com\n>\n< HTTP/1.1 401 Unauthorized\n< A: b\n<\n"
        "100    22  100    22    0     0   5500      0 --:--:-- --:--:-- --:--:--  5500\n{}\n"
    )
    for seen in (read_transcript(text), read_transcript(text.replace("\n", "\r\n"))):
        assert seen.request is not None
        assert seen.answer is not None
        assert (seen.request.method, seen.request.url, seen.answer.body) == ("FOO_BAR", "http://a.example.com/x", "{}")


@pytest.mark.parametrize(
    ("remarks", "host", "url"),
    [
        ("* SSL connection using TLSv1.3\n* x\n", "localhost:8443", "https://localhost:8443/x"),
        ("* Trying 192.0.2.1:80...\n* x\n", "a.example.com", "http://a.example.com/x"),
        ("", "a.example.com", "https://a.example.com/x"),
        ("", "localhost:8080", "http://localhost:8080/x"),
    ],
)
def test_what_the_remarks_do_not_tell_of_the_connection_is_taken_for_https(remarks: str, host: str, url: str) -> None:
    seen = read_transcript(f"{remarks}> GET /x HTTP/1.1\n> Host: {host}\n>\n< HTTP/1.1 401 Unauthorized\n<\n")
    assert seen.request is not None
    assert seen.request.url == url
