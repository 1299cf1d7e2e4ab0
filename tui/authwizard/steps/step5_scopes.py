"""Step 5: may the holder of this token do what the request asks for?"""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.check import Check, blocked, check, failed, not_applicable, passed, warned
from authwizard.knowledge.explanation import Explanation
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    FreshToken,
    Garbage,
    Introspection,
    MintedForRun,
    NetworkTime,
    RunClock,
    TokenGrant,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status, Table
from authwizard.model.profile import Profile
from authwizard.steps import granted_scopes, scope_table
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.differential import comparison
from authwizard.steps.expectations import names, words_of
from authwizard.steps.granted_scopes import Grants, granted_to
from authwizard.steps.identity import distinct
from authwizard.steps.scope_requests import requested_against_granted
from authwizard.steps.step5_demands import details_granted, sign_in_suffices
from authwizard.steps.step5_endpoints import refused_here_alone
from authwizard.steps.step5_subject import right_subject
from authwizard.steps.step_text import StepText
from authwizard.steps.token_answers import renewal_is_needed

TOKEN_KINDS = ("bearer", "dpop")
NOT_TOLD = (
    "Nothing says what this token may do: it cannot be read from outside, and neither a token answer nor introspection told its scope."
)
AUTHENTICATION = (
    "credential_missing", "auth_scheme_wrong", "authorization_stripped", "token_expired", "token_revoked", "token_malformed",
    "token_truncated", "signature_invalid", "issuer_mismatch", "client_credentials_invalid",
)  # fmt: skip
"""What a server would have answered with 401; Envoy's 403 for a wrong audience is why that cause is not among them."""


# ── S5-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S5-01", step=5, title="The token says what it may be used for",
    looks_for="scopes, roles and permissions in the token's claims, in the token answer and in introspection",
    sources=("RFC 8693 4.2", "RFC 9068 2.2.3", "RFC 6749 5.1"),
)  # fmt: skip
def grants_found(profile: Profile, credential: CredentialSeen, minted: MintedForRun | None, introspection: Introspection | None) -> Outcome:
    """S5-01: what is granted, and where that stands."""
    if credential.kind not in TOKEN_KINDS:
        return not_applicable("This credential is no access token, so it carries no scopes.")
    grants = granted_to(profile, credential, minted, introspection)
    if grants is None:
        return not_applicable(NOT_TOLD)
    lines = tuple(Line(g.source, " ".join(g.names)) for g in grants)
    if not grants:
        return warned("The token names no scope, role or permission at all; some APIs then allow everything, others nothing.")
    count = len(granted_scopes.union(grants))
    return passed(f"The token names {count} permission{'s' if count > 1 else ''}.", *lines)


# ── S5-02 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S5-02", step=5, title="The token holds the scope this request needs",
    looks_for="the row of the profile's scope table that fits this request, against what the token grants",
    causes=("insufficient_scope",), sources=("RFC 6750 3.1", "RFC 6749 3.3"),
)  # fmt: skip
def requirement_met(
    profile: Profile,
    credential: CredentialSeen,
    minted: MintedForRun | None,
    fresh: FreshToken | None,
    introspection: Introspection | None,
    baseline: Baseline | None,
) -> Outcome:
    """S5-02: required against granted, for this request and for every endpoint of the table."""
    if not profile.endpoints:
        return not_applicable("The profile has no scope table ([[endpoints]]), so what this request needs is not known.")
    if credential.kind not in TOKEN_KINDS:
        return not_applicable("This credential is no access token, so it carries no scopes.")
    grants = granted_to(profile, credential, minted, introspection)
    if grants is not None:
        return _judge_row(profile, granted_scopes.union(grants), "the token", words_of(baseline), sure=True)
    stand_in = _as_granted_now(fresh)
    if stand_in is None:
        return blocked(NOT_TOLD, unblock="An introspection_url in the profile lets authwizard ask.")
    return _judge_row(profile, frozenset(stand_in.names), "a token fetched just now", words_of(baseline), sure=False)


def _judge_row(profile: Profile, granted: frozenset[str], who: str, words: Explanation | None, *, sure: bool) -> Outcome:
    """Compare the row of the profile's request with what is granted; not `sure` where another token stands in for the stored one."""
    table = _matrix(profile, granted)
    row = scope_table.row_for(profile)
    if row is None:
        path = profile.target.partition("?")[0]
        return warned(f"No row of the scope table fits {profile.method} {path}, so what it needs is not known.", table)
    found, needs = scope_table.compare(row, granted), scope_table.shown(row)
    if found.coverage == "met":
        text = f"{who[0].upper()}{who[1:]} holds what {row.request} needs: {needs}."
        against = Argument("insufficient_scope", Grade.XM, Group.LOCAL_CLAIMS, text, provenance="user")
        return passed(text, table, arguments=(against,) if sure and not names(words, "insufficient_scope") else ())
    if found.coverage == "maybe":
        text = f"{row.request} needs {needs}; {who} holds {found.because}, which some servers take for it."
        return warned(text, table, arguments=(Argument("insufficient_scope", Grade.W, Group.LOCAL_CLAIMS, text, provenance="user"),))
    holds = distinct(sorted(granted)) or "none"
    text = f"{row.request} needs the scope {needs}; {who} holds {holds}."
    argument = Argument("insufficient_scope", Grade.M, Group.LOCAL_CLAIMS, text, provenance="user")
    return failed(text, table, arguments=(argument,), facts={"scope": " ".join(found.missing)})


def _as_granted_now(fresh: FreshToken | None) -> Grants | None:
    """Of a token that cannot be read: what a new one of the same client is granted stands in for it."""
    if fresh is None or not fresh.answer.ok:
        return None
    if fresh.answer.scope is not None:
        return Grants("new token", granted_scopes.split(fresh.answer.scope))
    if fresh.token is not None and fresh.token.readable:
        return Grants("new token", tuple(sorted(granted_scopes.union(granted_scopes.of_claims(fresh.token.claims)))))
    return None


def _matrix(profile: Profile, granted: frozenset[str]) -> Table:
    """Endpoint by endpoint: required, granted, missing."""
    rows = []
    own = scope_table.row_for(profile)
    for row in profile.endpoints:
        found = scope_table.compare(row, granted)
        relevant = sorted({name for one in scope_table.requirement(row) for name in one} & granted)
        missing = " ".join(found.missing) if found.coverage != "met" else ""
        note = f"{missing} (perhaps covered by {found.because})" if found.coverage == "maybe" else missing
        rows.append((("> " if row is own else "") + row.request, scope_table.shown(row), " ".join(relevant) or "-", note or "-"))
    return Table(("endpoint", "required", "granted", "missing"), tuple(rows), "Scope table")


# ── S5-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S5-03", step=5, title="The server asks for no further scope",
    looks_for="insufficient_scope and scope= in the challenge, and the scope headers of some servers, against what is granted",
    causes=("insufficient_scope",), sources=("RFC 6750 3", "RFC 6750 3.1", "docs.github.com, scopes for OAuth apps"),
)  # fmt: skip
def server_requirement(
    profile: Profile, credential: CredentialSeen, baseline: Baseline, minted: MintedForRun | None, introspection: Introspection | None
) -> Outcome:  # fmt: skip
    """S5-03: what the refusal itself says about scope."""
    words = words_of(baseline)
    if words is None:
        return not_applicable("The request was not refused.")
    grants = granted_to(profile, credential, minted, introspection)
    granted = granted_scopes.union(grants) if grants is not None else None
    demanded = demanded_scopes(words, baseline.exchange)
    lines = (Line("asked for", " ".join(demanded) or "no scope named"), *_granted_line(granted))
    missing = tuple(name for name in demanded if granted is not None and name not in granted)
    if _says_scope(words):
        return _scope_refused(words, demanded, missing, granted, lines)
    accepted = _accepted_by_header(baseline.exchange)
    if accepted is not None and baseline.exchange.status in (403, 404):
        text = f"The server says in its headers that it wants one of {distinct(accepted)} here, and the token has none of them."
        return failed(text, *lines, arguments=(Argument("insufficient_scope", Grade.S, Group.SERVER_MESSAGE, text),))
    if missing:
        text = f"The challenge names the scope {distinct(demanded)} without calling it missing; the token lacks {distinct(missing)}."
        return warned(text, *lines, arguments=(Argument("insufficient_scope", Grade.W, Group.SERVER_MESSAGE, text),))
    return passed("The refusal does not speak of a missing scope.", *(lines if demanded else ()))


def demanded_scopes(words: Explanation, exchange: Exchange) -> tuple[str, ...]:
    """Return the scopes a refusal asks for: those of its challenge (AWS sends an empty one each time)."""
    in_challenge = [challenge.params.get("scope", "") for challenge in words.challenges]
    return tuple(dict.fromkeys(name for text in in_challenge for name in granted_scopes.split(text)))


def _says_scope(words: Explanation) -> bool:
    coded = any(challenge.params.get("error", "").lower() == "insufficient_scope" for challenge in words.challenges)
    return coded or names(words, "insufficient_scope")


def _scope_refused(
    words: Explanation, demanded: tuple[str, ...], missing: tuple[str, ...], granted: frozenset[str] | None, lines: Sequence[Line]
) -> Outcome:  # fmt: skip
    said = f' ("{words.message.words}")' if words.message.words else ""
    if missing:
        text = f"The server says that the scope {distinct(missing)} is missing{said}; the token does not hold it."
    elif demanded and granted is not None:
        text = (
            f"The server says that the scope {distinct(demanded)} is missing{said}, although the token holds it: it may read another claim."
        )
    else:
        text = f"The server says that the token's scope is not enough{said}."
    argument = Argument("insufficient_scope", Grade.S, Group.SERVER_MESSAGE, text)
    return failed(text, *lines, arguments=(argument,), facts={"scope": " ".join(missing or demanded)} if demanded else {})


def _accepted_by_header(exchange: Exchange) -> tuple[str, ...] | None:
    """GitHub's X-Accepted-OAuth-Scopes names any-of scopes, X-OAuth-Scopes the granted ones; None where they meet or are absent."""
    accepted = granted_scopes.split((exchange.header("x-accepted-oauth-scopes") or "").replace(",", " "))
    held = granted_scopes.split((exchange.header("x-oauth-scopes") or "").replace(",", " "))
    return accepted if accepted and not set(accepted) & set(held) else None


def _granted_line(granted: frozenset[str] | None) -> tuple[Line, ...]:
    return (Line("granted", " ".join(sorted(granted)) or "none"),) if granted is not None else ()


# ── S5-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S5-04", step=5, title="What was asked for was granted",
    looks_for="the profile's scopes against those of the new token: missing ones, other capitals, a wrong separator",
    causes=("scope_not_granted", "scope_separator_wrong", "scope_case_mismatch"), sources=("RFC 6749 3.3", "RFC 6749 5.1"),
)  # fmt: skip
def requested_and_granted(
    profile: Profile, credential: CredentialSeen, fresh: FreshToken | None, minted: MintedForRun | None, baseline: Baseline | None,
    clock: RunClock, network: NetworkTime | None,
) -> Outcome:  # fmt: skip
    """S5-04: requested against granted, and the spelling of the request."""
    asked = profile.oauth.scopes if profile.oauth is not None else ()
    if not asked:
        return not_applicable("The profile asks for no particular scope.")
    grant: TokenGrant | None = fresh or minted
    words = words_of(baseline)
    demanded = demanded_scopes(words, baseline.exchange) if words is not None and baseline is not None and _says_scope(words) else ()
    now = clocks_of(clock, baseline, None, None, network, minted, fresh, None).now_api
    needed = renewal_is_needed(credential, now)
    return requested_against_granted(profile, asked, grant, credential.token, demanded, renewal_needed=needed)


# ── S5-06 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S5-06", step=5, title="The refusal is about identity, not about permission",
    looks_for="403 where a request without credential gets 401: the server knows the caller and forbids this",
    causes=("insufficient_scope", "forbidden_by_policy", *AUTHENTICATION), sources=("RFC 9110 15.5.2", "RFC 9110 15.5.4"),
)  # fmt: skip
def status_semantics(
    baseline: Baseline, anonymous: Anonymous | None, garbage: Garbage | None, again: AnonymousAgain | None
) -> Outcome:  # fmt: skip
    """S5-06: what 401 and 403 mean at this server."""
    status = baseline.exchange.status
    if status == 401 and names(words_of(baseline), "insufficient_scope"):
        return warned(
            "The server answers 401, but its words speak of scope: it knows the token and misses a permission (403 would be right)."
        )
    if status == 401:
        return passed("The server answers 401: it speaks about who is calling, not about what the caller may do.")
    if status != 403:
        return not_applicable("The answer is neither 401 nor 403.")
    if anonymous is None:
        return warned("The server answers 403, usually to a caller it knows; the answer without a credential is not there to compare with.")
    if comparison(anonymous, again).same(baseline, anonymous):
        text = "The server says the same 403 to a request without any credential: it did not see one, and scopes do not matter yet."
        return warned(text, arguments=(Argument("insufficient_scope", Grade.XM, Group.RESPONSE_CLASS, text),))
    lines = (Line("with token", "403", Status.FAIL), Line("without", str(anonymous.exchange.status or "no answer")))
    if garbage is None or garbage.exchange.status is None:
        text = "The server answers 403, and something else to a request without credential; a meaningless token was not tried beside it."
        return warned(text, *lines, arguments=_not_permitted(Grade.W, text))
    if comparison(anonymous, again).same(baseline, garbage):
        text = "A meaningless token gets the very same 403: this is how the server refuses any token, so it does not speak of permission."
        return warned(text, *lines, arguments=_not_permitted(Grade.XM, text))
    text = "The server answers 403, and something else without a credential and to a meaningless one: it knows the caller and forbids this."
    known = "A meaningless token gets 401, this one 403: the server has accepted it as genuine."
    genuine = AUTHENTICATION if garbage.exchange.status == 401 else ()
    against = tuple(Argument(cause, Grade.XM, Group.RESPONSE_CLASS, known) for cause in genuine)
    return failed(text, *lines, arguments=(*_not_permitted(Grade.M, text), *against))


def _not_permitted(grade: Grade, text: str) -> tuple[Argument, ...]:
    """The two causes a 403 stands for; the status and the words of one answer are one piece of evidence (CHECKS 13.4)."""
    return tuple(Argument(cause, grade, Group.SERVER_MESSAGE, text) for cause in ("insufficient_scope", "forbidden_by_policy"))


CHECKS: tuple[Check, ...] = (
    grants_found, requirement_met, server_requirement, requested_and_granted, right_subject, status_semantics,
    refused_here_alone, sign_in_suffices, details_granted,
)  # fmt: skip
STEP = StepText(
    number=5,
    id="scopes",
    title="Scopes",
    question="May the holder of this token do what the request asks for?",
    why=(
        "A scope is a permission written into a token. Even a perfectly valid token is refused, with 403 and at some servers with 401, "
        "where the one permission this endpoint needs was not asked for or not granted."
    ),
)
