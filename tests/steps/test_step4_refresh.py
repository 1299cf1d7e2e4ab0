"""S4-01 to S4-06: the refresh token, its consent, its one use, its successor."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from authwizard.model.evidence import NotTried, RefreshedCall, RefreshedCallAgain, RefreshedToken, Unavailable
from authwizard.model.finding import Finding, Group, Line, Status
from authwizard.model.options import RunOptions
from authwizard.model.profile import OAuth, Profile
from authwizard.model.token import TokenFault
from authwizard.steps.step4_refresh import (
    CHECKS,
    STEP,
    refresh_live,
    refresh_present,
    refreshed_token_diff,
    refreshed_token_works,
    rotation_notice,
    rotation_persisted,
)

from .made_evidence import (
    NOW,
    about,
    baseline,
    credential,
    exchange,
    granted,
    judge,
    keys,
    opaque,
    present,
    profile,
    refusal,
    refused,
    said,
    secrets,
    token,
)

LOGIN = profile(oauth=OAuth(client_id="client-1", grant="authorization_code"))
STORED = secrets(refresh_token=present("refresh_token"))
EXPIRED = credential(token({"exp": NOW - 7200}))
ALLOWED = RunOptions(allow_refresh=True)


def refreshed(**changes: Any) -> RefreshedToken:
    return granted(kind=RefreshedToken, grant="refresh_token", **{"rotated": True, "kept_in": "Secret Service", **changes})  # type: ignore[no-any-return]


def denied(description: str = "", error: str = "invalid_grant") -> RefreshedToken:
    return refused(error, kind=RefreshedToken, description=description, grant="refresh_token")  # type: ignore[no-any-return]


def positive(finding: Finding) -> set[tuple[str, str]]:
    return {(cause, grade) for cause, grade in said(finding) if not grade.startswith("X")}


# ── S4-01, S4-02 ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_h07_client_credentials_has_no_refresh_token() -> None:
    finding = judge(refresh_present, secrets())
    assert (finding.status, finding.skip, said(finding)) == (Status.SKIP, "not_applicable", set())
    assert "step 7" in finding.summary


def test_a_missing_refresh_token_explains_a_refusal_only_where_it_was_asked_for() -> None:
    plain = judge(refresh_present, secrets(), given={Profile: LOGIN})
    assert (plain.status, said(plain)) == (Status.WARN, {("refresh_token_missing", "W")})
    expired = judge(refresh_present, secrets(), EXPIRED, given={Profile: LOGIN})
    assert (expired.status, said(expired)) == (Status.FAIL, {("refresh_token_missing", "W")})
    asked = judge(refresh_present, secrets(), EXPIRED, ALLOWED, given={Profile: LOGIN})
    assert said(asked) == {("refresh_token_missing", "S")}
    assert (asked.facts["renewal_failed"], asked.facts["renewal_cause"]) == (True, "refresh_token_missing")
    assert "renewal_failed" not in expired.facts
    alive = judge(refresh_present, secrets(), ALLOWED, given={Profile: LOGIN})
    assert said(alive) == {("refresh_token_missing", "W")}


def test_what_must_be_known_of_a_stored_token_is_told() -> None:
    noted = dataclasses.replace(present("refresh_token"), note="The old refresh token may be spent.")
    finding = judge(refresh_present, secrets(refresh_token=noted), given={Profile: LOGIN})
    assert (finding.status, finding.summary) == (Status.WARN, "The old refresh token may be spent.")
    kept = judge(rotation_persisted, refreshed(kept_in="an encrypted journal", keep_note="It is not in its place yet."))
    assert (kept.status, said(kept)) == (Status.FAIL, {("rotation_not_persisted", "S")})
    assert kept.summary == "The server replaced the refresh token, and the new one did not reach its place. It is not in its place yet."


def test_a_stored_refresh_token_and_its_bytes() -> None:
    assert judge(refresh_present, STORED).status is Status.PASS
    dirty = secrets(refresh_token=present("refresh_token", faults=(TokenFault("whitespace_in_credential", "A blank ends it."),)))
    assert said(judge(refresh_present, dirty)) == {("whitespace_in_credential", "W")}
    tried = judge(refresh_present, dirty, denied(), EXPIRED)
    assert (tried.status, said(tried)) == (Status.FAIL, {("whitespace_in_credential", "S")})
    assert tried.facts["step:whitespace_in_credential"] == 4
    locked = secrets(refresh_token=present("refresh_token", status="unavailable", why="The keyring is locked."))
    assert judge(refresh_present, locked).status is Status.BLOCKED
    assert judge(refresh_present, secrets(), given={Profile: profile(oauth=None)}).status is Status.SKIP


def test_the_gate_tells_what_a_refresh_may_cost() -> None:
    closed = judge(rotation_notice, STORED)
    assert (closed.status, closed.skip) == (Status.SKIP, "not_tried")
    for word in ("once", "logged out", "--allow refresh"):
        assert word in closed.summary
    assert judge(rotation_notice, STORED, ALLOWED).status is Status.PASS
    assert judge(rotation_notice, STORED, ALLOWED, refreshed()).status is Status.PASS
    assert judge(rotation_notice, secrets()).skip == "not_applicable"


def test_without_consent_the_rest_is_not_tried() -> None:
    why = NotTried("A refresh was not agreed to.")
    for check in (refresh_live, rotation_persisted, refreshed_token_diff):
        finding = judge(check, given={RefreshedToken: why})
        assert (finding.status, finding.skip, finding.summary) == (Status.SKIP, "not_tried", why.why)
    declined = judge(refresh_live, given={RefreshedToken: Unavailable("A new token cannot be kept in env:X.")})
    assert declined.status is Status.BLOCKED


# ── S4-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "cause", "grade"),
    [
        ("Token is not active", "refresh_token_expired", "S"), ("Session not active", "refresh_token_expired", "S"),
        ("Offline user session not found", "refresh_token_expired", "S"), ("Stale token", "refresh_token_reused", "S"),
        ("refresh token was already used", "refresh_token_reused", "S"), ("it was issued to another client", "refresh_client_mismatch", "S"),
        ("", "refresh_token_invalid", "M"),
    ],
)  # fmt: skip
def test_h04_invalid_grant_is_refined_by_words_only(words: str, cause: str, grade: str) -> None:
    finding = judge(refresh_live, denied(words))
    assert (finding.status, said(finding)) == (Status.FAIL, {(cause, grade)})
    assert about(finding, cause).group is Group.TOKEN_ENDPOINT
    assert finding.facts["renewal_failed"] is True
    assert finding.facts["refresh_failed"] is True
    assert finding.facts["renewal_cause"] == cause


def test_a_refresh_that_asks_for_more() -> None:
    assert said(judge(refresh_live, denied(error="invalid_scope"))) == {("refresh_scope_widened", "S")}


def test_an_accepted_refresh() -> None:
    finding = judge(refresh_live, refreshed())
    assert finding.status is Status.PASS
    assert (finding.facts["renewal_failed"], finding.facts["refresh_kept"]) == (False, True)
    assert judge(refresh_live, refreshed(keep_problem="The keyring refused.")).facts["refresh_kept"] is False


def test_an_unknown_outcome_says_so_and_blames_nobody() -> None:
    finding = judge(refresh_live, dataclasses.replace(denied(), unknown_outcome=True, exchange=exchange(None)))
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert "may have been used up" in finding.summary
    assert "renewal_failed" not in finding.facts
    unreached = judge(refresh_live, dataclasses.replace(denied(), exchange=exchange(None)))
    assert unreached.status is Status.BLOCKED


# ── S4-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_h06_a_successor_that_was_not_kept() -> None:
    finding = judge(rotation_persisted, refreshed(kept_in="", keep_problem="The keyring refused the write."))
    assert (finding.status, said(finding)) == (Status.FAIL, {("rotation_not_persisted", "S")})
    assert (finding.facts["renewal_failed"], finding.facts["renewal_cause"]) == (True, "rotation_not_persisted")
    assert "The keyring refused the write." in finding.summary


def test_without_rotation_the_old_one_stays() -> None:
    kept = judge(rotation_persisted, refreshed(rotated=False))
    assert (kept.status, said(kept)) == (Status.PASS, set())
    lost = judge(rotation_persisted, refreshed(rotated=False, kept_in="", keep_problem="Full."))
    assert (lost.status, said(lost)) == (Status.WARN, {("rotation_not_persisted", "W")})
    assert judge(rotation_persisted, refreshed()).status is Status.PASS
    assert judge(rotation_persisted, denied()).status is Status.SKIP


# ── S4-05 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refreshed_token_like_the_old_one() -> None:
    assert judge(refreshed_token_diff, refreshed()).status is Status.PASS


def test_fewer_scopes_matter_where_the_new_token_is_refused() -> None:
    old, new = credential(token({"scope": "read write"})), refreshed()
    assert said(judge(refreshed_token_diff, old, new, RefreshedCall(exchange(403)))) == {("insufficient_scope", "M")}
    assert said(judge(refreshed_token_diff, old, new)) == {("insufficient_scope", "W")}
    assert said(judge(refreshed_token_diff, old, new, RefreshedCall(exchange(200)))) == set()


def test_a_new_key_explains_only_where_the_old_one_is_gone() -> None:
    new = granted(token(header={"kid": "key-2"}), kind=RefreshedToken)
    assert said(judge(refreshed_token_diff, new, keys("key-2"))) == {("signing_key_rotated", "M")}
    assert said(judge(refreshed_token_diff, new, keys("key-1", "key-2"))) == set()
    assert said(judge(refreshed_token_diff, new)) == {("signing_key_rotated", "W")}


def test_a_changed_audience_is_told() -> None:
    finding = judge(refreshed_token_diff, credential(token({"aud": "x"})), refreshed())
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert "audience" in finding.summary


def test_tokens_that_cannot_be_compared() -> None:
    assert judge(refreshed_token_diff, credential(opaque()), refreshed()).status is Status.SKIP
    assert judge(refreshed_token_diff, denied()).status is Status.SKIP


# ── S4-06 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_h02_the_refreshed_token_repairs_an_expired_one() -> None:
    finding = judge(refreshed_token_works, EXPIRED, refreshed(), RefreshedCall(exchange(200)), refusal("jwt expired"), keys())
    assert (finding.status, positive(finding)) == (Status.PASS, {("token_expired", "P")})
    assert about(finding, "token_expired").factor == "refreshed token"
    assert finding.facts == {"repaired": True}


def test_what_is_not_kept_is_not_repaired() -> None:
    finding = judge(refreshed_token_works, EXPIRED, refreshed(keep_problem="Full."), RefreshedCall(exchange(200)), baseline(401), keys())
    assert finding.facts == {}
    assert judge(refreshed_token_works, refreshed(), RefreshedCall(exchange(200)), baseline(200), keys()).facts == {}


def test_a_used_up_token_that_could_not_be_removed_is_shown() -> None:
    finding = judge(refreshed_token_works, refreshed(), RefreshedCall(exchange(200), "It could not be removed."), baseline(401), keys())
    assert (finding.status, [line.value for line in finding.details if isinstance(line, Line) and line.mark is Status.WARN]) == (
        Status.PASS,
        ["It could not be removed."],
    )


def test_without_a_local_fault_it_was_revoked() -> None:
    finding = judge(refreshed_token_works, refreshed(), RefreshedCall(exchange(200)), baseline(401), keys())
    assert positive(finding) == {("token_revoked", "P")}


def test_the_same_refusal_excludes() -> None:
    first = judge(refreshed_token_works, EXPIRED, refreshed(), RefreshedCall(exchange(401)), baseline(401), keys())
    assert first.facts == {"refreshed_token_refused": True}
    assert {("token_expired", "XM"), ("token_revoked", "XM")} <= said(first), "it may only be too new"
    twice = RefreshedCall(exchange(401)), RefreshedCallAgain(exchange(401))
    finding = judge(refreshed_token_works, EXPIRED, refreshed(), *twice, baseline(401), keys())
    assert finding.status is Status.FAIL
    assert {("token_expired", "XS"), ("token_revoked", "XS"), ("token_malformed", "XS"), ("token_truncated", "XS")} <= said(finding)
    lost = judge(refreshed_token_works, EXPIRED, refreshed(), RefreshedCall(exchange(None)), baseline(401))
    assert (lost.status, said(lost)) == (Status.BLOCKED, set())


def test_a_refreshed_token_that_is_known_only_seconds_later_repairs_all_the_same() -> None:
    late = RefreshedCall(exchange(401)), RefreshedCallAgain(exchange(200))
    finding = judge(refreshed_token_works, EXPIRED, refreshed(), *late, baseline(401), keys())
    assert (finding.status, finding.facts) == (Status.WARN, {"repaired": True})
    assert positive(finding) == {("token_propagation_delay", "S"), ("token_expired", "P")}


def test_without_a_stored_access_token_nothing_is_proven() -> None:
    empty = credential(token=None, field_value=None, missing="Nothing is stored.")
    finding = judge(refreshed_token_works, empty, refreshed(), RefreshedCall(exchange(200)))
    assert (finding.status, said(finding)) == (Status.PASS, set())


def test_the_step() -> None:
    assert (STEP.number, STEP.id, [c.id for c in CHECKS]) == (4, "refresh", [f"S4-0{n}" for n in range(1, 8)])


@pytest.mark.parametrize(
    ("grant", "stored", "way"),
    [("client_credentials", False, "client"), ("client_credentials", True, "refresh"), ("authorization_code", True, "refresh"),
     ("device_code", False, "sign_in")],
)  # fmt: skip
def test_the_way_to_a_new_token_is_told_so_that_the_remedy_fits(grant: Any, stored: bool, way: str) -> None:
    given = {Profile: profile(oauth=OAuth(client_id="client-1", grant=grant))}
    assert judge(refresh_present, STORED if stored else secrets(), given=given).facts["renewal"] == way
