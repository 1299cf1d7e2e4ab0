"""The figures: each function measures one, in so many rounds."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from api import NAME, SECRETS, serving
from compare import Figure, authwizard, environment, in_turn, milliseconds, python
from terminal import Terminal

ONE_STATIC = """
from textual.app import App
from textual.widgets import Static

class One(App):
    def compose(self):
        yield Static("authwizard")

One().run()
"""
"""The smallest Textual app there is; it shows one word."""
FIRST_WORD = "authwizard"
LEAVES = "import sys; sys.exit(0)"


def version(home: Path, rounds: int) -> Iterable[Figure]:
    """`authwizard --version` against the interpreter alone."""
    environ = environment(home)
    ours, bare = in_turn(lambda: milliseconds(authwizard("--version"), environ), lambda: milliseconds(python("pass"), environ), rounds * 2)
    yield Figure("version", ours, bare, "ms", 3.0)


def passive(home: Path, rounds: int) -> Iterable[Figure]:
    """`authwizard check --passive` with `env:` references against `import jwt`."""
    environ = environment(home, **SECRETS)
    with serving(home, 0):
        command = authwizard("check", NAME, "--passive", "--trust")
        ours, bare = in_turn(lambda: milliseconds(command, environ, 4), lambda: milliseconds(python("import jwt"), environ), rounds)
    yield Figure("passive check", ours, bare, "ms", 2.5)


def first_frame(home: Path, rounds: int) -> Iterable[Figure]:
    """From the start of the process to the first painted frame, and the memory at that moment, of the wizard on a saved profile."""
    environ = environment(home, **SECRETS)
    memories: dict[str, list[float]] = {"ours": [], "one": []}

    def painted(name: str, command: list[str]) -> Callable[[], float]:
        def measure() -> float:
            with Terminal(command, environ) as terminal:
                took = terminal.shows(FIRST_WORD)
                memories[name].append(terminal.memory())
                return took

        return measure

    with serving(home, 0):
        ours, one = in_turn(painted("ours", authwizard(NAME)), painted("one", python(ONE_STATIC)), rounds)
    yield Figure("first frame", ours, one, "ms", 1.3)
    yield Figure("memory at the first frame", _middle(memories["ours"]), _middle(memories["one"]), "MiB", 1.2)


def memory_after_a_run(home: Path, rounds: int) -> Iterable[Figure]:
    """Resident memory of the wizard after a full run, against the smallest app at rest."""
    environ = environment(home, **SECRETS)

    def after_a_run() -> float:
        with Terminal(authwizard(NAME), environ) as terminal:
            terminal.shows("8/8")
            return terminal.memory()

    def at_rest() -> float:
        with Terminal(python(ONE_STATIC), environ) as terminal:
            terminal.shows(FIRST_WORD)
            return terminal.memory()

    with serving(home, 0):
        _agree(environ)
        ours, one = in_turn(after_a_run, at_rest, max(1, rounds // 2))
    yield Figure("memory after a run", ours, one, "MiB", 2.0)


def waiting(home: Path, rounds: int) -> Iterable[Figure]:
    """A default run where every answer takes 100 ms, against the time its longest chain of requests cannot do without."""
    environ = environment(home, **SECRETS)
    seconds = 0.1
    runs = []
    with serving(home, seconds):
        for _ in range(max(1, rounds // 2)):
            done = subprocess.run(
                authwizard("check", NAME, "--trust", "--format", "json"),
                env=environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            runs.append(json.loads(done.stdout))
    runs.sort(key=lambda run: run["duration_ms"])
    run = runs[len(runs) // 2]
    chain, total = longest_chain(run["exchanges"]), len(run["exchanges"])
    note = f"{chain} of {total} requests one after the other"
    yield Figure("waiting", run["duration_ms"], chain * seconds * 1000, "ms", 1.4, note)


def longest_chain(exchanges: Iterable[Mapping[str, Any]]) -> int:
    """Return how many requests of a run at most were sent each after the answer to the one before."""
    spans = sorted((_ended(e), _sent(e)) for e in exchanges)
    count, free = 0, float("-inf")
    for ended, sent in spans:
        if sent >= free - 0.002:  # the record's times are whole milliseconds
            count, free = count + 1, ended
    return count


def _sent(exchange: Mapping[str, Any]) -> float:
    import datetime as dt

    return dt.datetime.fromisoformat(exchange["sent_at"]).timestamp()


def _ended(exchange: Mapping[str, Any]) -> float:
    return _sent(exchange) + exchange["timing_ms"].get("total", 0) / 1000


def _agree(environ: Mapping[str, str]) -> None:
    """Agree once to the profile's references and to what its run sends, as a person does."""
    with Terminal(authwizard(NAME), environ) as terminal:
        terminal.shows("env:BENCHMARK_TOKEN")
        time.sleep(0.3)
        terminal.press("\x1b[B\r")
        terminal.shows("Run all of it")
        time.sleep(0.3)
        terminal.press("\r")
        terminal.shows("8/8")


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


FIGURES = {f.__name__: f for f in (version, passive, first_frame, memory_after_a_run, waiting)}


def measured(name: str, rounds: int) -> list[Figure]:
    """Measure one figure in a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        return list(FIGURES[name](Path(home), rounds))
