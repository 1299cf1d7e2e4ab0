"""How is a stored secret removed with everything that belongs to it?"""

from __future__ import annotations

from authwizard.store import in_flight, journal, slots
from authwizard.store.rotation_places import store_id
from authwizard.store.secrets import SecretStore
from authwizard.store.state import forget_stored


def forget_secret(store: SecretStore, profile: str, field: str) -> bool:
    """Remove a secret from the store and from what is remembered of it; False where the store had none. Raises StoreError.

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
