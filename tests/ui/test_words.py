"""Words and glyphs: the owner's words are fixed, and a locale without UTF-8 gets ASCII alone."""

from __future__ import annotations

import dataclasses
import string

import pytest

from authwizard.model.finding import Owner, Skip, Status
from authwizard.ui import signs, words


def test_every_owner_has_its_words() -> None:
    assert set(words.OWNER_WORDS) == set(Owner)
    assert words.OWNER_WORDS[Owner.AUTHORIZATION_SERVER_ADMIN] == "THE AUTHORIZATION SERVER'S ADMIN"
    assert words.CONFIDENCE_WORDS["very_likely"] == "very likely"


@pytest.mark.parametrize(
    ("encoding", "chosen"),
    [("UTF-8", signs.UNICODE), ("utf8", signs.UNICODE), ("ISO-8859-1", signs.ASCII), ("ANSI_X3.4-1968", signs.ASCII)],
)
def test_glyphs_follow_the_locale(encoding: str, chosen: signs.Glyphs) -> None:
    assert signs.glyphs(encoding) is chosen


def test_ascii_glyphs_are_ascii() -> None:
    assert set("".join(dataclasses.astuple(signs.ASCII))) <= set(string.printable)


def test_every_status_has_a_glyph_and_a_word_of_its_own() -> None:
    marks = [
        words.mark(s, k)
        for s, k in [
            (None, None),
            *((s, None) for s in Status if s is not Status.SKIP),
            (Status.SKIP, Skip.NOT_TRIED),
            (Status.SKIP, Skip.NOT_APPLICABLE),
        ]
    ]
    assert len({m.word for m in marks}) == len(marks)
    assert all(m.glyph and m.word.isupper() for m in marks)


@pytest.mark.parametrize(("seconds", "said"), [(5, "just now"), (300, "5 min ago"), (7200, "2 h ago"), (12 * 86400, "12 d ago")])
def test_ago(seconds: float, said: str) -> None:
    assert signs.ago(seconds) == said


def test_elapsed() -> None:
    assert signs.elapsed(8.24) == "8.2 s"
    assert signs.elapsed(125) == "2 min 5 s"
