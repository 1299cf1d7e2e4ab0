"""S2-09: an ended session, a revoked token, a claims challenge."""

from __future__ import annotations

import base64
import json
from typing import Any

from each_row import for_each

from authwizard.model.evidence import Reported
from authwizard.model.finding import Status
from authwizard.steps.step2_session import session_alive

from .evidence_of_first_steps import NOW, baseline, credential, exchange, grades, judge, jws, opaque

ALIVE = credential(jws({"exp": NOW + 3600, "iat": NOW - 60, "sid": "s-1", "auth_time": NOW - 600}))
ENDED = credential(jws({"exp": NOW - 3600, "iat": NOW - 7200}))
CLAIMS = base64.b64encode(json.dumps({"access_token": {"nbf": {"essential": True, "value": "1"}}}).encode()).decode()
CAE = (("WWW-Authenticate", f'Bearer error="insufficient_claims", claims="{CLAIMS}"'),)


def words(text: str) -> Any:
    return baseline(401, body=json.dumps({"message": text}))


@for_each(
    ("evidence", "status", "causes"),
    [
        ((ALIVE, words("The session has expired")), "fail", {"session_expired": "S"}),
        ((ALIVE, words("Your session was terminated")), "fail", {"session_expired": "S"}),
        ((ALIVE, words("You have been logged out")), "fail", {"session_expired": "S"}),
        ((ALIVE, words("Your password was changed")), "fail", {"session_expired": "S"}),
        ((credential(opaque()), words("The session has expired")), "fail", {"session_expired": "S"}),
        ((ALIVE, words("The access token was revoked")), "fail", {"token_revoked": "M"}),
        ((ALIVE, baseline(401, headers=CAE)), "fail", {"claims_challenge": "S"}),
        ((ALIVE, words("TokenCreatedWithOutdatedPolicies")), "fail", {"claims_challenge": "S"}),
        (
            (ALIVE, baseline(401, headers=(("WWW-Authenticate", f'Bearer error="invalid_token", claims="{CLAIMS}"'),))),
            "fail",
            {"claims_challenge": "S"},
        ),
        # an expired token is reported as an ended session by some servers: arithmetic comes first
        ((ENDED, words("The session has expired")), "warn", {"session_expired": "W"}),
        # legitimate or silent
        ((ALIVE, words("invalid or expired token")), "pass", {}),
        ((ALIVE, words("jwt expired")), "pass", {}),
        ((ALIVE, words("You are not logged in")), "pass", {}),
        ((ALIVE, words("no")), "pass", {}),
        ((ALIVE, baseline(200, body='{"message": "The session has expired"}')), "skip", {}),
        ((credential(kind="cookie"), words("The session has expired")), "skip", {}),
        ((ALIVE,), "skip", {}),
    ],
)
def test_what_the_refusal_says_of_the_login(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(session_alive, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes), finding.summary


def test_the_login_of_the_token_is_told_without_the_sessions_id() -> None:
    finding = judge(session_alive, ALIVE, words("The session has expired"))
    assert "by its sid and auth_time" in str(finding.details)
    assert "s-1" not in str(finding)


def test_a_pasted_refusal_counts_where_nothing_was_sent() -> None:
    pasted = Reported(answer=exchange(401, body='{"message": "The session has expired"}'))
    assert grades(judge(session_alive, ALIVE, pasted)) == {"session_expired": "S"}
