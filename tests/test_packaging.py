"""Does the built wheel hold everything, and does the wizard start from it in an environment that holds nothing else?"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import authwizard

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[1]
PACKAGE = Path(authwizard.__file__).parent
REQUIRED = bool(os.environ.get("AUTHWIZARD_REQUIRE_SERVICES"))
NO_INDEX = re.compile(
    r"NewConnectionError|Name or service not known|Temporary failure in name resolution|Network is unreachable|ConnectTimeout|ReadTimeout|"
    r"ProxyError|Max retries exceeded|Connection refused"
)
"""What pip says where the package index cannot be reached."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once, with the build tools that are installed here."""
    missing = [module for module in ("build", "hatchling") if importlib.util.find_spec(module) is None]
    if missing:
        _cannot(f"{' and '.join(missing)} not installed; pip install -e '.[test]' brings them")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def clean(wheel: Path, request: pytest.FixtureRequest) -> Path:
    """Return the folder of programs of an environment with the wheel and its dependencies alone.

    The dependencies are fetched once and kept while they and the interpreter stay the same; the wheel is always put in anew.
    """
    about = f"{sys.version}{sys.executable}{sorted(importlib.metadata.requires('authwizard') or ())}"
    home = request.config.cache.mkdir("clean-environment") / hashlib.sha256(about.encode()).hexdigest()[:16]
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    ready = home / "ready"
    if not ready.exists():
        shutil.rmtree(home.parent, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=120)
        _pip(programs, str(wheel))
        ready.touch()
    _pip(programs, "--force-reinstall", "--no-deps", str(wheel))
    return programs


def _pip(programs: Path, *arguments: str) -> None:
    quick = ("--quiet", "--disable-pip-version-check", "--no-compile", "--root-user-action=ignore")
    command = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", *quick, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode and NO_INDEX.search(done.stderr):
        _cannot("the package index cannot be reached")
    assert done.returncode == 0, done.stdout + done.stderr


def _cannot(reason: str) -> None:
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


# ── the wheel ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {
        f"authwizard/{path.relative_to(PACKAGE).as_posix()}" for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    assert held == wanted
    for name in ("py.typed", "ui/authwizard.tcss", "knowledge/causes.toml", "report/run.schema.json"):
        assert f"authwizard/{name}" in held


def test_the_wheel_names_version_licence_and_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (folder,) = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        metadata = Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
        commands = archive.read(f"{folder}/entry_points.txt").decode()
        assert f"{folder}/licenses/LICENSE" in archive.namelist()
    assert metadata["Version"] == authwizard.__version__ == importlib.metadata.version("authwizard")
    assert metadata["Requires-Python"] == ">=3.11"
    assert "authwizard = authwizard.__main__:main" in commands


# ── a clean environment ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_installed_command_tells_its_version(clean: Path) -> None:
    done = subprocess.run([str(clean / "authwizard"), "--version"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"authwizard {authwizard.__version__}\n", "")


def test_no_dependency_brings_click(clean: Path) -> None:
    code = "import importlib.metadata as m; print(*sorted(d.name.lower() for d in m.distributions()))"
    done = subprocess.run([str(clean / "python"), "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "authwizard" in done.stdout.split()
    assert not {"click", "typer", "uvicorn", "pytest"} & set(done.stdout.split())


def test_a_run_works_there(clean: Path) -> None:
    command = [str(clean / "authwizard"), "demo", "token_expired", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "token_expired" in done.stdout


@pytest.mark.parametrize(("arguments", "quit_key"), [((), b"\x11"), (("demo", "token_expired"), b"q")], ids=["home", "demo"])
def test_the_wizard_starts_and_quits_there(clean: Path, arguments: tuple[str, ...], quit_key: bytes) -> None:
    screen, status = at_a_terminal([str(clean / "authwizard"), *arguments], shows="authwizard", then=quit_key)
    assert "authwizard" in screen
    assert status == 0, screen


def at_a_terminal(command: list[str], *, shows: str, then: bytes, seconds: float = 30) -> tuple[str, int]:
    """Run a command in a terminal of 80 by 24, press keys once it shows a word; return what it wrote and its exit status."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True)
    os.close(theirs)
    deadline = time.monotonic() + seconds
    written, pressed = b"", False
    try:
        while time.monotonic() < deadline:
            readable, _, _ = select.select([ours], [], [], 0.1)
            if readable and not (chunk := _read(ours)):
                break
            written += chunk if readable else b""
            if not pressed and shows in plain(written):
                os.write(ours, then)
                pressed = True
        status = process.wait(timeout=max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        pytest.fail(f"{command} did not end. It wrote: {plain(written)[-2000:]}")
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return plain(written), status


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""  # Linux says EIO where the other end is closed


def plain(written: bytes) -> str:
    """Return what was written without the control sequences."""
    return re.sub(
        r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[ -/]*[0-~])", "", written.decode(errors="replace")
    )
