"""Findings as panels: glyph and word, columns that align, tables that never break a word, nothing wider than the pane."""

from __future__ import annotations

import pytest
from fake_services import BROKEN, finding
from rich.cells import cell_len

from authwizard.model.finding import Code, Finding, Line, Skip, Status, Table
from authwizard.ui import drawing
from authwizard.ui.services import CheckWords
from authwizard.ui.signs import ASCII, UNICODE
from authwizard.ui.text import in_ascii


def rows(seen: Finding | None, width: int = 46, signs: object = UNICODE) -> list[str]:
    return [r.plain for r in drawing.panel(CheckWords("S2-03", "The token is within its lifetime"), seen, width, signs)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "skip", "word"),
    [
        (Status.PASS, None, "✓ PASS"), (Status.WARN, None, "! WARN"), (Status.FAIL, None, "✗ FAIL"), (Status.BLOCKED, None, "? BLOCKED"),
        (Status.CRASHED, None, "☠ CRASHED"), (Status.SKIP, Skip.NOT_TRIED, "– NOT TRIED"), (Status.SKIP, Skip.NOT_APPLICABLE, "– N/A"),
    ],
)  # fmt: skip
def test_a_status_is_glyph_and_word(status: Status, skip: Skip | None, word: str) -> None:
    assert word in rows(finding("S2-03", status, "A sentence.", skip=skip))[0]


def test_a_waiting_check_says_so() -> None:
    assert "· WAITING" in rows(None)[0]


def test_evidence_lines_share_their_columns() -> None:
    seen = finding(
        "S2-03", Status.FAIL, "Late.", Line("expires", "09:14:05", Status.FAIL, "3 h ago"), Line("now", "12:26:11", Status.PASS, "agreed")
    )
    expires, now = rows(seen)[-2:]
    assert expires.index("09:14:05") == now.index("12:26:11")
    assert expires.index("✗ 3 h ago") == now.index("✓ agreed")


def test_a_judgement_that_does_not_fit_goes_below() -> None:
    seen = finding("S2-03", Status.WARN, "Odd.", Line("scheme", "bearer", Status.WARN, "legal, but some servers refuse it"))
    value, judgement, *_ = rows(seen, 40)[-3:]
    assert value.endswith("bearer")
    assert judgement.strip("▌ ").startswith("! legal, but")


def test_a_mark_without_a_note_has_its_word() -> None:
    assert rows(finding("S2-03", Status.PASS, "Fine.", Line("key", "there", Status.PASS)))[-1].endswith("✓ pass")


def test_a_table_keeps_its_columns_where_they_fit_and_stands_below_each_other_where_not() -> None:
    table = Table(("", "profile", "token"), (("iss", "https://auth.example.com", "https://auth.staging.example.com"),))
    seen = finding("S2-03", Status.FAIL, "Differs.", table)
    assert any("https://auth.example.com  https://auth.staging.example.com" in r for r in rows(seen, 80))
    narrow = rows(seen, 46)
    assert narrow[-2].endswith("profile  https://auth.example.com")
    assert narrow[-1].endswith("token    https://auth.staging.example.com")


@pytest.mark.parametrize("width", [30, 46, 80])
@pytest.mark.parametrize("signs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_no_row_is_wider_than_the_pane(width: int, signs: object) -> None:
    wide = finding(
        "S2-03", Status.FAIL, "日本語" * 60, Line("a very long label " * 3, "v" * 5000, Status.FAIL, "note " * 20), Code("x" * 500),
        Table(("a", "b"), (("word " * 40, "y" * 300),)),
    )  # fmt: skip
    for seen in (*BROKEN, wide):
        assert all(cell_len(r) <= width for r in rows(seen, width, signs))


def test_ascii_marks_are_ascii() -> None:
    seen = finding("S2-03", Status.FAIL, "Late.", Line("a", "b" * 300, Status.PASS, "c"), Line("offset", "± 2 s"))
    drawn = drawing.panel(CheckWords("S2-03", "A title"), seen, 46, ASCII)
    assert all(in_ascii(r).plain.isascii() for r in drawn)
    assert all(in_ascii(r).spans == r.spans for r in drawn)


def test_the_checks_that_matter_come_first() -> None:
    checks = [CheckWords("a", "a"), CheckWords("b", "b"), CheckWords("c", "c"), CheckWords("d", "d")]
    found = [Finding("a", 1, "a", Status.PASS, ""), Finding("b", 1, "b", Status.WARN, ""), Finding("d", 1, "d", Status.FAIL, "")]
    assert [c.id for c, _ in drawing.in_reading_order(checks, found)] == ["d", "b", "c", "a"]


def test_a_finding_of_an_unlisted_check_is_shown() -> None:
    assert [c.id for c, _ in drawing.in_reading_order([], [Finding("X-9", 1, "x", Status.PASS, "")])] == ["X-9"]


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.PASS])
def test_what_does_not_pass_begins_with_what_was_found(status: Status) -> None:
    """The title states the good state: beside FAIL it would say the opposite of what was found."""
    first, second = rows(finding("S2-03", status, "The token ended 3 h ago."), 80)
    assert "  The token ended 3 h ago." in first
    assert second == "▌ Looked for: The token is within its lifetime."


def test_what_passes_begins_with_the_good_state() -> None:
    first, second = rows(finding("S2-03", Status.PASS, "It ends in 12 min."), 80)
    assert first.startswith("▌ ✓ PASS  The token is within its lifetime")
    assert second == "▌ It ends in 12 min."


def test_a_long_heading_goes_on_over_the_whole_width() -> None:
    drawn = rows(finding("S2-03", Status.FAIL, "one two three four five six seven eight nine ten eleven twelve thirteen"), 46)
    assert drawn[0].endswith("S2-03")
    assert drawn[1].startswith("▌ ")
    assert " ".join(" ".join(r.removeprefix("▌ ").removesuffix("S2-03").split()) for r in drawn[:2]).endswith("twelve thirteen")
