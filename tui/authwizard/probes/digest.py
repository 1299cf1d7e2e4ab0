"""What does a client answer to a Digest challenge (RFC 7616)? One answer to the challenge that came, never a second guess."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from authwizard.model.evidence import StoredSecrets
from authwizard.model.exchange import Exchange
from authwizard.model.secret import Secret
from authwizard.probe import Request, World
from authwizard.protocol.challenge import challenge_fields, parse_challenges
from authwizard.protocol.digest import Login, choose, field_value


async def answered(world: World, request: Request, stored: StoredSecrets) -> Request:
    """Ask without a credential first, and return the request with the answer to the challenge that came.

    Where no Digest challenge came that can be answered, or no user name and password are stored, it goes without a credential.
    """
    plain = without_authorization(request)
    if stored.get("username").secret is None or stored.get("password").secret is None:
        return plain
    asking = replace(plain, id=f"{request.id}-nonce", purpose="Fetch the nonce of the Digest challenge")
    challenge = (await world.sender.send(asking)).exchange
    return answer_to(plain, challenge, stored) or plain


def answer_to(request: Request, refusal: Exchange, stored: StoredSecrets) -> Request | None:
    """Return the request with the answer to a refusal's Digest challenge; None where there is nothing that can be answered."""
    user, password = stored.get("username").secret, stored.get("password").secret
    challenge = choose(digest_challenges(refusal))
    if user is None or password is None or challenge is None:
        return None
    login = Login(user.reveal(), password.reveal(), secrets.token_hex(16))
    value = Secret(field_value(challenge, request.method, _target(request), login))
    plain = without_authorization(request)
    return replace(plain, headers=(*plain.headers, ("Authorization", value)))


def digest_challenges(refusal: Exchange) -> tuple[Mapping[str, str], ...]:
    """Return the parameters of each Digest challenge of a 401, in order."""
    if refusal.status != 401:
        return ()
    try:
        found = parse_challenges(challenge_fields(refusal.response_headers))
    except ValueError:
        return ()
    return tuple(c.params for c in found if c.scheme == "digest")


def without_authorization(request: Request) -> Request:
    """Return the request without an Authorization field."""
    return replace(request, headers=tuple((n, v) for n, v in request.headers if n.lower() != "authorization"))


def _target(request: Request) -> str:
    """Path and query exactly as they are sent."""
    import httpx

    url = request.url.reveal() if isinstance(request.url, Secret) else request.url
    return httpx.URL(url).raw_path.decode("ascii")
