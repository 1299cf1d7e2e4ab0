"""Which profiles does `profiles.toml` hold, and if it is wrong: where, and what was meant?

TOML to the frozen dataclasses of `model.profile`: secrets in the open are refused first, then unknown fields, types and rules.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from authwizard.model.errors import ConfigError
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import SECRET_FIELDS, CredentialSpec, Endpoint, Expect, Links, Network, OAuth, Profile, Reference
from authwizard.protocol.clean import safe_line
from authwizard.store.profile_errors import BadField, closest, config_error, shown_key
from authwizard.store.profile_literals import check_literals, without_literals
from authwizard.store.profile_rules import check_profile, check_references
from authwizard.store.toml_lines import locate
from authwizard.store.typed import Reader

VERSION = 1
MAX_BYTES = 4 * 1024 * 1024
"""A stranger's directory may hold a link to an endless device under the name of a profiles file."""
NAME = late_pattern(r"[^\W_][\w.-]{0,63}")
"""A profile's name: it becomes part of the service name in the keyring and an argument on the command line."""

_TABLE_OF: Mapping[type, str] = {
    Profile: "", CredentialSpec: "credential", OAuth: "oauth", Expect: "expect", Network: "network", Links: "links", Endpoint: "endpoints",
}  # fmt: skip
_MEANT: Mapping[str, str] = {
    "url": "base_url", "baseurl": "base_url", "host": "base_url", "endpoint": "request", "env": "environment", "scope": "scopes",
    "token_endpoint": "token_url", "jwks_uri": "jwks_url", "auth_method": "client_auth", "grant_type": "grant", "kid": "key_id",
    "type": "kind", "timeout": "timeout_seconds", "leeway": "leeway_seconds", "ca": "ca_bundle", "cert": "client_cert",
    "token": "access_token", "bearer": "access_token", "secret": "client_secret", "key": "api_key", "user": "username",
    "cookie": "session_cookie",
}  # fmt: skip


def load_profiles(path: Path, *, must_exist: bool = False, in_the_open: bool = False) -> dict[str, Profile]:
    """Read all profiles of a file, in its order; a file that does not exist holds none unless `must_exist`.

    `in_the_open`: secrets that stand in the file are left out instead of refused, for the command that stores them elsewhere.

    Raises ConfigError with file, line, key and what to do.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(f"{safe_line(str(path))}: there is no such file.") from None
        return {}
    except OSError as exc:
        raise ConfigError(f"{safe_line(str(path))} cannot be read: {exc.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{safe_line(str(path))} is larger than {MAX_BYTES // 1024**2} MiB, which no profiles file is.")
    return parse_profiles(decoded(data, str(path)), str(path), in_the_open=in_the_open)


def parse_profiles(text: str, source: str, *, in_the_open: bool = False) -> dict[str, Profile]:
    """Read all profiles of a text; `source` names it in errors, `in_the_open` as in `load_profiles`. Raises ConfigError."""
    source = safe_line(source)
    document = parse_toml(text, source)
    try:
        return _profiles(document, in_the_open)
    except BadField as exc:
        raise config_error(source, locate(text), exc.problem) from None


def decoded(data: bytes, source: str) -> str:
    """Decode a configuration file; TOML is UTF-8. Raises ConfigError with the line of the first wrong byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
    raise ConfigError(f"{safe_line(source)}, line {line}: the file is not UTF-8 text. Save it as UTF-8.")


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """Parse TOML; raises ConfigError with the line and what the parser says (never the text of a value)."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        what, _, where = str(exc).partition(" (at ")
        line, _, column = where.rstrip(")").partition(", ")
        at = f", {line}, {column}" if column else ", at the end"
    except RecursionError:
        what, at = "the text is nested too deeply", ""
    raise ConfigError(f"{source}{at}: this is not valid TOML: {safe_line(what, 120)}.")


def _profiles(document: Mapping[str, Any], in_the_open: bool) -> dict[str, Profile]:
    for key in document:
        if key not in ("version", "profile"):
            raise BadField((key,), f"{shown_key(key)} is not a field here; a profile is a table [profile.NAME]")
    if document.get("version", VERSION) != VERSION or isinstance(document.get("version"), bool):
        raise BadField(("version",), f"must be {VERSION}: this authwizard reads no other version of the file")
    tables = document.get("profile", {})
    if not isinstance(tables, dict):
        raise BadField(("profile",), "must be a table [profile.NAME]")
    profiles = {name: _profile(name, table, in_the_open) for name, table in tables.items()}
    for profile in profiles.values():
        check_references(profile, profiles)
    return profiles


def _profile(name: str, table: object, in_the_open: bool) -> Profile:
    path = ("profile", name)
    if not NAME.fullmatch(name):
        raise BadField(path, "a profile's name is letters, digits, '.', '_' and '-', at most 64, and starts with a letter or digit")
    if not isinstance(table, dict):
        raise BadField(path, "must be a table [profile.NAME]")
    if in_the_open:
        table = without_literals(table)
    else:
        check_literals(name, table)
    _check_secret_names(name, table.get("secrets", {}))
    reader = Reader(lambda cls, key: _unknown(name, cls, key), {Reference: "ref"})
    profile = reader.build(Profile, table, path, name=name)
    check_profile(profile)
    return profile


def _check_secret_names(name: str, table: object) -> None:
    """Refuse a secret of a name that does not exist (the dataclass has a mapping there, which takes any)."""
    for key in table if isinstance(table, dict) else ():
        if key not in SECRET_FIELDS:
            meant = _MEANT.get(key.lower()) or closest(key, SECRET_FIELDS)
            hint = f"did you mean {meant}?" if meant in SECRET_FIELDS else f"fields are: {', '.join(SECRET_FIELDS)}"
            raise BadField(("profile", name, "secrets", key), f"{shown_key(key)} is not a field; {hint}")


def _unknown(name: str, cls: type, key: str) -> str:
    """Say what an unknown key probably means: a secret, a misspelt field, a field of another table."""
    shown = shown_key(key)
    if cls is Profile and key == "name":
        return "the name is the one in [profile.NAME]; delete this line"
    if cls is Reference:
        return f"{shown} is not a field; a reference is text, or has ref, cmd, created and rotate_days"
    if key in SECRET_FIELDS:
        return (
            f"{shown} is a secret, and this file never holds one. Run: authwizard store set {name} {key}; then delete this line "
            f'(or write a reference such as "env:NAME" under [profile.{name}.secrets])'
        )
    own = [field.name for field in fields(cls) if not (cls is Profile and field.name == "name")]
    alias = _MEANT.get(key.lower())
    meant = alias if alias in own else None if _is_elsewhere(key) else closest(key, own)
    if meant:
        return f"{shown} is not a field; did you mean {meant}?"
    elsewhere = _elsewhere(key)
    if elsewhere:
        table, field = elsewhere
        return f"{shown} is not a field here; {field} belongs in [profile.{name}{'.' + table if table else ''}]"
    return f"{shown} is not a field here; fields are: {', '.join(own)}"


def _is_elsewhere(key: str) -> bool:
    """Tell whether a key is exactly a field of some table, spelling of words aside."""
    return key.replace("_", "").replace("-", "").lower() in {name.replace("_", "") for name in _places()}


def _elsewhere(key: str) -> tuple[str, str] | None:
    """Return the table and field that a key means in another place of a profile."""
    places = _places()
    meant = _MEANT.get(key.lower()) or closest(key, places)
    return (places[meant], meant) if meant else None


def _places() -> dict[str, str]:
    """Return every field of a profile with the table it is in ("" = the profile's own)."""
    found = dict.fromkeys(SECRET_FIELDS, "secrets")
    for cls, table in _TABLE_OF.items():
        found |= {field.name: table for field in fields(cls) if field.name not in found}
    del found["name"]
    return found
