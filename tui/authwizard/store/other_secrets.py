"""Which secrets do the other profiles hold? By fingerprint alone, and only of profiles that were agreed to (DESIGN 5.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.model.vault import HeldElsewhere, OtherVaults
from authwizard.store.background import aside
from authwizard.store.marks import COMPARED, mark_of
from authwizard.store.references import resolve
from authwizard.store.state import last_verdict, stored_secrets
from authwizard.store.trust import needs_trust

_READ = frozenset({"env", "file"})
"""References that are read without a question; a keyring may ask for its password, a command may do anything."""


class OtherSecrets(OtherVaults):
    """The other profiles of one file.

    Args:
        profiles: The other profiles.
        source: The file they are in; None = they exist in memory only.
        key: The key for fingerprints.
        memory: Secrets in this process's memory, by profile and field; they come before all others.
    """

    def __init__(
        self, profiles: Iterable[Profile], source: Path | None, key: bytes | None, memory: Mapping[str, Mapping[str, Secret]] | None = None
    ) -> None:
        self._profiles = tuple(profiles)
        self._source = source
        self._key = key
        self._memory = memory or {}

    async def fingerprints(self) -> tuple[HeldElsewhere, ...]:
        """Return what is known without asking a keyring; a profile that was not agreed to tells nothing."""
        return await aside(self.look)

    def look(self) -> tuple[HeldElsewhere, ...]:
        """As `fingerprints`, for who does not run in an event loop."""
        return tuple(held for profile in self._profiles for held in self._of(profile))

    def _of(self, profile: Profile) -> Iterator[HeldElsewhere]:
        kept = self._memory.get(profile.name, {})
        marks = {field: mark_of(field, secret, self._key) for field, secret in kept.items()}
        works = False
        if self._source is not None:
            try:
                marks = {**self._on_disk(profile, self._source), **marks}
                works = _worked(profile.name)
            except StoreError:
                pass  # what cannot be looked up is not compared
        yield from (HeldElsewhere(profile.name, field, mark, works) for field, mark in marks.items() if mark)

    def _on_disk(self, profile: Profile, source: Path) -> dict[str, str]:
        if needs_trust(profile, source):
            return {}
        found = {field: row.fingerprint for field, row in stored_secrets(profile.name).items() if field not in profile.secrets}
        for field, reference in profile.secrets.items():
            if field in COMPARED and reference.scheme in _READ:
                try:
                    secret = resolve(reference, base=source.parent, keyring=None).secret
                except StoreError:
                    continue  # a reference that leads nowhere holds nothing to compare
                if secret is not None:
                    found[field] = mark_of(field, secret, self._key)
        return found


def _worked(name: str) -> bool:
    """Tell whether the profile's last run was healthy, and none of its secrets was stored since."""
    last = last_verdict(name)
    if last is None or last.kind != "healthy":
        return False
    return all((row.created or 0) <= last.at for row in stored_secrets(name).values())
