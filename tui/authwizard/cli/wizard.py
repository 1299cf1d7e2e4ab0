"""Opening the wizard: on a saved profile, on pasted text, on the practice platform."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authwizard.cli.configured import choose, load
from authwizard.model.errors import UsageError

if TYPE_CHECKING:
    from authwizard.cli.services import WizardServices
    from authwizard.demo.platform import Platform
    from authwizard.ui.services import Recognised, Services


def open_wizard(named: argparse.Namespace) -> int:
    """Open the wizard; from a pipe, on what is pasted there."""
    services = _Later(named.config)
    if named.profile == "-":
        return _run(services, _pasted(services))
    _need_terminal()
    if named.profile is not None:
        choose(load(named.config), named.profile)
    return _run(services, named.profile)


def _run(services: _Later | WizardServices, start: str | Recognised | None) -> int:
    from authwizard.ui.app import run_app

    return run_app(services.bundle(), start)


def _pasted(services: _Later) -> Recognised:
    from authwizard.cli.check import read_stdin

    text = read_stdin()
    _back_to_terminal()
    _need_terminal()
    pasted = services.loaded().recognise(text)
    if pasted.problem:
        raise UsageError(pasted.problem)
    return pasted


class _Later:
    """The services of the wizard, loaded when the first of them is asked for: the first frame needs none of them."""

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._loaded: WizardServices | None = None
        self._one = threading.Lock()

    def loaded(self) -> WizardServices:
        """Return the one and only services; profiles are read in a thread, so two may ask at once."""
        with self._one:
            if self._loaded is None:
                from authwizard.cli.services import WizardServices

                self._loaded = WizardServices(self._config)
            return self._loaded

    def bundle(self) -> Services:
        """Return the callables for the screens, each of which loads the services where that has not happened yet."""
        from authwizard.ui.services import Services

        callables: dict[str, Any] = {field.name: self._call(field.name) for field in fields(Services) if field.name != "demo"}
        return Services(**callables)

    def _call(self, name: str) -> Any:
        def call(*arguments: object) -> object:
            return getattr(self.loaded(), name)(*arguments)

        return call


def open_demo(platform: Platform) -> int:
    """Open the wizard on the practice platform's broken profile; nothing is asked and nothing is stored."""
    from authwizard.cli.services import DemoServices
    from authwizard.demo.platform import PROFILE

    _need_terminal()
    return _run(DemoServices(platform), PROFILE)


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
