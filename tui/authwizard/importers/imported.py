"""What would a document at hand become: which settings, which secrets, which references? Made in memory; nothing is written here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from authwizard.importers.literals_apart import literals_apart
from authwizard.importers.request import ImportedRequest
from authwizard.importers.request_profile import api_profile, code_of, left_out, token_profile
from authwizard.importers.shell_words import CLOSES, OPENS, may_be_named
from authwizard.model.errors import ConfigError
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret

MOST_HEADERS = 200
"""Header fields of a request that are taken; servers refuse more than a hundred or so."""
SHORTEST = 8
"""Characters below which a secret stands in a setting by chance."""
_MARK = late_pattern(rf"{OPENS}(\w+){CLOSES}")
_ENCODED_MARK = late_pattern(rf"{quote(OPENS)}(\w+?){quote(CLOSES)}", re.IGNORECASE)
_STAND_IN = ("https://missing.invalid", "GET /")


@dataclass(frozen=True)
class Mapped:
    """Where a name of the document went: `becomes` is a setting's or secret's place in the profile, "" = it was not taken."""

    source: str
    becomes: str


@dataclass(frozen=True, repr=False)
class Imported:
    """A profile and its secrets as a document describes them. It holds secrets in clear, so it has no useful repr.

    `missing` names required settings (base_url, request) that the document does not tell; they are "" in the profile. `notes` are
    sentences without a secret.
    """

    profile: Profile
    secrets: Mapping[str, Secret]
    mapping: tuple[Mapped, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Imported {self.profile.name}, {len(self.secrets)} secrets>"

    @property
    def missing(self) -> tuple[str, ...]:
        """The required settings that are not known yet."""
        return tuple(name for name in ("base_url", "request") if not getattr(self.profile, name))


def of_request(name: str, request: ImportedRequest, notes: Iterable[str] = ()) -> Imported:
    """Make a profile of one request, an API call or a token request; raises ValueError with the reason where that cannot be done."""
    said = [*notes, *request.notes, *_remarks(request)]
    if len(request.headers) > MOST_HEADERS:
        request = replace(request, headers=request.headers[:MOST_HEADERS])
        said.append(f"Of its header fields, the first {MOST_HEADERS} were taken.")
    _refuse_mark(request.url.partition("?")[0])
    if request.is_token_request:
        profile, secrets = token_profile(name, request)
        # The token endpoint is no API: which request fails has to be said.
        profile = replace(profile, base_url="", request="")
        if code_of(request) is not None:
            said.append("The code in it works once, so it is not kept.")
    else:
        profile, secrets, left = literals_apart(*api_profile(name, request))
        said += left
    profile, secrets = _referred(profile, secrets)
    return Imported(profile, secrets, notes=tuple(dict.fromkeys(said)))


def checked(imported: Imported) -> Imported:
    """Return what was imported once it is sure that a profiles file may hold its settings; raises ValueError with the reason."""
    from authwizard.store.profile_toml import plain, profile_toml
    from authwizard.store.profiles import parse_profiles

    profile = imported.profile
    settings = json.dumps(plain(replace(profile, secrets={})), ensure_ascii=False, default=str)
    for field, secret in imported.secrets.items():
        if field != "username" and len(secret) >= SHORTEST and json.dumps(secret.reveal(), ensure_ascii=False)[1:-1] in settings:
            raise ValueError(f"Its {field} stands in a setting as well (an address or a header), and a profile never holds a secret.")
    whole = replace(profile, base_url=profile.base_url or _STAND_IN[0], request=profile.request or _STAND_IN[1])
    try:
        parse_profiles(profile_toml(whole), "The profile it would become")
    except ConfigError as error:
        raise ValueError(str(error)) from None
    return imported


def _remarks(request: ImportedRequest) -> Iterable[str]:
    left = left_out(request)
    if left:
        yield f"Of the request, a profile does not keep {', '.join(left)}."
    if request.insecure:
        yield "The command does not check certificates (-k); authwizard does."
    if request.certificate:
        yield "The command shows a client certificate; name its file as client_cert under network."


def _referred(profile: Profile, secrets: Mapping[str, Secret]) -> tuple[Profile, Mapping[str, Secret]]:
    """Make a reference `env:NAME` of each secret that is a shell variable; raises ValueError for a variable anywhere else."""
    from authwizard.store.profile_toml import plain

    references, kept = dict(profile.secrets), {}
    for field, secret in secrets.items():
        text = secret.reveal()
        whole = _MARK.fullmatch(text)
        if whole is not None:
            references[field] = Reference(f"env:{whole[1]}")
        elif found := _MARK.search(text):
            raise ValueError(
                f"Its {field} is put together of text and {_variable(found)}, and a reference names a whole value; "
                "fill the variable in, or let one variable hold all of it."
            )
        else:
            kept[field] = secret
    _refuse_mark(json.dumps(plain(profile), ensure_ascii=False, default=str))
    return replace(profile, secrets=references), kept


def _refuse_mark(settings: str) -> None:
    left = _MARK.search(settings) or _ENCODED_MARK.search(settings)
    if left is not None:
        said = _variable(left)
        raise ValueError(f"{said[0].upper()}{said[1:]} stands in a setting (an address, a header, an id); fill its value in.")


def _variable(found: re.Match[str]) -> str:
    """Name a variable, unless it stands in the middle of a word and may be a part of a secret."""
    named = may_be_named(unquote(found.string[max(0, found.start() - 3) : found.start()]))
    return f"the shell variable {found[1]}" if named else "a shell variable in the middle of a word"
