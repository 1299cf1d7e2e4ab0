"""The remedy is the cause's own, in the words that fit this run, with this profile's names."""

from __future__ import annotations

import pytest

from authwizard.knowledge.causes import cause
from authwizard.verdict.remedy import remedy


@pytest.mark.parametrize(
    ("facts", "words", "command"),
    [
        ({}, "step 4 renews it", 'authwizard check "$PROFILE" --allow refresh'),
        ({"renewal": "client", "profile": "prod"}, "client credentials", "authwizard check prod"),
        ({"renewal": "refresh", "profile": "prod"}, "with your leave", "authwizard check prod --allow refresh"),
        ({"renewal": "sign_in", "profile": "a b"}, "Sign in again", "authwizard store set 'a b' access_token"),
        ({"renewal": "otherwise"}, "step 4 renews it", 'authwizard check "$PROFILE" --allow refresh'),
    ],
)
def test_it_fits_the_way_the_profile_renews_its_token(facts: dict[str, str], words: str, command: str) -> None:
    made = remedy("token_expired", facts)
    assert words in made.text
    assert command in made.commands


def test_a_cause_without_other_remedies_keeps_its_own() -> None:
    assert remedy("waf_blocked", {"renewal": "client"}).text == cause("waf_blocked").remedy


def test_what_was_pasted_has_no_profile_to_name() -> None:
    """Its run is repeated by pasting it again, and what is stored needs a name first."""
    assert remedy("token_expired", {"renewal": "client", "profile": "pasted"}).commands == ("authwizard check -",)
    assert remedy("token_revoked", {"renewal": "sign_in", "profile": "pasted"}).commands == (
        'authwizard store set "$PROFILE" access_token',
    )
