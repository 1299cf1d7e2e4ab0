"""Does the token endpoint give this client a token? Minting for the run, the fresh token, other ways to identify (S3-04, S3-05, S7-01)."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from authwizard.knowledge.token_errors import refuses_client
from authwizard.model.evidence import (
    Absence,
    ClientAuthVariants,
    Discovery,
    FreshToken,
    KeySet,
    MintedForRun,
    NotApplicable,
    NotTried,
    PastedCode,
    StoredSecrets,
    TokenEndpoint,
    TokenGrant,
    Unavailable,
)
from authwizard.model.options import Cost
from authwizard.probe import Halted, World, probe
from authwizard.probes.discovery import find_token_url
from authwizard.probes.dpop import AGAIN, nonce_asked, token_proof
from authwizard.probes.masking import register
from authwizard.probes.token_request import (
    Asked,
    Client,
    ask_for_token,
    client_of,
    code_request,
    grant_request,
    same,
    signature_of,
    token_seen,
)
from authwizard.protocol.basic import needs_form_encoding

GRANT = "client_credentials"
_BASIC, _POST = "client_secret_basic", "client_secret_post"
_MAX_VARIANTS = 2
"""With the profile's own way that makes three attempts, and no more (CHECKS 0, C4)."""

_Grant = TypeVar("_Grant", bound=TokenGrant)


@probe("minted_for_run", purpose="Fetch a token, because none is stored", cost=Cost.C4)
async def minted_for_run(world: World, stored: StoredSecrets) -> MintedForRun | Absence:
    """Where no access token is stored and the grant is client_credentials, one is fetched before P0 (DESIGN 3)."""
    client = client_of(world)
    if isinstance(client, NotApplicable):
        return client
    why = _no_need(world, stored)
    if why:
        return NotApplicable(why)
    url = await find_token_url(world)
    if not url:
        return Unavailable("No access token is stored, and no token endpoint is known to fetch one from.", "Name token_url in the profile.")
    return await _mint(world, stored, client, url, MintedForRun, id="token", purpose="Fetch a token for this run")


@probe("fresh_token", purpose="Fetch a new token", cost=Cost.C4, when="asked")
async def fresh_token(
    world: World, stored: StoredSecrets, endpoint: TokenEndpoint, minted: MintedForRun | None, keys: KeySet | None, code: PastedCode | None
) -> FreshToken | Absence:
    """S7-01, S3-05: one POST; the one that was made for this run counts, and is not repeated. A pasted code is redeemed with leave."""
    if minted is not None:
        return _as_fresh(minted, stored, keys)
    client = client_of(world)
    if isinstance(client, NotApplicable):
        return client
    if code is not None:
        return await _redeem(world, stored, client, endpoint.url, code, keys)
    if client.oauth.grant != GRANT:
        return NotApplicable(
            f"A new token of the grant {client.oauth.grant} needs a person to sign in; step 4 can renew with a refresh token."
        )
    if not endpoint.url:
        return Unavailable("No token endpoint is known.", "Name token_url in the profile.")
    seen = await _mint(world, stored, client, endpoint.url, FreshToken, id="token", purpose="Fetch a new token")
    return _as_fresh(seen, stored, keys) if isinstance(seen, FreshToken) else seen


@probe("client_auth_variants", purpose="Try other ways to identify the client", cost=Cost.C4, when="asked")
async def client_auth_variants(
    world: World, stored: StoredSecrets, fresh: FreshToken, discovery: Discovery | None
) -> ClientAuthVariants | Absence:
    """S3-04: after a refused client, at most two more attempts: the other encoding, then the other of header and form."""
    client = client_of(world)
    if isinstance(client, NotApplicable):
        return client
    if fresh.grant != GRANT:
        return NotApplicable("A code is redeemed once, so no other way of client authentication is tried with it.")
    if not refuses_client(fresh.answer):
        return NotApplicable("The client itself was not refused.")
    offered = discovery.metadata.token_endpoint_auth_methods_supported if discovery is not None and discovery.metadata is not None else ()
    ways = variants_of(client, stored, offered)
    if not ways:
        return NotApplicable("There is no other way for this client to identify itself.")
    tries: list[TokenGrant] = []
    labels: list[str] = []
    for number, (label, way) in enumerate(ways, 1):
        try:
            seen = await _mint(
                world, stored, way, fresh.exchange.url, TokenGrant, id=f"token-variant-{number}", purpose=f"The client with {label}"
            )
        except Halted:
            if not tries:
                raise
            break
        if isinstance(seen, (Unavailable, NotTried, NotApplicable)):
            return seen
        tries.append(seen)
        labels.append(label)
        if seen.answer.ok:
            break
    return ClientAuthVariants(tuple(tries), tuple(labels))


def variants_of(client: Client, stored: StoredSecrets, offered: tuple[str, ...]) -> tuple[tuple[str, Client], ...]:
    """Return the other ways in the order of S3-04; the other method only where metadata lists it or lists nothing."""
    if client.way not in (_BASIC, _POST):
        return ()
    secret = stored.get("client_secret").secret
    reserved = needs_form_encoding(client.oauth.client_id) or (secret is not None and needs_form_encoding(secret.reveal()))
    found: list[tuple[str, Client]] = []
    if client.way == _BASIC and reserved:
        found.append((f"{_BASIC}, id and secret not form-encoded", replace(client, method=_BASIC, form_encoded=False)))
    other = _POST if client.way == _BASIC else _BASIC
    if not offered or other in offered:
        found.append((other, replace(client, method=other)))
    return tuple(found[:_MAX_VARIANTS])


def _no_need(world: World, stored: StoredSecrets) -> str:
    """Why no token is fetched for the run; "" where one is."""
    oauth, kind = world.profile.oauth, world.profile.credential.kind
    if kind not in ("bearer", "dpop"):
        return f"The credential is of kind {kind}, which no token request brings."
    if kind == "dpop" and stored.get("dpop_key").status != "present":
        return "Without the key it is bound to a new token would be of no use."
    if oauth is None or oauth.grant != GRANT:
        return "The grant is not client_credentials, so no token can be fetched without a person."
    for name in ("access_token", "authorization"):
        if stored.get(name).status != "absent":
            return f"The field {name} is stored." if stored.get(name).status == "present" else f"The field {name} could not be read."
        if name in world.profile.secrets:
            return f"The profile names a place for {name}, and that is empty."
    return ""


async def _mint(
    world: World, stored: StoredSecrets, client: Client, url: str, gives: type[_Grant], *, id: str, purpose: str
) -> _Grant | Unavailable:
    asked = await _ask(world, stored, client, url, id=id, purpose=purpose)
    if isinstance(asked, Unavailable):
        return asked
    nonce = nonce_asked(asked.exchange) if world.profile.credential.kind == "dpop" else ""
    if nonce:
        # The client was not judged yet: such a server refuses the first proof by design (RFC 9449 8).
        purpose = f"{purpose}, with the nonce the server asks for"
        again = await _ask(world, stored, client, url, id=f"{id}{AGAIN}", purpose=purpose, nonce=nonce)
        asked = again if not isinstance(again, Unavailable) else asked
    return gives(asked.exchange, asked.answer, GRANT, client.way, token_seen(asked.answer))


async def _ask(
    world: World, stored: StoredSecrets, client: Client, url: str, *, id: str, purpose: str, nonce: str = ""
) -> Asked | Unavailable:  # fmt: skip
    request = grant_request(client, stored, url, GRANT)
    if isinstance(request, Unavailable):
        return request
    request = replace(request, headers=(*request.headers, *token_proof(world, stored, url, nonce)))
    return await ask_for_token(world, url, request, id=id, purpose=purpose)


async def _redeem(
    world: World, stored: StoredSecrets, client: Client, url: str, code: PastedCode, keys: KeySet | None
) -> FreshToken | Absence:  # fmt: skip
    """Send a pasted request that redeems a code: once, and never again, whatever comes of it."""
    if not world.options.allow_refresh:
        return NotTried("Redeeming the code was not agreed to (--allow refresh): it works once.")
    for name, secret in code.secrets.items():
        register(world.redactor, name, secret)
    request = code_request(client, stored, url, code)
    if isinstance(request, Unavailable):
        return request
    asked = await ask_for_token(world, url, request, id="token", purpose="Redeem the code, once", cost=Cost.C5)
    seen = FreshToken(asked.exchange, asked.answer, code.grant, client.way, token_seen(asked.answer))
    return _as_fresh(seen, stored, keys)


def _as_fresh(grant: TokenGrant, stored: StoredSecrets, keys: KeySet | None) -> FreshToken:
    repeated = same(grant.answer.access_token, stored.get("access_token").secret)
    signature = signature_of(grant.answer, keys)
    return FreshToken(grant.exchange, grant.answer, grant.grant, grant.client_auth, grant.token, signature, repeated)
