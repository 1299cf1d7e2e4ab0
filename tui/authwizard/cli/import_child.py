"""A large document is read by a child process: parsing tens of megabytes would hold up every key that is pressed meanwhile.

The child gets the document and gives back what it makes through pipes; nothing of it stands in an argument or a file. It may use so much
memory and no more, and it is ended when nobody waits for it any longer.
"""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from dataclasses import replace
from typing import Any

from authwizard.cli.import_job import Done, Job, done
from authwizard.importers.imported import Imported
from authwizard.model.secret import Secret

LARGE = 200_000
"""Bytes from which a document is read by a child: a smaller one takes no longer than a key press may."""
SECONDS = 60.0
MEMORY = 3 << 30
_COMMAND = "from authwizard.cli.import_child import main; main()"
TOO_LONG = f"Reading it took longer than {SECONDS:g} seconds and was stopped. Give the request that matters alone, e.g. as a curl command."
FAILED = (
    "It could not be read: it takes too much memory, or is not what it seems. Give the request that matters alone, e.g. as a curl command."
)


async def read_aside(job: Job) -> Done:
    """Read a document without holding up who waits: on a thread, or in a child where it is large. Cancelling ends the child."""
    from authwizard.store.background import aside

    if len(job.data) + len(job.environment) < LARGE:
        return await aside(lambda: done(job))
    # -P: a module of the working directory does not stand in for one of ours
    command = [sys.executable, "-P", "-c", _COMMAND]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
    try:
        return await aside(lambda: _answer(child, job))
    finally:
        child.kill()  # where it has ended this does nothing; else the thread that waits for it sees its end


def _answer(child: subprocess.Popen[bytes], job: Job) -> Done:
    with child:
        try:
            told, _ = child.communicate(pickle.dumps(job), timeout=SECONDS)
            made: Done = pickle.loads(told)  # noqa: S301 - what our own child wrote
        except subprocess.TimeoutExpired:
            child.kill()
            return Done(problem=TOO_LONG)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            return Done(problem=FAILED)
    return made if made.imported is None else replace(made, imported=_as_secrets(made.imported, Secret))


def main() -> None:
    """Read a job from standard input, and write what it makes to standard output."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit, and a lower one may be set already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    made = done(pickle.load(sys.stdin.buffer))  # noqa: S301 - what our own parent wrote
    if made.imported is not None:
        made = replace(made, imported=_as_secrets(made.imported, Secret.reveal))
    pickle.dump(made, sys.stdout.buffer)


def _as_secrets(imported: Imported, change: Any) -> Imported:
    """Return the same with each secret as it may travel: a Secret itself cannot be pickled."""
    return replace(imported, secrets={field: change(secret) for field, secret in imported.secrets.items()})
