"""What goes out as credential, and may it go out at all? (DESIGN "What is sent", RFC 9110 5.5) Nothing is trimmed or split."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import SECRET_OF_KIND, CredentialSpec
from authwizard.protocol.token_letters import name_of

_FORBIDDEN = late_pattern(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")


@dataclass(frozen=True)
class Composed:
    """The credential as it is sent. `field_value` is secret: callers wrap it.

    `missing` names the secret fields that are not there; `why` says in a sentence why nothing could be composed.
    """

    place: Literal["header", "query", "cookie"]
    name: str
    field_value: str | None = field(default=None, repr=False)
    missing: tuple[str, ...] = ()
    why: str = ""
    whole: bool = False
    """The stored secret is the whole field value (`secrets.authorization`)."""
    colon_in_user: bool = False
    """The user name of Basic holds a colon, so that its end cannot be told (RFC 7617 2)."""


def compose(spec: CredentialSpec, values: Mapping[str, str]) -> Composed:
    """Put stored secrets into the place and form the profile asks for.

    Args:
        spec: Where and how the credential is sent.
        values: Secret texts by field name; `authorization` is the whole field value and wins over the others.
    """
    if values.get("authorization"):
        return Composed("header", spec.header or "Authorization", values["authorization"], whole=True)
    if spec.kind in ("digest", "mtls"):
        why = "Digest answers a challenge of the server." if spec.kind == "digest" else "The client certificate is the credential."
        return Composed(spec.place, spec.name, None, _missing(spec, values), why)
    missing = _missing(spec, values)
    if missing:
        return Composed(spec.place, spec.name, None, missing)
    if spec.kind == "basic":
        return _basic(spec, values["username"], values.get("password", ""))
    value = values[{"api_key": "api_key", "cookie": "session_cookie"}.get(spec.kind, "access_token")]
    return Composed(spec.place, spec.cookie if spec.place == "cookie" else spec.name, _with_scheme(spec, value))


def sendable(field_value: str) -> str | None:
    """Say why a value cannot stand in a header field as it is (RFC 9110 5.5), naming place and code point; None where it can."""
    match = _FORBIDDEN.search(field_value)
    if match:
        character = match.group()
        kind = "has no place in a header field" if ord(character) < 0x100 else "is not one byte, as header fields want"
        return f"Character {match.start() + 1} of the field is {name_of(character)}, which {kind}."
    for index, end in ((0, "beginning"), (len(field_value) - 1, "end")):
        if field_value and field_value[index] in " \t":
            return (
                f"Character {index + 1} of the field, at its {end}, is {name_of(field_value[index])}: clients refuse it or drop it there."
            )
    return None


def _missing(spec: CredentialSpec, values: Mapping[str, str]) -> tuple[str, ...]:
    needed = (name for name in SECRET_OF_KIND[spec.kind] if name not in ("dpop_key", "password"))
    return tuple(name for name in needed if not values.get(name))


def _with_scheme(spec: CredentialSpec, value: str) -> str:
    # the scheme of a kind is for header fields; a parameter or cookie has one only where it is written
    word = spec.scheme_word if spec.place == "header" else spec.scheme or ""
    return f"{word} {value}" if word else value


def _basic(spec: CredentialSpec, user: str, password: str) -> Composed:
    try:
        payload = base64.b64encode(f"{user}:{password}".encode(spec.charset)).decode("ascii")
    except UnicodeEncodeError as error:
        letter = name_of(error.object[error.start])
        return Composed(spec.place, spec.name, None, (), f"The user name or password holds {letter}, which {spec.charset} cannot write.")
    return Composed(spec.place, spec.name, _with_scheme(spec, payload), colon_in_user=":" in user)
