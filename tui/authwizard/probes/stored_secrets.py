"""Which secrets of this profile are there, and is something wrong with their bytes?"""

from __future__ import annotations

import asyncio
import base64
import re

from authwizard.model.evidence import Absence, SecretState, StoredSecrets
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import Cost
from authwizard.model.profile import SECRET_FIELDS, SECRET_OF_KIND, Profile
from authwizard.model.secret import Secret
from authwizard.model.token import GUESS, HINT, TokenFault
from authwizard.model.vault import SecretRead
from authwizard.probe import World, probe
from authwizard.probes.masking import register, register_pair
from authwizard.probes.request_text import fields_in
from authwizard.protocol.clean import safe_line
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.key_text import key_fault
from authwizard.protocol.placeholder import placeholder_of
from authwizard.protocol.token_letters import first_words, letters_of
from authwizard.protocol.token_wrap import peel

_TOKENS = frozenset({"access_token", "refresh_token", "id_token"})
_FREE_TEXT = frozenset({"username", "password", "private_key", "dpop_key", "shared_secret", "authorization", "session_cookie"})
"""Fields whose blanks, quotes and other letters may be meant: only line breaks at the end and placeholders are faults."""
_GUID = late_pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_QUOTED = late_pattern(r"""(["'`]).+\1""", re.DOTALL)


@probe("stored_secrets", purpose="Read the stored secrets", cost=Cost.C0)
async def stored_secrets(world: World) -> StoredSecrets | Absence:
    """Every secret this profile can use; each is made known to the redactor before anything else happens with it."""
    reads = await asyncio.gather(*(world.vault.read(name) for name in fields_of(world.profile)))
    for read in reads:
        if read.secret is not None:
            register(world.redactor, read.field, read.secret)
    _register_pairs(world, {r.field: r.secret for r in reads if r.secret is not None})
    return StoredSecrets({r.field: _state(world, r) for r in reads})


def fields_of(profile: Profile) -> tuple[str, ...]:
    """Return the fields a profile can use: by its kind and client, named as references, or named in its requests."""
    wanted = {*SECRET_OF_KIND[profile.credential.kind], "authorization", *profile.secrets}
    if profile.credential.kind in ("bearer", "dpop"):
        wanted |= {"id_token", "shared_secret", "dpop_key"}
    if profile.credential.kind != "mtls":
        wanted.add("second_credential")
    if profile.oauth is not None:
        wanted |= {"refresh_token", "private_key" if profile.oauth.client_auth == "private_key_jwt" else "client_secret"}
    texts = (profile.base_url, profile.request, profile.probe, profile.whoami, profile.origin_url, *profile.headers.values())
    wanted.update(name for text in (*texts, *(e.request for e in profile.endpoints)) for name in fields_in(text))
    return tuple(name for name in SECRET_FIELDS if name in wanted)


def faults_in(field: str, text: str) -> tuple[TokenFault, ...]:
    """Return what is wrong with the bytes of a stored secret, as far as its field allows to tell."""
    template = placeholder_of(text)
    # Some APIs take the very word "token" or "api" as user name.
    if template and not (field == "username" and text.isalnum()):
        return (TokenFault("placeholder_value", f"The value is {template}.", "value"),)
    if field in _TOKENS:
        return tuple(TokenFault(layer.cause, layer.text, "value", layer.position if not n else None) for n, layer in enumerate(peel(text)))
    if field == "private_key":
        wrong = key_fault(text)
        return (TokenFault("client_assertion_invalid", wrong, "value"),) if wrong else ()
    looks = (_blank_ends, _letters, _quotes, _identifier, _encoded, _prompt)
    return tuple(fault for look in looks if (fault := look(field, text)) is not None)


def _blank_ends(field: str, text: str) -> TokenFault | None:
    stripped = text.rstrip("\r\n") if field in _FREE_TEXT else text.strip()
    if stripped == text or field in ("private_key", "dpop_key"):
        return None
    position = 0 if text[:1].isspace() and field not in _FREE_TEXT else len(text.rstrip())
    what = "A line break stands" if text[len(text.rstrip()) :].strip(" \t") or "\n" in text else "White space stands"
    where = "in front of the value" if position == 0 else "behind the value"
    return TokenFault("whitespace_in_credential", f"{what} {where}.", "value", position)


def _letters(field: str, text: str) -> TokenFault | None:
    """Characters nobody sees are a fault in any key; other letters are not, they may be meant."""
    found = letters_of(text)
    if field in _FREE_TEXT or not found.invisible:
        return None
    return TokenFault("invisible_characters", first_words(text, found.invisible), "value", found.invisible[0])


def _quotes(field: str, text: str) -> TokenFault | None:
    if field in _FREE_TEXT or not _QUOTED.fullmatch(text.strip()):
        return None
    return TokenFault("quotes_in_token", "Quotes stand around the value; they were taken as part of it.", "value", text.find(text.strip()))


def _identifier(field: str, text: str) -> TokenFault | None:
    if field != "client_secret" or not _GUID.fullmatch(text.strip()):
        return None
    return TokenFault(
        "secret_id_instead_of_value", "The value has the shape of an id (a GUID); the secret's id may stand in its place.", "value"
    )


def _encoded(field: str, text: str) -> TokenFault | None:
    """A secret as Kubernetes and some consoles show it: the base64 of what it is."""
    if field != "client_secret" or len(text) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]{16,}={0,2}", text):
        return None
    inner = base64.b64decode(text)
    if not re.fullmatch(rb"[!-~]{8,}", inner.rstrip(b"\n")):
        return None
    return TokenFault("double_encoded_token", "The value is the base64 form of a readable text, which may be the secret itself.", GUESS)


def _prompt(field: str, text: str) -> TokenFault | None:
    if field != "client_secret" or text[-1:] not in ("%", "$"):
        return None
    return TokenFault(
        "wrapper_in_token", f"The value ends with {text[-1]}, the sign some shells print behind an output without a line end.", HINT
    )


def _state(world: World, read: SecretRead) -> SecretState:
    source, why = safe_line(read.source), safe_line(read.why)
    if read.status != "present" or read.secret is None:
        return SecretState(read.field, read.status, source, why or safe_line(read.note))
    text = read.secret.reveal()
    if not text:
        # An empty variable or file resolves to nothing (DESIGN 3): there is no credential to judge.
        return SecretState(read.field, "absent", source, why or f"{source or 'The place'} holds an empty value.")
    marks = fingerprint(text, world.install_key)
    return SecretState(
        read.field, "present", source, why, len(text), marks, faults_in(read.field, text), read.secret, read.obtained_at, read.expires_in,
        safe_line(read.note),
    )  # fmt: skip


def _register_pairs(world: World, secrets: dict[str, Secret]) -> None:
    user, password = secrets.get("username"), secrets.get("password")
    if user is not None and password is not None:
        register_pair(world.redactor, user.reveal(), password, "password")
    client_secret = secrets.get("client_secret")
    if world.profile.oauth is not None and client_secret is not None:
        register_pair(world.redactor, world.profile.oauth.client_id, client_secret, "client_secret")
