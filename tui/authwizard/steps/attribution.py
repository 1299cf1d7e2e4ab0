"""A new token was sent in the stored one's place: what does its answer prove about the stored token? Pure.

The swap changes one factor, the token. Accepted: the stored token is at fault, and local facts say by which fault. The same
refusal: it is nothing that a new token of the same client would lack.
"""

from __future__ import annotations

from dataclasses import replace

from authwizard.knowledge.responders import responder_of
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group
from authwizard.model.token import TokenSeen
from authwizard.steps.differential import accepts
from authwizard.steps.soft_refusal import soft_failure
from authwizard.steps.stored_defect import ALL_CAUSES, STATE_WORDS, Stored, cause_of, fits_words, local_defects, telling_differences
from authwizard.steps.token_diff import Difference

EXCLUDED_BY_SAME_ANSWER = (
    "token_expired", "token_revoked", "token_malformed", "token_truncated", "stale_token_sent", "signing_key_rotated",
)  # fmt: skip
"""Faults of one token alone. Audience, issuer, scope, client, scheme, path, keys and clocks are shared by a new one."""
EXCLUDED_BY_SUCCESS = (
    "authorization_stripped", "auth_scheme_wrong", "auth_scheme_case_rejected", "credential_location_wrong", "server_key_misconfigured",
    "jwks_unreachable_for_server", "jwks_stale_at_server", "wrong_path_or_method", "forbidden_by_policy", "uniform_401",
)  # fmt: skip
"""Faults of the path or the server: a new token would meet them as well."""
UNREAD = frozenset({413, 431, 494})
"""Answers to the size of a request: the token in it was not even read, so another one proves nothing about it (S1-16 judges the size)."""
GATEWAYS = frozenset({"api_gateway", "cloudfront"})
"""Responders that keep an authorizer's decision per token."""
DELAY = "token_propagation_delay"
SWAP_CAUSES = tuple(dict.fromkeys((DELAY, *ALL_CAUSES, *EXCLUDED_BY_SAME_ANSWER, *EXCLUDED_BY_SUCCESS)))
"""Every cause that `judge_swap` can argue about."""

Arguments = tuple[Argument, ...]


def judge_swap(
    stored: Stored, other: TokenSeen | None, before: Exchange | None, after: Exchange, factor: str, *, alike: bool, settled: bool = True
) -> Arguments:
    """Return what the answer to another token proves; () where it proves nothing.

    Args:
        stored: What is known of the stored token.
        other: The token that was sent instead.
        before: The answer to the stored token; None where that could not be sent at all.
        after: The answer to the other one.
        factor: What was changed, as a phrase: "fresh token", "refreshed token".
        alike: Whether both answers are the same answer (CHECKS 13.2).
        settled: Whether the other token had the time to be known everywhere; before that its refusal excludes less.
    """
    if after.status is None or (before is not None and (accepts(before) or before.status in UNREAD)):
        return ()
    if accepts(after):
        text = f"A {factor} is accepted on the same way to the same place."
        alike_in_scope = all(d.name != "scope" for d in telling_differences(stored, other))
        excluded = (*EXCLUDED_BY_SUCCESS, "insufficient_scope") if alike_in_scope else EXCLUDED_BY_SUCCESS
        return (*_success(stored, other, before, after, factor), *_against(excluded, factor, text))
    if before is not None and before.status == 401 and after.status == 403:
        return _recognised(stored, factor)
    if alike:
        text = f"A {factor} of the same client gets the same refusal ({after.status}), so the stored token alone is not the reason."
        return _against(EXCLUDED_BY_SAME_ANSWER, factor, text, Grade.XS if settled else Grade.XM)
    return ()


def may_be_too_new(refused: Exchange) -> bool:
    """Whether a refusal may be that of a token not yet known everywhere: a 401, or a success that holds one; no page, no 404."""
    return refused.status == 401 or (refused.ok and bool(soft_failure(refused)))


def judge_late_success(stored: Stored, other: TokenSeen | None, before: Exchange | None, after: Exchange, factor: str) -> Arguments:
    """Return what it proves that another token was refused at first and accepted some seconds later: it had to become known.

    The stored token's own faults stay proven; without one, it too may have been too new, so its state is only a possibility.
    """
    text = f"The {factor} was refused at first and accepted some seconds later: it takes a while until every server knows a new token."
    arguments = judge_swap(stored, other, before, after, factor, alike=False)
    if not local_defects(stored):
        arguments = tuple(a if a.grade.against else replace(a, grade=Grade.M) for a in arguments)
    return (Argument(DELAY, Grade.S, Group.RESPONSE_CLASS, text), *arguments)


def _success(stored: Stored, other: TokenSeen | None, before: Exchange | None, after: Exchange, factor: str) -> Arguments:
    lead = f"With a {factor} and nothing else changed, the request succeeds ({after.status})"
    defects = local_defects(stored)
    found = telling_differences(stored, other)
    # A claim more or less is of no account beside anything that is known to matter.
    differing = tuple(d for d in found if d.name != "claims")
    if defects:
        cause, text = defects[0].cause, f"{lead}. {defects[0].text}"
        if not differing:
            return _for(cause, Grade.P if fits_words(cause, stored.words) else Grade.M, factor, text)
        # Two explanations are left: its age, and what the tokens differ in. The success does not say which of them mattered.
        return (*_for(cause, Grade.M, factor, text), *_by_many_differences(differing, lead, factor))
    if len(differing) == 1:
        return _by_one_difference(stored, differing[0], before, lead, factor)
    if differing:
        return _by_many_differences(differing, lead, factor)
    if found and not _named_state(stored) and _active(stored) is not False:
        return _by_claims(stored, found[0], lead, factor)
    return _by_state(stored, before, lead, factor)


def _by_claims(stored: Stored, difference: Difference, lead: str, factor: str) -> Arguments:
    """All that can be seen is that the new token carries more: the API may miss that, or the stored token's state differs besides."""
    text = f"{lead}; the new token carries claims that the stored one lacks: {difference.second}."
    state = "authorizer_cache" if _active(stored) else "token_revoked"
    also = f"{text} Or the stored one was {'denied before and that is still kept' if _active(stored) else 'revoked'}."
    return (*_for("claim_missing", Grade.M, factor, text), *_for(state, Grade.M, factor, also))


def _active(stored: Stored) -> bool | None:
    return stored.introspection.result.active if stored.introspection is not None else None


def _by_one_difference(stored: Stored, difference: Difference, before: Exchange | None, lead: str, factor: str) -> Arguments:
    """The new token differs in one thing only: that is what mattered, unless the refusal's words say otherwise."""
    cause = cause_of(difference)
    if not cause:
        return _for("token_revoked", Grade.M, factor, f"{lead}; but the two tokens speak for different subjects ({difference.name}).")
    fits = fits_words(cause, stored.words) and (cause != "insufficient_scope" or _about_scope(stored, before))
    text = f"{lead}; the only thing the two tokens differ in is the {difference.name}: {_became(difference)}."
    return _for(cause, Grade.P if fits else Grade.M, factor, text)


def _by_many_differences(differing: tuple[Difference, ...], lead: str, factor: str) -> Arguments:
    told = "; ".join(f"{d.name}: {_became(d)}" for d in differing)
    text = f"{lead}; but the two tokens differ in more than their age ({told}), so this does not say which of them mattered."
    names = {d.name for d in differing}
    if "issuer" in names and names & {"audience", "client", "tenant"}:
        return _for("environment_mismatch", Grade.M, factor, text)
    causes = dict.fromkeys(cause for d in differing if (cause := cause_of(d)))
    return tuple(argument for cause in causes for argument in _for(cause, Grade.M, factor, text))


def _by_state(stored: Stored, before: Exchange | None, lead: str, factor: str) -> Arguments:
    """Nothing is wrong with the stored token from outside: its state at a server differs, or somebody keeps an old decision."""
    named = _named_state(stored)
    if named:
        return _for(named, Grade.P, factor, f"{lead}; and the server's words about the stored token name just that.")
    active = _active(stored)
    gateway = before is not None and responder_of(before.response_headers, before.body).name in GATEWAYS
    if active is True:
        text = f"{lead}; the stored token is alive and carries the same, so somebody on the way keeps an old decision about it."
        return _for("authorizer_cache", Grade.P if gateway else Grade.S, factor, text)
    if gateway and active is None:
        text = f"{lead}; the stored token was revoked, or the gateway keeps an old decision about it."
        return (*_for("authorizer_cache", Grade.M, factor, text), *_for("token_revoked", Grade.M, factor, text))
    if not _readable(stored) and active is None:
        text = f"{lead}; the stored token cannot be read here, so it has either expired or been revoked."
        return (*_for("token_expired", Grade.M, factor, text), *_for("token_revoked", Grade.M, factor, text))
    return _revoked(stored, before, active is False or _verified(stored), lead, factor)


def _named_state(stored: Stored) -> str:
    """Return the state of this one token that the refusal's words name for certain; expiry only where the token itself cannot tell."""
    words = stored.words
    if words is None or words.cause is None or not words.firm:
        return ""
    return words.cause if words.cause in STATE_WORDS or (words.cause == "token_expired" and not _readable(stored)) else ""


def _revoked(stored: Stored, before: Exchange | None, sure: bool, lead: str, factor: str) -> Arguments:
    text = f"{lead}; nothing else is wrong with the stored token, so a server no longer accepts this one token: it was revoked or its session ended."
    if not sure:
        text += " Its signature could not be verified here, so an altered copy is not excluded."
    # A 403 is how a server refuses a caller it knows: something about this token changed, but not surely its life.
    fits = fits_words("token_revoked", stored.words) and not (before is not None and before.status == 403)
    return _for("token_revoked", Grade.M if not fits else Grade.P if sure else Grade.S, factor, text)


def _recognised(stored: Stored, factor: str) -> Arguments:
    """401 became 403: the new token is known but not permitted, so the stored one had a fault of its own before that."""
    defects = local_defects(stored)
    if not defects:
        return ()
    text = f"A {factor} gets 403 instead of 401: it is recognised, only not permitted. {defects[0].text}"
    return _for(defects[0].cause, Grade.S, factor, text)


def _became(difference: Difference) -> str:
    return f"{difference.first or 'none'} in the stored one, {difference.second or 'none'} in the new one"


def _about_scope(stored: Stored, before: Exchange | None) -> bool:
    return (before is not None and before.status == 403) or (stored.words is not None and stored.words.cause == "insufficient_scope")


def _readable(stored: Stored) -> bool:
    return stored.credential.token is not None and stored.credential.token.readable


def _verified(stored: Stored) -> bool:
    return stored.keys is not None and stored.keys.signature is not None and stored.keys.signature.status == "verified"


def _for(cause: str, grade: Grade, factor: str, text: str) -> Arguments:
    return (Argument(cause, grade, Group.SWAP, text, factor=factor),)


def _against(causes: tuple[str, ...], factor: str, text: str, grade: Grade = Grade.XS) -> Arguments:
    return tuple(Argument(cause, grade, Group.SWAP, text, factor=factor) for cause in causes)
