"""Who looks when: runs probes as their evidence allows, judges at once, and asks the verdict what to look at next."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from authwizard import verdict as verdicts
from authwizard.check import Check, run_check
from authwizard.model.events import Event, Judged, Leading, Note, ProbeEnded, ProbeStarted, RunEnded, RunStarted
from authwizard.model.evidence import Absence, Evidence, NotApplicable, NotTried, OtherProfiles, Reported, StoredSecrets, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Finding
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Profile
from authwizard.model.run import RequestCount, Run, StepSeen, Verdict
from authwizard.probe import Halted, Probe, World, to_its_end
from authwizard.read_ahead import ReadAhead
from authwizard.steps.step_text import StepText
from authwizard.verdict.facts import gather

Outcome = Evidence | Absence
TURNS_TO_SEND = 20
"""Turns of the event loop after which a request that was just made has left, where a connection is open."""
CREDENTIALED = frozenset({Cost.C2, Cost.C3, Cost.C4})
"""Costs of the requests that a run is about; once the first of them is on its way, all modules that sending needs are there."""
NOT_ASKED = NotApplicable("Not needed: it would not have changed the verdict.")


@dataclass(frozen=True)
class Plan:
    """What a run is made of: the probes, the checks, the words of the steps, and what is read while the first answer is awaited."""

    probes: tuple[Probe, ...]
    checks: tuple[Check, ...]
    steps: tuple[StepText, ...]
    read_ahead: Callable[[], None] | None = None


class Engine:
    """One run over one profile. `events` may be iterated once; the last event is RunEnded."""

    def __init__(self, plan: Plan, world: World, reported: Reported | None = None, given: Iterable[Evidence] = ()) -> None:
        self._plan = plan
        self._world = world
        self._evidence: dict[type, object] = {
            Profile: world.profile,
            RunOptions: world.options,
            OtherProfiles: OtherProfiles(world.others),
            Reported: reported if reported is not None else NotApplicable("Nothing was brought along."),
        }
        self._evidence.update({type(evidence): evidence for evidence in given})
        self._by_kind = {probe.gives: probe for probe in plan.probes}
        self._waiting: dict[str, Probe] = {}
        self._running: dict[asyncio.Task[Outcome], Probe] = {}
        self._findings: dict[str, Finding] = {}
        self._due = {declared.id for declared in plan.checks}
        self._asked_of: dict[type, set[str]] = {}
        for declared in plan.checks:
            for need in declared.needs:
                self._asked_of.setdefault(need.kind, set()).add(declared.id)
        self._serial = asyncio.Lock()
        self._started = time.time()
        self._deadline: float | None = None
        self._ahead = ReadAhead(plan.read_ahead)

    async def events(self) -> AsyncGenerator[Event]:
        """Run to the end, yielding what happens as it happens. Cancelling stops probes, but not one that must finish."""
        options = self._world.options
        if options.timeout_seconds is not None:
            self._deadline = time.monotonic() + options.timeout_seconds
        first = [probe for probe in self._plan.probes if probe.when == "first" and probe.gives not in self._evidence]
        self._waiting = {probe.id: probe for probe in first}
        yield RunStarted(self._world.profile.name, tuple(p.id for p in first))
        try:
            async for event in self._phase():
                yield event
            async for event in self._second_phase():
                yield event
        finally:
            await self._stop()
        for event in self._settle_rest():
            yield event
        yield RunEnded(self._run())

    async def _second_phase(self) -> AsyncGenerator[Event]:
        announced = False
        while not self._overdue():
            asked = [self._by_id(i) for i in verdicts.next_probes(tuple(self._findings.values()), self._settled_ids())]
            fresh = [p for p in asked if p is not None and p.gives not in self._evidence]
            if not fresh:
                return
            if not announced:
                announced = True
                yield Note("Second phase: what could change the verdict.")
            self._waiting = {p.id: p for p in self._with_needed(fresh)}
            async for event in self._phase():
                yield event

    async def _phase(self) -> AsyncGenerator[Event]:
        """Run the waiting probes until none can start any more."""
        for event in self._judge():
            yield event
        while self._waiting or self._running:
            for event in self._start_ready():
                yield event
            if not self._running:
                for event in self._judge():
                    yield event
                if not any(self._ready(p) for p in self._waiting.values()):
                    return
                continue
            done = await self._under_way()
            if not done:
                limit = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
                ended, _ = await asyncio.wait({*self._running, *self._ahead.pending}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
                done = {task for task in self._running if task in ended}
                if not ended:
                    for event in await self._expire():
                        yield event
            while done:
                for task in done:
                    yield self._record(self._running.pop(task), task)
                for event in self._start_ready():
                    yield event
                done = await self._under_way()
            if self._ahead.pending and self._running:
                continue  # what judging needs is nearly there, and an answer may be too
            if self._ahead.pending:
                await asyncio.wait(self._ahead.pending)
            for event in self._judge():
                yield event

    async def _under_way(self) -> set[asyncio.Task[Outcome]]:
        """Let what was just started send its request, so that other work is done while it is waited for; return what ended already."""
        for _ in range(TURNS_TO_SEND if self._running else 0):
            await asyncio.sleep(0)
        if any(p.cost in CREDENTIALED for p in self._running.values()):
            await self._ahead.begin(self._running)
        return {task for task in self._running if task.done()}

    def _start_ready(self) -> list[Event]:
        events: list[Event] = []
        progress = True
        while progress:
            progress = False
            for probe in [p for p in self._waiting.values() if self._ready(p)]:
                del self._waiting[probe.id]
                progress = True
                absence = self._forbidden(probe) or self._inherited(probe)
                if absence is not None:
                    self._settle(probe.gives, absence)
                    events.append(_ended(probe, absence))
                    continue
                events.append(ProbeStarted(probe.id, probe.purpose))
                task = asyncio.ensure_future(self._look(probe))
                self._running[task] = probe
        return events

    async def _look(self, probe: Probe) -> Outcome:
        given = {need.name: _present(self._evidence.get(need.kind)) for need in probe.needs}
        guard = self._serial if probe.cost is Cost.C3 else contextlib.nullcontext()
        async with guard:
            try:
                if probe.finish:
                    return await to_its_end(lambda: _looked(probe, self._world, given))
                return await probe.look(self._world, **given)
            except Halted as halted:
                return NotTried(str(halted))

    def _ready(self, probe: Probe) -> bool:
        """Whether all evidence the probe needs is settled, and the optional evidence is not just being looked for."""
        busy = {p.gives for p in self._running.values()} | {p.gives for p in self._waiting.values()}
        if probe.cost is not Cost.C0 and StoredSecrets in busy:
            # Answers are masked when they are recorded: nothing is asked before the redactor knows what to mask.
            return False
        return all(need.kind in self._evidence or (need.optional and need.kind not in busy) for need in probe.needs)

    def _inherited(self, probe: Probe) -> Absence | None:
        for need in probe.needs:
            value = self._evidence.get(need.kind)
            if not need.optional and isinstance(value, (Unavailable, NotTried, NotApplicable)):
                return replace(value, cause="") if isinstance(value, Unavailable) else value
        return None

    def _forbidden(self, probe: Probe) -> Absence | None:
        if probe.cost is Cost.C5 or probe.cost in self._world.options.costs:
            return None
        if self._world.options.passive and not self._world.profile.request:
            return NotTried("Nothing is sent for what was pasted.")
        return NotTried(_WITHOUT_LEAVE[probe.cost])

    def _record(self, probe: Probe, task: asyncio.Task[Outcome]) -> Event:
        error = task.exception()
        outcome: Outcome = (
            Unavailable(f"authwizard failed here itself ({type(error).__name__}); please report it.") if error else task.result()
        )
        self._settle(probe.gives, outcome)
        return _ended(probe, outcome)

    def _settle(self, kind: type, outcome: Outcome) -> None:
        """Keep what was seen, or why nothing was; the checks that go by it are due."""
        self._evidence[kind] = outcome
        self._due |= self._asked_of.get(kind, set())

    def _judge(self) -> list[Event]:
        """Judge every check whose evidence is settled and has changed since it was last judged."""
        events: list[Event] = []
        busy = self._busy()
        for declared in [c for c in self._plan.checks if c.id in self._due]:
            # What is just being looked at is waited for, also where the check could do without it: no finding flickers.
            if not busy.isdisjoint(need.kind for need in declared.needs):
                continue
            self._due.remove(declared.id)
            finding = run_check(declared, self._evidence)
            if finding is not None:
                self._findings[declared.id] = finding
                events.append(Judged(finding))
        if events and "triage" in gather(tuple(self._findings.values())):
            events.append(Leading(self._verdict()))
        return events

    def _busy(self) -> frozenset[type]:
        """The evidence that is being looked for now."""
        return frozenset(p.gives for p in (*self._running.values(), *self._waiting.values()))

    def _verdict(self) -> Verdict:
        return verdicts.conclude(tuple(self._findings.values()))

    async def _expire(self) -> list[Event]:
        """The run's time is over: end what may be ended, wait for what must finish."""
        why = Unavailable(
            f"The run's time limit of {self._world.options.timeout_seconds:g} s was reached.", "Give it more time with --timeout."
        )
        for probe in self._waiting.values():
            self._settle(probe.gives, why)
        events: list[Event] = [_ended(probe, why) for probe in self._waiting.values()]
        self._waiting = {}
        for task, probe in list(self._running.items()):
            if probe.finish:
                await asyncio.wait({task})
                events.append(self._record(probe, task))
            else:
                task.cancel()
                await asyncio.wait({task})
                self._settle(probe.gives, why)
                events.append(_ended(probe, why))
            del self._running[task]
        return events

    async def _stop(self) -> None:
        """After a cancellation: nothing is left running, and what must finish has finished."""
        for task, probe in list(self._running.items()):
            if not probe.finish:
                task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        self._running = {}

    def _settle_rest(self) -> list[Event]:
        for probe in self._plan.probes:
            if probe.gives not in self._evidence:
                self._settle(probe.gives, NOT_ASKED)
        return self._judge()

    def _with_needed(self, probes: list[Probe]) -> list[Probe]:
        """Add the probes whose evidence these cannot do without."""
        wanted = list(probes)
        for probe in wanted:
            for need in probe.needs:
                giver = self._by_kind.get(need.kind)
                if giver is not None and not need.optional and need.kind not in self._evidence and giver not in wanted:
                    wanted.append(giver)
        return wanted

    def _overdue(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _settled_ids(self) -> frozenset[str]:
        return frozenset(probe.id for probe in self._plan.probes if probe.gives in self._evidence)

    def _by_id(self, probe_id: str) -> Probe | None:
        return next((p for p in self._plan.probes if p.id == probe_id), None)

    def _run(self) -> Run:
        exchanges = self._world.sender.exchanges
        profile = self._world.profile
        verdict = self._verdict()
        return Run(
            profile=profile.name,
            environment=profile.environment,
            request=self._request(),
            started_at=dt.datetime.fromtimestamp(self._started, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            duration_ms=round((time.time() - self._started) * 1000),
            requests=count(exchanges),
            verdict=verdict,
            steps=tuple(self._step(text) for text in self._plan.steps),
            exchanges=exchanges,
            responder=verdicts.responder(tuple(self._findings.values())),
        )

    def _request(self) -> str:
        """Return the request that the run is about, "" where it is about none (a pasted token or answer)."""
        profile, redactor = self._world.profile, self._world.redactor
        if profile.request:
            return redactor.redact(f"{profile.method} {redactor.redact_url(profile.url)}")
        token_url = profile.oauth.token_url if profile.oauth is not None else ""
        return redactor.redact(f"POST {redactor.redact_url(token_url)}") if token_url else ""

    def _step(self, text: StepText) -> StepSeen:
        findings = tuple(self._findings[c.id] for c in self._plan.checks if c.step == text.number and c.id in self._findings)
        return StepSeen(text.number, text.id, text.title, text.question, text.why, findings)


_WITHOUT_LEAVE: Mapping[Cost, str] = {
    Cost.C1: "Nothing may be sent in this run; leave out --passive to look.",
    Cost.C2: "Nothing may be sent in this run; leave out --passive to send the request.",
    Cost.C3: "Requests with invalid tokens were not agreed to; leave out --no-invalid-tokens to send them.",
    Cost.C4: "Token requests were not agreed to; leave out --no-token-requests to send them.",
}


async def _looked(probe: Probe, world: World, given: Mapping[str, object]) -> Outcome:
    return await probe.look(world, **given)


def _present(value: object) -> object:
    return None if isinstance(value, (Unavailable, NotTried, NotApplicable)) else value


def _ended(probe: Probe, outcome: Outcome) -> ProbeEnded:
    if isinstance(outcome, Unavailable):
        return ProbeEnded(probe.id, "unavailable", outcome.why)
    if isinstance(outcome, NotTried):
        return ProbeEnded(probe.id, "not_tried", outcome.why)
    if isinstance(outcome, NotApplicable):
        return ProbeEnded(probe.id, "not_applicable", outcome.why)
    return ProbeEnded(probe.id, "seen")


def count(exchanges: Sequence[Exchange]) -> RequestCount:
    """Count the requests of a run by what they count against; metadata and clocks are `other`."""
    sent = [e.target for e in exchanges if e.fault is None or e.fault.layer != "refused_locally"]
    api, token, verification = (sent.count(t) for t in ("api", "token", "verification"))
    return RequestCount(api, token, verification, len(sent) - api - token - verification)


async def finish(engine: Engine, on_event: Callable[[Event], None] | None = None) -> Run:
    """Run an engine to its end and return the Run; `on_event` sees everything on the way."""
    result: Run | None = None
    async for event in engine.events():
        if on_event is not None:
            on_event(event)
        if isinstance(event, RunEnded):
            result = event.run
    if result is None:
        raise RuntimeError("the engine ended without a run")
    return result
