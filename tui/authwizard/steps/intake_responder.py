"""Who wrote the answer: the API, or something in front of it? I-04."""

from __future__ import annotations

import json
import re

from authwizard.check import check, failed, not_tried, passed, warned, with_facts
from authwizard.knowledge.responders import ResponderSeen, responder_of
from authwizard.knowledge.signature import challenges_of
from authwizard.model.evidence import Anonymous, Baseline, CredentialSeen, Neighbours, Reported
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.model.late_pattern import late_pattern
from authwizard.steps.answers import explained, is_html, status_text

_GATE_REALM = late_pattern(
    r"restricted|protected|private|staging|preview|htpasswd|password|members|secure area|authentication required|login|\bnginx\b|\btraefik\b",
    re.IGNORECASE,
)
_ACCESS_LOGIN = late_pattern(r"\.cloudflareaccess\.com/|/cdn-cgi/access/login|accounts\.google\.com/o/oauth2", re.IGNORECASE)
GATEWAYS = frozenset({"api_gateway", "apim", "envoy", "kong", "nginx"})
"""Responders that judge tokens in front of an API."""
PASSED_ON = ("x-powered-by", "x-envoy-upstream-service-time", "x-kong-upstream-latency", "x-runtime", "x-aspnet-version", "via")
"""Header fields that an application writes, or a gateway only where it asked the application."""


@check(
    "I-04", step=0, title="The API itself answers",
    looks_for="Marks of the component that wrote the answer: headers, the challenge's realm, the form of the body.",
    causes=("waf_blocked", "edge_auth_required", "gateway_rejected"), sources=("RFC 9110 10.2.4", "RFC 9110 11.6.1"),
)  # fmt: skip
def responder(
    baseline: Baseline | None, anonymous: Anonymous | None, credential: CredentialSeen | None, reported: Reported | None,
    neighbours: Neighbours | None,
) -> Outcome:  # fmt: skip
    """Name who answered, and judge whether that is a firewall, a gate with a login of its own, or another component than elsewhere."""
    answer = _answer(baseline, anonymous, reported)
    if answer is None:
        return not_tried("There is no answer, so nobody can be named.")
    seen = responder_of(answer.response_headers, answer.body)
    lines = (Line("Answered by", seen.name or "no known mark", None, "likely" if seen.name else ""), *_mark_lines(answer))
    facts: dict[str, str | bool] = {"responder": seen.name, "responder_confidence": "likely"} if seen.name else {}
    if answer.ok:
        return with_facts(passed(f"The success comes from {seen.name or 'the API'}.", *lines), **facts)
    if _blocked_page(answer):
        text = f"A firewall or bot filter answered ({seen.name or 'unnamed'}, {status_text(answer.status)}), not your API."
        return with_facts(failed(text, *lines, arguments=(Argument("waf_blocked", Grade.S, Group.RESPONSE_CLASS, text),)), **facts)
    gate = _gate(answer, credential, seen)
    if gate:
        argument = Argument("edge_auth_required", Grade.S, Group.RESPONSE_CLASS, gate)
        return with_facts(failed(gate, *lines, arguments=(argument,)), **facts, realm_is_api=False)
    missing = _missing_marks(answer, neighbours)
    if neighbours is not None:
        lines = (*lines, *(Line(e.url, status_text(e.status), None, e.header("server") or "") for e in neighbours.exchanges))
    if missing:
        text = f"Other addresses of the host are answered with {' and '.join(missing)}, and this refusal is not: a component in front wrote it."
        argument = Argument("gateway_rejected", Grade.M, Group.RESPONSE_CLASS, text)
        return with_facts(warned(text, *lines, arguments=(argument,)), **facts)
    if missing is not None:
        return with_facts(passed("The component that refuses also answers other addresses of the host.", *lines), **facts)
    if seen.edge or seen.name in GATEWAYS:
        text = f"The answer was most likely written by {seen.name}, in front of your API: its logs hold the reason."
        argument = Argument("gateway_rejected", Grade.M, Group.RESPONSE_CLASS, text)
        return with_facts(warned(text, *lines, arguments=(argument,)), **facts)
    return with_facts(passed("Nothing speaks for another component than the API.", *lines), **facts)


def _missing_marks(answer: Exchange, neighbours: Neighbours | None) -> tuple[str, ...] | None:
    """Return the marks all answers of other addresses have and the refusal lacks; None where no other address gave an answer of the API."""
    others = [e for e in (neighbours.exchanges if neighbours is not None else ()) if _of_the_api(e)]
    if not others:
        return None
    own, shared = _marks(answer), set.intersection(*(_marks(e) for e in others))
    return tuple(sorted(shared - own))


def _of_the_api(answer: Exchange) -> bool:
    """Whether an answer may come from behind whatever stands in front: no refusal, no limit, no failure."""
    return answer.status is not None and (answer.status < 400 or answer.status == 404)


def _marks(answer: Exchange) -> set[str]:
    """Marks of who wrote an answer, and those a gateway adds only to what it passes on (Envoy, Kong)."""
    names = {name for name in PASSED_ON if answer.header(name) is not None}
    product = (answer.header("server") or "").partition("/")[0].strip()
    return names | ({f"Server: {product}"} if product else set())


def _answer(baseline: Baseline | None, anonymous: Anonymous | None, reported: Reported | None) -> Exchange | None:
    seen = (
        baseline.exchange if baseline is not None else None,
        reported.answer if reported is not None else None,
        anonymous.exchange if anonymous is not None else None,
    )
    return next((e for e in seen if e is not None and e.status is not None), None)


def _mark_lines(answer: Exchange) -> tuple[Line, ...]:
    named = ("server", "via", "x-powered-by", "content-type")
    return tuple(Line(name, value) for name in named if (value := answer.header(name)))


def _blocked_page(answer: Exchange) -> bool:
    return answer.header("cf-mitigated") is not None or "waf_blocked" in explained(answer).message.causes


def _gate(answer: Exchange, credential: CredentialSeen | None, seen: ResponderSeen) -> str:
    """Return a sentence where a component in front asks for a login of its own; "" where the API itself may be asking."""
    if answer.header("x-goog-iap-generated-response") or _ACCESS_LOGIN.search(answer.header("location") or ""):
        return "An access gate in front of the API asks for its own login; the API was not reached."
    if answer.header("x-vercel-id") and is_html(answer) and "authentication required" in answer.body.lower():
        return "The hosting platform's deployment protection asks for its own login; the API was not reached."
    challenges = challenges_of(answer)
    sent_basic = credential is not None and credential.scheme.lower() == "basic"
    if answer.status != 401 or not challenges or sent_basic or {c.scheme for c in challenges} != {"basic"}:
        return ""
    realm = challenges[0].params.get("realm", "")
    # An API that takes Basic itself answers in its own format; a gate answers with a page or nothing.
    signs = 2 * bool(_GATE_REALM.search(realm)) + (2 if seen.name == "nginx" else int(seen.edge)) + (-1 if _is_json(answer) else 1)
    if signs < 2:
        return ""
    return (
        f'A component in front of the API asks for a user name and password of its own (Basic, realm "{realm}"); the API was not reached.'
    )


def _is_json(answer: Exchange) -> bool:
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        return False
    return True
