"""S3-09 and S3-10: issuer and audience against each expectation, and where the refusal's own words decide."""

from __future__ import annotations

import pytest

from authwizard.model.evidence import Baseline, ResourceMetadataSeen
from authwizard.model.finding import Group, Owner, Status
from authwizard.model.oauth import ResourceMetadata
from authwizard.model.profile import Expect, OAuth, Profile
from authwizard.model.token import TokenSeen
from authwizard.steps.step3_claims import audience_accepted, issuer_accepted

from .made_evidence import AUDIENCE, ISSUER, about, baseline, credential, discovery, judge, opaque, profile, refusal, said, token

UNKNOWN = profile(expect=Expect(), oauth=OAuth())


def metadata(**members: object) -> ResourceMetadataSeen:
    return ResourceMetadataSeen(ResourceMetadata(**members))  # type: ignore[arg-type]


# ── S3-09 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("issuer", "cause"),
    [
        (ISSUER + "/", "issuer_trailing_slash"),
        ("http://auth.example.com", "issuer_mismatch"),
        ("https://elsewhere.example", "issuer_mismatch"),
    ],
)
def test_another_issuer_than_the_profile_expects(issuer: str, cause: str) -> None:
    finding = judge(issuer_accepted, credential(token({"iss": issuer})))
    assert finding.status is Status.FAIL
    assert said(finding) == {(cause, "M")}
    assert (about(finding, cause).group, about(finding, cause).provenance) == (Group.LOCAL_CLAIMS, "user")
    assert issuer in finding.summary
    assert ISSUER in finding.summary


def test_another_realm_is_another_tenant() -> None:
    own = profile(expect=Expect(issuer="https://sso.example.com/realms/prod"))
    finding = judge(issuer_accepted, credential(token({"iss": "https://sso.example.com/realms/dev"})), given={Profile: own})
    assert said(finding) == {("tenant_mismatch", "M")}


def test_the_expected_issuer_passes_and_only_metadata_speaks_against_the_cause() -> None:
    assert said(judge(issuer_accepted)) == set()
    finding = judge(issuer_accepted, metadata(authorization_servers=(ISSUER,)))
    assert (finding.status, said(finding)) == (Status.PASS, {("issuer_mismatch", "XM")})


def test_metadata_and_discovery_count_as_one_group() -> None:
    seen = credential(token({"iss": "https://elsewhere.example"}))
    by_metadata = judge(issuer_accepted, seen, metadata(authorization_servers=(ISSUER,)), given={Profile: UNKNOWN})
    by_discovery = judge(issuer_accepted, seen, discovery(), given={Profile: UNKNOWN})
    assert [about(f, "issuer_mismatch").group for f in (by_metadata, by_discovery)] == [Group.METADATA, Group.METADATA]
    assert [about(f, "issuer_mismatch").provenance for f in (by_metadata, by_discovery)] == ["metadata", "discovery"]


def test_a_published_issuer_replaces_the_configured_spelling() -> None:
    own = profile(expect=Expect(), oauth=OAuth(issuer=ISSUER))
    seen = credential(token({"iss": ISSUER + "/"}))
    assert judge(issuer_accepted, seen, discovery(ISSUER + "/"), given={Profile: own}).status is Status.PASS
    assert said(judge(issuer_accepted, seen, given={Profile: own})) == {("issuer_trailing_slash", "M")}


def test_entra_templates_fit_any_tenant() -> None:
    tenant = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"
    found = discovery("https://login.microsoftonline.com/{tenantid}/v2.0")
    assert judge(issuer_accepted, credential(token({"iss": tenant})), found, given={Profile: UNKNOWN}).status is Status.PASS


def test_an_issuer_the_server_itself_publishes_but_the_api_refuses_is_the_apis_fault() -> None:
    finding = judge(issuer_accepted, discovery(), refusal("Jwt issuer is not configured"))
    argument = about(finding, "issuer_mismatch")
    assert (argument.grade.value, argument.owner, argument.group) == ("S", Owner.API_OWNER, Group.METADATA)
    assert ISSUER in argument.text


def test_f02_the_refusal_names_the_issuer_it_wants() -> None:
    own = profile(expect=Expect(), oauth=OAuth(issuer=ISSUER + "/"))
    seen = credential(token({"iss": ISSUER + "/"}))
    finding = judge(
        issuer_accepted, seen, discovery(ISSUER + "/"), refusal(f"jwt issuer invalid. expected: {ISSUER}"), given={Profile: own}
    )
    assert ("issuer_trailing_slash", "S") in said(finding)
    assert about(finding, "issuer_trailing_slash").group is Group.SERVER_MESSAGE


def test_words_about_expiry_do_not_touch_the_issuer() -> None:
    assert said(judge(issuer_accepted, discovery(), refusal("jwt expired"))) == set()


def test_nothing_known_of_the_issuer() -> None:
    finding = judge(issuer_accepted, given={Profile: UNKNOWN})
    assert (finding.status, said(finding)) == (Status.SKIP, set())


@pytest.mark.parametrize("seen", [opaque(), TokenSeen("jwe", 900)])
def test_tokens_nobody_can_read_are_skipped(seen: TokenSeen) -> None:
    for check in (issuer_accepted, audience_accepted):
        assert judge(check, credential(seen)).status is Status.SKIP


def test_an_absent_issuer() -> None:
    plain = judge(issuer_accepted, credential(token({"iss": None}, {"typ": "JWT"})))
    strict = judge(issuer_accepted, credential(token({"iss": None})))
    assert (plain.status, said(plain)) == (Status.WARN, {("claim_missing", "M")})
    assert (strict.status, said(strict)) == (Status.FAIL, {("claim_missing", "M")})
    unknown = judge(issuer_accepted, credential(token({"iss": None}, {"typ": "JWT"})), given={Profile: UNKNOWN})
    assert said(unknown) == {("claim_missing", "W")}


# ── S3-10 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_f04_a_token_for_another_api() -> None:
    finding = judge(audience_accepted, credential(token({"aud": "https://other.example.com"})))
    assert (finding.status, said(finding)) == (Status.FAIL, {("audience_mismatch", "M")})
    assert about(finding, "audience_mismatch").group is Group.LOCAL_CLAIMS
    assert finding.facts["audience"] == AUDIENCE


def test_f06_a_list_with_the_right_one_passes() -> None:
    finding = judge(audience_accepted, credential(token({"aud": ["https://other.example.com", AUDIENCE]})))
    assert (finding.status, said(finding)) == (Status.PASS, {("audience_mismatch", "XM")})


def test_the_apis_metadata_is_strong_for_urls_only() -> None:
    seen = [credential(token({"aud": aud})) for aud in ("https://other.example.com", "my-api")]
    found = [judge(audience_accepted, s, metadata(resource=AUDIENCE), given={Profile: UNKNOWN}) for s in seen]
    assert [said(f) for f in found] == [{("audience_mismatch", "S")}, {("audience_mismatch", "M")}]
    assert about(found[0], "audience_mismatch").group is Group.METADATA


def test_the_user_outranks_the_metadata() -> None:
    finding = judge(audience_accepted, metadata(resource="https://old.example.com"))
    assert finding.status is Status.PASS


def test_what_token_requests_ask_for_is_only_a_warning() -> None:
    own = profile(expect=Expect(), oauth=OAuth(audience="wanted"))
    finding = judge(audience_accepted, given={Profile: own})
    assert (finding.status, said(finding)) == (Status.WARN, {("audience_mismatch", "M")})
    assert said(judge(audience_accepted, credential(token({"aud": "wanted"})), given={Profile: own})) == set()


@pytest.mark.parametrize("aud", [AUDIENCE + "/", "HTTPS://API.example.com"])
def test_spellings_of_one_api_are_named(aud: str) -> None:
    finding = judge(audience_accepted, credential(token({"aud": aud})))
    assert "two spellings" in finding.summary


def test_words_that_name_the_audience_stay_in_their_group() -> None:
    words = refusal("jwt audience invalid. expected: https://v3.example.com or https://v4.example.com")
    finding = judge(audience_accepted, words)
    assert said(finding) == {("audience_mismatch", "S")}
    assert about(finding, "audience_mismatch").group is Group.SERVER_MESSAGE
    assert finding.facts["audience"] == "https://v3.example.com"
    assert "https://v4.example.com" in about(finding, "audience_mismatch").text


def test_words_alone_refuse_an_audience_that_fits() -> None:
    by_user = judge(audience_accepted, refusal("the token does not have a valid audience"))
    assert (by_user.status, said(by_user)) == (Status.FAIL, set())
    by_metadata = judge(
        audience_accepted, refusal("Audiences in Jwt are not allowed", 403), metadata(resource=AUDIENCE), given={Profile: UNKNOWN}
    )
    assert about(by_metadata, "audience_mismatch").owner is Owner.API_OWNER


def test_an_audience_that_is_the_client_is_an_id_token_unless_it_grants_something() -> None:
    id_token = token({"aud": "client-1", "scope": None, "client_id": None}, {"typ": "JWT"})
    assert said(judge(audience_accepted, credential(id_token))) == {("audience_mismatch", "M"), ("id_token_used", "M")}
    access = token({"aud": "client-1"}, {"typ": "JWT"})
    assert said(judge(audience_accepted, credential(access))) == {("audience_mismatch", "M")}


def test_an_absent_audience() -> None:
    finding = judge(audience_accepted, credential(token({"aud": None}, {"typ": "JWT"})))
    assert (finding.status, said(finding)) == (Status.WARN, {("audience_missing", "M")})
    by_client = judge(
        audience_accepted, credential(token({"aud": None}, {"typ": "JWT"})), given={Profile: profile(expect=Expect(audience=("client-1",)))}
    )
    assert by_client.status is Status.PASS
    unknown = judge(audience_accepted, credential(token({"aud": None}, {"typ": "JWT"})), given={Profile: UNKNOWN})
    assert said(unknown) == {("audience_missing", "W")}


def test_a_success_is_no_refusal() -> None:
    assert judge(audience_accepted, baseline(200), given={Baseline: baseline(200)}).status is Status.PASS
