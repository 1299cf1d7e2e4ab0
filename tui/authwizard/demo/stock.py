"""How are the practice profile's secrets made, so that they are wrong in just the way a fault wants?"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from secrets import token_bytes, token_hex
from typing import Any
from urllib.parse import urlsplit

from authwizard.demo.authorization_code import PRACTICE_USER
from authwizard.demo.environment import KEY_PREFIXES, Environment, new_secret
from authwizard.demo.holdings import Holdings, StoredToken
from authwizard.demo.keys import SigningKey, new_key
from authwizard.demo.ledger import REFRESH_LIFETIME
from authwizard.demo.settings import HOUR
from authwizard.demo.tokens import Authority, access_claims, validity
from authwizard.demo.wording import REALM
from authwizard.model.secret import Secret
from authwizard.probes.dpop import thumbprint
from authwizard.protocol.digest import Login, field_value


def held_secrets(held: Holdings, prod: Environment, staging: Environment, *, key_rotated: bool) -> dict[str, Secret]:
    """Return the secrets of the profile `demo` by field."""
    made = _client_secrets(held, prod) | _other_kinds(held, prod, staging)
    family = ""
    key = new_key("dpop") if isinstance(held.access_token, StoredToken) and held.access_token.bound_to == "key" else None
    if key is not None:
        made["dpop_key"] = key.pem()
    if held.refresh_token != "none" or held.access_token == "refresh_token":
        value, family = _refresh_token(held, prod)
        made["refresh_token"] = Secret(value)
    if held.access_token == "refresh_token":
        made["access_token"] = made["refresh_token"]
    elif isinstance(held.access_token, StoredToken):
        source = {"prod": prod, "staging": staging}[held.access_token.environment]
        made["access_token"] = Secret(stored_token(held.access_token, held, source, key_rotated=key_rotated, family=family, key=key))
    return made


def staging_secrets(held: Holdings, staging: Environment) -> dict[str, Secret]:
    """Return the secrets of the profile `staging`, which are all in order."""
    if held.api_key != "none":
        return {"api_key": staging.api_key}
    token = stored_token(StoredToken(environment="staging"), held, staging)
    return {"access_token": Secret(token), "client_secret": staging.client.secret}


def stored_token(
    recipe: StoredToken, held: Holdings, source: Environment, *, key_rotated: bool = False, family: str = "", key: SigningKey | None = None
) -> str:  # fmt: skip
    """Make an access token as its environment would have issued it then, and let happen to it what the recipe says."""
    auth = source.auth
    times = validity(auth.clock.now() - recipe.age, postponed=recipe.postponed)
    authority = _authority(held, source, recipe.audience)
    claims = access_claims(_issuer(auth.issuer, recipe.issuer_host), authority, times)
    claims |= _bound(recipe, key)
    if recipe.revoked:
        auth.ledger.revoke_access_token(claims["jti"])
    if family:
        auth.ledger.join_family(claims["jti"], family)
    return recipe.damage(auth.sign_access_token(claims, source.former_key if key_rotated else None))


def _bound(recipe: StoredToken, key: SigningKey | None) -> dict[str, Any]:
    """What a token says of the key it belongs to (RFC 7800), and of the groups of its subject."""
    groups = {"groups": [f"cn=team-{n:04},ou=groups,dc=company-x" for n in range(recipe.groups)]} if recipe.groups else {}
    if key is not None:
        return {**groups, "cnf": {"jkt": thumbprint(key.pem())}}
    if recipe.bound_to == "certificate":
        return {**groups, "cnf": {"x5t#S256": urlsafe_b64encode(token_bytes(32)).rstrip(b"=").decode()}}
    return groups


def _kept_digest(user: str, password: Secret, prod: Environment) -> Secret:
    """The answer to a Digest challenge of an hour ago, as a program that does not ask again still sends it."""
    challenge = {"realm": REALM, "nonce": prod.api.gate.nonces.new(age=HOUR), "algorithm": "SHA-256", "qop": "auth"}
    return Secret(field_value(challenge, "GET", "/v2/organizations/current", Login(user, password.reveal(), token_hex(8))))


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
    if held.client_secret == "padded":
        return {"client_secret": prod.padded_secret}
    return {"client_secret": prod.client.secret if held.client_secret == "right" else new_secret()}


def _other_kinds(held: Holdings, prod: Environment, staging: Environment) -> dict[str, Secret]:
    keys = {
        "own": prod.api_key, "staging": staging.api_key, "unknown": new_secret(KEY_PREFIXES["prod"]), "expired": prod.expired_key,
    }  # fmt: skip
    made = {"api_key": keys[held.api_key]} if held.api_key != "none" else {}
    if held.login:
        user, password = prod.login
        made |= {"username": Secret(user), "password": password}
        if held.kept_digest:
            made["authorization"] = _kept_digest(user, password, prod)
    if held.session:
        made["session_cookie"] = new_secret()
    return made
