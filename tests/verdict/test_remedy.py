"""The remedy is the cause's own, in the words that fit this run, with this profile's names."""

from __future__ import annotations

import pytest

from authwizard.knowledge.causes import cause
from authwizard.verdict.elsewhere import next_test
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


def test_nothing_is_stored_for_a_secret_that_the_profile_refers_to() -> None:
    """`store set` refuses that, so no remedy may send the user there."""
    facts = {"profile": "ci", "renewal": "sign_in", "credential_field": "access_token", "reference:access_token": "env:API_TOKEN"}
    made = remedy("token_expired", facts)
    assert made.commands == ()
    assert "The profile takes access_token from env:API_TOKEN" in made.text
    missing = remedy("credential_missing", {**facts, "credential_place": "env"})
    assert "Set the environment variable" in missing.text
    assert missing.commands == ("authwizard profile show ci", "authwizard check ci")
    assert "Run the program" in remedy("keyring_unavailable", {"credential_place": "cmd"}).text


def test_a_value_is_stored_in_the_field_that_this_credential_has() -> None:
    made = remedy("whitespace_in_credential", {"profile": "prod", "credential_field": "api_key"})
    assert made.commands == ("""printf '%s' "$TOKEN" | authwizard store set prod api_key""",)


def test_a_cause_without_other_remedies_keeps_its_own() -> None:
    assert remedy("waf_blocked", {"renewal": "client"}).text == cause("waf_blocked").remedy


def test_what_was_pasted_has_no_profile_to_name() -> None:
    """Its run is repeated by pasting it again, and what is stored needs a name first."""
    assert remedy("token_expired", {"renewal": "client", "profile": "pasted"}).commands == ("authwizard check -",)
    assert remedy("token_revoked", {"renewal": "sign_in", "profile": "pasted"}).commands == (
        'authwizard store set "$PROFILE" access_token',
    )


def test_the_practice_platform_names_no_profile_that_is_not_saved() -> None:
    """Looking again is all that can be repeated there."""
    practice = {"profile": "demo", "practice": "token_expired"}
    assert remedy("token_expired", {**practice, "renewal": "client"}).commands == ("authwizard demo token_expired --check",)
    assert remedy("token_expired", {**practice, "renewal": "refresh"}).commands == (
        "authwizard demo token_expired --check --allow refresh",
    )
    assert remedy("refresh_token_reused", practice).commands == ()
    assert remedy("refresh_token_reused", {"profile": "demo"}).commands[0] == "authwizard demo", "a saved profile may be called so"


@pytest.mark.parametrize("facts", [{"profile": "pasted"}, {"profile": "demo", "practice": "not_reproduced"}])
def test_a_test_to_run_next_names_no_profile_that_is_not_saved(facts: dict[str, str]) -> None:
    words = next_test(facts, False)
    assert "`authwizard capture`" in words
    assert "`authwizard check PROFILE --sent FILE`" in words
