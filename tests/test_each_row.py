"""Does one test for a table see, and name, every row that fails?"""

from __future__ import annotations

import pytest
from each_row import for_each


def test_every_row_that_fails_is_named_with_the_line_and_the_reason() -> None:
    @for_each("low, high", [(1, 2), (3, 2), (2, 3), (5, 4), (6, None)])
    def judge(low: int, high: int) -> None:
        assert low < high

    with pytest.raises(pytest.fail.Exception) as caught:
        judge()
    head, *rows = str(caught.value).splitlines()
    assert head == "3 of 5 rows:"
    assert [row.partition(",")[0] for row in rows] == ["row 1 (3", "row 3 (5", "row 4 (6"]
    assert all(", line " in row for row in rows)
    assert "TypeError" in rows[2]


def test_rows_have_the_names_they_are_given() -> None:
    @for_each("row", [1, 2], ids=["one", "two"])
    def judge(row: int) -> None:
        with pytest.raises(ZeroDivisionError):
            row / (row - 1)

    with pytest.raises(pytest.fail.Exception, match=r"row 1 \(two\), line \d+: DID NOT RAISE"):
        judge()


def test_tables_cross_and_leave_the_fixtures_to_pytest() -> None:
    seen = []

    @for_each("one", [1, 2])
    @for_each("other", "ab")
    def judge(one: int, other: str, fixture: str) -> None:
        seen.append((one, other, fixture))

    judge(fixture="f")
    assert seen == [(1, "a", "f"), (1, "b", "f"), (2, "a", "f"), (2, "b", "f")]


def test_a_table_without_rows_proves_nothing() -> None:
    @for_each("row", [])
    def judge(row: int) -> None:
        """Judge nothing."""

    with pytest.raises(AssertionError, match="no rows"):
        judge()


@pytest.mark.parametrize(("names", "rows"), [("one, other", [(1, 2), (1,)]), ("another", [1])])
def test_a_table_that_does_not_fit_the_test_is_refused(names: str, rows: list[object]) -> None:
    with pytest.raises(ValueError, match=r"a row has not a value for each of|takes no another"):

        @for_each(names, rows)
        def judge(one: int, other: int) -> None:
            """Judge nothing."""
