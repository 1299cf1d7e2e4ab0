"""S1-27: tokens bound to a DPoP key or to a client certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from each_row import for_each

from authwizard.model.evidence import Baseline, ClientCertificate, DpopKey, FreshToken, Introspection, OtherSchemeCall
from authwizard.model.finding import Skip, Status
from authwizard.model.oauth import Introspected
from authwizard.steps.step1_bound import sender_constrained

from .evidence_of_first_steps import baseline, credential, exchange, grades, granted, judge, jws, opaque

KEY, OTHER = "k" * 43, "o" * 43
TO_KEY = jws({"sub": "x", "cnf": {"jkt": KEY}})
TO_CERTIFICATE = jws({"sub": "x", "cnf": {"x5t#S256": KEY}})
AS_BEARER = credential(TO_KEY)
AS_DPOP = credential(TO_KEY, kind="dpop", scheme="DPoP")
NONCE = (("WWW-Authenticate", 'DPoP error="use_dpop_nonce"'), ("DPoP-Nonce", "n"))


def holds(thumbprint: str = "", **more: Any) -> DpopKey:
    return DpopKey(thumbprint, **more)


def shows(thumbprint: str) -> ClientCertificate:
    return ClientCertificate("/c.pem", thumbprint=thumbprint)


def with_proof(status: int) -> OtherSchemeCall:
    return OtherSchemeCall(exchange(status, id="S-scheme"), "dpop_required", "scheme, now DPoP with a proof,")


def again(status: int, **more: Any) -> Baseline:
    return Baseline(replace(exchange(status, **more), id="P0-again"), nonce_asked=True)


@for_each(
    ("evidence", "status", "causes"),
    [
        # DPoP
        ((AS_BEARER, baseline(401)), "fail", {"dpop_required": "S"}),
        ((AS_BEARER,), "fail", {"dpop_required": "S"}),
        ((AS_BEARER, baseline(401), with_proof(200)), "fail", {"dpop_required": "P"}),
        ((AS_BEARER, baseline(401), with_proof(401)), "fail", {"dpop_required": "S"}),
        ((AS_DPOP, baseline(401), holds(KEY)), "pass", {}),
        ((AS_DPOP, baseline(401), holds(OTHER)), "fail", {"dpop_proof_invalid": "S"}),
        ((AS_DPOP, holds(problem="The DPoP key cannot be read.")), "fail", {"dpop_proof_invalid": "S"}),
        ((AS_DPOP, again(401, headers=NONCE), holds(KEY)), "fail", {"dpop_nonce_required": "S"}),
        ((AS_DPOP, again(200), holds(KEY)), "warn", {"dpop_nonce_required": "M"}),
        ((credential(opaque()), baseline(401), granted(FreshToken, None, token_type="DPoP")), "warn", {"dpop_required": "M"}),
        ((credential(opaque()), baseline(401), granted(FreshToken, None, token_type="Bearer")), "skip", {}),
        # certificates
        ((credential(TO_CERTIFICATE), baseline(401)), "fail", {"mtls_certificate_missing": "S"}),
        ((credential(TO_CERTIFICATE), baseline(401), shows(KEY)), "pass", {}),
        ((credential(TO_CERTIFICATE), baseline(401), shows(OTHER)), "fail", {"mtls_certificate_mismatch": "S"}),
        ((credential(TO_CERTIFICATE), baseline(401), shows("")), "pass", {}),
        # introspection tells of an opaque token
        ((credential(opaque()), baseline(401), Introspection(exchange(200), Introspected(True, {"cnf": {"jkt": KEY}}))), "fail",
         {"dpop_required": "S"}),
        # what the API accepts is right, also a bound token without a proof: not every API knows of DPoP
        ((AS_BEARER, baseline(200)), "pass", {}),
        ((credential(TO_CERTIFICATE), baseline(200)), "pass", {}),
        ((credential(jws({"cnf": "nonsense"})), baseline(401)), "skip", {}),
        ((credential(None, kind="mtls", field_value=None), baseline(401), shows(KEY)), "pass", {}),
    ],
)  # fmt: skip
def test_bindings(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(sender_constrained, *evidence)
    found = {c: g for c, g in grades(finding).items() if not g.startswith("X")}
    assert (finding.status, found) == (Status(status), causes)


def test_a_token_bound_to_nothing_is_not_judged() -> None:
    assert judge(sender_constrained, credential(jws()), baseline(401)).skip is Skip.NOT_APPLICABLE
