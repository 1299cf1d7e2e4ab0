"""Which endpoint does a path of the practice API belong to?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.demo.resources import match


@pytest.mark.parametrize(
    ("path", "methods", "parts"),
    [
        ("/v2/devices", {"GET"}, ()),
        ("/v3/devices/d/actions", {"POST"}, ("d",)),
        ("/v2/logs/a/b", {"GET"}, ("a/b",)),
        ("/v2/organizations/current", {"GET", "DELETE"}, ()),
        ("/v2/organizations/org_1", {"DELETE"}, ("org_1",)),
    ],
)
def test_paths_that_exist(path: str, methods: set[str], parts: tuple[str, ...]) -> None:
    found = match(path)
    assert found is not None
    assert set(found.by_method) == methods
    assert found.version == path[1:3]
    assert found.by_method[sorted(methods)[-1]][1] == parts


@pytest.mark.parametrize(
    "path",
    ["", "/", "v2/devices", "/v1/devices", "/v2", "/v2/", "/v2/devices/", "/v2//devices", "/v2/logs", "/v2/logs/", "/v2/logs//a", "*"],
)
def test_paths_that_do_not(path: str) -> None:
    assert match(path) is None


@given(st.text(max_size=60))
def test_no_path_makes_it_stumble(path: str) -> None:
    assert match(path) is None
    match("/v2/" + path)
