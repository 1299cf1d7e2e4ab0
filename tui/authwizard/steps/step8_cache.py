"""Is the refusal an old one that somebody on the way has kept? S8-10 (a cached answer), S8-11 (a gateway's cached decision)."""

from __future__ import annotations

from authwizard.check import blocked, check, failed, not_applicable, passed, warned, with_facts
from authwizard.knowledge.responders import responder_of
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    FreshCall,
    FreshToken,
    Introspection,
    OtherEndpoints,
    Repeats,
    UncachedCall,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.steps import token_diff
from authwizard.steps.answers import served_from_cache, status_text
from authwizard.steps.attribution import GATEWAYS
from authwizard.steps.clock_model import http_date
from authwizard.steps.differential import accepts, comparison
from authwizard.steps.step8_address import accepted_elsewhere
from authwizard.steps.time_words import duration

CACHE_FIELDS = ("age", "x-cache", "cf-cache-status", "x-cache-status", "x-cache-hits", "cache-control")
SAME_DATE_SECONDS = 2.0
"""Requests sent further apart than this carry another Date, unless one answer was kept for both."""
AUTHORIZER_TTL = "300 s unless set otherwise, 3600 s at the most"


# ── S8-10 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-10", step=8, title="The answer is not an old one from a cache", looks_for="the marks of caches on a refusal, and the same request past them",
    causes=("cached_401",), sources=("RFC 9111 3.5", "RFC 9111 5.1"),
)  # fmt: skip
def cached_answer(
    baseline: Baseline, uncached: UncachedCall | None, repeats: Repeats | None, anonymous: Anonymous | None, again: AnonymousAgain | None
) -> Outcome:  # fmt: skip
    """S8-10: a refusal that a cache kept is refused again whatever is sent."""
    exchange = baseline.exchange
    lines = tuple(Line(name, value) for name in CACHE_FIELDS if (value := exchange.header(name)))
    if exchange.status not in (401, 403):
        return not_applicable("The answer is no refusal.")
    marked = served_from_cache(exchange)
    frozen = _frozen_date(exchange, repeats)
    past = (Line("past the caches", status_text(uncached.exchange.status)),) if uncached is not None else ()
    if uncached is not None and accepts(uncached.exchange):
        return _works_past(uncached, exchange, repeats, marked, frozen, (*lines, *past))
    if not marked and not frozen:
        return passed("Nothing marks the answer as one from a cache.", *lines, *past)
    if uncached is None:
        text = _kept_words(exchange) if marked else _FROZEN
        outcome = failed(text, *lines, arguments=_kept(exchange, marked))
        return with_facts(outcome, from_cache=True)
    same = comparison(anonymous, again).same(baseline, uncached)
    text = "The answer came out of a cache, but past the caches " + (
        "the API refuses in the same way." if same else "it is refused as well."
    )
    denied = (Argument("cached_401", Grade.XS, Group.SWAP, text, factor="cache"),) if uncached.exchange.status in (401, 403) else ()
    return warned(text, *lines, *past, arguments=denied)


def _works_past(
    uncached: UncachedCall, exchange: Exchange, repeats: Repeats | None, marked: bool, frozen: bool, lines: tuple[Line, ...]
) -> Outcome:  # fmt: skip
    """Past the caches it succeeds: proof where a cache has marked the refusal, or the usual way is refused before and after.

    Else time alone may have changed the answer.
    """
    text = f"With every cache passed by and nothing else changed, the request succeeds ({uncached.exchange.status}): the refusal was an old one."
    if marked or frozen:
        proof = Argument("cached_401", Grade.P, Group.SWAP, text, factor="cache")
        return failed(text, *lines, arguments=(proof, *_kept(exchange, marked)))
    later = [e for e in repeats.exchanges if e.sent_at >= uncached.exchange.sent_at] if repeats is not None else []
    if later and all(e.status == exchange.status for e in later):
        text = f"{text} Before and after, the usual way is refused: a cache that leaves no mark keeps the answer."
        return failed(text, *lines, arguments=(Argument("cached_401", Grade.P, Group.SWAP, text, factor="cache"),))
    if repeats is not None and any(accepts(e) for e in repeats.exchanges):
        return warned(
            "Past the caches the request succeeds, and so it does the usual way when it is repeated: no cache is to blame.", *lines
        )
    return warned(text, *lines, arguments=(Argument("cached_401", Grade.M, Group.SWAP, text, factor="cache"),))


_FROZEN = "Answers to requests sent some time apart bear the same Date: they are one answer that a cache has kept."


def _kept(exchange: Exchange, marked: bool) -> tuple[Argument, ...]:
    grade, text = (Grade.S, _kept_words(exchange)) if marked else (Grade.M, _FROZEN)
    return (Argument("cached_401", grade, Group.RESPONSE_CLASS, text),)


def _kept_words(exchange: Exchange) -> str:
    age = exchange.header("age") or ""
    old = f" {duration(float(age))} ago" if age.isdecimal() and len(age) < 10 else ""
    return f"The {exchange.status} came out of a cache that stored it{old}: the API was not asked about this request."


def _frozen_date(exchange: Exchange, repeats: Repeats | None) -> bool:
    """Whether a later answer bears the very Date of the first one."""
    first = http_date(exchange)
    if first is None or repeats is None:
        return False
    later = [e for e in repeats.exchanges if e.sent_at - exchange.sent_at > SAME_DATE_SECONDS]
    return any(http_date(e) == first and e.status == exchange.status for e in later)


# ── S8-11 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S8-11", step=8, title="No gateway keeps an old decision about this token",
    looks_for="a gateway that refuses this token and takes a fresh one that says the same, or takes this one on another path",
    causes=("authorizer_cache",), sources=("docs.aws.amazon.com, API Gateway authorizer caching",),
)  # fmt: skip
def authorizer_cache(
    baseline: Baseline, credential: CredentialSeen, fresh: FreshToken | None, fresh_call: FreshCall | None,
    introspection: Introspection | None, others: OtherEndpoints | None,
) -> Outcome:  # fmt: skip
    """S8-11: an authorizer's answer is remembered by the token, so a change of rights shows only when it is forgotten."""
    exchange = baseline.exchange
    if exchange.status not in (401, 403):
        return not_applicable("The answer is no refusal.")
    name = responder_of(exchange.response_headers, exchange.body).name
    if name not in GATEWAYS:
        return not_applicable("No mark of a gateway that keeps an authorizer's decisions is on the answer.")
    line = Line("responder", name, None, f"keeps a decision for {AUTHORIZER_TTL}")
    alive = introspection is not None and introspection.result.active is True
    if fresh_call is not None and accepts(fresh_call.exchange) and _alike(credential, fresh) and alive:
        text = (
            "The gateway refuses a token that its issuer calls alive, and takes a fresh one that says the same: it keeps an older decision "
            f"about this token ({AUTHORIZER_TTL})."
        )
        return failed(text, line, arguments=(Argument("authorizer_cache", Grade.M, Group.RESPONSE_CLASS, text),))
    elsewhere = accepted_elsewhere(others) if exchange.status == 403 else ""
    if elsewhere:
        text = (
            f"The gateway takes this token at {elsewhere} and forbids it here: a policy kept for one path may answer for another "
            f"({AUTHORIZER_TTL})."
        )
        return warned(text, line, arguments=(Argument("authorizer_cache", Grade.W, Group.RESPONSE_CLASS, text),))
    if fresh_call is None and not alive:
        return blocked(
            "A kept decision shows only beside a fresh token.", line, unblock="Let it fetch one: give the profile a token endpoint."
        )
    return passed("Nothing speaks for a kept decision.", line)


def _alike(credential: CredentialSeen, fresh: FreshToken | None) -> bool:
    return fresh is not None and not any(d.tells for d in token_diff.differences(credential.token, fresh.token))


CHECKS = (cached_answer, authorizer_cache)
