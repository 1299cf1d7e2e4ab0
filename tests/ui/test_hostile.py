"""Text from outside, whatever it holds: nothing acts, nothing crashes, nothing is read as markup."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from driving import paste, press, shown, wizard
from fake_services import CARDS, EXCHANGES, EXPIRED, Script, finding, run_of

from authwizard.model.finding import Code, Line, Status, Table
from authwizard.model.run import Candidate, Remedy, RuledOut, Run, Sentence, Warned
from authwizard.ui.services import ProfileCard, Recognised, SecretAge, StoreStatus, TrustItem

ACTING = "a\x1b]52;c;UFdORUQ=\x07b\x1b]2;PWNED\x1b\\c\x9b31md\x7fe\x08f\u202eb\u200bc\ufeffd\u2028e\ud800f\r\ng\th "
MARKUP = "[/] [/path/x] [/b] [@click=app.quit]CLK[/] [bold]b[/bold] [[a]] [x=y] $var [true,false]"

HOSTILE = {
    "markup": MARKUP + ACTING,
    "long": "x" * 3_000 + "日本語👩‍👩‍👧‍👦한국어" * 200 + "line\n" * 200,
    "empty": "",
}


def hostile_run(text: str) -> Run:
    """A run every text of which is `text`."""
    sentence = (Sentence("S1-01", text),)
    verdict = replace(
        EXPIRED,
        summary=text,
        because=sentence,
        against=sentence,
        contradictions=(text,),
        mechanisms=(text,),
        will_fail_next=(text,),
        candidates=(Candidate(text, 1, text),),
        warnings=(Warned(text, "S1-01", text),),
        ruled_out=(RuledOut(text, text),),
        next_test=text,
        remedy=Remedy(text, (text,)),
        server_log_request=text,
    )
    details = (Line(text, text, Status.FAIL, text), Line(text, text), Table((text, text), ((text, text), (text,)), text), Code(text, text))
    findings = [replace(finding(f"S{n}-01", Status.FAIL, text, *details), title=text or "t") for n in range(1, 9)]
    exchange = replace(
        EXCHANGES[0],
        purpose=text,
        method=text,
        url=text,
        request_headers=((text, text),),
        response_headers=((text, text),),
        body=text,
        peer=text,
        http_version=text,
    )
    run = run_of(findings, verdict, [exchange], name=text)
    return replace(run, request=text, environment=text, steps=tuple(replace(s, title=text, question=text, why=text) for s in run.steps))


def nothing_acts(drawn: str) -> None:
    acting = {hex(ord(c)) for c in set(drawn) if (ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) <= 0x9F or c in "\u202e\u200b\ufeff\u2028"}
    assert not acting, acting


WIDE = [("markup", (120, 40))] if os.environ.get("CI") else []


@pytest.mark.parametrize(("name", "size"), [*((name, (80, 24)) for name in HOSTILE), *WIDE])
async def test_a_hostile_run_is_shown_as_text(name: str, size: tuple[int, int]) -> None:
    text = HOSTILE[name]
    async with wizard(Script(consented=True, run=hostile_run(text)), "prod", size) as (app, pilot):
        for key in ("1", "v", "end", "d", "escape", "w", "escape", "e", "escape", "y"):
            await press(app, pilot, key)
            nothing_acts(shown(app))
            assert app.is_running
        assert app.state.phase == "done"
        nothing_acts(app.export_screenshot())


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_profiles_and_dialogs_are_shown_as_text(name: str) -> None:
    text = HOSTILE[name]
    card = ProfileCard(
        text or "p", text, text, text, replace(CARDS[0].last, cause=text), (SecretAge(text, text),), (TrustItem(text, text, text),)
    )  # type: ignore[type-var]
    script = Script(
        cards=(card,),
        config_error="",
        trust=(TrustItem(text, text, text),),
        store=StoreStatus(text, usable=False, sentence=text),
        recognised=Recognised("nothing", text, problem=text or "x"),
        plan=replace(Script().plan, api_host=text, auth_host=text, files=(text,), changes_data=f"POST {text}", stand_in=text),
    )
    async with wizard(script) as (app, pilot):
        nothing_acts(shown(app))
        await press(app, pilot, "enter")
        nothing_acts(shown(app))
        await press(app, pilot, "down", "enter")
        nothing_acts(shown(app))
        await press(app, pilot, "enter")
        nothing_acts(shown(app))
        await press(app, pilot, "escape", "p", "e")
        nothing_acts(shown(app))
        await press(app, pilot, "escape", "escape", "x")
        nothing_acts(shown(app))
        assert app.is_running


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_pastes_are_shown_as_text(name: str) -> None:
    async with wizard(Script()) as (app, pilot):
        await paste(app, pilot, HOSTILE[name])
        nothing_acts(shown(app))
        await press(app, pilot, "escape", "enter")
        await paste(app, pilot, HOSTILE[name], "f-name")
        nothing_acts(shown(app))
        await press(app, pilot, "pageup")
        await paste(app, pilot, HOSTILE[name], "f-endpoints")
        nothing_acts(shown(app))


async def test_markup_is_literal_and_plants_no_action() -> None:
    run = hostile_run(MARKUP)
    async with wizard(Script(consented=True, run=run), "prod", (120, 40)) as (app, pilot):
        assert "[@click=app.quit]CLK[/]" in shown(app)
        for y in range(2, 39):
            for x in range(46, 118, 6):
                style = app.screen.get_style_at(x, y)
                assert "app.quit" not in str(style.meta)
        await press(app, pilot, "d")
        assert "[bold]b[/bold]" in shown(app)
