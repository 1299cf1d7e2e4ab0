"""What a row of the acceptance matrix is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from e2e.rig.judge import Expected
from e2e.rig.world import Rig

Setup = Callable[[Rig], None]


@dataclass(frozen=True)
class Row:
    """One fault. `star`: also run with a server that says nothing, where no cause may be named wrongly."""

    id: str
    fault: str
    setup: Setup
    expected: Expected
    options: tuple[str, ...] = ()
    styles: tuple[str, ...] = ("express",)
    star: bool = False
    process: bool = False
    """Run by the real command line in a process of its own."""
    faketime: str = ""
    """How far the process's clock is off, as faketime writes it."""
    waiting: str = ""
    """The check this row still waits for."""


class Rows(list[Row]):
    """The rows of one family, in order."""

    def row(
        self, id: str, cause: str | None, step: int | None, *, options: str = "", styles: str = "express", star: bool = False,
        process: bool = False, faketime: str = "", waiting: str = "", **expected: Any,
    ) -> Callable[[Setup], Setup]:  # fmt: skip
        """Declare a row; the setup's docstring is the fault."""

        def declare(setup: Setup) -> Setup:
            fault = (setup.__doc__ or "").strip()
            right = Expected(cause, step, **expected)
            self.append(Row(id, fault, setup, right, tuple(options.split()), tuple(styles.split()), star, process, faketime, waiting))
            return setup

        return declare
