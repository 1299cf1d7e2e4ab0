"""Has another profiles file a profile of this name too? Then both use what is stored under it, and neither may take that away.

Secrets lie under a profile's name, whichever file names it (DESIGN 4). Looked at are the usual profiles file and each one of which a profile of
this name was agreed to.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from authwizard.model.errors import ConfigError, UsageError
from authwizard.model.profile import Profile
from authwizard.protocol.clean import safe_line
from authwizard.store import trust
from authwizard.store.paths import profiles_path
from authwizard.store.profiles import load_profiles
from authwizard.store.state import stored_secrets


def other_file(name: str, source: Path) -> Path | None:
    """Return another file that has a profile of this name; None where there is none. Raises StoreError.

    One that cannot be read counts as having it: what is stored stays then.
    """
    for path in dict.fromkeys((profiles_path(), *trust.files_with(name))):
        if path.resolve() != source.resolve() and _has(path, name):
            return path
    return None


def refuse_of_other(profile: Profile, fields: Iterable[str], source: Path) -> None:
    """Let nothing be stored over the secret of another file's profile that has the same name and other hosts. Raises StoreError, UsageError."""
    known = stored_secrets(profile.name)
    taken = [field for field in fields if field in known and known[field].binding != trust.binding(profile, field)]
    other = other_file(profile.name, source) if taken else None
    if other is not None:
        name = safe_line(profile.name)
        raise UsageError(
            f"{safe_line(str(other))} has a profile {name} too, and {', '.join(taken)} of it is stored for other hosts; it would be replaced. "
            f"Choose another name for this one (once it is saved: authwizard profile rename {name} NEW --config {safe_line(str(source))})."
        )


def _has(path: Path, name: str) -> bool:
    try:
        return name in load_profiles(path)
    except ConfigError:
        return path.exists()
