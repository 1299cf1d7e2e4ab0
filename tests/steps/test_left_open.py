"""What a refusal without words leaves open, by what was sent and how it was refused."""

from __future__ import annotations

import pytest
from tests_support import make_jwt

from authwizard.knowledge.causes import catalogue
from authwizard.protocol.jose import inspect_token
from authwizard.steps.left_open import OF_A_403, OF_A_JWT, OF_AN_UNREADABLE_TOKEN, left_open

from .evidence_of_first_steps import credential


@pytest.mark.parametrize(
    ("kind", "value", "status", "first"),
    [
        ("bearer", make_jwt({"exp": 4102444800}), 401, OF_A_JWT[0]),
        ("dpop", make_jwt({"exp": 4102444800}), 401, OF_A_JWT[0]),
        ("bearer", "plainly-fake-opaque-0000", 401, OF_AN_UNREADABLE_TOKEN[0]),
        ("bearer", make_jwt({"exp": 4102444800}), 403, OF_A_403[0]),
        ("api_key", "plainly-fake-key-0000", 403, OF_A_403[0]),
        ("api_key", "plainly-fake-key-0000", 401, ""),
    ],
)
def test_the_commonest_comes_first(kind: str, value: str, status: int, first: str) -> None:
    assert left_open(credential(inspect_token(value), kind=kind), status).partition(" ")[0] == first


def test_all_of_them_are_causes() -> None:
    assert set(catalogue()) >= {*OF_A_JWT, *OF_AN_UNREADABLE_TOKEN, *OF_A_403}
