"""Which row of the scope table fits a request, and what is missing."""

from __future__ import annotations

from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.profile import Endpoint
from authwizard.steps.scope_table import compare, find_row, matches, requirement, row_for, shown

from .made_evidence import profile

SEED = (
    Endpoint("GET /v2/devices", ("read", "devices:read")),
    Endpoint("POST /v2/devices/{id}/actions", ("write", "devices:manage")),
    Endpoint("PUT /v2/policies/{id}", ("write", "policies:write")),
    Endpoint("GET /v2/logs/*", ("logs:read", "admin")),
    Endpoint("DELETE /v2/organizations/{id}", ("admin",)),
    Endpoint("GET /v2/devices/{id}", ("read",)),
    Endpoint("GET /v2/devices/current", ("devices:own",)),
    Endpoint("* /v2/*", ("any",)),
)
segment = st.text("abcdefgh0123-_.", min_size=1, max_size=6).filter(lambda s: s not in (".", ".."))


@for_each(
    ("request_", "expected"),
    [
        ("GET /v2/devices", "GET /v2/devices"),
        ("GET /v2/devices?limit=5", "GET /v2/devices"),
        ("GET /v2/devices/", "GET /v2/devices"),
        ("/v2/devices", "GET /v2/devices"),
        ("POST /v2/devices/42/actions", "POST /v2/devices/{id}/actions"),
        ("GET /v2/devices/42", "GET /v2/devices/{id}"),
        ("GET /v2/devices/current", "GET /v2/devices/current"),
        ("GET /v2/logs/a/b", "GET /v2/logs/*"),
        ("GET /v2/logs", "* /v2/*"),
        ("PATCH /v2/devices", "* /v2/*"),
        ("GET https://api.example.com/v2/devices#part", "GET /v2/devices"),
        ("GET /v1/devices", None),
    ],
)
def test_the_most_specific_row_fits(request_: str, expected: str | None) -> None:
    found = find_row(profile(), SEED, request_)
    assert (found.request if found else None) == expected


def test_the_order_of_rows_does_not_matter_to_specificity() -> None:
    forward, backward = (find_row(profile(), rows, "GET /v2/devices/current") for rows in (SEED, SEED[::-1]))
    assert forward == backward


def test_a_base_path_belongs_to_both() -> None:
    based = profile(base_url="https://api.example.com/base", request="GET /x/7", endpoints=(Endpoint("GET /x/{id}", ("read",)),))
    assert row_for(based) == based.endpoints[0]


def test_a_base_url_with_references_is_no_obstacle() -> None:
    based = profile(
        base_url="https://{secret:username}:{secret:password}@api.example.com", endpoints=(Endpoint("GET /v2/devices", ("read",)),)
    )
    assert row_for(based) == based.endpoints[0]


@given(st.lists(segment, min_size=1, max_size=4))
def test_a_path_matches_itself_and_its_templates(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    assert matches(path, path)
    assert matches("/" + "/".join(["{id}"] * len(parts)), path)
    assert matches("/*", path)
    assert not matches(path, path + "/more")
    assert not matches("/" + "/".join(["{id}"] * (len(parts) + 1)), path)


@for_each(
    ("template", "path", "fits"),
    [
        ("/a/{id}.json", "/a/7.json", True), ("/a/{id}.json", "/a/7.xml", False), ("/a/*/c", "/a/b/c", True), ("/a/*/c", "/a/b/b/c", False),
        ("/a/*", "/a", False), ("/a/**", "/a", True), ("/a/:id", "/a/7", True), ("/a/<id>", "/a/7", True), ("/a.b", "/aXb", False),
        ("/A", "/a", False), ("/a/devices:read", "/a/devices:read", True), ("/a/x-*", "/a/x-1", True),
    ],
)  # fmt: skip
def test_templates(template: str, path: str, fits: bool) -> None:
    assert matches(template, path) is fits


@for_each(
    ("scopes", "granted", "coverage", "missing"),
    [
        (("read", "devices:read"), {"read"}, "met", ()),
        (("read", "devices:read"), {"devices:read", "x"}, "met", ()),
        (("read", "devices:read"), {"write"}, "unmet", ("read",)),
        (("a b",), {"a", "b"}, "met", ()),
        (("a b",), {"a"}, "unmet", ("b",)),
        (("a b", "c"), set(), "unmet", ("c",)),
        ((), set(), "met", ()),
        (("read",), {"Read"}, "unmet", ("read",)),
        (("read",), {"https://api.example.com/read"}, "maybe", ("read",)),
        (("https://api.example.com/read",), {"read"}, "maybe", ("https://api.example.com/read",)),
        (("api://1-2/access",), {"access"}, "maybe", ("api://1-2/access",)),
        (("devices:read",), {"devices:*"}, "maybe", ("devices:read",)),
        (("devices:read",), {"logs:*"}, "unmet", ("devices:read",)),
        (("write",), {"admin"}, "maybe", ("write",)),
        (("devices:read",), {"devices:admin"}, "maybe", ("devices:read",)),
        (("read",), {"devices:read"}, "unmet", ("read",)),
        (("repo:status",), {"repo"}, "maybe", ("repo:status",)),
        (("repository",), {"repo"}, "unmet", ("repository",)),
        (("read:org",), {"write:org"}, "maybe", ("read:org",)),
        (("read:org",), {"admin:org"}, "maybe", ("read:org",)),
        (("write:org",), {"read:org"}, "unmet", ("write:org",)),
        (("User.Read.All",), {"User.ReadWrite.All"}, "maybe", ("User.Read.All",)),
        (("User.ReadWrite.All",), {"User.Read.All"}, "unmet", ("User.ReadWrite.All",)),
        (("devices:read",), {"devices:manage"}, "maybe", ("devices:read",)),
    ],
)
def test_comparison(scopes: tuple[str, ...], granted: set[str], coverage: str, missing: tuple[str, ...]) -> None:
    found = compare(Endpoint("GET /x", scopes), granted)
    assert (found.coverage, found.missing) == (coverage, missing)


@given(st.lists(st.lists(segment, min_size=1, max_size=3), min_size=1, max_size=3), st.sets(segment))
def test_granting_what_is_missing_meets_the_row(sets: list[list[str]], granted: set[str]) -> None:
    row = Endpoint("GET /x", tuple(" ".join(one) for one in sets))
    found = compare(row, granted)
    assert compare(row, granted | set(found.missing)).coverage == "met"
    assert (found.coverage == "met") == any(one <= granted for one in requirement(row))


def test_a_requirement_reads_like_a_sentence() -> None:
    assert shown(Endpoint("GET /x", ("read", "b a"))) == "read or a and b"
    assert shown(Endpoint("GET /x")) == "none"
