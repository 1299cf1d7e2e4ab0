"""S3-03 for credentials that say nothing of themselves: the very same secret in the profile of another environment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from authwizard.model.evidence import CredentialSeen, OtherProfiles, OtherSecrets, SecretState, StoredSecrets
from authwizard.model.finding import Finding, Group, Status
from authwizard.model.profile import CredentialSpec, OAuth, Profile
from authwizard.model.vault import HeldElsewhere
from authwizard.steps.step3_identity import environment_mixup

from .made_evidence import ISSUER, about, credential, judge, opaque, profile, said, token

MARK = "#5ec4e70a"
STAGING = profile(
    "staging", environment="staging", base_url="https://api.staging.example.com", oauth=OAuth(issuer="https://auth.staging.example.com")
)


def found(
    other: Profile = STAGING, field: str = "access_token", *, works: bool = False, mark: str = MARK, mine: Profile | None = None,
    seen: CredentialSeen | None = None,
) -> Finding:  # fmt: skip
    own = mine or profile()
    held = SecretState("api_key" if own.credential.kind == "api_key" else "access_token", "present", fingerprint=MARK)
    evidence = (OtherProfiles((other,)), OtherSecrets((HeldElsewhere(other.name, field, mark, works),)), StoredSecrets({held.field: held}))
    return judge(environment_mixup, seen or credential(opaque()), *evidence, given={Profile: own})


def test_an_opaque_token_of_staging_in_prod_names_both_profiles() -> None:
    finding = found()
    assert (finding.status, said(finding)) == (Status.WARN, {("environment_mismatch", "M")})
    assert about(finding, "environment_mismatch").group is Group.CROSS_PROFILE
    for word in ("prod", "staging", MARK):
        assert word in finding.summary


def test_where_it_works_there_it_is_strong() -> None:
    finding = found(works=True)
    assert said(finding) == {("environment_mismatch", "S")}
    assert "it belongs to staging, not to prod" in finding.summary


def test_an_api_key_is_compared_as_well_whatever_field_holds_it_there() -> None:
    key = CredentialSpec("api_key", header="X-Api-Key")
    mine = profile(credential=key, oauth=None)
    seen = credential(None, kind="api_key", token=None)
    assert said(found(replace(STAGING, credential=key), "second_credential", mine=mine, seen=seen)) == {("environment_mismatch", "M")}


def test_other_secrets_raise_nothing() -> None:
    assert said(found(mark="#00000000")) == set()
    assert found(mark="#00000000").status is Status.SKIP


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (profile("admin"), "same API"),
        (replace(STAGING, environment="production"), "same environment"),
        (replace(STAGING, oauth=OAuth(issuer=ISSUER, client_id="client-1")), "same client"),
    ],
)
def test_where_both_may_well_hold_it_there_is_no_alarm(other: Profile, why: str) -> None:
    finding = found(other)
    assert (finding.status, said(finding)) == (Status.SKIP, set())
    assert why in finding.summary


def test_behind_one_issuer_another_client_still_tells() -> None:
    assert said(found(replace(STAGING, oauth=OAuth(issuer=ISSUER, client_id="client-s")))) == {("environment_mismatch", "M")}


def test_a_readable_token_that_is_at_home_here_is_only_noted() -> None:
    finding = found(seen=credential(token()))
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert "staging" in finding.summary


def test_one_trait_and_the_same_token_there_are_two_signs() -> None:
    staging = replace(STAGING, oauth=OAuth(issuer=ISSUER, client_id="client-1", audience="https://api.staging.example.com"))
    finding = found(staging, seen=credential(token({"aud": "https://api.staging.example.com"})))
    assert (finding.status, said(finding)) == (Status.FAIL, {("environment_mismatch", "S")})
    assert MARK in finding.summary


def test_a_token_fetched_for_this_run_is_nobody_elses() -> None:
    assert said(found(seen=credential(opaque(), fetched=True))) == set()


def of_client(other: Profile, *, seen: CredentialSeen | None = None) -> Finding:
    held = SecretState("client_secret", "present", fingerprint=MARK)
    evidence = (
        OtherProfiles((other,)),
        OtherSecrets((HeldElsewhere(other.name, "client_secret", MARK, False),)),
        StoredSecrets({held.field: held}),
    )
    return judge(environment_mixup, *evidence, given={CredentialSeen: seen or replace(credential(None, token=None), field_value=None)})


def test_a_client_secret_of_staging_in_prod_is_named_where_no_token_could_be_fetched() -> None:
    other = replace(STAGING, oauth=OAuth(issuer="https://auth.staging.example.com", client_id="client-s"))
    finding = of_client(other)
    assert (finding.status, said(finding)) == (Status.WARN, {("environment_mismatch", "M"), ("client_credentials_invalid", "M")})
    assert "The client secret of prod is the very one that staging holds" in finding.summary
    beside = of_client(other, seen=credential(token()))
    assert (beside.status, said(beside)) == (Status.WARN, set()), "a token that is at home is not refused for it"


def test_one_client_may_have_its_secret_in_two_profiles() -> None:
    assert of_client(replace(STAGING, oauth=OAuth(issuer=ISSUER, client_id="client-1", audience="x"))).status is Status.SKIP


def test_a_token_made_for_both_apis_may_be_in_both_profiles() -> None:
    staging = replace(STAGING, oauth=OAuth(issuer=ISSUER, client_id="client-s", audience="https://api.staging.example.com"))
    both = credential(token({"aud": ["https://api.example.com", "https://api.staging.example.com"]}))
    assert found(staging, seen=both).status is Status.PASS


@pytest.mark.parametrize(
    ("host", "other_host", "alarm"),
    [
        ("api.example.com", "uploads.example.com", False), ("api.example.com", "api.staging.example.com", True),
        ("api.example.com", "dev-api.example.com", True), ("api.example.com", "api.example.net", True),
        ("a.example.co.uk", "b.example.co.uk", False), ("a.one.co.uk", "a.two.co.uk", True), ("127.0.0.1:1", "127.0.0.1:2", True),
        ("qa.a.example.com", "qa.b.example.com", False), ("device.example.com", "api.example.com", False),
    ],
)  # fmt: skip
def test_two_hosts_of_one_site_may_share_a_credential_unless_one_is_named_like_another_environment(
    host: str, other_host: str, alarm: bool
) -> None:
    mine = profile(environment="other", base_url=f"https://{host}", oauth=None)
    other = replace(STAGING, environment="other", base_url=f"https://{other_host}", oauth=None)
    assert bool(said(found(other, mine=mine))) is alarm
