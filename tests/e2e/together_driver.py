"""Two wizards in terminals and one `authwizard check`, all at once, on one profile whose refresh token works once; run by test_together.py.

`python together_driver.py ROUNDS`, in a session in which the store works. It reads on stdin where the platform is and what it gave out, and
prints, as JSON, what each said, what was spent, and everything that stood on the screens.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from relay import Relay
from terminal_driver import PATIENCE, Terminal

UNDER_WAY = "Esc cancel the run"
LOOKS = 6
_CLOCK = re.compile(r"\b\d+\.\d s\b")
"""How long the run has taken so far."""
AUTHWIZARD = [sys.executable, "-m", "authwizard"]


class Wizard(Terminal):
    """A wizard at the verdict of its first run, which did not spend anything."""

    def open(self, *, first: bool) -> None:
        """Run the profile without spending anything; the first of all asks what may be sent."""
        # A size from the start: one that comes while the program starts can be missed.
        self.start(shlex.join(AUTHWIZARD), columns=100, rows=120)
        self.shows("prod")
        self.press("Enter")
        if first:
            self.shows("what is sent")
            self.press("Enter")
        self.shows("The access token has expired")

    def ask_to_spend(self) -> None:
        """Up to the question whether to spend the refresh token, with the yes marked."""
        self.press("v")
        self.shows("Refresh the token (asks first)")
        self.press("Enter")
        self.shows("Refresh token spent once")
        self.press("Down")
        self.shows("▌ Spend it, once")

    def spend(self) -> None:
        """Say yes, and see the run begin; it does not end before the others have come as far."""
        self.press("Enter")
        self.shows(UNDER_WAY)

    def told(self) -> dict[str, str]:
        """What step 4 says once the run has ended, and the verdict."""
        while UNDER_WAY in self.still():
            pass
        self.press("4")
        self.shows("STEP 4")
        step = flowing(self.still())
        self.press("v")
        self.shows("DO THIS")
        return {"step 4": step, "verdict": flowing(self.still())}

    def still(self) -> str:
        """The screen once it has not changed for a while: what is long is painted piece by piece."""
        begun, seen, looks = time.monotonic(), "", 0
        while looks < LOOKS:
            assert time.monotonic() - begun < PATIENCE, seen
            before, seen = seen, _CLOCK.sub("", self.screen())
            looks = looks + 1 if seen == before else 0
            time.sleep(0.05)
        return seen


def flowing(screen: str) -> str:
    """The right half of a screen as running text, without the ids of checks, which stand within it."""
    text = " ".join(row.partition("│")[2] for row in screen.splitlines())
    return re.sub(r"[\s\u2500-\u259f]+", " ", re.sub(r"\bS\d-\d\d\b", " ", text))


def authwizard(*words: str, typed: str = "", statuses: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run([*AUTHWIZARD, *words], input=typed, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in statuses, done.stdout + done.stderr
    return done.stdout


def check(*words: str) -> dict[str, Any]:
    """A run without a screen: its verdict and what it says of the refresh."""
    run = json.loads(authwizard("check", "prod", "--format", "json", *words, statuses=(0, 1)))
    step = next(s for s in run["steps"] if s["number"] == 4)
    said = " ".join(c["summary"] for c in step["checks"])
    return {"step 4": said, "verdict": f"{run['verdict']['kind']} {run['verdict']['cause']}", "tokens": run["requests"]["token"]}


def play(rounds: int, given: dict[str, Any], folder: Path, stack: ExitStack) -> dict[str, Any]:
    api, auth = Relay(given["api"]), Relay(given["auth"])
    fronts = {
        given["api"]: stack.enter_context(api.serving()),
        given["auth"] + "/oauth/token": stack.enter_context(auth.serving()) + "/oauth/token",
    }
    profile = given["profile"]
    for old, new in fronts.items():
        profile = profile.replace(f'"{old}"', f'"{new}"')
    Path(os.environ["AUTHWIZARD_CONFIG_DIR"], "profiles.toml").write_text(profile)
    for field, value in given["secrets"].items():
        authwizard("store", "set", "prod", field, typed=value)
    expired = given["secrets"]["access_token"]
    seen: list[str] = []
    told = []
    for number in range(rounds):
        authwizard("store", "set", "prod", "access_token", typed=expired)
        wizards = [Wizard(folder / f"{number}-{name}") for name in "ab"]
        try:
            for each in wizards:
                each._folder.mkdir()
                each.open(first=not told and each is wizards[0])
                each.ask_to_spend()
            api.hold(expired, 3)
            before = len(auth.spent)
            with ThreadPoolExecutor() as pool:
                for each in wizards:
                    each.spend()
                headless = pool.submit(check, "--allow", "refresh")
                said = [*(each.told() for each in wizards), headless.result()]
            for each in wizards:
                each.press("q")
            statuses = [each.ended() for each in wizards]
        finally:
            for each in wizards:
                each.close()
                seen += each.seen
        told.append({"said": said, "spent": len(auth.spent) - before, "statuses": statuses})
    after = check()
    authwizard("store", "set", "prod", "access_token", typed=expired)
    last = check("--allow", "refresh")
    return {"rounds": told, "after": after, "last": last, "spent": auth.spent, "seen": seen}


def main() -> None:
    given = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        print(json.dumps(play(int(sys.argv[1]), given, Path(folder), stack)))


if __name__ == "__main__":
    main()
