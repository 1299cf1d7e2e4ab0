"""Is a store that was opened a while ago still the one in use? Another process may move all secrets meanwhile.

A move copies, pins the new place and then empties the old one: what is written to the old one in between would be removed with the rest, or
lie where nothing looks. So both hold one lock, and who comes second looks again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from authwizard.model.errors import StoreError
from authwizard.store.file_store import FileStore
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.paths import locked, state_dir
from authwizard.store.secrets import SecretStore
from authwizard.store.settings import load_settings

_WAIT_SECONDS = 45.0
"""Longer than a keyring may take to answer one write."""


@contextlib.contextmanager
def places_held() -> Iterator[None]:
    """Let no other process move the secrets, or write one, meanwhile. Raises LockBusy."""
    with locked(state_dir() / "places of secrets", wait_seconds=_WAIT_SECONDS):
        yield


@contextlib.contextmanager
def in_use(store: SecretStore) -> Iterator[None]:
    """Hold the places while something is written to `store`. Raises StoreError where another place was chosen since it was opened."""
    with places_held():
        chosen = load_settings().store
        if (isinstance(store, FileStore) and chosen == "keyring") or (isinstance(store, KeyringStore) and chosen == "file"):
            raise StoreError("Nothing was stored: another authwizard has moved the secrets to another place meanwhile. Try again.")
        yield
