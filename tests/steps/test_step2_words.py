"""S2-08: the server's words about time against the token's times."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import NetworkTime, Reported
from authwizard.model.finding import Status
from authwizard.steps.step2_words import server_and_arithmetic_agree

from .evidence_of_first_steps import NOW, baseline, credential, discovery, exchange, grades, judge, jws, opaque

HOUR = 3600
EXPIRED = '{"message":"Jwt is expired"}'
NOT_YET = '{"message":"Jwt not yet valid"}'
SENT = (("Authorization", "Bearer <token 300 bytes #0a1b2c3d>"),)
ALIVE = credential(jws({"exp": NOW + HOUR, "iat": NOW - 60}))
ENDED = credential(jws({"exp": NOW - HOUR, "iat": NOW - 2 * HOUR}))
TIME = NetworkTime("time.test", 0, 0.05)


def said(words: str, off: float = 0, **more: Any) -> Any:
    return baseline(401, body=words, off=off, sent=SENT, **more)


@for_each(
    ("evidence", "status", "causes"),
    [
        ((ENDED, said(EXPIRED)), "pass", {}),
        ((ALIVE, said(EXPIRED)), "fail", {"session_expired": "M"}),
        ((ALIVE, said(EXPIRED, headers=(("Age", "40"),), off=-40)), "fail", {"cached_401": "M"}),
        ((ALIVE, said(EXPIRED, headers=(("X-Cache", "Hit from edge"),))), "fail", {"cached_401": "M"}),
        ((ALIVE, said(EXPIRED, headers=(("X-Cache", "Miss"),))), "fail", {"session_expired": "M"}),
        ((ALIVE, said(EXPIRED, off=2.2 * HOUR), TIME), "fail", {"clock_skew_server": "S"}),
        ((ALIVE, said(EXPIRED, off=2.2 * HOUR), discovery(0)), "fail", {"clock_skew_server": "S"}),
        ((ENDED, said(EXPIRED, off=2.2 * HOUR), TIME), "pass", {}),
        ((ALIVE, baseline(401, body=EXPIRED)), "fail", {"session_expired": "M", "clock_skew_server": "W"}),
        ((credential(opaque()), said(EXPIRED)), "skip", {}),
        ((ALIVE, said('{"message":"Token is invalid or expired"}')), "skip", {}),
        ((ALIVE, said('{"message":"no"}')), "skip", {}),
        ((ALIVE, baseline(200, body=EXPIRED)), "skip", {}),
        ((ALIVE,), "skip", {}),
        ((ALIVE, said(NOT_YET)), "fail", {"clock_skew_server": "M"}),
        ((ALIVE, said(NOT_YET, headers=(("Age", "400"),), off=-400)), "fail", {"cached_401": "M"}),
        ((ALIVE, said(NOT_YET, off=-660), discovery(0), TIME), "fail", {"clock_skew_server": "S"}),
        ((credential(jws({"nbf": NOW + 600, "exp": NOW + HOUR})), said(NOT_YET), TIME), "pass", {}),
        ((credential(jws({"exp": NOW + HOUR})), said(NOT_YET)), "skip", {}),
    ],
)
def test_words_and_arithmetic(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(server_and_arithmetic_agree, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_ambiguous_words_are_called_no_evidence() -> None:
    assert (
        "no evidence" in judge(server_and_arithmetic_agree, ALIVE, said('{"message":"The access token is invalid or has expired"}')).summary
    )


def test_another_token_on_the_wire_is_told_by_its_fingerprint() -> None:
    other = baseline(401, body=EXPIRED, off=0, sent=(("Authorization", "Bearer <token 300 bytes #ffffffff>"),))
    finding = judge(server_and_arithmetic_agree, ALIVE, other)
    assert grades(finding) == {"stale_token_sent": "M"}
    assert "#ffffffff" in finding.arguments[0].text


@pytest.mark.parametrize(("fingerprint", "causes"), [("#ffffffff", {"stale_token_sent": "M"}), ("#0a1b2c3d", {"session_expired": "M"})])
def test_a_pasted_refusal_is_compared_with_what_was_sent_there(fingerprint: str, causes: dict[str, str]) -> None:
    pasted = Reported(credential_fingerprint=fingerprint, answer=exchange(401, body=EXPIRED, off=0))
    assert grades(judge(server_and_arithmetic_agree, ALIVE, pasted)) == causes
