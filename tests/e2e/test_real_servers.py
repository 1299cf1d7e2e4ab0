"""The same engine against servers nobody here wrote: npm oidc-provider, express-oauth2-jwt-bearer, nginx."""

from __future__ import annotations

import time
from typing import Any

import pytest

pytestmark = pytest.mark.services

PROFILE = """
version = 1
[profile.prod]
environment = "production"
base_url = "{base}"
request = "GET {path}"
[profile.prod.credential]
kind = "bearer"
scheme = "{scheme}"
[profile.prod.oauth]
issuer = "{issuer}"
client_id = "e2e-client"
client_auth = "client_secret_basic"
grant = "client_credentials"
scopes = ["read", "write"]
resource = "https://api.example.test"
[profile.prod.expect]
audience = ["https://api.example.test"]
[profile.prod.network]
ntp_server = "none"
proxy = "none"
[profile.prod.secrets]
{token}client_secret = "env:E2E_SECRET"
"""


def profile(stack: Any, *, base: str = "", path: str = "/v2/me", scheme: str = "Bearer", token: bool = True) -> str:
    reference = 'access_token = "env:E2E_TOKEN"\n' if token else ""
    return PROFILE.format(base=base or stack.plain, path=path, scheme=scheme, issuer=stack.issuer, token=reference)


def secrets(token: str, secret: str = "plainly-fake-e2e-secret-000000000000") -> dict[str, str]:
    return {"E2E_TOKEN": token, "E2E_SECRET": secret}


def test_healthy(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack), secrets(stack.token()))
    assert (run["verdict"]["kind"], status) == ("healthy", 0), run["verdict"]
    assert run["requests"]["api"] <= 12
    assert run["requests"]["token"] <= 3


def test_healthy_with_a_token_fetched_for_the_run(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack, token=False), {"E2E_SECRET": "plainly-fake-e2e-secret-000000000000"})
    assert (run["verdict"]["kind"], status) == ("healthy", 0), run["verdict"]


def test_expired(stack: Any, check: Any) -> None:
    token = stack.token(iat=int(time.time()) - 7800, exp=int(time.time()) - 7200)
    run, status, _ = check(profile(stack), secrets(token))
    verdict = run["verdict"]
    assert (verdict["cause"], verdict["confidence"], verdict["step"], status) == ("token_expired", "proven", 2, 1), verdict


def test_wrong_audience(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack), secrets(stack.token(aud="https://other.example.test")))
    assert (run["verdict"]["cause"], run["verdict"]["step"], status) == ("audience_mismatch", 3, 1), run["verdict"]


def test_bad_signature(stack: Any, check: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    run, status, _ = check(profile(stack), secrets(stack.token(key=other)))
    assert (run["verdict"]["cause"], run["verdict"]["step"], status) == ("signature_invalid", 3, 1), run["verdict"]


def test_insufficient_scope(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack, path="/v2/admin"), secrets(stack.token()))
    assert (run["verdict"]["cause"], run["verdict"]["step"], status) == ("insufficient_scope", 5, 1), run["verdict"]


def test_wrong_client_secret(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack, token=False), {"E2E_SECRET": "plainly-fake-but-another-one-000000"})
    assert (run["verdict"]["cause"], run["verdict"]["step"], status) == ("client_credentials_invalid", 3, 1), run["verdict"]


def test_wrong_client_secret_behind_a_living_token_is_a_warning(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack), secrets(stack.token(), "plainly-fake-but-another-one-000000"))
    assert (run["verdict"]["kind"], status) == ("healthy", 0), run["verdict"]
    assert "client_credentials_invalid" in {w["cause"] for w in run["verdict"]["warnings"]}


def test_header_stripped_by_nginx(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack, base=stack.stripping), secrets(stack.token()))
    assert (run["verdict"]["cause"], run["verdict"]["step"], status) == ("authorization_stripped", 1, 1), run["verdict"]


def test_lowercase_scheme_accepted_is_healthy_with_a_warning(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack, scheme="bearer"), secrets(stack.token()))
    assert (run["verdict"]["kind"], status) == ("healthy", 0), run["verdict"]
    step = next(s for s in run["steps"] if s["number"] == 1)
    assert {c["status"] for c in step["checks"] if c["id"] == "S1-05"} == {"warn"}


def test_lowercase_scheme_refused_by_a_case_sensitive_hop(stack: Any, check: Any) -> None:
    run, status, _ = check(profile(stack, base=stack.case_sensitive, scheme="bearer"), secrets(stack.token()))
    verdict = run["verdict"]
    assert (verdict["cause"], verdict["confidence"], verdict["step"], status) == ("auth_scheme_case_rejected", "proven", 1, 1), verdict
