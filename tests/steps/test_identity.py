"""Traits of credentials and profiles, and when they mean the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.profile import Expect, OAuth
from authwizard.steps.identity import Traits, audience_of, compare, of_credential, of_profile, same_audience, same_issuer, tenant_of

from .made_evidence import AUDIENCE, ISSUER, opaque, profile, token

TENANT = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ISSUER, ISSUER + "/", True),
        (ISSUER, "https://AUTH.example.com", True),
        (ISSUER, "http://auth.example.com", False),
        (f"https://login.microsoftonline.com/{TENANT}/v2.0", "https://login.microsoftonline.com/{tenantid}/v2.0", True),
        (f"https://login.microsoftonline.com/{TENANT}/v2.0", "https://login.microsoftonline.com/common/v2.0", True),
        (f"https://login.microsoftonline.com/{TENANT}/v2.0", f"https://login.microsoftonline.com/{TENANT[::-1]}/v2.0", False),
        ("https://sso/realms/a", "https://sso/realms/b", False),
    ],
)
def test_issuers(one: str, other: str, same: bool) -> None:
    assert same_issuer(one, other) is same
    assert same_issuer(other, one) is same


@given(st.text(max_size=30))
def test_an_issuer_is_itself_whatever_its_text(issuer: str) -> None:
    assert same_issuer(issuer, issuer)


def test_audiences_in_two_spellings() -> None:
    assert same_audience(f"api://{TENANT}", TENANT)
    assert same_audience(AUDIENCE, AUDIENCE + "/")
    assert not same_audience(AUDIENCE, "https://other.example.com")


@pytest.mark.parametrize(
    ("issuer", "tenant"),
    [
        ("https://sso.example.com/realms/dev", "dev"),
        (f"https://login.microsoftonline.com/{TENANT}/v2.0", TENANT),
        (f"https://sts.windows.net/{TENANT}/", TENANT),
        ("https://dev-1.okta.com/oauth2/default", "default"),
        (ISSUER, ""),
    ],
)
def test_tenants(issuer: str, tenant: str) -> None:
    assert tenant_of(issuer) == tenant


def test_a_v1_token_and_a_v2_profile_share_the_tenant_only() -> None:
    seen = of_credential(token({"iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT}))
    own = of_profile(profile(oauth=None, expect=Expect(issuer=f"https://login.microsoftonline.com/{TENANT}/v2.0")))
    found = {c.name: c.agrees_here for c in compare(seen, own, {})}
    assert found["issuer"] is False
    assert found["tenant"] is True


def test_an_opaque_token_has_the_traits_introspection_tells() -> None:
    assert of_credential(opaque(), {"iss": ISSUER, "aud": [AUDIENCE], "client_id": "c"}) == Traits((ISSUER,), (AUDIENCE,), ("c",))
    assert of_credential(opaque()).empty


def test_odd_audiences_are_no_trouble() -> None:
    assert audience_of({"aud": [AUDIENCE, 7, None]}) == (AUDIENCE,)
    assert audience_of({"aud": 7}) == ()
    assert audience_of({}) == ()


def test_without_a_configured_audience_the_apis_origin_stands_in() -> None:
    bare = profile(oauth=None, expect=Expect())
    fits = compare(of_credential(token({"aud": AUDIENCE})), of_profile(bare), {})
    other = compare(
        of_credential(token({"aud": "https://staging.example.com"})),
        of_profile(bare),
        {"staging": of_profile(profile("staging", oauth=None, expect=Expect(), base_url="https://staging.example.com"))},
    )
    name = compare(of_credential(token({"aud": "my-api"})), of_profile(bare), {})
    assert {c.name: c.agrees_here for c in fits}["audience"] is True
    assert next(c for c in other if c.name == "audience").foreign_to
    assert {c.name: c.agrees_here for c in name}["audience"] is None


def test_every_setting_of_a_profile_counts() -> None:
    traits = of_profile(profile(oauth=OAuth(issuer="https://b/realms/x", audience="aud-2", resource="res-3", client_id="c")))
    assert set(traits.issuers) == {ISSUER, "https://b/realms/x"}
    assert set(traits.audiences) == {AUDIENCE, "aud-2", "res-3"}
    assert traits.tenants == ("x",)
