"""How does a profile get another name, or go, so that a process killed on the way leaves no half of it?

The secrets are written under the new name and read back; then the profiles file is written, and that decides; then what the state directory
has follows, and the old secrets are removed. `unfinished` has the note that is there from before the first write to after the last.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from authwizard.model.errors import StoreError, UsageError
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.store import profiles_write, state, unfinished
from authwizard.store.held_fields import held_fields
from authwizard.store.keyring_backends import title_of_class
from authwizard.store.other_files import other_file
from authwizard.store.profiles import NAME, load_profiles
from authwizard.store.rotation import Rotation, held_place
from authwizard.store.rotation_places import StorePlace, store_id
from authwizard.store.secrets import SecretStore
from authwizard.store.slots import ROTATING


def rename(source: Path, old: str, new: str, store: SecretStore | None) -> tuple[str, ...]:
    """Give a profile another name, and return the fields whose secrets moved with it.

    `store` is None where no secret can be stored. Where another profiles file has the old name too, the secrets stay under it. Raises
    ConfigError, StoreError, UsageError with everything as it was; and StoreError where the name has changed and old secrets could not be
    removed, which is noted.
    """
    if not NAME.fullmatch(new):
        raise UsageError(f"{safe_line(new, 60)!r} cannot be a profile's name: use letters, digits, '.', '_' and '-', at most 64.")
    with contextlib.ExitStack() as held:
        held.enter_context(unfinished.names_held(source))
        if new in load_profiles(source):
            raise UsageError(f"There is a profile {new!r} already. Choose another name, or remove that one first.")
        _refuse_left_over(store, new)
        shared = other_file(old, source) is not None
        store = None if shared else store
        if store is not None:
            for name in (old, new):
                held.enter_context(held_place(store_id(name)))  # nobody renews the token meanwhile
        fields = held_fields(store, old) if store is not None else ()
        if not shared:
            _refuse_elsewhere(store, old, fields, "renamed")
            _refuse_missing(old, fields)
        unfinished.forget(source, new)  # what is remembered of an earlier profile of that name
        unfinished.begin(source, old, new)
        try:
            for field in fields:
                assert store is not None
                _copy(store, old, new, field)
            profiles_write.rename_profile(source, old, new)
        except Exception as error:
            # what the file says decides: an error may come after it was replaced
            if old in load_profiles(source):
                left = _undone(source, old, new, store)
                if left:
                    raise StoreError(f"{error} {left}") from None
                raise
        unfinished.follow(source, old, new)
        _finish(source, old, store)
    return fields


def remove(source: Path, name: str, store: SecretStore | None) -> tuple[str, ...]:
    """Remove a profile with its stored secrets, and return their fields; those that another profiles file's profile uses too stay.

    Raises ConfigError, StoreError with everything as it was; and StoreError where the profile is gone and secrets could not be removed,
    which is noted.
    """
    with contextlib.ExitStack() as held:
        held.enter_context(unfinished.names_held(source))
        if other_file(name, source) is not None:
            store = None
        if store is not None:
            held.enter_context(held_place(store_id(name)))
        fields = held_fields(store, name) if store is not None else ()
        _refuse_elsewhere(store, name, fields, "removed")
        unfinished.begin(source, name)
        try:
            profiles_write.remove_profile(source, name)
        except Exception:
            if name in load_profiles(source):
                unfinished.end(source, name)
                raise
        unfinished.forget(source, name)
        _finish(source, name, store)
    return fields


def _refuse_left_over(store: SecretStore | None, new: str) -> None:
    left = dict.fromkeys((*(held_fields(store, new) if store is not None else ()), *state.stored_secrets(new)))
    if left:
        raise UsageError(
            f"The store still has {', '.join(left)} of an earlier profile {new!r}; choose another name, or run: authwizard store forget {new}"
        )


def _refuse_elsewhere(store: SecretStore | None, name: str, fields: tuple[str, ...], what: str) -> None:
    """Leave no secret behind, forgotten, in a place that is not the one in use."""
    if store is None:
        return
    here = store.describe().backend
    rows = {field: row.backend for field, row in state.stored_secrets(name).items() if field not in fields}
    elsewhere = {field: title_of_class(backend) for field, backend in sorted(rows.items()) if backend not in ("", here)}
    if elsewhere:
        raise StoreError(
            f"{', '.join(elsewhere)} of {name} is kept in {', '.join(sorted(set(elsewhere.values())))}; in use now is {store.title}. Nothing was "
            f"{what}, so that no secret is left there forgotten. Choose that place again first (authwizard store use), or give the secrets up: "
            f"authwizard store forget {name}"
        )


def _refuse_missing(old: str, fields: tuple[str, ...]) -> None:
    missing = sorted(state.stored_secrets(old).keys() - set(fields))
    if missing:
        raise StoreError(
            f"The store has no {', '.join(missing)} of {old} any more. Nothing was renamed; store it again first, or run: "
            f"authwizard store forget {old} {missing[0]}"
        )


def _copy(store: SecretStore, old: str, new: str, field: str) -> None:
    secret = _read(store, old, field)
    if secret is None:
        raise StoreError(f"The store has no {field} of {old} any more. Nothing was renamed; store it again first.")
    if field == ROTATING:
        StorePlace(store, new).write(secret, None)
    else:
        store.set(new, field, secret)
    if _read(store, new, field) != secret:
        raise StoreError(f"{field} could not be read back under the new name. Nothing was renamed.")


def _read(store: SecretStore, name: str, field: str) -> Secret | None:
    """Read a secret; a refresh token also from the journal that a process that died left."""
    if field != ROTATING:
        return store.get(name, field)
    held = Rotation(StorePlace(store, name)).newest()
    return None if held is None else held.secret


def _undone(source: Path, old: str, new: str, store: SecretStore | None) -> str:
    """Remove the copies; return "", or what tells of them where that failed: then the note stays."""
    unfinished.keep_left(source, old, new)
    try:
        if store is not None:
            unfinished.remove_secrets(store, new)
    except StoreError:
        return unfinished.standing(source)
    unfinished.end(source, old)
    return ""


def _finish(source: Path, left: str, store: SecretStore | None) -> None:
    """Remove the secrets of a name that is gone, and then the note."""
    unfinished.keep_left(source, left, left)
    if store is not None:
        try:
            unfinished.remove_secrets(store, left)
        except StoreError as error:
            raise StoreError(f"{error} {unfinished.standing(source)}") from None
    unfinished.end(source, left)
