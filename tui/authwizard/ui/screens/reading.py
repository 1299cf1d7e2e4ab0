"""The base of the screens of an import that have a document read: it is read beside the screen, which says so, and Esc stops it."""

from __future__ import annotations

import time
from typing import Generic, TypeVar

from textual.screen import ModalScreen
from textual.worker import Worker, WorkerState

from authwizard.ui.crash import sentence_of
from authwizard.ui.importing import Document, ImportRead
from authwizard.ui.services import Services
from authwizard.ui.signs import elapsed
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

T = TypeVar("T")
TICK = 0.3
"""Seconds after which a wait is told, and between two looks at the clock."""


class ReadingScreen(ModalScreen[T], Generic[T]):
    """Reads one document at a time; a subclass has a `#import-note` and says in `read_ended` what follows."""

    def __init__(self, services: Services, usual: str) -> None:
        """Say `usual` while nothing is read."""
        super().__init__()
        self._services = services
        self._usual = usual
        self._worker: Worker[None] | None = None
        self._since: float | None = None
        """When the reading began, None while nothing is read."""

    def on_mount(self) -> None:
        """Tell how long the reading takes."""
        self.set_interval(TICK, self._tell_time)

    def read(self, document: Document) -> None:
        """Have a document read, unless one is being read."""
        if self._since is None:
            self._worker = self.run_worker(self._read(document), group="reading", exit_on_error=False)

    async def _read(self, document: Document) -> None:
        self._since = time.monotonic()
        try:
            read = await self._services.read_import(document)
        finally:
            self._since = None
        self.note(Para(read.problem, "$warning", most=4) if read.problem else Para(self._usual, "dim"))
        self.run_worker(self.read_ended(document, read), group="import", exit_on_error=False)

    async def read_ended(self, document: Document, read: ImportRead) -> None:
        """Go on with what was read, in a worker that may wait for a person; a problem is told already."""
        raise NotImplementedError

    def note(self, para: Para) -> None:
        """Say something below what was given."""
        self.query_one("#import-note", Paragraphs).set([para])

    def stop_reading(self) -> bool:
        """Stop the reading; False where nothing is read."""
        if self._since is None or self._worker is None:
            return False
        self._worker.cancel()
        self.note(Para("Reading was stopped.", "dim"))
        return True

    def _tell_time(self) -> None:
        if self._since is not None:
            self.note(Para(f"Reading it: {elapsed(time.monotonic() - self._since)} (Esc: stop)", "dim"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say it where reading failed."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.note(Para(sentence_of(event.worker.error), "bold $error", most=4))
