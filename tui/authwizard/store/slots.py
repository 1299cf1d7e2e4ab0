"""How does a refresh token that is replaced at each use lie in a store whose write is not atomic?

Under two names in turn, `refresh_token.a` and `refresh_token.b`: the one that is written never holds the token in use. A slot says
`1.<SHA-256 of the value, 16 hex digits>.<generation>.<value>`; one that was written half does not match its hash and is passed over, so the
best slot is simply the valid one of the higher generation, and no third item has to say which.
Secrets that do not rotate lie under their own name as they are. A refresh token another program put there counts as generation 0.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import field, replace

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.secret import Secret
from authwizard.store.secrets import SecretStore

ROTATING = "refresh_token"
"""The one field that a server replaces at each use (RFC 6749 6)."""
_FORM = late_pattern(r"1\.([0-9a-f]{16})\.(\d{1,12})\.(.*)", re.DOTALL)
_PLACEHOLDER = "0."
"""How a slot begins that was written on trial: no form that is ever read."""


@dataclass(frozen=True)
class Held:
    """A refresh token and its generation: 0 where it lies under its own name, one more for each time it was written."""

    secret: Secret
    generation: int
    replaced: bool = field(default=False, compare=False)
    """Whether something that it replaced lies beside it still."""


def slot_name(generation: int) -> str:
    """Return the name of the slot a generation goes to."""
    return f"{ROTATING}.{'ba'[generation % 2 == 0]}"


NAMES = (slot_name(0), slot_name(1))


def written(secret: Secret, generation: int) -> Secret:
    """Return the text of a slot."""
    text = secret.reveal()
    return Secret(f"1.{_hash(text)}.{generation}.{text}")


def read(slot: Secret | None) -> Held | None:
    """Return what a slot holds; None where it is empty, on trial, or not what was written."""
    found = _FORM.fullmatch(slot.reveal()) if slot is not None else None
    return Held(Secret(found[3]), int(found[2])) if found and _hash(found[3]) == found[1] else None


def load(store: SecretStore, profile: str) -> Held | None:
    """Return the newest refresh token of a profile that is whole, or None. Raises StoreError."""
    texts = {name: store.get(profile, name) for name in NAMES}
    found = [held for text in texts.values() if (held := read(text)) is not None]
    best = max(found, key=lambda held: held.generation, default=None)
    # only the first generation replaces the token under its own name: for any other, one question of the keyring is saved
    plain = store.get(profile, ROTATING) if best is None or best.generation == 1 else None
    if best is None:
        return None if plain is None else Held(plain, 0)
    return replace(best, replaced=plain is not None or texts[slot_name(best.generation + 1)] is not None)


def rehearse(store: SecretStore, profile: str, held: Held | None) -> None:
    """Write what the next token will take to where it will lie, and have it read back, before one is spent. Raises StoreError."""
    generation = held.generation + 1 if held else 1
    length = len(written(held.secret, generation)) if held else 64
    store.set(profile, slot_name(generation), Secret(_PLACEHOLDER.ljust(length, "x")))


def write(store: SecretStore, profile: str, secret: Secret, after: int) -> None:
    """Write the token that follows generation `after`; the slot of that one is left as it is. Raises StoreError."""
    store.set(profile, slot_name(after + 1), written(secret, after + 1))
    if after == 0:
        store.delete(profile, ROTATING)


def scrub(store: SecretStore, profile: str, held: Held) -> None:
    """Remove whatever the token in use replaced: the other slot, and the token under its own name. Raises StoreError."""
    for name in (slot_name(held.generation + 1), ROTATING):
        store.delete(profile, name)


def delete(store: SecretStore, profile: str) -> bool:
    """Remove a profile's refresh token from all its names; False where there was none. Raises StoreError."""
    found = [store.delete(profile, name) for name in (*NAMES, ROTATING)]
    return any(found)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
