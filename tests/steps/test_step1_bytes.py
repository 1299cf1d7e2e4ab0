"""S1-06 to S1-08: blanks, wrappers, encodings, on what the reader of tokens really says."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests_support import make_jwt

from authwizard.model.evidence import CleanedCall
from authwizard.model.finding import Status
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault
from authwizard.protocol.jose import inspect_token
from authwizard.steps.step1_bytes import encoding, whitespace_and_invisibles, wrapper_artifacts

from .evidence_of_first_steps import baseline, credential, exchange, grades, judge, jws, opaque

TOKEN = make_jwt({"sub": "x", "iss": "https://auth.acme.io", "aud": "api", "pad": "???>>>~~~"})


def seen(text: str, **more: Any) -> Any:
    """Return the credential as it is seen when this text is stored."""
    return credential(inspect_token(text), field_value=Secret("Bearer " + text), length=len(text), **more)


@pytest.mark.parametrize(
    ("text", "status", "cause"),
    [
        (TOKEN, "pass", ""),
        (TOKEN + " ", "warn", "whitespace_in_credential"),
        (" " + TOKEN, "warn", "whitespace_in_credential"),
        (TOKEN + "\n", "warn", "whitespace_in_credential"),
        (TOKEN[:50] + " " + TOKEN[50:], "fail", "whitespace_in_credential"),
        (TOKEN[:76] + "\n" + TOKEN[76:], "fail", "line_break_in_token"),
        ("\ufeff" + TOKEN, "fail", "invisible_characters"),
        (TOKEN[:30] + "\u200b" + TOKEN[30:], "fail", "invisible_characters"),
        (TOKEN.replace("e", "\u0435", 1), "fail", "non_ascii_in_token"),
    ],
)
def test_blanks(text: str, status: str, cause: str) -> None:
    finding = judge(whitespace_and_invisibles, seen(text))
    assert (finding.status, grades(finding)) == (Status(status), {cause: "S"} if cause else {})


def test_what_cannot_be_sent_is_a_failure_even_at_an_end() -> None:
    assert judge(whitespace_and_invisibles, seen(TOKEN + "\n", unsendable="character 9 is a line feed.")).status is Status.FAIL


def test_a_password_may_hold_blanks_and_foreign_letters() -> None:
    faults = (
        TokenFault("whitespace_in_credential", "A blank stands inside the value.", "value", 4),
        TokenFault("non_ascii_in_token", "é", "value", 2),
    )
    finding = judge(whitespace_and_invisibles, credential(None, kind="basic", faults=faults))
    assert (finding.status, grades(finding)) == (Status.WARN, {"whitespace_in_credential": "W"})


@pytest.mark.parametrize(("status", "grade"), [(200, "P"), (401, "XM")])
def test_the_repaired_value_decides(status: int, grade: str) -> None:
    call = CleanedCall(exchange(status), "whitespace_in_credential", "white space")
    finding = judge(whitespace_and_invisibles, seen(TOKEN + " "), baseline(401), call)
    assert finding.status is (Status.FAIL if grade == "P" else Status.WARN)
    assert {a.grade.value for a in finding.arguments} == {"S", grade}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (f'"{TOKEN}"', "quotes_in_token"),
        (f"'{TOKEN}'", "quotes_in_token"),
        (f"export TOKEN={TOKEN}", "wrapper_in_token"),
        (f"Authorization: Bearer {TOKEN}", "wrapper_in_token"),
        (f"curl -H 'Authorization: Bearer {TOKEN}' https://api.acme.io", "wrapper_in_token"),
        (f'{{"access_token": "{TOKEN}", "token_type": "Bearer"}}', "token_response_pasted"),
        (base64.b64encode(TOKEN.encode()).decode(), "double_encoded_token"),
    ],
)
def test_wrappers(text: str, cause: str) -> None:
    finding = judge(wrapper_artifacts, seen(text))
    assert finding.status is Status.FAIL
    assert grades(finding)[cause] == "S"


def test_a_key_may_hold_quotes_of_its_own() -> None:
    quoted = (TokenFault("quotes_in_token", "Quotes stand around the value.", "value", 0),)
    finding = judge(wrapper_artifacts, credential(None, kind="api_key", faults=quoted))
    assert (finding.status, grades(finding)) == (Status.WARN, {"quotes_in_token": "M"})
    assert judge(wrapper_artifacts, credential(None, kind="basic", faults=quoted)).status is Status.SKIP


def padded(token: str) -> str:
    return ".".join(part + "=" * (-len(part) % 4) for part in token.split("."))


def standard(token: str) -> str:
    return token.replace("-", "+").replace("_", "/")


@pytest.mark.parametrize(
    ("text", "status", "causes"),
    [
        (TOKEN, "pass", {}),
        (quote(TOKEN).replace(".", "%2E"), "fail", {"url_encoded_token": "S"}),
        (TOKEN.lower(), "fail", {"token_case_folded": "S"}),
    ],
)
def test_encodings(text: str, status: str, causes: dict[str, str]) -> None:
    finding = judge(encoding, seen(text))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_padding_alone_is_often_forgiven_the_other_alphabet_is_not() -> None:
    while not ({"-", "_"} & set(token := make_jwt({"sub": "???>>>~~~???"})) and padded(token) != token):
        pass
    assert judge(encoding, seen(standard(token))).status is Status.FAIL
    finding = judge(encoding, seen(padded(token)))
    assert (finding.status, grades(finding)) == (Status.WARN, {"standard_base64_token": "M"})


def test_an_opaque_token_may_hold_plus_and_slash() -> None:
    faults = (TokenFault("standard_base64_token", "x", "value", 3), TokenFault("url_encoded_token", "y", "value", 3))
    finding = judge(encoding, credential(opaque(), faults=faults))
    assert (finding.status, grades(finding)) == (Status.WARN, {"url_encoded_token": "M"})


def test_a_key_has_its_own_encoding() -> None:
    assert judge(encoding, credential(jws(), kind="api_key")).status is Status.SKIP


@given(st.text(min_size=1, max_size=60))
def test_no_part_of_a_value_reaches_a_finding(noise: str) -> None:
    """A finding shows places and names, never what was stored."""
    secret = "QzW9" + "kXv7Lm2P" * 3
    text = noise + secret + noise
    for check in (whitespace_and_invisibles, wrapper_artifacts, encoding):
        assert secret not in repr(judge(check, seen(text)))
