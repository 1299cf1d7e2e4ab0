"""What do the challenge and the words of the refusal say, and to whom else are they said? S8-01 to S8-04."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from authwizard.check import check, failed, not_applicable, passed, warned, with_facts
from authwizard.knowledge.causes import cause as catalogue_cause
from authwizard.knowledge.error_codes import CODES, TOKEN_ENDPOINT_CODES
from authwizard.knowledge.explanation import ABSENT
from authwizard.knowledge.messages import MessageSeen
from authwizard.knowledge.signature import challenges_of
from authwizard.model.evidence import Anonymous, AnonymousAgain, Baseline, CredentialSeen, ExchangeSeen, Garbage, Reported
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Code, Facts, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile, origin_of
from authwizard.protocol.challenge import Challenge, parse_challenges, proxy_challenge_fields
from authwizard.protocol.scheme_names import scheme_name
from authwizard.steps.answers import explained
from authwizard.steps.differential import accepts, bare_bearer_challenge, comparison, only_spelling, speaks_of_a_token
from authwizard.steps.intake_responder import responder
from authwizard.steps.places import about_this_kind

RENAMED = "x-amzn-remapped-www-authenticate"
TOKEN_ARRIVED = ("authorization_stripped", "credential_missing")
ABOUT_THE_TOKEN = frozenset("EFGH")
"""Families of causes a server can only name after it has read this very token."""
MESSAGE_CAUSES = (
    "account_disabled", "account_locked", "alg_mismatch", "alg_none_or_unsupported", "api_key_expired", "api_key_invalid",
    "api_key_restricted", "audience_mismatch", "audience_missing", "audience_unknown", "auth_scheme_duplicated", "auth_scheme_missing",
    "auth_scheme_wrong", "auth_server_error", "authorization_code_invalid", "authorization_code_reused", "authorization_header_malformed",
    "authorization_stripped", "basic_malformed", "captcha_required", "claim_missing", "claims_challenge", "client_assertion_invalid",
    "client_auth_method_wrong", "client_credentials_invalid", "client_credentials_missing", "client_disabled", "client_key_unknown",
    "client_secret_expired", "client_unknown", "clock_skew_client", "clock_skew_issuer_api", "clock_skew_server",
    "consent_or_policy_denied", "cookie_session_expired", "credential_kind_retired", "credential_location_wrong", "credential_missing",
    "csrf_missing", "device_code_expired", "dpop_required", "duplicate_credentials", "edge_auth_required", "environment_mismatch",
    "exp_missing", "exp_wrong_type", "forbidden_by_policy", "grant_not_allowed", "header_too_large", "id_token_used", "insufficient_scope",
    "ip_not_allowed", "issuer_mismatch", "jwks_stale_at_server", "jwks_unreachable_for_server", "login_redirect", "mfa_or_policy_required",
    "mtls_certificate_expired", "mtls_certificate_mismatch", "mtls_certificate_missing", "negotiate_required", "pkce_mismatch",
    "placeholder_value", "plaintext_http", "proxy_auth_required", "rate_limited", "redirect_uri_mismatch", "refresh_client_mismatch",
    "refresh_token_expired", "refresh_token_invalid", "refresh_token_missing", "refresh_token_reused", "refresh_token_used",
    "request_signature_mismatch", "scope_not_granted", "scope_separator_wrong", "scope_unknown", "second_credential_missing",
    "server_error", "server_key_misconfigured", "session_expired", "session_token_missing", "signature_invalid", "signing_key_rotated",
    "signing_key_unknown", "sigv4_malformed", "sigv4_required", "sigv4_scope_wrong", "sso_authorization_required", "step_up_required",
    "tenant_mismatch", "third_party_token", "token_expired", "token_lifetime_too_long", "token_malformed", "token_not_yet_valid",
    "token_rejected_unspecified", "token_request_malformed", "token_revoked", "token_too_old",
    "upstream_401_relayed", "user_credentials_invalid", "waf_blocked",
    "whitespace_in_credential", "wrong_base_url", "wrong_path_or_method", "wrong_subject_type", "wrong_token_kind", "wrong_token_type",
)  # fmt: skip
"""Every cause the lexicon can name (a test holds it against `messages*.toml`)."""
SPELLING = "auth_scheme_case_rejected"
CODE_CAUSES = tuple(dict.fromkeys((*TOKEN_ARRIVED, "upstream_401_relayed", *(c for _, causes in CODES.values() for c in causes))))


def challenge_words(challenge: Challenge) -> str:
    """Return a challenge as one line."""
    params = ", ".join(f'{name}="{value}"' for name, value in challenge.params.items())
    return f"{scheme_name(challenge.scheme)} {challenge.token68 or params}".strip()


def was_sent(exchange: Exchange, credential: CredentialSeen | None, reported: Reported | None) -> bool | None:
    """Whether the answered request carried a credential; None where only the answer is known (a pasted response)."""
    if not is_pasted(exchange):
        return credential is not None and credential.field_value is not None
    if reported is None or not reported.url:
        return None
    return "authorization" in {name.lower() for name in reported.header_names}


def is_pasted(exchange: Exchange) -> bool:
    """Whether an answer was brought along and not asked for in this run (cost class C0)."""
    return exchange.cost == "C0"


# ── S8-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-01", step=8, title="The challenge can be read", looks_for="WWW-Authenticate, required on a 401, and its parameters",
    sources=("RFC 9110 11.6.1", "RFC 6750 3"),
)  # fmt: skip
def challenge_readable(baseline: Baseline, profile: Profile, credential: CredentialSeen | None) -> Outcome:
    """S8-01: every challenge of the answer, parsed tolerantly; and whose realm it names, where that can be told."""
    exchange = baseline.exchange
    if exchange.status is None or exchange.ok:
        return not_applicable("The answer is no refusal.")
    challenges = challenges_of(exchange)
    facts = _realm_facts(baseline, challenges, profile, credential)
    lines = [_challenge_line(c) for c in challenges]
    lines += [Line("proxy challenge", challenge_words(c)) for c in _proxy_challenges(exchange)]
    if exchange.header(RENAMED) is not None:
        lines.append(Line("renamed", f"the challenge stands in {RENAMED}", Status.WARN, "programs look for WWW-Authenticate"))
    if not challenges and exchange.header("www-authenticate") is not None:
        return warned("The challenge cannot be read: no scheme is recognisable in it.", *lines, facts=facts)
    if not challenges and exchange.status == 401:
        return warned("The 401 carries no challenge, although every 401 must: the server does not say what it wants.", *lines, facts=facts)
    if any(c.malformed for c in challenges):
        return warned("The challenge is malformed; it was read as far as it makes sense.", *lines, facts=facts)
    if bare_bearer_challenge(exchange):
        return warned("The challenge names no error: the server may not have seen a token, or it never says why.", *lines, facts=facts)
    return passed(_counted(len(challenges)), *lines, facts=facts)


def _counted(count: int) -> str:
    return (
        "No challenge is due on this status."
        if not count
        else "One challenge was read."
        if count == 1
        else f"{count} challenges were read."
    )


def _challenge_line(challenge: Challenge) -> Line:
    mark = Status.WARN if challenge.malformed else Status.PASS
    return Line("challenge", challenge_words(challenge), mark, "malformed" if challenge.malformed else "")


def _proxy_challenges(exchange: Exchange) -> tuple[Challenge, ...]:
    try:
        return parse_challenges(proxy_challenge_fields(exchange.response_headers))
    except ValueError:
        return ()


def _realm_facts(
    baseline: Baseline, challenges: Iterable[Challenge], profile: Profile, credential: CredentialSeen | None
) -> dict[str, str | bool]:  # fmt: skip
    """The realm, and whether it is the API's own: a gate's login page says no, the API's host in it or RFC 9728 metadata of it says yes."""
    realm = next((c.params["realm"] for c in challenges if c.params.get("realm")), "")
    facts: dict[str, str | bool] = {"realm": realm}
    if responder.judge(baseline, None, credential, None, None).facts.get("realm_is_api") is False:
        return {**facts, "realm_is_api": False}
    host = urlsplit(profile.url).hostname if "://" in profile.url else None
    documents = [c.params["resource_metadata"] for c in challenges if c.params.get("resource_metadata")]
    if (host and host in realm.lower()) or any(origin_of(url) in profile.own_origins for url in documents):
        return {**facts, "realm_is_api": True}
    return facts


# ── S8-02 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-02", step=8, title="The answer names no error code", looks_for="the error code of RFC 6750, 9449, 9470 or 6749, in the challenge or the body",
    causes=CODE_CAUSES, sources=("RFC 6750 3.1", "RFC 9470 3", "RFC 9449 7.1", "RFC 6749 5.2"),
)  # fmt: skip
def error_code(baseline: Baseline, anonymous: Anonymous | None) -> Outcome:
    """S8-02: what the error code says and excludes. A code that a request without a credential gets too says nothing about ours."""
    exchange = baseline.exchange
    code = explained(exchange).code
    if exchange.status is None or exchange.ok or not code:
        return not_applicable("The answer carries no error code.")
    text = f'The answer says error="{code}".'
    line = Line("error", code, Status.FAIL)
    if anonymous is not None and explained(anonymous.exchange).code == code:
        return warned(f"{text} It says the same to a request without a credential, so it says nothing about this one.", line)
    if code not in CODES:
        return warned(f"{text} This code is of no standard.", Line("error", code))
    return failed(text, line, arguments=tuple(_code_arguments(code, text, pasted=is_pasted(exchange))))


def _code_arguments(code: str, text: str, *, pasted: bool) -> Iterable[Argument]:
    certainty, causes = CODES[code]
    if code in TOKEN_ENDPOINT_CODES:
        yield _said(causes[0], Grade.M, f"{text} That is how a token endpoint refuses.")
        yield from (_said(c, Grade.W, text) for c in causes[1:])
        if not pasted:
            yield _said("upstream_401_relayed", Grade.W, f"{text} An API says so where its own token request was refused.")
        return
    if code == "invalid_token":
        yield _said("token_rejected_unspecified", Grade.W, text)
        yield _said("insufficient_scope", Grade.XM, f"{text} That is not how a missing scope is reported.")
    elif code == "invalid_request":
        yield _said(causes[0], Grade.M, f"{text} The server cannot read the request as one with a token.")
        yield from (_said(c, Grade.W, text) for c in causes[1:])
        return
    elif certainty == "names_it" or code == "expired_token":
        yield _said(causes[0], Grade.S, text)
    else:
        yield from (_said(c, Grade.W, text) for c in causes)
        return
    yield from (_said(c, Grade.XS, f"{text} So the server saw a token.") for c in TOKEN_ARRIVED)


def _said(cause: str, grade: Grade, text: str) -> Argument:
    return Argument(cause, grade, Group.SERVER_MESSAGE, text)


# ── S8-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-03", step=8, title="The server gives no reason to refuse", looks_for="the words of challenge and body, compared with those of known servers",
    causes=(*MESSAGE_CAUSES, SPELLING), sources=("RFC 6750 3", "RFC 9457"),
)  # fmt: skip
def message_lexicon(
    baseline: Baseline, anonymous: Anonymous | None, garbage: Garbage | None, credential: CredentialSeen | None, reported: Reported | None,
    again: AnonymousAgain | None,
) -> Outcome:  # fmt: skip
    """S8-03: the message, S where it has one meaning, W where it has several; never more than it says."""
    exchange = baseline.exchange
    if exchange.status is None or accepts(exchange):
        return not_applicable("The answer is no refusal.")
    seen = _of_an_api(explained(exchange).message, exchange)
    note = "says little" if seen.kind == "ambiguous" else f"as {seen.stack} does" if seen.stack else ""
    line = Line("server", f'"{seen.words}"', Status.WARN, note)
    if seen.kind == "none":
        return warned("The server's words are of no known kind; read them yourself.", Code(exchange.body[:600], "body"))
    sent = was_sent(exchange, credential, reported)
    seen = _about_this_kind(seen, credential)
    if seen.kind == "ambiguous":
        text = f'The server says "{seen.words}": that fits several causes and proves none.'
        return warned(
            text, line, arguments=tuple(_said(c, Grade.W, text) for c in _arguable(("token_rejected_unspecified", *seen.causes), sent))
        )
    if seen.kind == "absent":
        return _absent(seen, line, sent, alike=anonymous is not None and comparison(anonymous, again).same(baseline, anonymous))
    if is_pasted(exchange) and seen.grade is Grade.S and not seen.one_meaning:
        seen = replace(seen, grade=Grade.M)  # of the request nothing is known that would exclude the other meanings
    return _named(seen, line, sent, _said_to_others(seen, anonymous, garbage))


def _of_an_api(seen: MessageSeen, exchange: Exchange) -> MessageSeen:
    """Take words about missing parameters, which an API may say of anything, for those of a token endpoint only where one was asked."""
    if is_pasted(exchange) or urlsplit(exchange.url).path.rstrip("/").endswith("token") or seen.causes[:1] != ("token_request_malformed",):
        return seen
    left = seen.causes[1:]
    return replace(seen, causes=left) if left else MessageSeen()


def _about_this_kind(seen: MessageSeen, credential: CredentialSeen | None) -> MessageSeen:
    """Read the words beside what was sent: a known scheme in other letters, and a token where "credentials" are spoken of."""
    if seen.kind == "names" and seen.causes[0] == "auth_scheme_wrong" and credential is not None and only_spelling(credential.scheme):
        return replace(seen, causes=(SPELLING, *seen.causes))
    seen = about_this_kind(seen, credential)
    if (
        seen.kind != "names"
        or seen.causes[0] != "user_credentials_invalid"
        or credential is None
        or credential.kind not in ("bearer", "dpop")
    ):
        return seen
    return replace(seen, kind="ambiguous", causes=tuple(c for c in seen.causes[1:] if c != "token_rejected_unspecified"), grade=Grade.W)


def _arguable(causes: Iterable[str], sent: bool | None) -> tuple[str, ...]:
    """A request that did carry a credential is never refused for want of one (CHECKS 14)."""
    return tuple(dict.fromkeys(c for c in causes if c in (*MESSAGE_CAUSES, SPELLING) and not (sent and c == "credential_missing")))


def _said_to_others(seen: MessageSeen, anonymous: Anonymous | None, garbage: Garbage | None) -> str:
    """Return to which other request a server says the same words about "the token", which make them words about nothing."""
    about_the_header = seen.causes[0] == "authorization_header_malformed"
    if catalogue_cause(seen.causes[0]).family not in ABOUT_THE_TOKEN and not about_the_header:
        return ""
    others: list[tuple[ExchangeSeen | None, str]] = [(anonymous, "a request without any credential")]
    if seen.causes[0] not in ("token_malformed", "wrong_token_kind", "api_key_invalid") and not about_the_header:
        others.append((garbage, "a meaningless one"))
    return next((who for other, who in others if other is not None and explained(other.exchange).message.key == seen.key), "")


def _named(seen: MessageSeen, line: Line, sent: bool | None, said_to: str) -> Outcome:
    causes = _arguable(seen.causes, sent)
    if said_to:
        text = f'The server says "{seen.words}", and says the same to {said_to}: these words are no evidence.'
        outcome = warned(text, line, arguments=tuple(_said(c, Grade.W, text) for c in causes))
        return with_facts(outcome, words_said_to_all=True)
    text = f'The server says "{seen.words}".'
    expected = tuple(Line(f"expected {name}", value) for name, value in seen.expected)
    facts: Facts = {f"expected_{name}": value for name, value in seen.expected}
    if causes and causes[0] == "rate_limited":
        facts = {**facts, "step:rate_limited": 0}  # the API's own limit, whatever status it hides behind
    # what follows the first is a possibility these words leave open
    arguments = [_said(cause, seen.grade if n == 0 and cause == seen.causes[0] else Grade.W, text) for n, cause in enumerate(causes)]
    if seen.grade is Grade.S and catalogue_cause(seen.causes[0]).family in ABOUT_THE_TOKEN | {"I"}:
        arguments += [_said(c, Grade.XS, f"{text} So it saw the token.") for c in TOKEN_ARRIVED]
    return failed(text, line, *expected, arguments=tuple(arguments), facts=facts)


def _absent(seen: MessageSeen, line: Line, sent: bool | None, *, alike: bool) -> Outcome:
    if sent is False:
        return passed("The server says it saw no credential, and none was sent.", line)
    if sent is None:
        text = f'The server says "{seen.words}": it saw no credential.'
        first, *others = ABSENT
        return failed(text, line, arguments=(_said(first, Grade.M, text), *(_said(c, Grade.W, text) for c in others)))
    text = f'The server says "{seen.words}", although a credential was sent.'
    grade = Grade.M if alike and seen.grade is Grade.S else Grade.W
    return failed(text, line, arguments=(_said("authorization_stripped", grade, text), _said("auth_scheme_wrong", Grade.W, text)))


# ── S8-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-04", step=8, title="The challenge names an error where a token was refused",
    looks_for="a Bearer challenge without error= that equals the answer to no credential",
    causes=("authorization_stripped",), sources=("RFC 6750 3.1",),
)  # fmt: skip
def bare_challenge(baseline: Baseline, anonymous: Anonymous, credential: CredentialSeen, again: AnonymousAgain | None) -> Outcome:
    """S8-04: by the standard, a challenge without an error is the answer to a request without authentication information."""
    exchange = baseline.exchange
    if credential.field_value is None or credential.scheme != "Bearer" or not bare_bearer_challenge(exchange):
        return not_applicable("The challenge is not a bare one to a Bearer credential.")
    compare = comparison(anonymous, again)
    if not compare.same(baseline, anonymous):
        return passed("The challenge is bare, but the answer differs from that to no credential: this server never names the error there.")
    if speaks_of_a_token(exchange):
        return passed("The challenge is bare, but the words beside it are about a token: this server never names the error there.")
    text = "The answer to the credential is the answer to none, with a challenge that names no error: the server may not have seen it."
    return warned(text, arguments=(Argument("authorization_stripped", compare.grade(Grade.M), Group.RESPONSE_CLASS, text),))


# ── S8-14 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-14", step=8, title="Equal requests get equal answers", looks_for="two requests without a credential, one after the other",
    sources=("RFC 9110 9.2.1",),
)  # fmt: skip
def answers_are_steady(anonymous: Anonymous, again: AnonymousAgain) -> Outcome:
    """S8-14: what varies by itself must not be read as a difference (the two-sample rule)."""
    if anonymous.exchange.status is None or again.exchange.status is None:
        return not_applicable("One of the two requests got no answer.")
    if not comparison(anonymous, again).volatile:
        return passed("Two requests without a credential got the same answer, so differences between other answers mean something.")
    text = "Two equal requests without a credential got different answers: their bodies are left out of every comparison."
    return with_facts(warned(text), volatile=True)


CHECKS = (challenge_readable, error_code, message_lexicon, bare_challenge)
STEADY = answers_are_steady
