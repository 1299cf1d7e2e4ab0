"""Did the request reach the place where the API judges credentials? The decision table's rows about hops and places (CHECKS 13.3)."""

from __future__ import annotations

from authwizard.check import Check, blocked, check, failed, not_applicable, passed
from authwizard.knowledge.signature import challenges_of
from authwizard.model.evidence import Anonymous, AnonymousAgain, Baseline, CredentialSeen, DirectCall, Garbage, OriginCall
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.protocol.scheme_names import scheme_name
from authwizard.steps.answers import explained, status_text
from authwizard.steps.differential import accepts, comparison, refuses
from authwizard.steps.intake_responder import responder
from authwizard.steps.other_ways import HOP_CAUSES, TOKEN_CAUSES, past_a_hop
from authwizard.steps.places import about_this_kind

SIZE_STATUSES = (431, 494)
LONG_VALUE = 4096
"""Bytes of one field value above which common servers begin to refuse (nginx and Apache take 8 KiB for all fields)."""


def argue(cause: str, grade: Grade, text: str) -> Argument:
    """Return an argument from the comparison of answers."""
    return Argument(cause, grade, Group.RESPONSE_CLASS, text)


def against(causes: tuple[str, ...], grade: Grade, text: str) -> tuple[Argument, ...]:
    """Return one such argument against each of several causes."""
    return tuple(argue(cause, grade, text) for cause in causes)


@check(
    "R1", step=8, title="No proxy on the way asks for credentials of its own", looks_for="status 407 on the request",
    causes=("proxy_auth_required", *TOKEN_CAUSES), sources=("RFC 9110 15.5.8",),
)  # fmt: skip
def proxy_answer(baseline: Baseline) -> Outcome:
    """R1: a 407 comes from a proxy, the API was not reached."""
    if baseline.exchange.status != 407:
        return not_applicable("The answer is no 407.")
    text = "A proxy on the way answered 407: it wants its own credentials, so the API never judged the token."
    return failed(text, arguments=(argue("proxy_auth_required", Grade.S, text), *against(TOKEN_CAUSES, Grade.XM, text)))


@check(
    "R2", step=8, title="No firewall answers in the API's place", looks_for="a block page that is the same with and without the credential",
    causes=("waf_blocked", *TOKEN_CAUSES), sources=("developers.cloudflare.com, error 1020",),
)  # fmt: skip
def firewall_answer(baseline: Baseline, anonymous: Anonymous | None, again: AnonymousAgain | None) -> Outcome:
    """R2: a block page, alike with and without credential; where only the request with it is blocked, its content is what is blocked."""
    if not _blocked_page(baseline.exchange):
        return not_applicable("The answer is no block page.")
    alike = anonymous is not None and (_blocked_page(anonymous.exchange) or comparison(anonymous, again).same(baseline, anonymous))
    text = "A firewall or bot filter answered, not the API" + (", and it says the same without a credential." if alike else ".")
    grade = Grade.S if alike else Grade.M
    return failed(text, arguments=(argue("waf_blocked", grade, text), *against(TOKEN_CAUSES, Grade.XM, text)))


def _blocked_page(exchange: Exchange) -> bool:
    return exchange.header("cf-mitigated") is not None or "waf_blocked" in explained(exchange).message.causes


@check(
    "R3", step=8, title="The server asks for the scheme that is sent", looks_for="a challenge that lists only other schemes, whatever is sent",
    causes=("edge_auth_required", "auth_scheme_wrong"), sources=("RFC 9110 11.6.1",),
)  # fmt: skip
def other_scheme_wanted(
    baseline: Baseline, anonymous: Anonymous, garbage: Garbage, credential: CredentialSeen, again: AnonymousAgain | None
) -> Outcome:
    """R3: the challenges of P0 and D1 lack the sent scheme, and nothing sent under it changes the answer. Is it a gate that asks, or the API?"""
    wanted = {c.scheme for c in (*challenges_of(baseline.exchange), *challenges_of(anonymous.exchange))}
    sent = credential.scheme.lower()
    if not wanted or not sent or sent in wanted:
        return not_applicable("The challenge lists the scheme that is sent, or no scheme at all.")
    compare = comparison(anonymous, again)
    if not (compare.same(baseline, anonymous) and compare.same(garbage, anonymous)):
        return not_applicable("What is sent under this scheme does change the answer.")
    text = f"The server only asks for {', '.join(map(scheme_name, sorted(wanted)))}, and nothing sent as {credential.scheme} changes its answer."
    gate = responder.judge(baseline, anonymous, credential, None, None).facts.get("realm_is_api") is False
    cause = "edge_auth_required" if gate else "auth_scheme_wrong"
    return failed(text, arguments=(argue(cause, compare.grade(Grade.S), text),))


@check(
    "R4", step=8, title="The server looks for the credential where it is sent", looks_for="an answer that names another place for the credential",
    causes=("credential_location_wrong", "second_credential_missing", *TOKEN_CAUSES),
    sources=("learn.microsoft.com, API Management subscriptions",),
)  # fmt: skip
def other_place_wanted(
    baseline: Baseline, anonymous: Anonymous, again: AnonymousAgain | None, credential: CredentialSeen | None
) -> Outcome:  # fmt: skip
    """R4: P0 names another place and equals the answer to no credential."""
    seen = about_this_kind(explained(baseline.exchange).message, credential)
    named = [c for c in seen.causes if c in ("credential_location_wrong", "second_credential_missing")]
    if seen.kind != "names" or not named or seen.causes[0] != named[0]:
        return not_applicable("The answer names no other place.")
    compare = comparison(anonymous, again)
    if not compare.same(baseline, anonymous):
        return not_applicable("The answer names another place, but without a credential the answer is another one.")
    text = f'The server says "{seen.words}", with and without the credential: it looks in another place.'
    grade = compare.grade(Grade.M if seen.grade is Grade.M else Grade.S)
    arguments = (argue(named[0], grade, text), *(argue(c, Grade.W, text) for c in named[1:]))
    return failed(text, arguments=(*arguments, *against(TOKEN_CAUSES, Grade.XM, text)))


@check(
    "R18", step=8, title="The request's size is no obstacle", looks_for="a refusal for size or format where a short token gets a plain 401",
    causes=("header_too_large", "duplicate_credentials", *TOKEN_CAUSES), sources=("RFC 6585 5", "RFC 6750 3.1"),
)  # fmt: skip
def size_refused(baseline: Baseline, garbage: Garbage, credential: CredentialSeen) -> Outcome:
    """R18: the real request is refused for its size or form, or the connection breaks, and a short token gets a plain 401."""
    exchange = baseline.exchange
    broken = exchange.fault is not None and exchange.fault.layer == "protocol"
    if garbage.exchange.status != 401 or not (broken or exchange.status in (400, *SIZE_STATUSES)):
        return not_applicable("The answer does not speak of size or form.")
    got = "no answer, the connection breaks" if broken else status_text(exchange.status)
    text = f"The real request gets {got}; the same with a short token gets a plain 401: the server stumbles over the header itself."
    said = exchange.status in SIZE_STATUSES or "header_too_large" in explained(exchange).message.causes
    if said or (broken and credential.length >= LONG_VALUE):
        return failed(
            text, arguments=(argue("header_too_large", Grade.S if said else Grade.M, text), *against(TOKEN_CAUSES, Grade.XM, text))
        )
    if broken:
        return not_applicable("The connection broke once; a value of this length is no reason for it.")
    grade = Grade.M if explained(exchange).code == "invalid_request" else Grade.W
    return failed(text, arguments=(argue("duplicate_credentials", grade, text),))


@check(
    "R22", step=8, title="No hop between here and the API changes the request", looks_for="success past the proxy or the edge",
    causes=(*HOP_CAUSES, *TOKEN_CAUSES), sources=("RFC 9110 11.6.2",),
)  # fmt: skip
def works_past_a_hop(baseline: Baseline, direct: DirectCall | None, origin: OriginCall | None) -> Outcome:
    """R22: refused through a hop, accepted past it."""
    other = [call for call in (direct, origin) if call is not None]
    if accepts(baseline.exchange) or not other:
        return not_applicable("There is no other way to the API to compare with.")
    if not refuses(baseline.exchange):
        return not_applicable("The usual way gave no refusal, so success on another way says nothing about the credential.")
    arguments = past_a_hop(baseline, direct, origin)
    if arguments:
        shown = tuple(Line("past the hop", str(call.exchange.status)) for call in other if accepts(call.exchange))
        return failed(arguments[0].text, *shown, arguments=arguments)
    if all(call.exchange.status is None for call in other):
        return blocked("The other way to the API gave no answer; it may be closed from here.")
    return passed("The other way to the API gives no success either.")


BEFORE: tuple[Check, ...] = (proxy_answer, firewall_answer, other_scheme_wanted, other_place_wanted)
AFTER: tuple[Check, ...] = (size_refused, works_past_a_hop)
