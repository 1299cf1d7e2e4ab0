"""How old are a profile's secrets, and when should they be rotated?"""

from __future__ import annotations

import datetime as dt
import time

from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile

ROTATED = ("client_secret", "api_key", "password", "private_key")
"""Secrets that live until somebody exchanges them."""
ROTATE_DAYS = 90
DAY = 86_400


@dataclass(frozen=True)
class Age:
    """The age of one secret in days (None = unknown), in words, and whether it should have been rotated by now."""

    field: str
    days: int | None
    words: str
    overdue: bool


def secret_ages(profile: Profile, now: float | None = None) -> tuple[Age, ...]:
    """Return the ages of the secrets that want rotating; raises StoreError where the state cannot be read.

    A reference's `created` and `rotate_days` say it for a reference; for a stored secret it is when it was stored, and what was said then.
    Never guessed.
    """
    from authwizard.store.state import stored_secrets

    moment = time.time() if now is None else now
    stored = stored_secrets(profile.name)
    ages = []
    for field in ROTATED:
        reference = profile.secrets.get(field)
        if reference is not None:
            ages.append(_age(field, _days(reference.created, moment), reference.rotate_days or ROTATE_DAYS))
        elif field in stored:
            created = stored[field].created
            ages.append(_age(field, None if created is None else int((moment - created) // DAY), stored[field].rotate_days or ROTATE_DAYS))
    return tuple(ages)


def _days(created: dt.date | None, moment: float) -> int | None:
    return None if created is None else (dt.datetime.fromtimestamp(moment, dt.UTC).date() - created).days


def _age(field: str, days: int | None, limit: int) -> Age:
    if days is None:
        return Age(field, None, "age unknown", overdue=False)
    left = limit - max(days, 0)
    old = f"{max(days, 0)} day{'' if days == 1 else 's'} old"
    return Age(field, max(days, 0), f"{old}, rotate in {left}" if left > 0 else f"{old}, rotate it", overdue=left <= 0)
