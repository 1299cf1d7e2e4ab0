"""Is it the address that is refused and not the credential? S8-09 and the decision table's rows about a 404 (R13, R14)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from authwizard.check import blocked, check, failed, not_applicable, passed, warned
from authwizard.knowledge.responders import responder_of
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    ExchangeSeen,
    OtherEndpoints,
    PathCanary,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.steps import scope_table
from authwizard.steps.answers import explained, status_text
from authwizard.steps.attribution import GATEWAYS
from authwizard.steps.differential import Comparison, comparison, refuses, shows_absence
from authwizard.steps.other_ways import TOKEN_CAUSES
from authwizard.steps.step5_endpoints import proves_life
from authwizard.steps.step8_reach import against, argue

UNKNOWN = (404, 405, 410, 501)
"""Statuses of a server that has no such path, or not for this method."""


def same_but_for_path(compare: Comparison, one: Exchange, other: Exchange) -> bool:
    """Tell whether two requests to different paths got the same answer, their own paths in it left out."""
    return compare.same(ExchangeSeen(_without_path(one)), ExchangeSeen(_without_path(other)))


def _without_path(exchange: Exchange) -> Exchange:
    try:
        path = urlsplit(exchange.url).path
    except ValueError:
        return exchange
    return replace(exchange, body=exchange.body.replace(path, "{path}")) if len(path) > 1 else exchange


@check(
    "S8-09", step=8, title="The path and the method exist", looks_for="an invented path, answered like the user's own or with 404",
    causes=("wrong_path_or_method", "wrong_base_url"), sources=("RFC 9110 15.5.5", "docs.aws.amazon.com, API Gateway gateway responses"),
)  # fmt: skip
def path_and_method(
    baseline: Baseline, canary: PathCanary, credential: CredentialSeen, anonymous: Anonymous | None, again: AnonymousAgain | None,
    others: OtherEndpoints | None,
) -> Outcome:  # fmt: skip
    """S8-09: where an unknown path gets the very answer of the user's own, the path may be the reason; a token good elsewhere says it is."""
    here, there = baseline.exchange, canary.exchange
    lines = (Line("your path", status_text(here.status)), Line(canary.path, status_text(there.status)), *_more_lines(canary))
    if there.status is None or here.status is None:
        return blocked("The request to an invented path got no answer.", *lines)
    if not refuses(here) and here.status not in UNKNOWN:
        return not_applicable("The answer is neither a refusal nor that of an unknown path.")
    compare = comparison(anonymous, again)
    if canary.method is not None and canary.method.status == 405 and here.status not in UNKNOWN:
        return passed("The path exists: it knows which methods it takes.", *lines)
    if not same_but_for_path(compare, here, there):
        return _told_apart(here, there, lines)
    if here.status in UNKNOWN:
        return warned("An invented path gets the same answer: see R14.", *lines)
    elsewhere = accepted_elsewhere(others)
    if elsewhere:
        text = f"{elsewhere} accepts the very same credential, and this path is answered like one that does not exist: the path or the base address is wrong."
        return failed(text, *lines, arguments=(argue("wrong_path_or_method", Grade.S, text), argue("wrong_base_url", Grade.W, text)))
    text = "An invented path gets the very same answer: here a wrong path cannot be told from a refused credential."
    gateway = responder_of(here.response_headers, here.body).name in GATEWAYS
    if "wrong_path_or_method" in explained(here).message.causes:
        said = f"{text} And this server's words are those for a route it does not know."
        return failed(said, *lines, arguments=(argue("wrong_path_or_method", Grade.S, said), argue("wrong_base_url", Grade.M, said)))
    if gateway and not shows_absence(here, credential.scheme):
        return failed(text, *lines, arguments=(argue("wrong_path_or_method", Grade.M, text), argue("wrong_base_url", Grade.W, text)))
    note = "Authentication runs before routing; this alone is no sign of a wrong path."
    return warned(f"{text} {note}", *lines, arguments=(argue("wrong_path_or_method", Grade.W, text),))


def _more_lines(canary: PathCanary) -> tuple[Line, ...]:
    more = ((f"{canary.path}, no credential", canary.anonymous), ("your path with GET", canary.method))
    return tuple(Line(label, status_text(seen.status)) for label, seen in more if seen is not None)


def _told_apart(here: Exchange, there: Exchange, lines: tuple[Line, ...]) -> Outcome:
    if there.status not in UNKNOWN or here.status in UNKNOWN:
        return passed("An invented path is answered otherwise, so your path is known.", *lines)
    text = f"An invented path gets {there.status}, yours {here.status}: your path is known, and it is the credential that is refused."
    return passed(text, *lines, arguments=against(("wrong_path_or_method", "wrong_base_url"), Grade.XM, text))


def accepted_elsewhere(others: OtherEndpoints | None) -> str:
    """Return the endpoint of the same API that accepts the very credential of P0 and nobody without one; "" where none was seen."""
    return next((call.request for call in others.calls if proves_life(call)), "") if others is not None else ""


@check(
    "R13", step=8, title="A 404 means that the path is unknown", looks_for="the same 404 with and without the credential on a path that exists",
    causes=("authorization_stripped", "insufficient_scope"), sources=("RFC 9110 15.5.4",),
)  # fmt: skip
def masked(
    baseline: Baseline, anonymous: Anonymous, canary: PathCanary | None, profile: Profile, again: AnonymousAgain | None
) -> Outcome:  # fmt: skip
    """R13: some servers hide what a caller may not see behind a 404. The path exists where an invented one is answered otherwise."""
    compare = comparison(anonymous, again)
    if baseline.exchange.status != 404 or not compare.same(baseline, anonymous):
        return not_applicable("It is not the same 404 with and without the credential.")
    listed = scope_table.row_for(profile) is not None
    differs = (
        canary is not None and canary.exchange.status is not None and not same_but_for_path(compare, baseline.exchange, canary.exchange)
    )
    if not (listed or differs):
        return not_applicable("Nothing says that the path exists: see R14.")
    why = "an invented path is answered otherwise" if differs else "the scope table lists this request"
    text = f"The 404 is the same with and without the credential, and yet {why}: the server hides what this caller may not see."
    arguments = tuple(argue(c, compare.grade(Grade.M), text) for c in ("authorization_stripped", "insufficient_scope"))
    return failed(text, arguments=arguments)


@check(
    "R14", step=8, title="The path is known to the API", looks_for="the answer to an invented path, where yours gets 404",
    causes=("wrong_path_or_method", *TOKEN_CAUSES), sources=("RFC 9110 15.5.5",),
)  # fmt: skip
def unknown_path(
    baseline: Baseline, canary: PathCanary, profile: Profile, anonymous: Anonymous | None, again: AnonymousAgain | None
) -> Outcome:  # fmt: skip
    """R14: P0's 404 is that of a path which cannot exist. Where the scope table lists the request, a hidden resource looks the same."""
    here, there = baseline.exchange, canary.exchange
    if here.status not in UNKNOWN:
        return not_applicable("The answer is no 404.")
    if there.status is None:
        return blocked("The request to an invented path got no answer.")
    line = Line(canary.path, status_text(there.status), Status.WARN)
    if here.status == 405:
        text = "The server says that this path does not take this method (405)."
        return failed(text, line, arguments=(argue("wrong_path_or_method", Grade.S, text), *against(TOKEN_CAUSES, Grade.XM, text)))
    if not same_but_for_path(comparison(anonymous, again), here, there):
        return passed("An invented path is answered otherwise, so yours is known.", line)
    text = f"Your path is answered exactly like an invented one ({here.status}): the API knows no such path."
    if scope_table.row_for(profile) is not None:
        note = "But the scope table lists this request, and some servers hide what a caller may not see in just that way."
        return failed(f"{text} {note}", line, arguments=(Argument("wrong_path_or_method", Grade.M, Group.RESPONSE_CLASS, text),))
    return failed(text, line, arguments=(argue("wrong_path_or_method", Grade.S, text), *against(TOKEN_CAUSES, Grade.XM, text)))


CHECKS = (path_and_method,)
ROWS = (masked, unknown_path)
