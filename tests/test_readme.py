"""Is what the README shows true: its commands, its pictures, its profile?"""

from __future__ import annotations

import importlib.util
import io
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

from authwizard.cli.arguments import parse
from authwizard.store.profiles import parse_profiles

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = [line.strip() for line in README.replace("\\\n", "").splitlines() if line.startswith("    ")]
COMMANDS = [line for line in SHOWN if line.startswith("authwizard ")]


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """Return screenshots/make.py as a module."""
    path = ROOT / "screenshots" / "make.py"
    if not path.exists():
        pytest.skip("the screenshots are not part of the source distribution")
    spec = importlib.util.spec_from_file_location("make_screenshots", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["make_screenshots"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_two_commands_stand_there_as_they_are_meant_to_be_typed() -> None:
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/authwizard demo" in SHOWN
    assert "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest" in SHOWN


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_understood(line: str) -> None:
    assert parse(shlex.split(line, comments=True)[1:]).run


def test_there_are_commands_to_try() -> None:
    assert len(COMMANDS) >= 6


def test_the_profile_can_be_read() -> None:
    start = SHOWN.index("version = 1")
    lines = SHOWN[start : next(n for n in range(start, len(SHOWN)) if SHOWN[n].startswith("authwizard"))]
    profile = parse_profiles("\n".join(lines), "README.md")["ci"]
    assert profile.secrets["access_token"].ref == "env:API_TOKEN"


def test_every_picture_is_drawn_by_the_command(make: ModuleType) -> None:
    drawn = {f"screenshots/{shot.name}-{width}x{height}.png" for shot in make.SHOTS for width, height in make.SIZES}
    shown = set(re.findall(r"!\[[^]]+\]\(([^)]+)\)", README))
    assert shown
    assert shown <= drawn


def test_a_picture_fetches_nothing(make: ModuleType) -> None:
    from rich.console import Console

    console = Console(record=True, file=io.StringIO())
    console.print("text")
    svg = console.export_svg(title="authwizard")
    assert "https://cdnjs" in svg
    local = make.local_fonts(svg)
    assert set(re.findall(r"https?://[^\"')\s]+", local)) <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
    assert "@font-face" not in local
    assert "DejaVu Sans Mono" in local
