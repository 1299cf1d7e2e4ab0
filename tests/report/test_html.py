"""The report as an HTML page: one file that loads nothing and runs nothing, whatever a server wrote into its answers."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.report.html_page import POLICY, render_html, render_html_runs
from authwizard.report.words import headline

from .made_runs import VERDICTS, run, saying

VOID = {"meta"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "nav", "main", "header", "footer", "section", "details", "summary", "h1", "h2", "h3", "p",
    "b", "i", "ul", "li", "dl", "dt", "dd", "pre", "code", "span", "table", "caption", "thead", "tbody", "tr", "th", "td", "a",
}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "id", "class", "open", "href"}


class Page(HTMLParser):
    """Reads a page as a browser would: its elements, their nesting, and what is shown."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.shown.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.shown).split())


@pytest.mark.parametrize("kind", VERDICTS)
def test_the_answer_comes_first_and_every_element_is_closed(kind: str) -> None:
    page = Page(render_html(run(kind)))
    assert page.open == []
    assert page.text.startswith(f"authwizard: prod {headline(VERDICTS[kind])} {VERDICTS[kind].summary}")


def test_everything_of_a_verdict_and_its_evidence_is_there() -> None:
    text = Page(render_html(run())).text
    for part in (
        "token_expired, found in step 2", "Or token_revoked", "exp is 2 h before the API's clock. [S2-03]", "Against", "disagree", "insufficient_scope",
        "[I-01, plaintext_http]", "signature_invalid: It verifies.", "authwizard check prod --allow refresh", "Send a fresh token.",
        "At noon our client called GET /.", "S2-03 is well", "exp: 2026-01-01 (2 h ago)", "Redirects hop answer 1 301", "RFC 9110 11.6.2",
        "R1 and 4 more checks", "GET https://api.example.com/v2/me Authorization: Bearer <token 842 bytes #9f3c1a2b>", "jwt expired", "It took too long.",
        "7 API, 1 token, 3 verification, 4 other requests",
    ):  # fmt: skip
        assert part in text, part


def test_it_loads_nothing_and_runs_nothing() -> None:
    page = Page(render_html(run()))
    assert POLICY.startswith("default-src 'none'")
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in [attributes for _, attributes in page.elements]
    for tag, attributes in page.elements:
        assert tag in ALLOWED
        assert set(attributes) <= ATTRIBUTES
    assert "url(" not in render_html(run())
    assert "@import" not in render_html(run())


def test_several_runs_are_one_page_with_a_link_to_each() -> None:
    page = Page(render_html_runs((run(), run("healthy", profile="staging"))))
    assert [a["href"] for tag, a in page.elements if tag == "a"] == ["#run0", "#run1"]
    assert [a["id"] for tag, a in page.elements if tag == "main"] == ["run0", "run1"]
    assert sum(tag == "html" for tag, _ in page.elements) == 1


HOSTILE = (
    "<script>alert(1)</script>",
    "</pre><img src=x onerror=alert(1)>",
    '" onmouseover="x',
    "&lt;b&gt;",
    "]]>",
    "<!--",
    "</style><b>",
    "\x1b]0;x\x07",
)


@given(st.text(min_size=1, max_size=80) | st.sampled_from(HOSTILE))
def test_no_text_becomes_an_element(text: str) -> None:
    made, plain = Page(render_html(saying(text))), Page(render_html(saying("plain")))
    assert made.open == []
    assert [e for e in made.elements if e[0] != "details"] == [e for e in plain.elements if e[0] != "details"]
    assert not any(ord(c) < 32 and c not in "\t\n" for c in render_html(saying(text)))
