"""The command line: arguments, exit status, and the only place that assembles the parts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUPTED = 130
WRONG_USAGE = 2
FAILED = 4
"""authwizard failed itself: nothing was found out, as where it could not look."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; every expected trouble becomes one sentence on stderr and an exit status of DESIGN section 3."""
    from authwizard.cli.arguments import parse
    from authwizard.cli.output import without_secrets
    from authwizard.model.errors import AuthwizardError

    try:
        return _command(parse(list(arguments)))
    except AuthwizardError as error:
        print(f"authwizard: {without_secrets(str(error))}", file=sys.stderr)  # noqa: T201
        return WRONG_USAGE
    except KeyboardInterrupt:
        print(f"authwizard: interrupted.{_finishing()}", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`| head`): nothing more can be said to it, and that is no fault.
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the last door: a traceback shows the exception's text, which can hold a token (CHECKS 1.3)
        from authwizard.ui.crash import report_of

        print(report_of(error), file=sys.stderr)  # noqa: T201
        return FAILED


def _command(named: object) -> int:
    import argparse

    assert isinstance(named, argparse.Namespace)
    status = named.run(named)
    sys.stdout.flush()
    assert isinstance(status, int)
    return status


def _finishing() -> str:
    """Say why the process does not end yet, where something must not be stopped."""
    import threading

    from authwizard.probe import FINISHING

    under_way = any(thread.name == FINISHING for thread in threading.enumerate())
    return " The refresh that has begun is finished first, so that its new token is not lost." if under_way else ""
