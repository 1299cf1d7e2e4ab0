"""Which lines of a .env file are settings of a profile, and which are its secrets? Guessed from their names, and said."""

from __future__ import annotations

import re
from dataclasses import replace

from authwizard.importers.dotenv import differing, parse_dotenv
from authwizard.importers.imported import Imported, Mapped
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import CredentialSpec, OAuth, Profile
from authwizard.model.secret import Secret

_NOT_OURS = late_pattern(
    r"(?i)(?:^|_)(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|REDIS|SMTP|MAIL|EMAIL|RABBITMQ|AMQP|AWS|S3|CSRF|XSRF|SENTRY|NPM)(?=_|$)"
)
"""Words of a name that tell of another service: a database's password is no API's."""
_NAMES: tuple[tuple[str, str], ...] = (
    (r"CLIENT_SECRET(?:_VALUE)?", "secrets.client_secret"),
    (r"CLIENT_?ID", "oauth.client_id"),
    (r"TOKEN_(?:URL|URI|ENDPOINT)", "oauth.token_url"),
    (r"JWKS_(?:URL|URI)", "oauth.jwks_url"),
    (r"INTROSPECTION_(?:URL|URI|ENDPOINT)", "oauth.introspection_url"),
    (r"REVOCATION_(?:URL|URI|ENDPOINT)", "oauth.revocation_url"),
    (r"ISSUER(?:_UR[LI])?|AUTHORITY", "oauth.issuer"),
    (r"SCOPES?", "oauth.scopes"),
    (r"AUDIENCE", "oauth.audience"),
    (r"REFRESH_TOKEN", "secrets.refresh_token"),
    (r"ID_TOKEN", "secrets.id_token"),
    (r"PRIVATE_KEY", "secrets.private_key"),
    (r"API_?KEY|SUBSCRIPTION_KEY", "secrets.api_key"),
    (r"TOKEN|JWT|BEARER", "secrets.access_token"),
    (r"(?:API_)?(?:USERNAME|USER|LOGIN)", "secrets.username"),
    (r"PASSWORD|PASSWD", "secrets.password"),
    (r"BASE_UR[LI]|API_(?:UR[LI]|HOST|ENDPOINT|BASE)", "base_url"),
)
"""How a name ends, as people write them, and what it means; the first that fits counts."""
_PATTERNS = tuple((late_pattern(rf"(?:.*_)?(?:{pattern})", re.IGNORECASE), becomes) for pattern, becomes in _NAMES)
_REFERS = late_pattern(r"\$(?:\{\w+|\w)")


def read_dotenv(name: str, text: str) -> Imported:
    """Make a profile of a .env file by the names in it; raises ValueError where no name tells of an API or its credentials."""
    rows = parse_dotenv(text, "python-dotenv")
    mapping, values, notes = _assigned(rows)
    if not values:
        raise ValueError(
            f"None of its {len(rows)} names tells of an API or a credential; known are names that end in CLIENT_ID, CLIENT_SECRET, TOKEN_URL, "
            "ISSUER, API_KEY, BASE_URL or TOKEN."
        )
    notes += [
        f"{one} is read with one value by python-dotenv and with another by Node's dotenv; python-dotenv's was taken. Put the value in single quotes."
        for one in differing(text)
        if any(row.source == one and row.becomes for row in mapping)
    ]
    secrets = {place.removeprefix("secrets."): Secret(value) for place, value in values.items() if place.startswith("secrets.")}
    profile = Profile(name, values.get("base_url", ""), "", credential=_credential(secrets, notes), oauth=_oauth(values, secrets))
    return Imported(profile, secrets, tuple(mapping), tuple(notes))


def _assigned(rows: list[tuple[str, str | None]]) -> tuple[list[Mapped], dict[str, str], list[str]]:
    mapping: list[Mapped] = []
    notes: list[str] = []
    values: dict[str, str] = {}
    taken: dict[str, str] = {}
    for source, value in rows:
        becomes = _meaning(source)
        if becomes and becomes in values:
            notes.append(f"{source} looks like {becomes} too, which was taken from {taken[becomes]}.")
            becomes = ""
        elif becomes and not value:
            notes.append(f"{source} has no value.")
            becomes = ""
        elif becomes and value and _REFERS.match(value):
            notes.append(f"{source} refers to another variable, which is not filled in here; write its value.")
            becomes = ""
        if becomes and value:
            values[becomes], taken[becomes] = value, source
        mapping.append(Mapped(source, becomes))
    return mapping, values, notes


def _meaning(name: str) -> str:
    if _NOT_OURS.search(name):
        return ""
    return next((becomes for pattern, becomes in _PATTERNS if pattern.fullmatch(name)), "")


def _oauth(values: dict[str, str], secrets: dict[str, Secret]) -> OAuth | None:
    said = {place.removeprefix("oauth."): value for place, value in values.items() if place.startswith("oauth.")}
    if not said and "client_secret" not in secrets:
        return None
    scopes = tuple(re.split(r"[\s,]+", said.pop("scopes", "").strip()))
    made = OAuth(**said, scopes=tuple(scope for scope in scopes if scope))  # type: ignore[arg-type] # all of these are texts
    if "private_key" in secrets and "client_secret" not in secrets:
        made = replace(made, client_auth="private_key_jwt")
    elif "client_secret" not in secrets:
        made = replace(made, client_auth="none")
    return replace(made, grant="refresh_token") if "refresh_token" in secrets else made


def _credential(secrets: dict[str, Secret], notes: list[str]) -> CredentialSpec:
    if "api_key" in secrets and not secrets.keys() & {"access_token", "client_secret", "refresh_token"}:
        notes.append("The file does not say in which header the API key goes; X-API-Key was taken. Change it with: authwizard profile edit")
        return CredentialSpec("api_key", header="X-API-Key")
    if {"username", "password"} <= secrets.keys() and not secrets.keys() & {"access_token", "client_secret", "api_key"}:
        return CredentialSpec("basic")
    return CredentialSpec()
