"""Rows of text: never wider than asked, never markup, never a control character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from authwizard.ui import text

ANY = st.text(st.characters(), max_size=120)


@given(ANY, st.integers(4, 60))
def test_no_row_is_wider_than_asked(words: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in text.wrap(words, width))


@given(ANY, st.integers(4, 60), st.integers(1, 4))
def test_no_more_rows_than_asked(words: str, width: int, most: int) -> None:
    rows = text.wrap(words, width, most)
    assert len(rows) <= most
    assert all(cell_len(line) <= width for line in rows)


@given(ANY, st.integers(1, 60))
def test_fit_is_exact(words: str, width: int) -> None:
    assert cell_len(text.fit(words, width)) == width


@given(ANY)
def test_nothing_that_acts_is_left(words: str) -> None:
    for content in (text.plain(words), text.row(words, (words, "bold"))):
        assert not [c for c in content.plain if (ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) <= 0x9F]


def test_words_stay_whole_where_they_fit() -> None:
    assert text.wrap("the quick brown fox", 10) == ["the quick", "brown fox"]


def test_a_long_word_is_broken_and_nothing_is_lost() -> None:
    assert "".join(text.wrap("x" * 25, 10)) == "x" * 25


def test_what_is_cut_says_so() -> None:
    assert text.wrap("one two three four", 9, 1) == ["one two…"]
    assert text.wrap("a" * 100_000, 10, 2)[-1].endswith("…")


def test_markup_is_text() -> None:
    assert text.row("[bold]x[/] [/]", ("[@click=app.quit]", "bold")).plain == "[bold]x[/] [/][@click=app.quit]"


def test_columns_give_way_but_break_no_word() -> None:
    assert text.columns([10, 30], [5, 8], 30) == [10, 18]
    assert text.columns([10, 30], [10, 25], 30) is None


def test_rule_fills_the_row_and_cuts_a_long_note() -> None:
    assert text.rule("NEXT", 12, "-").plain == "NEXT -------"
    assert cell_len(text.rule("NEXT", 20, "-", note="x" * 40).plain) <= 20


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("abc", "abc", ""),
        ("aXc", "aYc", "X"),
        ("abc/", "abc", "/"),
        ("abc", "abc/", "c"),
        ("", "x", ""),
        ("aaa", "aa", "a"),
        ("prod.x", "staging.x", "prod"),
    ],
)
def test_the_difference_is_the_part_that_is_not_shared(one: str, other: str, part: str) -> None:
    begin, end = text.difference(one, other)
    assert one[begin:end] == part
