"""Which faults of bytes and shape does a credential have as it is sent, and how would it look without them? (S1-01 to S1-08, S1-18)

Only tokens are mended freely. An API key or cookie loses blanks at its ends and nothing inside; what Basic carries is never
changed: a password may hold anything, and every other attempt is a login that counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from authwizard.model.frozen import dataclass
from authwizard.model.profile import CredentialSpec
from authwizard.protocol.credential import Composed, compose, sendable
from authwizard.protocol.placeholder import placeholder_of
from authwizard.protocol.repair_basic import payload_faults
from authwizard.protocol.repair_name import name_faults
from authwizard.protocol.repair_scheme import read_words, scheme_faults
from authwizard.protocol.token_letters import first_words, letters_of
from authwizard.protocol.token_wrap import bare_token, peel

_BLANKS = " \t\r\n\v\f"
_TOKEN_WORDS = frozenset(("bearer", "dpop", "token", "jwt", "oauth", "apikey", "key", "basic"))
"""Schemes whose value is read as a token where the profile's kind is a token; others carry parameters of their own."""


@dataclass(frozen=True)
class Repair:
    """One fault of the credential.

    `position` counts from 0: in the value behind the scheme word, and for faults of the scheme in the field value.
    `repaired` is the whole field value (or the header's name) without this fault and without the others that can be mended,
    so that one request with it decides; None where nothing can be mended. It is secret: callers wrap it. `factor` names what
    was changed.
    """

    cause: str
    factor: str
    text: str
    position: int | None = None
    repaired: str | None = field(default=None, repr=False)


def faults_of(composed: Composed, spec: CredentialSpec) -> tuple[Repair, ...]:
    """Return the faults of a composed credential, outermost first; () where nothing is sent."""
    value = composed.field_value
    if value is None:
        return ()
    names = tuple(Repair(*found) for found in name_faults(composed.name, spec.kind)) if composed.place == "header" else ()
    template = placeholder_of(value)
    if template:
        return (*names, Repair("placeholder_value", "placeholder", f"The value is {template}."))
    kind = _kind(composed, spec)
    if kind == "basic":
        return (*names, *_basic_faults(composed, value))
    if kind in ("bearer", "dpop"):
        return (*names, *_token_faults(composed, spec, value))
    return (*names, *_key_faults(value, "" if composed.whole else spec.scheme_word)) if kind != "other" else names


def _kind(composed: Composed, spec: CredentialSpec) -> str:
    """The kind that counts: of a whole field value its own scheme word, else the profile's."""
    if not composed.whole:
        return spec.kind
    words = read_words(composed.field_value or "").words
    if not words:
        return "bearer" if spec.kind in ("basic", "digest", "mtls") else spec.kind
    first = words[0].word.lower()
    # Basic in front of a token is a fault of a token's scheme, not a Basic credential
    if first == "basic" and (len(words) > 1 or bare_token(words[-1].rest).startswith("eyJ")):
        return "bearer"
    return "basic" if first == "basic" else "bearer" if first in _TOKEN_WORDS else "other"


def _token_faults(composed: Composed, spec: CredentialSpec, value: str) -> tuple[Repair, ...]:
    if composed.place != "header":
        return tuple(_value_faults(value, ""))
    seen = read_words(value, spec.scheme or "")
    wanted = "DPoP" if spec.kind == "dpop" else "Bearer"
    in_authorization = composed.name.lower() == "authorization"
    found = tuple(Repair(*fault) for fault in scheme_faults(seen, wanted, in_authorization, _clean(seen.rest)))
    # the spelling is a question of its own; any other fault of the scheme is mended along with the value
    spelled = not seen.words and not in_authorization
    kept = all(fault.cause == "auth_scheme_case_rejected" for fault in found)
    front = "" if spelled else f"{seen.words[0].word if kept and seen.words else wanted} "
    return (*found, *_value_faults(seen.rest, front))


def _value_faults(rest: str, front: str) -> Iterator[Repair]:
    clean = _clean(rest)
    mended = None if clean is None else front + clean
    for number, layer in enumerate(peel(rest)):
        yield Repair(layer.cause, layer.factor, layer.text, None if number else layer.position, mended)


def _clean(rest: str) -> str | None:
    layers = peel(rest)
    return None if layers and layers[-1].inner is None else bare_token(rest)


def _key_faults(value: str, scheme: str) -> tuple[Repair, ...]:
    """Faults of an API key or a cookie: ends may be trimmed, the inside is never changed."""
    front = f"{scheme} " if scheme and value.startswith(f"{scheme} ") else ""
    key = value[len(front) :]
    letters = letters_of(key)
    inner = key.strip(_BLANKS + "".join(key[i] for i in letters.invisible))
    mended = front + inner if inner and inner.isprintable() and not letters_of(inner).invisible else None
    faults = []
    blanks = len(key) - len(key.lstrip(_BLANKS)), len(key.rstrip(_BLANKS))
    if inner and (blanks[0] or blanks[1] < len(key)):
        words = f"White space stands {'in front of' if blanks[0] else 'behind'} the value."
        faults.append(Repair("whitespace_in_credential", "white space", words, 0 if blanks[0] else blanks[1], mended))
    line = next((i for i, c in enumerate(key.strip(_BLANKS), blanks[0]) if c in "\r\n"), None)
    if line is not None:
        faults.append(Repair("line_break_in_token", "line breaks", f"A line break stands behind character {line}.", line))
    if letters.invisible:
        words = first_words(key, letters.invisible)
        faults.append(Repair("invisible_characters", "invisible characters", words, letters.invisible[0], mended))
    if letters.foreign:
        faults.append(Repair("non_ascii_in_token", "non-ASCII characters", first_words(key, letters.foreign), letters.foreign[0]))
    return tuple(faults)


def _basic_faults(composed: Composed, value: str) -> tuple[Repair, ...]:
    seen = read_words(value)
    payload = seen.rest.strip(" \t")
    faults = [Repair(*fault) for fault in scheme_faults(seen, "Basic", composed.name.lower() == "authorization", payload)]
    faults += [Repair(cause, factor, text) for cause, factor, text in payload_faults(seen.rest, composed.colon_in_user)]
    return tuple(faults)


__all__ = ["Composed", "Repair", "compose", "faults_of", "sendable"]
