"""`python -m authwizard` and the `authwizard` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line with the process's arguments; return the exit status."""
    if sys.argv[1:] == ["--version"]:
        # Scripts ask this often; building the parsers of all commands would take longer than starting Python.
        from authwizard import __version__

        print(f"authwizard {__version__}")  # noqa: T201
        return 0
    _open_what_is_closed()
    from authwizard.cli import run

    _end_as_on_ctrl_c()
    return run(sys.argv[1:])


def _open_what_is_closed() -> None:
    """Give the process the standard streams it was started without: the next file or socket would take their numbers."""
    import os

    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - it lives as long as the process


def _end_as_on_ctrl_c() -> None:
    """Let SIGTERM and a closed terminal interrupt instead of kill: what must be finished is, and the screen is given back."""
    import signal

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))


if __name__ == "__main__":
    sys.exit(main())
