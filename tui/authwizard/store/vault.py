"""How do probes reach one profile's secrets, and where does a renewed one go?

A field is looked for in this run's memory, then where its reference says, then in the store under the profile's name. What is renewed
goes back to the same place, or is not accepted at all.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.model.vault import SecretRead, SecretVault
from authwizard.store import command_files, command_reference
from authwizard.store.background import aside
from authwizard.store.command_files import CommandSeen
from authwizard.store.in_use import in_use
from authwizard.store.keyring_backends import title_of_class
from authwizard.store.keyring_faults import Fault, KeyringFault
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.marks import mark_of, note_mark
from authwizard.store.references import keep_fault, nothing_there, reference_text, resolve, try_write, write_back
from authwizard.store.references_only import NOT_STORED, ReferencesOnly
from authwizard.store.rotation import Rotation
from authwizard.store.rotation_places import Place, place_of
from authwizard.store.secrets import SecretStore
from authwizard.store.slots import ROTATING
from authwizard.store.spent import came_after, remove_spent
from authwizard.store.state import StoredSecret, remember_stored, remember_times, stored_secrets
from authwizard.store.trust import binding

MEMORY = "memory"


class Vault(SecretVault):
    """One profile's secrets for one run; fills `authwizard.model.vault.SecretVault`.

    Args:
        profile: Whose secrets.
        store: Where a field without a reference is kept; None = nowhere.
        base: The directory of the profiles file: relative `file:` paths start there.
        memory: Secrets that were pasted, or that the practice platform gave out; they come before all others.
        memory_counts: A new value may replace one in memory (pasted input, practice platform).
        trusted: The user agreed to this profile as it is now; else a stored secret is given out only if it was saved for the same hosts.
        commands: What was agreed that the profile's commands run, by field: one that would run something else now is not started.
        keyring: For `keyring:` references where `store` is no keyring; None = a keyring of the platform, opened when one is read.
    """

    def __init__(
        self,
        profile: Profile,
        store: SecretStore | None,
        *,
        base: Path,
        memory: Mapping[str, Secret] | None = None,
        memory_counts: bool = False,
        trusted: bool = False,
        commands: Mapping[str, CommandSeen] | None = None,
        keyring: KeyringStore | None = None,
    ) -> None:
        self._profile = profile
        self._store = store
        self._base = base
        self._memory = dict(memory or {})
        self._memory_counts = memory_counts
        self._trusted = trusted
        self._commands = dict(commands or {})
        self._keyring = keyring or (store if isinstance(store, KeyringStore) else KeyringStore())
        self._seen: dict[str, SecretRead] = {}
        self._one_at_a_time = threading.Lock()
        self._unwritable: dict[str, str] = {}
        self._closed: KeyringFault | None = None
        self._rotation: Rotation | None = None
        self._spent_lies_there = False

    async def read(self, field: str) -> SecretRead:
        """Read one field; each place is asked once a run. Never raises for trouble of the place, says it in the answer."""
        if field in self._memory:
            return SecretRead(field, "present", self._memory[field], source=MEMORY)
        return self._seen[field] if field in self._seen else await aside(lambda: self._looked_once(field))

    def can_keep(self, field: str) -> str | None:
        """Return None where a new value of this field can be kept, else the reason as a sentence."""
        if field in self._unwritable:
            return self._unwritable[field]
        if field in self._memory:
            return (
                None if self._memory_counts else "The value is in this run's memory only, so a new one would be lost when authwizard ends."
            )
        reference = self._profile.secrets.get(field)
        if reference is not None:
            return keep_fault(reference, base=self._base, keyring=self._keyring)
        if isinstance(self._store, ReferencesOnly) and not self._memory_counts:
            return NOT_STORED
        if not (self._memory_counts or (self._store and self._store.durable)):
            return "Secrets are kept in memory only, so a new value would be lost when authwizard ends."
        return None

    async def preflight(self, field: str) -> str | None:
        """As `can_keep`, after a trial write where the value goes to: to be asked before a refresh token is spent.

        The place of a refresh token stays held against other processes until `settle`.
        """
        if self.can_keep(field) is None and field not in self._memory:
            try:
                await aside(lambda: self._try_write(field))
            except StoreError as exc:
                self._unwritable[field] = str(exc)
        return self.can_keep(field)

    def _try_write(self, field: str) -> None:
        place, reference = self._rotating(field), self._profile.secrets.get(field)
        if place is not None:
            self._begin(place)
        elif reference is not None:
            try_write(reference, base=self._base, keyring=self._keyring)
        elif self._store is not None:
            self._store.probe()

    async def keep(self, field: str, value: Secret, expires_in: int | None = None) -> str:
        """Write a new value, read it back, and return the place's name; raises StoreError where it is not kept.

        Once begun, the write is finished even if who awaits it is cancelled.
        """
        fault = self.can_keep(field)
        if fault:
            raise StoreError(fault)
        if field in self._memory or (self._store is None and field not in self._profile.secrets):
            self._memory[field] = value
            return MEMORY
        return await aside(lambda: self._written(field, value, expires_in))

    async def settle(self, field: str, *, unknown: bool = False) -> str:
        """End what `preflight` began; return what must be said of the new value, "" for nothing."""
        rotation = self._rotation if field == ROTATING else None
        if rotation is None:
            return ""
        self._rotation = None
        return await aside(lambda: rotation.settle(unknown=unknown))

    async def accepted(self, *, renewed: bool) -> str:
        """Remove the refresh token that was spent for this access token, where it lies in the store still."""
        seen = self._seen.get(ROTATING)
        place = self._rotating(ROTATING) if ROTATING not in self._profile.secrets else None
        token = seen.secret if seen else None
        if token is None or place is None or not (renewed or self._spent_lies_there):
            return ""
        self._spent_lies_there = False
        profile, kept = self._profile.name, "access_token" not in {*self._profile.secrets, *self._memory}
        return await aside(lambda: remove_spent(place, token) if renewed or (kept and came_after(profile)) else "")

    def _rotating(self, field: str) -> Place | None:
        """Return the place of a token that is replaced at each use; None for every other field, and where no place outlasts this run."""
        if field != ROTATING or field in self._memory or self._memory_counts:
            return None
        return place_of(self._profile, self._store, base=self._base, keyring=self._keyring)

    def _begin(self, place: Place) -> None:
        """Hold the place of the refresh token; what another process has put there meanwhile is what is read from now on."""
        with self._one_at_a_time:
            seen = self._seen.get(ROTATING)
            rotation = Rotation(place)
            held = rotation.begin(seen.secret if seen else None)
            self._rotation = rotation
            if seen is not None and seen.status == "present":
                self._seen[ROTATING] = replace(seen, secret=held.secret if held else None, status="present" if held else "absent")

    def _looked_once(self, field: str) -> SecretRead:
        """Read a field where nobody did (blocking). One at a time: a keyring may ask for its password once, not once a probe."""
        with self._one_at_a_time:
            if field not in self._seen:
                self._seen[field] = self._look(field)
            return self._seen[field]

    def _written(self, field: str, value: Secret, expires_in: int | None) -> str:
        fetched = time.time() if expires_in is not None else None
        with self._one_at_a_time:
            self._seen.pop(field, None)
            place = self._write(field, value)
            if fetched is not None and field not in self._profile.secrets and self._store is not None and self._store.durable:
                # Only the age of a token is lost where this cannot be noted; the token itself is kept.
                with contextlib.suppress(StoreError):
                    remember_times(self._profile.name, field, obtained_at=fetched, expires_in=expires_in)
            self._seen[field] = SecretRead(field, "present", value, source=place, obtained_at=fetched, expires_in=expires_in)
        return place

    def _look(self, field: str) -> SecretRead:
        """Read a field from its reference or the store (blocking)."""
        reference = self._profile.secrets.get(field)
        source = self._store.title if self._store and reference is None else ""
        try:
            if reference is None:
                return self._stored(field)
            source = reference_text(reference)
            if reference.scheme == "keyring":
                self._stop_if_closed()
            secret, note = self._loaded(field, reference)
        except StoreError as exc:
            if isinstance(exc, KeyringFault) and exc.kind in (Fault.LOCKED, Fault.HANGING, Fault.NONE):
                self._closed = exc
            return SecretRead(field, "unavailable", source=source, why=str(exc))
        status: Literal["present", "absent"] = "absent" if secret is None else "present"
        return SecretRead(field, status, secret, source=source, why=nothing_there(reference) if secret is None else "", note=note)

    def _loaded(self, field: str, reference: Reference | None = None) -> tuple[Secret | None, str]:
        """Return a field from its reference or the store, and what must be said of it (blocking)."""
        place = self._rotating(field)
        if place is not None:
            rotation = Rotation(place)
            held = rotation.load()
            self._spent_lies_there = held is not None and held.replaced
            secret, note = (held.secret if held else None), rotation.standing(held.secret if held else None)
            if note or reference is None or reference.scheme != "file":
                return secret, note
        if reference is not None:
            program = self._program(field, reference) if reference.scheme in command_reference.SCHEMES else None
            resolved = resolve(reference, base=self._base, keyring=self._keyring, program=program)
            return resolved.secret, resolved.warning
        return (self._store.get(self._profile.name, field) if self._store else None), ""

    def _program(self, field: str, reference: Reference) -> Path | None:
        """Return the program of a command that may be started; None where there is none, or nothing is known of it. Raises StoreError."""
        if not self._trusted:
            raise StoreError(f"This command runs only once it was agreed to: authwizard profile trust {self._profile.name}")
        agreed = self._commands.get(field)
        command = command_reference.command_of(reference)
        return None if agreed is None else command_files.still_agreed(command, self._base, agreed, self._profile.name)

    def _stop_if_closed(self) -> None:
        """Stop where the keyring was locked or hung in this run: it would ask the user, or wait, once for every field."""
        if self._closed:
            raise self._closed

    def _stored(self, field: str) -> SecretRead:
        if self._store is None:
            return SecretRead(field, "absent")
        known = stored_secrets(self._profile.name).get(field) if self._store.durable else None
        try:
            self._stop_if_closed()
            secret, note = self._loaded(field)
        except KeyringFault as exc:
            if exc.kind is not Fault.NONE or known:
                raise
            # without a keyring, and with no note that one held this field, there is nothing that could not be read
            self._closed = exc
            return SecretRead(field, "absent", source=self._store.title, note=str(exc))
        if secret is None:
            return self._missing(field, known)
        if self._store.durable and not self._trusted and (known is None or known.binding != binding(self._profile, field)):
            why = (
                f"A secret is stored under {self._profile.name}, but not for the hosts this profile names. "
                f"If they are right, run: authwizard profile trust {self._profile.name}"
            )
            return SecretRead(field, "unavailable", source=self._store.title, why=why)
        if self._store.durable and known is not None:
            note_mark(self._profile.name, field, secret, known)
        obtained, life = (known.obtained_at, known.expires_in) if known is not None else (None, None)
        lives = round(life) if life is not None else None
        return SecretRead(field, "present", secret, source=self._store.title, note=note, obtained_at=obtained, expires_in=lives)

    def _missing(self, field: str, known: StoredSecret | None) -> SecretRead:
        """Tell a secret that is absent from one that another back end keeps."""
        assert self._store is not None
        place = self._store.describe()
        if known and known.backend and place.backend and known.backend != place.backend:
            why = (
                f"It was saved in {title_of_class(known.backend)}; this session has {place.title}. "
                "Use that one (authwizard store move brings secrets over), or store the secret again."
            )
            return SecretRead(field, "unavailable", source=place.title, why=why)
        if known is None:
            return SecretRead(field, "absent", source=place.title)
        since = time.strftime(" on %Y-%m-%d", time.localtime(known.created)) if known.created is not None else ""
        why = f"It was stored{since}, and {place.title} has none any more: something else removed it."
        return SecretRead(field, "absent", source=place.title, why=why)

    def _write(self, field: str, value: Secret) -> str:
        """Write a field to where it belongs (blocking)."""
        rotating, reference = self._rotating(field), self._profile.secrets.get(field)
        beside = self._replaced(rotating, value) if rotating is not None else ""
        if reference is not None and rotating is not None:
            return beside or reference_text(reference)
        if reference is not None:
            return write_back(reference, value, base=self._base, keyring=self._keyring)
        assert self._store is not None
        if rotating is None:
            with in_use(self._store) if self._store.durable else contextlib.nullcontext():
                self._store.set(self._profile.name, field, value)
        place = self._store.describe()
        title = beside or place.title
        if not place.durable:
            return title
        try:
            remember_stored(self._profile.name, field, place.backend, binding(self._profile, field), fingerprint=mark_of(field, value))
        except StoreError as exc:
            return f"{title} (where it may be sent could not be noted: {exc})"
        return title

    def _replaced(self, place: Place, value: Secret) -> str:
        """Write a refresh token that a refresh brought, or a person gave; return where it is kept for now, "" where in its place."""
        if self._rotation is not None:
            return self._rotation.keep(value)
        typed_into_the_store = self._store is not None and self._store.durable and ROTATING not in self._profile.secrets
        with in_use(self._store) if typed_into_the_store and self._store is not None else contextlib.nullcontext():
            Rotation(place).store(value)
        return ""
