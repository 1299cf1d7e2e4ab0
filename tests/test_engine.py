"""The engine: looks as evidence allows, judges at once, keeps to consent and time, and never loses what must finish."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from authwizard.check import check, passed, run_check
from authwizard.engine import Engine, Plan, finish
from authwizard.model.events import Judged, ProbeEnded, ProbeStarted, RunEnded
from authwizard.model.evidence import Evidence, NotApplicable, NotTried, StoredSecrets, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Outcome, Skip, Status
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Profile
from authwizard.model.vault import SecretRead
from authwizard.probe import Halted, World, probe
from authwizard.protocol.redaction import Redactor
from authwizard.steps.step_text import StepText


@dataclass(frozen=True)
class One(Evidence):
    value: int = 1


@dataclass(frozen=True)
class Two(Evidence):
    value: int = 2


@dataclass(frozen=True)
class Three(Evidence):
    value: int = 3


class NoVault:
    async def read(self, field: str) -> SecretRead:
        return SecretRead(field, "absent")

    async def preflight(self, field: str) -> str | None:
        return None

    def can_keep(self, field: str) -> str | None:
        return None

    async def keep(self, field: str, value: Any, expires_in: int | None = None) -> str:
        return "memory"

    async def settle(self, field: str, *, unknown: bool = False) -> str:
        return ""

    async def accepted(self, *, renewed: bool) -> str:
        return ""


class NoSender:
    exchanges: tuple[Exchange, ...] = ()

    async def send(self, request: Any) -> Any:
        raise AssertionError("nothing is sent here")


def world(**options: Any) -> World:
    return World(Profile("prod", "https://api.example.com", "GET /"), RunOptions(**options), NoVault(), NoSender(), Redactor())


@check("S1-01", step=1, title="There is one", looks_for="one")
def needs_one(one: One) -> Outcome:
    return passed(f"one is {one.value}")


@check("S1-02", step=1, title="There may be two", looks_for="two")
def likes_two(one: One, two: Two | None) -> Outcome:
    return passed("with two" if two is not None else "without two")


@check("S1-03", step=1, title="There is three", looks_for="three")
def needs_three(three: Three) -> Outcome:
    return passed("three")


STEP = (StepText(1, "one", "One", "?", "."),)


def engine(probes: tuple[Any, ...], checks: tuple[Any, ...] = (needs_one, likes_two, needs_three), **options: Any) -> Engine:
    return Engine(Plan(probes, checks, STEP), world(**options))


async def findings(it: Engine) -> dict[str, tuple[Status, str]]:
    run = await finish(it)
    return {f.check: (f.status, f.summary) for f in run.steps[0].findings}


def gives(value: Any, *, cost: Cost = Cost.C1, **more: Any) -> Any:
    kind = type(value) if isinstance(value, Evidence) else more.pop("kind")

    async def look(world: World) -> Evidence:
        return value  # type: ignore[no-any-return]

    look.__annotations__ = {"world": World, "return": kind | Unavailable | NotTried | NotApplicable}
    return probe(f"gives_{kind.__name__}", purpose="look", cost=cost, **more)(look)


async def test_a_check_is_judged_when_its_evidence_is_there_and_again_when_more_comes() -> None:
    seen = [e async for e in engine((gives(One()), gives(Two()))).events() if isinstance(e, Judged) and e.finding.check == "S1-02"]
    assert seen[-1].finding.summary == "with two"


async def test_absence_becomes_blocked_or_skip_and_is_never_a_pass() -> None:
    found = await findings(
        engine((gives(Unavailable("No network.", "Plug it in."), kind=One), gives(NotApplicable("No three here."), kind=Three)))
    )
    assert found["S1-01"] == (Status.BLOCKED, "No network. Plug it in.")
    assert found["S1-03"] == (Status.SKIP, "No three here.")


async def test_evidence_nobody_asked_for_was_not_needed() -> None:
    run = await finish(engine((gives(One()), gives(Three(), when="asked"))))
    finding = next(f for f in run.steps[0].findings if f.check == "S1-03")
    assert (finding.status, finding.skip) == (Status.SKIP, Skip.NOT_APPLICABLE)


async def test_without_consent_a_probe_is_not_sent() -> None:
    run = await finish(engine((gives(One(), cost=Cost.C4),), costs=frozenset({Cost.C0, Cost.C1})))
    finding = next(f for f in run.steps[0].findings if f.check == "S1-01")
    assert finding.skip is Skip.NOT_TRIED
    assert "--no-token-requests" in finding.summary


async def test_a_missing_need_is_inherited() -> None:
    @probe("from_one", purpose="look", cost=Cost.C1)
    async def from_one(world: World, one: One) -> Three | Unavailable:
        raise AssertionError("not reached")

    found = await findings(engine((gives(Unavailable("No network."), kind=One), from_one)))
    assert found["S1-03"] == (Status.BLOCKED, "No network.")


async def test_nothing_is_asked_before_the_secrets_are_known_to_the_redactor() -> None:
    read = False

    @probe("stored_secrets", purpose="look", cost=Cost.C0)
    async def stored_secrets(world: World) -> StoredSecrets | Unavailable:
        nonlocal read
        await asyncio.sleep(0.01)
        read = True
        return StoredSecrets({})

    @probe("asks", purpose="look", cost=Cost.C1)
    async def asks(world: World) -> One | Unavailable:
        return One(int(read))

    found = await findings(engine((asks, stored_secrets)))
    assert found["S1-01"] == (Status.PASS, "one is 1")


async def test_independent_probes_run_at_the_same_time() -> None:
    together = asyncio.Barrier(2)

    @probe("a", purpose="look", cost=Cost.C1)
    async def a(world: World) -> One | Unavailable:
        await together.wait()
        return One()

    @probe("b", purpose="look", cost=Cost.C1)
    async def b(world: World) -> Two | Unavailable:
        await together.wait()
        return Two()

    found = await asyncio.wait_for(findings(engine((a, b))), 5)
    assert found["S1-02"][1] == "with two"


async def test_no_finding_is_made_without_what_is_just_being_looked_at() -> None:
    @probe("one", purpose="One", cost=Cost.C2)
    async def one(world: World) -> One:
        return One()

    @probe("two", purpose="Two", cost=Cost.C2)
    async def two(world: World) -> Two:
        await asyncio.sleep(0.05)
        return Two()

    judged: list[str] = []
    await finish(
        engine((one, two), (likes_two,)), lambda event: judged.append(event.finding.summary) if isinstance(event, Judged) else None
    )
    assert judged == ["with two"]


async def test_what_can_be_asked_is_under_way_before_the_judging() -> None:
    sent = asyncio.Event()
    seen_sent: list[bool] = []

    @probe("one", purpose="One", cost=Cost.C2)
    async def one(world: World) -> One:
        return One()

    @probe("two", purpose="Two", cost=Cost.C2)
    async def two(world: World, one: One) -> Two:
        sent.set()
        await asyncio.sleep(0.01)
        return Two()

    @check("S1-01", step=1, title="There is one", looks_for="one")
    def judged(one: One) -> Outcome:
        seen_sent.append(sent.is_set())
        return passed("one")

    await finish(engine((one, two), (judged,)))
    assert seen_sent == [True]


async def test_what_judging_needs_is_read_once_while_the_first_answer_is_awaited() -> None:
    read: list[str] = []
    asked = threading.Event()

    @probe("one", purpose="One", cost=Cost.C2)
    async def one(world: World) -> One:
        asked.set()
        await asyncio.sleep(0.01)
        return One()

    @probe("two", purpose="Two", cost=Cost.C2)
    async def two(world: World, one: One) -> Two:
        await asyncio.sleep(0.01)
        return Two()

    @check("S1-01", step=1, title="There is one", looks_for="one")
    def judged(one: One) -> Outcome:
        return passed(" ".join(read))

    def ahead() -> None:
        read.append("asked" if asked.is_set() else "too early")

    run = await finish(Engine(Plan((one, two), (judged,), STEP, ahead), world()))
    assert run.steps[0].findings[0].summary == "asked"
    assert read == ["asked"]


async def test_tables_that_cannot_be_read_ahead_end_no_run() -> None:
    @probe("one", purpose="One", cost=Cost.C2)
    async def one(world: World) -> One:
        await asyncio.sleep(0.01)
        return One()

    def ahead() -> None:
        raise OSError("no such table")

    run = await finish(Engine(Plan((one,), (needs_one,), STEP, ahead), world()))
    assert run.steps[0].findings[0].status is Status.PASS


async def test_invalid_tokens_go_one_after_the_other() -> None:
    running = 0

    def slow(kind: type[Evidence], name: str) -> Any:
        async def look(world: World) -> Evidence:
            nonlocal running
            running += 1
            assert running == 1
            for _ in range(3):
                await asyncio.sleep(0)
            running -= 1
            return kind()

        look.__annotations__ = {"world": World, "return": kind | Unavailable}
        return probe(name, purpose="look", cost=Cost.C3)(look)

    found = await findings(engine((slow(One, "a"), slow(Two, "b"), slow(Three, "c"))))
    assert {status for status, _ in found.values()} == {Status.PASS}


async def test_a_halted_probe_was_not_tried() -> None:
    @probe("a", purpose="look", cost=Cost.C1)
    async def a(world: World) -> One | Unavailable:
        raise Halted("The budget of requests is spent.")

    run = await finish(engine((a,)))
    finding = next(f for f in run.steps[0].findings if f.check == "S1-01")
    assert (finding.skip, finding.summary) == (Skip.NOT_TRIED, "The budget of requests is spent.")


async def test_a_fault_of_a_probe_is_our_own_and_ends_nothing_else() -> None:
    @probe("a", purpose="look", cost=Cost.C1)
    async def a(world: World) -> Three | Unavailable:
        raise ZeroDivisionError("s3cret")

    found = await findings(engine((gives(One()), a)))
    assert found["S1-01"][0] is Status.PASS
    assert found["S1-03"][0] is Status.BLOCKED
    assert "s3cret" not in found["S1-03"][1]


async def test_the_time_limit_ends_what_may_be_ended_and_waits_for_what_must_finish() -> None:
    kept: list[str] = []

    @probe("forever", purpose="look", cost=Cost.C1)
    async def forever(world: World) -> One | Unavailable:
        await asyncio.Event().wait()
        raise AssertionError

    @probe("must", purpose="look", cost=Cost.C1, finish=True)
    async def must(world: World) -> Three | Unavailable:
        await asyncio.sleep(0.05)
        kept.append("kept")
        return Three()

    found = await findings(engine((forever, must), timeout_seconds=0.01))
    assert kept == ["kept"]
    assert found["S1-03"][0] is Status.PASS
    assert found["S1-01"][0] is Status.BLOCKED
    assert "time limit" in found["S1-01"][1]


async def test_leaving_early_stops_probes_but_not_one_that_must_finish() -> None:
    kept: list[str] = []
    ended: list[str] = []

    @probe("forever", purpose="look", cost=Cost.C1)
    async def forever(world: World) -> One | Unavailable:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("forever")
        raise AssertionError

    @probe("must", purpose="look", cost=Cost.C1, finish=True)
    async def must(world: World) -> Three | Unavailable:
        await asyncio.sleep(0.01)
        kept.append("kept")
        return Three()

    events = engine((forever, must)).events()
    async for event in events:
        if isinstance(event, ProbeEnded):
            raise AssertionError(event)
        if isinstance(event, ProbeStarted) and event.probe == "must":
            break
    await asyncio.sleep(0)
    await events.aclose()
    assert kept in (["kept"], [])
    assert len(asyncio.all_tasks()) == 1


async def test_what_must_finish_outlives_every_cancellation_and_the_loop_itself() -> None:
    begun, release, kept = threading.Event(), threading.Event(), threading.Event()

    @probe("must", purpose="look", cost=Cost.C1, finish=True)
    async def must(world: World) -> Three | Unavailable:
        begun.set()
        while not release.is_set():
            await asyncio.sleep(0.001)
        kept.set()
        return Three()

    async def leave() -> None:
        run = asyncio.create_task(finish(engine((must,))))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        for _ in range(3):
            run.cancel()
            await asyncio.sleep(0)

    def other_loop() -> None:
        asyncio.run(leave())  # at its end it cancels every task that is left, as on a second Ctrl-C

    await asyncio.to_thread(other_loop)
    assert not kept.is_set()
    release.set()
    assert await asyncio.to_thread(kept.wait, 10)


async def test_the_last_event_is_the_run() -> None:
    events: list[Any] = [e async for e in engine((gives(One()),)).events()]
    assert isinstance(events[-1], RunEnded)
    assert sum(isinstance(e, RunEnded) for e in events) == 1


def test_a_judges_exception_is_our_bug_and_names_no_evidence() -> None:
    @check("S1-09", step=1, title="t", looks_for="x")
    def broken(one: One) -> Outcome:
        raise KeyError("s3cret")

    finding = run_check(broken, {One: One()})
    assert finding is not None
    assert finding.status is Status.CRASHED
    assert "s3cret" not in finding.summary
    assert "broken" in finding.summary


def test_a_cause_that_was_not_declared_is_our_bug() -> None:
    @check("S1-09", step=1, title="t", looks_for="x", causes=("token_expired",))
    def broken(one: One) -> Outcome:
        return passed("x", arguments=(Argument("token_revoked", Grade.S, Group.TIME, "y"),))

    finding = run_check(broken, {One: One()})
    assert finding is not None
    assert finding.status is Status.CRASHED


def test_an_annotation_that_is_no_evidence_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="must be one evidence class"):

        @check("S1-09", step=1, title="t", looks_for="x")
        def broken(one: One | Two) -> Outcome:
            return passed("x")
