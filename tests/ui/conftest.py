"""What the screen tests share: the scripted services, and Textual without animation."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from quiet import install


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    install(monkeypatch)


SIZES = {"80x24": (80, 24), "120x40": (120, 40)} if os.environ.get("CI") else {"80x24": (80, 24)}
"""Outside CI the walks with many screens go through the smaller window alone."""


@pytest.fixture(params=SIZES.values(), ids=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """The two window sizes every walk must look right at."""
    return request.param
