"""Findings as panels: glyph and word, columns that align, tables that never break a word, nothing wider than the pane."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_services import BROKEN, finding
from rich.cells import cell_len
from textual.content import Content

from authwizard.model.finding import Code, Finding, Line, Scale, Skip, Span, Status, Table
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


LIFE = Scale(
    ("moment", "UTC", "from now"), (("issued", "09:00", "3 h ago"), ("expires", "10:00", "2 h ago"), ("now", "12:00", "now")), "Life",
    spans=(Span.point(0), Span(0, 3600), Span.point(10800, 600)),
)  # fmt: skip


def test_a_scale_draws_each_row_on_one_line_to_scale() -> None:
    head, issued, expires, now = (r.plain for r in drawing.details([LIFE], 50, UNICODE))
    assert head == "Life"
    assert issued.index("●") == expires.index("━"), "both begin at the same moment"
    assert expires.count("━") == pytest.approx((50 - 7 - 7 - 4) / 3, abs=1.5)
    assert now.index("├") < now.index("●")
    assert now.split()[-1] == "now"
    assert [r[-7:] for r in (issued, expires)] == ["3 h ago", "2 h ago"]


def test_a_scale_without_room_or_without_length_is_its_table() -> None:
    assert [r.plain for r in drawing.details([LIFE], 24, UNICODE)][1].startswith("moment")
    flat = replace(LIFE, spans=(Span.point(5),) * 3)
    assert "●" not in "".join(r.plain for r in drawing.details([flat], 60, UNICODE))


def test_a_scale_is_ascii_where_marks_are() -> None:
    assert all(r.plain.isascii() for r in drawing.details([LIFE], 50, ASCII))


def underlined(row: Content) -> list[str]:
    return [row.plain[s.start : s.end] for s in row.spans if s.style == drawing.DIFFERENT and s.start < s.end]


def test_the_differing_part_of_compared_cells_is_marked() -> None:
    table = Table(("", "profile", "token"), (("iss", "https://auth.example", "https://auth.staging.example"),), compared=(1, 2))
    row = drawing.details([table], 80, UNICODE)[-1]
    assert underlined(row)[-1].strip(".") == "staging"
    alike = replace(table, rows=(("iss", "https://a.example", "https://a.example"),))
    assert not underlined(drawing.details([alike], 80, UNICODE)[-1])


def test_the_differing_part_of_a_line_is_marked_where_it_is_broken_over_rows() -> None:
    drawn = drawing.details([Line("profile", "aaaaaaaaaaXbbbbbbbbbb", Status.FAIL, "", "aaaaaaaaaaYbbbbbbbbbb")], 25, UNICODE)
    assert [part for row in drawn for part in underlined(row)] == ["X"]


MANY = [
    *(finding(f"S1-0{n}", Status.PASS, f"Fine {n}.", Line("a", f"evidence {n}")) for n in range(1, 6)),
    finding("S1-06", Status.PASS, "Drawn.", LIFE),
    *(finding(f"S1-1{n}", Status.SKIP, f"Reason {n}.", skip=Skip.NOT_APPLICABLE) for n in range(3)),
]


def test_a_step_with_many_checks_stays_short() -> None:
    drawn = [r.plain for r in drawing.panels((), MANY, 60, UNICODE)]
    assert "S1-06" in drawn[0], "what has something to look at comes first"
    assert not any("evidence" in r for r in drawn)
    assert [r for r in drawn if "N/A" in r] == ["▌ – N/A  3 more do not apply   f shows them"]
    whole = "\n".join(r.plain for r in drawing.panels((), MANY, 60, UNICODE, whole=True))
    assert "evidence 5" in whole
    assert "Reason 2." in whole


def test_a_step_that_does_not_apply_says_why_once() -> None:
    drawn = [r.plain for r in drawing.panels((), MANY[-3:], 60, UNICODE)]
    assert "Reason 0." in drawn[0]
    assert "2 more do not apply" in drawn[-1]


def test_what_the_verdict_rests_on_comes_first_among_equals() -> None:
    checks = [CheckWords("a", "a"), CheckWords("b", "b")]
    found = [Finding("a", 1, "a", Status.FAIL, ""), Finding("b", 1, "b", Status.FAIL, "")]
    assert [c.id for c, _ in drawing.in_reading_order(checks, found, ("b",))] == ["b", "a"]
