"""Rows J: the client at the token endpoint. No access token is stored."""

from __future__ import annotations

from e2e.rig.tokens import key
from e2e.rig.world import Rig
from e2e.rows.table import Rows

J = Rows()


@J.row("J01", "client_credentials_invalid", 3)
def wrong_secret(rig: Rig) -> None:
    """the client secret is wrong"""
    rig.without_token()
    rig.secrets["client_secret"] = "plainly-fake-and-wrong-secret"


@J.row("J02", "whitespace_in_credential", 3)
def blank_after_secret(rig: Rig) -> None:
    """a blank stands after the client secret"""
    rig.without_token()
    rig.secrets["client_secret"] += " "


@J.row("J04", "client_auth_method_wrong", 3, sure="proven")
def basic_not_allowed(rig: Rig) -> None:
    """the client may only use client_secret_post and uses Basic"""
    rig.without_token()
    rig.auth.client.methods = ("client_secret_post",)


@J.row("J05", "client_disabled", 3)
def disabled(rig: Rig) -> None:
    """the client was switched off"""
    rig.without_token()
    rig.auth.client.disabled = True


@J.row("J06", "token_endpoint_wrong", 3)
def not_the_token_endpoint(rig: Rig) -> None:
    """token_url leads to a page that does not exist"""
    rig.without_token()
    rig.profile["oauth"]["token_url"] = f"{rig.auth.issuer}/oauth2/tokens"


@J.row("J08", "grant_not_allowed", 3)
def grant_not_enabled(rig: Rig) -> None:
    """the client may not use client_credentials"""
    rig.without_token()
    rig.auth.client.grants = ("authorization_code",)


@J.row("J10", "client_key_unknown", 3)
def unregistered_key(rig: Rig) -> None:
    """the client signs with a key that is not registered"""
    rig.without_token()
    mine, registered = key("prod-client-old"), key("prod-client")
    rig.auth.client.methods, rig.auth.client.keys = ("private_key_jwt",), (registered,)
    rig.profile["oauth"] |= {"client_auth": "private_key_jwt", "key_id": mine.kid, "assertion_alg": "RS256"}
    del rig.secrets["client_secret"]
    rig.secrets["private_key"] = mine.pem
