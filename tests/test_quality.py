"""Formatter, linter, type checker and import contracts, run as tests: one command checks everything."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[1]


def run_tool(module: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a checking tool in the repository; skip where it is not installed, fail where everything must be."""
    if importlib.util.find_spec(module) is None:
        reason = f"{module} is not installed; pip install -e '.[test]' brings it"
        if os.environ.get("AUTHWIZARD_REQUIRE_SERVICES"):
            pytest.fail(reason)
        pytest.skip(reason)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def shown(done: subprocess.CompletedProcess[str]) -> str:
    return f"{' '.join(done.args)}\n{done.stdout}{done.stderr}"


def test_the_code_is_formatted() -> None:
    done = run_tool("ruff", sys.executable, "-m", "ruff", "format", "--check", "--quiet", "--diff")
    assert done.returncode == 0, shown(done)
    assert "warning" not in done.stderr, shown(done)


def test_the_linter_finds_nothing() -> None:
    done = run_tool("ruff", sys.executable, "-m", "ruff", "check", "--quiet", "--output-format=concise")
    assert done.returncode == 0, shown(done)
    assert "warning" not in done.stderr, shown(done)


def test_every_type_is_right() -> None:
    paths = [path for path in ("tui/authwizard", "screenshots/make.py") if (ROOT / path).exists()]
    done = run_tool("mypy", sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", *paths)
    assert done.returncode == 0, shown(done)
    assert not done.stdout + done.stderr, shown(done)


def test_the_import_contracts_hold() -> None:
    done = run_tool("importlinter", str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache")
    assert done.returncode == 0, shown(done)
    assert "0 broken" in done.stdout, shown(done)
