"""The credential drawn to scale: its parts add up to the whole, a faulty character stands at its place, and no value is in it."""

from __future__ import annotations

from authwizard.model.evidence import CredentialSeen
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault, TokenSeen
from authwizard.steps.step1_scale import scale_of


def seen(scheme: str = "Bearer", *, parts: tuple[int, ...] = (), length: int = 20, faults: tuple[TokenFault, ...] = ()) -> CredentialSeen:
    token = TokenSeen("jws" if parts else "opaque", length, parts=parts)
    return CredentialSeen("bearer", "header", "Authorization", scheme, Secret("x"), token, length, faults=faults)


def test_the_parts_of_a_jwt_follow_each_other_with_a_dot_between() -> None:
    (drawn,) = scale_of(seen(parts=(70, 304, 86), length=462))
    assert [row[0] for row in drawn.rows] == ["Bearer", "separator", "header", "payload", "signature"]
    assert [(s.start, s.end) for s in drawn.spans] == [(0, 6), (6, 7), (7, 77), (78, 382), (383, 469)]


def test_parts_that_do_not_add_up_are_one_value() -> None:
    (drawn,) = scale_of(seen(parts=(70, 304, 86), length=463))
    assert [row[0] for row in drawn.rows] == ["Bearer", "separator", "value"]


def test_a_faulty_character_stands_at_its_place_behind_the_scheme() -> None:
    (drawn,) = scale_of(seen(faults=(TokenFault("whitespace_in_credential", "A blank.", "value", 4),)))
    assert drawn.rows[-1] == ("faulty", "character 5 of the value")
    assert drawn.spans[-1].at == 11.5


def test_a_bare_value_needs_no_drawing() -> None:
    assert scale_of(seen("")) == ()
