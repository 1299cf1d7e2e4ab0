"""Where can a refresh token lie that the server replaces, and what does each place need so that no crash loses it?

The store: two slots in turn and a journal. An item of the keyring that the profile names: its one name, which other programs read, so the
journal alone stands in while it is written. A file: its replacement is one rename, so it needs neither.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.store import file_reference, journal, slots
from authwizard.store.keyring_store import USER
from authwizard.store.references import KeyringItems
from authwizard.store.secrets import SecretStore
from authwizard.store.slots import Held


class Place(Protocol):
    """A place of one refresh token. All calls may block, and raise StoreError."""

    @property
    def id(self) -> str:
        """What its lock, journal and mark are named by."""
        ...

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    def load(self) -> Held | None:
        """Return the token that lies there, or None."""
        ...

    def rehearse(self, held: Held | None) -> None:
        """Try whether the successor of `held` can be written, without touching `held`."""
        ...

    def write(self, secret: Secret, after: Held | None) -> None:
        """Write the successor of a token, and read it back."""
        ...

    def scrub(self, held: Held) -> None:
        """Remove what `held` replaced; only the store keeps that beside it."""
        ...

    def key(self, *, make: bool = False) -> Secret | None:
        """Return the key of the journal; None where there is none, or the place needs no journal."""
        ...


class StorePlace:
    """The store's refresh token of a profile."""

    def __init__(self, store: SecretStore, profile: str) -> None:
        self._store = store
        self._profile = profile
        self.id = store_id(profile)

    @property
    def title(self) -> str:
        """The store's name."""
        return self._store.title

    def load(self) -> Held | None:
        """Return the best slot."""
        return slots.load(self._store, self._profile)

    def rehearse(self, held: Held | None) -> None:
        """Write a placeholder into the slot that is not in use."""
        slots.rehearse(self._store, self._profile, held)

    def write(self, secret: Secret, after: Held | None) -> None:
        """Write the slot that is not in use."""
        slots.write(self._store, self._profile, secret, after.generation if after else 0)

    def scrub(self, held: Held) -> None:
        """Empty the slot that is not in use."""
        slots.scrub(self._store, self._profile, held)

    def key(self, *, make: bool = False) -> Secret | None:
        """Return the journal's key, made once."""
        found = self._store.get(self._profile, journal.KEY_FIELD)
        if found is None and make:
            found = journal.new_key()
            self._store.set(self._profile, journal.KEY_FIELD, found)
        return found


class ItemPlace:
    """A `keyring:SERVICE/USER` item; `read` and `write` go by its one name."""

    def __init__(self, keyring: KeyringItems, service: str, user: str) -> None:
        self._keyring = keyring
        self._item = (service, user)
        self._key = (f"authwizard/{journal.KEY_FIELD}/{service}/{user}", USER)
        self.id = f"keyring:{service}/{user}"
        self.title = self.id

    def load(self) -> Held | None:
        """Return the item."""
        found = self._keyring.get_item(*self._item)
        return None if found is None else Held(found, 0)

    def rehearse(self, held: Held | None) -> None:
        """Write, read and delete a test value."""
        self._keyring.probe()

    def write(self, secret: Secret, after: Held | None) -> None:
        """Write the item; where a crash comes between, the journal has it."""
        self._keyring.set_item(*self._item, secret)

    def scrub(self, held: Held) -> None:
        """Nothing: the item was written over."""

    def key(self, *, make: bool = False) -> Secret | None:
        """Return the journal's key, made once, an item of its own."""
        found = self._keyring.get_item(*self._key)
        if found is None and make:
            found = journal.new_key()
            self._keyring.set_item(*self._key, found)
        return found


class FilePlace:
    """A file of the user, replaced as a whole or not at all."""

    def __init__(self, path: Path, title: str) -> None:
        self._path = path
        self.id = f"file:{path.resolve()}"
        self.title = title

    def load(self) -> Held | None:
        """Return the file's content."""
        found, _ = file_reference.read(self._path)
        return None if found is None else Held(found, 0)

    def rehearse(self, held: Held | None) -> None:
        """Write a temporary file beside it."""
        file_reference.try_write(self._path)

    def write(self, secret: Secret, after: Held | None) -> None:
        """Replace the file."""
        file_reference.write(self._path, secret)

    def scrub(self, held: Held) -> None:
        """Nothing: the file was replaced."""

    def key(self, *, make: bool = False) -> Secret | None:
        """Return None: one rename is as short as writing a journal, and needs none."""
        return None


def store_id(profile: str) -> str:
    """Return the id of a profile's refresh token in the store."""
    return f"store:{profile}"


def place_of(profile: Profile, store: SecretStore | None, *, base: Path, keyring: KeyringItems) -> Place | None:
    """Return where a profile's refresh token outlives the process; None where it does not, or is only read. Raises StoreError."""
    reference = profile.secrets.get(slots.ROTATING)
    if reference is None:
        return StorePlace(store, profile.name) if store is not None and store.durable else None
    rest = reference.ref.partition(":")[2]
    if reference.scheme == "file":
        return FilePlace(file_reference.located(rest, base), reference.ref)
    if reference.scheme == "keyring":
        service, _, user = rest.rpartition("/")
        return ItemPlace(keyring, service, user)
    return None
