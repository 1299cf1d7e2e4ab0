"""S1-12, S1-13: the JOSE header, and other tokens in the access token's place."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import KeySet, OtherTokenCall, SecretState, StoredSecrets, TokenEndpoint
from authwizard.model.finding import Status
from authwizard.model.oauth import PublishedKey
from authwizard.model.profile import Expect
from authwizard.model.token import TokenFault
from authwizard.steps.step1_token_class import access_not_id_or_refresh, jose_header

from .evidence_of_first_steps import baseline, credential, exchange, grades, judge, jws, oauth, opaque, profile

RSA_KEYS = KeySet("https://auth.acme.io/jwks", (PublishedKey("k", "RSA"),))
GRAPH = {"aud": "https://graph.microsoft.com", "iss": "https://sts.windows.net/t/"}


@for_each(
    ("header", "status", "causes"),
    [
        ({"alg": "RS256", "typ": "JWT", "kid": "1"}, "pass", {}),
        ({"alg": "RS256", "typ": "at+jwt"}, "pass", {}),
        ({"alg": "none"}, "fail", {"alg_none_or_unsupported": "S"}),
        ({"alg": "NONE"}, "fail", {"alg_none_or_unsupported": "S"}),
        ({"alg": "rs256"}, "fail", {"alg_none_or_unsupported": "S"}),
        ({"alg": "XY99"}, "fail", {"alg_none_or_unsupported": "S"}),
        ({"alg": ["RS256"]}, "fail", {"alg_none_or_unsupported": "S"}),
        ({"typ": "JWT"}, "fail", {"alg_none_or_unsupported": "S"}),
        ({"alg": "RS256", "typ": "dpop+jwt"}, "fail", {"wrong_token_type": "S"}),
        ({"alg": "RS256", "typ": "application/logout+jwt"}, "fail", {"wrong_token_type": "S"}),
        ({"alg": "RS256", "jku": "https://evil"}, "warn", {}),
        ({"alg": "RS256", "jwk": {}}, "warn", {}),
        ({"alg": "RS256", "crit": ["x"]}, "warn", {}),
        ({"alg": "RS256", "kid": 7}, "warn", {}),
        ({"alg": "RS256", "zip": "DEF"}, "warn", {}),
        ({"alg": "HS256"}, "pass", {}),
    ],
)
def test_headers(header: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(jose_header, credential(jws(header=header)))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_shared_secret_where_public_keys_are_published() -> None:
    assert grades(judge(jose_header, credential(jws(header={"alg": "HS256"})), RSA_KEYS)) == {"alg_mismatch": "M"}
    shared = KeySet("x", (PublishedKey("k", "oct"), PublishedKey("l", "RSA")))
    assert grades(judge(jose_header, credential(jws(header={"alg": "HS256"})), shared)) == {}


def test_the_type_the_user_expects() -> None:
    wanted = profile(expect=Expect(type="at+jwt"))
    finding = judge(jose_header, credential(jws(header={"alg": "ES256", "typ": "JWT"})), wanted)
    assert grades(finding) == {"wrong_token_type": "S"}
    assert finding.arguments[0].provenance == "user"
    assert judge(jose_header, credential(jws(header={"alg": "ES256", "typ": "application/at+JWT"})), wanted).status is Status.PASS


def test_a_token_for_graph_is_uncheckable_and_foreign_but_not_at_graph_itself() -> None:
    token = credential(jws(GRAPH, header={"alg": "RS256", "nonce": "n"}))
    foreign = judge(jose_header, token)
    assert grades(foreign) == {"third_party_token": "M"}
    assert foreign.facts["signature_uncheckable"] is True
    at_home = judge(jose_header, token, profile(base_url="https://graph.microsoft.com"))
    assert grades(at_home) == {}
    assert at_home.facts["signature_uncheckable"] is True


def test_a_nonce_alone_is_not_graph() -> None:
    assert grades(judge(jose_header, credential(jws({"aud": "api"}, header={"alg": "RS256", "nonce": "n"})))) == {}


def test_no_header_nothing_to_judge() -> None:
    assert judge(jose_header, credential(opaque())).status is Status.SKIP
    assert judge(jose_header, credential(jws(), kind="api_key")).status is Status.SKIP


CLIENT = profile(oauth=oauth())


@for_each(
    ("claims", "status", "causes"),
    [
        ({"scope": "read", "aud": "api"}, "pass", {}),
        ({"token_use": "id"}, "warn", {"id_token_used": "M"}),
        ({"token_use": "access", "nonce": "n"}, "pass", {}),
        ({"typ": "ID", "scope": "openid"}, "warn", {"id_token_used": "M"}),
        ({"typ": "Bearer", "aud": "client-7"}, "pass", {}),
        ({"aud": "client-7"}, "warn", {"id_token_used": "M"}),
        ({"aud": "client-7", "scope": "read"}, "pass", {}),
        ({"aud": ["client-7"], "at_hash": "h"}, "warn", {"id_token_used": "M"}),
        ({"at_hash": "h"}, "warn", {"id_token_used": "M"}),
        ({"nonce": "n", "scope": "read", "aud": "api"}, "pass", {}),
        ({"typ": "Refresh", "aud": "x"}, "fail", {"refresh_token_used": "S"}),
        ({"typ": "Offline"}, "fail", {"refresh_token_used": "S"}),
        ({"iss": "client-7", "sub": "client-7", "aud": "https://auth.acme.io/token"}, "fail", {"client_assertion_used": "S"}),
        ({"iss": "client-7", "sub": "client-7", "aud": ["https://auth.acme.io"]}, "fail", {"client_assertion_used": "S"}),
        ({"iss": "client-7", "sub": "client-7", "aud": "https://api.acme.io", "scope": "read"}, "pass", {}),
        ({"iss": "robot@proj", "sub": "robot@proj", "aud": "https://auth.acme.io/token", "scope": "x"}, "pass", {}),
        ({"htm": "GET", "htu": "https://api.acme.io"}, "fail", {"client_assertion_used": "S"}),
    ],
)
def test_classes(claims: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(access_not_id_or_refresh, credential(jws(claims)), CLIENT)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_the_token_endpoint_found_by_discovery_counts() -> None:
    claims = {"iss": "c", "sub": "c", "aud": "https://auth.acme.io/oauth/token"}
    found = TokenEndpoint("https://auth.acme.io/oauth/token", provenance="discovery")
    assert grades(judge(access_not_id_or_refresh, credential(jws(claims)), found)) == {"client_assertion_used": "S"}


def test_the_stored_tokens_are_recognised_by_their_fingerprint() -> None:
    def stored(field: str, length: int = 300) -> StoredSecrets:
        return StoredSecrets({field: SecretState(field, "present", length=length, fingerprint="#0a1b2c3d")})

    sent = credential(jws({"scope": "read"}))
    assert grades(judge(access_not_id_or_refresh, sent, stored("refresh_token"))) == {"refresh_token_used": "S"}
    assert grades(judge(access_not_id_or_refresh, sent, stored("id_token"))) == {"id_token_used": "M"}
    assert grades(judge(access_not_id_or_refresh, sent, stored("refresh_token", 299))) == {}
    unnamed = StoredSecrets({"refresh_token": SecretState("refresh_token", "present", length=300)})
    assert grades(judge(access_not_id_or_refresh, credential(jws({"scope": "read"}), fingerprint=""), unnamed)) == {}


@pytest.mark.parametrize(("part", "grade"), [("value", "M"), ("payload", "S")])
def test_a_likeness_is_less_than_a_claim(part: str, grade: str) -> None:
    fault = TokenFault("refresh_token_used", "This looks like a refresh token.", part)
    assert grades(judge(access_not_id_or_refresh, credential(opaque(faults=(fault,))))) == {"refresh_token_used": grade}


def test_a_server_that_refuses_the_audience_makes_the_id_token_strong() -> None:
    refused = baseline(401, body='{"message":"jwt audience invalid. expected: https://api.acme.io"}')
    sent = credential(jws({"aud": "client-7", "nonce": "n"}))
    assert grades(judge(access_not_id_or_refresh, sent, CLIENT, refused)) == {"id_token_used": "S"}
    assert grades(judge(access_not_id_or_refresh, sent, CLIENT, baseline(401))) == {"id_token_used": "M"}


def test_no_claim_value_is_shown() -> None:
    finding = judge(access_not_id_or_refresh, credential(jws({"nonce": "n-0S6_WzA2Mj", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})), CLIENT)
    assert "n-0S6" not in repr(finding)
    assert "77Qm" not in repr(finding)


@pytest.mark.parametrize(
    ("status", "judged", "causes"), [(200, "fail", {"id_token_used": "P"}), (401, "pass", {}), (403, "fail", {"id_token_used": "S"})]
)
def test_a_platform_that_reads_id_tokens_shows_itself(status: int, judged: str, causes: dict[str, str]) -> None:
    sent = credential(jws({"sub": "x", "scope": "read", "client_id": "client-7"}))
    finding = judge(access_not_id_or_refresh, sent, baseline(401), OtherTokenCall(exchange(status, id="S-id")))
    assert (finding.status, grades(finding)) == (Status(judged), causes)
