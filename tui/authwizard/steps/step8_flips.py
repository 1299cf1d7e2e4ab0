"""What did changing one thing change, and what did an empty or a foreign credential? Rows R16, R19 to R21 and probe D7."""

from __future__ import annotations

from authwizard.check import Check, blocked, check, failed, not_applicable, not_tried, passed, warned
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CleanedCall,
    DirectCall,
    EmptyHeader,
    ExchangeSeen,
    FinalUrlCall,
    ForeignToken,
    FreshCall,
    FreshCallAgain,
    Garbage,
    OriginCall,
    OtherSchemeCall,
    RefreshedCall,
    RefreshedCallAgain,
    Repeats,
    Respelled,
    Tampered,
    UncachedCall,
)
from authwizard.model.finding import Argument, Grade, Group, Outcome, Table
from authwizard.steps.answers import status_text
from authwizard.steps.attribution import EXCLUDED_BY_SUCCESS
from authwizard.steps.differential import accepts, comparison, refuses
from authwizard.steps.intake_network import turned_for_good
from authwizard.steps.step8_reach import against, argue

OF_THE_TOKEN = (
    "token_expired", "token_not_yet_valid", "token_revoked", "session_expired", "issuer_mismatch", "audience_mismatch",
    "environment_mismatch", "signature_invalid", "signing_key_rotated", "signing_key_unknown", "jwks_stale_at_server",
    "server_key_misconfigured", "insufficient_scope", "clock_skew_server", "clock_skew_issuer_api",
)  # fmt: skip
"""What cannot be the reason where the very token is accepted once something else has changed."""
OF_THE_WAY = tuple(
    c for c in EXCLUDED_BY_SUCCESS if c not in ("auth_scheme_wrong", "auth_scheme_case_rejected", "credential_location_wrong")
)
"""What cannot be the reason where the request is accepted on the very way, once the credential has changed."""


@check(
    "R16", step=8, title="Whether the header arrives can be told from an empty one", looks_for="another answer to an empty Authorization field than to none",
    causes=("authorization_stripped",), sources=("RFC 9110 11.6.2",),
)  # fmt: skip
def empty_noticed(empty: EmptyHeader, anonymous: Anonymous, again: AnonymousAgain | None) -> Outcome:
    """R16: an empty field, or the word Bearer alone, that is answered otherwise than no field proves that the field arrives."""
    compare = comparison(anonymous, again)
    seen = [ExchangeSeen(e) for e in (empty.exchange, empty.bare) if e is not None and e.status is not None]
    if not seen:
        return blocked("The request with an empty Authorization field got no answer.")
    table = Table(("sent", "answer"), tuple((s.exchange.purpose, status_text(s.exchange.status)) for s in (anonymous, *seen)))
    noticed = next((s for s in seen if compare.differ(s, anonymous)), None)
    if noticed is None:
        return passed("An empty field is answered like none: that says neither that it arrives nor that it is lost.", table)
    text = f"{noticed.exchange.purpose} is answered otherwise than none ({noticed.exchange.status}), so the header does arrive."
    return passed(text, table, arguments=(argue("authorization_stripped", compare.grade(Grade.XS), text),))


@check(
    "S8-15", step=8, title="The API tells this token from one of a foreign issuer", looks_for="the answer to a JWT of an issuer that does not exist",
    causes=("endpoint_not_protected", "token_rejected_unspecified", "issuer_mismatch", "signing_key_unknown", "authorization_stripped"),
    sources=("RFC 7519 7.2",),
)  # fmt: skip
def like_a_foreign_one(
    baseline: Baseline, foreign: ForeignToken, anonymous: Anonymous, garbage: Garbage | None, tampered: Tampered | None,
    again: AnonymousAgain | None,
) -> Outcome:  # fmt: skip
    """D7: in which order does the API check: form, issuer and key, signature, time?"""
    compare = comparison(anonymous, again)
    if foreign.exchange.status is None:
        return blocked("The request with a foreign token got no answer.")
    if accepts(foreign.exchange) and not accepts(anonymous.exchange):
        text = "The API accepts a token of an issuer that does not exist: it does not check what it is given. This is a security fault of the API."
        return failed(text, arguments=(argue("endpoint_not_protected", Grade.S, text),))
    if not refuses(baseline.exchange):
        return not_applicable("The request is not refused, so there is nothing to tell apart.")
    arrives = (
        (argue("authorization_stripped", compare.grade(Grade.XS), "A foreign token changes the answer, so the header does arrive."),)
        if compare.differ(foreign, anonymous)
        else ()
    )
    if compare.same(baseline, foreign):
        if not arrives or (garbage is not None and compare.same(foreign, garbage)):
            return passed(
                "A foreign token is answered like this one, and like garbage: this API has one answer for all.", arguments=arrives
            )
        text = "Any well-formed JWT gets this answer, even one of an issuer that does not exist."
        return warned(text, arguments=(argue("token_rejected_unspecified", Grade.W, text), *arrives))
    text = (
        "A token of a foreign issuer is answered otherwise: the API knows this token's issuer and key, and refuses it for something else."
    )
    known = against(("issuer_mismatch", "signing_key_unknown"), compare.grade(Grade.XM), text)
    same_as_tampered = tampered is not None and compare.same(baseline, tampered)
    return passed(text, arguments=(*arrives, *(known if compare.differ(baseline, foreign) and not same_as_tampered else ())))


@check(
    "R19", step=8, title="No single change was needed", looks_for="a request with one thing changed that succeeds",
    causes=tuple(dict.fromkeys((*OF_THE_TOKEN, *OF_THE_WAY))), sources=("RFC 9110 15.3",),
)  # fmt: skip
def one_change_flips(
    baseline: Baseline, cleaned: CleanedCall | None, other: OtherSchemeCall | None, respelled: Respelled | None,
    final: FinalUrlCall | None, origin: OriginCall | None, direct: DirectCall | None, uncached: UncachedCall | None,
    fresh: FreshCall | None, refreshed: RefreshedCall | None,
) -> Outcome:  # fmt: skip
    """R19: what was changed is proven by its own check; all that did not change is cleared here."""
    if accepts(baseline.exchange):
        return not_applicable("The request succeeds as it is.")
    of_credential: list[ExchangeSeen] = [c for c in (cleaned, other, respelled) if c is not None]
    of_way: list[ExchangeSeen] = [c for c in (final, origin, direct, uncached) if c is not None]
    of_token: list[ExchangeSeen] = [c for c in (fresh, refreshed) if c is not None]
    tried = [*of_credential, *of_way, *of_token]
    if not tried:
        return not_tried("No request with one thing changed was sent.")
    works = next((c for c in tried if accepts(c.exchange)), None)
    table = Table(("changed", "answer"), tuple((c.exchange.purpose, status_text(c.exchange.status)) for c in tried))
    if works is None:
        return passed("No request with one thing changed succeeds: see R20.", table)
    text = f"{works.exchange.purpose} succeeds ({works.exchange.status}): what was not changed is in order."
    cleared = OF_THE_WAY if works in of_credential else ()
    cleared = (*cleared, *OF_THE_TOKEN) if works not in of_token else cleared
    arguments = tuple(Argument(c, Grade.XS, Group.SWAP, text, factor=works.exchange.id) for c in cleared)
    return warned(text, table, arguments=arguments)


@check(
    "R20", step=8, title="What was changed would have mattered", looks_for="requests with one thing changed that get the same refusal",
    sources=("RFC 9110 15.5.2",),
)  # fmt: skip
def one_change_leaves_all(
    baseline: Baseline, anonymous: Anonymous | None, again: AnonymousAgain | None, cleaned: CleanedCall | None,
    other: OtherSchemeCall | None, respelled: Respelled | None, final: FinalUrlCall | None, origin: OriginCall | None,
    direct: DirectCall | None, uncached: UncachedCall | None, fresh: FreshCall | None, second: FreshCallAgain | None,
    refreshed: RefreshedCall | None, refreshed_again: RefreshedCallAgain | None,
) -> Outcome:  # fmt: skip
    """R20: shown in one place; each change argues against its own cause where it is judged (steps 1, 4 and 7)."""
    if not refuses(baseline.exchange):
        return not_applicable("The request is not refused.")
    calls = (cleaned, other, respelled, final, origin, direct, uncached, fresh, second, refreshed, refreshed_again)
    tried: list[ExchangeSeen] = [c for c in calls if c is not None and c.exchange.status is not None]
    if not tried:
        return not_tried("No request with one thing changed was sent.")
    compare = comparison(anonymous, again)
    alike = [c for c in tried if not accepts(c.exchange) and compare.same(baseline, c)]
    table = Table(("changed", "answer"), tuple((c.exchange.purpose, "the same refusal") for c in alike))
    if not alike:
        return passed("Every change of one thing changed the answer.")
    return warned(f"{len(alike)} of {len(tried)} changes of one thing left the refusal as it is, so these do not matter.", table)


@check(
    "R21", step=8, title="The same request does not flip", looks_for="success and refusal for the same request with the same credential",
    causes=("authorization_stripped", "token_malformed", "auth_scheme_wrong", "auth_scheme_case_rejected", "credential_location_wrong"),
    sources=("RFC 9110 15.5.2",),
)  # fmt: skip
def flips(baseline: Baseline, repeats: Repeats, second: FreshCallAgain | None) -> Outcome:
    """R21: who differs is told by I-05; that the credential was taken once clears its form and its way."""
    answers = [e for e in (baseline.exchange, *repeats.exchanges) if e.status is not None]
    good, bad = sum(accepts(e) for e in answers), sum(refuses(e) for e in answers)
    if not (good and bad):
        return passed("The same request got the same kind of answer every time.")
    if second is not None and turned_for_good(answers):
        return warned("Only the first request, sent at once with a token fetched for this run, was refused: see S7-02.")
    text = f"The very same request was accepted {good} times and refused {bad} times, so its credential can be read and does arrive."
    cleared = ("authorization_stripped", "token_malformed", "auth_scheme_wrong", "auth_scheme_case_rejected", "credential_location_wrong")
    return failed(text, arguments=against(cleared, Grade.XS, text), facts={"flapping": True})


ROWS: tuple[Check, ...] = (empty_noticed, one_change_flips, one_change_leaves_all, flips)
