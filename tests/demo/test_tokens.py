"""Is a token taken only when it is whole, signed by a published key, and in its time?"""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.demo import damage
from authwizard.demo.keys import new_key
from authwizard.demo.settings import LEEWAY
from authwizard.demo.tokens import (
    Authority,
    TokenRefusedError,
    access_claims,
    check_target,
    check_times,
    scope_of,
    validity,
    verified_claims,
)
from authwizard.demo.wording import Reason

KEY, OTHER = new_key("a"), new_key("b")
CLAIMS = access_claims("https://as.test", Authority("c", "s", ("read", "write"), "https://api.test"), validity(1_000_000))
TOKEN = KEY.sign(CLAIMS, "at+jwt")


def reason(token: str) -> Reason | None:
    try:
        verified_claims(token, (KEY,))
    except TokenRefusedError as refused:
        return refused.reason
    return None


def part(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_each_damage_has_its_reason() -> None:
    assert verified_claims(TOKEN, (OTHER, KEY)) == CLAIMS
    assert reason(OTHER.sign(CLAIMS, "at+jwt")) is Reason.UNKNOWN_KEY
    assert reason(damage.altered(TOKEN)) is Reason.BAD_SIGNATURE
    for spoilt in (damage.quoted, damage.wrapped, damage.newline_at_end, damage.with_scheme, damage.placeholder):
        assert reason(spoilt(TOKEN)) is Reason.MALFORMED, spoilt
    assert reason(damage.cut_off(TOKEN)) in (Reason.MALFORMED, Reason.BAD_SIGNATURE)
    assert reason(damage.intact(TOKEN)) is None


def test_altering_changes_one_character_of_the_claims() -> None:
    old, new = (base64.urlsafe_b64decode(t.split(".")[1] + "==") for t in (TOKEN, damage.altered(TOKEN)))
    assert len(old) == len(new)
    assert sum(a != b for a, b in zip(old, new, strict=True)) == 1


@pytest.mark.parametrize(
    "header",
    [b"[]", b"{", b'{"alg":"none"}', b'{"alg":"ES256","kid":5}', b'{"alg":"ES256","crit":["x"]}', b"[" * 3000, b'{"a":' * 3000, b"\xff"],
)
def test_odd_headers_are_refused(header: bytes) -> None:
    assert reason(f"{part(header)}.{part(b'{}')}.x") in (Reason.MALFORMED, Reason.UNKNOWN_KEY)


@pytest.mark.parametrize("payload", [b"[]", b"5", b"{", b"\xff", b"[" * 5000])
def test_odd_payloads_are_refused_though_signed(payload: bytes) -> None:
    import jwt

    token = jwt.PyJWS().encode(payload, KEY.private, "ES256", {"kid": KEY.kid})
    assert reason(token) is Reason.MALFORMED


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=300))
def test_no_text_makes_it_stumble(text: str) -> None:
    assert reason(text) in (Reason.MALFORMED, Reason.UNKNOWN_KEY)


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1), st.characters(codec="latin-1"))
def test_no_single_change_passes_unseen(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    assert changed == TOKEN or reason(changed) is not None


def test_times() -> None:
    times = {"iat": 1000, "nbf": 2000, "exp": 3000}
    check_times(times, 2000 - LEEWAY)
    check_times(times, 3000 + LEEWAY - 1)
    with pytest.raises(TokenRefusedError) as early:
        check_times(times, 2000 - LEEWAY - 1)
    assert (early.value.reason, early.value.not_before) == (Reason.NOT_YET_VALID, 2000)
    with pytest.raises(TokenRefusedError, match="EXPIRED"):
        check_times(times, 3000 + LEEWAY)


def test_target_and_scope() -> None:
    check_target(CLAIMS, "https://as.test", "https://api.test")
    with pytest.raises(TokenRefusedError, match="WRONG_ISSUER"):
        check_target(CLAIMS, "https://as.test/", "https://api.test")
    with pytest.raises(TokenRefusedError, match="WRONG_AUDIENCE"):
        check_target(CLAIMS, "https://as.test", "https://api")
    assert scope_of(CLAIMS) == ("read", "write")
    assert scope_of({"scope": ["read"]}) == ()
