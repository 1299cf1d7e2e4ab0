"""Opening the wizard: on a saved profile, on pasted text, on the practice platform."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authwizard.cli.configured import choose, read_profiles
from authwizard.model.errors import UsageError

if TYPE_CHECKING:
    from authwizard.cli.services import WizardServices
    from authwizard.demo.platform import Platform
    from authwizard.ui.services import Recognised, Services


def open_wizard(named: argparse.Namespace) -> int:
    """Open the wizard; from a pipe, on what is pasted there."""
    services = _Later(lambda: _saved(named.config))
    if named.profile == "-":
        return _run(services, _pasted(services))
    _need_terminal()
    if named.profile is not None:
        choose(read_profiles(named.config), named.profile)
    return _run(services, named.profile)


def _saved(config: Path | None) -> WizardServices:
    from authwizard.cli.services import WizardServices

    return WizardServices(config)


def _run(services: _Later, start: str | Recognised | None) -> int:
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

    def __init__(self, make: Callable[[], WizardServices], *, demo: bool = False) -> None:
        self._make = make
        self._demo = demo
        self._loaded: Services | None = None
        self._one = threading.Lock()

    def loaded(self) -> Services:
        """Return the one and only services; profiles are read in a thread, so two may ask at once."""
        with self._one:
            if self._loaded is None:
                self._loaded = self._make().bundle()
            return self._loaded

    def bundle(self) -> Services:
        """Return the callables for the screens, each of which loads the services where that has not happened yet."""
        from authwizard.ui.services import Services

        callables: dict[str, Any] = {field.name: self._call(field.name) for field in fields(Services) if field.name != "demo"}
        return Services(**callables, demo=self._demo)

    def _call(self, name: str) -> Any:
        def call(*arguments: object) -> object:
            return getattr(self.loaded(), name)(*arguments)

        return call


def open_demo(platform: Platform) -> int:
    """Open the wizard on the practice platform's broken profile; nothing is asked and nothing is stored."""
    from authwizard.demo.platform import PROFILE

    _need_terminal()
    return _run(_Later(lambda: _practice(platform), demo=True), PROFILE)


def _practice(platform: Platform) -> WizardServices:
    from authwizard.cli.services import DemoServices

    return DemoServices(platform)


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
