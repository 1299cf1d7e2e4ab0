"""Step 3, standing: is the token, the client or the account behind it still alive at the server that issued it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authwizard.check import blocked, check, failed, not_applicable, passed, warned
from authwizard.model.evidence import (
    Baseline,
    CredentialSeen,
    Discovery,
    Introspection,
    KeySet,
    NetworkTime,
    RunClock,
    WhoamiCall,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile, origin_of
from authwizard.model.token import TokenSeen
from authwizard.steps import identity
from authwizard.steps.answers import served_from_cache, status_text
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import NAMES, Clocks, Now, offset_of
from authwizard.steps.differential import accepts
from authwizard.steps.expectations import words_of
from authwizard.steps.granted_scopes import split
from authwizard.steps.time_words import utc
from authwizard.steps.token_times import number, time_faults, times_of

ACCOUNT_CAUSES = (
    "account_locked", "captcha_required", "account_disabled", "mfa_or_policy_required", "sso_authorization_required", "ip_not_allowed",
)  # fmt: skip
_SAYS = {
    "account_locked": "that the account behind this credential is locked; a further attempt may prolong that",
    "captcha_required": "that the account behind this credential has to solve a captcha first; a further attempt may prolong that",
    "account_disabled": "that the account behind this credential is switched off",
    "mfa_or_policy_required": "that a rule for sign-ins (such as a second factor) is not met",
    "sso_authorization_required": "that this credential has to be approved for the organisation's single sign-on first",
    "ip_not_allowed": "that the address this request comes from is not allowed",
}
LOGIN_HEADERS = {
    ("x-authentication-denied-reason", "captcha_challenge"): "captcha_required",
    ("x-seraph-loginreason", "authentication_denied"): "captcha_required",
}
"""Jira answers with these without looking at the password at all (developer.atlassian.com, basic authentication)."""


# ── S3-15 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-15", step=3, title="The account behind the credential is not blocked",
    looks_for="words or headers that tell of a locked or disabled account, a captcha, a second factor or an address that is not allowed",
    causes=ACCOUNT_CAUSES, sources=("developer.atlassian.com, Jira basic authentication",),
)  # fmt: skip
def account_free(baseline: Baseline) -> Outcome:
    """S3-15: what the refusal says about the account."""
    words = words_of(baseline)
    if words is None:
        return not_applicable("The request was not refused.")
    by_header = _denied_by_header(baseline.exchange)
    cause = by_header or (words.cause if words.cause in ACCOUNT_CAUSES and words.certainty != "says_nothing" else None)
    if cause is None:
        return passed("The answer does not speak of a locked or disabled account.")
    said = "one of its headers" if by_header else f'the words "{words.message.words}"'
    text = f"The server says in {said} {_SAYS[cause]}."
    sure = by_header is not None or words.firm
    return failed(text, arguments=(Argument(cause, Grade.S if sure else Grade.M, Group.SERVER_MESSAGE, text),))


def _denied_by_header(exchange: Exchange) -> str | None:
    found = ((n.lower(), v.lower()) for n, v in exchange.response_headers)
    return next((cause for n, v in found for (name, word), cause in LOGIN_HEADERS.items() if n == name and word in v), None)


# ── S3-16 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-16", step=3, title="The authorization server calls the token active",
    looks_for="the introspection endpoint's answer about the stored token",
    causes=("token_revoked", "token_expired", "token_not_yet_valid", "wrong_authorization_server"), sources=("RFC 7662 2.2", "RFC 7662 2.3"),
)  # fmt: skip
def introspected_active(
    profile: Profile,
    credential: CredentialSeen,
    introspection: Introspection,
    clock: RunClock,
    keys: KeySet | None,
    discovery: Discovery | None,
    baseline: Baseline | None,
    network: NetworkTime | None,
) -> Outcome:
    """S3-16: active or not, and what the authorization server knows of the token."""
    status, result = introspection.exchange.status, introspection.result
    if status in (401, 403) or result.active is None:
        why = f"The introspection endpoint did not answer the question ({status or 'no answer'}{_error(result.error)})."
        return blocked(why, unblock="The client needs leave to introspect tokens; ask the authorization server's admin.")
    lines = _member_lines(result.members, credential.token)
    if result.active:
        return _active(lines)
    if baseline is not None and accepts(baseline.exchange):
        text = (
            "The authorization server calls the token inactive, and the API accepts it: either this client may not ask about it "
            "(RFC 7662 2.2 answers the same then), or the API has not noticed yet that the token ended."
        )
        return warned(text, *lines, arguments=(Argument("token_revoked", Grade.W, Group.INTROSPECTION, text),))
    clocks = clocks_of(clock, baseline, None, None, network, None, None, discovery)
    now = _now_there(introspection, clocks)
    out_of_time = time_faults(times_of(credential.token), now, profile.expect.leeway_seconds)
    if "not_yet" in out_of_time:
        text = "The authorization server calls the token inactive, as it must: its time has not begun."
        return failed(text, *lines, arguments=(Argument("token_not_yet_valid", Grade.M, Group.TIME, text),))
    if "expired" in out_of_time:
        text = "The authorization server calls the token inactive, and its lifetime is over."
        return failed(text, *lines, arguments=(Argument("token_expired", Grade.S, Group.TIME, text),))
    return _inactive(profile, credential.token, keys, lines)


def _now_there(introspection: Introspection, clocks: Clocks) -> Now:
    """The moment by the clock of the server that called the token inactive; it judges by its own."""
    own = offset_of(introspection.exchange)
    if own is not None:
        return Now(clocks.local + own.seconds, own.error, f"{NAMES['issuer']}'s clock")
    return clocks.now("issuer") or clocks.now_api


def _active(lines: tuple[Line, ...]) -> Outcome:
    text = "The authorization server calls the token active: it is neither revoked nor unknown there."
    arguments = (Argument("token_revoked", Grade.XS, Group.INTROSPECTION, text),)
    if any(line.mark is Status.WARN for line in lines):
        return warned(f"{text} It tells other values than the token itself carries.", *lines, arguments=arguments)
    return passed(text, *lines, arguments=arguments)


def _inactive(profile: Profile, token: TokenSeen | None, keys: KeySet | None, lines: tuple[Line, ...]) -> Outcome:
    issuer = str(token.claims.get("iss") or "") if token is not None else ""
    configured = profile.oauth.issuer if profile.oauth is not None else ""
    if issuer and configured and not identity.same_issuer(issuer, configured):
        text = f"{configured} calls the token inactive: it was made by {issuer}, which this server knows nothing about."
        return failed(text, *lines, arguments=(Argument("wrong_authorization_server", Grade.M, Group.INTROSPECTION, text),))
    signature = keys.signature.status if keys is not None and keys.signature is not None else "not_checked"
    verified = signature == "verified"
    if signature == "failed":
        text = "The authorization server calls the token inactive, as it must: its signature does not hold."
        return failed(text, *lines)
    if token is not None and token.readable:
        so = "its signature holds and its lifetime is not over" if verified else "its lifetime is not over"
        text = (
            f"The authorization server calls the token inactive, although {so}: it was revoked, or its session ended. "
            "(It would say the same to a client that may not ask about this token.)"
        )
        return failed(text, *lines, arguments=(Argument("token_revoked", Grade.S if verified else Grade.M, Group.INTROSPECTION, text),))
    text = "The authorization server calls the token inactive: it has expired or was revoked; it does not say which."
    causes = ("token_revoked", "token_expired")
    return failed(text, *lines, arguments=tuple(Argument(c, Grade.M, Group.INTROSPECTION, text) for c in causes))


def _member_lines(members: Mapping[str, Any], token: TokenSeen | None) -> tuple[Line, ...]:
    """What introspection tells, beside the token's own claims; the subject stays out."""
    claims = token.claims if token is not None and token.readable else {}
    lines = []
    for name in ("iss", "aud", "client_id", "scope", "exp", "cnf"):
        if name not in members:
            continue
        own = claims.get(name)
        alike = own is None or _norm(name, own) == _norm(name, members[name])
        lines.append(
            Line(name, _shown(name, members[name]), None if alike else Status.WARN, "" if alike else f"token: {_shown(name, own)}")
        )
    return tuple(lines)


def _norm(name: str, value: object) -> object:
    if name == "scope":
        return frozenset(split(value))
    return identity.audience_of({"aud": value}) if name == "aud" else value


def _shown(name: str, value: object) -> str:
    if name == "cnf":
        return "bound to a key or certificate" if isinstance(value, Mapping) and value else "not bound"
    seconds = number(value) if name == "exp" else None
    if seconds is not None:
        return utc(seconds)
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)


def _error(error: str) -> str:
    return f", {error}" if error else ""


# ── S3-17 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-17", step=3, title="An endpoint that only needs a living token accepts it",
    looks_for="the answer of the profile's whoami endpoint to the same token",
    causes=("token_revoked", "token_expired", "audience_mismatch", "insufficient_scope", "server_key_misconfigured"),
    sources=("OpenID Connect Core 5.3",),
)  # fmt: skip
def whoami_accepts(profile: Profile, whoami: WhoamiCall, baseline: Baseline | None) -> Outcome:
    """S3-17: alive there, refused here? An endpoint that answers everybody, or out of a cache, proves nothing."""
    status = whoami.exchange.status
    if status is None:
        return blocked("The whoami endpoint gave no answer.")
    line = Line("whoami", status_text(status), Status.PASS if accepts(whoami.exchange) else Status.FAIL)
    if not accepts(whoami.exchange):
        return _refused_there(status, line)
    open_to_all = _open_to_all(whoami)
    if open_to_all:
        return warned(f"The whoami endpoint accepts the token, but {open_to_all}: that does not prove that the token is alive.", line)
    text = "The whoami endpoint accepts the same token, and nothing without one: the token is alive."
    alive = tuple(Argument(c, Grade.XS, Group.RESPONSE_CLASS, text) for c in ("token_revoked", "token_expired"))
    if baseline is None or baseline.exchange.status not in (401, 403):
        return passed(text, line, arguments=alive)
    here = origin_of(whoami.exchange.url) in profile.own_origins
    left = ("insufficient_scope",) if here else ("audience_mismatch", "insufficient_scope", "server_key_misconfigured")
    told = f"{text} What refuses it is " + ("this one endpoint." if here else "this API, for a reason of its own: audience, scope or keys.")
    return passed(told, line, arguments=(*alive, *(Argument(c, Grade.M, Group.RESPONSE_CLASS, told) for c in left)))


def _refused_there(status: int, line: Line) -> Outcome:
    if status == 401:
        return failed("The whoami endpoint refuses the token as well: the token itself is the matter, not this one endpoint.", line)
    if status == 403:
        return warned("The whoami endpoint answers 403: it may know the token and want a scope of its own (openid, for userinfo).", line)
    return blocked(f"The whoami endpoint answered {status_text(status)}, which says nothing about the token.", line)


def _open_to_all(whoami: WhoamiCall) -> str:
    """Say why a success there proves nothing; "" where it does."""
    if served_from_cache(whoami.exchange):
        return "the answer came out of a cache"
    if whoami.anonymous is None or whoami.anonymous.status is None:
        return "it was not seen whether it needs one"
    return "it answers without a token too" if accepts(whoami.anonymous) else ""
