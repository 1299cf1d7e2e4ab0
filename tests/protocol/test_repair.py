"""The credential as it is sent: composed without mending, its faults named, its repaired form ready."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from each_row import for_each
from hypothesis import example, given
from hypothesis import strategies as st

from authwizard.model.profile import CredentialSpec
from authwizard.protocol.clean import safe_line
from authwizard.protocol.repair import Composed, Repair, compose, faults_of, sendable

from .token_samples import ANY_TEXT, rs256

T = rs256()
GOOD = f"Bearer {T}"


def faults(value: str, **spec: Any) -> tuple[Repair, ...]:
    made = CredentialSpec(**spec)
    field = {"api_key": "api_key", "cookie": "session_cookie"}.get(made.kind, "access_token")
    return faults_of(compose(made, {field: value}), made)


def of_whole(value: str, **spec: Any) -> tuple[Repair, ...]:
    made = CredentialSpec(**spec)
    return faults_of(compose(made, {"authorization": value}), made)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@for_each(
    ("spec", "values", "sent"),
    [
        ({}, {"access_token": "t"}, "Bearer t"),
        ({}, {"access_token": "Bearer t "}, "Bearer Bearer t "),
        ({"scheme": "token"}, {"access_token": "t"}, "token t"),
        ({"scheme": ""}, {"access_token": "t"}, "t"),
        ({"kind": "dpop"}, {"access_token": "t"}, "DPoP t"),
        ({"kind": "api_key", "header": "X-API-Key"}, {"api_key": "k"}, "k"),
        ({"kind": "api_key", "scheme": "ApiKey"}, {"api_key": "k"}, "ApiKey k"),
        ({"kind": "basic"}, {"username": "u", "password": "p"}, "Basic dTpw"),
        ({"kind": "basic"}, {"username": "u"}, "Basic dTo="),
        ({"kind": "basic", "charset": "latin-1"}, {"username": "u", "password": "é"}, "Basic dTrp"),
        ({"kind": "cookie", "cookie": "sid"}, {"session_cookie": "s"}, "s"),
        ({"query": "access_token"}, {"access_token": "t"}, "t"),
        ({}, {"access_token": "t", "authorization": "Custom x"}, "Custom x"),
    ],
)
def test_what_is_sent(spec: dict[str, Any], values: dict[str, str], sent: str) -> None:
    assert compose(CredentialSpec(**spec), values).field_value == sent


def test_where_it_is_sent() -> None:
    assert compose(CredentialSpec(kind="api_key", header="X-Key"), {"api_key": "k"}) == Composed("header", "X-Key", "k")
    assert (
        compose(CredentialSpec(query="k"), {"access_token": "t"}).place,
        compose(CredentialSpec(kind="cookie", cookie="c"), {}).name,
    ) == ("query", "c")


def test_what_is_missing_is_named() -> None:
    assert compose(CredentialSpec(), {}).missing == ("access_token",)
    assert compose(CredentialSpec(kind="basic"), {"password": "p"}).missing == ("username",)
    assert compose(CredentialSpec(kind="digest"), {"username": "u", "password": "p"}).why
    assert "U+20AC EURO SIGN" in compose(CredentialSpec(kind="basic", charset="latin-1"), {"username": "u", "password": "€"}).why


def test_nothing_secret_is_in_a_repr() -> None:
    composed = compose(CredentialSpec(), {"access_token": T + "\n"})
    assert T[:30] not in repr(composed)
    assert T[:30] not in repr(faults_of(composed, CredentialSpec()))


@for_each(
    ("value", "cause"),
    [
        (T + "\n", "whitespace_in_credential"), (T[:76] + "\n" + T[76:], "line_break_in_token"), ("\ufeff" + T, "invisible_characters"),
        (T + "’", "non_ascii_in_token"), (f'"{T}"', "quotes_in_token"), (f"export T={T}", "wrapper_in_token"),
        ('{"access_token":"' + T + '"}', "token_response_pasted"), (b64(T), "double_encoded_token"), (T.replace(".", "%2E"), "url_encoded_token"),
        (T + T, "token_concatenated"), (f"Bearer {T}", "auth_scheme_duplicated"), (f"Token {T}", "auth_scheme_duplicated"),
    ],
)  # fmt: skip
def test_faults_of_a_token_and_the_whole_repaired_field(value: str, cause: str) -> None:
    (fault,) = faults(value)
    assert (fault.cause, fault.repaired) == (cause, GOOD)
    assert fault.factor


def test_two_faults_are_both_named_and_repaired_together() -> None:
    found = faults(f'"{T}"\n', scheme="bearer")
    assert [fault.cause for fault in found] == ["auth_scheme_case_rejected", "whitespace_in_credential", "quotes_in_token"]
    assert [fault.repaired for fault in found] == [GOOD, f"bearer {T}", f"bearer {T}"]


@pytest.mark.parametrize(
    ("scheme", "cause", "factor"),
    [
        ("bearer", "auth_scheme_case_rejected", "scheme spelling"), ("", "auth_scheme_missing", "scheme word"),
        ("JWT", "auth_scheme_wrong", "scheme word"), ("Basic", "auth_scheme_wrong", "scheme word"), ("Bearrer", "auth_scheme_wrong", "scheme word"),
        ("Unheard-Of", "auth_scheme_wrong", "scheme word"), ("Bearer ", "whitespace_in_credential", "scheme separator"),
        ("Bearer\t", "whitespace_in_credential", "scheme separator"), ("Bearer:", "auth_scheme_wrong", "scheme separator"),
        ("Bearer\u00a0", "invisible_characters", "scheme separator"),
    ],
)  # fmt: skip
def test_the_scheme_word(scheme: str, cause: str, factor: str) -> None:
    (fault,) = faults(T, scheme=scheme)
    assert (fault.cause, fault.factor, fault.repaired) == (cause, factor, GOOD)


def test_a_whole_field_value_is_read_by_its_own_scheme() -> None:
    assert of_whole(GOOD) == ()
    assert [fault.cause for fault in of_whole(T)] == ["auth_scheme_missing"]
    assert [fault.cause for fault in of_whole(f"Basic {T}")] == ["auth_scheme_wrong"]
    assert [fault.cause for fault in of_whole("Bearer")] == ["placeholder_value"]
    assert [fault.cause for fault in of_whole("Basic $(echo -n u:p | base64)")] == ["placeholder_value"]
    assert of_whole("AWS4-HMAC-SHA256 Credential=AKIA/2026, SignedHeaders=host, Signature=ab") == ()


def test_a_bare_token_in_a_header_of_its_own_needs_no_scheme() -> None:
    assert faults(T, header="X-Access-Token", scheme="") == ()


@pytest.mark.parametrize(
    ("name", "cause", "repaired"),
    [
        ("Authentication", "auth_header_name_wrong", "Authorization"), ("authorisation", "auth_header_name_wrong", "Authorization"),
        ("Authorization:", "auth_header_name_wrong", "Authorization"), ("X-Authorization", "auth_header_name_wrong", "Authorization"),
        ("Proxy-Authorization", "auth_header_name_wrong", "Authorization"), ("X_Auth_Token", "header_name_underscore", "X-Auth-Token"),
    ],
)  # fmt: skip
def test_header_names(name: str, cause: str, repaired: str) -> None:
    (fault,) = faults(T, header=name)
    assert (fault.cause, fault.repaired, fault.factor) == (cause, repaired, "header name")


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "X-Serverless-Authorization", "Authorization-Custom"])
def test_header_names_that_gateways_read(name: str) -> None:
    assert faults(T, header=name) == ()


def test_an_api_key_is_never_changed_inside() -> None:
    assert faults("a\"b'c d%2E", kind="api_key", header="X-API-Key") == ()
    assert faults("ab\u200bcd", kind="api_key", header="X-API-Key")[0].repaired is None
    assert [f.cause for f in faults("ab\ncd", kind="api_key", header="X-API-Key")] == ["line_break_in_token"]
    assert [(f.cause, f.repaired) for f in faults(" key ", kind="api_key", scheme="ApiKey")] == [("whitespace_in_credential", "ApiKey key")]
    assert {f.repaired for f in faults("\ufeffkey\u00a0\n", kind="api_key", header="X-API-Key")} == {"key"}


def basic(user: str, password: str, **spec: Any) -> list[tuple[str, str | None]]:
    made = CredentialSpec(kind="basic", **spec)
    return [(fault.cause, fault.repaired) for fault in faults_of(compose(made, {"username": user, "password": password}), made)]


def test_a_password_is_judged_and_never_changed() -> None:
    assert basic("u", ' p"w% ') == []
    assert basic("u", "p\n") == [("whitespace_in_credential", None)]
    assert basic("a:b", "p") == [("basic_malformed", None)]
    assert basic("u", "") == [("basic_malformed", None)]
    assert basic("u", "pä") == [("basic_charset", None)]
    assert basic("u", "p\x00q") == [("basic_malformed", None)]
    assert basic("u", "p", scheme="basic") == [("auth_scheme_case_rejected", "Basic dTpw")]


@pytest.mark.parametrize(
    ("payload", "words"), [("not base64!", "not base64"), (b64("nocolon"), "no colon"), (b64(b64("u:p")), "encoded twice")]
)
def test_a_payload_that_is_no_pair(payload: str, words: str) -> None:
    (fault,) = of_whole(f"Basic {payload}")
    assert fault.cause == "basic_malformed"
    assert words in fault.text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Bearer a\u200bb", "Character 9 of the field is U+200B ZERO WIDTH SPACE"),
        ("Bearer a\nb", "Character 9 of the field is U+000A LINE FEED"),
        ("\x00", "U+0000 NULL"),
        (" a", "at its beginning, is U+0020 SPACE"),
        ("a\t", "at its end, is U+0009 TAB"),
    ],
)
def test_what_no_header_field_can_hold(value: str, words: str) -> None:
    assert words in (sendable(value) or "")


def test_what_a_header_field_can_hold() -> None:
    assert sendable("") is sendable("Bearer a\tb é") is None


@example("a\x7fb")
@example("a\x85\xff")
@given(ANY_TEXT)
def test_sendable_is_the_grammar_of_the_standard(value: str) -> None:
    try:
        data = value.encode("latin-1")
    except UnicodeEncodeError:
        assert sendable(value)
        return
    legal = all((b >= 0x20 and b != 0x7F) or b == 0x09 for b in data) and data.strip(b" \t") == data
    assert (sendable(value) is None) == legal


SPECS = st.builds(
    CredentialSpec, kind=st.sampled_from(["bearer", "basic", "api_key", "digest", "dpop", "mtls", "cookie"]), header=st.sampled_from(["", "X-Key", "a b"]),
    query=st.sampled_from(["", "q"]), scheme=st.one_of(st.none(), st.sampled_from(["", "bearer", "Token", "x y"]), ANY_TEXT),
    charset=st.sampled_from(["utf-8", "latin-1"]),
)  # fmt: skip


@given(
    SPECS,
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("access_token", "api_key", "username", "password", "session_cookie", "authorization"), ANY_TEXT)
    ),
)
def test_any_profile_and_any_secret(spec: CredentialSpec, values: dict[str, str]) -> None:
    composed = compose(spec, values)
    for fault in faults_of(composed, spec):
        assert fault.cause
        assert safe_line(fault.text) == fault.text
        assert fault.position is None or 0 <= fault.position <= len(composed.field_value or "")


@given(st.sampled_from(["\n", "\ufeff", '"', ";", " "]), st.sampled_from(["\n", "\u200b", "'", "", "\t"]))
def test_a_repaired_token_has_no_fault_left(front: str, behind: str) -> None:
    for fault in faults(front + T + behind):
        if fault.repaired is not None:
            assert of_whole(fault.repaired) == ()
