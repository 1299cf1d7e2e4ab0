"""Key c, on Home and in a run: what can be compared is listed, what can explain a 401 comes first, trouble is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import press, shown, wizard
from fake_services import CARDS, Script

from authwizard.cli.services import WizardServices
from authwizard.ui.screens.compare import CompareScreen
from authwizard.ui.services import Comparable

ITEMS = (Comparable("run 0", "the run of 12:00", "It failed."), Comparable("gone", "the run saved as run.json"))


async def test_a_run_is_compared_and_what_can_explain_a_401_comes_first() -> None:
    script = Script(consented=True, comparables=ITEMS)
    async with wizard(script, "prod") as (app, pilot):
        await press(app, pilot, "c")
        page = shown(app)
        assert script.asked("compare_run") == ["run 0"]
        assert page.index("DIFFERS, AND CAN EXPLAIN A 401") < page.index("https://auth.staging.example.com")
        assert "may mean: The token belongs to another environment" in page
        await press(app, pilot, "pagedown")
        page = shown(app)
        assert "header [/x]" in page
        assert "\x1b" not in page
        assert "Not compared, now: its secrets" in page


async def test_what_cannot_be_read_is_said_and_escape_closes() -> None:
    async with wizard(Script(consented=True, comparables=ITEMS), "prod") as (app, pilot):
        await press(app, pilot, "c", "down")
        assert "The file is gone." in shown(app)
        await press(app, pilot, "escape")
        assert not isinstance(app.screen, CompareScreen)


async def test_with_nothing_to_compare_the_key_says_what_would_help() -> None:
    async with wizard(Script(consented=True), "prod") as (app, pilot):
        await press(app, pilot, "c")
        assert not isinstance(app.screen, CompareScreen)
        assert "nothing to compare with yet" in " ".join(n.message for n in app._notifications)


async def test_home_compares_the_marked_profile_with_each_of_the_others() -> None:
    script = Script(cards=CARDS[:3])
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "c")
        assert "Compare prod with" in shown(app)
        await press(app, pilot, "down")
        assert script.asked("compare") == [("prod", "prod-admin"), ("prod", "staging")]
        assert "Not compared, staging: its secrets" in shown(app) or app.screen.query_one("#comparison").max_scroll_y > 0


async def test_home_with_one_profile_says_that_there_is_no_other() -> None:
    async with wizard(Script(cards=CARDS[:1])) as (app, pilot):
        await press(app, pilot, "c")
        assert not app.screen.is_modal


async def test_the_wizard_compares_real_profiles_and_shows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_TOKEN", "plainly-fake-one-0123")
    config = tmp_path / "profiles.toml"
    rows = "".join(
        f'[profile.{name}]\nbase_url = "https://{name}.example.com"\nrequest = "GET /"\n[profile.{name}.secrets]\naccess_token = "env:ONE_TOKEN"\n'
        for name in ("one", "two")
    )
    config.write_text(rows)
    services = WizardServices(config)
    before = await services.compare("one", "two")
    assert all("not agreed to" in note for note in before.notes)
    services.trust("one")
    services.trust("two")
    seen = await services.compare("one", "two")
    assert any("one.example.com" in row.one for row in seen.differences)
    assert "plainly-fake" not in repr(seen)
