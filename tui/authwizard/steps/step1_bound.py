"""Is the token bound to a key, and does the request show that key? DPoP and client certificates: S1-27."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import (
    Baseline,
    ClientCertificate,
    CredentialSeen,
    DpopKey,
    FreshToken,
    Introspection,
    MintedForRun,
    OtherSchemeCall,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.steps.answers import explained
from authwizard.steps.differential import accepts
from authwizard.steps.swaps import swap_argument, swap_line, swaps_about

DPOP_CAUSES = ("dpop_required", "dpop_nonce_required", "dpop_proof_invalid")
MTLS_CAUSES = ("mtls_certificate_missing", "mtls_certificate_mismatch")
NONCE_NOTE = (
    "The API wants a nonce of its own in every proof: it refused the first proof and took the second. A program that does not repeat the "
    "request with the nonce of the DPoP-Nonce header gets a 401 every time."
)


@check(
    "S1-27", step=1, title="A token that is bound to a key is sent with that key",
    looks_for="The cnf claim (DPoP key, client certificate), a token type of DPoP, and whether the request shows the proof or the certificate that fits.",
    causes=(*DPOP_CAUSES, *MTLS_CAUSES), sources=("RFC 9449 4", "RFC 9449 7.1", "RFC 9449 8", "RFC 9449 9", "RFC 8705 3"),
)  # fmt: skip
def sender_constrained(
    credential: CredentialSeen, baseline: Baseline | None, key: DpopKey | None, certificate: ClientCertificate | None,
    minted: MintedForRun | None, fresh: FreshToken | None, introspection: Introspection | None, other: OtherSchemeCall | None,
) -> Outcome:  # fmt: skip
    """Compare what the token is bound to with what the request shows; dates and the handshake of a certificate are S3-08's business."""
    bound = _binding(credential, introspection)
    sent = baseline.exchange if baseline is not None else None
    lines = [*_lines(bound, key, certificate), *(swap_line(c, c.factor) for c in swaps_about(("dpop_required",), other))]
    if sent is not None and accepts(sent):
        return _accepted(baseline, lines)
    found = [
        *_dpop(credential, bound, key, sent), *_issued_as_dpop(credential, bound, minted, fresh), *_certificate(bound, certificate),
        *(a for c in swaps_about(("dpop_required",), other) if (a := swap_argument(c, baseline)) is not None),
    ]  # fmt: skip
    positive = [a for a in found if not a.grade.against]
    if not positive:
        if not bound and credential.kind not in ("dpop", "mtls"):
            return not_applicable("Nothing says that the token is bound to a key.", *lines)
        return passed("The request shows what the token is bound to, as far as it can be seen.", *lines, arguments=tuple(found))
    worst = max(positive, key=lambda a: a.grade.points)
    make = failed if worst.grade in (Grade.P, Grade.S) else warned
    return make(worst.text, *lines, arguments=tuple(found))


def _accepted(baseline: Baseline | None, lines: list[Line]) -> Outcome:
    if baseline is not None and baseline.nonce_asked:
        argument = Argument("dpop_nonce_required", Grade.M, Group.SERVER_MESSAGE, NONCE_NOTE, provenance="server message")
        return warned(NONCE_NOTE, *lines, arguments=(argument,))
    return passed("The API accepts the credential as it is shown.", *lines)


def _binding(credential: CredentialSeen, introspection: Introspection | None) -> Mapping[str, Any]:
    """Return what the token says it is bound to, by its own claim or by introspection (RFC 7800 3.1, RFC 9449 6)."""
    claims = credential.token.claims if credential.token is not None else {}
    members = introspection.result.members if introspection is not None else {}
    found = (source.get("cnf") for source in (claims, members))
    return next((cnf for cnf in found if isinstance(cnf, Mapping) and cnf), {})


def _lines(bound: Mapping[str, Any], key: DpopKey | None, certificate: ClientCertificate | None) -> list[Line]:
    pairs = (
        ("Bound to the DPoP key", bound.get("jkt"), key.thumbprint if key is not None else ""),
        ("Bound to the certificate", bound.get("x5t#S256"), certificate.thumbprint if certificate is not None else ""),
    )
    return [
        Line(label, str(wanted), Status.PASS if held == wanted else Status.FAIL, f"held: {held or 'none'}")
        for label, wanted, held in pairs
        if wanted
    ]


def _dpop(credential: CredentialSeen, bound: Mapping[str, Any], key: DpopKey | None, sent: Exchange | None) -> Iterator[Argument]:
    jkt = bound.get("jkt")
    if jkt and credential.scheme.lower() != "dpop":
        text = f"The token is bound to a DPoP key (cnf.jkt), but it is sent as {credential.scheme or 'a bare value'} and without a proof."
        yield Argument("dpop_required", Grade.S, Group.LOCAL_CLAIMS, text)
    if key is not None and key.problem and credential.kind == "dpop":
        text = f"No proof can be made: {key.problem}"
        yield Argument("dpop_proof_invalid", Grade.S, Group.LOCAL_BYTES, text)
    elif jkt and key is not None and key.thumbprint and key.thumbprint != jkt:
        text = "The token is bound to another DPoP key than the stored one: their thumbprints differ."
        yield Argument("dpop_proof_invalid", Grade.S, Group.LOCAL_CLAIMS, text)
    if sent is not None and explained(sent).code == "use_dpop_nonce":
        again = " It asked for one again after the nonce it had just given was used." if sent.id.endswith("-again") else ""
        text = f"The server wants a nonce of its own inside the proof (use_dpop_nonce).{again}"
        yield Argument("dpop_nonce_required", Grade.S, Group.SERVER_MESSAGE, text, provenance="server message")


def _issued_as_dpop(
    credential: CredentialSeen, bound: Mapping[str, Any], minted: MintedForRun | None, fresh: FreshToken | None
) -> Iterator[Argument]:  # fmt: skip
    """An opaque token says nothing of itself; how its like is issued does."""
    kinds = {grant.answer.token_type.lower() for grant in (minted, fresh) if grant is not None and grant.answer.ok}
    if "dpop" in kinds and not bound and credential.scheme.lower() != "dpop":
        text = "The authorization server issues this client's tokens with the type DPoP, and the token is sent without a proof."
        yield Argument("dpop_required", Grade.M, Group.TOKEN_ENDPOINT, text)


def _certificate(bound: Mapping[str, Any], certificate: ClientCertificate | None) -> Iterator[Argument]:
    wanted = bound.get("x5t#S256")
    if not wanted:
        return
    if certificate is None:
        text = "The token is bound to a client certificate (cnf x5t#S256), and the profile names none, so none was shown."
        yield Argument("mtls_certificate_missing", Grade.S, Group.LOCAL_CLAIMS, text)
    elif certificate.thumbprint and certificate.thumbprint != wanted:
        text = "The token is bound to another client certificate than the profile's: their thumbprints differ."
        yield Argument("mtls_certificate_mismatch", Grade.S, Group.LOCAL_CLAIMS, text)
