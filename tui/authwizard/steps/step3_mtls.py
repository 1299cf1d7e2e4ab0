"""Is the client certificate presented, valid, and the one the token is bound to? S3-08."""

from __future__ import annotations

import re
from collections.abc import Iterator

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import (
    Baseline,
    ClientCertificate,
    CredentialSeen,
    Discovery,
    FreshToken,
    MintedForRun,
    NetworkTime,
    RunClock,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Now
from authwizard.steps.differential import accepts
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_answers import client_was_refused

MISSING, MISMATCH, EXPIRED = "mtls_certificate_missing", "mtls_certificate_mismatch", "mtls_certificate_expired"
SOON_SECONDS = 14 * 86_400
ALERTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (late_pattern(r"CERTIFICATE_REQUIRED|asks for a client certificate"), MISSING, "asks for a client certificate and got none"),
    (late_pattern(r"ALERT_HANDSHAKE_FAILURE"), "", "breaks the handshake off, as servers of TLS 1.2 do that miss a client certificate"),
    (late_pattern(r"ALERT_CERTIFICATE_EXPIRED"), EXPIRED, "says that the client certificate has expired"),
    (late_pattern(r"ALERT_CERTIFICATE_REVOKED"), MISMATCH, "says that the client certificate was revoked"),
    (late_pattern(r"ALERT_UNKNOWN_CA"), MISMATCH, "does not know the issuer of the client certificate"),
    (late_pattern(r"ALERT_(?:BAD|UNSUPPORTED)_CERTIFICATE|ALERT_CERTIFICATE_UNKNOWN|ALERT_ACCESS_DENIED"), MISMATCH, "does not take the client certificate"),
)  # fmt: skip
"""Alerts of a server about the client's certificate, as OpenSSL names them (RFC 8446 6.2); "" = one of several reasons (RFC 5246 7.2.2)."""


@check(
    "S3-08", step=3, title="The client certificate is presented and accepted",
    looks_for="the certificate's key and dates, the token's binding to it, the server's alerts in the TLS handshake, endpoints that ask for one",
    causes=(MISSING, MISMATCH, EXPIRED), sources=("RFC 8705 2", "RFC 8705 3", "RFC 8705 5", "RFC 8446 6.2"),
)  # fmt: skip
def certificate_presented(
    profile: Profile, clock: RunClock, certificate: ClientCertificate | None, credential: CredentialSeen | None, baseline: Baseline | None,
    fresh: FreshToken | None, minted: MintedForRun | None, discovery: Discovery | None, network: NetworkTime | None,
) -> Outcome:  # fmt: skip
    """S3-08: mutual TLS, of the API and of the token endpoint."""
    bound = _bound_to(credential)
    alert = next(_alerts(certificate, baseline, fresh, minted), None)
    wanted = profile.credential.kind == "mtls" or (profile.oauth is not None and profile.oauth.client_auth == "tls_client_auth")
    if certificate is None and not bound and alert is None and not wanted:
        return not_applicable("No client certificate is used here: the profile names none, and the token is bound to none.")
    now = clocks_of(clock, baseline, None, None, network, minted, fresh, None).now_api
    lines = _lines(certificate, bound, now)
    works = baseline is not None and accepts(baseline.exchange)
    found = [alert] if alert is not None else []
    found += list(_wrong(profile, certificate, bound, fresh or minted, discovery, now, wanted=wanted))
    if not found:
        soon = certificate is not None and certificate.not_after - now.seconds < SOON_SECONDS
        told = (
            f"The client certificate ends in {duration(certificate.not_after - now.seconds)}: renew it before."
            if certificate and soon
            else ""
        )
        return warned(told, *lines) if told else passed("Nothing stands against the client certificate.", *lines)
    first = found[0]
    if works:
        return warned(f"{first.text} The API accepts the request all the same.", *lines)
    return (warned if first.grade is Grade.W else failed)(first.text, *lines, arguments=tuple(found))


def _alerts(certificate: ClientCertificate | None, *seen: Baseline | FreshToken | MintedForRun | None) -> Iterator[Argument]:
    for exchange in (one.exchange for one in seen if one is not None):
        told = _alert(exchange)
        if told is None:
            continue
        cause, words = told
        where = exchange.url.partition("?")[0]
        if not cause:
            if certificate is None:
                yield Argument(MISSING, Grade.W, Group.RESPONSE_CLASS, f"{where} {words}.")
            continue
        # Without a certificate an alert about one means that it is missed; a server of TLS 1.2 has no better word for it.
        cause, grade = (cause, Grade.S) if certificate is not None or cause == MISSING else (MISSING, Grade.M)
        yield Argument(cause, grade, Group.RESPONSE_CLASS, f"{where} {words} (in the TLS handshake).")


def _alert(exchange: Exchange) -> tuple[str, str] | None:
    if exchange.fault is None or exchange.fault.layer != "tls":
        return None
    return next(((cause, words) for pattern, cause, words in ALERTS if pattern.search(exchange.fault.text)), None)


def _wrong(
    profile: Profile, certificate: ClientCertificate | None, bound: str, grant: FreshToken | MintedForRun | None,
    discovery: Discovery | None, now: Now, *, wanted: bool,
) -> Iterator[Argument]:  # fmt: skip
    refused = grant is not None and client_was_refused(grant)
    if certificate is None:
        if bound:
            text = "The token is bound to a client certificate (its claim cnf), and the profile names none: the API takes it only together with that one."
            yield Argument(MISSING, Grade.S, Group.LOCAL_CLAIMS, text)
        elif wanted:
            text = "The profile says that a client certificate is presented, and names none (network.client_cert)."
            yield Argument(MISSING, Grade.S if refused or profile.credential.kind == "mtls" else Grade.W, Group.ENVIRONMENT, text)
        return
    if certificate.problem:
        yield Argument(MISMATCH if certificate.key_fits is False else MISSING, Grade.S, Group.LOCAL_BYTES, certificate.problem)
    if certificate.not_after and certificate.not_after <= now.seconds:
        text = f"The client certificate expired {duration(now.seconds - certificate.not_after)} ago ({utc(certificate.not_after)})."
        yield Argument(EXPIRED, Grade.S, Group.TIME, text, on_local_clock=now.local_only)
    if bound and certificate.thumbprint and bound != certificate.thumbprint:
        text = "The token is bound to another client certificate than the one the profile names: it was fetched with that other one."
        yield Argument(MISMATCH, Grade.S, Group.LOCAL_CLAIMS, text)
    alias = _other_endpoint(profile, discovery)
    if alias and refused:
        text = (
            f"Clients with a certificate have a token endpoint of their own ({alias}), and the request went to the one that asks for none."
        )
        yield Argument(MISSING, Grade.M, Group.METADATA, text, provenance="discovery")


def _other_endpoint(profile: Profile, discovery: Discovery | None) -> str:
    """The published token endpoint for clients with a certificate, where the profile names another one."""
    if profile.oauth is None or profile.oauth.client_auth != "tls_client_auth" or discovery is None or discovery.metadata is None:
        return ""
    alias = discovery.metadata.mtls_endpoint_aliases.get("token_endpoint", "")
    return alias if alias and profile.oauth.token_url not in ("", alias) else ""


def _bound_to(credential: CredentialSeen | None) -> str:
    """The thumbprint of the certificate a token is bound to, "" where it is bound to none."""
    token = credential.token if credential is not None else None
    confirmation = token.claims.get("cnf") if token is not None and token.readable else None
    value = confirmation.get("x5t#S256") if isinstance(confirmation, dict) else None
    return value if isinstance(value, str) else ""


def _lines(certificate: ClientCertificate | None, bound: str, now: Now) -> tuple[Line, ...]:
    if certificate is None:
        return (Line("certificate", "none", Status.FAIL), Line("token", "bound to one" if bound else "not bound"))
    ends = utc(certificate.not_after) if certificate.not_after else "not known"
    over = bool(certificate.not_after) and certificate.not_after <= now.seconds
    key = {True: "belongs to it", False: "belongs to another one", None: "not there, or not readable"}[certificate.key_fits]
    tied = Line("token", "bound to it" if bound == certificate.thumbprint else "bound to another one" if bound else "not bound to one")
    return (
        Line("certificate", certificate.subject or certificate.path, Status.FAIL if certificate.problem else Status.PASS),
        Line("issuer", certificate.issuer or "not known", None, f"{certificate.chain} more in the file" if certificate.chain else ""),
        Line("ends", ends, Status.FAIL if over else Status.PASS, f"by {now.whose}"),
        Line("private key", key, Status.PASS if certificate.key_fits else Status.FAIL),
        tied,
    )
