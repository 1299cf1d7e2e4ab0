"""The walk finds every key that the parser finds, at its line."""

from __future__ import annotations

import datetime as dt
import tomllib

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from authwizard.store.toml_lines import locate

TEXT = """\
# head
version = 1   # one

[profile.prod]  # [not.a.header]
"base url" = "https://x # ]"
headers = { "X-\\u0041" = 'a]', b.c = [1, 2, { q = \"\"\"
two lines ]\\\"\"\"\"\"\" }] }
when = 2020-01-01 10:00:00  # c
list = [
  "one",  # [a comment]
  "two",
]
[[profile.prod.endpoints]]
request = '''GET
'x''''
[[profile.prod.endpoints]]
request="b"
[profile . prod.endpoints. 'z']
u = 1
"""


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """All key paths of a parsed document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} - {()} | {each for key, item in inner for each in paths_of(item, (*path, key))}


def test_every_key_of_a_tricky_text_has_its_line() -> None:
    found = locate(TEXT)
    assert set(found.offsets) == paths_of(tomllib.loads(TEXT))
    lines = {
        ("version",): 2, ("profile", "prod"): 4, ("profile", "prod", "base url"): 5, ("profile", "prod", "headers", "X-A"): 6,
        ("profile", "prod", "headers", "b", "c", 2, "q"): 6, ("profile", "prod", "when"): 8, ("profile", "prod", "list", 0): 10,
        ("profile", "prod", "list", 1): 11, ("profile", "prod", "endpoints", 0, "request"): 14, ("profile", "prod", "endpoints", 1): 16,
        ("profile", "prod", "endpoints", 1, "z", "u"): 19,
    }  # fmt: skip
    assert {path: found.line_of(path) for path in lines} == lines


def test_a_missing_key_has_the_line_of_its_table() -> None:
    assert locate(TEXT).line_of(("profile", "prod", "request")) == 4
    assert locate(TEXT).line_of(("nowhere",)) == 1


def test_statements_end_where_their_value_ends() -> None:
    found = locate(TEXT)
    by_path = {each.path: TEXT[each.start : each.end] for each in found.statements}
    assert by_path["profile", "prod", "when"] == "when = 2020-01-01 10:00:00"
    assert by_path["profile", "prod"] == "[profile.prod]"
    assert by_path["profile", "prod", "list"].endswith('"two",\n]')


KEYS = st.text(min_size=1, max_size=6, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]))
SCALARS = (
    st.text(max_size=12, alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]))
    | st.integers(-9999, 9999)
    | st.booleans()
    | st.dates(min_value=dt.date(1970, 1, 1))
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_every_key_of_any_document_is_found(document: dict[str, object]) -> None:
    text = tomlkit.dumps(document)
    assert set(locate(text).offsets) == paths_of(tomllib.loads(text))
