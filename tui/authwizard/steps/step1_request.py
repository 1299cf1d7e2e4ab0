"""Does the rest of the request leave the credential alone? Its size, its Connection field, its HTTP version: S1-16, S1-22, S1-23."""

from __future__ import annotations

from authwizard.check import check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.knowledge.signature import same
from authwizard.model.evidence import Anonymous, Baseline, CredentialSeen, FreshCall, FreshToken, Garbage, LeanerCall, OtherVersionCall
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.protocol.hop_by_hop import connection_options, lists_header
from authwizard.steps.answers import explained, status_text
from authwizard.steps.differential import accepts
from authwizard.steps.swaps import swap_argument, swap_line, swaps_about

NOTICEABLE = 4096
"""Bytes of one field from which servers with small buffers refuse."""
LARGE = 7680
"""Just below the limits most servers have for one field or all: nginx and Tomcat 8 KiB, Apache 8190 bytes."""
SAYS_SIZE = (431, 494)
MAY_MEAN_SIZE = (400, 413, 502)
"""Answers that servers also give for other reasons; a short token's plain 401 tells them apart."""
BROKEN = ("connect", "protocol")


@check(
    "S1-16", step=1, title="The credential is not too large for a header",
    looks_for="The size of the credential and of all header fields, and whether a short token gets a plain 401 where the real one gets another error.",
    causes=("header_too_large",), sources=("RFC 6585 5", "nginx.org, large_client_header_buffers", "httpd.apache.org, LimitRequestFieldSize"),
)  # fmt: skip
def size(
    credential: CredentialSeen, baseline: Baseline | None, garbage: Garbage | None, anonymous: Anonymous | None,
    fresh: FreshCall | None, token: FreshToken | None,
) -> Outcome:  # fmt: skip
    """Judge the size; only an answer that is no plain refusal makes it more than a remark."""
    if credential.field_value is None:
        return not_applicable("There is no credential whose size could matter.")
    line = credential.length + len(credential.scheme) + len(credential.name) + 5
    total = baseline.exchange.header_bytes if baseline is not None else 0
    lines = [Line("Credential", f"{line} bytes", _mark(line)), *((Line("All header fields", f"{total} bytes"),) if total else ())]
    large = max(line, total) >= LARGE
    if baseline is None or not _may_be_size(baseline.exchange, line):
        remark = f"The credential is {line} bytes long: servers with {'common' if large else 'small'} limits refuse it."
        return warned(remark, *lines) if line >= NOTICEABLE else passed(f"The credential is {line} bytes long.", *lines)
    got = status_text(baseline.exchange.status) if baseline.exchange.status else "no answer, the connection breaks"
    argument = _shorter(baseline.exchange, credential, got, fresh, token) or _contrast(baseline.exchange, line, got, garbage, anonymous)
    if argument is None:
        return with_facts(
            warned(f"The request with {line} bytes of credential gets {got}; a shorter one tells why.", *lines), oversized=True
        )
    return with_facts(failed(argument.text, *lines, arguments=(argument,)), oversized=True)


def _mark(length: int) -> Status:
    return Status.PASS if length < NOTICEABLE else Status.WARN


def _may_be_size(answer: Exchange, line: int) -> bool:
    """Whether an answer may be about the size: it says so, or it is no judgement of a credential that is long."""
    if answer.status in SAYS_SIZE or "header_too_large" in explained(answer).message.causes:
        return True
    if line < NOTICEABLE:
        return False
    broken = answer.status is None and answer.fault is not None and answer.fault.layer in BROKEN
    named = explained(answer).message.kind == "names" or bool(explained(answer).code)
    return broken or (answer.status in MAY_MEAN_SIZE and not named)


def _shorter(
    answer: Exchange, credential: CredentialSeen, got: str, fresh: FreshCall | None, token: FreshToken | None
) -> Argument | None:  # fmt: skip
    """A new, shorter token that is accepted where the server says that the old one was too large."""
    length = token.token.length if token is not None and token.token is not None else 0
    if fresh is None or not accepts(fresh.exchange) or answer.status not in SAYS_SIZE or not 0 < length < credential.length:
        return None
    text = f"The request gets {got} with a token of {credential.length} characters and succeeds with a new one of {length}."
    return Argument("header_too_large", Grade.P, Group.SWAP, text, factor="size")


def _contrast(answer: Exchange, line: int, got: str, garbage: Garbage | None, anonymous: Anonymous | None) -> Argument | None:
    """Return what a short token (or none) in the same request shows: a plain 401 there leaves the size as the difference."""
    said = answer.status in SAYS_SIZE or "header_too_large" in explained(answer).message.causes
    if garbage is not None and garbage.exchange.status == 401:
        text = f"The request with {line} bytes of credential gets {got}; the same with a short token gets a plain 401: the size is the trouble."
        # A 400 to a token of middling size may have a reason of its own that the server does not tell.
        grade = Grade.P if said or line >= LARGE else Grade.M if answer.status == 400 else Grade.S
        return Argument("header_too_large", grade, Group.SWAP, text, factor="size")
    if said:
        text = f"The server says that the request's header fields are too large ({got}); the credential has {line} bytes."
        return Argument("header_too_large", Grade.S, Group.RESPONSE_CLASS, text)
    if anonymous is not None and anonymous.exchange.status == 401:
        text = f"The request with {line} bytes of credential gets {got}; without it the answer is a plain 401."
        return Argument("header_too_large", Grade.M, Group.RESPONSE_CLASS, text)
    return None


@check(
    "S1-22", step=1, title="The HTTP version makes no difference",
    looks_for="The same request over HTTP/1.1 and, where the server offers it, over HTTP/2.",
    causes=("http_version_dependent",), sources=("RFC 9113 8.2.1", "RFC 9110 5.1"),
)  # fmt: skip
def http_version(baseline: Baseline, other: OtherVersionCall) -> Outcome:
    """Compare the answers; a server that speaks one version only has nothing to compare."""
    one, two = baseline.exchange, other.exchange
    if two.status is None or one.status is None:
        return not_tried("One of the two requests got no answer.")
    if two.http_version == one.http_version:
        return not_applicable(f"The server speaks {one.http_version} only.")
    lines = (Line(one.http_version, status_text(one.status)), Line(two.http_version, status_text(two.status)))
    if two.status == 421 or same(one, two):
        return passed("Both HTTP versions get the same answer.", *lines)
    text = f"The same request gets {status_text(one.status)} over {one.http_version} and {status_text(two.status)} over {two.http_version}."
    flips = accepts(one) is not accepts(two)
    argument = Argument("http_version_dependent", Grade.S if flips else Grade.M, Group.RESPONSE_CLASS, text)
    return (failed if flips else warned)(text, *lines, arguments=(argument,))


@check(
    "S1-23", step=1, title="No proxy is told to take the credential out",
    looks_for="A Connection field that names the credential's header: every proxy removes what it names.",
    causes=("connection_header_strips_authorization",), sources=("RFC 9110 7.6.1",),
)  # fmt: skip
def hop_by_hop(credential: CredentialSeen, profile: Profile, baseline: Baseline | None, leaner: LeanerCall | None) -> Outcome:
    """Judge the Connection field that the profile adds."""
    if credential.place == "query":
        return not_applicable("The credential is no header field, so Connection cannot name it.")
    name = "Cookie" if credential.place == "cookie" else credential.name
    options = connection_options(profile.headers)
    swaps = swaps_about(("connection_header_strips_authorization",), leaner)
    tried = tuple(a for call in swaps if (a := swap_argument(call, baseline)) is not None)
    lines = (Line("Connection", ", ".join(options) or "not set"), *(swap_line(c, c.factor) for c in swaps))
    if not lists_header(profile.headers, name):
        return passed(f"No Connection field names {name}.", *lines)
    text = f"The profile's Connection field names {name}: by the standard every proxy on the way removes that header."
    if baseline is not None and accepts(baseline.exchange):
        return warned(f"{text} No proxy did so here.", *lines)
    return failed(text, *lines, arguments=(Argument("connection_header_strips_authorization", Grade.S, Group.LOCAL_BYTES, text), *tried))
