"""How are secrets kept for this process alone?"""

from __future__ import annotations

from authwizard.model.secret import Secret
from authwizard.store.secrets import StorePlace


class MemoryStore:
    """Secrets of this process; gone when it ends."""

    title = "memory"
    durable = False

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Secret] = {}

    def get(self, profile: str, field: str) -> Secret | None:
        """Return a secret, or None."""
        return self._kept.get((profile, field))

    def set(self, profile: str, field: str, secret: Secret) -> None:
        """Keep a secret until the process ends."""
        self._kept[profile, field] = secret

    def delete(self, profile: str, field: str) -> bool:
        """Forget a secret; False where there was none."""
        return self._kept.pop((profile, field), None) is not None

    def describe(self) -> StorePlace:
        """Say that this is memory."""
        return StorePlace("memory", "memory of this session", durable=False)

    def probe(self) -> StorePlace:
        """Memory always works."""
        return self.describe()
