"""Does it matter which way the request takes, through the proxy or past it, through the edge or past it? I-08."""

from __future__ import annotations

from authwizard.check import blocked, check, failed, not_applicable, not_tried, passed
from authwizard.model.evidence import Baseline, ClientEnvironment, DirectCall, OriginCall
from authwizard.model.finding import Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.steps.answers import status_text
from authwizard.steps.differential import accepts
from authwizard.steps.other_ways import HOP_CAUSES, TOKEN_CAUSES, past_a_hop


@check(
    "I-08", step=0, title="The way to the API does not matter",
    looks_for="The same request without the proxy of this machine, and straight to the origin behind the edge.",
    causes=(*HOP_CAUSES, *TOKEN_CAUSES), sources=("RFC 9110 11.6.2", "RFC 9110 7.6"),
)  # fmt: skip
def direct_vs_proxy(
    baseline: Baseline, profile: Profile, environment: ClientEnvironment | None, direct: DirectCall | None, origin: OriginCall | None
) -> Outcome:  # fmt: skip
    """Compare the ways; one that is closed from here tells nothing."""
    if not _another_way(profile, environment):
        return not_applicable("No proxy is set and no origin_url is named, so there is one way to the API.")
    if accepts(baseline.exchange):
        return not_applicable("The request succeeds on the usual way, so no other one has to be tried.")
    calls = [(label, call) for label, call in (("past the proxy", direct), ("past the edge", origin)) if call is not None]
    lines = (Line("The usual way", status_text(baseline.exchange.status)), *(_line(label, call) for label, call in calls))
    arguments = past_a_hop(baseline, direct, origin)
    if arguments:
        return failed(arguments[0].text, *lines, arguments=arguments)
    answered = [call for _, call in calls if call.exchange.status is not None]
    if answered:
        return passed("Another way to the API gives no success either.", *lines)
    if calls:
        unblock = "Try it from a machine that may reach the API without this hop."
        return blocked("The other way gave no answer; it may be closed from here.", *lines, unblock=unblock)
    return not_tried("No other way to the API was tried.", *lines)


def _another_way(profile: Profile, environment: ClientEnvironment | None) -> bool:
    if profile.origin_url or profile.network.proxy not in ("env", "none"):
        return True
    variables = environment.proxy_variables if environment is not None else ()
    return profile.network.proxy == "env" and any(name.upper() != "NO_PROXY" for name in variables)


def _line(label: str, call: DirectCall | OriginCall) -> Line:
    fault = call.exchange.fault.text if call.exchange.fault is not None else ""
    return Line(label, fault or status_text(call.exchange.status), Status.PASS if accepts(call.exchange) else None, call.exchange.id)
