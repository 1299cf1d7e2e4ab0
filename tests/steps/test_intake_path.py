"""I-08: the way through a proxy or an edge, and past it."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import ClientEnvironment, DirectCall, OriginCall
from authwizard.model.finding import Skip, Status
from authwizard.model.profile import Network
from authwizard.steps.intake_path import direct_vs_proxy
from authwizard.steps.other_ways import TOKEN_CAUSES

from .evidence_of_first_steps import baseline, exchange, grades, judge, profile

PROXIED = ClientEnvironment(proxy_variables=("HTTPS_PROXY", "NO_PROXY"))
BY_ORIGIN = profile(origin_url="https://origin.acme.io")
DEAD = dict.fromkeys(TOKEN_CAUSES, "XP")


def direct(status: int | None = 200, **more: Any) -> DirectCall:
    return DirectCall(exchange(status, id="S-direct", **more))


def origin(status: int | None = 200, **more: Any) -> OriginCall:
    return OriginCall(exchange(status, id="S-origin", **more))


@pytest.mark.parametrize(
    ("evidence", "status", "causes"),
    [
        ((baseline(401), PROXIED, direct(200)), "fail", {"proxy_strips_authorization": "P", **DEAD}),
        ((baseline(401), BY_ORIGIN, origin(200)), "fail", {"edge_strips_authorization": "P", **DEAD}),
        ((baseline(401), PROXIED, direct(401)), "pass", {}),
        ((baseline(401), BY_ORIGIN, origin(None, fault="timeout")), "blocked", {}),
        # a page to sign in at is no success, and a limit is no refusal of the credential
        ((baseline(401), BY_ORIGIN, origin(200, headers=(("Content-Type", "text/html"),), body='<input type="password">')), "pass", {}),
        ((baseline(429), BY_ORIGIN, origin(200)), "pass", {}),
    ],
)
def test_ways(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(direct_vs_proxy, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


@pytest.mark.parametrize(
    ("evidence", "skip"),
    [
        ((baseline(401),), Skip.NOT_APPLICABLE),
        ((baseline(401), ClientEnvironment(proxy_variables=("NO_PROXY",))), Skip.NOT_APPLICABLE),
        ((baseline(401), PROXIED, profile(network=Network(proxy="none"))), Skip.NOT_APPLICABLE),
        ((baseline(200), PROXIED), Skip.NOT_APPLICABLE),
        ((baseline(401), profile(network=Network(proxy="http://127.0.0.1:9"))), Skip.NOT_TRIED),
    ],
)
def test_where_there_is_one_way_only(evidence: tuple[Any, ...], skip: Skip) -> None:
    assert judge(direct_vs_proxy, *evidence).skip is skip
