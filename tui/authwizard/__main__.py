"""`python -m authwizard` and the `authwizard` command."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the command line with the process's arguments; return the exit status."""
    from authwizard.cli import run

    _end_as_on_ctrl_c()
    return run(sys.argv[1:])


def _end_as_on_ctrl_c() -> None:
    """Let SIGTERM and a closed terminal interrupt instead of kill: what must be finished is, and the screen is given back."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))


if __name__ == "__main__":
    sys.exit(main())
