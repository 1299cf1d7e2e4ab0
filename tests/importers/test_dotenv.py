"""A .env file is read as the two families of readers read it, and where they differ that is known."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.dotenv import DIALECTS, differing, parse_dotenv

NODE = Path(__file__).parents[1] / "e2e" / "servers" / "node_modules" / "dotenv"


@for_each(
    ("text", "python", "node"),
    [
        ("A=b\nC=d", [("A", "b"), ("C", "d")], [("A", "b"), ("C", "d")]),
        ("export A=b # why", [("A", "b")], [("A", "b")]),
        ("A=b#c", [("A", "b#c")], [("A", "b")]),
        ("A='b # c'", [("A", "b # c")], [("A", "b # c")]),
        ("A=`b`", [("A", "`b`")], [("A", "b")]),
        ('A="b\\nc"', [("A", "b\nc")], [("A", "b\nc")]),
        ('A="b\\tc"', [("A", "b\tc")], [("A", "b\\tc")]),
        ("A=b\\nc", [("A", "b\\nc")], [("A", "b\\nc")]),
        ("A: b", [], [("A", "b")]),
        ("A", [("A", None)], []),
        ("A=", [("A", "")], [("A", "")]),
        ("A=1\nA=2", [("A", "2")], [("A", "2")]),
        ("A='x\ny'\nB=z", [("A", "x\ny"), ("B", "z")], [("A", "x\ny"), ("B", "z")]),
        ('A="x', [], [("A", '"x')]),
        ("A=b\r\nC=d\r\n", [("A", "b"), ("C", "d")], [("A", "b"), ("C", "d")]),
        ("A.b-c=d", [("A.b-c", "d")], [("A.b-c", "d")]),
        ("\ufeffA=b\u00a0", [("A", "b")], [("A", "b")]),
        ("=x\u2028A=b # c\u2029C=d", [], [("A", "b"), ("C", "d")]),
        ("A=${B} $C", [("A", "${B} $C")], [("A", "${B} $C")]),
    ],
)
def test_what_each_dialect_reads(text: str, python: list[tuple[str, str]], node: list[tuple[str, str]]) -> None:
    assert parse_dotenv(text, "python-dotenv") == python
    assert parse_dotenv(text, "motdotla") == node


def test_where_the_dialects_differ() -> None:
    """A key with a `#` in it is whole in one program and cut in the other."""
    assert differing("TOKEN=abc#def\nSAME=x\nTICKS=`y`\nONLY\n") == ("TOKEN", "TICKS")


def test_a_file_that_cannot_be_read_writes_nothing_to_the_log(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    assert parse_dotenv('SECRET="never closed\nA=b', "python-dotenv") == [("A", "b")]
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_another_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="python-dotenv and motdotla"):
        parse_dotenv("A=b", "ruby")


PIECES = st.sampled_from(["A", "B.c", "=", " = ", ": ", "'", '"', "`", "#", " # c", "\n", "\r\n", "\\n", '\\"', " ", "\t", "é", "export "])


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)))
def test_any_text_is_read(text: str) -> None:
    for dialect in DIALECTS:
        parse_dotenv(text, dialect)


@pytest.mark.services
def test_the_node_package_reads_the_same(needs: Callable[..., None]) -> None:
    """The real package is the judge, on texts of all the pieces its grammar knows."""
    needs("node", str(NODE))
    import random

    chance = random.Random(7)
    pieces = [
        "A",
        "B.c",
        "export K",
        "=",
        " = ",
        ": ",
        ":",
        "'",
        '"',
        "`",
        "v",
        "a b",
        "#",
        " # c",
        "\n",
        "\r\n",
        "\\n",
        '\\"',
        " ",
        "\t",
        "é",
        "$X",
        "\\r",
        "\\'",
        "\n\nC='",
        '\nD="',
        "\nexport\tE=",
        "\u00a0",
        "\ufeff",
        "\v",
    ]
    texts = [
        "".join([chance.choice(["A=", "\ufeffA=", "\n"]), *(chance.choice(pieces) for _ in range(chance.randint(1, 14)))])
        for _ in range(2000)
    ]
    program = (
        "const d=require(process.argv[1]);const t=JSON.parse(require('fs').readFileSync(0));"
        "console.log(JSON.stringify(t.map(x=>Object.entries(d.parse(x)))))"
    )
    done = subprocess.run(
        ["node", "-e", program, str(NODE)], input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=60
    )
    for text, wanted in zip(texts, json.loads(done.stdout), strict=True):
        assert [list(pair) for pair in parse_dotenv(text, "motdotla")] == wanted, repr(text)


@pytest.mark.parametrize("text", ["\n" * 100_000, "A=1\n" + "\n \t" * 30_000, "export " * 20_000, "A=" + "\\'" * 50_000])
def test_a_file_of_blanks_is_read_at_once(text: str) -> None:
    began = time.process_time()
    parse_dotenv(text, "motdotla")
    assert time.process_time() - began < 1


def test_thousands_of_blanks_are_refused_where_reading_them_takes_long() -> None:
    with pytest.raises(ValueError, match="blanks"):
        parse_dotenv("A=b" + " " * 50_000, "python-dotenv")
