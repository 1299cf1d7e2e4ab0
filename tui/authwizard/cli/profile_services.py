"""What the wizard may do to saved profiles: save, import and remove them, each with its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.cli.configured import profiles_file
from authwizard.model.errors import AuthwizardError, StoreError
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.ui import services as ui

if TYPE_CHECKING:
    from authwizard.store.secrets import SecretStore
    from authwizard.ui.importing import Document, ImportRead, Preview


class ProfileServices:
    """The part of the wizard's services that writes profiles. Secrets that no store would take live in `_memory` until it closes."""

    _config: Path | None
    _memory: dict[str, dict[str, Secret]]
    _store_problem: str

    def load(self, name: str) -> Profile:
        """Return a profile; raises UsageError where there is none of that name."""
        raise NotImplementedError

    def _open(self) -> SecretStore | None:
        """Return the store, opened once; None where there is none, with the reason in `_store_problem`."""
        raise NotImplementedError

    async def save(self, profile: Profile, secrets: Mapping[str, Secret], in_memory: bool = False) -> ui.SaveResult:
        """Write a profile; keep its secrets in the store, or in memory where that is wanted, or where the store does not work.

        A profile that came from elsewhere, and was not agreed to yet, is not agreed to by being edited.
        """
        from authwizard.store.other_files import refuse_of_other
        from authwizard.store.profiles import load_profiles
        from authwizard.store.profiles_write import save_profile
        from authwizard.store.trust import is_trusted, needs_trust, stale_fields, trust, way_items

        path = profiles_file(self._config)
        places: dict[str, str] = {}
        try:
            before = load_profiles(path).get(profile.name)
            waits = before is not None and bool(needs_trust(before, path) or (way_items(before) and not is_trusted(before, path)))
            refuse_of_other(profile, () if in_memory else secrets, path)
            places, problem = await self._keep(profile, secrets, in_memory=in_memory)
            save_profile(path, profile)
            # what the store has under a new profile's name from before, for other hosts, is shown before it goes to these
            if not waits and (before is not None or not stale_fields(profile, path)):
                trust(profile, path, edited=True)
        except AuthwizardError as error:
            return ui.SaveResult(False, places, str(error))
        return ui.SaveResult(True, places, f"{problem} {_IN_MEMORY}" if problem else "")

    async def _keep(self, profile: Profile, secrets: Mapping[str, Secret], *, in_memory: bool) -> tuple[dict[str, str], str]:
        """Keep secrets in the store, or in memory; return where each is, and why one that was to be in the store is not."""
        from authwizard.store.vault import Vault

        places: dict[str, str] = {}
        problem = ""
        store = self._open() if secrets and not in_memory else None
        vault = Vault(profile, store, base=profiles_file(self._config).parent, trusted=True)
        for field, value in secrets.items():
            try:
                if not in_memory and (store is None or problem):
                    raise StoreError(problem or self._store_problem)
                places[field] = await vault.keep(field, value) if not in_memory else self._remembered(profile.name, field, value)
            except StoreError as error:
                problem = str(error)
                places[field] = self._remembered(profile.name, field, value)
        return places, problem

    def _remembered(self, profile: str, field: str, value: Secret) -> str:
        self._memory.setdefault(profile, {})[field] = value
        return _MEMORY

    # ── importing ────────────────────────────────────────────────────────────────────────────────────────────────

    async def read_import(self, document: Document) -> ImportRead:
        """Say what a document would become."""
        from authwizard.cli.wizard_import import read_import

        return await read_import(document, profiles_file(self._config))

    async def save_import(self, preview: Preview, profile: Profile, in_memory: bool = False) -> ui.SaveResult:
        """Save what was previewed, under the name and with the settings that were filled in; all of it, or nothing."""
        from authwizard.cli.wizard_import import agree, checked_import
        from authwizard.store.profiles_write import save_profile

        path = profiles_file(self._config)
        places: dict[str, str] = {}
        try:
            checked_import(profile, preview.secrets, path)
            places, problem = await self._keep(profile, preview.secrets, in_memory=in_memory)
            save_profile(path, profile)
        except AuthwizardError as error:
            return ui.SaveResult(False, {}, f"{error} {await self._taken_back(profile.name, places)}".rstrip())
        try:
            agree(profile, path, foreign=preview.foreign)
        except AuthwizardError as error:
            problem = problem or str(error)
        return ui.SaveResult(True, places, f"{problem} {_IN_MEMORY}" if problem and _MEMORY in places.values() else problem)

    async def _taken_back(self, name: str, places: Mapping[str, str]) -> str:
        """Remove the secrets of a profile that could not be saved; say which are left, "" for none."""
        from authwizard.store.background import aside
        from authwizard.store.forget import forget_secret

        store, left = self._open(), []
        for field, place in places.items():
            if place == _MEMORY:
                self._memory.get(name, {}).pop(field, None)
                continue
            try:
                await aside(lambda f=field, s=store: forget_secret(s, name, f))  # type: ignore[misc]
            except StoreError:
                left.append(field)
        return f"Its {', '.join(left)} is in the store already: authwizard store forget {name}" if left else ""

    # ── under another name, in other hands ───────────────────────────────────────────────────────────────────────

    async def copy_profile(self, name: str, new: str) -> str:
        """Save the settings of a profile under a second name; return why not, "" when done."""
        from authwizard.cli.profile_share import copied

        try:
            copied(self.load(name), new, profiles_file(self._config))
        except AuthwizardError as error:
            return str(error)
        return ""

    async def rename_profile(self, name: str, new: str) -> str:
        """Give a profile another name, with its secrets; return why not, "" when done."""
        from authwizard.cli.configured import refuse_known
        from authwizard.store.background import aside
        from authwizard.store.renaming import rename
        from authwizard.store.state import stored_secrets

        path = profiles_file(self._config)
        try:
            refuse_known(new, path)
            stored = stored_secrets(self.load(name).name)
            store = self._open() if stored else None
            if stored and store is None:
                return f"{self._store_problem} The profile was not renamed, so that its secrets are not lost."
            await aside(lambda: rename(path, name, new, store))
        except AuthwizardError as error:
            return str(error)
        if name in self._memory:
            self._memory[new] = self._memory.pop(name)
        return ""

    def export_text(self, name: str) -> str:
        """Return a profile as it would be exported; raises AuthwizardError."""
        from authwizard.cli.profile_share import export_text

        return export_text(self.load(name))

    def write_export(self, name: str, path: str) -> ui.Written:
        """Write an export to a file that is not there yet."""
        target = Path(path).expanduser()
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(self.export_text(name))
        except FileExistsError:
            return ui.Written(problem=f"{safe_line(path)} is there already; give another name.")
        except OSError as error:
            return ui.Written(problem=f"{safe_line(path)} cannot be written: {error.strerror}.")
        except AuthwizardError as error:
            return ui.Written(problem=str(error))
        return ui.Written(path=str(target))

    # ── removing ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def remove(self, name: str) -> str:
        """Remove a profile with its stored secrets; return why not, "" when done."""
        from authwizard.store.background import aside
        from authwizard.store.renaming import remove
        from authwizard.store.state import stored_secrets

        path = profiles_file(self._config)
        try:
            stored = tuple(stored_secrets(name))
            store = self._open() if stored else None
            if stored and store is None:
                return f"{self._store_problem} The profile was not removed, so that its secrets are not forgotten there."
            await aside(lambda: remove(path, name, store))
        except AuthwizardError as error:
            return str(error)
        self._memory.pop(name, None)
        return ""


_MEMORY = "memory, until the wizard closes"
_IN_MEMORY = (
    "The secrets stay in this wizard's memory, and runs use them, until you quit. To keep them, write a reference (env:NAME or file:PATH)."
)
