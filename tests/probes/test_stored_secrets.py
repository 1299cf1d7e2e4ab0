from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import StoredSecrets
from authwizard.model.profile import CredentialSpec, Endpoint, OAuth, Profile, Reference
from authwizard.probe import World
from authwizard.probes.stored_secrets import faults_in, fields_of, stored_secrets

from .conftest import MemoryVault

Make = Callable[..., World]


def profile(**more: Any) -> Profile:
    return Profile("t", more.pop("base_url", "https://api.example.com"), more.pop("request", "GET /x"), **more)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        (profile(), {"access_token", "authorization", "id_token", "shared_secret", "dpop_key", "second_credential"}),
        (profile(credential=CredentialSpec(kind="basic")), {"username", "password", "authorization", "second_credential"}),
        (profile(credential=CredentialSpec(kind="mtls")), {"authorization"}),
        (
            profile(credential=CredentialSpec(kind="api_key"), oauth=OAuth()),
            {"api_key", "authorization", "refresh_token", "client_secret", "second_credential"},
        ),
        (
            profile(credential=CredentialSpec(kind="api_key"), oauth=OAuth(client_auth="private_key_jwt")),
            {"api_key", "authorization", "refresh_token", "private_key", "second_credential"},
        ),
        (
            profile(credential=CredentialSpec(kind="cookie"), secrets={"second_credential": Reference("env:X")}),
            {"session_cookie", "authorization", "second_credential"},
        ),
        (
            profile(base_url="https://{secret:username}:{secret:password}@a", request="GET /?k={secret:api_key}", credential=CredentialSpec(kind="mtls"),
                    headers={"X": "{secret:second_credential}"}, endpoints=(Endpoint("GET /?s={secret:session_cookie}"),)),
            {"authorization", "username", "password", "api_key", "second_credential", "session_cookie"},
        ),
    ],
)  # fmt: skip
def test_only_the_fields_a_profile_can_use(given: Profile, fields: set[str]) -> None:
    assert set(fields_of(given)) == fields


async def test_states_and_masks(make_world: Make) -> None:
    token, secret = "tok-" + "aB3" * 15, "cl1ent-S3cret/value"
    vault = MemoryVault(
        {"access_token": token, "client_secret": secret, "id_token": ""}, unavailable={"refresh_token": "The keyring is locked."}
    )
    world = make_world(profile(oauth=OAuth(client_id="cid")), vault=vault)
    seen = await stored_secrets.look(world)
    assert isinstance(seen, StoredSecrets)
    state = seen.get("access_token")
    assert (state.status, state.source, state.length, state.faults) == ("present", "memory", len(token), ())
    assert state.fingerprint.startswith("#")
    assert state.secret is not None
    assert state.secret.reveal() == token
    assert seen.get("refresh_token").status == "unavailable"
    assert seen.get("refresh_token").why == "The keyring is locked."
    assert seen.get("id_token").status == "absent"
    assert seen.get("authorization").status == "absent"
    assert token not in repr(seen)
    pair = base64.b64encode(f"cid:{secret}".encode()).decode()
    masked = world.redactor.redact(f"{token} {secret} Basic {pair}")
    assert all(text not in masked for text in (token, secret, pair))


@for_each(
    ("field", "text", "causes"),
    [
        ("access_token", "tok-" + "aB3" * 15, []),
        ("access_token", "tok-" + "aB3" * 15 + "\n", ["whitespace_in_credential"]),
        ("refresh_token", '"rt-' + "aB3" * 15 + '"', ["quotes_in_token"]),
        ("refresh_token", "YOUR_REFRESH_TOKEN", ["placeholder_value"]),
        ("client_secret", "abc~DEF.123 ", ["whitespace_in_credential"]),
        ("client_secret", " abc~DEF.123", ["whitespace_in_credential"]),
        ("client_secret", "abc DEF", []),
        ("client_secret", "'abc~DEF.123'", ["quotes_in_token"]),
        ("client_secret", "abc\u200bDEF", ["invisible_characters"]),
        ("client_secret", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", ["secret_id_instead_of_value"]),
        ("client_secret", "${CLIENT_SECRET}", ["placeholder_value"]),
        ("api_key", "k3y-value\r\n", ["whitespace_in_credential"]),
        ("api_key", "k3y-välue", []),
        ("password", " pass word ", []),
        ("password", '"quoted"', []),
        ("password", "pass\n", ["whitespace_in_credential"]),
        ("username", "token", []),
        ("client_secret", base64.b64encode(b"abc~DEF.123-xyz").decode(), ["double_encoded_token"]),
        ("client_secret", base64.b64encode(bytes(range(200, 224))).decode(), []),
        ("client_secret", "abc~DEF.123%", ["wrapper_in_token"]),
        ("private_key", "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----\n", ["client_assertion_invalid"]),
        ("private_key", "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n", []),
    ],
)  # fmt: skip
def test_byte_faults_by_field(field: str, text: str, causes: list[str]) -> None:
    found = faults_in(field, text)
    assert [f.cause for f in found] == causes
    assert all(text.strip() not in f.text for f in found)
