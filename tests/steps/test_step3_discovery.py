"""S3-02: the profile against the authorization server's metadata."""

from __future__ import annotations

import pytest

from authwizard.model.evidence import Discovery, OtherProfiles, Unavailable
from authwizard.model.finding import Status
from authwizard.model.profile import OAuth, Profile
from authwizard.steps.step3_discovery import discovery_agrees

from .made_evidence import ISSUER, credential, discovery, exchange, granted, judge, profile, refused, said, token


def test_agreement() -> None:
    finding = judge(discovery_agrees, discovery())
    assert (finding.status, said(finding)) == (Status.PASS, set())


def test_another_issuer_text_fails_and_is_weak_unless_the_token_carries_the_configured_one() -> None:
    found = discovery(ISSUER + "/")
    published = judge(discovery_agrees, found, credential(token({"iss": ISSUER + "/"})))
    assert (published.status, said(published)) == (Status.FAIL, {("issuer_trailing_slash", "W")})
    configured = judge(discovery_agrees, found, credential(token({"iss": ISSUER})))
    assert said(configured) == {("issuer_trailing_slash", "M")}


def test_entra_templates_are_no_difference() -> None:
    asked = "https://login.microsoftonline.com/common/v2.0"
    found = discovery("https://login.microsoftonline.com/{tenantid}/v2.0")
    finding = judge(discovery_agrees, Discovery(asked, found.metadata, found.url))
    assert finding.status is Status.PASS


@pytest.mark.parametrize(
    ("grant", "expected"),
    [(None, {("token_endpoint_wrong", "W")}), (refused("", 404), {("token_endpoint_wrong", "M")}), (granted(), set())],
)
def test_another_token_endpoint_matters_where_it_fails(grant: object, expected: set[tuple[str, str]]) -> None:
    found = discovery(token_endpoint=f"{ISSUER}/other/token")
    assert said(judge(discovery_agrees, found, *([grant] if grant else []))) == expected


def test_the_token_endpoint_of_another_profile() -> None:
    own = profile(oauth=OAuth(issuer=ISSUER, token_url="https://auth.staging.example.com/token", client_id="c"))
    other = profile("staging", oauth=OAuth(issuer="https://auth.staging.example.com"))
    finding = judge(discovery_agrees, discovery(), OtherProfiles((other,)), refused("invalid_client"), given={Profile: own})
    assert said(finding) == {("token_endpoint_wrong", "M"), ("environment_mismatch", "M")}
    assert "staging" in finding.summary


def test_what_the_server_does_not_offer() -> None:
    found = discovery(grant_types_supported=("authorization_code",), token_endpoint_auth_methods_supported=("private_key_jwt",))
    finding = judge(discovery_agrees, found)
    assert (finding.status, said(finding)) == (Status.WARN, {("grant_not_allowed", "W"), ("client_auth_method_wrong", "W")})
    assert judge(discovery_agrees, found, granted()).status is Status.PASS


def test_addresses_without_tls() -> None:
    assert said(judge(discovery_agrees, discovery(jwks_uri="http://auth.example.com/jwks"))) == {("plaintext_http", "W")}
    assert said(judge(discovery_agrees, discovery(jwks_uri="http://127.0.0.1:8000/jwks"))) == set()


def test_no_document() -> None:
    absent = Discovery(ISSUER, None, "", (exchange(404), exchange(404)), "None was found.")
    broken = Discovery(ISSUER, None, "", (exchange(None), exchange(503)), "It could not be reached.")
    odd = Discovery(ISSUER, None, "", (exchange(200),), "The document is no JSON.")
    assert [judge(discovery_agrees, d).status for d in (absent, broken, odd)] == [Status.SKIP, Status.BLOCKED, Status.WARN]
    assert judge(discovery_agrees, given={Discovery: Unavailable("No name.")}).status is Status.BLOCKED


def test_a_failing_server_is_the_reason_where_no_token_could_be_fetched_without_it() -> None:
    failing = Discovery(ISSUER, None, "", (exchange(503), exchange(None)), "It could not be reached.")
    nothing = credential(field_value=None, missing="No access token is stored.")
    no_endpoint = profile(oauth=OAuth(issuer=ISSUER, client_id="c"))
    finding = judge(discovery_agrees, failing, nothing, given={Profile: no_endpoint})
    assert (finding.status, said(finding)) == (Status.BLOCKED, {("auth_server_error", "S")})
    assert said(judge(discovery_agrees, failing, nothing)) == set(), "the profile names its token endpoint"
    assert said(judge(discovery_agrees, failing, given={Profile: no_endpoint})) == set(), "a token is stored"


def test_what_the_server_can_and_where_else_is_shown() -> None:
    found = discovery(
        introspection_endpoint=f"{ISSUER}/introspect", code_challenge_methods_supported=("S256",), dpop_signing_alg_values_supported=("ES256",),
        mtls_endpoint_aliases={"token_endpoint": "https://mtls.auth.example.com/token"},
    )  # fmt: skip
    own = OAuth(issuer=ISSUER, token_url=f"{ISSUER}/token", introspection_url="https://elsewhere.example.com/i", client_id="client-1")
    finding = judge(discovery_agrees, found, given={Profile: profile(oauth=own)})
    shown = {line.label: line.value for line in finding.details if hasattr(line, "label")}
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert (shown["PKCE"], shown["DPoP"], shown["introspection"]) == ("S256", "ES256", f"{ISSUER}/introspect")


def test_a_client_with_a_certificate_belongs_to_the_endpoint_made_for_it() -> None:
    alias = "https://mtls.auth.example.com/token"
    found = discovery(mtls_endpoint_aliases={"token_endpoint": alias})
    own = OAuth(issuer=ISSUER, token_url=alias, client_id="client-1", client_auth="tls_client_auth")
    assert said(judge(discovery_agrees, found, refused("invalid_client"), given={Profile: profile(oauth=own)})) == set()
