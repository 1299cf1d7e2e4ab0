"""Which settings of an imported request would a profiles file refuse as secrets? They become secrets here, or are left out and said.

A profile has room for its credential and for one more; what is beyond that cannot be kept anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from authwizard.importers.request_profile import SHORTEST_IN_PATH, may_be_secret
from authwizard.model.profile import CredentialSpec, Profile
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line

SECOND = "second_credential"
PLACE = f"{{secret:{SECOND}}}"


def literals_apart(profile: Profile, secrets: Mapping[str, Secret]) -> tuple[Profile, Mapping[str, Secret], list[str]]:
    """Return the profile without secrets in header fields and request, its secrets, and what was left out, as sentences."""
    notes: list[str] = []
    found = dict(secrets)
    profile = replace(profile, headers=_headers(profile.headers, found, notes))
    method, _, target = profile.request.partition(" ")
    path, question, query = target.partition("?")
    path = "/".join(_segment(part, found, notes) for part in path.split("/"))
    credential = profile.credential
    pairs = []
    for pair in query.split("&") if question else []:
        name, _, value = pair.partition("=")
        if value == PLACE and found.keys() == {SECOND} and credential == CredentialSpec():  # a token, and nothing beside it
            credential = CredentialSpec("api_key", query=unquote(name))
            found["api_key"] = found.pop(SECOND)
        elif not value or not _refused(f"/?{pair}"):
            pairs.append(pair)
        elif not found and credential == CredentialSpec():
            credential = CredentialSpec("api_key", query=unquote(name))
            found["api_key"] = Secret(unquote(value))
        elif SECOND not in found:
            found[SECOND] = Secret(unquote(value))
            pairs.append(f"{name}={PLACE}")
        else:
            notes.append(f"The parameter {safe_line(name, 60)} was left out: it looks like a secret, and a profile has room for two.")
    asked = f"?{'&'.join(pairs)}" if pairs else ""
    request = f"{method} {path}{asked}" if target else profile.request
    return replace(profile, request=request, credential=credential), found, notes


def _headers(headers: Mapping[str, str], found: dict[str, Secret], notes: list[str]) -> dict[str, str]:
    from authwizard.store.profile_literals import header_secret
    from authwizard.store.profile_rules import HEADER_NAME

    kept: dict[str, str] = {}
    for key, text in headers.items():
        shown, value = safe_line(key, 60), text
        for name, secret in found.items():  # a secret that stands there once more
            if len(secret) >= SHORTEST_IN_PATH and name != "username":
                value = value.replace(secret.reveal(), f"{{secret:{name}}}")
        if not HEADER_NAME.fullmatch(key):
            notes.append(f"The header {shown} was left out: that is no name of a header (RFC 9110 5.1).")
        elif not header_secret(key, value) and not ("{secret:" not in value and may_be_secret(key, value)):
            kept[key] = value
        elif SECOND not in found:
            found[SECOND] = Secret(value)
            kept[key] = PLACE
        else:
            notes.append(f"The header {shown} was left out: it looks like a secret, and a profile has room for two.")
    return kept


def _segment(part: str, found: dict[str, Secret], notes: list[str]) -> str:
    if not part or not _refused(f"/{part}"):
        return part
    if SECOND not in found:
        found[SECOND] = Secret(unquote(part))
        return PLACE
    notes.append("A part of its path was left out, {part}: it looks like a secret, and a profile has room for two. Write the value there.")
    return "{part}"


def _refused(target: str) -> bool:
    from authwizard.store.profile_literals import request_secret

    return request_secret(target)
