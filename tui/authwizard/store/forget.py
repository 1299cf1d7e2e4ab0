"""How is a stored secret removed with everything that belongs to it?"""

from __future__ import annotations

from authwizard.store import in_flight, journal, slots
from authwizard.store.rotation import held_place
from authwizard.store.rotation_places import store_id
from authwizard.store.secrets import SecretStore
from authwizard.store.state import forget_stored


def forget_secret(store: SecretStore, profile: str, field: str) -> bool:
    """Remove a secret from the store and from what is remembered of it; False where the store had none. Raises StoreError.

    A refresh token that is being renewed is waited for: else its successor would come after this, and stay. Raises Busy where that takes long.
    """
    if field != slots.ROTATING:
        return forget_held(store, profile, field)
    with held_place(store_id(profile)):
        return forget_held(store, profile, field)


def forget_held(store: SecretStore, profile: str, field: str) -> bool:
    """As `forget_secret`, where the caller holds the place of the refresh token.

    What is remembered goes last: a secret whose removal failed is still known to be there.
    """
    if field != slots.ROTATING:
        found = store.delete(profile, field)
    else:
        found = slots.delete(store, profile)
        journal.remove(store_id(profile))
        in_flight.end(store_id(profile))
        store.delete(profile, journal.KEY_FIELD)
    forget_stored(profile, field)
    return found
