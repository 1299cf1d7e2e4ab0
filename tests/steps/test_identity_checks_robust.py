"""Whatever a token or an answer holds, the checks of steps 3, 4, 5 and 7 judge it, and never show a subject or contradict themselves."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from authwizard.check import run_check
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    ClientCertificate,
    ClientEnvironment,
    CredentialSeen,
    FreshCall,
    Introspection,
    OtherEndpoint,
    OtherEndpoints,
    OtherKeySets,
    OtherProfiles,
    OtherValue,
    RefreshedCall,
    RefreshedToken,
    ResourceMetadataSeen,
    RunClock,
    WhoamiCall,
)
from authwizard.model.finding import Line, Status, Table
from authwizard.model.oauth import Introspected, ResourceMetadata
from authwizard.model.options import RunOptions
from authwizard.model.profile import Endpoint, OAuth, Profile
from authwizard.steps import step3_client_credentials, step4_refresh, step5_scopes, step7_fresh_token

from .made_evidence import AUDIENCE, ISSUER, NOW, credential, discovery, exchange, granted, keys, opaque, present, profile, secrets, token

CHECKS = [c for m in (step3_client_credentials, step4_refresh, step5_scopes, step7_fresh_token) for c in m.CHECKS]
SUBJECT = "private-subject-of-a-person"
telling = st.sampled_from([ISSUER, ISSUER + "/", AUDIENCE, "read", NOW - 9, NOW + 9e3, NOW * 1000])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | telling,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
claims = st.dictionaries(
    st.sampled_from(["iss", "aud", "scope", "scp", "client_id", "azp", "tid", "exp", "nbf", "iat", "cnf", "ver", "typ", "realm_access", "nonce",
                     "acr", "amr", "auth_time", "authorization_details", "roles", "idtyp", "gty", "sid"]), json_values
)  # fmt: skip
headers = st.dictionaries(st.sampled_from(["alg", "typ", "kid", "nonce", "crit"]), json_values)
BODIES = (
    "", "jwt expired", '{"error": "invalid signature"}', '{"message": "Forbidden"}', "[1", '{"error": "jwt audience invalid. expected: x or y"}',
)  # fmt: skip
FIELDS = (
    {}, {"WWW-Authenticate": "Bearer"}, {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="a b"'}, {"WWW-Authenticate": 'Bearer ="'},
    {"WWW-Authenticate": 'Bearer error="insufficient_user_authentication", acr_values="a", max_age="x"'},
)  # fmt: skip
answers = st.builds(
    exchange, st.sampled_from([200, 204, 302, 400, 401, 403, 404, 429, 500, None]), st.sampled_from(BODIES), st.sampled_from(FIELDS)
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(claims, headers, claims, answers, answers, st.booleans())
def test_any_evidence_is_judged(
    mine: dict[str, Any], header: dict[str, Any], other: dict[str, Any], before: Any, after: Any, readable: bool
) -> None:
    stored = credential(token({**mine, "sub": SUBJECT}, header) if readable else opaque())
    new = granted(token({**other, "sub": SUBJECT + "-2"}), kind=RefreshedToken, rotated=True, kept_in="the store")
    own = profile(
        endpoints=(Endpoint("GET /v2/{x}", ("read", "a b")),), oauth=OAuth(issuer=ISSUER, client_id="client-1", scopes=("read", "a,b"), grant="refresh_token")
    )  # fmt: skip
    evidence = {type(item): item for item in (
        own, RunOptions(allow_refresh=True), OtherProfiles((profile("other"),)), RunClock(NOW), stored, Baseline(before), FreshCall(after),
        RefreshedCall(after), new, granted(token({**other, "sub": SUBJECT})), keys(), discovery(), WhoamiCall(after), Anonymous(after),
        OtherKeySets((("other", ISSUER, ("key-9",)),)), Introspection(exchange(200), Introspected(True, {**mine, "sub": SUBJECT})),
        OtherEndpoints((OtherEndpoint("GET /v2/a", after, before), OtherEndpoint("GET /v2/b", before))), ClientCertificate("c.pem", "CN=c"),
        ResourceMetadataSeen(ResourceMetadata(AUDIENCE, (ISSUER,))), ClientEnvironment(other_values=(OtherValue("T", "access_token"),)),
        secrets(access_token=present("access_token"), refresh_token=present("refresh_token"), client_secret=present("client_secret")),
    )}  # fmt: skip
    assert evidence[Profile] is own
    assert evidence[CredentialSeen] is stored
    for check in CHECKS:
        finding = run_check(check, evidence)
        if finding is None:  # it needs evidence that this test does not make
            continue
        assert finding.status is not Status.CRASHED, finding.summary
        assert finding.summary
        assert SUBJECT not in str(finding)
        for_causes = {a.cause for a in finding.arguments if not a.grade.against}
        assert not for_causes & {a.cause for a in finding.arguments if a.grade.against}
        for detail in finding.details:
            assert not isinstance(detail, Table) or all(len(row) == len(detail.columns) for row in detail.rows)
            assert not isinstance(detail, Line) or len(detail.label) <= 60
