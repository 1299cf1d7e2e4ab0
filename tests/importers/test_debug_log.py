"""Debug logs of Python programs: what the lines of http.client, urllib3 and httpx show of a request."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.debug_log import looks_like_log, read_log
from authwizard.importers.sent import read_sent

FAKE = "plainly-fake-value-0123456789"
HTTP_CLIENT = f"""DEBUG:urllib3.connectionpool:Starting new HTTPS connection (1): api.example.com:443
send: b'GET /v2/me HTTP/1.1\\r\\nHost: api.example.com\\r\\nUser-Agent: python-requests/2.34.2\\r\\nAuthorization: Basic c3ZjOng=\\r\\n\\r\\n'
reply: 'HTTP/1.1 200 OK\\r\\n'
header: Content-Length: 0
send: b"GET /v2/orders?page=1 HTTP/1.1\\r\\nHost: api.example.com\\r\\nAuthorization: Bearer {FAKE}\\r\\n\\r\\n"
send: b'x=1'
reply: 'HTTP/1.1 401 Unauthorized\\r\\n'
header: WWW-Authenticate: Bearer error="invalid_token"
DEBUG:urllib3.connectionpool:https://api.example.com:443 "GET /v2/orders?page=1 HTTP/1.1" 401 0
"""


def test_http_client_shows_the_whole_head() -> None:
    seen = read_log(HTTP_CLIENT)
    assert seen.request is not None
    assert (seen.request.method, seen.request.url) == ("GET", "https://api.example.com/v2/orders?page=1")
    assert seen.request.header("authorization") == f"Bearer {FAKE}"
    assert seen.answer is not None
    assert (seen.answer.status, seen.answer.headers) == (401, [("WWW-Authenticate", 'Bearer error="invalid_token"')])
    assert seen.fields_known


@pytest.mark.parametrize(
    ("text", "url", "status"),
    [
        ('DEBUG:urllib3.connectionpool:https://api.example.com:443 "GET /v2/me HTTP/1.1" 401 27', "https://api.example.com/v2/me", 401),
        ('http://127.0.0.1:8080 "POST /x HTTP/1.1" 200 0', "http://127.0.0.1:8080/x", 200),
        (
            'INFO:httpx:HTTP Request: GET https://api.example.com/v2/me?a=1 "HTTP/1.1 401 Unauthorized"',
            "https://api.example.com/v2/me?a=1",
            401,
        ),
        (
            'httpx HTTP Request: GET https://api.example.com/a "HTTP/2 401 Unauthorized"\nHTTP Request: GET https://api.example.com/b "HTTP/2 200 OK"',
            "https://api.example.com/a",
            401,
        ),
    ],
)
def test_one_line_shows_no_header_fields(text: str, url: str, status: int) -> None:
    seen = read_log(text)
    assert seen.request is not None
    assert seen.answer is not None
    assert (seen.request.url, seen.answer.status, seen.fields_known) == (url, status, False)
    assert read_sent(text).credential_masked, "that no credential is shown does not mean that none was sent"


def test_httpcore_adds_the_answers_fields() -> None:
    text = (
        "receive_response_headers.complete return_value=(b'HTTP/1.1', 401, b'Unauthorized', [(b'WWW-Authenticate', b'Bearer realm=\"x\"')])\n"
        'HTTP Request: GET https://api.example.com/ "HTTP/1.1 401 Unauthorized"'
    )
    answer = read_log(text).answer
    assert answer is not None
    assert answer.headers == [("WWW-Authenticate", 'Bearer realm="x"')]


def test_sent_takes_all_of_them() -> None:
    reported = read_sent(HTTP_CLIENT)
    assert reported.scheme == "Bearer"
    assert reported.source == "the debug log of http.client"
    assert FAKE not in repr(reported)


@given(
    st.text(max_size=120),
    st.sampled_from(["send: b'{}'", 'send: b"{}"', "reply: '{}'", "header: {}", 'HTTP Request: GET https://{} "HTTP/1.1 401']),
)
def test_no_text_crashes_it(text: str, around: str) -> None:
    line = around.replace("{}", text)
    looks_like_log(line)
    with contextlib.suppress(ValueError):
        read_log(line)
    with contextlib.suppress(ValueError):
        read_sent(line)
