"""Does `authwizard cause` show the catalogue, and name only commands that exist?"""

from __future__ import annotations

import re
import shlex

import pytest

from authwizard.cli.arguments import COMMANDS, parse
from authwizard.knowledge.causes import catalogue


def test_all_causes_are_listed(run) -> None:
    said = run("cause")
    assert said.status == 0
    assert set(re.findall(r"^  (\S+) ", said.out, re.MULTILINE)) == catalogue().keys()


@pytest.mark.parametrize("code", ["token_expired", "authorization_stripped", "uniform_401"])
def test_one_cause_is_shown_in_full(run, code: str) -> None:
    said = run("cause", code)
    assert said.status == 0
    assert said.out.startswith(f"{code}: {catalogue()[code].title}\n")
    for heading in ("What it is", "How it is recognised", "What to do", "Sources"):
        assert f"\n{heading}\n" in said.out


def test_an_unknown_cause_gets_the_nearest_codes(run) -> None:
    said = run("cause", "token_expird")
    assert (said.status, said.out) == (2, "")
    assert "did you mean token_expired" in said.err
    assert said.is_one_sentence


def test_a_cause_like_no_other_gets_the_way_to_the_list(run) -> None:
    said = run("cause", "\x1b]0;zzz\x07")
    assert said.status == 2
    assert "authwizard cause" in said.err
    assert "\x1b" not in said.err


def own_commands(line: str) -> list[list[str]]:
    """Return the arguments of each call of authwizard in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    calls: list[list[str]] = [[]]
    for word in lexer:
        calls = [*calls, []] if word in ("|", "||", "&&", ";") else [*calls[:-1], [*calls[-1], word]]
    return [call[1:] for call in calls if call[:1] == ["authwizard"]]


def test_every_command_that_a_remedy_names_is_one_of_this_program(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = set()
    for line in {line for entry in catalogue().values() for line in entry.commands}:
        for arguments in own_commands(line):
            try:
                parse(arguments)
                right = arguments[0] in COMMANDS or arguments == ["{profile}"]
            except SystemExit:
                right = False
            if not right:
                wrong.add(line)
    assert wrong == set()
