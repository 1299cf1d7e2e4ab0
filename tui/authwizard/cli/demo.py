"""`authwizard demo`: the practice platform, in the wizard, headless, or serving for others."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from authwizard.cli.check import options_of, reported_from, run_and_report
from authwizard.cli.output import say
from authwizard.cli.session import Subject
from authwizard.model.errors import UsageError
from authwizard.model.options import RunOptions

if TYPE_CHECKING:
    from authwizard.demo.fault import Fault
    from authwizard.demo.platform import Platform

PLAINEST = "token_expired"


def demo(named: argparse.Namespace) -> int:
    """Run `authwizard demo`; return its exit status."""
    from authwizard.demo.faults import fault_named, listing

    if named.list:
        say(listing())
        return 0
    fault = fault_named(named.fault or PLAINEST)
    if named.serve:
        return asyncio.run(_serve(fault, named.port))
    if named.port is not None:
        raise UsageError("--port goes with --serve.")
    with running(fault) as platform:
        if named.check:
            return run_and_report([subject(platform, options_of(named), home="")], named, None)
        from authwizard.cli.wizard import open_demo

        return open_demo(platform)


@contextlib.contextmanager
def running(fault: Fault) -> Iterator[Platform]:
    """Run the platform on a thread of its own, so that it answers while this one works."""
    from authwizard.demo.platform import Platform

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="practice platform", daemon=True)
    thread.start()
    try:
        platform = asyncio.run_coroutine_threadsafe(Platform.start(fault), loop).result(timeout=20)
        try:
            yield platform
        finally:
            asyncio.run_coroutine_threadsafe(platform.close(), loop).result(timeout=20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=20)
        if not thread.is_alive():
            loop.close()


def subject(platform: Platform, options: RunOptions, home: str | None = None) -> Subject:
    """Return the platform's broken profile as the subject of a run; its secrets are in memory, its invented machine has neither netrc nor variables."""
    from authwizard.demo.platform import PROFILE
    from authwizard.store.profiles import parse_profiles

    profiles = parse_profiles(platform.profiles_toml, "the practice platform")
    fault = platform.fault
    reported = reported_from(platform.sent, "the practice platform's transcript") if "--sent" in fault.check_options else None
    seen = bool(reported) or bool({"--reported-401", "--sometimes"} & set(fault.check_options))
    return Subject(
        profiles[PROFILE],
        replace(
            options,
            practice=fault.name,
            reported_401=options.reported_401 or seen,
            sometimes=options.sometimes or "--sometimes" in fault.check_options,
        ),
        None,
        tuple(p for name, p in profiles.items() if name != PROFILE),
        platform.secrets[PROFILE],
        others_memory={name: held for name, held in platform.secrets.items() if name != PROFILE},
        known_good_memory=platform.secrets.get(profiles[PROFILE].known_good, {}),
        memory_counts=True,
        trusted=True,
        reported=reported,
        home=home,
        environ={name: value.reveal() for name, value in platform.environ.items()},
        leaves_nothing=True,
    )


async def _serve(fault: Fault, port: int | None) -> int:
    from authwizard.demo.platform import Platform

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with await Platform.start(fault, port) as platform:
        # The practice secrets are handed to whoever started this; they are worth nothing elsewhere.
        sys.stdout.write(platform.serve_document() + "\n")
        sys.stdout.flush()
        await stop.wait()
    return 0
