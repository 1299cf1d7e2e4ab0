"""Was a profile being renamed or removed when authwizard stopped, and what is left to do?

Both touch the profiles file, the store and four files of the state directory, so no single write does them. The write to the profiles file
decides: before it everything is as it was, after it the rest is finished by the next start. A note that is made first and removed last tells
of it. What lies in the state directory is put right at once; secrets that are left in the store are told, and are removed by the next
command that opens the store for such work.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from authwizard.model.errors import ConfigError
from authwizard.model.frozen import dataclass
from authwizard.model.profile import SECRET_FIELDS
from authwizard.protocol.clean import safe_line
from authwizard.store import consent, in_flight, state, trust
from authwizard.store.forget import forget_held
from authwizard.store.other_files import other_file
from authwizard.store.paths import LockBusy, locked
from authwizard.store.rotation import held_place
from authwizard.store.rotation_places import store_id
from authwizard.store.secrets import SecretStore
from authwizard.store.state_file import StateFile

_FILE = StateFile("unfinished.json", "which renaming or removal was cut short")
_LEFT = "left"
"""The note's third form: nothing is left to do but to remove this name's secrets from the store."""


@contextlib.contextmanager
def names_held(source: Path, *, seconds: float | None = None) -> Iterator[None]:
    """Let no other process rename or remove a profile of a file meanwhile. Raises LockBusy."""
    path = source.resolve()
    with locked(path.with_name(f"{path.name} names"), **({} if seconds is None else {"wait_seconds": seconds})):
        yield


def begin(source: Path, name: str, new: str = "") -> None:
    """Note that a profile is about to be renamed, or (`new` = "") removed. Raises StoreError."""
    _set(source, name, {"new": new, "at": time.time()})


def end(source: Path, name: str) -> None:
    """Remove the note. Raises StoreError."""
    if name in _notes(source):
        _FILE.change(lambda data: data["files"][_key(source)].pop(name, None))


def keep_left(source: Path, name: str, left: str) -> None:
    """Note that nothing is left to do but to remove the secrets of the name `left` from the store. Raises StoreError.

    Where another profiles file has that name, they are its own too, and nothing is left to do.
    """
    if other_file(left, source) is not None:
        end(source, name)
    else:
        _set(source, name, {_LEFT: left, "at": time.time()})


def left_names(source: Path) -> tuple[str, ...]:
    """Return the names whose secrets may still be in the store although no profile is called so. Raises StoreError."""
    return tuple(str(note[_LEFT]) for note in _notes(source).values() if _LEFT in note)


def standing(source: Path) -> str:
    """Say which secrets were left in the store, and what removes them; "" for none. Raises StoreError."""
    left = [safe_line(name) for name in left_names(source)]
    return " ".join(
        f"Secrets may be left in the store under the name {name}, which no profile has: authwizard store forget {name}" for name in left
    )


@dataclass(frozen=True)
class Told:
    """What became of a renaming or removal that was cut short; `profile` is the one it is about, "" where that is gone."""

    profile: str
    sentence: str


def recover(source: Path) -> tuple[Told, ...]:
    """Put right in the state directory what a process that died left of renaming or removing, and return what to tell of it.

    Asks no store. Where another process is at it right now, or the profiles file cannot be read, nothing is done. Raises StoreError.
    """
    if not any(_LEFT not in note for note in _notes(source).values()):
        return ()
    try:
        with names_held(source, seconds=0):
            return tuple(_recovered(source, name, str(note.get("new", ""))) for name, note in _notes(source).items() if _LEFT not in note)
    except (LockBusy, ConfigError):
        return ()


def clean(source: Path, store: SecretStore) -> tuple[str, ...]:
    """Remove from the store what renaming or removing left there; return the names. Raises StoreError.

    A name that a profile has by now is let be: what lies under it is that profile's.
    """
    from authwizard.store.profiles import load_profiles

    cleaned = []
    with names_held(source):
        for name, note in _notes(source).items():
            left = str(note.get(_LEFT, ""))
            if left and left not in load_profiles(source) and other_file(left, source) is None:
                with held_place(store_id(left)):
                    remove_secrets(store, left)
                cleaned.append(left)
            if left:
                end(source, name)
    return tuple(cleaned)


def remove_secrets(store: SecretStore, name: str) -> tuple[str, ...]:
    """Remove every secret that a store has under a name, with what is remembered of it; return the fields. Raises StoreError.

    The caller holds the place of the refresh token.
    """
    return tuple(field for field in SECRET_FIELDS if forget_held(store, name, field))


def follow(source: Path, old: str, new: str) -> None:
    """Have everything in the state directory follow a profile to its new name; a second time changes nothing. Raises StoreError.

    What another file's profile of the old name uses as well stays with that one.
    """
    trust.rename_trust(old, new, source)
    if other_file(old, source) is not None:
        return
    state.rename_profile(old, new)
    consent.rename_consent(old, new)
    in_flight.rename(store_id(old), store_id(new))


def forget(source: Path, name: str) -> None:
    """Forget everything in the state directory of a profile that is gone; a second time changes nothing. Raises StoreError.

    What another file's profile of that name uses as well stays.
    """
    trust.forget_trust(name, source)
    if other_file(name, source) is not None:
        return
    consent.forget_consent(name)
    state.forget_profile(name)


def _recovered(source: Path, name: str, new: str) -> Told:
    """Finish or undo what one note is about, as far as no store is needed."""
    from authwizard.store.profiles import load_profiles

    names = load_profiles(source).keys()
    old_name, new_name = safe_line(name), safe_line(new)
    if not new and name in names:
        end(source, name)
        return Told(name, f"Removing {old_name} was cut short before anything was removed; it is all there.")
    if not new:
        forget(source, name)
        keep_left(source, name, name)
        return Told("", f"Removing {old_name} was cut short; it is finished now, but for the store. {standing(source)}")
    if name in names and new not in names:
        keep_left(source, name, new)
        return Told(name, f"Renaming {old_name} to {new_name} was cut short and had no effect. {standing(source)}")
    if new in names and name not in names:
        follow(source, name, new)
        keep_left(source, name, name)
        return Told(new, f"Renaming {old_name} to {new_name} was cut short; it is finished now, but for the store. {standing(source)}")
    end(source, name)
    both = "both names are" if new in names else "neither name is"
    return Told(
        new if new in names else "",
        f"Renaming {old_name} to {new_name} was cut short, and {both} in {safe_line(str(source))} now. "
        "See with authwizard store what lies where; authwizard store forget NAME removes what is not wanted.",
    )


def _notes(source: Path) -> dict[str, dict[str, Any]]:
    found = _FILE.table("files", _key(source))
    return {name: note for name, note in found.items() if isinstance(note, dict)}


def _set(source: Path, name: str, note: dict[str, Any]) -> None:
    _FILE.change(lambda data: data.setdefault("files", {}).setdefault(_key(source), {}).__setitem__(name, note))


def _key(source: Path) -> str:
    return str(source.resolve())
