"""Which kinds of request has the user already agreed to for this profile? (DESIGN 5.5)

Kept per profile and its origins: where an origin changed, the question is asked again. C5 is asked each time, in production C3 and C4
too; none of these is ever remembered.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from authwizard.model.options import Cost
from authwizard.model.profile import Profile
from authwizard.store.state_file import StateFile
from authwizard.store.trust import api_origins, server_origins

_FILE = StateFile("consent.json", "what you agreed to send (you will be asked again)")


def remembered_consent(profile: Profile) -> frozenset[Cost]:
    """Return the cost classes that need no question for this profile now (C0 never does). Raises StoreError."""
    kept = _FILE.table("profiles").get(profile.name)
    if not isinstance(kept, dict) or kept.get("origins") != _origins(profile):
        return frozenset({Cost.C0})
    costs = kept.get("costs")
    named = {str(cost) for cost in costs} if isinstance(costs, list) else set()
    return frozenset({Cost.C0} | {cost for cost in _rememberable(profile) if cost.value in named})


def remember_consent(profile: Profile, costs: Iterable[Cost]) -> None:
    """Remember what may be remembered of the user's consent. Raises StoreError."""
    kept = {
        "origins": _origins(profile),
        "costs": sorted(cost.value for cost in set(costs) & _rememberable(profile)),
        "at": int(time.time()),
    }

    def change(data: dict[str, Any]) -> None:
        data.setdefault("profiles", {})[profile.name] = kept

    _FILE.change(change)


def forget_consent(name: str) -> None:
    """Forget a profile's consent. Raises StoreError."""
    _FILE.change(lambda data: data.get("profiles", {}).pop(name, None))


def rename_consent(old: str, new: str) -> None:
    """Keep a profile's consent under its new name; what the new name has already stays. Raises StoreError."""

    def change(data: dict[str, Any]) -> None:
        profiles = data.setdefault("profiles", {})
        if old in profiles:
            profiles.setdefault(new, profiles.pop(old))

    _FILE.change(change)


def _rememberable(profile: Profile) -> frozenset[Cost]:
    once = {Cost.C1, Cost.C2, Cost.C3, Cost.C4}
    return frozenset(once - {Cost.C3, Cost.C4} if profile.environment == "production" else once)


def _origins(profile: Profile) -> list[str]:
    return [*api_origins(profile), *server_origins(profile)]
