"""What does a client answer to a Digest challenge (RFC 7616)?"""

from __future__ import annotations

from dataclasses import replace

from authwizard.model.evidence import StoredSecrets
from authwizard.model.exchange import Exchange
from authwizard.model.secret import Secret
from authwizard.probe import Request, World


async def answered(world: World, request: Request, stored: StoredSecrets) -> Request:
    """Ask without a credential first, and return the request with the answer to the challenge that came.

    Where no Digest challenge came, or no user name and password are stored, it goes without a credential.
    """
    plain = tuple((n, v) for n, v in request.headers if n.lower() != "authorization")
    user, password = stored.get("username").secret, stored.get("password").secret
    if user is None or password is None:
        return replace(request, headers=plain)
    asking = replace(request, id=f"{request.id}-nonce", purpose="Fetch the nonce of the Digest challenge", headers=plain)
    challenge = (await world.sender.send(asking)).exchange
    value = _field_value(request, challenge, user, password)
    return replace(request, headers=(*plain, ("Authorization", value)) if value is not None else plain)


def _field_value(request: Request, challenge: Exchange, user: Secret, password: Secret) -> Secret | None:
    import httpx

    offered = [v for v in challenge.header_all("www-authenticate") if v.lower().lstrip().startswith("digest")]
    if challenge.status != 401 or not offered:
        return None
    url = request.url.reveal() if isinstance(request.url, Secret) else request.url
    message = httpx.Request(request.method, url)
    flow = httpx.DigestAuth(user.reveal(), password.reveal()).auth_flow(message)
    try:
        next(flow)
        answer = flow.send(httpx.Response(401, headers=[("WWW-Authenticate", offered[0])], request=message))
    except (StopIteration, httpx.HTTPError, ValueError, LookupError, NotImplementedError):
        # An algorithm or a quality of protection that no client here can compute: S1-25 judges the challenge itself.
        return None
    return Secret(answer.headers["Authorization"])
