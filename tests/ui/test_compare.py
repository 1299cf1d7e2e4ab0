"""Two profiles side by side from Home: which other one, and what differs first."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import flowing, press, wizard
from fake_services import CARDS, Script

from authwizard.cli.services import WizardServices
from authwizard.ui.screens.compare import CompareScreen, OtherProfileScreen
from authwizard.ui.screens.home import HomeScreen


async def test_with_several_others_it_asks_which(size: tuple[int, int]) -> None:
    script = Script(cards=CARDS, consented=True)
    async with wizard(script, size=size) as (app, pilot):
        await press(app, pilot, "c")
        assert isinstance(app.screen, OtherProfileScreen)
        await press(app, pilot, "escape")
        assert not script.asked("compare")
        await press(app, pilot, "c", "enter")
        assert isinstance(app.screen, CompareScreen)
        assert len(script.asked("compare")) == 1
        page = flowing(app)
        assert page.index("can explain a 401") < page.index("issuer") < page.index("may mean: The token belongs") < page.index("What else")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, HomeScreen)


async def test_with_one_other_it_compares_at_once_and_with_none_it_says_so() -> None:
    script = Script(cards=CARDS[:2], consented=True)
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "c")
        assert isinstance(app.screen, CompareScreen)
        assert sorted(script.asked("compare")[0]) == sorted(card.name for card in CARDS[:2])
    script = Script(cards=CARDS[:1], consented=True)
    async with wizard(script) as (app, pilot):
        await press(app, pilot, "c")
        assert not script.asked("compare")
        assert any("no other profile" in note.message for note in app._notifications)


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
