"""The bytes a program sends to a listening port: told apart by their beginning, read leniently, blanks kept."""

from __future__ import annotations

import contextlib
import time

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.captured import announced, head_end, read_head, speech_of

FAKE = "plainly-fake-value-0123456789"


@for_each(
    ("data", "speech"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "http"), (b"GET / HTTP/1.1\nHost: x\n\n", "http"), (b"\r\nGET / HTTP/1.1\r\n\r\n", "http"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", "more"), (b"G", "more"), (b"", "more"), (b"\x16\x03\x01\x02\x00\x01", "tls"), (b"\x16", "more"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00", "http2"), (b"PRI * HTTP/2.0\r\n", "http2"), (b"PR", "more"),
        (b"\x00\x01\x02", "unknown"), (b"\x16\x01", "unknown"), (b"PUT /x HTTP/1.1\r\n\r\n", "http"), (b"SSH-2.0-OpenSSH_9\r\n", "unknown"),
    ],
)  # fmt: skip
def test_what_is_spoken(data: bytes, speech: str) -> None:
    assert speech_of(data) == speech


def test_blanks_and_second_lines_of_a_value_are_kept() -> None:
    seen = read_head(
        f"GET /a?b=1 HTTP/1.1\r\nAuthorization:  Bearer {FAKE} \r\nX-Y : 1\r\nA: b\r\n c\r\nnonsense\r\nContent-Length: 12\r\n\r\nbody".encode()
    )
    assert (seen.method, seen.target, seen.path, seen.body_bytes) == ("GET", "/a?b=1", "/a", 12)
    assert seen.headers == [("Authorization", f" Bearer {FAKE} "), ("X-Y", "1"), ("A", "b\n c"), ("Content-Length", "12")]
    assert len(seen.remarks) == 3
    assert FAKE not in repr(seen) + "".join(seen.remarks)


def test_an_absolute_address_is_kept_and_a_path_gets_the_origin() -> None:
    proxied = read_head(b"GET http://api.example.com/v2/me?a=1 HTTP/1.1\r\n\r\n")
    assert (proxied.path, proxied.imported("http://127.0.0.1:1").url) == ("/v2/me", "http://api.example.com/v2/me?a=1")
    assert read_head(b"GET /v2 HTTP/1.0\r\n\r\n").imported("http://127.0.0.1:1").url == "http://127.0.0.1:1/v2"


def test_a_preflight_and_what_a_browser_asks_for_itself() -> None:
    asks = b"OPTIONS /x HTTP/1.1\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n\r\n"
    assert read_head(asks).is_preflight
    assert not read_head(asks.replace(b"Origin", b"Other")).is_preflight
    assert read_head(b"GET /favicon.ico?v=2 HTTP/1.1\r\n\r\n").is_browsers_own
    assert not read_head(b"POST /favicon.ico HTTP/1.1\r\n\r\n").is_browsers_own


@pytest.mark.parametrize("value", ["", "-1", "1" * 20, "\u00b2", "1, 1"])
def test_a_length_that_is_none_counts_as_none(value: str) -> None:
    assert announced([("content-length", value)]) == 0


def test_what_is_no_request_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError) as told:
        read_head(f"{FAKE} nonsense\r\n\r\n".encode())
    assert FAKE not in str(told.value)


def test_a_long_line_is_read_in_no_time() -> None:
    began = time.process_time()
    for line in ("a" + " " * 60_000, "a:" + " " * 60_000 + "x", " " * 60_000, ":" * 60_000):
        read_head(f"GET / HTTP/1.1\r\nX: 1\r\n{line}\r\n\r\n".encode())
        speech_of(f"GET {line}".encode())
    assert time.process_time() - began < 2


@given(st.binary(max_size=300))
def test_no_bytes_crash_it(data: bytes) -> None:
    assert speech_of(data) in ("more", "http", "tls", "http2", "unknown")
    assert -1 <= head_end(data) <= len(data)
    for front in (b"", b"GET / HTTP/1.1\r\n"):
        with contextlib.suppress(ValueError):
            seen = read_head(front + data)
            assert seen.imported("http://127.0.0.1:1").method == seen.method
