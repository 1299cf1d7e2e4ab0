"""Are changes laid over a profile as a fault means them, and written so that they can be read again?"""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from authwizard.demo.profiles import merged, to_toml, variable, with_references
from authwizard.model.secret import Secret

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def test_tables_are_merged_and_none_takes_out() -> None:
    document = {"a": 1, "t": {"x": 1, "y": 2}, "u": {"z": 3}}
    assert merged(document, {"t": {"y": None, "n": 4}, "u": None, "new": {"k": 5}}) == {"a": 1, "t": {"x": 1, "n": 4}, "new": {"k": 5}}
    assert document == {"a": 1, "t": {"x": 1, "y": 2}, "u": {"z": 3}}


@given(
    st.dictionaries(
        st.sampled_from(["a", "b"]), st.one_of(TEXTS, st.lists(TEXTS, max_size=3), st.dictionaries(st.sampled_from(["x"]), TEXTS))
    )
)
def test_what_is_written_reads_the_same(table: dict[str, object]) -> None:
    read = tomllib.loads(to_toml({"demo": table}))
    assert read == {"version": 1, "profile": {"demo": table}}


def test_references_name_a_variable_for_each_secret() -> None:
    documents = with_references({"demo": {}, "staging": {"a": 1}}, {"demo": {"api_key": Secret("x")}, "staging": {"api_key": Secret("x")}})
    assert documents == {
        "demo": {"secrets": {"api_key": "env:AUTHWIZARD_DEMO_API_KEY"}},
        "staging": {"a": 1, "secrets": {"api_key": "env:AUTHWIZARD_DEMO_STAGING_API_KEY"}},
    }
    assert variable("demo", "access_token") == "AUTHWIZARD_DEMO_ACCESS_TOKEN"
