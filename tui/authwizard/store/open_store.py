"""Which store is used for secrets that have no reference?"""

from __future__ import annotations

from functools import partial

from authwizard.store.file_store import AskPassphrase, FileStore
from authwizard.store.keyring_backends import find_backend
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.references_only import ReferencesOnly
from authwizard.store.secrets import SecretStore
from authwizard.store.settings import Settings


def open_store(settings: Settings, ask: AskPassphrase = lambda _: None) -> SecretStore:
    """Return the store that `settings.toml` pins, else the system's keyring; it is not touched yet.

    `ask` gives the passphrase of the encrypted file when it is first needed.

    What is pinned is never exchanged for another place: a secret would seem to be missing, or be written where nobody expects it.
    """
    if settings.store == "memory":
        return MemoryStore()
    if settings.store == "references":
        return ReferencesOnly()
    if settings.store == "file":
        return FileStore(ask)
    return KeyringStore(find=partial(find_backend, settings.keyring_backend))
