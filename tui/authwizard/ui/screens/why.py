"""Why not the others: the candidates, what was ruled out and by what, what speaks against the answer."""

from __future__ import annotations

from collections.abc import Callable

from authwizard.model.run import Verdict
from authwizard.ui.meaning import ruled_out_lines
from authwizard.ui.screens.dialog import Notice
from authwizard.ui.widgets.choice_list import Choice
from authwizard.ui.widgets.paragraphs import BLANK, Para


class WhyScreen(Notice):
    """The other causes, each with its reason."""

    def __init__(self, verdict: Verdict | None, cause_title: Callable[[str], str]) -> None:
        super().__init__("Why not the others", [])
        self._paragraphs = _reasons(verdict, cause_title) if verdict else [Para("There is no verdict yet.")]
        self._choices = [Choice("ok", "Close")]


def _reasons(verdict: Verdict, cause_title: Callable[[str], str]) -> list[Para]:
    text: list[Para] = []
    others = [c for c in verdict.candidates if c.cause != verdict.cause]
    if others:
        sure = verdict.confidence in ("confirmed", "proven", "very_likely")
        text += [Para("Pointed at as well, less strongly" if sure else "Still possible", "bold $secondary")]
        text += [Para(f"{cause_title(c.cause)}{': ' + c.text if c.text else ''}", "", 2, most=8) for c in others]
        text.append(BLANK)
    if verdict.ruled_out:
        text.append(Para("Ruled out", "bold $secondary"))
        text += [Para(line, "", 2, most=8) for line in ruled_out_lines(verdict, cause_title)]
        text.append(BLANK)
    if verdict.against:
        text.append(Para("Against the answer", "bold $secondary"))
        text += [Para(s.text, "", 8, label=s.check, most=8) for s in verdict.against]
        text.append(BLANK)
    if verdict.contradictions:
        text.append(Para("These observations disagree", "bold $secondary"))
        text += [Para(c, "", 2, most=8) for c in verdict.contradictions]
        text.append(BLANK)
    if verdict.next_test:
        text += [Para("The test that would decide", "bold $secondary"), Para(verdict.next_test, "", 2, most=8)]
    return text or [Para("No other cause had anything speaking for it.")]
