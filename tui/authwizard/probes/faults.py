"""Why did no answer come? An exception's type and a few listed reasons become a layer and a sentence, never its text.

The texts of these exceptions are not used: some hold the whole header value that was refused (CHECKS 1.3).
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator

from authwizard.model.exchange import Layer, TransportFault
from authwizard.model.frozen import dataclass

_ERRNO = {
    errno.ECONNREFUSED: "the connection was refused",
    errno.ECONNRESET: "the connection was reset",
    errno.EHOSTUNREACH: "there is no route to the host",
    errno.ENETUNREACH: "there is no route to its network",
    errno.ETIMEDOUT: "the connection attempt timed out",
    errno.EPIPE: "the connection was closed",
    errno.EACCES: "this machine does not permit it",
    errno.EPERM: "this machine does not permit it",
}

_ILLEGAL = (
    ("Illegal header value", "A header value holds a character that HTTP does not allow, so it was not sent."),
    ("Illegal header name", "A header name holds a character that HTTP does not allow, so it was not sent."),
    ("Illegal target", "The address holds a character that HTTP does not allow, so it was not sent."),
    ("Illegal method", "The method holds a character that HTTP does not allow, so it was not sent."),
)


_UNANSWERED = "without sending a response"


class CannotSend(Exception):
    """A setting or a rule stands against sending; nothing left this machine. `fault` says what, `str` nothing."""

    def __init__(self, fault: TransportFault) -> None:
        super().__init__()
        self.fault = fault


@dataclass(frozen=True)
class Attempt:
    """What was being tried when the exception came: host as shown, proxy as shown ("" = none), seconds allowed."""

    host: str
    proxy: str = ""
    connected: bool = False
    seconds: float = 0.0

    @property
    def peer(self) -> str:
        """The machine that was being connected to."""
        return f"the proxy {self.proxy}" if self.proxy and not self.connected else self.host


def proxy_status(error: BaseException) -> int | None:
    """Return the status a proxy refused a CONNECT with, e.g. 407; None where the exception is another."""
    import httpx

    found = re.match(r"(\d{3})\b", str(error)) if isinstance(error, httpx.ProxyError) else None
    return int(found[1]) if found else None


def fault_of(error: BaseException, attempt: Attempt) -> TransportFault:
    """Word a transport exception by its type and its place in the connection."""
    import httpx

    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        return _timeout(error, attempt)
    if isinstance(error, ImportError):
        return TransportFault("proxy", "The proxy speaks SOCKS, which needs the Python package socksio. Install it, or name an HTTP proxy.")
    if isinstance(error, httpx.ProxyError):
        status = proxy_status(error)
        said = f"answered {status} to CONNECT" if status else "refused the tunnel"
        return TransportFault("proxy", f"The proxy {attempt.proxy} {said} for {attempt.host}.")
    if isinstance(error, httpx.RemoteProtocolError):
        return _bad_answer(error, attempt)
    if isinstance(error, (httpx.NetworkError, OSError)):
        return _network(error, attempt)
    return TransportFault("refused_locally", _refusal(error))


def closed_unanswered(error: BaseException) -> bool:
    """Whether the connection ended before the first byte of an answer."""
    import httpx

    if isinstance(error, httpx.RemoteProtocolError):
        return _UNANSWERED in str(error)
    return isinstance(error, (httpx.ReadError, httpx.WriteError))


def _timeout(error: BaseException, attempt: Attempt) -> TransportFault:
    import httpx

    if isinstance(error, httpx.ConnectTimeout) or not attempt.connected:
        layer: Layer = "proxy" if attempt.proxy and not attempt.connected else "timeout"
        return TransportFault(layer, f"No connection to {attempt.peer} within {attempt.seconds:g} s.")
    return TransportFault("timeout", f"No complete answer from {attempt.host} within {attempt.seconds:g} s.")


def _bad_answer(error: BaseException, attempt: Attempt) -> TransportFault:
    text = str(error)
    if "buffer too long" in text:
        return TransportFault("too_large", f"The header fields of the answer from {attempt.host} are larger than 100 KiB.")
    layer: Layer = "proxy" if attempt.proxy and not attempt.connected else "protocol"
    if _UNANSWERED in text:
        return TransportFault(layer, f"{_sentence(attempt.peer)} closed the connection without an answer.")
    return TransportFault(layer, f"The answer from {attempt.peer} is not valid HTTP.")


def _network(error: BaseException, attempt: Attempt) -> TransportFault:
    behind_proxy = bool(attempt.proxy) and not attempt.connected
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return TransportFault("tls", _tls(cause, attempt.host))
        if isinstance(cause, socket.gaierror):
            return TransportFault("proxy" if behind_proxy else "dns", f"The name of {attempt.peer} cannot be resolved.")
        if isinstance(cause, OSError) and cause.errno in _ERRNO:
            what = f"The connection to {attempt.host} broke" if attempt.connected else f"{_sentence(attempt.peer)} cannot be reached"
            return TransportFault("proxy" if behind_proxy else "connect", f"{what}: {_ERRNO[cause.errno]}.")
    if attempt.connected:
        return TransportFault("connect", f"The connection to {attempt.host} broke before an answer came.")
    return TransportFault("proxy" if behind_proxy else "connect", f"{_sentence(attempt.peer)} cannot be reached.")


_TLS_REASONS = (
    ("WRONG_VERSION_NUMBER", "does not answer in TLS: at this port it may speak plain http, or something else"),
    ("PROTOCOL_VERSION", "offers no version of TLS that this machine accepts"),
    ("UNSUPPORTED_PROTOCOL", "offers no version of TLS that this machine accepts"),
    ("UNRECOGNIZED_NAME", "answers in TLS, and knows no host of this name"),
    ("HANDSHAKE_FAILURE", "refuses the TLS handshake: no cipher in common, or it wants a client certificate"),
)
"""What OpenSSL's names for a failed handshake mean to whoever set up the address."""


def _tls(error: ssl.SSLError, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = str(getattr(error, "verify_message", "")).rstrip(".") or "it could not be verified"
        return f"The certificate of {host} was not accepted: {why[:1].lower()}{why[1:]}."
    # An error that Python raises itself, and not OpenSSL, has no reason.
    reason = getattr(error, "reason", None) or "no reason given"
    if "CERTIFICATE_REQUIRED" in reason:
        return f"{host} asks for a client certificate ({reason})."
    words = next((words for part, words in _TLS_REASONS if part in reason), "")
    return f"{host} {words} ({reason})." if words else f"The TLS handshake with {host} failed ({reason})."


def _refusal(error: BaseException) -> str:
    import httpx

    if isinstance(error, httpx.InvalidURL):
        return "The address is not a valid URL, so nothing was sent."
    if isinstance(error, httpx.UnsupportedProtocol):
        return "The address does not begin with http:// or https://, so nothing was sent."
    if isinstance(error, UnicodeError):
        return "A header or the address holds characters that cannot be encoded, so nothing was sent."
    text = str(error)
    return next(
        (said for start, said in _ILLEGAL if text.startswith(start)), f"The request cannot be sent as it is ({type(error).__name__})."
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what lies under it, groups included, at most 50."""
    queue: list[BaseException] = [error]
    seen: set[int] = set()
    while queue and len(seen) < 50:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        queue += [e for e in (current.__cause__, current.__context__) if e is not None]
        if isinstance(current, BaseExceptionGroup):
            queue += current.exceptions


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("the ") else text
