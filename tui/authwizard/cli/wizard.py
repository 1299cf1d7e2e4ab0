"""Opening the wizard: on a saved profile, on pasted text, on the practice platform."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from authwizard.cli.configured import choose, load
from authwizard.model.errors import UsageError

if TYPE_CHECKING:
    from authwizard.demo.platform import Platform


def open_wizard(named: argparse.Namespace) -> int:
    """Open the wizard; from a pipe, on what is pasted there."""
    from authwizard.cli.services import WizardServices

    services = WizardServices(named.config)
    if named.profile == "-":
        from authwizard.cli.check import read_stdin

        text = read_stdin()
        _back_to_terminal()
        _need_terminal()
        pasted = services.recognise(text)
        if pasted.problem:
            raise UsageError(pasted.problem)
        return _run(services, pasted)
    _need_terminal()
    if named.profile is not None:
        choose(load(named.config), named.profile)
    return _run(services, named.profile)


def open_demo(platform: Platform) -> int:
    """Open the wizard on the practice platform's broken profile; nothing is asked and nothing is stored."""
    from authwizard.cli.services import DemoServices
    from authwizard.demo.platform import PROFILE

    _need_terminal()
    return _run(DemoServices(platform), PROFILE)


def _run(services: object, start: object) -> int:
    from authwizard.cli.services import WizardServices
    from authwizard.ui.app import run_app
    from authwizard.ui.services import Recognised

    assert isinstance(services, WizardServices)
    assert start is None or isinstance(start, (str, Recognised))
    return run_app(services.bundle(), start)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") in ("dumb", "unknown"):
        raise UsageError("The wizard needs a terminal. Without one, run: authwizard check [PROFILE | -]")


def _back_to_terminal() -> None:
    """After a paste through a pipe, read keys from the terminal itself."""
    try:
        terminal = os.open("/dev/tty" if os.name != "nt" else "CONIN$", os.O_RDWR)
    except OSError:
        raise UsageError("There is no terminal to open the wizard on. Run: authwizard check -") from None
    os.dup2(terminal, 0)
    os.close(terminal)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - standard input lives as long as the process
