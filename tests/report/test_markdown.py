"""The report as Markdown: what came from outside stays text, for every renderer a ticket may meet."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from each_row import for_each
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from authwizard.model.finding import Status
from authwizard.model.run import Candidate
from authwizard.report.markdown import cell, code, escape, render_markdown
from authwizard.report.text import render_text

from .made_runs import FINDINGS, VERDICTS, run, saying

PARSER = MarkdownIt("gfm-like")
"""Tables, strikethrough and links made of bare addresses, as code hosts have them; HTML is let through, so that it would be seen."""
HARMLESS_INLINE = {"text", "code_inline", "softbreak", "text_special"}


def tokens(text: str) -> list[Token]:
    return PARSER.parse(text)


def inline(text: str) -> Iterator[Token]:
    return itertools.chain.from_iterable(token.children or () for token in tokens(text))


def shown(text: str) -> str:
    """What a reader sees."""
    return "".join(token.content for token in inline(text))


HOSTILE = [
    "https://evil.test/x", "see www.evil.test now", "mail me@evil.test", "mailto:me@evil.test", "@everybody look", "fixes #1", "closes GH-12",
    "[a](https://evil.test)", "![a](x.png)", "<script>alert(1)</script>", "<img src=x onerror=1>", "<https://evil.test>", "[x]: https://evil.test",
    "# heading", "## heading", "text\n# heading", "text\n===", "---", "***", "- item", "+ item", "* item", "1. item", "12) item", "> quote",
    "    code", "```\nfence", "~~~", "`code`", "``", "a ` b", "*bold*", "_it_", "**b**", "~~gone~~", "|a|b|\n|-|-|", "&lt;b&gt;", "&#60;b&#62;",
    "\\", "\\*", "$x$", "[[wiki]]", "<!-- hidden -->", ":smile:", "a\\", "`https://evil.test`", "|", "https://evil.test/|x", "a@b|c", "",
]  # fmt: skip
NASTY = st.text(alphabet="`*_[]()<>|#~!&$\\-+=1.:/@ \nahtpsw", max_size=60) | st.text(max_size=60) | st.sampled_from(HOSTILE)


@for_each("text", HOSTILE)
@for_each("place", ["{}", "- {}", "Words: {} and more"])
def test_hostile_text_stays_text(text: str, place: str) -> None:
    made = list(inline(place.format(escape(text))))
    assert {token.type for token in made} <= HARMLESS_INLINE, [t.type for t in made]
    kinds = {token.type for token in tokens(place.format(escape(text)))}
    assert kinds <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "bullet_list_open",
        "bullet_list_close",
        "list_item_open",
        "list_item_close",
    }
    assert sum(token.type == "bullet_list_open" for token in tokens(place.format(escape(text)))) == place.startswith("-")


@given(NASTY)
@example("\\`https://x.y`")
@example("``@a")
def test_no_text_becomes_markup_and_none_is_changed(text: str) -> None:
    escaped = escape(text)
    assert {token.type for token in inline(escaped)} <= HARMLESS_INLINE
    assert {t.type for t in tokens(escaped)} <= {"paragraph_open", "paragraph_close", "inline"}
    assert " ".join(shown(escaped).split()) == " ".join(text.split()).replace("\x00", "\ufffd")


@given(NASTY)
def test_inline_code_holds_its_text(text: str) -> None:
    flat = " ".join(text.split()).replace("\x00", "\ufffd")
    if flat.strip("`") or not flat:
        made = list(inline(f"x {code(text)} y"))
        assert [t.type for t in made] == ["text", "code_inline", "text"] or not flat
        assert not flat or made[1].content.strip() == flat.strip()


@given(NASTY, NASTY)
@example("https://evil.test/|x", "b")
@example("a@b|c", "|")
def test_a_cell_never_breaks_its_table(first: str, second: str) -> None:
    table = tokens(f"| a | b |\n|---|---|\n| {cell(first)} | {cell(second)} |")
    assert sum(token.type == "td_open" for token in table) == 2
    assert {t.type for token in table for t in token.children or ()} <= HARMLESS_INLINE
    cells = [token for before, token in itertools.pairwise(table) if before.type == "td_open"]
    for text, token in zip((first, second), cells, strict=True):
        seen = "".join(child.content for child in token.children or ())
        assert " ".join(seen.split()) == " ".join(text.split()).replace("\x00", "\ufffd")


@given(NASTY)
def test_the_structure_of_a_report_does_not_depend_on_its_texts(text: str) -> None:
    """Headings, lists, tables and fences are the program's own, whatever an answer holds."""
    made, plain = (tokens(render_markdown(saying(words))) for words in (text if text.strip() else "x", "plain"))
    assert [_shape(t) for t in made] == [_shape(t) for t in plain]
    assert {child.type for token in made for child in token.children or ()} <= HARMLESS_INLINE


def _shape(token: Token) -> tuple[Any, ...]:
    return token.type, token.tag, token.nesting


@pytest.mark.parametrize("kind", VERDICTS)
def test_every_kind_of_verdict_is_told(kind: str) -> None:
    text = render_markdown(run(kind))
    first = tokens(text)[1].content
    assert text.startswith("# ")
    assert VERDICTS[kind].kind in text
    assert first
    assert "## What to do" in text
    assert "## Steps" in text


def test_nothing_of_the_verdict_is_left_out() -> None:
    text = shown(render_markdown(run()))
    for part in (
        "Two observations disagree.",
        "The server says something else.",
        "It verifies.",
        "The address is http.",
        "Send a fresh token.",
    ):
        assert part in text
    assert "authwizard check prod --allow refresh" in render_markdown(run())
    assert "Please look." in render_markdown(run())


def test_a_fence_is_longer_than_what_it_holds() -> None:
    fences = [t for t in tokens(render_markdown(saying("````\nx\n```"))) if t.type == "fence"]
    assert len(fences) == 2 + 10, "the command, the hand-over, and each step's quotation"
    assert all(t.content.strip() for t in fences)


def test_a_heading_says_what_was_found_and_below_it_what_was_looked_for() -> None:
    """The wizard's panels say the same (`Finding.heading`)."""
    seen = next(f for f in FINDINGS if f.status is Status.FAIL)
    shown = render_markdown(run())
    assert f": {escape(seen.summary)}\n\nLooked for: {escape(seen.title)}" in shown
    passed = next((f for f in FINDINGS if f.status is Status.PASS and f.details), None)
    assert passed is None or f": {escape(passed.title)}\n\n{escape(passed.summary)}" in shown


def test_the_sign_behind_an_address_is_no_part_of_it() -> None:
    assert escape("It is https://a.example/x, not https://b.example. (see https://c.example/y)") == (
        "It is `https://a.example/x`, not `https://b.example`. (see `https://c.example/y`)"
    )


def test_a_cause_that_is_sure_leaves_no_other_possible() -> None:
    seen = run("cause")
    others = (Candidate(seen.verdict.cause or "", 90, "a"), Candidate("token_revoked", 30, "It is refused."))
    for confidence, told in (("proven", False), ("very_likely", False), ("possible", True)):
        verdict = replace(seen.verdict, confidence=confidence, candidates=others)
        for render in (render_markdown, render_text):
            assert ("Still possible" in render(replace(seen, verdict=verdict))) is told
