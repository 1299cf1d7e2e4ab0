from __future__ import annotations

import errno
import socket
import ssl
from typing import Any

import httpx
import pytest

from authwizard.probes.faults import Attempt, fault_of, proxy_status

SECRET = "s3cr3t-value-in-the-text"


def caused(error: Exception, by: BaseException) -> Exception:
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    "error",
    [
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {SECRET}\\n'"),
        httpx.LocalProtocolError(f"Something else {SECRET}"),
        httpx.InvalidURL(SECRET),
        httpx.UnsupportedProtocol(SECRET),
        UnicodeEncodeError("ascii", SECRET, 0, 1, SECRET),
        ValueError(SECRET),
        TypeError(SECRET),
        httpx.ProxyError(SECRET),
        httpx.RemoteProtocolError(f"illegal header line: {SECRET}"),
        httpx.ReadError(SECRET),
        httpx.ConnectError(SECRET),
        httpx.ConnectTimeout(SECRET),
        httpx.ReadTimeout(SECRET),
        caused(httpx.ConnectError(SECRET), OSError(errno.ECONNREFUSED, SECRET)),
        caused(httpx.ConnectError(SECRET), socket.gaierror(socket.EAI_NONAME, SECRET)),
        ImportError(SECRET),
    ],
)
def test_the_text_of_an_exception_is_never_used(error: Exception) -> None:
    for attempt in (Attempt("h:443"), Attempt("h:443", "http://p:1"), Attempt("h:443", connected=True)):
        seen = fault_of(error, attempt)
        assert SECRET not in seen.text
        assert seen.text.endswith(".")


@pytest.mark.parametrize(
    ("error", "connected", "layer"),
    [
        (httpx.LocalProtocolError("Illegal header value b'x'"), True, "refused_locally"),
        (caused(httpx.ConnectError(""), socket.gaierror()), False, "dns"),
        (caused(httpx.ConnectError(""), OSError(errno.EHOSTUNREACH, "")), False, "connect"),
        (caused(httpx.ReadError(""), OSError(errno.ECONNRESET, "")), True, "connect"),
        (caused(httpx.ConnectError(""), ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")), False, "tls"),
        (caused(httpx.ConnectError(""), ExceptionGroup("all failed", [OSError(errno.ECONNREFUSED, "")])), False, "connect"),
        (TimeoutError(), True, "timeout"),
        (httpx.ConnectTimeout(""), False, "timeout"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), True, "protocol"),
        (httpx.RemoteProtocolError("Receive buffer too long"), True, "too_large"),
    ],
)
def test_layers(error: Exception, connected: bool, layer: str) -> None:
    assert fault_of(error, Attempt("h:443", connected=connected, seconds=10)).layer == layer


@pytest.mark.parametrize("error", [httpx.ConnectError(""), httpx.ConnectTimeout(""), caused(httpx.ConnectError(""), socket.gaierror())])
def test_what_fails_before_the_proxy_is_reached_is_the_proxys(error: Exception) -> None:
    seen = fault_of(error, Attempt("h:443", "http://p:1"))
    assert (seen.layer, "http://p:1" in seen.text) == ("proxy", True)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (httpx.ProxyError("407 Proxy Authentication Required"), 407),
        (httpx.ProxyError("odd"), None),
        (ValueError("407"), None),
    ],
)
def test_the_status_of_a_refused_tunnel(error: Any, status: int | None) -> None:
    assert proxy_status(error) == status


def test_causes_that_go_in_a_circle_end() -> None:
    one, two = httpx.ConnectError(""), ValueError("")
    one.__cause__, two.__cause__ = two, one
    assert fault_of(one, Attempt("h:443")).layer == "connect"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "WRONG_VERSION_NUMBER",
            "h:443 does not answer in TLS: at this port it may speak plain http, or something else (WRONG_VERSION_NUMBER).",
        ),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "h:443 offers no version of TLS that this machine accepts (TLSV1_ALERT_PROTOCOL_VERSION)."),
        ("BAD_RECORD_MAC", "The TLS handshake with h:443 failed (BAD_RECORD_MAC)."),
    ],
)
def test_a_failed_handshake_is_told_in_words(reason: str, words: str) -> None:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    assert fault_of(caused(httpx.ConnectError(""), error), Attempt("h:443")).text == words


def test_a_refused_certificate_is_told_in_one_sentence() -> None:
    error = ssl.SSLCertVerificationError(1, "")
    error.verify_message = "Hostname mismatch, certificate is not valid for 'h'."
    told = fault_of(caused(httpx.ConnectError(""), error), Attempt("h:443")).text
    assert told == "The certificate of h:443 was not accepted: hostname mismatch, certificate is not valid for 'h'."
