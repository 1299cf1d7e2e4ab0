"""What can every place that keeps secrets do?

A place is one class in one file: the system's keyring (`keyring_store`), an encrypted file (`file_store`), and this process's memory
(`memory_store`). Secrets are named by profile and field; what a store is asked, it does or raises StoreError.
"""

from __future__ import annotations

from typing import Protocol

from authwizard.model.errors import StoreError
from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret


@dataclass(frozen=True)
class StorePlace:
    """A store as it is shown: `id` for settings and state, `title` for people, `backend` (a class) where there is one.

    `problem` says why it cannot be used now and what would change that; "" = nothing is known to be wrong. `warning` is what should be
    known although it can be used.
    """

    id: str
    title: str
    durable: bool
    backend: str = ""
    problem: str = ""
    warning: str = ""


class SecretStore(Protocol):
    """One place for secrets. The calls may block; a coroutine awaits them through `background.aside`."""

    @property
    def title(self) -> str:
        """The place's name for people, as far as it is known without asking it."""
        ...

    @property
    def durable(self) -> bool:
        """Whether a secret is still there after the process has ended."""
        ...

    def get(self, profile: str, field: str) -> Secret | None:
        """Return a secret, or None where none is stored. Raises StoreError where the place cannot be read."""
        ...

    def set(self, profile: str, field: str, secret: Secret) -> None:
        """Store a secret and read it back. Raises StoreError where it is not kept."""
        ...

    def delete(self, profile: str, field: str) -> bool:
        """Remove a secret; False where there was none. Raises StoreError."""
        ...

    def describe(self) -> StorePlace:
        """Say which place this is and whether it can be used; writes nothing and never raises."""
        ...

    def probe(self) -> StorePlace:
        """Write a test value, read it back, delete it. Raises StoreError with what is wrong."""
        ...


def check_storable(secret: Secret) -> None:
    """Raise StoreError for a text that no store could return as it is (lone surrogates, from bytes that were not UTF-8)."""
    try:
        secret.reveal().encode("utf-8")
    except UnicodeEncodeError:
        pass
    else:
        return
    raise StoreError("The value holds bytes that are not UTF-8 text, which a secret store cannot keep. Use a file: reference.")
