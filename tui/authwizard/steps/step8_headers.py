"""What else do the answer's header fields and the API's own metadata give away? S8-07, S8-08, S8-12."""

from __future__ import annotations

import re

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CredentialSeen, ResourceMetadataSeen
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile, origin_of
from authwizard.protocol.clean import safe_line
from authwizard.steps.answers import explained, status_text
from authwizard.steps.differential import accepts

_SESSION_WORDS = late_pattern(r"session|log ?in|sign ?in", re.IGNORECASE)


@check(
    "S8-07", step=8, title="The API's own metadata is about this API", looks_for="protected resource metadata: resource, authorization servers, scopes",
    sources=("RFC 9728 2", "RFC 9728 3.3"),
)  # fmt: skip
def resource_metadata(seen: ResourceMetadataSeen, profile: Profile) -> Outcome:
    """S8-07: what the API publishes about itself. Issuer and audience are compared with it in step 3."""
    metadata = seen.metadata
    named = (
        ("resource", metadata.resource), ("authorization servers", ", ".join(metadata.authorization_servers)),
        ("scopes", " ".join(metadata.scopes_supported)), ("methods", ", ".join(metadata.bearer_methods_supported)),
    )  # fmt: skip
    lines = tuple(Line(name, value) for name, value in named if value)
    if metadata.resource and origin_of(metadata.resource) not in profile.own_origins:
        return warned(
            f"The metadata at {seen.url} is about {metadata.resource}, another address than this API's; it must not be relied on.", *lines
        )
    if metadata.bearer_methods_supported and "header" not in metadata.bearer_methods_supported:
        return warned("The API's metadata does not list the header among the places it takes a token in.", *lines)
    return passed("The API publishes metadata about itself.", *lines)


@check(
    "S8-08", step=8, title="No other header field explains the refusal", looks_for="Retry-After, a misdirected request, a proxy's challenge",
    causes=("rate_limited", "proxy_auth_required"), sources=("RFC 9110 10.2.3", "RFC 9110 15.5.20", "RFC 9110 11.7.1"),
)  # fmt: skip
def other_fields(baseline: Baseline) -> Outcome:
    """S8-08: header fields that speak of something else than the credential."""
    exchange = baseline.exchange
    if exchange.status is None or exchange.ok:
        return not_applicable("The answer is no refusal.")
    wait = exchange.header("retry-after")
    if exchange.status != 407 and exchange.header("proxy-authenticate") is not None:
        text = f"The {status_text(exchange.status)} carries Proxy-Authenticate: a proxy on the way wants credentials of its own."
        return failed(text, arguments=(Argument("proxy_auth_required", Grade.M, Group.RESPONSE_CLASS, text),))
    if exchange.status == 421:
        return warned("The server says that this connection is for another host (421): send the request on a new connection.")
    if wait is not None and exchange.status in (401, 403):
        text = f"The {exchange.status} asks to wait ({safe_line(wait, 60)}): a limit may hide behind it."
        return warned(text, Line("Retry-After", wait), arguments=(Argument("rate_limited", Grade.M, Group.RESPONSE_CLASS, text),))
    return passed("No other header field speaks of a reason.")


@check(
    "S8-12", step=8, title="The session behind the cookie is alive", looks_for="a refused session cookie, and what the answer does with it",
    causes=("cookie_session_expired",), sources=("RFC 6265 5.3",),
)  # fmt: skip
def cookie_session(baseline: Baseline, credential: CredentialSeen) -> Outcome:
    """S8-12: a cookie that the server takes back or answers with a login. A missing CSRF token is told by S8-03."""
    exchange = baseline.exchange
    if credential.kind != "cookie" or credential.field_value is None:
        return not_applicable("The credential is no session cookie.")
    if accepts(exchange) or exchange.status is None:
        return passed("The session cookie is accepted.")
    if "csrf_missing" in explained(exchange).message.causes:
        return passed("The server misses a CSRF token, so it knows the session.")
    if _taken_back(exchange, credential.name):
        text = f"The answer deletes the cookie {credential.name}: the server does not know this session any more."
        return failed(text, Line("answer", status_text(exchange.status), Status.FAIL), arguments=(_ended(Grade.S, text),))
    if exchange.status == 401 or _SESSION_WORDS.search(f"{exchange.header('location') or ''} {explained(exchange).message.words}"):
        text = f"The session cookie is answered with {status_text(exchange.status)}: most likely the session behind it has ended."
        return failed(text, arguments=(_ended(Grade.M, text),))
    return passed("The refusal does not speak of the session.")


def _ended(grade: Grade, text: str) -> Argument:
    return Argument("cookie_session_expired", grade, Group.RESPONSE_CLASS, text)


def _taken_back(exchange: Exchange, name: str) -> bool:
    """Whether the answer sets the cookie to nothing or to the past."""
    for value in exchange.header_all("set-cookie"):
        pair, _, rest = value.partition(";")
        if pair.partition("=")[0].strip() == name and re.search(
            r"max-age\s*=\s*(?:0|-\d+)\b|expires\s*=[^;]*\b(?:1970|1969|2000)\b", rest, re.IGNORECASE
        ):
            return True
    return False


CHECKS = (resource_metadata, other_fields, cookie_session)
