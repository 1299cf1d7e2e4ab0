"""Does the rig see what it must see? Nothing wrong is healthy in every style, and each misdeed is told from the servers' logs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.rig.judge import Expected, problems_of_manners, problems_of_verdict, wrongly_sure
from e2e.rig.product import Seen, run_here
from e2e.rig.styles import STYLES
from e2e.rig.wire import Answer, Asked, Loop, Server
from e2e.rig.world import Rig, running

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def rig(loop: Loop, tmp_path: Path) -> Iterator[Rig]:
    with running(loop, tmp_path) as rig:
        yield rig


@pytest.mark.parametrize("style", STYLES)
def test_nothing_wrong_is_healthy(rig: Rig, style: str) -> None:
    rig.api.settings.style = style
    seen = run_here(rig)
    assert [*problems_of_verdict(Expected(None, None, "healthy"), seen), *problems_of_manners(rig, seen)] == []
    assert seen.document["requests"]["api"] == len(rig.api_requests)
    assert seen.document["requests"]["token"] == len(rig.token_requests)


@pytest.mark.parametrize(("age", "kind", "cause"), [(60, "healthy", None), (10800, "cause", "token_expired")])
def test_at_an_address_of_ipv6(rig: Rig, loop: Loop, age: float, kind: str, cause: str | None) -> None:
    door = Server(rig.api.answer)
    door.host = "::1"
    try:
        loop.call(door.start())
    except OSError:
        pytest.skip("this machine has no ::1")
    rig.profile["base_url"] = f"http://[::1]:{door.port}"
    rig.secrets["access_token"] = rig.auth.token(age)
    verdict = run_here(rig).verdict
    loop.call(door.close())
    assert (verdict["kind"], verdict["cause"]) == (kind, cause)


@pytest.mark.parametrize("location", ["/v2/devices#part", "?again", "http://[::bad/", "/v2/me"])
def test_a_redirect_that_leads_nowhere_names_no_cause(rig: Rig, location: str) -> None:
    inner = rig.api.answer
    rig.api.server.handler = lambda asked: Answer(302, [("Location", location)]) if asked.path == "/v2/me" else inner(asked)
    seen = run_here(rig)
    assert seen.verdict["kind"] == ("healthy" if location.startswith("/v2/devices") else "cannot_tell")
    assert list(problems_of_manners(rig, seen)) == []


def quiet() -> Seen:
    """A run that did nothing and said nothing."""
    verdict: dict[str, Any] = {
        "kind": "cause", "cause": "token_expired", "confidence": "likely", "step": 2, "summary": "", "tie_with": None, "candidates": [],
        "mechanisms": [], "will_fail_next": [], "warnings": [],
    }  # fmt: skip
    return Seen({"verdict": verdict, "steps": []}, {})


def ask(*fields: tuple[str, str], target: str = "/v2/me", method: str = "GET", body: bytes = b"") -> Asked:
    return Asked(method, target, fields, body)


def bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


MISDEEDS: dict[str, Callable[[Rig], None]] = {
    "13 requests to the API": lambda rig: rig.api.server.log.extend([ask()] * 13),
    "4 requests to the token endpoints": lambda rig: rig.auth.server.log.extend([ask(target="/token", method="POST")] * 4),
    "4 requests with invalid tokens": lambda rig: rig.api.server.log.extend(
        [ask(bearer(rig.secrets["access_token"][:-9] + "AAAAAAAAA")), *[ask(bearer("authwizard-probe"))] * 3]
    ),
    "an invalid token went to /token": lambda rig: rig.auth.server.log.append(
        ask(target="/token", method="POST", body=b"token=authwizard-probe")
    ),
    "a real credential went to a foreign origin: GET /v2/me": lambda rig: rig.stranger.log.append(ask(bearer(rig.secrets["access_token"]))),
    "a real credential went to a foreign origin: GET /there": lambda rig: rig.staging_auth.server.log.append(
        ask(("Authorization", "Basic " + base64.b64encode(f"me:{rig.secrets['client_secret']}".encode()).decode()), target="/there")
    ),
    "a secret of the token endpoint went to the API: /v2/me": lambda rig: rig.api.server.log.append(
        ask(bearer(rig.secrets["client_secret"]))
    ),
    "a server of the rig stumbled: ValueError()": lambda rig: rig.api.server.errors.append(ValueError()),
}


@pytest.mark.parametrize("told", MISDEEDS)
def test_a_misdeed_is_told(rig: Rig, told: str) -> None:
    assert list(problems_of_manners(rig, quiet())) == []
    MISDEEDS[told](rig)
    assert list(problems_of_manners(rig, quiet())) == [told]


def test_a_secret_in_a_report_is_told(rig: Rig) -> None:
    hidden = base64.b64encode(rig.secrets["client_secret"].encode()).decode()
    for text in (rig.secrets["client_secret"], hidden, rig.secrets["access_token"].split(".")[1]):
        assert list(problems_of_manners(rig, Seen(quiet().document, {"text": text})))


def test_another_cause_is_wrong_only_where_it_is_sure() -> None:
    seen = quiet()
    assert not wrongly_sure(Expected("token_expired", 2), seen)
    assert wrongly_sure(Expected("token_revoked", 7), seen)
    seen.verdict["confidence"] = "possible"
    assert not wrongly_sure(Expected("token_revoked", 7), seen)


def test_what_is_not_exact_is_told() -> None:
    seen = quiet()
    assert list(problems_of_verdict(Expected("token_expired", 2), seen)) == []
    for other in (Expected("token_expired", 3), Expected("token_revoked", 2), Expected("token_expired", 2, sure="proven"),
                  Expected(None, None, "healthy"), Expected("token_expired", 2, next=("insufficient_scope",))):  # fmt: skip
        assert len(list(problems_of_verdict(other, seen))) == 1
