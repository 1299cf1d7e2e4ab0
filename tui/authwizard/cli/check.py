"""`authwizard check`: the run without a screen."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.cli.configured import choose, load, profiles_file, subject_of
from authwizard.cli.output import say, tell
from authwizard.cli.session import Session, Subject, open_configured_store
from authwizard.model.errors import LeakError, StoreError, UsageError
from authwizard.model.events import Event, Note, ProbeStarted, RunEnded
from authwizard.model.evidence import Reported
from authwizard.model.options import Cost, RunOptions
from authwizard.model.run import Run

if TYPE_CHECKING:
    from authwizard.store.secrets import SecretStore

WORST = (4, 1, 5, 3, 0)
"""The order in which `--all` takes the worst exit status."""
MAX_STDIN = 4 * 1024 * 1024


def check(named: argparse.Namespace) -> int:
    """Run `authwizard check`; return its exit status."""
    options = options_of(named)
    if named.all:
        return _check_all(named, options)
    if named.profile == "-" and str(named.sent) == "-":
        raise UsageError("Standard input can be read once: give either the profile or --sent as -.")
    subject = pasted_subject(read_stdin(), options, read_reported(named)) if named.profile == "-" else _saved_subject(named, options)
    store, _ = open_configured_store()
    return run_and_report([subject], named, store)


def options_of(named: argparse.Namespace) -> RunOptions:
    """Return the run's options from the arguments of `check`."""
    costs = {Cost.C0, Cost.C1, Cost.C2, Cost.C3, Cost.C4}
    if named.no_invalid_tokens:
        costs -= {Cost.C3}
    if named.no_token_requests:
        costs -= {Cost.C4}
    return RunOptions(
        costs=frozenset({Cost.C0} if named.passive else costs),
        allow_refresh="refresh" in named.allow and not named.no_token_requests and not named.passive,
        allow_write="write" in named.allow,
        allow_http="http" in named.allow,
        thorough=named.thorough,
        reported_401=named.reported_401 or named.sometimes or named.sent is not None,
        sometimes=named.sometimes,
        timeout_seconds=named.timeout,
        api_budget=40 if named.thorough else 12,
    )


MAX_SENT = 64 * 1024 * 1024
"""Bytes of a `--sent` file: a browser's HAR of a long session is large."""


def read_reported(named: argparse.Namespace, own: frozenset[str] = frozenset()) -> Reported | None:
    """Return what `--sent` shows of the user's program; raises UsageError where the file cannot be used.

    `own` are the profile's origins: in a file with many requests those to them come first.
    """
    if named.sent is None:
        return None
    try:
        if str(named.sent) == "-":
            return reported_from(read_stdin("Paste what your program sent"), "standard input", own)
        with Path(named.sent).open("rb") as file:
            data = file.read(MAX_SENT + 1)
    except OSError as error:
        raise UsageError(f"{named.sent} cannot be read: {error.strerror}.") from None
    if len(data) > MAX_SENT:
        raise UsageError(f"{named.sent} is larger than {MAX_SENT >> 20} MB; save the failing request alone.")
    return reported_from(data.decode("utf-8", "surrogateescape"), str(named.sent), own)


def reported_from(text: str, where: str, own: frozenset[str] = frozenset()) -> Reported:
    """Return what a text shows of the user's program; raises UsageError where it shows nothing."""
    from authwizard.importers.sent import read_sent

    try:
        return read_sent(text, own=own)
    except ValueError as error:
        raise UsageError(f"{where} was not understood: {error}") from None


def read_stdin(words: str = "Paste a curl command, curl -v or -i text, a HAR file, a response, a token or a URL") -> str:
    """Read what is pasted to standard input, at most 4 MB; of JSON, which may be a browser's HAR, at most 64 MB. Raises UsageError."""
    if sys.stdin.isatty():
        tell(f"{words}, then press Ctrl-D.")
    data = sys.stdin.buffer.read(MAX_SENT + 1)
    most = MAX_SENT if data[:64].lstrip().startswith(b"{") else MAX_STDIN
    if len(data) > most:
        # Half a command or half a token would be judged for what it is not.
        raise UsageError(f"What was pasted is larger than {most >> 20} MB. Paste the failing request, its answer or the token alone.")
    return data.decode("utf-8", "surrogateescape")


def pasted_subject(text: str, options: RunOptions, reported: Reported | None = None) -> Subject:
    """Return what was pasted as the subject of a run and say on stderr what it is; raises UsageError where it is nothing."""
    from authwizard.importers.door import recognise

    pasted = recognise(text, options)
    if pasted.problem or pasted.profile is None:
        raise UsageError(pasted.problem)
    tell(f"Recognised: {pasted.sentence}")
    return Subject(
        pasted.profile,
        pasted.options,
        None,
        (),
        pasted.secrets,
        memory_counts=True,
        trusted=True,
        reported=reported or pasted.reported,
        given=pasted.given,
    )


def _saved_subject(named: argparse.Namespace, options: RunOptions) -> Subject:
    profiles = load(named.config)
    profile = choose(profiles, named.profile)
    return subject_of(
        profile, profiles, profiles_file(named.config), options, trust=named.trust, reported=read_reported(named, profile.own_origins)
    )


def _check_all(named: argparse.Namespace, options: RunOptions) -> int:
    if named.profile is not None:
        raise UsageError("--all checks every profile; leave out the name.")
    profiles = load(named.config)
    if not profiles:
        raise UsageError("No profile is saved yet.")
    source = profiles_file(named.config)
    subjects = [subject_of(p, profiles, source, options, trust=named.trust) for p in profiles.values()]
    store, _ = open_configured_store()
    return run_and_report(subjects, named, store)


def run_and_report(subjects: Sequence[Subject], named: argparse.Namespace, store: SecretStore | None) -> int:
    """Run the subjects one after the other, write the result as the arguments ask, return the exit status."""
    _check_target(named.output)
    sessions = [Session(subject, store) for subject in subjects]
    runs = [asyncio.run(_run(session, progress=named.format == "text" and sys.stderr.isatty())) for session in sessions]
    for subject, run in zip(subjects, runs, strict=True):
        remember(subject, run)
    text = render(runs, named.format, many=named.all if hasattr(named, "all") else False)
    find = _finder(sessions)
    try:
        _deliver(text, named.output, find)
    except LeakError as error:
        tell(f"authwizard: {error}")
        for run in runs:
            tell(f"What the run found is not lost: {_outcome(run)}.")
        return 4
    statuses = [_status(run, named.fail_on) for run in runs]
    return next(s for s in WORST if s in statuses)


def _check_target(output: Path | None) -> None:
    """Refuse a place that cannot be written before anything is sent: what a run spends is not spent twice."""
    if output is None:
        return
    target = output.expanduser()
    if target.is_dir() or not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise UsageError(f"The report cannot be written to {target}. Name another place with --output; nothing was sent.")


async def _run(session: Session, *, progress: bool) -> Run:
    run: Run | None = None
    async with contextlib.aclosing(session.events()) as events:
        async for event in events:
            if progress:
                _show(event)
            if isinstance(event, RunEnded):
                run = event.run
    if progress:
        sys.stderr.write("\r\x1b[K")
    assert run is not None
    return run


def _show(event: Event) -> None:
    from authwizard.protocol.clean import safe_line

    text = event.purpose if isinstance(event, ProbeStarted) else event.text if isinstance(event, Note) else ""
    if text:
        sys.stderr.write(f"\r\x1b[K{safe_line(text)[:76]} ...")
        sys.stderr.flush()


def render(runs: Sequence[Run], form: str, *, many: bool) -> str:
    """Return the runs in a format."""
    from authwizard.report import RENDERERS, render_runs

    return render_runs(runs, form) if many else "\n".join(RENDERERS[form](run) for run in runs)


Find = Callable[[str], Sequence[str]]


def _finder(sessions: Sequence[Session]) -> Find:
    def find(text: str) -> tuple[str, ...]:
        return tuple(label for session in sessions for label in session.find(text))

    return find


def _deliver(text: str, output: Path | None, find: Find) -> None:
    from authwizard.report.export import ensure_clean, write_report

    if output is not None:
        tell(f"Written to {write_report(output, text, find)}.")
        return
    say(ensure_clean(text, find))


def _outcome(run: Run) -> str:
    """The verdict in the program's own words alone."""
    verdict = run.verdict
    confidence = f" ({verdict.confidence.replace('_', ' ')})" if verdict.confidence else ""
    return f"{verdict.cause}{confidence}" if verdict.cause else verdict.kind.replace("_", " ")


def _status(run: Run, fail_on: str | None) -> int:
    status = run.verdict.exit_status
    return 1 if status == 0 and fail_on == "warn" and run.verdict.warnings else status


def remember(subject: Subject, run: Run) -> None:
    """Keep a saved profile's last verdict for Home; said on stderr where that is not possible."""
    if subject.source is None:
        return
    import time

    from authwizard.store.state import LastVerdict, remember_verdict

    verdict = run.verdict
    try:
        remember_verdict(subject.profile.name, LastVerdict(verdict.kind, verdict.cause, verdict.summary, time.time()))
    except StoreError as error:
        tell(f"authwizard: {error}")
