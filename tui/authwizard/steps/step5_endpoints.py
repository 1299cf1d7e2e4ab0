"""Is the same token accepted elsewhere in this API? Then the endpoint is the matter, else the token (S5-07)."""

from __future__ import annotations

from authwizard.check import blocked, check, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CredentialSeen, Introspection, MintedForRun, OtherEndpoint, OtherEndpoints
from authwizard.model.finding import Argument, Grade, Group, Outcome, Table
from authwizard.model.profile import Profile
from authwizard.protocol.redaction import redact_url
from authwizard.steps import granted_scopes, scope_table
from authwizard.steps.answers import served_from_cache, status_text
from authwizard.steps.differential import accepts
from authwizard.steps.granted_scopes import granted_to
from authwizard.steps.identity import distinct

OF_THE_TOKEN = (
    "authorization_stripped", "token_expired", "signature_invalid", "token_malformed", "token_truncated", "token_revoked", "auth_scheme_wrong",
    "auth_scheme_case_rejected",
)  # fmt: skip
"""What another endpoint of the same API would have refused the same token for as well."""
OF_THE_ENDPOINT = ("insufficient_scope", "route_auth_config")
REFUSALS = (401, 403, 404)


@check(
    "S5-07", step=5, title="The token is refused here alone, or everywhere",
    looks_for="the answers of other endpoints to the same token, and of those that accept it to no token at all",
    causes=(*OF_THE_ENDPOINT, *OF_THE_TOKEN), sources=("RFC 6750 3.1", "RFC 9110 15.5.4"),
)  # fmt: skip
def refused_here_alone(
    profile: Profile, credential: CredentialSeen, baseline: Baseline, others: OtherEndpoints, minted: MintedForRun | None,
    introspection: Introspection | None,
) -> Outcome:  # fmt: skip
    """S5-07: a split between endpoints. One that answers without a token, or out of a cache, proves nothing."""
    if baseline.exchange.status not in REFUSALS:
        return not_applicable("The request was not refused, so there is nothing to compare it with.")
    table = _table(profile, baseline, others)
    telling = [call for call in others.calls if call.exchange.status is not None]
    accepting = [call for call in telling if proves_life(call)]
    if accepting:
        return _endpoint_level(profile, credential, baseline, accepting, table, minted, introspection)
    refusing = [call for call in telling if call.exchange.status in (401, 403)]
    if not refusing:
        return blocked("No other endpoint gave an answer that tells: each was public, failed, or was not there.", table)
    if baseline.exchange.status == 401 and all(call.exchange.status == 401 for call in refusing):
        return _token_level(refusing, table)
    return warned("Other endpoints refuse the same token too, each in its own way; that does not tell the token from the endpoint.", table)


def proves_life(call: OtherEndpoint) -> bool:
    """Whether an endpoint accepts this token and is known to accept nobody without one."""
    if not accepts(call.exchange) or served_from_cache(call.exchange):
        return False
    return call.anonymous is not None and call.anonymous.status is not None and not accepts(call.anonymous)


def _endpoint_level(
    profile: Profile, credential: CredentialSeen, baseline: Baseline, accepting: list[OtherEndpoint], table: Table,
    minted: MintedForRun | None, introspection: Introspection | None,
) -> Outcome:  # fmt: skip
    where = distinct(call.request for call in accepting)
    refuse = _verb("refuses", accepting)
    text = (
        f"The same token is accepted by {where}, which {refuse} requests without one: the token is good, and only this endpoint refuses it."
    )
    alive = tuple(Argument(cause, Grade.XS, Group.RESPONSE_CLASS, text) for cause in OF_THE_TOKEN)
    grants = granted_to(profile, credential, minted, introspection)
    row = scope_table.row_for(profile)
    coverage = scope_table.compare(row, granted_scopes.union(grants)).coverage if row is not None and grants is not None else ""
    scope = {"met": Grade.W, "maybe": Grade.M, "unmet": Grade.M}.get(coverage, Grade.M)
    # A 403 is how an endpoint refuses a caller it knows; a gate set up in another way says 401, and so do servers that mean scope.
    route = Grade.M if baseline.exchange.status == 401 and coverage != "unmet" else Grade.W
    left = (
        Argument("insufficient_scope", scope, Group.RESPONSE_CLASS, text),
        Argument("route_auth_config", route, Group.RESPONSE_CLASS, text),
    )
    return warned(text, table, arguments=(*left, *alive))


def _verb(one: str, calls: list[OtherEndpoint]) -> str:
    """The verb for one endpoint, or for several."""
    return one if len({call.request for call in calls}) == 1 else one.removesuffix("s")


def _token_level(refusing: list[OtherEndpoint], table: Table) -> Outcome:
    where = distinct(call.request for call in refusing)
    text = f"{where} {_verb('refuses', refusing)} the same token with 401 as well: it is the token or the way to this API, not a permission for one endpoint."
    against = tuple(Argument(cause, Grade.XM, Group.RESPONSE_CLASS, text) for cause in OF_THE_ENDPOINT)
    return passed(text, table, arguments=against)


def _table(profile: Profile, baseline: Baseline, others: OtherEndpoints) -> Table:
    own = (f"> {redact_url(profile.request)}", status_text(baseline.exchange.status), "")
    rows = [(c.request, status_text(c.exchange.status), status_text(c.anonymous.status) if c.anonymous else "-") for c in others.calls]
    return Table(("endpoint", "with the token", "without"), (own, *rows), "The same token elsewhere")
