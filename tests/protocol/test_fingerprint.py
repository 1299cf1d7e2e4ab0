"""Eight digits name a secret, and a short one cannot be guessed from them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given

from authwizard.protocol.fingerprint import fingerprint, is_token

from .token_samples import ANY_TEXT, rs256

KEY = b"k" * 32


def sha(text: str) -> str:
    return "#" + hashlib.sha256(text.encode()).hexdigest()[:8]


def test_a_token_has_the_hash_its_server_can_compute() -> None:
    token = rs256()
    assert fingerprint(token, KEY) == fingerprint(token, None) == sha(token)
    assert fingerprint("a" * 40, None) == sha("a" * 40)


@pytest.mark.parametrize("text", ["hunter2", "a" * 39, "eyes.are.blue", "a" * 40 + " ", "é" * 50])
def test_everything_else_needs_the_install_key(text: str) -> None:
    assert not is_token(text)
    assert fingerprint(text, None) == ""
    assert fingerprint(text, KEY) not in ("", sha(text), fingerprint(text, b"another key"))


@given(ANY_TEXT)
def test_any_text_has_none_or_eight_digits(text: str) -> None:
    digits = fingerprint(text, KEY)
    assert (digits == "" and not text) or (len(digits) == 9 and int(digits[1:], 16) >= 0)
