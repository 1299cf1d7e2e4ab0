"""S3-15, S3-16, S3-17: is the token or the account still alive?"""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import Introspection, NotTried, WhoamiCall
from authwizard.model.finding import Group, Status
from authwizard.model.oauth import Introspected
from authwizard.steps.step3_standing import account_free, introspected_active, whoami_accepts

from .made_evidence import FAILED, ISSUER, NOW, about, baseline, credential, exchange, judge, keys, opaque, refusal, said, token


def introspection(active: bool | None, status: int = 200, **members: Any) -> Introspection:
    return Introspection(exchange(status), Introspected(active, {"active": active, **members}))


def test_h01_inactive_and_otherwise_perfect_is_revoked() -> None:
    finding = judge(introspected_active, introspection(False), keys())
    assert (finding.status, said(finding)) == (Status.FAIL, {("token_revoked", "S")})
    assert about(finding, "token_revoked").group is Group.INTROSPECTION


@pytest.mark.parametrize("found", [None, keys(signature=None)])
def test_without_a_verified_signature_it_is_less_sure(found: Any) -> None:
    assert said(judge(introspected_active, introspection(False), *([found] if found else []))) == {("token_revoked", "M")}


def test_inactive_with_a_signature_that_does_not_hold_says_nothing_of_revocation() -> None:
    assert said(judge(introspected_active, introspection(False), keys(signature=FAILED))) == set()


def test_inactive_before_its_time_is_not_revoked() -> None:
    seen = credential(token({"nbf": NOW + 3600, "exp": NOW + 7200}))
    assert said(judge(introspected_active, introspection(False), seen, keys())) == {("token_not_yet_valid", "M")}


def test_inactive_and_expired_is_expired() -> None:
    seen = credential(token({"exp": NOW - 3600}))
    assert said(judge(introspected_active, introspection(False), seen, keys())) == {("token_expired", "S")}


def test_inactive_at_another_server() -> None:
    seen = credential(token({"iss": "https://else.example"}))
    assert said(judge(introspected_active, introspection(False), seen, keys())) == {("wrong_authorization_server", "M")}


def test_an_opaque_inactive_token_may_be_either() -> None:
    finding = judge(introspected_active, introspection(False), credential(opaque()))
    assert said(finding) == {("token_revoked", "M"), ("token_expired", "M")}


def test_active_excludes_revocation() -> None:
    finding = judge(introspected_active, introspection(True, iss=ISSUER, scope="read", exp=NOW + 3000))
    assert (finding.status, said(finding)) == (Status.PASS, {("token_revoked", "XS")})


def test_active_with_other_values_is_a_warning() -> None:
    finding = judge(introspected_active, introspection(True, scope="write", sub="private-subject"))
    assert (finding.status, said(finding)) == (Status.WARN, {("token_revoked", "XS")})
    assert "private-subject" not in str(finding)


@pytest.mark.parametrize(("active", "status"), [(None, 401), (None, 403), (False, 401), (None, 200)])
def test_a_question_that_was_not_answered_is_no_evidence(active: bool | None, status: int) -> None:
    finding = judge(introspected_active, introspection(active, status), keys())
    assert (finding.status, said(finding)) == (Status.BLOCKED, set())


def test_not_tried() -> None:
    finding = judge(introspected_active, given={Introspection: NotTried("No leave.")})
    assert (finding.status, finding.skip) == (Status.SKIP, "not_tried")


# ── S3-15, S3-17 ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_captcha_by_header() -> None:
    denied = baseline(401, "", {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://x"})
    assert said(judge(account_free, denied)) == {("captcha_required", "S")}


def test_plain_refusals_say_nothing_of_an_account() -> None:
    assert judge(account_free, refusal("jwt expired")).status is Status.PASS
    assert judge(account_free, baseline(200)).status is Status.SKIP


def test_h08_a_locked_account() -> None:
    finding = judge(account_free, refusal("User account is locked"))
    assert "account_locked" in {cause for cause, _ in said(finding)}
    assert {a.group for a in finding.arguments} == {Group.SERVER_MESSAGE}


PROTECTED = exchange(401)


def test_whoami_elsewhere_splits_token_from_api() -> None:
    call = WhoamiCall(exchange(200, url=f"{ISSUER}/userinfo"), PROTECTED)
    finding = judge(whoami_accepts, call, baseline(401))
    assert said(finding) == {("token_revoked", "XS"), ("token_expired", "XS"), ("audience_mismatch", "M"), ("insufficient_scope", "M"),
                             ("server_key_misconfigured", "M")}  # fmt: skip
    here = judge(whoami_accepts, WhoamiCall(exchange(200), PROTECTED), baseline(401))
    assert {c for c, g in said(here) if g == "M"} == {"insufficient_scope"}


def test_whoami_refusing_too_names_nothing() -> None:
    refused = judge(whoami_accepts, WhoamiCall(exchange(401)), baseline(401))
    assert (refused.status, said(refused)) == (Status.FAIL, set())
    assert judge(whoami_accepts, WhoamiCall(exchange(403)), baseline(401)).status is Status.WARN
    assert judge(whoami_accepts, WhoamiCall(exchange(500)), baseline(401)).status is Status.BLOCKED
    assert judge(whoami_accepts, WhoamiCall(exchange(None)), baseline(401)).status is Status.BLOCKED
    alive = judge(whoami_accepts, WhoamiCall(exchange(200), PROTECTED), baseline(200))
    assert {c for c, _ in said(alive)} == {"token_revoked", "token_expired"}


@pytest.mark.parametrize(
    "call",
    [WhoamiCall(exchange(200)), WhoamiCall(exchange(200), exchange(200)), WhoamiCall(exchange(200), exchange(None)),
     WhoamiCall(exchange(200, headers={"Age": "9"}), PROTECTED)],
)  # fmt: skip
def test_a_whoami_that_is_open_or_cached_proves_no_life(call: WhoamiCall) -> None:
    finding = judge(whoami_accepts, call, baseline(401))
    assert (finding.status, said(finding)) == (Status.WARN, set())


def test_inactive_and_accepted_is_no_revocation() -> None:
    finding = judge(introspected_active, introspection(False), keys(), baseline(200))
    assert (finding.status, said(finding)) == (Status.WARN, {("token_revoked", "W")})
    assert "may not ask about it" in finding.summary


def test_a_refused_address_is_not_called_a_locked_account() -> None:
    finding = judge(account_free, refusal("IP address not allowed"))
    assert {cause for cause, _ in said(finding)} == {"ip_not_allowed"}
    assert "address" in finding.summary
    assert "account" not in finding.summary
