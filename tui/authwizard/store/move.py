"""How do all stored secrets go from one place to the other, so that at no moment one is in neither?

First each is written to the new place and read back; then the choice is pinned in `settings.toml`; only then are they removed from the
old place. Cut short before the pin, everything is still where it was; after it, everything is in the new place, and the same command
removes what is left of the old one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

from authwizard.store import journal, slots
from authwizard.store.in_use import places_held
from authwizard.store.rotation import Rotation, held_place
from authwizard.store.rotation_places import StorePlace, store_id
from authwizard.store.secrets import SecretStore
from authwizard.store.state import all_stored, remember_backend

Named = tuple[str, str]
"""A secret by profile and field."""


def move_all(
    source: SecretStore, target: SecretStore, pin: Callable[[], object], *, pinned: bool, unnoted: Iterable[Named] = ()
) -> list[Named]:
    """Move every secret that is known to be stored, and those of `unnoted`; return those that the old place held.

    `pinned`: the target is in use already, so what it holds is the newer value; so it is where a secret is noted to lie there. Raises
    StoreError; what was done until then is not undone, and nothing is lost by it.
    """
    with places_held():
        return _all_moved(source, target, pin, pinned=pinned, unnoted=unnoted)


def _all_moved(
    source: SecretStore, target: SecretStore, pin: Callable[[], object], *, pinned: bool, unnoted: Iterable[Named]
) -> list[Named]:
    """As `move_all`, while no other process writes a secret."""
    noted, backend = all_stored(), target.describe().backend
    known = sorted({(profile, field) for profile, fields in noted.items() for field in fields} | {*unnoted})
    newer = {(profile, field) for profile, fields in noted.items() for field, row in fields.items() if backend and row.backend == backend}
    with contextlib.ExitStack() as held:
        for profile, field in known:
            if field == slots.ROTATING:
                held.enter_context(held_place(store_id(profile)))
        moved = [named for named in known if _copied(source, target, *named, keep=pinned or named in newer)]
        pin()
        for profile, field in moved:
            remember_backend(profile, field, backend)
            _remove(source, profile, field)
    return moved


def _copied(source: SecretStore, target: SecretStore, profile: str, field: str, *, keep: bool) -> bool:
    """Have the new place hold one secret; False where the old one has none. `keep`: a value that is there already stays."""
    if field == slots.ROTATING:
        return _copied_token(StorePlace(source, profile), StorePlace(target, profile), keep=keep)
    value = source.get(profile, field)
    if value is not None and not (keep and target.get(profile, field) is not None):
        target.set(profile, field, value)  # it is read back there
    return value is not None


def _copied_token(source: StorePlace, target: StorePlace, *, keep: bool) -> bool:
    """As `_copied`, for the refresh token; its place is held. A journal that is left is seen to be older by its next reader."""
    there = target.load()
    if keep and there is not None:
        return source.load() is not None
    held = Rotation(source).newest()
    if held is not None:
        target.write(held.secret, there)
    return held is not None


def _remove(source: SecretStore, profile: str, field: str) -> None:
    if field != slots.ROTATING:
        source.delete(profile, field)
        return
    slots.delete(source, profile)
    source.delete(profile, journal.KEY_FIELD)
