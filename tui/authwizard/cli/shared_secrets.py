"""Which secrets do several saved profiles hold? By fingerprint; no keyring is asked, and a profile nobody agreed to tells nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret


@dataclass(frozen=True)
class Shared:
    """A secret of a profile that others hold too."""

    field: str
    others: tuple[str, ...]
    fingerprint: str

    @property
    def words(self) -> str:
        """Where else it is used, for a line behind the field's name."""
        return f"used in {', '.join(self.others)} too"


def shared_secrets(
    profiles: Mapping[str, Profile], source: Path, memory: Mapping[str, Mapping[str, Secret]] | None = None
) -> dict[str, tuple[Shared, ...]]:
    """Return what each profile shares with others, by name; those that share nothing are left out."""
    from authwizard.store.other_secrets import OtherSecrets

    held = OtherSecrets(profiles.values(), source, None, memory).look()
    found: dict[str, tuple[Shared, ...]] = {}
    for one in held:
        others = tuple(dict.fromkeys(o.profile for o in held if o.fingerprint == one.fingerprint and o.profile != one.profile))
        if others:
            found[one.profile] = (*found.get(one.profile, ()), Shared(one.field, others, one.fingerprint))
    return found
