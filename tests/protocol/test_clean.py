"""Text from outside is safe to show."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.protocol.clean import MAX_DEPTH, safe, safe_json, safe_line

from .token_samples import ANY_TEXT

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def acts(character: str) -> bool:
    """The rule itself, written independently of the table."""
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or character in BIDI
        or character in "\u200b\u200c\u200d\u2060\ufeff\u00ad"
    )


@given(ANY_TEXT)
def test_no_acting_character_survives(text: str) -> None:
    assert not [c for c in safe(text) if acts(c) and c not in "\n\t"]
    assert not [c for c in safe_line(text) if acts(c)]


@given(ANY_TEXT)
def test_safe_twice_is_safe_once(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_stays(text: str) -> None:
    assert safe(text) == safe_line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202eb", r"a\u202eb"),
        ("a\r\nb\rc", "a\nb" + r"\rc"),
        ("\u2028\ufeff\ud800", r"\u2028\ufeff\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("naïve 服务 🙂", "naïve 服务 🙂"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_one_line_places_show_line_ends() -> None:
    assert safe_line("a\tb\r\nc") == r"a\tb\r\nc"


def test_a_limit_counts_what_it_hides() -> None:
    assert safe("abcdef", 4) == "abcd… (2 more characters)"
    assert safe("abcd", 4) == "abcd"


def test_json_is_safe_at_every_level() -> None:
    assert safe_json({"a\x1b": ["\u202e", {"b": 1.5, "c": None}]}) == {r"a\x1b": [r"\u202e", {"b": 1.5, "c": None}]}


def test_deep_json_ends_in_a_sign() -> None:
    deep = json.loads("[" * 200 + "]" * 200)
    assert str(safe_json(deep)).count("[") == MAX_DEPTH
