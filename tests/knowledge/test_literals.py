"""Is the index of words sound: does it never pass over a pattern that fits, and does it spare most of the others?"""

from __future__ import annotations

import re
import warnings

from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.literals import GRAM, WordIndex, needed_words
from authwizard.knowledge.messages import rows

from .message_examples import EXAMPLES
from .more_message_examples import MORE

TEXTS = [text.lower() for examples in (EXAMPLES | MORE).values() for text, _ in examples]
INDEX = WordIndex(row.regex for row in rows())


@for_each(
    ("pattern", "words"),
    [
        ("jwt expired", {"jwt expired"}),
        (r"\bjwt (has |is )?expired\b", {"expired"}),
        ("invalid|malformed", {"invalid", "malformed"}),
        ("token( (un)?known)?", {"token"}),
        ("(access|bearer) token", {" token"}),
        (r"a\.b\.cd", {"a.b.cd"}),
        ("[ab]cdef", {"cdef"}),
        (r"x{0,3}abc+d", {"abc"}),
        (r"(?<!or )expired(?! or)", {"expired"}),
        (r"\x27token\x27", {"'token'"}),
        # nothing is certain
        ("expired|.", None),
        (r"\d+", None),
        ("ab", None),
        ("(expired)?", None),
        ("(abc", None),
    ],
)  # fmt: skip
def test_what_a_text_must_hold(pattern: str, words: set[str] | None) -> None:
    assert needed_words(pattern) == (None if words is None else frozenset(words))


def test_no_row_that_fits_is_passed_over() -> None:
    for text in TEXTS[::12]:  # every row's own example is held against the index in test_messages
        fitting = {number for number, row in enumerate(rows()) if row.pattern.search(text)}
        assert fitting, text
        assert fitting <= set(INDEX.candidates(text)), text


@given(st.lists(st.sampled_from([*TEXTS, "or", "not", "invalid", "-", "'"]), max_size=4).map(" ".join))
def test_nor_in_any_mixture(text: str) -> None:
    fitting = {number for number, row in enumerate(rows()) if row.pattern.search(text)}
    assert fitting <= set(INDEX.candidates(text))


def test_most_rows_are_spared() -> None:
    tried = [len(INDEX.candidates(text)) for text in TEXTS]
    assert sum(tried) / len(tried) < len(rows()) / 20
    assert INDEX.candidates("nothing of interest " * 20) == []


@given(st.text(alphabet="ab|()?*+{}1,[]\\^$.dx7", max_size=12))
def test_any_pattern_is_read_soundly(pattern: str) -> None:
    """Whatever the reader makes of a pattern, a text that fits holds one of the words."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compiled = re.compile(pattern)
        words = needed_words(pattern)
    except (re.error, ValueError, AssertionError, OverflowError):
        return  # no pattern that could stand in a table
    for text in ("", "a", "b", "aab", "abab", "bbbaaa", "aaabbb"):
        assert words is None or compiled.fullmatch(text) is None or any(word in text for word in words)
    assert words is None or min(map(len, words)) >= GRAM
