"""Does this machine's own time service keep its clock? Asked by the commands of the system, which change nothing (CHECKS S6-05)."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import Callable, Mapping

from authwizard.model.evidence import Absence, ClientEnvironment, ClockSync, NotApplicable, Unavailable
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost
from authwizard.probe import World, probe
from authwizard.protocol.clean import safe_line

TIMEOUT = 2.0
OUTPUT_LIMIT = 16 << 10
KEPT = ("PATH", "SYSTEMROOT", "SystemRoot")
"""All that a child is given of this process's environment."""
LEAP_NORMAL = frozenset({"normal", "insert second", "delete second"})


@dataclass(frozen=True)
class Said:
    """What a command says: whether the clock is kept (None = it does not say), and its own words for it."""

    synchronised: bool | None
    words: str


@dataclass(frozen=True)
class Tool:
    """A command of the system that tells the state of its time service, and how its output is read."""

    command: tuple[str, ...]
    read: Callable[[str], Said]


def read_timedatectl(output: str) -> Said:
    """Read `timedatectl show` (systemd): NTPSynchronized=yes|no, whichever service keeps the clock."""
    found = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    value = found.get("NTPSynchronized", "")
    words = ", ".join(f"{name}={found[name]}" for name in ("NTP", "NTPSynchronized") if name in found)
    return Said({"yes": True, "no": False}.get(value), words)


def read_chronyc(output: str) -> Said:
    """Read `chronyc -c tracking`: one line of values separated by commas, the last of them the leap status."""
    fields = output.strip().splitlines()[0].split(",") if output.strip() else []
    if len(fields) < 14:
        return Said(None, "")
    leap = fields[13].strip()
    return Said(leap.lower() in LEAP_NORMAL, f"leap status {leap}, stratum {fields[2]}")


def read_w32tm(output: str) -> Said:
    """Read `w32tm /query /status`: the first number is the leap indicator, 3 = not synchronised (RFC 5905 7.3), in any language."""
    first = next((line for line in output.splitlines() if re.search(r":\s*\d", line)), "")
    found = re.search(r":\s*(\d)", first)
    return Said(found[1] != "3" if found else None, first.strip())


TOOLS = (
    Tool(("timedatectl", "show"), read_timedatectl),
    Tool(("chronyc", "-n", "-c", "tracking"), read_chronyc),
    Tool(("w32tm", "/query", "/status"), read_w32tm),
)
"""In the order they are tried; the first one that says something counts."""


@probe("clock_sync", purpose="Ask this machine's time service", cost=Cost.C0)
async def clock_sync(world: World, environment: ClientEnvironment | None) -> ClockSync | Absence:
    """The first command of this system that tells whether the clock is kept."""
    if environment is not None and environment.in_container:
        return NotApplicable("This runs in a container, whose clock is the host's: what the container says of it means nothing.")
    silent = ""
    for tool in TOOLS:
        program = shutil.which(tool.command[0], path=world.environ.get("PATH", ""))
        if program is None:
            continue
        said = tool.read(await _output((program, *tool.command[1:]), world.environ))
        if said.synchronised is not None:
            return ClockSync(tool.command[0], said.synchronised, safe_line(said.words))
        silent = tool.command[0]
    if silent:
        return Unavailable(f"{silent} does not say whether the clock is kept.")
    return NotApplicable("This system has no command that tells whether its clock is kept (timedatectl, chronyc, w32tm).")


async def _output(command: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """Run a command with next to nothing of this process's environment; "" where it fails or takes too long."""
    try:
        child = await asyncio.create_subprocess_exec(
            *command, env={"LC_ALL": "C"} | {name: environ[name] for name in KEPT if name in environ},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return ""
    try:
        async with asyncio.timeout(TIMEOUT):
            data, _ = await child.communicate()
    except TimeoutError:
        return ""
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    return data[:OUTPUT_LIMIT].decode("utf-8", "replace") if child.returncode == 0 else ""
