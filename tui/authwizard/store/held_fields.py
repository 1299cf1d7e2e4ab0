"""Which secrets of a profile does a store hold, whether or not they are noted in the state directory?"""

from __future__ import annotations

from authwizard.model.profile import SECRET_FIELDS
from authwizard.store import slots
from authwizard.store.rotation import Rotation
from authwizard.store.rotation_places import StorePlace
from authwizard.store.secrets import SecretStore


def held_fields(store: SecretStore, profile: str) -> tuple[str, ...]:
    """Return the fields that a store has under a profile's name, looked up one by one. Raises StoreError."""
    return tuple(field for field in SECRET_FIELDS if is_held(store, profile, field))


def is_held(store: SecretStore, profile: str, field: str) -> bool:
    """Tell whether a store has a secret under a profile's name. Raises StoreError."""
    if field == slots.ROTATING:
        return Rotation(StorePlace(store, profile)).newest() is not None
    return store.get(profile, field) is not None
