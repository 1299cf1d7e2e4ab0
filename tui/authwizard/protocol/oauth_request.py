"""How is a token request written? Grant parameters and client authentication (RFC 6749 2.3, 4.4, 6; RFC 7523)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlencode

from authwizard.model.frozen import dataclass
from authwizard.model.profile import OAuth
from authwizard.model.secret import Secret
from authwizard.protocol.basic import client_payload

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 120
"""How long an assertion lives; shorter than the five minutes that servers commonly allow."""


@dataclass(frozen=True)
class TokenRequest:
    """Header fields and body of a POST to the token or introspection endpoint."""

    headers: tuple[tuple[str, str | Secret], ...]
    body: Secret


def token_request(
    oauth: OAuth,
    *,
    grant: str,
    token_url: str,
    client_secret: str = "",
    private_key: str = "",
    refresh_token: str = "",
    client_auth: str = "",
    form_encoded: bool = True,
    now: float | None = None,
) -> TokenRequest:
    """Return the request of a grant; raises ValueError where the profile lacks what it needs."""
    form: dict[str, str] = {"grant_type": grant}
    if grant == "refresh_token":
        if not refresh_token:
            raise ValueError("There is no refresh token to send.")
        form["refresh_token"] = refresh_token
    else:
        form.update({name: value for name, value in (("audience", oauth.audience), ("resource", oauth.resource)) if value})
        if oauth.scopes:
            form["scope"] = " ".join(oauth.scopes)
    return authenticated(
        oauth, form, token_url=token_url, client_secret=client_secret, private_key=private_key, client_auth=client_auth, form_encoded=form_encoded,
        now=now,
    )  # fmt: skip


def authenticated(
    oauth: OAuth,
    form: Mapping[str, str],
    *,
    token_url: str,
    client_secret: str = "",
    private_key: str = "",
    client_auth: str = "",
    form_encoded: bool = True,
    now: float | None = None,
) -> TokenRequest:
    """Return a form POST with the client's authentication; also for introspection. Raises ValueError where a part is missing."""
    method = client_auth or oauth.client_auth
    members = dict(form)
    headers: list[tuple[str, str | Secret]] = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
    if method == "client_secret_basic":
        headers.append(("Authorization", Secret(f"Basic {client_payload(oauth.client_id, client_secret, form_encoded=form_encoded)}")))
    elif method == "client_secret_post":
        members |= {"client_id": oauth.client_id, "client_secret": client_secret}
    elif method == "private_key_jwt":
        assertion = client_assertion(oauth, token_url, private_key, now)
        members |= {"client_id": oauth.client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion.reveal()}
    elif method in ("none", "tls_client_auth"):
        members["client_id"] = oauth.client_id
    else:
        raise ValueError(f"The client authentication {method} is not known here.")
    return TokenRequest(tuple(headers), Secret(urlencode(members)))


def client_assertion(oauth: OAuth, token_url: str, private_key: str, now: float | None = None) -> Secret:
    """Return a signed client assertion (RFC 7523 3); raises ValueError where the key cannot be used, without quoting it."""
    import uuid

    import jwt

    if not private_key:
        raise ValueError("No private key is stored for the client assertion.")
    issued = int(time.time() if now is None else now)
    claims = {
        "iss": oauth.client_id, "sub": oauth.client_id, "aud": oauth.assertion_audience or token_url, "jti": str(uuid.uuid4()),
        "iat": issued, "exp": issued + ASSERTION_SECONDS,
    }  # fmt: skip
    try:
        return Secret(
            jwt.encode(claims, private_key, algorithm=oauth.assertion_alg, headers={"kid": oauth.key_id} if oauth.key_id else None)
        )
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as error:
        # The library's text may quote the key, so only its kind is told.
        raise ValueError(
            f"The private key cannot sign with {oauth.assertion_alg} ({type(error).__name__}): is it the right PEM key?"
        ) from None
