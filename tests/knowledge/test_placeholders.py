"""Are names filled in without breaking text or shell?"""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.placeholders import STAND_INS, fill_command, fill_text


def test_known_names_are_filled() -> None:
    assert fill_text("Ask {issuer} for {scope}.", {"issuer": "https://a", "scope": "read"}) == "Ask https://a for read."


def test_an_unknown_name_reads_as_words() -> None:
    assert fill_text("Ask {issuer}.", {"issuer": ""}) == "Ask the authorization server."


def test_other_braces_stay() -> None:
    assert fill_command('curl -w "%{http_code}" {url}', {"url": "https://a/b"}) == 'curl -w "%{http_code}" https://a/b'


def test_a_value_is_not_searched_for_placeholders() -> None:
    assert fill_text("{issuer}", {"issuer": "{scope}", "scope": "read"}) == "{scope}"


def test_an_unknown_value_becomes_a_shell_variable() -> None:
    assert fill_command("curl {token_url}", {}) == 'curl "$TOKEN_URL"'


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1))
def test_no_value_breaks_out_of_a_command(value: str) -> None:
    for name in STAND_INS:
        assert shlex.split(fill_command(f"curl {{{name}}} -d x={{{name}}}", {name: value})) == ["curl", value, "-d", f"x={value}"]
