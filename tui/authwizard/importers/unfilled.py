"""What becomes of a place whose variable has no value in the document at hand? It stays open, and is said: nothing is made up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from urllib.parse import unquote

from authwizard.importers.imported import Imported
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import CredentialSpec, OAuth
from authwizard.protocol.clean import safe_line

OPENS, CLOSES = "\ue010", "\ue011"
"""Of private use: they stand around the name of a variable without a value, until the profile is made."""
NOWHERE = "https://missing.invalid"
"""Stands for the address of an API that the document does not tell, until the profile is made (RFC 2606)."""
MOST_ROUNDS = 10
"""How often the value of a variable may name another variable."""
MOST_GROWN = 1 << 14
"""Characters up to which values are put in: a few variables that name each other can be made to grow without end."""
_VARIABLE = late_pattern(r"\{\{\s*([^{}]+?)\s*\}\}")
_MARK = late_pattern(f"{OPENS}([^{OPENS}{CLOSES}]*){CLOSES}")
_ENCODED = late_pattern("(?i)%ee%80%9[01]")


def filled(text: str, given: Mapping[str, str]) -> str:
    """Put the values of variables (`{{name}}`) into a text, and a mark where one has none."""
    most = max(MOST_GROWN, 2 * len(text))
    for _ in range(MOST_ROUNDS):
        if "{{" not in text or len(text) > most:
            break
        text = _VARIABLE.sub(lambda found: given.get(found[1]) or _mark(found[1]), text)
    return _VARIABLE.sub(lambda found: _mark(found[1]), text)  # variables that name each other in a circle have no value


def _mark(name: str) -> str:
    return f"{OPENS}{re.sub(r'[^A-Za-z0-9_.$-]+', '_', name)}{CLOSES}"


def named(text: str) -> tuple[str, ...]:
    """Return the names of the variables without a value in a text, each once."""
    return tuple(dict.fromkeys(safe_line(name, 60) for name in _MARK.findall(text)))


def settled(made: Imported) -> Imported:
    """Take the marks out of what was made: such a secret is still to be stored, such a header is left out, a place in the address stays to
    be filled in, and every other setting is left empty. Each is said in a note.
    """
    notes: list[str] = []
    profile = made.profile
    secrets = {}
    for field, secret in made.secrets.items():
        names = named(secret.reveal())
        if names:
            notes.append(f"Its {field} is not known here: the variable {' and '.join(names)} has no value.")
        else:
            secrets[field] = secret
    headers = {}
    for key, value in profile.headers.items():
        names = named(key + value)
        if names:
            notes.append(f"The header {safe_line(_MARK.sub(_place, key), 60)} was left out: its variable {names[0]} has no value here.")
        else:
            headers[key] = value
    target = _ENCODED.sub(lambda found: unquote(found[0]), profile.request)
    places = named(target)
    if places:
        notes.append(f"Its address has a place to fill in: {', '.join(f'{{{name}}}' for name in places)}. Write the value there.")
    base = "" if profile.base_url.startswith(NOWHERE) else profile.base_url
    return replace(
        made,
        profile=replace(
            profile, base_url=base, request=_MARK.sub(_place, target), headers=headers, credential=_credential(profile.credential, notes),
            oauth=_oauth(profile.oauth, notes) if profile.oauth is not None else None,
        ),
        secrets=secrets,
        notes=tuple(dict.fromkeys(_MARK.sub(_place, note) for note in (*made.notes, *notes))),
    )  # fmt: skip


def _place(found: re.Match[str]) -> str:
    return f"{{{found[1].lstrip('$')}}}"


def _credential(spec: CredentialSpec, notes: list[str]) -> CredentialSpec:
    """A place of the credential that is a variable is not known; its kind is."""
    open_ = {field.name: "" for field in fields(spec) if named(str(getattr(spec, field.name)))}
    if open_:
        notes.append(f"Where its credential goes is not known here: {' and '.join(open_)} is a variable without a value.")
    return replace(spec, **open_) if open_ else spec  # type: ignore[arg-type]


def _oauth(oauth: OAuth, notes: list[str]) -> OAuth:
    empty = {name: () if name == "scopes" else "" for name, value in _settings(oauth) if named(value)}
    if oauth.token_url.startswith(NOWHERE):
        empty["token_url"] = ""
    if empty:
        notes.append(f"Of its client, {', '.join(empty)} is not known here: a variable has no value.")
    return replace(oauth, **empty) if empty else oauth  # type: ignore[arg-type]


def _settings(oauth: OAuth) -> Iterator[tuple[str, str]]:
    for field in fields(oauth):
        value = getattr(oauth, field.name)
        yield field.name, " ".join(value) if isinstance(value, tuple) else str(value)
