"""What can the wizard compare a run with, and how does it come out? An earlier run of this sitting, a saved run, another profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.model.errors import UsageError
from authwizard.ui.services import Comparable

if TYPE_CHECKING:
    from authwizard.model.run import Run
    from authwizard.report.comparison import Comparison

BEFORE, SAVED, PROFILE = "run ", "file ", "profile "
"""Beginnings of the ids: a run of this sitting by its place among those kept, a file by its path, a profile by its name."""
KEPT = 4
"""Runs that are kept to compare with, over all subjects."""


def kept(runs: Sequence[Run], run: Run) -> tuple[Run, ...]:
    """Return the runs to keep once another one has ended."""
    return (*runs[-(KEPT - 1) :], run)


def started_seconds(run: Run) -> float:
    """Return when a run began, in Unix seconds."""
    return dt.datetime.fromisoformat(run.started_at).timestamp()


def saved_run(run: Run) -> Path:
    """Return where the report screen writes a run as JSON unless told otherwise."""
    from authwizard.ui.screens.report import default_path

    return Path(default_path(run.profile, "json"))


def comparables(run: Run, runs: Sequence[Run], profiles: Iterable[str]) -> tuple[Comparable, ...]:
    """List what a run can be compared with, the newest run first."""
    items = [
        Comparable(f"{BEFORE}{number}", f"the run of {earlier.started_at[11:19]} UTC", earlier.verdict.summary)
        for number, earlier in reversed(tuple(enumerate(runs)))
        if earlier is not run and earlier.profile == run.profile
    ]
    path = saved_run(run)
    if path.is_file():
        items.append(Comparable(f"{SAVED}{path}", f"the run saved as {path}"))
    return (*items, *(Comparable(f"{PROFILE}{name}", f"the profile {name}") for name in profiles if name != run.profile))


def compare_with_run(run: Run, runs: Sequence[Run], item: str) -> Comparison:
    """Compare a run with an earlier or a saved one, as `comparables` named it; raises UsageError where that cannot be read."""
    from authwizard.cli.compare import read_run
    from authwizard.report.json_run import run_object
    from authwizard.report.run_comparison import compare_runs

    if item.startswith(SAVED):
        path = Path(item.removeprefix(SAVED))
        other, name = read_run(path), path.name
    else:
        other, name = run_object(runs[int(item.removeprefix(BEFORE))]), "before"
    try:
        return compare_runs(other, run_object(run), (name, "now"))
    except ValueError as error:
        raise UsageError(f"{name} cannot be compared: {error}.") from None
