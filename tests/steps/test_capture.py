"""What a captured request tells, and what it cannot show because it came to another host."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import ClientEnvironment, CredentialSeen, SentCredential, SentRequest
from authwizard.steps.capture import AFTER_A_CHALLENGE, Judged, judge_capture

from .evidence_of_first_steps import NOW, credential, jws, profile, spec

URL = "http://127.0.0.1:4711/v2/me"
OWN = SentCredential("header", "Authorization", "Bearer", same=True)
NETRC = ClientEnvironment(netrc_hosts=("api.acme.io",), netrc_path="~/.netrc")


def judged(environment: ClientEnvironment | None = None, own: CredentialSeen | None = None, settings: Any = None, **sent: Any) -> Judged:
    made: dict[str, Any] = {"method": "GET", "url": URL, "fields": (("Authorization", "Bearer <token>"),), "credentials": (OWN,)}
    chosen = settings or profile()
    seen = SentRequest(**{**made, **sent})
    fields = (("Authorization", "Bearer <token>"),)
    return judge_capture(seen, chosen, own or credential(jws()), "GET", "https://api.acme.io/v2/me", fields, environment, NOW)


def causes(told: Judged) -> list[str]:
    return [d.cause for d in told.differences]


def test_the_address_stands_in_for_the_api() -> None:
    told = judged()
    assert told.differences == ()
    assert next(row for row in told.table.rows if row[0] == "address")[3] == ""


@pytest.mark.parametrize(
    ("agent", "client", "found"),
    [
        ("python-requests/2.34", "other", ["netrc_override"]),
        ("my-app", "requests", ["netrc_override"]),
        ("Go-http-client/1.1", "requests", []),
        ("my-app", "other", []),
    ],
)
def test_a_netrc_entry_for_the_api_does_not_show_here_and_counts_all_the_same(agent: str, client: Any, found: list[str]) -> None:
    told = judged(NETRC, agent=agent, settings=profile(client=client))
    assert causes(told) == found
    if found:
        assert "does not show in what came here" in told.differences[0].text


def test_a_login_that_waits_for_a_challenge_is_told_from_none() -> None:
    basic = profile(credential=spec(kind="basic"))
    told = judged(settings=basic, own=credential(jws(), kind="basic", scheme="Basic"), credentials=(), fields=())
    assert causes(told) == ["credential_missing"]
    assert AFTER_A_CHALLENGE in told.remarks


def test_without_a_stored_token_place_and_scheme_are_compared() -> None:
    nothing = CredentialSeen("bearer", "header", "Authorization", "", None, missing="No access token is stored for prod.")
    assert causes(judged(own=nothing)) == []
    assert causes(judged(own=nothing, credentials=(SentCredential("header", "Authorization", "Token", same=False),))) == [
        "auth_scheme_wrong"
    ]
    assert causes(judged(own=nothing, credentials=())) == ["credential_missing"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"body_bytes": 3}, "sends a body"),
        ({"agent": "Mozilla/5.0"}, "Cookies that the browser keeps"),
        ({"fields": (("Expect", "100-continue"),)}, "Expect"),
    ],
)
def test_remarks(sent: dict[str, Any], words: str) -> None:
    assert any(words in remark for remark in judged(**sent).remarks)
