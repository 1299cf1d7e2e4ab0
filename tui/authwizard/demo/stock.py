"""How are the practice profile's secrets made, so that they are wrong in just the way a fault wants?"""

from __future__ import annotations

from urllib.parse import urlsplit

from authwizard.demo.authorization_code import PRACTICE_USER
from authwizard.demo.environment import KEY_PREFIXES, Environment, new_secret
from authwizard.demo.holdings import Holdings, StoredToken
from authwizard.demo.ledger import REFRESH_LIFETIME
from authwizard.demo.tokens import Authority, access_claims, validity
from authwizard.model.secret import Secret


def held_secrets(held: Holdings, prod: Environment, staging: Environment, *, key_rotated: bool) -> dict[str, Secret]:
    """Return the secrets of the profile `demo` by field."""
    made = _client_secrets(held, prod) | _other_kinds(held, prod, staging)
    family = ""
    if held.refresh_token != "none" or held.access_token == "refresh_token":
        value, family = _refresh_token(held, prod)
        made["refresh_token"] = Secret(value)
    if held.access_token == "refresh_token":
        made["access_token"] = made["refresh_token"]
    elif isinstance(held.access_token, StoredToken):
        source = {"prod": prod, "staging": staging}[held.access_token.environment]
        made["access_token"] = Secret(stored_token(held.access_token, held, source, key_rotated=key_rotated, family=family))
    return made


def staging_secrets(held: Holdings, staging: Environment) -> dict[str, Secret]:
    """Return the secrets of the profile `staging`, which are all in order."""
    if held.api_key != "none":
        return {"api_key": staging.api_key}
    token = stored_token(StoredToken(environment="staging"), held, staging)
    return {"access_token": Secret(token), "client_secret": staging.client.secret}


def stored_token(recipe: StoredToken, held: Holdings, source: Environment, *, key_rotated: bool = False, family: str = "") -> str:
    """Make an access token as its environment would have issued it then, and let happen to it what the recipe says."""
    auth = source.auth
    times = validity(auth.clock.now() - recipe.age, postponed=recipe.postponed)
    authority = _authority(held, source, recipe.audience)
    claims = access_claims(_issuer(auth.issuer, recipe.issuer_host), authority, times)
    if recipe.revoked:
        auth.ledger.revoke_access_token(claims["jti"])
    if family:
        auth.ledger.join_family(claims["jti"], family)
    return recipe.damage(auth.sign_access_token(claims, source.former_key if key_rotated else None))


def _authority(held: Holdings, source: Environment, audience: str = "") -> Authority:
    granted = tuple(s for s in held.scopes if s in source.client.settings.scopes)
    subject = PRACTICE_USER if held.refresh_token != "none" else source.client.id
    return Authority(source.client.id, subject, granted, audience or source.audience)


def _issuer(issuer: str, host: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{host}:{parts.port}" if host else issuer


def _refresh_token(held: Holdings, prod: Environment) -> tuple[str, str]:
    ledger, now = prod.auth.ledger, prod.auth.clock.now()
    left = -3600 if held.refresh_token == "expired" else REFRESH_LIFETIME
    value, family = ledger.new_refresh_token(_authority(held, prod), now + left)
    if held.refresh_token == "used":
        record = ledger.spend(value, prod.client.id, now)
        ledger.new_refresh_token(record.authority, now + left, family)
    return value, family


def _client_secrets(held: Holdings, prod: Environment) -> dict[str, Secret]:
    if held.private_key:
        return {"private_key": prod.client.key.pem()}
    if held.client_secret == "none":
        return {}
    return {"client_secret": prod.client.secret if held.client_secret == "right" else new_secret()}


def _other_kinds(held: Holdings, prod: Environment, staging: Environment) -> dict[str, Secret]:
    keys = {"own": prod.api_key, "staging": staging.api_key, "unknown": new_secret(KEY_PREFIXES["prod"])}
    made = {"api_key": keys[held.api_key]} if held.api_key != "none" else {}
    if held.login:
        user, password = prod.login
        made |= {"username": Secret(user), "password": password}
    return made
