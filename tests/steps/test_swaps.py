"""One factor changed: what the two answers prove."""

from __future__ import annotations

import pytest

from authwizard.model.evidence import Baseline, CleanedCall
from authwizard.model.finding import Grade, Group
from authwizard.steps.swaps import swap_argument, swaps_about

from .evidence_of_first_steps import BEARER, baseline, exchange


def cleaned(status: int | None = 200, **more: object) -> CleanedCall:
    return CleanedCall(exchange(status, id="S1", **more), "quotes_in_token", "quotes")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "grade"),
    [
        (baseline(401), cleaned(200), Grade.P),
        (None, cleaned(200), Grade.P),
        (baseline(fault="refused_locally"), cleaned(200), Grade.P),
        (baseline(401), cleaned(403), Grade.S),
        (baseline(401, headers=BEARER), cleaned(401, headers=BEARER), Grade.XM),
        (baseline(401, headers=BEARER), cleaned(401, body="something else entirely"), None),
        (baseline(200), cleaned(200), None),
        (baseline(401), cleaned(fault="connect"), None),
        (None, cleaned(401), None),
    ],
)
def test_a_swap_proves_only_what_it_shows(before: Baseline | None, after: CleanedCall, grade: Grade | None) -> None:
    argument = swap_argument(after, before)
    assert (argument.grade if argument else None) == grade
    if argument is not None:
        assert (argument.group, argument.factor, argument.cause) == (Group.SWAP, "quotes", "quotes_in_token")
        assert "quotes" in argument.text


def test_what_could_not_be_sent_before_is_not_called_unanswered() -> None:
    for unsent in (None, baseline(fault="refused_locally")):
        argument = swap_argument(cleaned(200), unsent)
        assert argument is not None
        assert argument.text.endswith("(200 OK); as it is stored it cannot be sent.")
    silent = swap_argument(cleaned(200), baseline(None, fault="timeout"))
    assert silent is not None
    assert silent.text.endswith("before it was not answered.")


def test_a_swap_is_shown_where_its_cause_belongs() -> None:
    assert swaps_about(("quotes_in_token",), None, cleaned()) == (cleaned(),)
    assert swaps_about(("url_encoded_token",), cleaned()) == ()
