"""Which settings hold a value that the document marks as secret? They are secrets then, and no profile holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from authwizard.importers.imported import Imported
from authwizard.model.profile import CredentialSpec
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line

SHORTEST = 4
"""Characters below which a value stands in a setting by chance."""


def marked_apart(made: Imported, marked: Iterable[str]) -> Imported:
    """Move marked values out of header fields and the request; raises ValueError where one stands in a setting that cannot name a secret."""
    from authwizard.store.profile_toml import plain

    for value in dict.fromkeys(value for value in marked if len(value) >= SHORTEST):
        made = _without(made, value)
        if value in repr(plain(made.profile)):
            raise ValueError(
                "A variable that Postman marks as secret would become a setting (its address or its client); a profile holds none."
            )
    return made


def _without(made: Imported, value: str) -> Imported:
    profile, secrets, notes = made.profile, dict(made.secrets), list(made.notes)
    headers = dict(profile.headers)
    for key, text in profile.headers.items():
        if value not in text:
            continue
        if not secrets and profile.credential == CredentialSpec():  # nothing else stands for the credential
            del headers[key]
            profile = replace(profile, credential=CredentialSpec("api_key", header=key))
            secrets["api_key"] = Secret(text)
        elif secrets.get("second_credential", Secret(text)).reveal() == text:
            headers[key] = "{secret:second_credential}"
            secrets["second_credential"] = Secret(text)
        else:
            del headers[key]
            notes.append(f"The header {safe_line(key, 60)} was left out: it is secret, and a profile has room for two credentials.")
    request = profile.request
    if value in request and secrets.get("second_credential", Secret(value)).reveal() == value:
        request = request.replace(value, "{secret:second_credential}")
        secrets["second_credential"] = Secret(value)
    return replace(made, profile=replace(profile, headers=headers, request=request), secrets=secrets, notes=tuple(notes))
