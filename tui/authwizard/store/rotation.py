"""How is a refresh token replaced so that no crash and no second process loses its successor?

    1  lock the place, read the token again: another authwizard may have replaced it meanwhile
    2  write on trial where the successor will lie; make the journal's key
    3  mark that a refresh is under way, then the token is sent (by the caller, once, not to be cancelled)
    4  the answer goes to the journal at once, then to its place; it is read back
    5  remove journal and mark, let go of the lock
    6  once the API has accepted the new access token: remove the spent token, which lay beside its successor until then

Whatever is left of this by a process that died is put right, or told, by the next one that reads the token.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store import in_flight, journal
from authwizard.store.journal import mark_of
from authwizard.store.paths import LockBusy, locked
from authwizard.store.rotation_places import Place
from authwizard.store.slots import Held

LOCK_SECONDS = 45.0
"""Longer than another process needs to send its request and write the answer."""
PAUSES = (0.2, 1.0)
"""Seconds before a write that failed is tried again."""


class Rotation:
    """One place's refresh token while it is read, or replaced."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock: contextlib.ExitStack | None = None
        self._held: Held | None = None
        self._key: Secret | None = None
        self._sent = ""
        self._aside = ""

    @property
    def has_begun(self) -> bool:
        """Whether the place is held by `begin`."""
        return self._lock is not None

    def load(self) -> Held | None:
        """Return the token in use; what a process that died left in the journal is written to its place. Raises StoreError."""
        if self.has_begun:
            return self._put_right()
        if journal.read(self._place.id) is None and in_flight.mark_at(self._place.id) is None:
            return self._place.load()
        try:
            with held_place(self._place.id, seconds=0):
                return self._put_right()
        except Busy:
            return self._newest()[0]

    def newest(self) -> Held | None:
        """Return the token in use, from the journal where it is there alone; nothing is written. Raises StoreError."""
        return self._newest()[0]

    def begin(self, seen: Secret | None) -> Held | None:
        """Hold the place and make ready for the token `seen` to be spent; return the token that lies there now.

        Where that is another one, it was replaced meanwhile: nothing is made ready, and it must not be spent unseen. `settle` lets go.
        Raises StoreError; then nothing is held.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(held_place(self._place.id))
            held = self._put_right()
            if held is not None and seen in (None, held.secret):
                self._place.rehearse(held)
                self._key = self._place.key(make=True)
                journal.make_ready(self._key)
                self._sent = mark_of(held.secret)
                in_flight.begin(self._place.id, self._sent)
            self._held = held
            self._lock = stack.pop_all()
        return held

    def keep(self, secret: Secret) -> str:
        """Write the successor; return where it is kept for now, "" where in its place. Raises StoreError where it is kept nowhere."""
        problem = self._journaled(secret, self._key) if self._key is not None else "there is no journal"
        try:
            self._write(secret)
        except StoreError as error:
            if problem:
                raise
            self._aside = f"{_NOT_IN.format(self._place.title)} {error}"
            self._done(in_journal=True)
            return "an encrypted journal"
        self._done(in_journal=False)
        return ""

    def settle(self, *, unknown: bool) -> str:
        """Let go of the place. `unknown`: the token was sent, and no answer told what became of it.

        Return what the user must know of the successor, "" for nothing.
        """
        try:
            if self._sent and unknown:
                in_flight.unanswered(self._place.id, self._sent)
            elif self._sent:
                in_flight.end(self._place.id)
        except StoreError as error:
            self._aside = self._aside or str(error)
        finally:
            self._sent = ""
            if self._lock is not None:
                self._lock.close()
                self._lock = None
        return self._aside

    def store(self, secret: Secret) -> None:
        """Write a token that a person gave: it replaces whatever was there or under way. Raises StoreError."""
        with held_place(self._place.id):
            self._place.write(secret, self._place.load())
            journal.remove(self._place.id)
            in_flight.end(self._place.id)
            with contextlib.suppress(StoreError):  # it is stored; what it replaced goes when its access token has worked, at the latest
                self._scrub(self._place.load())

    def scrub(self, token: Secret) -> None:
        """Remove what `token` replaced, where it is the token in use still. Raises StoreError; Busy where it is being replaced itself."""
        with held_place(self._place.id, seconds=0):
            held, _ = self._newest()
            self._scrub(held if held is not None and held.secret == token else None)

    def _scrub(self, held: Held | None) -> None:
        if held is not None and held.replaced:
            self._place.scrub(held)

    def _journaled(self, secret: Secret, key: Secret) -> str:
        try:
            journal.write(self._place.id, secret, mark_of(self._held.secret if self._held else None), key)
        except (StoreError, ValueError) as error:
            return str(error)
        return ""

    def _write(self, secret: Secret) -> None:
        for pause in PAUSES:
            with contextlib.suppress(StoreError):
                self._place.write(secret, self._held)
                return
            time.sleep(pause)
        self._place.write(secret, self._held)

    def _done(self, *, in_journal: bool) -> None:
        """The outcome is known and kept: what is left over now would only mislead the next reader, and he can tell."""
        self._sent = ""
        with contextlib.suppress(StoreError):
            if not in_journal:
                journal.remove(self._place.id)
            in_flight.end(self._place.id)

    def _put_right(self) -> Held | None:
        """Write what the journal has to its place, and remove what is of no more use; the lock is held."""
        held, from_journal = self._newest()
        if from_journal and held is not None:
            try:
                self._place.write(held.secret, self._place.load())
            except StoreError as error:
                self._aside = f"{_NOT_IN.format(self._place.title)} {error}"
                return held
            held = self._place.load()
        journal.remove(self._place.id)
        mark = in_flight.mark_at(self._place.id)
        if mark is not None and held is not None and mark.token != mark_of(held.secret):
            in_flight.end(self._place.id)
        return held

    def _newest(self) -> tuple[Held | None, bool]:
        """Return the token in use, and whether it is in the journal alone."""
        held, entry = self._place.load(), journal.read(self._place.id)
        if entry is None or (held is not None and entry.replaces != mark_of(held.secret)):
            return held, False  # it has arrived in its place, or another was put there since
        return Held(journal.opened(self._place.id, entry, self._place.key()), held.generation + 1 if held else 1), True

    def standing(self, token: Secret | None) -> str:
        """Return what is to be said of the token that was read: it may be spent, or it is in the journal alone; "" for nothing."""
        mark = in_flight.mark_at(self._place.id)
        if mark is not None and mark.token == mark_of(token) and _is_free(self._place.id):
            return str(mark)
        return self._aside


_NOT_IN = "The new refresh token is not in {} yet; it is kept in an encrypted journal, and the next run writes it there."


class Busy(StoreError):
    """Another authwizard holds the place."""


def standing(place: str) -> str:
    """Return what is known, without asking any store, of a refresh that was under way when authwizard stopped; "" for nothing.

    Raises StoreError.
    """
    mark, kept = in_flight.mark_at(place), journal.path_of(place).exists()
    if not (mark or kept) or not _is_free(place):
        return ""
    if kept:
        return "A refresh was cut short; its new token is kept in an encrypted journal, and the next run writes it to its place."
    return str(mark)


def _is_free(place: str) -> bool:
    try:
        with held_place(place, seconds=0):
            return True
    except Busy:
        return False


@contextlib.contextmanager
def held_place(place: str, *, seconds: float | None = None) -> Iterator[None]:
    """Hold a place among all processes. Raises Busy where another one does not let go within the time."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(journal.path_of(place), wait_seconds=LOCK_SECONDS if seconds is None else seconds))
        except LockBusy:
            raise Busy("Another authwizard is renewing this profile's tokens. Try again in a moment.") from None
        yield
