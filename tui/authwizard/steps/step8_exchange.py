"""By which marks is this exchange found again, and what exactly was sent? S8-05, S8-06, S8-13."""

from __future__ import annotations

import hashlib
import json
import re
import shlex

from authwizard.check import check, passed, warned
from authwizard.knowledge.responders import responder_of
from authwizard.knowledge.signature import challenges_of
from authwizard.model.evidence import Baseline, ClientEnvironment, CredentialSeen, KeySet, Reported, SentRequest
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Code, Facts, Group, Line, Outcome, Status, Table
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile
from authwizard.protocol.clean import safe_line
from authwizard.steps import identity
from authwizard.steps.answers import explained, status_text
from authwizard.steps.differential import accepts
from authwizard.steps.reported_words import CAUSES as WORDS_CAUSES
from authwizard.steps.reported_words import told_by_the_answer
from authwizard.steps.sent_request import SENT_CAUSES, Here, differences, netrc_place
from authwizard.steps.sent_table import table
from authwizard.steps.step8_words import challenge_words, is_pasted
from authwizard.steps.time_words import duration, utc

ID_NAME = late_pattern(
    r"request-?id|trace-?id|correlation-?id|traceparent|^cf-ray$|^x-azure-ref$|^x-amz-cf-id$|^x-ms-(?:request|correlation)|^x-envoy-|^x-b3-",
    re.IGNORECASE,
)
"""Header fields that name one request in somebody's log."""
ID_MEMBER = late_pattern(r"^(?:(?:request|trace|correlation|error)[_-]?id|timestamp|error_code|errorid)$", re.IGNORECASE)
OURS = ("x-request-id", "traceparent")


@check(
    "S8-05", step=8, title="The exchange can be found in the server's log", looks_for="request ids, time, address and who answered",
    sources=("w3.org/TR/trace-context",),
)  # fmt: skip
def request_ids(
    baseline: Baseline, options: RunOptions, profile: Profile, credential: CredentialSeen | None, keys: KeySet | None
) -> Outcome:  # fmt: skip
    """S8-05: the marks by which the server's owner finds this request, and the text to hand over."""
    exchange = baseline.exchange
    ours = [(n, v) for n, v in exchange.request_headers if n.lower() in OURS]
    ids = [(n, v) for n, v in exchange.response_headers if ID_NAME.search(n)] + _ids_in_body(exchange.body)
    seen = responder_of(exchange.response_headers, exchange.body)
    lines = [Line("sent at", _when(exchange)), *(Line(f"{n} (sent)", v) for n, v in ours), *(Line(f"{n} (answered)", v) for n, v in ids)]
    lines += [Line("address", exchange.peer)] if exchange.peer else []
    lines += [Line("responder", seen.name, None, "by its marks, which can be masked")] if seen.name else []
    facts: Facts = {"hand_over": _hand_over(exchange, seen.name, credential, _verified(profile, credential, keys), ours + ids)}
    if seen.name:
        facts = {**facts, "responder": seen.name, "responder_confidence": "likely"}
    if is_pasted(exchange):
        facts = {**facts, "pasted": True}
    if options.thorough:
        facts = {**facts, "thorough": True}
    if not ids and not ours:
        return warned("Neither side named the request: search the log by time, path and address.", *lines, facts=facts)
    return passed(f"{len(ids) + len(ours)} id(s) name this request.", *lines, facts=facts)


def _when(exchange: Exchange) -> str:
    return utc(exchange.sent_at) if exchange.sent_at > 0 else "not known"


def _ids_in_body(body: str) -> list[tuple[str, str]]:
    """The ids a JSON answer carries, at its top or in its error object."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    objects = [value, value.get("error")] if isinstance(value, dict) else []
    members = [(n, v) for o in objects if isinstance(o, dict) for n, v in o.items() if ID_MEMBER.search(n)]
    return [(safe_line(n, 40), safe_line(str(v), 100)) for n, v in members if isinstance(v, (str, int)) and str(v).strip()][:6]


def _hand_over(
    exchange: Exchange, who: str, credential: CredentialSeen | None, verified: str, ids: list[tuple[str, str]]
) -> str:  # fmt: skip
    lines = [f"{_called(exchange)}, answered{f' by {who}' if who else ''} with {_answer_words(exchange)}."]
    if ids:
        lines.append("Request ids: " + ", ".join(f"{n} {v}" for n, v in ids) + ".")
    if credential is not None and credential.field_value is not None and not is_pasted(exchange):
        lines.append(_credential_words(credential, exchange.received_at))
    if verified:
        lines.append(f"Locally verified: {verified}.")
    return "\n".join(lines)


def _verified(profile: Profile, credential: CredentialSeen | None, keys: KeySet | None) -> str:
    """What of the token was found in order here, so that nobody looks for it again; "" for nothing."""
    token = credential.token if credential is not None else None
    found = []
    if keys is not None and keys.signature is not None and keys.signature.status == "verified":
        kid = f" {keys.signature.key_id}" if keys.signature.key_id else ""
        found.append(f"the signature is good with the issuer's published key{kid}")
    if token is not None and token.readable:
        if profile.expect.issuer and token.claims.get("iss") == profile.expect.issuer:
            found.append("the issuer is the expected one")
        if set(profile.expect.audience) & set(identity.audience_of(token.claims)):
            found.append("so is the audience" if len(found) > 1 else "the audience is the expected one")
    return "; ".join(found)


def _called(exchange: Exchange) -> str:
    at = f"At {utc(exchange.sent_at)} (±1 s)" if exchange.sent_at > 0 else "At a time we do not know exactly"
    what = f"{exchange.method} {exchange.url}" if exchange.url else "the API"
    return f"{at} our client called {what}" + (f" at {exchange.peer}" if exchange.peer else "")


def _answer_words(exchange: Exchange) -> str:
    challenges = "; ".join(challenge_words(c) for c in challenges_of(exchange)) or "no challenge"
    words = explained(exchange).message.words if exchange.status is not None else ""
    return f"{status_text(exchange.status)}, {challenges}" + (f', "{words}"' if words and words not in challenges else "")


def _credential_words(credential: CredentialSeen, now: float) -> str:
    text = f"{credential.name} was sent with {f'the scheme {credential.scheme}' if credential.scheme else 'no scheme'}, {credential.length} bytes"
    text += f", fingerprint {credential.fingerprint}" if credential.fingerprint else ""
    token = credential.token
    if token is not None and token.readable:
        named = [("kid", token.header.get("kid")), ("iss", token.claims.get("iss")), ("aud", token.claims.get("aud"))]
        text += "".join(f", {name} {_plain(value)}" for name, value in named if value is not None)
        text += _times(token.claims.get("exp"), now)
        jti = token.claims.get("jti")
        text += f", jti #{hashlib.sha256(str(jti).encode()).hexdigest()[:8]} (start of its SHA-256)" if jti else ""
    return text + "."


def _plain(value: object) -> str:
    return ", ".join(str(v) for v in value) if isinstance(value, (list, tuple)) else str(value)


def _times(exp: object, now: float) -> str:
    if not isinstance(exp, (int, float)) or isinstance(exp, bool) or now <= 0:
        return ""
    return f", exp {utc(exp)} ({'in ' if exp > now else ''}{duration(exp - now)}{'' if exp > now else ' ago'})"


# ── S8-06 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-06", step=8, title="What was sent is what the user's program sends",
    looks_for="differences between this request and the one the user brought, and what the answer to that one says",
    causes=tuple(dict.fromkeys((*SENT_CAUSES, *WORDS_CAUSES))), sources=("RFC 9110 11.6.2",),
)  # fmt: skip
def wire_trace(
    baseline: Baseline, credential: CredentialSeen, sent: SentRequest | None, environment: ClientEnvironment | None, reported: Reported | None
) -> Outcome:  # fmt: skip
    """S8-06: the request as it left, and where the user's program sends something else.

    A difference explains the user's 401 only where this request succeeds; where both are refused it is shown and argues for nothing.
    """
    exchange = baseline.exchange
    details = (_connection(exchange), Table(("header", "value"), exchange.request_headers, "sent"), _equal_command(exchange, credential))
    if is_pasted(exchange):
        return passed("The answer was pasted; nothing was sent.")
    if sent is None:
        return passed(f"{len(exchange.request_headers)} header fields were sent.", *details)
    here = Here("" if baseline.standin else exchange.method, exchange.url, exchange.request_headers, credential, exchange.received_at)
    side_by_side = table(sent, here)
    found = differences(sent, here, netrc_place(environment, exchange.url))
    said = tuple(told_by_the_answer(reported, sent)) if accepts(exchange) else ()
    unseen = _unseen(sent)
    facts: Facts = {"sent": True, "sent_unseen": bool(unseen)}
    lines = (*(Line("difference", d.text, Status.WARN) for d in found), *(Line("its answer", a.text, Status.WARN) for a in said))
    if not found and not said:
        same = "Your program's request is the same as this one in all that the text shows."
        return passed(f"{same}{unseen}", side_by_side, *details, facts=facts)
    arguments = tuple(Argument(d.cause, d.grade, Group.SENT, f"Your program's request differs: {d.text}") for d in found)
    summary = f"Your program's request differs from this one: {found[0].text}{unseen}" if found else f"{said[0].text}{unseen}"
    return warned(summary, *lines, side_by_side, *details, arguments=(*arguments, *said) if accepts(exchange) else (), facts=facts)


def _unseen(sent: SentRequest) -> str:
    if not sent.fields_known:
        return " Its header fields are not in this text, so they were not compared."
    if sent.sanitised:
        return " A browser leaves credentials out of a HAR file, so whether one was sent is not known."
    if sent.masked_names:
        return f" Masked in the text and not compared: {', '.join(sent.masked_names)}."
    return ""


def _connection(exchange: Exchange) -> Line:
    tls = f", {exchange.tls['version']}" if exchange.tls.get("version") else ""
    return Line("protocol", f"{exchange.http_version or 'HTTP'} to {exchange.peer or 'the API'}{tls}")


def _equal_command(exchange: Exchange, credential: CredentialSeen) -> Code:
    """An equal curl command without the secret; every text of it is quoted for a shell, since it came from outside."""
    front = ["curl", "-v", *(["-X", shlex.quote(exchange.method)] if exchange.method != "GET" else [])]
    if credential.field_value is not None and credential.place == "header":
        fixed = f"{credential.name}: {credential.scheme} " if credential.scheme else f"{credential.name}: "
        front += ["-H", f'{shlex.quote(fixed)}"$TOKEN"']
    elif credential.field_value is not None and credential.place == "cookie":
        front += ["--cookie", f'{shlex.quote(credential.name + "=")}"$TOKEN"']
    return Code(" ".join([*front, shlex.quote(exchange.url)]), "an equal command; put your credential into TOKEN")


CHECKS = (request_ids, wire_trace)
