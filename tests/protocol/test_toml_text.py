"""What is written as TOML reads the same."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.protocol.toml_text import toml_document, toml_key, toml_value

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
SIMPLE = st.one_of(
    TEXT, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.dates(),
    st.datetimes(timezones=st.none() | st.just(dt.UTC)), st.times(),
)  # fmt: skip
VALUES = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_a_document_reads_as_what_was_written(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml_document(table)) == table


@given(TEXT, VALUES)
def test_a_line_reads_as_what_was_written(key: str, value: Any) -> None:
    line = f"{toml_key(key)} = {toml_value(value)}"
    assert "\n" not in line
    assert tomllib.loads(line) == {key: value}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('a"b\\c\td\x7fe\x00', r'"a\"b\\c\td\u007fe\u0000"'),
        ("ü – 漢", '"ü – 漢"'),
        (True, "true"),
        (3.0, "3.0"),
        (("a", "b"), '["a", "b"]'),
        ({"ref": "env:X", "rotate_days": 3}, '{ref = "env:X", rotate_days = 3}'),
        ({}, "{}"),
        (dt.date(2026, 1, 31), "2026-01-31"),
    ],
)
def test_how_a_value_is_written(value: object, written: str) -> None:
    assert toml_value(value) == written


def test_tables_have_headers_and_those_that_hold_only_tables_have_none() -> None:
    document = {"version": 1, "profile": {"a.b": {"x": 1, "rows": [{"k": 1}, {"k": 2}], "t": {}}, "c": {"list": []}}}
    assert toml_document(document) == (
        'version = 1\n\n[profile."a.b"]\nx = 1\n\n[[profile."a.b".rows]]\nk = 1\n\n[[profile."a.b".rows]]\nk = 2\n\n[profile."a.b".t]\n'
        "\n[profile.c]\nlist = []\n"
    )


def test_what_toml_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="no NoneType"):
        toml_value(None)
