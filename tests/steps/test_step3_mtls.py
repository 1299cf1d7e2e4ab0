"""S3-08: the client certificate, its dates, its binding, and what the server says of it in the handshake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from each_row import for_each

from authwizard.model.evidence import Baseline, ClientCertificate, FreshToken
from authwizard.model.exchange import TransportFault
from authwizard.model.finding import Status
from authwizard.model.profile import CredentialSpec, OAuth, Profile
from authwizard.steps.step3_mtls import certificate_presented

from .made_evidence import ISSUER, NOW, baseline, credential, discovery, exchange, judge, opaque, profile, refused, said, token

GOOD = ClientCertificate("client.pem", "CN=client", "CN=ca", NOW - 1000, NOW + 400 * 86_400, "thumb-1", True)
BOUND = credential(token({"cnf": {"x5t#S256": "thumb-1"}}))
TLS_CLIENT = {Profile: profile(oauth=OAuth(client_id="client-1", token_url=f"{ISSUER}/token", client_auth="tls_client_auth"))}
CLIENT_REFUSED = refused("invalid_client", 401, client_auth="tls_client_auth")


def alert(reason: str, kind: Any = Baseline) -> Any:
    seen = exchange(None, fault=TransportFault("tls", f"The TLS handshake with api.example.com failed ({reason})."))
    return Baseline(seen) if kind is Baseline else replace(refused(""), exchange=seen)


@for_each(
    ("evidence", "status", "expected"),
    [
        ((GOOD, BOUND, baseline(401)), "pass", set()),
        ((BOUND, baseline(401)), "fail", {("mtls_certificate_missing", "S")}),
        ((BOUND, baseline(200)), "warn", set()),
        ((replace(GOOD, thumbprint="thumb-2"), BOUND, baseline(401)), "fail", {("mtls_certificate_mismatch", "S")}),
        ((replace(GOOD, not_after=NOW - 60), baseline(401)), "fail", {("mtls_certificate_expired", "S")}),
        ((replace(GOOD, not_after=NOW - 60), baseline(200)), "warn", set()),
        ((replace(GOOD, not_after=NOW + 86_400), baseline(200)), "warn", set()),
        ((replace(GOOD, key_fits=False, problem="It belongs to another one."),), "fail", {("mtls_certificate_mismatch", "S")}),
        ((ClientCertificate("c.pem", problem="It cannot be read."),), "fail", {("mtls_certificate_missing", "S")}),
        # alerts of the server
        ((alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"),), "fail", {("mtls_certificate_missing", "S")}),
        ((alert("SSLV3_ALERT_BAD_CERTIFICATE"),), "fail", {("mtls_certificate_missing", "M")}),
        ((GOOD, alert("SSLV3_ALERT_BAD_CERTIFICATE")), "fail", {("mtls_certificate_mismatch", "S")}),
        ((GOOD, alert("TLSV1_ALERT_UNKNOWN_CA")), "fail", {("mtls_certificate_mismatch", "S")}),
        ((GOOD, alert("SSLV3_ALERT_CERTIFICATE_EXPIRED")), "fail", {("mtls_certificate_expired", "S")}),
        ((alert("TLSV13_ALERT_CERTIFICATE_REQUIRED", FreshToken),), "fail", {("mtls_certificate_missing", "S")}),
        ((alert("SSLV3_ALERT_HANDSHAKE_FAILURE"),), "warn", {("mtls_certificate_missing", "W")}),
        ((GOOD, alert("SSLV3_ALERT_HANDSHAKE_FAILURE")), "pass", set()),
        # other trouble of TLS is no matter of the client's certificate
        ((alert("WRONG_VERSION_NUMBER"),), "skip", set()),
        ((alert("CERTIFICATE_VERIFY_FAILED"),), "skip", set()),
        ((baseline(401),), "skip", set()),
        ((credential(opaque()), baseline(401)), "skip", set()),
        ((credential(token({"cnf": {"jkt": "key"}})), baseline(401)), "skip", set()),
    ],
)
def test_the_certificate(evidence: tuple[Any, ...], status: str, expected: set[tuple[str, str]]) -> None:
    finding = judge(certificate_presented, *evidence)
    assert (finding.status, said(finding)) == (Status(status), expected), finding.summary


def test_a_client_that_identifies_itself_with_a_certificate() -> None:
    unproven = judge(certificate_presented, given=TLS_CLIENT)
    assert (unproven.status, said(unproven)) == (Status.WARN, {("mtls_certificate_missing", "W")})
    missing = judge(certificate_presented, CLIENT_REFUSED, given=TLS_CLIENT)
    assert (missing.status, said(missing)) == (Status.FAIL, {("mtls_certificate_missing", "S")})
    aliased = discovery(mtls_endpoint_aliases={"token_endpoint": "https://mtls.auth.example.com/token"})
    elsewhere = judge(certificate_presented, GOOD, CLIENT_REFUSED, aliased, given=TLS_CLIENT)
    assert said(elsewhere) == {("mtls_certificate_missing", "M")}
    assert "https://mtls.auth.example.com/token" in elsewhere.summary
    assert judge(certificate_presented, GOOD, aliased, given=TLS_CLIENT).status is Status.PASS


def test_an_api_that_wants_a_certificate() -> None:
    own = {Profile: profile(credential=CredentialSpec("mtls"))}
    assert said(judge(certificate_presented, credential(kind="mtls", token=None), baseline(401), given=own)) == {
        ("mtls_certificate_missing", "S")
    }
