"""What is refused as a secret in the open, and what is let through."""

from __future__ import annotations

import random
import secrets
import string

import pytest
from each_row import for_each

from authwizard.model.errors import ConfigError
from authwizard.store.profiles import parse_profiles

HEAD = '[profile.prod]\nbase_url = "https://api.example.com"\nrequest = "GET /"\n'


def alnum(length: int, seed: int = 0) -> str:
    """Random letters and digits, the same in every run."""
    source = random.Random(seed)
    return "".join(source.choice(string.ascii_letters + string.digits) for _ in range(length))


JWT = "eyJ" + "hbGciOiJub25lIn0" + "." + "eyJzdWIiOiJ0ZXN0In0" + "."
HEX = secrets.token_hex(20)


def parse(line: str) -> None:
    key = line.partition(" ")[0]
    text = HEAD + line + "\n"
    if key in ("base_url", "request"):
        text = "\n".join(each for each in HEAD.splitlines() if not each.startswith(key)) + f"\n{line}\n"
    parse_profiles(text, "p.toml")


@for_each(
    ("line", "value", "field"),
    [
        (f"headers = {{ X-Any = '{JWT}' }}", JWT, "api_key"),
        (f"headers = {{ Authorization = 'Bearer {JWT}' }}", JWT, "authorization"),
        ("headers = { authorization = 'Basic dXNlcjpwYXNz' }", "dXNlcjpwYXNz", "authorization"),
        ("headers = { Authorization = 'hunter2' }", "hunter2", "authorization"),
        ("headers = { X-Api-Key = 'short-one' }", "short-one", "api_key"),
        ("headers = { Ocp-Apim-Subscription-Key = 'short-one' }", "short-one", "api_key"),
        ("headers = { apiKey = 'short-one' }", "short-one", "api_key"),
        ("headers = { X-Auth-Token = 'short-one' }", "short-one", "api_key"),
        (f"headers = {{ X-Custom = '{alnum(32)}' }}", alnum(32), "api_key"),
        (f"headers = {{ X-Custom = '{HEX}' }}", HEX, "api_key"),
        ("headers = { Cookie = 'theme=dark; sid=abc123' }", "abc123", "session_cookie"),
        (f"headers = {{ Cookie = 'x={alnum(32)}' }}", alnum(32), "session_cookie"),
        ("base_url = 'https://user:hunter2@api.example.com'", "hunter2", "password"),
        (f"base_url = 'https://{alnum(40)}@api.example.com'", alnum(40), "username"),
        ("request = 'GET /a?api_key=hunter2'", "hunter2", "api_key"),
        ("request = 'GET /a?access_token=hunter2'", "hunter2", "access_token"),
        (f"request = 'GET /a?key={alnum(20)}'", alnum(20), "api_key"),
        (f"request = 'GET /a?q={alnum(32)}'", alnum(32), "api_key"),
        (f"request = 'GET /hook/{alnum(60)}'", alnum(60), "api_key"),
        (f"probe = 'GET /a?t={JWT}'", JWT, "api_key"),
        ("endpoints = [{ request = 'GET /a?token=hunter2' }]", "hunter2", "api_key"),
        ("network = { proxy = 'http://me:hunter2@proxy.example.com:3128' }", "hunter2", "password"),
        (f"oauth = {{ client_id = 'sk_live_{alnum(24)}' }}", alnum(24), "api_key"),
        (f"oauth = {{ key_id = 'ghp_{alnum(36)}' }}", alnum(36), "api_key"),
        ("oauth = { audience = '-----BEGIN PRIVATE KEY-----' }", "BEGIN PRIVATE", "private_key"),
        (f"links = {{ docs = '{JWT}' }}", JWT, "access_token"),
    ],
)  # fmt: skip
def test_a_secret_in_the_open_is_refused_and_not_shown(line: str, value: str, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(line)
    sentence = str(caught.value)
    assert "looks like a secret" in sentence
    assert f"authwizard store set prod {field};" in sentence
    assert value not in sentence
    assert "p.toml, line 3:" in sentence or "p.toml, line 4:" in sentence


def test_what_stays_in_the_file_is_said() -> None:
    with pytest.raises(ConfigError, match=r"then write \{secret:api_key\} in its place"):
        parse("headers = { X-Api-Key = 'short-one' }")
    with pytest.raises(ConfigError, match="then delete this line"):
        parse("headers = { Authorization = 'Bearer abc' }")


@pytest.mark.parametrize(
    "line",
    [
        "headers = { Authorization = 'Bearer {secret:access_token}', X-Api-Key = '{secret:api_key}', Cookie = 'sid={secret:session_cookie}' }",
        "headers = { Authorization = 'ApiKey me:{secret:api_key}' }",
        "headers = { Authorization = '' }",
        "headers = { Cookie = 'theme=dark; lang=en' }",
        "headers = { Accept = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet+json;version=2' }",
        "headers = { User-Agent = 'AcmeCorp-Integration-Client-2024-Prod/1.22.333 (Linux; x86_64) Python/3.11' }",
        "headers = { X-Tenant-Id = '0f1e2d3c4b5a69788796a5b4c3d2e1f0', X-Org = '6f1b2c3d-0000-4a5b-8c9d-0e1f2a3b4c5d' }",
        "headers = { traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }",
        "headers = { X-Api-Version = '2024-01-01', Idempotency-Key = 'abc' }",
        "request = 'GET /a?key={secret:api_key}&sort=name&page_token=abc&next_token=x'",
        "request = 'GET /items?key=name&code=42'",
        "request = 'GET /drive/v3/files/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms'",
        "request = 'GET /orgs/6f1b2c3d-0000-4a5b-8c9d-0e1f2a3b4c5d/users?id=5f2b8c1d9e4a3b7c6d5e4f3a5f2b8c1d'",
        "base_url = 'https://me:{secret:password}@api.example.com/v1'",
        "oauth = { client_id = 'AaiyAPdpYdesoKnqjj8HJqRn4T5titww', key_id = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' }",
        "oauth = { scopes = ['https://graph.microsoft.com/.default', 'user_impersonation'] }",
        "expect = { audience = ['api://6f1b2c3d-0000-4a5b-8c9d-0e1f2a3b4c5d'], type = 'at+jwt' }",
        "network = { ca_bundle = '/etc/ssl/private-key-and-certs/Company_Root_CA_2024.pem', proxy = 'http://proxy.example.com:3128' }",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_let_through(line: str) -> None:
    parse(line)


def test_random_texts_are_told_from_names() -> None:
    from authwizard.store.secret_shapes import looks_random

    tokens = [alnum(32, seed) for seed in range(200)]
    assert sum(looks_random(token) for token in tokens) >= 190
    names = ["my-long-service-name-with-v2-suffix", "TheQuickBrownFoxJumpsOverTheLazyDog2024", "SOME_LONG_CONSTANT_NAME_0001_2024_VALUE"]
    assert not any(looks_random(name) for name in names)
