"""`authwizard token`: kind, claims, times, faults and signature of a token; the token itself is never printed."""

from __future__ import annotations

import base64
import http.server
import json
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leak_search import leaks

from authwizard.knowledge.key_prefixes import _base62
from authwizard.model.secret import Secret

KEY = ec.generate_private_key(ec.SECP256R1())
JWK = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key())), "kid": "k1", "alg": "ES256", "use": "sig"}
ISSUER = "https://as.example"
MEMBERS = {"kind", "header", "claims", "faults", "signature", "why", "purpose", "length", "fingerprint", "provider", "times", "notes"}


def token(header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(time.time())
    body = {"iss": ISSUER, "sub": "somebody", "aud": "api", "iat": now - 10, "exp": now + 3600, "scope": "read", **claims}
    return jwt.encode({k: v for k, v in body.items() if v is not None}, KEY, algorithm="ES256", headers={"kid": "k1", **(header or {})})


@pytest.fixture
def shown(run, piped):
    """Return a function that shows a token and returns its JSON."""

    def call(text: str, *arguments: str) -> dict[str, Any]:
        piped(text.encode())
        said = run("token", "--format", "json", *arguments)
        answer = json.loads(said.out)
        assert answer.keys() == MEMBERS
        assert said.status == (1 if answer["faults"] else 0)
        assert leaks([Secret(text)], said.out + said.err) == []
        return answer

    return call


def causes(answer: dict[str, Any]) -> list[str]:
    return [fault["cause"] for fault in answer["faults"]]


def test_a_good_token_in_words(run, piped) -> None:
    piped(token().encode() + b"\n")
    said = run("token")
    assert (said.status, said.err) == (0, "")
    for part in (
        "a signed token (JWT)",
        "an access token",
        "No fault",
        "iss",
        ISSUER,
        "until when it is valid",
        "not checked",
    ):
        assert part in " ".join(said.out.split())
    assert leaks([Secret(token())], said.out) == []
    assert "in 59 min" in said.out or "in 1 h" in said.out, "within the second it was made in, it lives a whole hour"


@pytest.mark.parametrize(
    ("claims", "cause"),
    [
        ({"exp": int(time.time()) - 7200}, "token_expired"),
        ({"nbf": int(time.time()) + 7200}, "token_not_yet_valid"),
        ({"iat": int(time.time()) + 7200, "exp": int(time.time()) + 9000}, "token_not_yet_valid"),
        ({"exp": "tomorrow"}, "exp_wrong_type"),
        ({"exp": 3600}, "exp_wrong_unit"),
        ({"typ": "Refresh"}, "refresh_token_used"),
    ],
)
def test_faults_of_claims(shown, claims: dict[str, Any], cause: str) -> None:
    assert cause in causes(shown(token(**claims)))


@pytest.mark.parametrize(
    ("damage", "cause"),
    [
        (lambda t: t[:-30], "token_truncated"), (lambda t: f'"{t}"', "quotes_in_token"), (lambda t: f" {t}", "whitespace_in_credential"),
        (lambda t: t.replace(".", "%2E"), "url_encoded_token"), (lambda t: "\u200b" + t, "invisible_characters"),
        (lambda t: base64.b64encode(t.encode()).decode(), "double_encoded_token"), (lambda t: t[:76] + "\n" + t[76:], "line_break_in_token"),
        (lambda t: "YOUR_TOKEN", "placeholder_value"),
    ],
)  # fmt: skip
def test_faults_of_the_text(shown, damage: Any, cause: str) -> None:
    assert cause in causes(shown(damage(token())))


def test_what_a_token_is_for(shown) -> None:
    assert shown(token())["purpose"] == "access"
    assert shown(token(scope=None, at_hash="x", nonce="n"))["purpose"] == "id"
    assert shown(token({"typ": "dpop+jwt"}, scope=None))["purpose"] == "dpop_proof"
    assert shown(token(typ="Refresh"))["purpose"] == "refresh"
    assert shown(token({"typ": "client-authentication+jwt"}))["purpose"] == "client_assertion"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("v4.local." + secrets.token_urlsafe(60), "paseto"), (secrets.token_urlsafe(31), "opaque"), (secrets.token_hex(24), "hex"),
        ("sk_test_" + secrets.token_hex(12), "api_key"), ("sid=" + secrets.token_hex(16) + "; theme=dark", "cookie"),
        ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "uuid"),
        ("<saml:Assertion xmlns:saml='x'><saml:Issuer>https://idp.example</saml:Issuer></saml:Assertion>", "saml"),
        (base64.urlsafe_b64encode(b"0021location http://a.example\n").decode(), "macaroon"),
    ],
    ids=lambda value: value if len(value) < 8 else "",
)  # fmt: skip
def test_other_kinds(shown, text: str, kind: str) -> None:
    answer = shown(text)
    assert (answer["kind"], answer["signature"]) == (kind, "not_checked")


def test_a_public_paseto_and_an_assertion_are_read(shown) -> None:
    message = json.dumps({"iss": ISSUER, "exp": "2020-01-01T00:00:00+00:00"}).encode()
    answer = shown("v4.public." + base64.urlsafe_b64encode(message + bytes(64)).decode().rstrip("="))
    assert answer["claims"]["iss"] == ISSUER
    assert causes(answer) == ["token_expired"]
    times = 'NotBefore="2020-01-01T00:00:00Z" NotOnOrAfter="2020-01-01T01:00:00Z"'
    saml = f'<Assertion IssueInstant="2020-01-01T00:00:00Z"><Issuer>i</Issuer><Conditions {times}/></Assertion>'
    answer = shown(base64.b64encode(saml.encode()).decode())
    assert answer["claims"]["iss"] == "i"
    assert set(causes(answer)) == {"saml_not_jwt", "token_expired"}


def test_a_whole_token_response_and_a_scheme_word(shown) -> None:
    refresh = secrets.token_urlsafe(40)
    answer = shown(json.dumps({"access_token": token(), "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh}))
    assert (answer["kind"], answer["faults"], answer["claims"]["iss"]) == ("jws", [], ISSUER)
    assert "token response" in answer["notes"][0]
    assert refresh not in json.dumps(answer)
    assert shown(f"Bearer {token()}", "--jwks", _file(JWK))["signature"] == "verified"


def _file(value: object) -> str:
    import os
    import tempfile

    handle, name = tempfile.mkstemp(dir=os.environ["HOME"])
    with os.fdopen(handle, "w") as file:
        json.dump(value, file)
    return name


def test_the_signature(shown) -> None:
    good, other = token(), {**JWK, "kid": "k2"}
    assert shown(good, "--jwks", _file({"keys": [JWK]}))["signature"] == "verified"
    changed = good[:-20] + ("A" if good[-20] != "A" else "B") + good[-19:]
    assert (shown(changed, "--jwks", _file(JWK))["signature"], causes(shown(changed, "--jwks", _file(JWK)))) == (
        "failed",
        ["signature_invalid"],
    )
    assert causes(shown(good, "--jwks", _file({"keys": [other]}))) == ["signing_key_unknown"]
    assert shown(good, "--jwks", _file({"keys": [{**JWK, "use": "enc"}]}))["signature"] == "not_checked"
    protected, payload, signature = good.split(".")
    form = json.dumps({"payload": payload, "signatures": [{"protected": protected, "signature": signature}]})
    assert shown(form, "--jwks", _file(JWK))["signature"] == "verified"
    assert shown(secrets.token_urlsafe(30), "--jwks", _file(JWK))["signature"] == "not_checked"


@pytest.mark.parametrize("content", ["", "no json", "[]", "[" * 100_000])
def test_a_file_that_is_no_key_set(run, piped, tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    piped(token().encode())
    said = run("token", "--jwks", str(path))
    assert said.status == 2
    assert said.is_one_sentence


@pytest.mark.parametrize("data", [b"", b"\n", b"a\0b"])
def test_what_is_no_token(run, piped, data: bytes) -> None:
    piped(data)
    said = run("token")
    assert (said.status, said.out) == (2, "")
    assert said.is_one_sentence


def test_a_token_is_never_an_argument(run) -> None:
    said = run("token", token())
    assert said.status == 2
    assert leaks([Secret(token())], said.out + said.err) == []
    assert said.is_one_sentence


# ── keys over the network ────────────────────────────────────────────────────────────────────────────────────────────


class _Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.server.documents.get(self.path)  # type: ignore[attr-defined]
        self.send_response(200 if found is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())
        self.server.seen.append(dict(self.headers))  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def issuer() -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Issuer)
    server.url, server.seen, server.documents = f"http://127.0.0.1:{server.server_port}", [], {}  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_of_an_address_and_of_an_issuer(shown, issuer: Any) -> None:
    issuer.documents = {
        "/keys": {"keys": [JWK]}, "/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"},
    }  # fmt: skip
    assert shown(token(), "--jwks", f"{issuer.url}/keys")["signature"] == "verified"
    answer = shown(token(iss=issuer.url), "--issuer", issuer.url)
    assert (answer["signature"], answer["faults"]) == ("verified", [])
    assert causes(shown(token(iss=issuer.url + "/"), "--issuer", issuer.url)) == ["issuer_trailing_slash"]
    assert causes(shown(token(), "--issuer", issuer.url)) == ["issuer_mismatch"]
    assert not [name for headers in issuer.seen for name in headers if name.lower() in ("authorization", "cookie")]


def test_keys_elsewhere_are_not_fetched_unasked(shown, issuer: Any) -> None:
    issuer.documents = {"/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": "http://169.254.169.254/keys"}}
    answer = shown(token(iss=issuer.url), "--issuer", issuer.url)
    assert answer["signature"] == "not_checked"
    assert "another origin" in answer["why"]
    issuer.documents = {}
    assert "404" in shown(token(iss=issuer.url), "--issuer", issuer.url)["why"]
    assert "404" in shown(token(), "--jwks", issuer.url)["why"]


@pytest.mark.parametrize("url", ["http://as.example", "ftp://as.example", "http://169.254.169.254/"])
def test_keys_come_over_https_alone(run, piped, url: str) -> None:
    piped(token().encode())
    said = run("token", "--issuer", url)
    assert said.status == 2
    assert said.is_one_sentence


# ── many at once, and hostile ────────────────────────────────────────────────────────────────────────────────────────


def test_one_answer_a_line(run, piped) -> None:
    good: list[Any] = [{"token": token(), "jwk": JWK}, {"token": token(), "jwks": {"keys": [JWK]}}, {"token": token()}]
    asked = [*good, {"token": "x.y.z", "jwk": JWK}, {}, [], {"token": 1}, {"token": "a", "jwks": []}]
    piped("".join(json.dumps(one) + "\n" for one in asked).encode() + b"{\n")
    said = run("token", "--jsonl")
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert [a["signature"] for a in answers] == ["verified", "verified", "not_checked", "failed", *["not_checked"] * 5]
    assert [bool(a.get("error")) for a in answers] == [False] * 4 + [True] * 5
    assert said.status == 2
    assert run("token", "--jsonl", "--issuer", ISSUER).status == 2


def test_a_wrong_checksum_is_told(shown) -> None:
    import zlib

    body = secrets.token_hex(15)
    good = f"ghp_{body}{_base62(zlib.crc32(body.encode())).rjust(6, '0')}"
    assert (causes(shown(good)), shown(good)["provider"]) == ([], "GitHub")
    assert causes(shown(good[:-1] + ("0" if good[-1] != "0" else "1"))) == ["token_malformed"]


@pytest.mark.parametrize(
    "text",
    ["." * 2_000_000, "eyJ" + "A" * 200_000, "{" * 100_000, '{"access_token":' * 50_000, "<" * 100_000, "a.b" * 40_000, " " * 1_000_000 + "x",
     "\x1b[31m" * 10_000, "Bearer " * 30_000],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_hostile_text_ends_soon(run, piped, text: str) -> None:
    piped(text.encode())
    begin = time.process_time()
    said = run("token")
    assert time.process_time() - begin < 5
    assert said.status in (0, 1)
    assert "\x1b" not in said.out
    assert len(said.out) < 20_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(st.binary(max_size=200), st.text(alphabet='eyJ.{}":=-_ab\n', max_size=60).map(str.encode)))
def test_any_bytes_end_in_words(run, piped, data: bytes) -> None:
    piped(data)
    said = run("token")
    assert said.status in (0, 1, 2)
    assert said.out or said.is_one_sentence


def test_claims_cannot_act_on_the_terminal_nor_carry_a_token_out(run, piped) -> None:
    inner = token()
    piped(token(sub="a\x1b[31m\u202eb", act=inner).encode())
    said = run("token")
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    assert leaks([Secret(inner)], said.out) == []
