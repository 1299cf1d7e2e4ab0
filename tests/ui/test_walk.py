"""The walk: Home, consent, the run, the eight steps by key, the verdict, the report; at both window sizes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from driving import flowing, press, said, settle, shown, wizard
from fake_services import BROKEN, CARDS, EXPIRED, RUNS, STEP_TEXTS, TITLES, Script, events_of, finding, run_of

from authwizard.model.errors import ConfigError
from authwizard.model.events import Judged, Leading, RunEnded
from authwizard.model.finding import Skip, Status
from authwizard.ui.messages import RunEvent
from authwizard.ui.screens.asking import ConsentScreen
from authwizard.ui.screens.home import HomeScreen
from authwizard.ui.screens.step import StepScreen
from authwizard.ui.screens.verdict import VerdictScreen

Size = tuple[int, int]


async def test_from_home_to_the_report(size: Size) -> None:
    script = Script(cards=CARDS)
    async with wizard(script, size=size) as (app, pilot):
        assert "prod-admin" in shown(app)
        assert "The access token has expired" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ConsentScreen)
        assert "9 requests with your credential" in shown(app)
        assert "~/.netrc" in shown(app)
        await press(app, pilot, "enter")
        assert script.asked("remember_consent") == ["prod"]
        assert isinstance(app.screen, StepScreen)
        assert app.screen.place == 2, "the step of the cause is shown"
        page = shown(app)
        assert "YOUR TURN" in page
        assert "proven" in page
        assert "FAIL  The token ended 3 h 12 m before" in page
        assert "Looked for: The token is within its lifetime." in page
        assert "NEXT" in page
        await press(app, pilot, "v")
        assert isinstance(app.screen, VerdictScreen)
        assert "BECAUSE" in shown(app)
        await press(app, pilot, "e")
        assert "# markdown report of prod" in shown(app)
        await press(app, pilot, "down", "enter", "enter")
        assert script.asked("write_report") == [("text", "authwizard-prod.txt")]
        assert "Written to" in shown(app)
        await press(app, pilot, "escape", "p")
        assert isinstance(app.screen, HomeScreen)


async def test_every_step_is_a_screen_that_shows_what_is_to_be_decided(size: Size) -> None:
    async with wizard(Script(consented=True), "prod", size) as (app, pilot):
        await press(app, pilot, "0")
        walked: list[object] = []
        for number, _, _, question, _ in STEP_TEXTS:
            walked.append(getattr(app.screen, "place", None))
            assert question in said(app, "Question")
            for part in ("VerdictBlock", "Question", "Meaning", "NextPane", "KeyLine", "#rail"):
                region = app.screen.query_one(part).region
                assert region.height > 0
                assert region.bottom <= size[1], f"{part} of step {number} is below the fold"
                assert region.right <= size[0]
            assert app.screen.query_one("#body").size.height >= 5
            await press(app, pilot, "n")
        assert walked == list(range(10))
        assert isinstance(app.screen, VerdictScreen)
        assert app.screen.query_one("NextPane").region.bottom <= size[1]
        for key, place in (("b", 9), ("left", 8), ("right", 9), ("3", 3), ("v", "verdict")):
            await press(app, pilot, key)
            assert getattr(app.screen, "place", None) == place


async def test_the_rail_follows_the_events_and_the_layout_stays() -> None:
    gate = asyncio.Event()
    events = events_of(run_of(BROKEN, EXPIRED))
    script = Script(consented=True, gate=gate, events=(*events[:3], events[-1]))
    async with wizard(script, "prod") as (app, pilot):
        assert app.state.phase == "running"
        assert "running" in shown(app).split("\n")[0]
        assert "0/8" in shown(app)
        await press(app, pilot, "2")
        assert "your request" in shown(app)
        assert "WAITING" in shown(app)
        parts = ("VerdictBlock", "Question", "NextPane", "#rail")
        before = [app.screen.query_one(p).region for p in parts]
        app.post_message(RunEvent(app.state.run_id, Judged(BROKEN[8])))
        app.post_message(RunEvent(app.state.run_id, Leading(replace(EXPIRED, confidence="likely"))))
        await settle(app, pilot)
        row = next(line for line in shown(app).split("\n") if "2 Expiration" in line)
        assert "✗" in row
        assert "FAIL" in row
        assert "1/8" in shown(app)
        assert "your turn, likely" in shown(app)
        gate.set()
        await app.workers.wait_for_complete()
        await settle(app, pilot)
        assert "8/8" in shown(app)
        assert [app.screen.query_one(p).region for p in parts] == before
        assert getattr(app.screen, "place", None) == 2


async def test_the_focus_jumps_only_where_the_user_has_not_moved() -> None:
    gate = asyncio.Event()
    async with wizard(Script(consented=True, gate=gate), "prod") as (app, pilot):
        await press(app, pilot, "6")
        gate.set()
        await app.workers.wait_for_complete()
        await settle(app, pilot)
        assert app.state.phase == "done"
        assert getattr(app.screen, "place", None) == 6


async def test_every_kind_of_end_has_its_words() -> None:
    said = {
        "healthy": ("NOTHING TO DO", "healthy"), "cannot_tell": ("NOBODY CAN TELL FROM OUTSIDE", "cannot tell"),
        "could_not_look": ("THE NETWORK", "could not look", "does not resolve"), "crashed": ("possible", "CRASHED"),
    }  # fmt: skip
    assert set(said) == set(RUNS)
    script = Script(consented=True, run=RUNS["healthy"]())
    async with wizard(script, "prod") as (app, pilot):
        for number, (name, words) in enumerate(said.items()):
            if number:
                script.run = RUNS[name]()
                app.begin("prod")
                await settle(app, pilot)
            assert [word for word in words if word not in shown(app)] == [], name


async def test_escape_cancels_what_was_found_stays_and_late_news_is_dropped() -> None:
    gate = asyncio.Event()
    script = Script(consented=True, gate=gate)
    async with wizard(script, "prod") as (app, pilot):
        old = app.state.run_id
        await press(app, pilot, "escape", "2")
        await app.workers.wait_for_complete()
        assert app.state.phase == "cancelled"
        assert script.asked("run_closed") == ["prod"], "the engine was closed"
        assert "CANCELLED" in shown(app)
        assert "The token is within its lifetime" in shown(app)
        await press(app, pilot, "enter")
        assert app.state.run_id == old + 1, "Enter runs again"
        app.post_message(RunEvent(old, RunEnded(run_of((), replace(EXPIRED, summary="OLD NEWS")))))
        await settle(app, pilot)
        assert app.state.phase == "running"
        assert "OLD NEWS" not in shown(app)
        gate.set()
        await app.workers.wait_for_complete()
        await settle(app, pilot)
        assert app.state.phase == "done"


async def test_a_run_that_ends_while_the_wizard_is_left_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async with wizard(Script(consented=True, gate=asyncio.Event()), "prod") as (app, _):
        assert app.state.phase == "running"
        close = app._close_all

        async def close_and_hear_of_the_end() -> None:
            await close()
            assert not app.screen_stack
            app.post_message(RunEvent(app.state.run_id, RunEnded(run_of((), EXPIRED))))
            app.call_later(app._tick)

        monkeypatch.setattr(app, "_close_all", close_and_hear_of_the_end)
    assert app.state.phase == "done", "the news has come"


async def test_an_engine_that_fails_is_said_without_its_text() -> None:
    async with wizard(Script(consented=True, error=RuntimeError("token hunter2")), "prod") as (app, pilot):
        assert app.state.phase == "failed"
        assert "authwizard failed here itself (RuntimeError in start_run" in " ".join(app.state.problem.split())
        assert "NO VERDICT" in shown(app)
        assert "hunter2" not in shown(app)
        await press(app, pilot, "2")
        assert app.is_running


async def test_an_expected_failure_is_its_sentence() -> None:
    script = Script(consented=True, error=ConfigError("profiles.toml line 7: wrong."))
    async with wizard(script, "broken") as (app, pilot):
        assert "did you mean base_url?" in flowing(app)
        await press(app, pilot, "enter")
        assert app.state.run_id == 0
        app.begin("prod")
        await settle(app, pilot)
        assert "profiles.toml line 7: wrong." in shown(app)


async def test_dialogs_of_a_run_open_and_close() -> None:
    async with wizard(Script(consented=True), "prod") as (app, pilot):
        await press(app, pilot, "d")
        assert "Bearer <token 842 bytes #9f3c1a2b>" in shown(app)
        await press(app, pilot, "down", "down")
        assert "POST https://auth.example.com/oauth/token" in shown(app)
        await press(app, pilot, "escape", "w")
        assert "Ruled out" in shown(app)
        await press(app, pilot, "escape", "question_mark")
        assert "why not the other causes" in shown(app)
        await press(app, pilot, "enter", "y")
        assert app.clipboard.startswith("Get a new access token")


async def test_a_small_window_has_a_strip_for_a_rail_and_both_can_be_clicked() -> None:
    async with wizard(Script(consented=True), "prod", (60, 18)) as (app, pilot):
        assert not app.screen.query_one("#rail").display
        assert app.screen.query_one("#strip").display
        assert "2✗" in shown(app)
        assert "Expiration FAIL" in shown(app)
        await pilot.click("#strip", offset=(1 + 3 * 5, 0))
        await settle(app, pilot)
        assert getattr(app.screen, "place", None) == 5
        await pilot.resize_terminal(80, 24)
        await settle(app, pilot)
        assert app.screen.query_one("#rail").display
        await pilot.click("#rail", offset=(5, 7))
        await settle(app, pilot)
        assert getattr(app.screen, "place", None) == 6


async def test_a_locale_without_utf8_gets_ascii_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda *_: "ANSI_X3.4-1968")
    async with wizard(Script(cards=CARDS, consented=True), size=(80, 24)) as (app, pilot):
        pages = [shown(app)]
        await press(app, pilot, "enter")
        for key in ("1", "2", "3", "v", "d"):
            await press(app, pilot, key)
            pages.append(shown(app))
        await press(app, pilot, "escape", "question_mark")
        pages.append(shown(app))
        odd = {c for page in pages for c in page if not c.isascii()}
        assert not odd, odd


async def test_the_palette_has_the_walk_and_quitting_ends_with_zero() -> None:
    async with wizard(Script(consented=True, gate=asyncio.Event()), "prod") as (app, pilot):
        titles = [c.title for c in app.get_system_commands(app.screen)]
        assert {
            "Go to 4 Refresh",
            "Go to the verdict",
            "Write a report",
            "Run again",
            "Cancel the run",
            "Why not the others",
            "Copy the fix",
            "Help",
        } <= set(titles)
        await pilot.press("q")
    assert app.return_value == 0


async def test_page_keys_scroll_what_a_dialog_says_and_leave_its_list_alone() -> None:
    async with wizard(Script(consented=True), "prod") as (app, pilot):
        await press(app, pilot, "question_mark")
        assert "Easily believed" not in shown(app)
        await press(app, pilot, *["pagedown"] * 3)
        assert "Easily believed" in shown(app)
        await press(app, pilot, "escape", "e", "pagedown")
        assert "# markdown report of prod" in shown(app)


async def test_f_shows_every_check_of_a_step_whole_and_again_in_brief() -> None:
    off = replace(finding("S6-01", Status.SKIP, "Not this."), skip=Skip.NOT_APPLICABLE)
    run = run_of(
        [*(f for f in BROKEN if f.check != "S6-01"), off, replace(off, check="S6-8"), replace(off, check="S6-9", summary="Nor that.")],
        EXPIRED,
    )
    async with wizard(Script(consented=True, run=run), "prod") as (app, pilot):
        await press(app, pilot, "6")
        await press(app, pilot, "f")
        assert "Nor that." in shown(app)
        await press(app, pilot, "f")
        assert "Nor that." not in shown(app)


async def test_the_verdict_says_its_cause_once_and_whole() -> None:
    """At 80 columns the title was cut, and stood once more at the beginning of the sentence below it."""
    long = TITLES["environment_mismatch"]
    verdict = replace(EXPIRED, cause="environment_mismatch", step=3, summary=f"{long}. Its issuer is that of staging.")
    script = Script(consented=True, run=run_of(BROKEN, verdict))
    async with wizard(script, "prod") as (app, pilot):
        await press(app, pilot, "v")
        page = flowing(app)
        assert page.count(long) == 1
        assert "Its issuer is that of staging." in page
        assert "step 3" in page
