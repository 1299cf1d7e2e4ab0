"""Consent: remembered per profile and its origins, never for what is asked each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.options import Cost
from authwizard.model.profile import OAuth, Profile
from authwizard.store.consent import forget_consent, remember_consent, remembered_consent

PROFILE = Profile("dev", "https://dev.example.com", "GET /", environment="development", oauth=OAuth(issuer="https://auth.example.com"))
EVERYTHING = frozenset(Cost)


def test_nothing_but_local_looking_is_agreed_to_at_first() -> None:
    assert remembered_consent(PROFILE) == {Cost.C0}


def test_consent_is_remembered_but_for_what_changes_something() -> None:
    remember_consent(PROFILE, EVERYTHING)
    assert remembered_consent(PROFILE) == {Cost.C0, Cost.C1, Cost.C2, Cost.C3, Cost.C4}
    remember_consent(PROFILE, {Cost.C1})
    assert remembered_consent(PROFILE) == {Cost.C0, Cost.C1}


def test_production_asks_for_invalid_tokens_and_token_requests_each_run() -> None:
    production = replace(PROFILE, environment="production")
    remember_consent(production, EVERYTHING)
    assert remembered_consent(production) == {Cost.C0, Cost.C1, Cost.C2}
    remember_consent(PROFILE, EVERYTHING)
    assert remembered_consent(production) == {Cost.C0, Cost.C1, Cost.C2}  # though it was given while it was called development


@pytest.mark.parametrize(
    "changed",
    [
        {"base_url": "https://other.example.com"},
        {"origin_url": "https://origin.example.com"},
        {"oauth": OAuth(token_url="https://other.example.com/t")},
        {"name": "other"},
    ],
)
def test_other_origins_are_asked_for_again(changed: dict[str, object]) -> None:
    remember_consent(PROFILE, EVERYTHING)
    assert remembered_consent(replace(PROFILE, **changed)) == {Cost.C0}


def test_forgotten_consent_is_asked_for_again() -> None:
    remember_consent(PROFILE, EVERYTHING)
    forget_consent("dev")
    forget_consent("dev")
    assert remembered_consent(PROFILE) == {Cost.C0}


def test_a_damaged_record_gives_no_consent(own_places: Path) -> None:
    remember_consent(PROFILE, EVERYTHING)
    file = own_places / "state" / "consent.json"
    for broken in ('"costs": 5', '"costs": ["C9", 5, null]', '"costs": {}'):
        text = '{"version": 1, "profiles": {"dev": {"origins": ["https://dev.example.com:443", "https://auth.example.com:443"], %s}}}'
        file.write_text(text % broken)
        assert remembered_consent(PROFILE) == {Cost.C0}
    file.write_text("{")
    with pytest.raises(StoreError, match="you will be asked again"):
        remembered_consent(PROFILE)
