"""Evidence made for the tests of steps 3, 4, 5 and 7: one sound setup, changed at one place by each test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from authwizard.check import Check, run_check
from authwizard.model.evidence import (
    Baseline,
    CredentialSeen,
    Discovery,
    FreshToken,
    KeySet,
    OtherProfiles,
    RunClock,
    SecretState,
    StoredSecrets,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Finding
from authwizard.model.oauth import AuthorizationServerMetadata, PublishedKey, TokenAnswer
from authwizard.model.options import RunOptions
from authwizard.model.profile import CredentialSpec, Expect, OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.model.token import SignatureSeen, TokenSeen

NOW = 1_800_000_000.0
ISSUER = "https://auth.example.com"
AUDIENCE = "https://api.example.com"
HEADER = {"alg": "RS256", "typ": "at+jwt", "kid": "key-1"}
CLAIMS = {
    "iss": ISSUER, "aud": AUDIENCE, "client_id": "client-1", "sub": "subject-1", "scope": "read", "iat": NOW - 600, "exp": NOW + 3000,
    "jti": "t-1",
}  # fmt: skip
VERIFIED = SignatureSeen("verified", key_id="key-1", algorithm="RS256")
FAILED = SignatureSeen("failed", "The signature does not verify with the key.", "signature_invalid", "key-1", "RS256")


def profile(name: str = "prod", **changes: Any) -> Profile:
    """A complete profile of the sound setup."""
    base = Profile(
        name=name, base_url="https://api.example.com", request="GET /v2/devices", environment="production",
        credential=CredentialSpec(), expect=Expect(issuer=ISSUER, audience=(AUDIENCE,)),
        oauth=OAuth(issuer=ISSUER, token_url=f"{ISSUER}/token", client_id="client-1", scopes=("read",)),
    )  # fmt: skip
    return replace(base, **changes)


def token(claims: Mapping[str, Any] | None = None, header: Mapping[str, Any] | None = None, **changes: Any) -> TokenSeen:
    """A readable JWT; a claim or header member given as None is left out."""
    seen = TokenSeen(
        "jws", 842, _without_none({**HEADER, **(header or {})}), _without_none({**CLAIMS, **(claims or {})}), fingerprint="#stored00"
    )
    return replace(seen, **changes)


def opaque(**changes: Any) -> TokenSeen:
    """A token nobody outside can read."""
    return replace(TokenSeen("opaque", 40, fingerprint="#opaque00"), **changes)


def credential(seen: TokenSeen | None = None, **changes: Any) -> CredentialSeen:
    """A bearer credential around a token."""
    inner = seen if seen is not None else token()
    value = Secret("Bearer made-for-a-test")
    return replace(
        CredentialSeen("bearer", "header", "Authorization", "Bearer", value, inner, inner.length, inner.fingerprint, source="the store"),
        **changes,
    )


def exchange(status: int | None = 401, body: str = "", headers: Mapping[str, str] | None = None, **changes: Any) -> Exchange:
    """An answer of the API with its clock right."""
    made = Exchange(
        "P0", "your request", "C2", "api", "GET", "https://api.example.com/v2/devices", (), status, tuple((headers or {}).items()), body,
        sent_at=NOW, received_at=NOW,
    )  # fmt: skip
    return replace(made, **changes)


def baseline(status: int | None = 401, body: str = "", headers: Mapping[str, str] | None = None) -> Baseline:
    """P0 and its answer."""
    return Baseline(exchange(status, body, headers))


def refusal(text: str, status: int = 401) -> Baseline:
    """P0 refused with words in a JSON body."""
    return baseline(status, json.dumps({"error": text}), {"Content-Type": "application/json"})


def keys(*kids: str, signature: SignatureSeen | None = VERIFIED, **changes: Any) -> KeySet:
    """A published key set."""
    return replace(
        KeySet(f"{ISSUER}/jwks", tuple(PublishedKey(k, "RSA", "RS256", "sig") for k in kids or ("key-1",)), None, signature), **changes
    )


def discovery(issuer: str = ISSUER, **metadata: Any) -> Discovery:
    """The issuer's metadata document."""
    found = AuthorizationServerMetadata(issuer=issuer, token_endpoint=f"{ISSUER}/token", jwks_uri=f"{ISSUER}/jwks")
    return Discovery(ISSUER, replace(found, **metadata), f"{ISSUER}/.well-known/openid-configuration")


def granted(seen: TokenSeen | None = None, kind: type = FreshToken, **changes: Any) -> Any:
    """A token request that succeeded."""
    new = seen if seen is not None else token({"iat": NOW, "exp": NOW + 3600, "jti": "t-2"}, fingerprint="#fresh000")
    answer = TokenAnswer(True, 200, "application/json", True, Secret("made"), token_type="Bearer", expires_in=3600, scope="read")
    return replace(
        kind(exchange(200, url=f"{ISSUER}/token"), answer, "client_credentials", "client_secret_basic", new, VERIFIED), **changes
    )


def refused(error: str, status: int = 400, kind: type = FreshToken, description: str = "", **changes: Any) -> Any:
    """A token request that was refused."""
    answer = TokenAnswer(False, status, "application/json", True, error=error, error_description=description)
    return replace(kind(exchange(status, url=f"{ISSUER}/token"), answer, "client_credentials", "client_secret_basic"), **changes)


def secrets(**fields: SecretState) -> StoredSecrets:
    """The stored secrets by field."""
    return StoredSecrets(fields)


def present(field: str, **changes: Any) -> SecretState:
    """A stored secret without faults."""
    return replace(SecretState(field, "present", "the store", length=40, fingerprint="#secret00"), **changes)


def judge(check: Check, *evidence: object, given: Mapping[type, object] | None = None) -> Finding:
    """Run a check on the sound setup with these pieces of evidence put in; fails where it crashed or lacks evidence."""
    base: dict[type, object] = {
        Profile: profile(), RunOptions: RunOptions(), OtherProfiles: OtherProfiles(), RunClock: RunClock(NOW), CredentialSeen: credential(),
    }  # fmt: skip
    base.update({type(item): item for item in evidence})
    finding = run_check(check, {**base, **(given or {})})
    assert finding is not None, f"{check.id} lacks evidence"
    assert finding.status != "crashed", finding.summary
    return finding


def said(finding: Finding) -> set[tuple[str, str]]:
    """Cause and grade of every argument."""
    return {(a.cause, a.grade.value) for a in finding.arguments}


def about(finding: Finding, cause: str) -> Argument:
    """The one argument about a cause."""
    found = [a for a in finding.arguments if a.cause == cause]
    assert len(found) == 1, said(finding)
    return found[0]


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
