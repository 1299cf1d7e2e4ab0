"""Every fault on every API that nobody here wrote: the right cause, or an honest "cannot tell"; never a wrong cause."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .api_faults import CELLS
from .cells import Cell

pytestmark = pytest.mark.services


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_verdict_fits_the_fault(cell: Cell, hold: Callable[[Cell], object]) -> None:
    hold(cell)
