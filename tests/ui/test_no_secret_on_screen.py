"""No screen of the real wizard on the real practice platform shows a secret, in any encoding, whole or in pieces."""

from __future__ import annotations

import contextlib
import html
import logging
import os
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from leak_search import Pieces, leaks
from textual.pilot import Pilot

from authwizard.cli.demo import running
from authwizard.cli.services import DemoServices, WizardServices
from authwizard.demo.faults import fault_named
from authwizard.demo.platform import PROFILE, Platform
from authwizard.model.events import Event, RunEnded
from authwizard.model.options import RunOptions
from authwizard.ui.app import AuthwizardApp
from authwizard.ui.screens.asking import ConsentScreen, HazardScreen, TrustScreen
from authwizard.ui.screens.exchange import ExchangeScreen
from authwizard.ui.screens.help import HelpScreen
from authwizard.ui.screens.home import HomeScreen
from authwizard.ui.screens.place import PlaceScreen
from authwizard.ui.screens.report import FORMATS, ReportScreen
from authwizard.ui.screens.why import WhyScreen
from authwizard.ui.services import Subject

SMALL, LARGE = (80, 24), (120, 40)
FAULTS = (
    ("token_expired-refreshable", "client_credentials_invalid", "quotes_in_token", "environment_mismatch-api_key"),
    ("insufficient_scope", "auth_scheme_wrong", "cannot_tell", "refresh_token_reused"),
)
WALKED = FAULTS if os.environ.get("CI") else (FAULTS[0][:1], FAULTS[1][-1:])
"""Those of one row share an app, whose screens cost more to make than to walk through. CI walks all of them.

The first of all is walked wholly at both sizes, the others at the small one and, where a credential is drawn, at the large one.
"""


class Walk:
    """The wizard, and everything that stood on its screen since the last look at the platform's secrets."""

    def __init__(self, app: AuthwizardApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.shown: list[tuple[str, str]] = []
        self.pictured: set[str] = set()

    def look(self) -> str:
        """Remember what stands on the screen as text; and, once for each kind of screen and size, as the picture that is exported.

        A picture is drawn from the very rows that are the text, and costs four times as much as a look at them.
        """
        name = f"{type(self.app.screen).__name__} at {self.app.size}"
        plain = "\n".join("".join(part.text for part in row) for row in self.app.screen._compositor.render_strips())
        self.shown.append((name, plain))
        if name not in self.pictured:
            self.pictured.add(name)
            self.shown.append((f"picture of {name}", html.unescape(self.app.export_screenshot())))
        return plain

    async def press(self, *keys: str) -> str:
        for key in keys:
            await self.pilot.press(key)
        return self.look()

    async def until(self, happened: Callable[[], bool]) -> None:
        for _ in range(2000):
            if happened():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it did not happen; the screen shows:\n{self.look()}")

    async def run_ends(self, after: int = 0) -> None:
        """Wait until a later run than that of the number `after` has ended."""
        await self.until(lambda: self.app.state.run_id > after and self.app.state.phase != "running")
        assert self.app.state.run is not None, self.app.state.problem
        self.look()

    async def every_screen(self, places: str = "0123456789v", *, whole: bool = True) -> set[str]:
        """Walk the places and open every dialog there is without a consequence; return which screens were seen.

        `whole`: every exchange and every form of the report, else some, and without the help and Home, which show nothing of a run.
        """
        seen = set()
        for key in places:
            await self.press(key)
            seen.add(type(self.app.screen).__name__)
        assert self.app.state.run is not None
        others = len(self.app.state.run.exchanges) - 1
        dialogs: dict[str, list[str]] = {"d": ["end", "up", "up"], "w": [], "e": []}
        if whole:
            dialogs |= {"d": ["down"] * others, "e": ["down"] * (len(FORMATS) - 1), "question_mark": [], "p": []}
        for opened, further in dialogs.items():
            await self.press(opened)
            for key in further:
                await self.press(key)
            seen.add(type(self.app.screen).__name__)
            if opened != "p":
                await self.pilot.press("escape")
        await self.pilot.press("v")
        return seen

    def assert_no_secret(self, platform: Platform) -> None:
        """Nothing of what was shown, said or copied since holds a secret of the platform."""
        pieces = Pieces(platform.all_secrets)
        told = [("notification", n.message) for n in self.app._notifications]
        for where, text in (*self.shown, *told, ("clipboard", self.app.clipboard), ("state", repr(self.app.state))):
            assert leaks(platform.all_secrets, text) == [], where
            assert where.startswith("picture") or pieces.within(text) == [], where
        self.shown.clear()


class Quick(DemoServices):
    """The practice platform's services; of every run but the first only the end is told, since each event costs a picture."""

    async def start_run(self, subject: Subject, options: RunOptions) -> AsyncGenerator[Event]:
        first = not self._redactors
        async for event in super().start_run(subject, options):
            if first or isinstance(event, RunEnded):
                yield event


RUN_SCREENS = {"StepScreen", "VerdictScreen", *(s.__name__ for s in (ExchangeScreen, WhyScreen, ReportScreen))}
ALL_SCREENS = RUN_SCREENS | {HelpScreen.__name__, HomeScreen.__name__}


@contextlib.asynccontextmanager
async def started(services: WizardServices, start: str | None = PROFILE) -> AsyncIterator[Walk]:
    app = AuthwizardApp(services.bundle(), start)
    async with app.run_test(size=SMALL) as pilot:
        walk = Walk(app, pilot)
        walk.look()
        yield walk


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Listen to every logger: nothing may tell one a secret."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def files() -> Callable[[], dict[str, str]]:
    """Return a function that returns all files below the test's home, with their texts."""
    home = Path(os.environ["HOME"])
    return lambda: {str(p.relative_to(home)): p.read_text(errors="replace") for p in home.rglob("*") if p.is_file()}


@pytest.mark.services
@pytest.mark.parametrize("faults", WALKED, ids=lambda faults: faults[0])
async def test_no_screen_shows_a_secret(
    faults: tuple[str, ...], log: pytest.LogCaptureFixture, files: Callable[[], dict[str, str]]
) -> None:
    with contextlib.ExitStack() as platforms:
        services = Quick(platforms.enter_context(running(fault_named(faults[0]))))
        async with started(services) as walk:
            for name in faults:
                if name != faults[0]:
                    services._platform = platforms.enter_context(running(fault_named(name)))
                    walk.app.begin(PROFILE)
                await walk.run_ends(after=faults.index(name))
                if name == faults[-1] == "refresh_token_reused":
                    await spend_the_refresh_token(walk)
                platform = services._platform
                whole = name == FAULTS[0][0]
                assert await walk.every_screen(whole=whole) == (ALL_SCREENS if whole else RUN_SCREENS)
                await walk.pilot.resize_terminal(*LARGE)
                if whole:
                    assert await walk.every_screen(whole=False) == RUN_SCREENS
                else:
                    for key in "18vd":
                        await walk.press(key)
                    await walk.pilot.press("escape")
                await walk.pilot.resize_terminal(*SMALL)
                await walk.press("y")
                assert walk.app.clipboard
                walk.assert_no_secret(platform)
                assert leaks(platform.all_secrets, log.text) == []
                assert [f for f, text in files().items() if leaks(platform.all_secrets, text)] == []
        assert not [f for f in files() if "log" in f]


async def spend_the_refresh_token(walk: Walk) -> None:
    """Follow the next action of the verdict: it asks, and runs again."""
    verdict, run_id = walk.app.state.verdict, walk.app.state.run_id
    assert verdict is not None
    assert verdict.cause == "token_expired"
    await walk.press("2", "enter")
    await walk.until(lambda: isinstance(walk.app.screen, HazardScreen) and "Cancel" in walk.look())
    await walk.press("down", "enter")
    await walk.run_ends(after=run_id)
    assert walk.app.state.verdict is not None
    assert walk.app.state.verdict.cause == "refresh_token_reused"


async def test_trust_and_consent_show_references_and_no_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(fault_named("token_expired")) as platform:
        for name, secret in platform.env.items():
            monkeypatch.setenv(name, secret.reveal())
        config = tmp_path / "profiles.toml"
        config.write_text(platform.served_config)
        async with started(WizardServices(config)) as walk:
            await walk.until(lambda: isinstance(walk.app.screen, TrustScreen) and "env:AUTHWIZARD_DEMO_ACCESS_TOKEN" in walk.look())
            await walk.press("down", "enter")
            await walk.until(lambda: isinstance(walk.app.screen, ConsentScreen) and "Run all of it" in walk.look())
            await walk.press("enter")
            await walk.run_ends()
            assert walk.app.state.verdict is not None
            assert walk.app.state.verdict.cause == "token_expired"
            await walk.press("2", "p")
            await walk.until(lambda: isinstance(home := walk.app.screen, HomeScreen) and home.marked_profile() is not None)
            await walk.press("e")
            await walk.until(lambda: not isinstance(walk.app.screen, (HomeScreen, PlaceScreen)))
            for _ in range(6):
                await walk.press("pagedown")
            walk.assert_no_secret(platform)


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
async def test_a_script_that_changed_is_asked_about_in_the_wizard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(fault_named("token_expired")) as platform:
        for name, secret in platform.env.items():
            monkeypatch.setenv(name, secret.reveal())
        script, config = tmp_path / "get.sh", tmp_path / "profiles.toml"
        script.write_text("printenv AUTHWIZARD_DEMO_ACCESS_TOKEN\n")
        config.write_text(platform.served_config.replace('"env:AUTHWIZARD_DEMO_ACCESS_TOKEN"', f"{{ cmd = ['sh', '{script}'] }}"))
        WizardServices(config).trust("demo")
        with script.open("a") as file:
            file.write("# changed\n")
        async with started(WizardServices(config)) as walk:
            await walk.until(lambda: isinstance(walk.app.screen, TrustScreen) and "has changed since you agreed to it." in walk.look())
            await walk.press("down", "enter")
            await walk.until(lambda: isinstance(walk.app.screen, ConsentScreen) and "Run all of it" in walk.look())
            await walk.press("enter")
            await walk.run_ends()
            assert walk.app.state.verdict is not None
            assert walk.app.state.verdict.cause == "token_expired"
            walk.assert_no_secret(platform)


async def test_what_is_pasted_at_home_is_shown_nowhere() -> None:
    with running(fault_named("healthy")) as platform:
        token, secret = (platform.secrets[PROFILE][name].reveal() for name in ("access_token", "client_secret"))
        texts = (
            f"curl {platform.urls['base']}/v2/organizations/current/{token} -H 'Authorization: Bearer {token}'",
            f"curl {platform.urls['auth']}/oauth/token -u portal:{secret} -d grant_type=client_credentials",
            token,
        )
        async with started(Quick(platform), None) as walk:
            await walk.until(lambda: bool(walk.app.screen.query("#door")))
            for number, text in enumerate(texts):
                walk.app.look_at(text)
                await walk.run_ends(after=number)
                await walk.every_screen("18v", whole=number == 0)
                walk.assert_no_secret(platform)


# ── when the wizard itself fails ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_that_fails_inside_tells_its_place_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(fault_named("token_expired")) as platform:
        services = DemoServices(platform)

        def broken(*_: Any) -> Any:
            access_token = platform.secrets[PROFILE]["access_token"].reveal()
            raise RuntimeError(f"illegal header value {access_token}")

        monkeypatch.setattr(services, "_subject", broken)
        async with started(services) as walk:
            await walk.until(lambda: walk.app.state.phase == "failed")
            assert "RuntimeError in broken" in re.sub(r"[\s\u2500-\u257f]+", " ", walk.look())
            walk.assert_no_secret(platform)


async def test_a_crash_leaves_no_value_on_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with running(fault_named("token_expired")) as platform:
        services = DemoServices(platform)

        def broken(*_: Any) -> str:
            client_secret = platform.secrets[PROFILE]["client_secret"].reveal()
            raise RuntimeError(f"cannot show {client_secret}")

        monkeypatch.setattr(services, "preview_report", broken)
        with pytest.raises(RuntimeError):  # noqa: PT012
            async with started(services) as walk:
                await walk.run_ends()
                await walk.press("e")
        out, err = capsys.readouterr()
        assert "authwizard failed itself" in err
        assert "RuntimeError" in err
        assert "cannot show" not in out + err
        assert leaks(platform.all_secrets, out + err) == []
        assert Pieces(platform.all_secrets).within(out + err) == []


def test_the_search_itself_finds_what_is_wrapped_and_encoded() -> None:
    with running(fault_named("healthy")) as platform:
        token = platform.secrets[PROFILE]["access_token"]
        value, pieces = token.reveal(), Pieces([token])
        assert leaks([token], f"<{value}>")
        assert pieces.within("\n".join(value[i : i + 30] for i in range(7, len(value), 30)))
        assert pieces.within(value.partition(".")[2][5:40])
        assert not pieces.within("nothing of it is here, nothing at all")
