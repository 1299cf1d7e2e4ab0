"""S3-03 and S3-11: a credential of another environment or client, and no false alarm where profiles share an issuer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from authwizard.model.evidence import Introspection, OtherKeySets, OtherProfiles
from authwizard.model.finding import Group, Status
from authwizard.model.oauth import Introspected
from authwizard.model.profile import Expect, OAuth, Profile, Reference
from authwizard.steps.step3_identity import client_claim, environment_mixup

from .made_evidence import AUDIENCE, ISSUER, about, credential, exchange, judge, keys, opaque, profile, said, token

STAGING_ISSUER = "https://auth.staging.example.com"
STAGING_AUDIENCE = "https://api.staging.example.com"


def staging(**changes: object) -> Profile:
    oauth = OAuth(issuer=STAGING_ISSUER, client_id="client-s")
    return profile("staging", base_url=STAGING_AUDIENCE, environment="staging", oauth=oauth,
                   expect=Expect(issuer=STAGING_ISSUER, audience=(STAGING_AUDIENCE,)), **changes)  # fmt: skip


def test_f01_a_staging_token_in_the_prod_profile() -> None:
    seen = credential(token({"iss": STAGING_ISSUER, "aud": STAGING_AUDIENCE}, {"kid": "key-s"}))
    sets = OtherKeySets((("staging", STAGING_ISSUER, ("key-s",)),))
    finding = judge(environment_mixup, seen, OtherProfiles((staging(),)), sets, keys("key-1"))
    assert finding.status is Status.FAIL
    assert said(finding) == {("environment_mismatch", "S")}
    assert about(finding, "environment_mismatch").group is Group.CROSS_PROFILE
    for word in ("staging", "prod", STAGING_ISSUER, STAGING_AUDIENCE, "key-s", "signing key"):
        assert word in finding.summary


def test_one_trait_alone_is_a_hint() -> None:
    finding = judge(environment_mixup, credential(token({"aud": STAGING_AUDIENCE})), OtherProfiles((staging(),)))
    assert said(finding) == {("environment_mismatch", "M")}


def test_a_shared_issuer_raises_no_alarm_and_is_named() -> None:
    expected, client = Expect(issuer=ISSUER, audience=("https://dev.example.com",)), OAuth(issuer=ISSUER, client_id="client-d")
    shared = profile("dev", environment="development", base_url="https://dev.example.com", expect=expected, oauth=client)
    finding = judge(environment_mixup, OtherProfiles((shared,)), OtherKeySets((("dev", ISSUER, ("key-1",)),)), keys("key-1"))
    assert finding.status is Status.PASS
    assert said(finding) == set()
    assert "share its issuer and signing key" in finding.summary


def test_with_a_shared_issuer_audience_and_client_still_tell() -> None:
    dev = profile(
        "dev",
        environment="development",
        expect=Expect(issuer=ISSUER, audience=("dev-api",)),
        oauth=OAuth(issuer=ISSUER, client_id="client-d"),
    )
    finding = judge(environment_mixup, credential(token({"aud": "dev-api", "client_id": "client-d"})), OtherProfiles((dev,)))
    assert said(finding) == {("environment_mismatch", "S")}


def test_nothing_known_of_this_profile_contradicts_nothing() -> None:
    bare = profile(oauth=None, expect=Expect(), base_url="https://api.example.com")
    finding = judge(
        environment_mixup, credential(token({"iss": STAGING_ISSUER, "aud": "x"})), OtherProfiles((staging(),)), given={Profile: bare}
    )
    assert said(finding) == set()
    assert finding.status is Status.SKIP


def test_issuer_and_audience_of_nobody() -> None:
    finding = judge(environment_mixup, credential(token({"iss": "https://else.example", "aud": "else"})), OtherProfiles())
    assert said(finding) == {("environment_mismatch", "M")}
    f04 = judge(environment_mixup, credential(token({"aud": "else"})), OtherProfiles())
    assert said(f04) == set()


def test_traits_of_two_profiles_alike_name_both() -> None:
    others = OtherProfiles((staging(), replace(staging(), name="dev", environment="development")))
    foreign = credential(token({"iss": "https://auth.staging.example.com", "aud": "https://else.example.com"}))
    finding = judge(environment_mixup, foreign, others)
    assert "fits the profiles dev and staging alike, not prod" in finding.summary
    assert "of dev and staging (iss" in finding.summary


def test_a_sibling_of_the_same_environment_is_only_weak() -> None:
    admin = profile("prod-admin", oauth=OAuth(issuer=ISSUER, client_id="client-admin"))
    finding = judge(environment_mixup, credential(token({"client_id": "client-admin"})), OtherProfiles((admin,)))
    assert (finding.status, said(finding)) == (Status.WARN, {("environment_mismatch", "W")})


def test_entra_stand_ins_fit_every_tenant() -> None:
    tenant = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"
    own = profile(oauth=OAuth(issuer="https://login.microsoftonline.com/common/v2.0", client_id="client-1"), expect=Expect())
    other = profile("other", environment="staging", oauth=OAuth(issuer=tenant), expect=Expect())
    finding = judge(environment_mixup, credential(token({"iss": tenant, "aud": "x"})), OtherProfiles((other,)), given={Profile: own})
    assert said(finding) == set()


def test_an_opaque_token_is_compared_by_introspection() -> None:
    told = Introspection(exchange(200), Introspected(True, {"iss": STAGING_ISSUER, "aud": STAGING_AUDIENCE}))
    finding = judge(environment_mixup, credential(opaque()), OtherProfiles((staging(),)), told)
    assert said(finding) == {("environment_mismatch", "S")}
    assert judge(environment_mixup, credential(opaque()), OtherProfiles((staging(),))).status is Status.SKIP


def test_two_environments_reading_one_place() -> None:
    place = {"access_token": Reference("env:TOKEN", created=dt.date(2026, 1, 1))}
    own = profile(secrets=place)
    finding = judge(environment_mixup, OtherProfiles((staging(secrets=place),)), given={Profile: own})
    assert finding.status is Status.WARN
    assert "access_token" in finding.summary
    assert said(finding) == set()


def test_the_client_claim() -> None:
    finding = judge(client_claim, credential(token({"client_id": None, "azp": "client-9"})))
    assert said(finding) == {("environment_mismatch", "M"), ("stale_token_sent", "W")}
    assert about(finding, "environment_mismatch").group is Group.CROSS_PROFILE
    assert judge(client_claim).status is Status.PASS
    assert judge(client_claim, credential(token({"client_id": None}))).status is Status.SKIP
    assert judge(client_claim, credential(opaque())).status is Status.SKIP
    assert AUDIENCE not in judge(client_claim).summary
