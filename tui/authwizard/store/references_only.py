"""What stands for the store where the user chose to keep secrets nowhere, and to refer to them from the profiles?"""

from __future__ import annotations

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store.secrets import StorePlace

NOT_STORED = (
    "Secrets are not stored, as you chose (settings.toml): write a reference in the profile (env:NAME, file:PATH), or choose a place with: "
    "authwizard store use keyring|file"
)


class ReferencesOnly:
    """Keeps nothing: what is to be stored is refused, and nothing is found."""

    title = "no store (references only)"
    durable = False

    def get(self, profile: str, field: str) -> Secret | None:
        """Return None: nothing is kept here."""
        return None

    def set(self, profile: str, field: str, secret: Secret) -> None:
        """Refuse; raises StoreError with what to do instead."""
        raise StoreError(NOT_STORED)

    def delete(self, profile: str, field: str) -> bool:
        """Return False: nothing is kept here."""
        return False

    def describe(self) -> StorePlace:
        """Say that this is the user's choice."""
        return StorePlace("references", self.title, durable=False, problem=NOT_STORED)

    def probe(self) -> StorePlace:
        """Refuse, as `set` does."""
        raise StoreError(NOT_STORED)
