"""The beginnings of keys, and the checksum some of them carry."""

from __future__ import annotations

import secrets
import string
import tomllib
import zlib
from importlib import resources
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.key_prefixes import KeyKind, checksum_fits, named, prefix_of

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def github_token(start: str = "ghp_") -> str:
    """Return a made-up token with the checksum of the published scheme."""
    random = "".join(secrets.choice(BASE62) for _ in range(30))
    number, check = zlib.crc32(random.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        check = BASE62[rest] + check
    return start + random + check


@pytest.mark.parametrize(
    ("value", "start", "kind", "environment"),
    [
        ("sk_test_" + "a" * 24, "sk_test_", "secret", "test"),
        ("pk_live_" + "a" * 24, "pk_live_", "publishable", "live"),
        ("sk-ant-" + "a" * 24, "sk-ant-", "secret", ""),
        ("sk-" + "a" * 24, "sk-", "secret", ""),
        ("1//0" + "a" * 24, "1//", "refresh", ""),
    ],
)
def test_the_longest_beginning_counts(value: str, start: str, kind: str, environment: str) -> None:
    seen = prefix_of(value)
    assert seen is not None
    assert (seen.start, seen.kind, seen.environment) == (start, kind, environment)
    assert named(start) is seen
    assert seen.source


@pytest.mark.parametrize("value", ["", "sk_test_", "SK_TEST_aaaa", "eyJhbGciOi.x.y", "xsk_test_aaaa"])
def test_anything_else_says_nothing(value: str) -> None:
    assert prefix_of(value) is None
    assert checksum_fits(value) is None


def test_the_checksum_tells_a_slip_of_the_keyboard() -> None:
    token = github_token()
    assert checksum_fits(token) is True
    other = "a" if token[10] != "a" else "b"
    assert checksum_fits(token[:10] + other + token[11:]) is False
    assert checksum_fits(token[:-1]) is None


def test_a_published_example_has_the_right_checksum() -> None:
    assert checksum_fits("ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17") is True


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    seen = prefix_of(text)
    assert seen is None or text.startswith(seen.start)
    assert checksum_fits("ghp_" + text) in (None, True, False)


def test_every_beginning_is_listed_once_with_its_source() -> None:
    rows = tomllib.loads(resources.files("authwizard.knowledge").joinpath("key_prefixes.toml").read_text(encoding="utf-8"))["prefix"]
    starts = [row["start"] for row in rows]
    assert len(set(starts)) == len(starts)
    assert [row["start"] for row in rows if not row["source"] or row["kind"] not in get_args(KeyKind)] == []
    assert [start for start in starts if (seen := prefix_of(f"{start}0")) is None or seen.start != start] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pypi-AgENdGVzdC5weXBpLm9yZw", "pypi-AgEIcHlwaS5vcmc"),
        ("access-sandbox-", "access-production-"),
        ("xnd_development_", "xnd_production_"),
    ],
)
def test_test_and_live_are_told_apart(one: str, other: str) -> None:
    first, second = prefix_of(one + "0" * 20), prefix_of(other + "0" * 20)
    assert first is not None
    assert second is not None
    assert (first.environment, second.environment) == ("test", "live")
