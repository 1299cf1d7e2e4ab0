"""A pattern that is compiled late is used as one that is compiled at once."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from authwizard.model.late_pattern import late_pattern

TEXT = r"(?P<letter>[a-c])(\d)?"


@pytest.mark.parametrize(
    "use",
    [
        lambda p: p.search("xxB2").groups(),
        lambda p: p.match("b2")["letter"],
        lambda p: p.match("xb2", 1).span(),
        lambda p: p.fullmatch("b22"),
        lambda p: p.findall("a1 b C3"),
        lambda p: [m.group() for m in p.finditer("a1 b C3")],
        lambda p: p.split("xa1y"),
        lambda p: p.sub("-", "xa1y"),
        lambda p: p.subn("-", "xa1y"),
        lambda p: (p.pattern, p.flags, p.groups, dict(p.groupindex)),
        lambda p: copy.copy(p).search("a").group(),
        lambda p: copy.deepcopy(p).search("a").group(),
    ],
)
def test_it_is_used_as_a_compiled_one(use: Callable[[Any], Any]) -> None:
    assert use(late_pattern(TEXT, re.IGNORECASE)) == use(re.compile(TEXT, re.IGNORECASE))


def test_it_is_compiled_when_it_is_first_used() -> None:
    pattern = late_pattern("(")
    with pytest.raises(re.error, match="missing"):
        pattern.search("(")


def test_it_has_nothing_else() -> None:
    assert not hasattr(late_pattern(TEXT), "exchange")
    assert not hasattr(late_pattern(TEXT), "__len__")


def test_bytes_have_patterns_too() -> None:
    assert late_pattern(rb"\d").search(b"a1").group() == b"1"
