"""How does the wizard look? Draws its screens from the practice platform, as SVG and PNG, into this folder.

Run it from anywhere: `python screenshots/make.py`. The PNG files need chromium, and the fonts DejaVu Sans Mono or Fira Code.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from authwizard.model.events import Event
    from authwizard.model.options import RunOptions
    from authwizard.ui.app import AuthwizardApp
    from authwizard.ui.services import Services, Subject

FOLDER = Path(__file__).parent
SIZES = ((80, 24), (120, 40))
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
FONTS = "'DejaVu Sans Mono', 'Fira Code', monospace"
"""Fonts of this machine: an image must not fetch anything, and a check mark must not look like a root sign."""


@dataclass(frozen=True)
class Shot:
    """One picture: the fault that is shown, and the keys that lead to the screen once the run has ended."""

    name: str
    fault: str
    keys: tuple[str, ...] = ()
    home: bool = False
    """Before any run, on Home."""
    stop_after: str = ""
    """Stop the run after this check is judged, and show it as it goes on."""


SHOTS = (
    Shot("home", "token_expired", home=True),
    Shot("running", "token_expired", stop_after="S1-12"),
    Shot("step-2", "token_expired", ("2",)),
    Shot("step-8", "cannot_tell", ("8",)),
    Shot("verification", "healthy", ("9",)),
    Shot("verdict", "token_expired", ("v",)),
    Shot("verdict-cannot-tell", "cannot_tell", ("v",)),
    Shot("exchanges", "token_expired", ("v", "d")),
    Shot("report", "token_expired", ("v", "e")),
)


def main() -> int:
    """Draw every screen in both sizes; return 1 where there is no chromium to make the PNG files."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    with tempfile.TemporaryDirectory() as state:
        os.environ["AUTHWIZARD_CONFIG_DIR"] = os.environ["AUTHWIZARD_STATE_DIR"] = state
        drawn = [svg for shot in SHOTS for svg in _draw(shot)]
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        print(f"{len(drawn)} SVG files are made. The PNG files need chromium, which is not installed.", file=sys.stderr)
        return 1
    for svg in drawn:
        _photograph(svg, chromium)
    print(f"{len(drawn)} screens are drawn in {FOLDER}, as SVG and PNG.")
    return 0


def _draw(shot: Shot) -> list[Path]:
    from authwizard.cli.demo import running
    from authwizard.cli.services import DemoServices
    from authwizard.demo.faults import fault_named

    drawn = []
    for size in SIZES:
        with running(fault_named(shot.fault)) as platform:
            text = asyncio.run(_screen(shot, DemoServices(platform).bundle(), size))
        path = FOLDER / f"{shot.name}-{size[0]}x{size[1]}.svg"
        path.write_text(local_fonts(text), encoding="utf-8")
        drawn.append(path)
    return drawn


async def _screen(shot: Shot, services: Services, size: tuple[int, int]) -> str:
    """Drive the wizard to a screen and return it as SVG."""
    from authwizard.demo.platform import PROFILE
    from authwizard.ui.app import AuthwizardApp

    if shot.stop_after:
        services = replace(services, start_run=_halting(services.start_run, shot.stop_after))
    app = AuthwizardApp(services, None if shot.home else PROFILE)
    async with app.run_test(size=size) as pilot:
        await _settled(pilot, app, shot)
        await pilot.press(*shot.keys)
        await pilot.pause()
        return app.export_screenshot(title="authwizard")


async def _settled(pilot: Pilot[int], app: AuthwizardApp, shot: Shot) -> None:
    """Wait until there is what the picture shows: the profiles, the check that the run stops after, or the run's end."""
    for _ in range(600):
        await pilot.pause(0.05)
        if shot.home or (shot.stop_after in app.state.findings if shot.stop_after else app.state.phase == "done"):
            for worker in [w for w in app.workers if w.group in ("profiles", "warm-up")]:
                await worker.wait()
            await pilot.pause(0.3)
            return
    raise SystemExit(f"{shot.name}: the run did not come to its end.")


def _halting(
    start_run: Callable[[Subject, RunOptions], AsyncGenerator[Event, None]], check: str
) -> Callable[[Subject, RunOptions], AsyncGenerator[Event, None]]:
    """Return a run that stands still once a check is judged, for as long as the picture takes."""
    from authwizard.model.events import Judged

    async def run(subject: Subject, options: RunOptions) -> AsyncGenerator[Event, None]:
        async with aclosing(start_run(subject, options)) as events:
            async for event in events:
                yield event
                if isinstance(event, Judged) and event.finding.check == check:
                    await asyncio.Event().wait()

    return run


def local_fonts(svg: str) -> str:
    """Take the fonts that would be fetched from elsewhere out of an SVG."""
    without = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    return without.replace("Fira Code, monospace", FONTS).replace("font-family: Fira Code;", f"font-family: {FONTS};")


def _photograph(svg: Path, chromium: str) -> None:
    """Let chromium draw an SVG as PNG, in its own size."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    assert box is not None
    width, height = (round(float(side)) for side in box.groups())
    with tempfile.TemporaryDirectory() as profile:
        command = [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--default-background-color=00000000",
            f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={svg.with_suffix('.png')}", svg.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    if done.returncode or not svg.with_suffix(".png").exists():
        raise SystemExit(f"{chromium} could not draw {svg.name}: {done.stderr.strip() or done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
