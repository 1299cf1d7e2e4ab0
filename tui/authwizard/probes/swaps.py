"""Does the request succeed with exactly one thing changed about its credential (CHECKS 13.1, S-swap)?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from authwizard.knowledge.places import named_places
from authwizard.model.evidence import (
    Absence,
    Anonymous,
    Baseline,
    CleanedCall,
    CredentialSeen,
    FreshCall,
    FreshNonceCall,
    FreshToken,
    MintedForRun,
    NotApplicable,
    NotTried,
    OtherSchemeCall,
    RefreshedCall,
    RefreshedToken,
    Respelled,
    StoredSecrets,
    TokenGrant,
    Unavailable,
)
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.probe import World, probe
from authwizard.probes.api_call import NOTHING_TO_COMPARE, Asked, Carried, carried, compose, send_as_user, users_request
from authwizard.probes.credential import NAME_FAULTS, carried_token, composed_of, value_in
from authwizard.probes.digest import answer_to, digest_challenges
from authwizard.protocol.challenge import challenge_fields, parse_challenges
from authwizard.protocol.clean import safe_line
from authwizard.protocol.digest import is_stale
from authwizard.protocol.repair import Repair, faults_of
from authwizard.protocol.scheme import CANONICAL

_SPELLING = "auth_scheme_case_rejected"
_OTHER_SCHEME = frozenset({"auth_scheme_wrong", "auth_scheme_missing"})
_FIT_A_TOKEN = ("bearer", "token", "jwt", "oauth", "apikey", "api-key", "key", "privatetoken", "dpop")
"""Schemes under which one secret text goes out as it is."""


@dataclass(frozen=True)
class Change:
    """One change of the credential: how it goes out then, which cause it tests, and what was changed."""

    carries: Carried
    cause: str
    factor: str


@probe("cleaned_call", purpose="Send the credential without its fault", cost=Cost.C2, when="asked")
async def cleaned_call(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets, minted: MintedForRun | None
) -> CleanedCall | Absence:
    """The first fault of bytes or shape that can be mended, mended."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    apart = {_SPELLING, *_OTHER_SCHEME, *NAME_FAULTS}
    fault = next((f for f in _faults(world, stored, minted) if f.repaired is not None and f.cause not in apart), None)
    if fault is None or fault.repaired is None:
        return NotApplicable("The credential has no fault that could be mended for a try.")
    change = Change(Carried(credential.place, credential.name, Secret(fault.repaired)), fault.cause, fault.factor)
    seen = await _send(world, stored, change, "S-clean", f"The credential with its {fault.factor} mended")
    return CleanedCall(seen, change.cause, change.factor) if isinstance(seen, Exchange) else seen


@probe("other_scheme_call", purpose="Send the credential the way the server asks for", cost=Cost.C2, when="asked")
async def other_scheme_call(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets, anonymous: Anonymous | None, minted: MintedForRun | None
) -> OtherSchemeCall | Absence:  # fmt: skip
    """The same secret under another header name or scheme word: a misspelled one mended, or the one the answers name."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    answers = [seen.exchange for seen in (baseline, anonymous) if seen is not None]
    change = next(_changes(world, credential, stored, minted, answers), None)
    if change is None:
        return NotApplicable("Neither the profile nor the answers name another way to send this credential.")
    seen = await _send(world, stored, change, "S-scheme", f"The same credential with another {change.factor}")
    return OtherSchemeCall(seen, change.cause, change.factor) if isinstance(seen, Exchange) else seen


@probe("respelled", purpose="Send the credential with its scheme spelled canonically", cost=Cost.C2, when="asked")
async def respelled(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets, minted: MintedForRun | None
) -> Respelled | Absence:
    """D5: does the server compare the scheme word letter by letter?"""
    canonical = CANONICAL.get(credential.scheme.lower(), credential.scheme)
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    if credential.place != "header" or credential.field_value is None or canonical == credential.scheme:
        return NotApplicable("The scheme is spelled canonically already.")
    value = Secret(canonical + credential.field_value.reveal()[len(credential.scheme) :])
    change = Change(Carried("header", credential.name, value), _SPELLING, "scheme spelling")
    seen = await _send(world, stored, change, "D5", f"The same credential with the scheme spelled {canonical}")
    return Respelled(seen, canonical) if isinstance(seen, Exchange) else seen


@probe("fresh_call", purpose="Send the request with the new token", cost=Cost.C2, when="asked")
async def fresh_call(world: World, credential: CredentialSeen, stored: StoredSecrets, fresh: FreshToken) -> FreshCall | Absence:
    """S7-02: P0 with a new token of the same client."""
    if credential.fetched:
        return NotApplicable("The request was sent with a token fetched for this run already.")
    if fresh.same_as_stored:
        return NotApplicable("The authorization server returned the stored token once more, so a second try would prove nothing.")
    seen = await _with_new_token(world, stored, fresh, "S-fresh", "The request with a new token")
    return FreshCall(seen) if isinstance(seen, Exchange) else seen


@probe("refreshed_call", purpose="Send the request with the refreshed token", cost=Cost.C2, when="asked")
async def refreshed_call(world: World, stored: StoredSecrets, refreshed: RefreshedToken) -> RefreshedCall | Absence:
    """S4-06: P0 with the token that the refresh brought. Once it has worked, the refresh token that was used up is of no more use."""
    seen = await _with_new_token(world, stored, refreshed, "S-refreshed", "The request with the refreshed token")
    if not isinstance(seen, Exchange):
        return seen
    return RefreshedCall(seen, safe_line(await world.vault.accepted(renewed=True)) if seen.ok else "")


@probe("fresh_nonce_call", purpose="Answer the new nonce of the server", cost=Cost.C2, when="asked")
async def fresh_nonce_call(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets
) -> FreshNonceCall | Absence:  # fmt: skip
    """S1-25: P0 once more with the nonce of its own refusal, only where that said that the login itself was right.

    `stale=true` promises just that (RFC 7616 3.3), so this is no guess at a password.
    """
    if not any(is_stale(c) for c in digest_challenges(baseline.exchange)):
        return NotApplicable("The answer does not say that a Digest nonce was out of date.")
    if stored.get("username").status != "present" or stored.get("password").status != "present":
        return NotTried("Without the user name and the password the new nonce cannot be answered.")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    purpose = "The request with the nonce of the last challenge"
    request = compose(world, stored, asked, carried(credential), id="S-nonce", purpose=purpose, cost=Cost.C2)
    if isinstance(request, Unavailable):
        return request
    again = answer_to(request, baseline.exchange, stored)
    if again is None:
        return NotApplicable("The new challenge is none that can be answered here.")
    return FreshNonceCall((await world.sender.send(again)).exchange)


async def _with_new_token(world: World, stored: StoredSecrets, grant: TokenGrant, id: str, purpose: str) -> Exchange | Absence:
    token = grant.answer.access_token
    carries = carried_token(world.profile, token) if token is not None else None
    if carries is None:
        return NotApplicable("There is no new access token to send.")
    return await _send(world, stored, Change(carries, "", ""), id, purpose)


async def _send(world: World, stored: StoredSecrets, change: Change, id: str, purpose: str) -> Exchange | Absence:
    """Send P0's own request, or its stand-in, with another credential in it."""
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    return await send_as_user(world, stored, asked, change.carries, id=id, purpose=purpose)


def _faults(world: World, stored: StoredSecrets, minted: MintedForRun | None) -> tuple[Repair, ...]:
    return faults_of(composed_of(world.profile, stored, minted), world.profile.credential)


def _changes(
    world: World, credential: CredentialSeen, stored: StoredSecrets, minted: MintedForRun | None, answers: list[Exchange]
) -> Iterator[Change]:
    """Other ways to send the same secret, the likeliest first."""
    if credential.field_value is None:
        return
    if credential.place != "header":
        if credential.kind == "api_key":
            yield from _named_places(credential, value_in(composed_of(world.profile, stored, minted), world.profile), answers)
        return
    faults = _faults(world, stored, minted)
    for fault in faults:
        if fault.cause in NAME_FAULTS and fault.repaired is not None:
            yield Change(Carried("header", fault.repaired, credential.field_value), fault.cause, fault.factor)
    if credential.kind not in ("bearer", "api_key", "dpop"):
        return
    value = value_in(composed_of(world.profile, stored, minted), world.profile)
    asked_for = _schemes(answers)
    if credential.kind == "bearer" and stored.get("dpop_key").secret is not None and (bound_to_key(credential) or "dpop" in asked_for):
        yield Change(Carried("header", "Authorization", Secret(f"DPoP {value}")), "dpop_required", "scheme, now DPoP with a proof,")
    yield from _named_places(credential, value, answers)
    if credential.scheme.lower() in asked_for:
        return
    cause = "auth_scheme_wrong" if credential.scheme else "auth_scheme_missing"
    for scheme in asked_for:
        if scheme in _FIT_A_TOKEN:
            yield Change(Carried("header", credential.name, Secret(f"{CANONICAL[scheme]} {value}")), cause, "scheme word")
    for fault in faults:
        if fault.cause in _OTHER_SCHEME and fault.repaired is not None:
            yield Change(Carried("header", credential.name, Secret(fault.repaired)), fault.cause, fault.factor)


def _named_places(credential: CredentialSeen, value: str, answers: list[Exchange]) -> Iterator[Change]:
    """A header that the answer itself names for the key; only the value alone goes there."""
    for name in named_places(((a.response_headers, a.body) for a in answers), credential.name):
        yield Change(Carried("header", name, Secret(value)), "credential_location_wrong", "place of the credential")


def bound_to_key(credential: CredentialSeen) -> bool:
    """Whether the token says that it is bound to a DPoP key (RFC 9449 6.1)."""
    bound = credential.token.claims.get("cnf") if credential.token is not None else None
    return isinstance(bound, Mapping) and "jkt" in bound


def _schemes(answers: list[Exchange]) -> tuple[str, ...]:
    """The schemes of all challenges, lower case, in order."""
    found: dict[str, None] = {}
    for answer in answers:
        try:
            found |= {c.scheme: None for c in parse_challenges(challenge_fields(answer.response_headers))}
        except ValueError:
            continue
    return tuple(found)
