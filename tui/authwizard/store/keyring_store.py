"""How are secrets kept in the operating system's keyring without ever hanging, losing or printing one?

Items are `authwizard/<profile>/<field>` of the user `authwizard`, so `keyring get authwizard/prod/client_secret authwizard` and the
platform's own tools show them. All calls run on one daemon thread with a time limit; every write is read back.
What D-Bus and its password window print goes to the terminal past this program: a full-screen user of this redirects descriptor 2.
"""

from __future__ import annotations

import secrets as random_source
from collections.abc import Callable
from typing import TypeVar

from authwizard.model.secret import Secret
from authwizard.store import chunks
from authwizard.store.background import CallThread, NoAnswer
from authwizard.store.keyring_backends import Backend, class_of, find_backend, item_limit, title_of
from authwizard.store.keyring_faults import KeyringFault, damaged, fault_of, hanging, not_kept
from authwizard.store.secrets import StorePlace, check_storable

T = TypeVar("T")

USER = "authwizard"
PROBE_SECONDS = 2.0
CALL_SECONDS = 30.0
"""Long enough for a person to type the keyring's password."""


class KeyringStore:
    """The system's keyring. `backend` and `find` are for tests and for a back end that was chosen before."""

    durable = True

    def __init__(
        self,
        backend: Backend | None = None,
        *,
        find: Callable[[], Backend] = find_backend,
        seconds: float = CALL_SECONDS,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._backend = backend
        self._find = find
        self._seconds = seconds
        self._probe_seconds = probe_seconds
        self._thread = CallThread("authwizard-keyring")
        self.title = "The system keyring"

    def get(self, profile: str, field: str) -> Secret | None:
        """Return a stored secret, or None. Raises KeyringFault."""
        return self.get_item(_service(profile, field), USER)

    def set(self, profile: str, field: str, secret: Secret) -> None:
        """Store a secret and read it back. Raises KeyringFault, StoreError."""
        self.set_item(_service(profile, field), USER, secret)

    def delete(self, profile: str, field: str) -> bool:
        """Remove a secret with all its parts; False where there was none. Raises KeyringFault."""
        return self._call("delete", lambda backend: _delete(backend, _service(profile, field), USER))

    def get_item(self, service: str, user: str) -> Secret | None:
        """Return any item of the keyring (`keyring:SERVICE/USER`), or None. Raises KeyringFault."""
        return self._call("read", lambda backend: _read(backend, service, user))

    def set_item(self, service: str, user: str, secret: Secret) -> None:
        """Write any item of the keyring and read it back. Raises KeyringFault, StoreError."""
        check_storable(secret)
        self._call("write", lambda backend: _write(backend, service, user, secret), written=secret)

    def describe(self) -> StorePlace:
        """Say which keyring this is; asks it for no secret."""
        try:
            backend = self._call("open", lambda backend: backend, seconds=self._probe_seconds)
        except KeyringFault as exc:
            return StorePlace("keyring", "system keyring", durable=True, problem=str(exc))
        return StorePlace("keyring", self.title, durable=True, backend=class_of(backend))

    def probe(self) -> StorePlace:
        """Write a test value, read it back and delete it, all within the short limit. Raises KeyringFault."""
        service = _service("probe", random_source.token_hex(4))
        value = Secret(random_source.token_hex(16))
        backend = self._call("write", lambda backend: _try(backend, service, value), seconds=self._probe_seconds)
        return StorePlace("keyring", self.title, durable=True, backend=class_of(backend))

    def give_up(self) -> bool:
        """End the waiting for the keyring now: who waits is told that it does not answer. Tell whether anybody waited."""
        return self._thread.give_up()

    def _call(self, action: str, work: Callable[[Backend], T], *, seconds: float | None = None, written: Secret | None = None) -> T:
        """Make a call on the keyring's thread; where an earlier one is still stuck there, wait only the short limit."""
        limit = self._seconds if seconds is None else seconds
        if self._thread.is_stuck:
            limit = min(limit, self._probe_seconds)
        try:
            return self._thread.call(lambda: work(self._found()), limit, may_be_left=written is None)
        except NoAnswer as exc:
            raise hanging(action, self.title, exc.seconds, started=exc.started and written is not None) from None
        except KeyringFault:
            raise
        except Exception as exc:  # noqa: BLE001  # back ends raise anything (D-Bus, operating system), and a secret may be in it
            quotes = written is not None and written.reveal() in str(exc)
            raise fault_of(exc, action, self.title, size=len(written or ""), quiet=quotes) from None

    def _found(self) -> Backend:
        """Return the back end, found at the first call (on the thread: finding it asks D-Bus)."""
        backend = self._backend or self._find()
        self.title = title_of(backend)
        self._backend = backend
        return backend


def _service(profile: str, field: str) -> str:
    return f"authwizard/{profile}/{field}"


def _part(service: str, number: int) -> str:
    return f"{service}#{number}"


def _read(backend: Backend, service: str, user: str) -> Secret | None:
    text = backend.get_password(service, user)
    header = chunks.read_header(text) if text is not None else None
    if header is None:
        return None if text is None else Secret(text)
    whole = chunks.join(header, [backend.get_password(_part(service, number), user) for number in range(header.parts)])
    if whole is None:
        raise damaged(service)
    return Secret(whole)


def _write(backend: Backend, service: str, user: str, secret: Secret) -> None:
    text = secret.reveal()
    limit = item_limit(backend)
    in_parts = chunks.must_split(text, limit)
    # elsewhere nothing is in parts, and reading an old item may make the platform ask for a password
    before = _header(backend, service, user) if in_parts or limit is not None else None
    parts: list[str] = []
    if in_parts:
        parts = chunks.split(text)
        for number, part in enumerate(parts):
            backend.set_password(_part(service, number), user, part)
        text = str(chunks.header_of(text, len(parts), before.generation + 1 if before else 1))
    backend.set_password(service, user, text)
    if _read(backend, service, user) != secret:
        raise not_kept(title_of(backend))
    for number in range(len(parts), before.parts if before else 0):
        _remove(backend, _part(service, number), user)


def _header(backend: Backend, service: str, user: str) -> chunks.Header | None:
    """Return the header of what is stored now, to know its parts; None where it is not in parts."""
    text = backend.get_password(service, user)
    return chunks.read_header(text) if text is not None else None


def _delete(backend: Backend, service: str, user: str) -> bool:
    header = _header(backend, service, user)
    found = _remove(backend, service, user)
    for number in range(header.parts if header else 0):
        _remove(backend, _part(service, number), user)
    return found


def _remove(backend: Backend, service: str, user: str) -> bool:
    """Remove an item; False where there is none."""
    if backend.get_password(service, user) is None:
        return False
    backend.delete_password(service, user)
    return True


def _try(backend: Backend, service: str, value: Secret) -> Backend:
    try:
        _write(backend, service, USER, value)
    finally:
        _remove(backend, service, USER)
    return backend
