"""Every dialect of "what this token may do"."""

from __future__ import annotations

from typing import Any

from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.steps.granted_scopes import of_claims, split, union


@for_each(
    ("claims", "expected"),
    [
        ({"scope": "read write"}, {("claim scope", ("read", "write"))}),
        ({"scope": ["read", "write"]}, {("claim scope", ("read", "write"))}),
        ({"scope": "repo,user"}, {("claim scope", ("repo", "user"))}),
        ({"scp": "a b"}, {("claim scp", ("a", "b"))}),
        ({"scp": ["a"]}, {("claim scp", ("a",))}),
        ({"roles": ["Reader"], "permissions": ["p:1"]}, {("claim roles", ("Reader",)), ("claim permissions", ("p:1",))}),
        ({"realm_access": {"roles": ["r"]}}, {("claim realm_access.roles", ("r",))}),
        ({"resource_access": {"api": {"roles": ["r"]}, "odd": 1}}, {("claim resource_access.api.roles", ("r",))}),
        ({"cognito:groups": ["g"]}, {("claim cognito:groups", ("g",))}),
        ({"scope": ""}, set()),
        ({"scope": 7, "roles": {"a": 1}, "realm_access": "x", "resource_access": []}, set()),
        ({}, set()),
    ],
)
def test_claims(claims: dict[str, Any], expected: set[Any]) -> None:
    assert {(g.source, g.names) for g in of_claims(claims)} == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["scope", "scp", "roles", "groups", "realm_access", "resource_access"]), json_values))
def test_no_claims_break_it(claims: dict[str, Any]) -> None:
    names = union(of_claims(claims))
    assert all(isinstance(name, str) and name and not name.isspace() for name in names)


@given(st.lists(st.text("abc:/._", min_size=1, max_size=5), max_size=4))
def test_a_space_separated_text_and_a_list_say_the_same(names: list[str]) -> None:
    assert split(" ".join(names)) == split(names)
