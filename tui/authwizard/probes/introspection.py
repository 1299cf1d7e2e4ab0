"""Does the authorization server call the token active (RFC 7662, CHECKS S3-16)?"""

from __future__ import annotations

from authwizard.model.evidence import Absence, CredentialSeen, Introspection, NotApplicable, StoredSecrets, TokenEndpoint, Unavailable
from authwizard.model.options import Cost
from authwizard.probe import Request, World, probe
from authwizard.probes.limits import decode_body
from authwizard.probes.token_request import client_of, introspection_request
from authwizard.protocol.oauth import read_introspection
from authwizard.protocol.scheme import without_scheme
from authwizard.protocol.token_wrap import bare_token


@probe("introspection", purpose="Ask the authorization server about the token", cost=Cost.C4, when="asked")
async def introspection(
    world: World, credential: CredentialSeen, stored: StoredSecrets, endpoint: TokenEndpoint
) -> Introspection | Absence:
    """S3-16: the token of P0, asked about by the profile's own client."""
    client = client_of(world)
    if isinstance(client, NotApplicable):
        return client
    if not endpoint.introspection_url:
        return NotApplicable("The authorization server offers no introspection endpoint.")
    if credential.kind not in ("bearer", "dpop"):
        return NotApplicable("The credential is no access token.")
    if credential.field_value is None:
        return Unavailable(credential.missing or "There is no token to ask about.")
    token = bare_token(without_scheme(credential.field_value.reveal()))
    request = introspection_request(client, stored, endpoint.introspection_url, token)
    if isinstance(request, Unavailable):
        return request
    purpose = "What the authorization server says of the token"
    url = endpoint.introspection_url
    answer = await world.sender.send(Request("introspection", purpose, Cost.C4, "token", "POST", url, request.headers, request.body))
    body = decode_body(answer.raw, answer.exchange.header("content-type") or "")
    # The token went along, and a server may repeat it in what it says; a boolean and the times are not touched by that.
    return Introspection(answer.exchange, read_introspection(answer.exchange.status, world.redactor.redact(body)))
