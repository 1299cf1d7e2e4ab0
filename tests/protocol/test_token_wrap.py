"""What was stored around a token comes off, layer by layer, and each layer has its name."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from each_row import for_each
from hypothesis import given

from authwizard.protocol.clean import safe_line
from authwizard.protocol.token_wrap import bare_token, peel

from .token_samples import ANY_TEXT, part, rs256

T = rs256()
LATER = rs256({"exp": 9_999_999_999, "sub": "later"})
STANDARD = ".".join(base64.b64encode(base64.urlsafe_b64decode(p + "==")).decode() for p in T.split("."))

WRAPPED = [
    (T + "\n", ["whitespace_in_credential"]),
    ("  " + T, ["whitespace_in_credential"]),
    (T[:40] + " " + T[40:], ["whitespace_in_credential"]),
    ("\n".join(T[i : i + 76] for i in range(0, len(T), 76)), ["line_break_in_token"]),
    ("\r\n".join(T[i : i + 64] for i in range(0, len(T), 64)) + "\r\n", ["line_break_in_token"]),
    ("\ufeff" + T, ["invisible_characters"]),
    (T[:9] + "\u200b" + T[9:] + "\u00a0", ["invisible_characters"]),
    ("\x00".join(T), ["invisible_characters"]),
    (T.replace("J", "Ј"), ["non_ascii_in_token"]),
    ("“" + T + "”", ["non_ascii_in_token"]),
    (T.replace("-", "–").replace("A", "Ａ"), ["non_ascii_in_token"]),
    (f'"{T}"', ["quotes_in_token"]),
    (f"'{T}'\n", ["whitespace_in_credential", "quotes_in_token"]),
    (f'\\"{T}\\"', ["quotes_in_token"]),
    (f'"Bearer {T}"', ["quotes_in_token"]),
    (f"<{T}>", ["quotes_in_token"]),
    (T + '"', ["quotes_in_token"]),
    (f"`{T}`", ["quotes_in_token"]),
    (T + ";", ["wrapper_in_token"]),
    (T + " \\", ["wrapper_in_token", "whitespace_in_credential"]),
    (json.dumps({"access_token": T, "expires_in": 3600}), ["token_response_pasted"]),
    (json.dumps({"data": {"access_token": T}}, indent=2), ["token_response_pasted"]),
    (json.dumps({"access_token": T, "scope": "a"})[:-4], ["token_response_pasted"]),
    (f"access_token={T}&token_type=bearer", ["token_response_pasted"]),
    (f"export API_TOKEN={T}", ["wrapper_in_token"]),
    (f'TOKEN="{T}"', ["wrapper_in_token"]),
    (f"token: {T}", ["wrapper_in_token"]),
    (f"Authorization: Bearer {T}", ["wrapper_in_token"]),
    (f'"Authorization": "Bearer {T}"', ["wrapper_in_token"]),
    (f"curl -H 'Authorization: Bearer {T}' https://api.example.com", ["wrapper_in_token"]),
    (f"https://app.example.com/cb#access_token={T}&state=1", ["wrapper_in_token"]),
    (f"sid={T}; Path=/; HttpOnly", ["wrapper_in_token"]),
    (T.replace(".", "%2E"), ["url_encoded_token"]),
    (quote(quote(T.replace(".", "%2E"))), ["url_encoded_token"] * 3),
    (T.replace("-", "\\u002d").replace(".", "&#46;"), ["url_encoded_token"]),
    (base64.b64encode(T.encode()).decode(), ["double_encoded_token"]),
    (base64.b64encode(base64.b64encode(T.encode())).decode(), []),
    (STANDARD, ["standard_base64_token"]),
    (T + T, ["token_concatenated"]),
    (T + "\n" + T, ["token_concatenated"]),
    (f"{T}, {T}", ["token_concatenated"]),
]  # fmt: skip


@for_each(("text", "causes"), WRAPPED)
def test_layers_and_the_token_inside(text: str, causes: list[str]) -> None:
    assert [layer.cause for layer in peel(text)] == causes
    if causes:
        assert bare_token(text) == T


def test_of_two_tokens_the_later_one_is_kept() -> None:
    assert bare_token(T + LATER) == bare_token(LATER + " " + T) == LATER
    (layer,) = peel(T + LATER)
    assert layer.position == len(T)


@pytest.mark.parametrize("text", [T.lower(), T.upper()])
def test_levelled_letters_cannot_be_mended(text: str) -> None:
    (layer,) = peel(text)
    assert (layer.cause, layer.inner) == ("token_case_folded", None)
    assert bare_token(text) == text


@pytest.mark.parametrize("text", ["-----BEGIN PUBLIC KEY-----\nMIIB", "<!DOCTYPE html><html>", "https://api.example.com/"])
def test_things_with_no_token_inside(text: str) -> None:
    (layer,) = peel(text)
    assert (layer.cause, layer.inner) == ("wrapper_in_token", None)


@for_each(
    "text",
    [
        T,
        "",
        "  ",
        "2YotnFZFEjr1zCsicMWpAA",
        "abc+/def==",
        "sk_live_0123456789",
        "a=",
        "dG9rZW4=",
        "Bearer " + T,
        "mF_9.B5f-4.1JqM",
        "ya29.a0AfH6SMB",
        f"{part({'alg': 'dir', 'enc': 'x'})}..a.b.c",
    ],
)
def test_good_values_have_no_layer(text: str) -> None:
    assert peel(text) == ()


def test_the_place_is_told_without_the_value() -> None:
    for text, _ in WRAPPED:
        for layer in peel(text):
            assert T[60:70] not in layer.text
            assert T[60:70] not in repr(layer)
    assert peel(T[:76] + "\n" + T[76:])[0].position == 76


@given(ANY_TEXT)
def test_any_text_is_peeled(text: str) -> None:
    layers = peel(text)
    assert len(layers) <= 12
    for layer in layers:
        assert safe_line(layer.text) == layer.text
    if layers and layers[0].position is not None:
        assert 0 <= layers[0].position <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "eyJ" * 200_000,
        "eyJ." * 200_000,
        "%41" * 200_000,
        '{"a":' * 100_000,
        "a=" * 300_000,
        "'" * 300_000,
        "\n" * 300_000 + "a",
        "curl " + "a " * 200_000,
    ],
)
def test_hostile_text_ends(text: str) -> None:
    assert len(peel(text)) <= 12
