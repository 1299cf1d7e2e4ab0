"""No spelling of a secret gets through, and the clue does."""

from __future__ import annotations

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from each_row import for_each
from hypothesis import given, settings
from hypothesis import strategies as st

from authwizard.model.secret import Secret
from authwizard.protocol.redaction import Redactor, redact_headers, redact_url

from .token_samples import ANY_TEXT, rs256

SECRET = "pl@in fake/+=%&<é>\"'9"
KEY = b"k" * 32


def redactor(**secrets: str) -> Redactor:
    made = Redactor(KEY)
    for label, text in secrets.items():
        made.add(label, Secret(text))
    return made


def b64(data: bytes, url: bool = False) -> str:
    return (base64.urlsafe_b64encode if url else base64.b64encode)(data).decode()


SPELLINGS = {
    "raw": lambda s: s,
    "lower case": str.lower,
    "upper case": str.upper,
    "quote": lambda s: quote(s, safe=""),
    "lower hex": lambda s: quote(s, safe="").replace("%2F", "%2f").replace("%3D", "%3d").replace("%C3%A9", "%c3%a9"),
    "quote twice": lambda s: quote(quote(s, safe=""), safe=""),
    "quote_plus": quote_plus,
    "json": lambda s: json.dumps({"x": s}),
    "json in json": lambda s: json.dumps({"body": json.dumps({"x": s})}),
    "html": html.escape,
    "json in html": lambda s: html.escape(json.dumps({"x": s})),
    "every character an entity": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "every character escaped": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "utf-8 read as latin-1": lambda s: s.encode().decode("latin-1"),
    "repr of bytes": lambda s: repr(s.encode()),
    "base64": lambda s: b64(s.encode()),
    "base64 without padding": lambda s: b64(s.encode()).rstrip("="),
    "base64url": lambda s: b64(s.encode(), url=True),
    "base64, one byte in front": lambda s: b64(b"x" + s.encode() + b"tail"),
    "base64, two bytes in front": lambda s: b64(b"xy" + s.encode() + b"t"),
    "base64 of the form": lambda s: b64(f"client:{quote_plus(s)}".encode()),
    "base64 quoted": lambda s: quote(b64(s.encode()), safe=""),
    "broken over lines": lambda s: s[:9] + "\n  " + s[9:],
    "in the query": lambda s: "https://api.example.com/?q=" + quote(s),
    "behind Bearer": lambda s: "Authorization: Bearer " + s,
}  # fmt: skip


@for_each("how", SPELLINGS)
def test_every_spelling_is_found_and_masked(how: str) -> None:
    made = redactor(client_secret=SECRET)
    text = f"before {SPELLINGS[how](SECRET)} after"
    assert made.find(text) == ("client_secret",)
    shown = made.redact(text)
    assert made.find(shown) == ()
    assert "<client secret 22 bytes #" in shown
    assert "fake" not in shown


def test_the_pair_of_basic_in_its_variants() -> None:
    made = Redactor(KEY)
    made.add_pair("the-client", Secret("a b+c"), "client_secret")
    for pair in ("the-client:a b+c", "the-client:a+b%2Bc"):
        for text in (b64(pair.encode()), b64(pair.encode(), url=True), b64(pair.encode()).rstrip("=")):
            assert made.redact(f"Authorization: Basic {text}").startswith("Authorization: Basic <client secret")


def test_a_token_and_each_of_its_parts() -> None:
    token = rs256()
    made = redactor(access_token=token)
    assert made.mask("access_token", Secret(token)) in made.redact(f"x {token} y")
    for part in token.split("."):
        assert made.find(f"x {part} y")[0] == "access_token"
        assert part not in made.redact(f"x {part} y")
    wrapped = "\n".join(token[i : i + 64] for i in range(0, len(token), 64))
    assert made.redact(wrapped) == made.mask("access_token", Secret(token))


def test_masks_say_what_how_long_and_which() -> None:
    made = Redactor(KEY)
    assert made.mask("client_secret", Secret("abc")).startswith("<client secret 3 bytes #")
    assert made.mask("api_key", Secret("é")).startswith("<API key 2 bytes #")
    assert Redactor().mask("password", Secret("a")) == "<password 1 byte>"


def test_a_short_secret_does_not_shred_the_text() -> None:
    made = redactor(password="a")
    text = "a token that has a scope: a fault"
    assert made.redact(text) == text
    assert "password=<password 1 byte" in made.redact("user=x&password=a&b=c")
    assert made.redact('{"p": "a"}') == '{"p": "' + made.mask("password", Secret("a")) + '"}'


def test_a_word_like_secret_is_not_cut_out_of_longer_words() -> None:
    made = redactor(password="test")
    assert made.redact("the latest tests of test-realm") == "the latest tests of test-realm"
    assert made.redact("password test") == f"password {made.mask('password', Secret('test'))}"


def test_the_longest_wins() -> None:
    made = redactor(api_key="abcdefgh12", client_secret="abcdefgh12345678")
    assert made.redact("abcdefgh12345678") == made.mask("client_secret", Secret("abcdefgh12345678"))


CLUES = [
    'Bearer realm="api", error="invalid_token", error_description="The access token expired"',
    '{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided","code":"AUTH_TOKEN_EXPIRED_4012"}',
    '{"error":{"code":"InvalidAuthenticationToken","message":"Access token validation failure."}}',
    "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong</Message></Error>",
    "Send the key like this: Authorization: Bearer ACCESS_TOKEN",
    '{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
    "Bearer authentication failed; Basic authentication is not possible",
    '{"message":"access_token is missing","code":401}',
    "X-Request-Id: 7f1d2c3b-9a8b-4c5d-8e9f-0a1b2c3d4e5f at 2026-01-01T00:00:00Z",
    "https://api.example.com/v2/tokens?error_code=5&state=xyz",
]  # fmt: skip


@pytest.mark.parametrize("text", CLUES)
def test_the_clue_stays(text: str) -> None:
    assert Redactor(KEY).redact(text) == text
    assert redactor(password="a", client_secret=SECRET, access_token=rs256()).redact(text) == text


@for_each(
    "text",
    [
        '{"access_token": "2YotnFZFEjr1zCsicMWpAA"}',
        "{'refresh_token': 'tGzv3JOkF0XG5Qx2TlKWIA'}",
        json.dumps({"body": json.dumps({"id_token": "tGzv3JOkF0XG5Qx2TlKWIA"})}),
        '{"code": "SplxlOBeZQQYbYS6WxSbIA1"}',
        "grant_type=password&username=u&password=s3cret-value&scope=x",
        '{"password":"with \\"quote inside"}',
        "client_assertion=abc.def.ghi",
        "<access_token>abcdefgh</access_token>",
        "Authorization: Bearer abcdefghij1234567890",
        "authorization: Basic dXNlcjpwYXNzd29yZA==",
        "https://user:passw0rd@api.example.com/",
        "token ghp_" + "a1B2" * 9,
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
    ],
)
def test_what_nobody_registered_is_masked_by_look_or_name(text: str) -> None:
    shown = Redactor().redact(text)
    assert " bytes" in shown
    for leak in ("2Yotn", "tGzv3", "Splxl", "s3cret", "inside", "def.ghi", "efgh<", "ij1234", "dXNlc", "passw0rd", "a1B2", "MIIB"):
        assert leak not in shown


def test_an_unknown_token_is_found_in_a_report() -> None:
    made = Redactor()
    assert made.find("x " + rs256()) == ("token-like text",)
    assert made.find(json.dumps(quote(rs256(), safe="")).replace("e", "\\u0065")) == ("token-like text",)
    assert made.find("eyJ is how a token begins") == ()


def test_an_unknown_token_over_several_lines() -> None:
    token = rs256()
    wrapped = "\n".join(token[i : i + 64] for i in range(0, len(token) - len(token) % 64, 64))
    assert Redactor().redact(f"sent:\n{wrapped}\nend of text").count("\n") == 2


def test_request_headers() -> None:
    shown = dict(
        redact_headers(
            [
                ("Authorization", "bearer abc"), ("Proxy-Authorization", "raw"), ("Cookie", "sid=1; theme=dark"), ("X-Api-Key", "k"),
                ("apikey", "k"), ("DPoP", "proof"), ("Ocp-Apim-Subscription-Key", "k"), ("X-Amz-Security-Token", "t"),
                ("Idempotency-Key", "stays"), ("traceparent", "00-1-2-01"), ("Accept", "*/*"),
            ],
            request=True,
        )
    )  # fmt: skip
    assert shown["Authorization"] == "bearer <token 3 bytes>"
    assert shown["Cookie"] == "sid=<cookie 1 byte>; theme=<cookie 4 bytes>"
    assert shown["Proxy-Authorization"] == "<credential 3 bytes>"
    assert {shown[n] for n in ("X-Api-Key", "apikey", "Ocp-Apim-Subscription-Key")} == {"<API key 1 byte>"}
    assert (shown["Idempotency-Key"], shown["traceparent"], shown["Accept"]) == ("stays", "00-1-2-01", "*/*")
    assert "proof" not in shown["DPoP"]
    assert shown["X-Amz-Security-Token"].startswith("<token")


def test_response_headers_keep_the_challenge() -> None:
    challenge = 'Bearer realm="x", error="invalid_token"'
    shown = redact_headers([("WWW-Authenticate", challenge), ("Set-Cookie", "a=b; Path=/; HttpOnly")], request=False)
    assert shown == (("WWW-Authenticate", challenge), ("Set-Cookie", "a=<cookie 1 byte>; Path=/; HttpOnly"))


def test_digest_and_sigv4_keep_their_names() -> None:
    ((_, shown),) = redact_headers([("Authorization", 'Digest username="u", realm="r", response="abc", nc=1')], request=True)
    assert shown == 'Digest username="u", realm="r", response="<signature 3 bytes>", nc=1'


def test_registered_values_keep_their_own_word_in_headers() -> None:
    made = redactor(access_token="opaque-token-value-1")
    assert (
        made.redact_headers([("Authorization", "Bearer opaque-token-value-1")], request=True)[0][1]
        == f"Bearer {made.mask('access_token', Secret('opaque-token-value-1'))}"
    )


def test_urls() -> None:
    assert (
        redact_url("https://u:p@h:8080/x?api_key=1&q=2#access_token=3")
        == "https://u:<password 1 byte>@h:8080/x?api_key=<API key 1 byte>&q=2#access_token=<token 1 byte>"
    )
    assert redact_url("https://h/?key={secret:api_key}&code=ab") == "https://h/?key={secret:api_key}&code=<code 2 bytes>"
    assert redact_url("https://{secret:username}:{secret:password}@h/") == "https://{secret:username}:{secret:password}@h/"


def test_a_registered_value_in_a_query_is_masked_once() -> None:
    """The # of its fingerprint begins no fragment."""
    made, key = redactor(api_key="opaque-key-value-1"), Secret("opaque-key-value-1")
    shown = f"https://h/q?api_key={made.mask('api_key', key)}&page=2"
    assert "#" in shown
    assert made.redact_url("https://h/q?api_key=opaque-key-value-1&page=2") == shown
    assert made.redact_url(shown) == shown


@settings(max_examples=300)
@given(secret=st.text(min_size=1, max_size=40), around=ANY_TEXT)
def test_nothing_is_left_to_find(secret: str, around: str) -> None:
    made = redactor(client_secret=secret)
    for text in (around + secret + around, f'"{secret}"', json.dumps({"x": secret}) + around, quote(secret, safe="", errors="replace")):
        shown = made.redact(text)
        assert made.find(shown) == ()
        if len(secret) >= 16 and secret.isprintable() and " " not in secret:
            assert secret not in shown


@given(secret=ANY_TEXT, user=ANY_TEXT)
def test_any_secret_can_be_registered(secret: str, user: str) -> None:
    made = redactor(client_secret=secret)
    made.add_pair(user, Secret(secret))
    assert made.find(made.redact(f'"{user}:{secret}"')) == ()


def test_bytes_that_were_no_utf8_are_found_as_they_are_sent() -> None:
    secret = b"plainly-fake-\xe9\xff".decode("utf-8", "surrogateescape")
    made = redactor(password=secret)
    assert made.find("x " + b64(b"plainly-fake-\xe9\xff")) == ("password",)


@pytest.mark.parametrize("shown", ["plainly-fake-%E9%FF", "?k=plainly-fake-%e9%ff&x=1", "plainly%2Dfake-%E9%FF"])
def test_percent_encoded_bytes_that_are_no_utf8_are_read_as_they_are_shown(shown: str) -> None:
    made = redactor(password=b"plainly-fake-\xe9\xff".decode("latin-1"))
    assert made.find(shown) == ("password",)
    assert "fake" not in made.redact(shown)


def test_a_final_scan_does_not_take_the_reports_own_words_for_a_secret() -> None:
    made = redactor(username="orders-service", password="token", api_key="GET", client_secret=SECRET, access_token=rs256())
    own = "The token expired.\nhttps://orders-service.example.com:443"
    assert set(made.find(f"The token of orders-service, GET: {SECRET}")) == {"username", "password", "client_secret"}
    assert made.find("The token of orders-service.example.com", lambda: own) == ()
    assert made.find('"method": "GET"', lambda: own) == ()
    assert made.find(f"The token {SECRET}", lambda: own) == ("client_secret",)
    assert made.find(b64(SECRET.encode()), lambda: own + SECRET[:5]) == ("client_secret",)
    assert "access_token" in made.find(rs256(), lambda: own)
    assert made.find("eyJ" + "a" * 30, lambda: own) == ("token-like text",)
    near = redactor(password="oken-value-1")
    assert near.find("oken-value-1", lambda: own + "token-value-12") == ()  # what stands in the own words is no news
    assert near.find("oken-value-1", lambda: own) == ("password",)


def test_the_own_words_are_asked_for_where_something_is_found_alone() -> None:
    def never() -> str:
        raise AssertionError("nothing was found")

    made = redactor(client_secret=SECRET)
    assert made.find("The token expired.", never) == ()
    assert made.find("eyJ" + "a" * 30, never) == ("token-like text",)


@given(ANY_TEXT)
def test_any_text_is_redacted_and_stays_so(text: str) -> None:
    made = redactor(access_token=rs256(), password="hunter2")
    once = made.redact(text)
    assert made.redact(once) == once
    redact_url(text)
    redact_headers([(text, text)], request=True)


def test_a_megabyte_is_quick() -> None:
    made = redactor(**{f"field_{n}": f"plainly-fake-{n}-{'x' * n}" for n in range(13)}, access_token=rs256())
    text = json.dumps([{"id": n, "text": "a value with blanks & signs %20", "none": None} for n in range(14_000)], indent=1)
    assert len(text) > 1_000_000
    started = time.process_time()
    assert made.redact(text) == text
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    "text",
    [
        "eyJ" * 100_000,
        "code=" * 60_000,
        '"password":"' * 20_000,
        "-----BEGIN PRIVATE KEY-----" * 10_000,
        "\\" * 300_000,
        "://a:" * 60_000,
        "password>" * 30_000,
    ],
)
def test_hostile_text_ends(text: str) -> None:
    started = time.process_time()
    assert Redactor(KEY).redact(text)
    assert time.process_time() - started < 3.0


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "a=" * 50_000, "?" * 100_000, "https://" + "a:b@" * 25_000, "token" * 20_000, "key=" + "<a 1 byte>" * 10_000]
)
def test_a_hostile_address_or_field_ends(text: str) -> None:
    started = time.process_time()
    Redactor(KEY).redact_url("https://api.example.com/?" + text)
    Redactor(KEY).redact_headers([(name, text) for name in ("Location", "Authorization", "Cookie", "Set-Cookie", "X-Key")], request=False)
    assert time.process_time() - started < 3.0


def test_adding_the_same_secret_twice_or_an_empty_one_adds_nothing() -> None:
    made = redactor(password="hunter2")
    made.add("password", Secret("hunter2"))
    made.add("api_key", Secret(""))
    assert repr(made) == "<Redactor of 1 secrets>"
