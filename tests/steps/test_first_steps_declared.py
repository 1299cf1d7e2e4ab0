"""Intake and steps 1, 2 and 6 as declared: ids, causes, words; and no evidence makes a check fall over."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authwizard.check import Check, run_check
from authwizard.knowledge.causes import catalogue
from authwizard.model.evidence import CredentialSeen, NotTried, RunClock, Unavailable
from authwizard.model.finding import Skip, Status
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile
from authwizard.protocol.jose import inspect_token
from authwizard.steps import intake, step1_token_format, step2_expiration, step6_system_time

from .evidence_of_first_steps import NOW, anonymous, baseline, credential, discovery, judge, jws, profile

MODULES = (intake, step1_token_format, step2_expiration, step6_system_time)
CHECKS: tuple[Check, ...] = tuple(c for module in MODULES for c in module.CHECKS)
WANTED = {
    *(f"I-0{n}" for n in range(1, 9)), *(f"S1-{n:02}" for n in range(1, 28)), *(f"S2-0{n}" for n in range(1, 9)),
    *(f"S6-0{n}" for n in range(1, 5)),
}  # fmt: skip


def test_every_check_has_its_id_once() -> None:
    ids = [c.id for c in CHECKS]
    assert len(ids) == len(set(ids))
    assert set(ids) >= WANTED


@for_each("check", CHECKS, ids=lambda c: c.id)
def test_a_check_is_declared_in_full(check: Check) -> None:
    assert check.title
    assert check.looks_for.endswith(".")
    assert check.sources
    assert set(check.causes) <= set(catalogue())
    assert len(check.causes) == len(set(check.causes))


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.STEP.id)
def test_a_step_has_its_words(module: Any) -> None:
    text = module.STEP
    assert text.question.endswith("?")
    assert text.why.count(".") >= 2
    assert all(c.step == text.number for c in module.CHECKS)


@for_each("check", [c for c in CHECKS if any(n.kind is CredentialSeen and not n.optional for n in c.needs)], ids=lambda c: c.id)
def test_a_credential_that_was_not_seen_is_blocked_or_not_tried_never_judged(check: Check) -> None:
    rest: dict[type, object] = {Profile: profile(), RunOptions: RunOptions(), RunClock: RunClock(NOW)}
    blocked = run_check(check, {**rest, CredentialSeen: Unavailable("The store is locked.")})
    skipped = run_check(check, {**rest, CredentialSeen: NotTried("Not asked for.")})
    if any(not n.optional and n.kind not in (*rest, CredentialSeen) for n in check.needs):
        return
    assert blocked is not None
    assert skipped is not None
    assert (blocked.status, skipped.status, skipped.skip) == (Status.BLOCKED, Status.SKIP, Skip.NOT_TRIED)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
claims = st.dictionaries(
    st.sampled_from(["exp", "iat", "nbf", "aud", "iss", "sub", "typ", "token_use", "auth_time", "nonce", "scope", "htm", "htu"]), values
)
headers = st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "jku", "nonce", "zip", "cty", "b64", "iss"]), values)
answer_headers = st.lists(
    st.tuples(
        st.sampled_from(["WWW-Authenticate", "Date", "Age", "Location", "Content-Type", "X-Cache", "Retry-After", "cf-ray"]),
        st.text(max_size=30) | st.sampled_from(['Bearer error="invalid_token"', 'Basic realm="Restricted"', "text/html"]),
    ),
    max_size=4,
).map(tuple)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(claims, headers, st.integers(100, 599), answer_headers, st.text(max_size=80))
def test_no_token_and_no_answer_makes_a_check_fall_over(
    some_claims: dict[str, Any], header: dict[str, Any], status: int, answered: tuple[tuple[str, str], ...], body: str
) -> None:
    seen = credential(jws(some_claims, header=header))
    p0 = baseline(status, headers=answered, body=body)
    for check in CHECKS:
        needed = {n.kind for n in check.needs if not n.optional}
        if needed <= {CredentialSeen, type(p0), Profile, RunOptions, RunClock}:
            judge(check, seen, p0, anonymous(401), discovery(0))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80))
def test_no_stored_text_makes_a_check_fall_over_or_shows_itself(text: str) -> None:
    marked = f"{text}Zq7Xw9Kp{text}"
    seen = credential(inspect_token(marked), length=len(marked))
    for check in (*step1_token_format.CHECKS, *step2_expiration.CHECKS):
        if {n.kind for n in check.needs if not n.optional} <= {CredentialSeen, Profile, RunOptions, RunClock}:
            assert "Zq7Xw9Kp" not in repr(judge(check, seen))
