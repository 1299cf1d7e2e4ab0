from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from authwizard.model.evidence import ClientCertificate, CredentialSeen, MintedForRun, SecretState, StoredSecrets
from authwizard.model.exchange import Exchange
from authwizard.model.oauth import TokenAnswer
from authwizard.model.profile import CredentialSpec, Profile, Reference
from authwizard.model.secret import Secret
from authwizard.probe import World
from authwizard.probes.credential import carried_token, credential
from authwizard.protocol.auth_parameters import public_parameters

from .conftest import a_jwt, stored

Make = Callable[..., World]
TOKEN = "tok-" + "aB3" * 15


def profile(**spec: Any) -> Profile:
    return Profile("prod", "https://api.example.com", "GET /x", credential=CredentialSpec(**spec))


async def look(world: World, secrets: StoredSecrets, minted: MintedForRun | None = None) -> CredentialSeen:
    seen = await credential.look(world, secrets, minted)
    assert isinstance(seen, CredentialSeen)
    return seen


def minted(token: str | None, error: str = "") -> MintedForRun:
    answer = TokenAnswer(token is not None, 200 if token else 400, access_token=Secret(token) if token else None, error=error)
    return MintedForRun(
        Exchange("token", "", "C4", "token", "POST", "", status=answer.status), answer, "client_credentials", "client_secret_post"
    )


@pytest.mark.parametrize(
    ("spec", "secrets", "sent", "scheme"),
    [
        ({}, {"access_token": TOKEN}, f"Bearer {TOKEN}", "Bearer"),
        ({"scheme": "bearer"}, {"access_token": TOKEN}, f"bearer {TOKEN}", "bearer"),
        ({"scheme": ""}, {"access_token": TOKEN}, TOKEN, ""),
        ({"scheme": "Zoho"}, {"access_token": TOKEN}, f"Zoho {TOKEN}", "Zoho"),
        ({}, {"access_token": f"Bearer {TOKEN}"}, f"Bearer Bearer {TOKEN}", "Bearer"),
        ({"kind": "dpop"}, {"access_token": TOKEN, "dpop_key": "held"}, f"DPoP {TOKEN}", "DPoP"),
        ({"kind": "api_key", "header": "X-Key"}, {"api_key": TOKEN}, TOKEN, ""),
        ({"kind": "basic"}, {"username": "a", "password": "p:w"}, f"Basic {base64.b64encode(b'a:p:w').decode()}", "Basic"),
        ({"kind": "basic", "charset": "latin-1"}, {"username": "a", "password": "pä"}, f"Basic {base64.b64encode(b'a:p' + bytes([0xE4])).decode()}", "Basic"),
        ({"kind": "bearer"}, {"access_token": TOKEN, "authorization": "Custom abc"}, "Custom abc", ""),
        ({"kind": "digest"}, {"username": "ann", "password": "p"}, 'Digest username="ann"', "Digest"),
    ],
)  # fmt: skip
async def test_what_goes_out(make_world: Make, spec: dict[str, Any], secrets: dict[str, str], sent: str, scheme: str) -> None:
    seen = await look(make_world(profile(**spec)), stored(**secrets))
    assert seen.field_value is not None
    assert (seen.field_value.reveal(), seen.scheme, seen.missing) == (sent, scheme, "")
    assert TOKEN not in repr(seen)


async def test_a_token_is_read_and_named_by_its_fingerprint(make_world: Make) -> None:
    token = a_jwt(sub="x")
    seen = await look(make_world(profile()), stored(access_token=token))
    assert seen.token is not None
    assert (seen.token.kind, seen.token.claims["sub"], seen.length, seen.faults) == ("jws", "x", len(token), ())
    assert seen.fingerprint == "#" + hashlib.sha256(token.encode()).hexdigest()[:8]
    assert (seen.source, seen.fetched, seen.unsendable) == ("memory", False, "")


@pytest.mark.parametrize(
    ("value", "causes", "unsendable"),
    [
        ("{t}\n", ["whitespace_in_credential"], True),
        ("{t} ", ["whitespace_in_credential"], True),
        ('"{t}"', ["quotes_in_token"], False),
        ("\ufeff{t}", ["invisible_characters"], True),
        ("Bearer {t}", ["auth_scheme_duplicated"], False),
        ("YOUR_ACCESS_TOKEN", ["placeholder_value"], False),
    ],
)
async def test_faults_are_told_once(make_world: Make, value: str, causes: list[str], unsendable: bool) -> None:
    seen = await look(make_world(profile()), stored(access_token=value.format(t=a_jwt())))
    assert [f.cause for f in seen.faults] == causes
    assert bool(seen.unsendable) is unsendable
    assert seen.token is not None
    assert not {f.cause for f in seen.token.faults} & set(causes)


async def test_a_key_that_is_a_jwt_is_read_as_one_and_others_are_not(make_world: Make) -> None:
    world = make_world(profile(kind="api_key", header="X-Key"))
    assert (await look(world, stored(api_key=a_jwt()))).token is not None
    assert (await look(world, stored(api_key="k3y-value"))).token is None


async def test_a_reference_that_gives_nothing_is_named_and_not_called_a_store(make_world: Make) -> None:
    referring = replace(profile(), secrets={"access_token": Reference("env:X")})
    absent = StoredSecrets({"access_token": SecretState("access_token", "absent", "env:X", "The environment variable X is not set.")})
    seen = await look(make_world(referring), absent)
    assert seen.missing == "There is no access token for prod: the environment variable X is not set."


async def test_a_token_fetched_for_the_run(make_world: Make) -> None:
    seen = await look(make_world(profile()), stored(), minted(TOKEN))
    assert seen.field_value is not None
    assert (seen.field_value.reveal(), seen.fetched, seen.source) == (f"Bearer {TOKEN}", True, "fetched for this run")


@pytest.mark.parametrize(
    ("spec", "secrets", "fetched", "words"),
    [
        ({}, stored(), None, "No access token is stored for prod"),
        ({}, stored(), minted(None, "invalid_client"), "failed (invalid_client)"),
        ({}, StoredSecrets({"access_token": SecretState("access_token", "unavailable", why="The keyring is locked.")}), None, "The keyring is locked."),
        ({}, StoredSecrets({"access_token": SecretState("access_token", "absent", "env:X", "The variable X is not set.")}), None, "X is not set"),
        ({"kind": "basic"}, stored(password="p"), None, "No user name is stored"),
        ({"kind": "digest"}, stored(), None, "No user name is stored"),
        ({"kind": "basic", "charset": "latin-1"}, stored(username="a", password="p€"), None, "EURO SIGN"),
    ],
)  # fmt: skip
async def test_why_nothing_can_be_sent(
    make_world: Make, spec: dict[str, Any], secrets: StoredSecrets, fetched: MintedForRun | None, words: str
) -> None:
    seen = await look(make_world(profile(**spec)), secrets, fetched)
    assert seen.field_value is None
    assert words in seen.missing


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (ClientCertificate("/c.pem", thumbprint="x", key_fits=True), ""),
        (None, "none is named for prod"),
        (ClientCertificate("/c.pem", problem="The client certificate /c.pem cannot be read: no such file."), "/c.pem cannot be read"),
    ],
)
async def test_a_client_certificate_needs_no_field_but_a_file(make_world: Make, certificate: ClientCertificate | None, words: str) -> None:
    seen = await credential.look(make_world(profile(kind="mtls")), stored(), None, certificate)
    assert isinstance(seen, CredentialSeen)
    assert seen.field_value is None
    assert (seen.missing == "") is (words == "")
    assert words in seen.missing


async def test_a_dpop_token_without_its_key_is_no_whole_credential(make_world: Make) -> None:
    seen = await look(make_world(profile(kind="dpop")), stored(access_token=TOKEN))
    assert seen.field_value is not None
    assert "No DPoP key is stored for prod" in seen.missing
    locked = stored(access_token=TOKEN)
    states = {**locked.fields, "dpop_key": SecretState("dpop_key", "unavailable", why="The keyring is locked.")}
    assert "The keyring is locked." in (await look(make_world(profile(kind="dpop")), StoredSecrets(states))).missing


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            "AWS4-HMAC-SHA256 Credential=ASIAPLAINLYFAKE00000/20260101/eu-west-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, "
            "Signature=" + "ab" * 32,
            {"credential": "ASIA/20260101/eu-west-1/execute-api/aws4_request", "signedheaders": "host;x-amz-date", "signature": "64"},
        ),
        (
            'Digest username="ann", realm="r", nonce="n0nce-n0nce", uri="/x?key=PLAINLYFAKE,2", response="0011223344556677", qop=auth, nc=00000002',
            {"username": "3", "realm": "r", "nonce": "11", "uri": "/x", "response": "16", "qop": "auth", "nc": "00000002"},
        ),
        ('hmac username="bob", algorithm="hmac-sha256", headers="date host", signature="c2ln"',
         {"username": "3", "algorithm": "hmac-sha256", "headers": "date host", "signature": "4"}),
        ('Digest secret="PLAINLYFAKE", other="c2ln"', {"secret": "11", "other": "4"}),
        (f"Bearer {TOKEN}", {}),
        ('ApiKey key="PLAINLYFAKE", user="bob"', {}),
        ("Basic dXNlcjpwdw==", {}),
        ("", {}),
    ],
)  # fmt: skip
async def test_only_public_parameters_are_shown(make_world: Make, value: str, shown: dict[str, str]) -> None:
    assert public_parameters(value) == shown
    if value:
        seen = await look(make_world(profile()), stored(authorization=value))
        assert (dict(seen.parameters), seen.whole) == (shown, True)
        assert all(text not in repr(seen) for text in ("PLAINLYFAKE", "0011223344", "c2ln", "n0nce", "bob"))


async def test_the_composed_value_is_masked_from_then_on(make_world: Make) -> None:
    world = make_world(profile(kind="basic"))
    await look(world, stored(username="ann", password="pass-w0rd-9"))
    pair = base64.b64encode(b"ann:pass-w0rd-9").decode()
    assert pair not in world.redactor.redact(f"echo {pair}")


async def test_the_value_as_a_server_may_clean_it_up_is_masked_too(make_world: Make) -> None:
    world = make_world(profile())
    await look(world, stored(access_token="plainly-\x01fake-\x7ftoken-99"))
    assert "fake" not in world.redactor.redact("You sent plainly-fake-token-99.")


def test_another_token_in_the_same_form() -> None:
    new = carried_token(profile(scheme="token", header="X-Auth"), Secret(TOKEN))
    assert new is not None
    assert (new.place, new.name, new.text) == ("header", "X-Auth", f"token {TOKEN}")
    assert carried_token(profile(kind="basic"), Secret(TOKEN)) is None
