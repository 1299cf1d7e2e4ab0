"""Evidence made by hand for the tests of intake and steps 1, 2 and 6; no value here is a secret of anybody."""

from __future__ import annotations

import email.utils
from typing import Any, cast

from authwizard.check import Check, run_check
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    CredentialSeen,
    Discovery,
    FreshCall,
    FreshToken,
    MintedForRun,
    RunClock,
)
from authwizard.model.exchange import Exchange, Layer, TransportFault
from authwizard.model.finding import Finding, Grade, Status
from authwizard.model.oauth import AuthorizationServerMetadata, TokenAnswer
from authwizard.model.options import RunOptions
from authwizard.model.profile import CredentialSpec, Expect, OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault, TokenSeen

NOW = 1_800_000_000.0
"""The moment all tests play at, by this machine's clock."""
BEARER = (("WWW-Authenticate", "Bearer"),)


def exchange(
    status: int | None = 401,
    *,
    id: str = "P0",
    url: str = "https://api.acme.io/v2/me",
    headers: tuple[tuple[str, str], ...] = (),
    body: str = "",
    off: float | None = None,
    at: float = NOW,
    trip: float = 0.1,
    fault: Layer | None = None,
    why: str = "It failed.",
    method: str = "GET",
    sent: tuple[tuple[str, str], ...] = (),
    tls: dict[str, str] | None = None,
) -> Exchange:
    """Return an exchange; `off` gives it a Date of a clock that many seconds ahead of this machine's."""
    date = (("Date", http_date(at + off)),) if off is not None else ()
    return Exchange(
        id, "test", "C2", "api", method, url, sent, None if fault else status, (*headers, *date), body, len(body),
        TransportFault(fault, why) if fault else None, "HTTP/1.1", "", at - trip / 2, at + trip / 2, tls=tls or {},
    )  # fmt: skip


def http_date(seconds: float) -> str:
    """Return an HTTP date (RFC 9110 5.6.7)."""
    return email.utils.formatdate(seconds, usegmt=True)


def baseline(status: int | None = 401, **more: Any) -> Baseline:
    """Return P0."""
    return Baseline(exchange(status, **more))


def anonymous(status: int | None = 401, **more: Any) -> Anonymous:
    """Return D1."""
    return Anonymous(exchange(status, **{"id": "D1", **more}))


def fresh_call(status: int = 200, **more: Any) -> FreshCall:
    """Return the call with the new token."""
    return FreshCall(exchange(status, **{"id": "P0-fresh", **more}))


def discovery(off: float) -> Discovery:
    """Return metadata of an issuer whose clock is that far ahead."""
    seen = exchange(200, id="AS", url="https://auth.acme.io/.well-known/openid-configuration", off=off)
    return Discovery("https://auth.acme.io", AuthorizationServerMetadata(), seen.url, (seen,))


def jws(
    claims: dict[str, Any] | None = None, *, header: dict[str, Any] | None = None, faults: tuple[TokenFault, ...] = (), **more: Any
) -> TokenSeen:
    """Return a readable JWT."""
    shape = {"kind": "jws", "length": 300, "parts": (36, 200, 86), "signature_bytes": 64, "fingerprint": "#0a1b2c3d", **more}
    base = {"sub": "x"} if claims is None else claims
    return TokenSeen(header={"alg": "ES256"} if header is None else header, claims=base, faults=faults, **cast("Any", shape))


def opaque(kind: str = "opaque", length: int = 40, **more: Any) -> TokenSeen:
    """Return a token without claims."""
    return TokenSeen(cast("Any", kind), length, fingerprint="#0a1b2c3d", **more)


def credential(token: TokenSeen | None = None, **more: Any) -> CredentialSeen:
    """Return what P0 sends; a readable JWT under Bearer unless told otherwise."""
    made: dict[str, Any] = {
        "kind": "bearer", "place": "header", "name": "Authorization", "scheme": "Bearer", "field_value": Secret("not looked at"),
        "token": token, "length": token.length if token else 40, "fingerprint": "#0a1b2c3d",
    }  # fmt: skip
    return CredentialSeen(**{**made, **more})


def profile(**more: Any) -> Profile:
    """Return a profile of the API at api.acme.io."""
    return Profile(**{"name": "prod", "base_url": "https://api.acme.io", "request": "GET /v2/me", **more})


def oauth(**more: Any) -> OAuth:
    """Return the authorization server of that API."""
    return OAuth(**{"issuer": "https://auth.acme.io", "token_url": "https://auth.acme.io/token", "client_id": "client-7", **more})


def spec(**more: Any) -> CredentialSpec:
    """Return where the credential goes."""
    return CredentialSpec(**more)


def leeway(seconds: int) -> Expect:
    """Return an expectation with this leeway."""
    return Expect(leeway_seconds=seconds)


def granted(
    kind: type[FreshToken | MintedForRun], token: TokenSeen | None, *, off: float | None = 0, status: int = 200, **answer: Any
) -> Any:
    """Return a token request and its answer."""
    seen = exchange(status, id="T1", url="https://auth.acme.io/token", off=off, method="POST")
    return kind(seen, TokenAnswer(ok=status == 200, status=status, **answer), "client_credentials", "client_secret_basic", token)


def judge(check: Check, *evidence: Any) -> Finding:
    """Run a check on this evidence, with the plainest profile, options and clock where none are given."""
    given: dict[type, object] = {Profile: profile(), RunOptions: RunOptions(), RunClock: RunClock(NOW)}
    given.update({type(item): item for item in evidence if item is not None})
    finding = run_check(check, given)
    assert finding is not None, f"{check.id} still waits for evidence"
    assert finding.status is not Status.CRASHED, finding.summary
    return finding


def grades(finding: Finding) -> dict[str, str]:
    """Return the strongest grade a finding gives each cause."""
    best: dict[str, Grade] = {}
    for argument in finding.arguments:
        held = best.get(argument.cause)
        if held is None or abs(argument.grade.points) > abs(held.points):
            best[argument.cause] = argument.grade
    return {cause: grade.value for cause, grade in best.items()}
