"""One explained answer for a person and for a program (`authwizard explain`)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any

from authwizard.knowledge.causes import cause
from authwizard.knowledge.explanation import Explanation
from authwizard.knowledge.next_tests import next_test
from authwizard.knowledge.responders import responder_of
from authwizard.model.finding import Owner
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe_line
from authwizard.protocol.redaction import Redactor
from authwizard.report.words import OWNERS

WIDTH = 96
UNSAID = "token_rejected_unspecified"
_LONG_WORD = late_pattern(r"[^\s'\"<>]{12,}")
_SURE = {"names_it": "the answer names it", "hints": "the answer hints at it", "says_nothing": "the answer gives no reason"}


def explanation_json(said: Explanation, redactor: Redactor) -> dict[str, Any]:
    """Return the object of DESIGN section 3: challenges, responder, cause, certainty, candidates, owner, summary."""
    return {
        "challenges": [_challenge(c, redactor) for c in said.challenges], "malformed": said.malformed, "responder": said.responder,
        "cause": said.cause, "certainty": said.certainty, "candidates": list(said.candidates), "owner": said.owner.value,
        "summary": shown(said.summary, redactor),
    }  # fmt: skip


def unreadable_json(why: str) -> dict[str, Any]:
    """Return the answer to a line that could not be read: the same members, and `error` with the reason in a sentence."""
    return {
        "error": why, "challenges": [], "malformed": False, "responder": "", "cause": None, "certainty": "says_nothing", "candidates": [],
        "owner": Owner.NOBODY_CAN_TELL.value, "summary": "This line could not be read, so nothing can be said about it.",
    }  # fmt: skip


def _challenge(challenge: Any, redactor: Redactor) -> dict[str, Any]:
    token = challenge.token68
    return {
        "scheme": safe_line(challenge.scheme, 100),
        "params": {safe_line(name, 100): shown(value, redactor) for name, value in challenge.params.items()},
        # what follows Negotiate or NTLM is a message of a handshake, and may be a ticket
        "token68": None if token is None else f"<{len(token)} characters>" if len(token) > 8 else safe_line(token),
    }


def shown(text: str, redactor: Redactor) -> str:
    """Return a text of the server's fit to be shown: no secret, nothing that acts on a terminal."""
    if not text.isascii() or _LONG_WORD.search(text):
        text = _without_random(redactor.redact(text))
    return safe_line(text, 1000)


def _without_random(text: str) -> str:
    """Mask words that look drawn by lot: an answer may repeat a credential that nobody marked as one."""
    from authwizard.protocol.redaction_shapes import looks_random

    def mask(match: re.Match[str]) -> str:
        word = match.group()
        hidden = len(word) >= 20 and looks_random(word) and not re.fullmatch(r"[0-9a-fA-F-]{36}|https?://\S+|[\d:.TZ+-]+", word)
        return f"<{len(word)} characters that look like a secret>" if hidden else word

    return _LONG_WORD.sub(mask, text)


def render_explanation(
    said: Explanation, status: int, headers: list[tuple[str, str]], body: str, redactor: Redactor, *, log: bool = False
) -> str:  # fmt: skip
    """Return the explanation as text: whose turn it is, who says what, what that means, what to do, what else it may be."""
    lines = [_headline(said, status), ""]
    lines += _facts(said, status, headers, body, redactor, log)
    lines += ["", *_why(said, status)]
    if said.cause is not None:
        lines += ["", *_what_to_do(said)]
        lines += _others(said)
        lines += [
            "",
            f"More about it: authwizard cause {said.cause}",
            "To have it tested: pipe the curl command that failed into authwizard check -",
        ]
    return "\n".join(lines) + "\n"


def _headline(said: Explanation, status: int) -> str:
    if said.cause is None:
        return "Nothing to do: this answer is a success" if 200 <= status < 300 else "This answer does not speak of authentication"
    if said.cause == UNSAID:
        return "Nobody can tell from this answer alone"
    return f"{OWNERS[said.owner]} ({_SURE[said.certainty]})"


def _facts(
    said: Explanation, status: int, headers: list[tuple[str, str]], body: str, redactor: Redactor, log: bool
) -> list[str]:  # fmt: skip
    answered = "Log lines" if log else f"Status {status}" if status else "An answer without its status line"
    seen = responder_of(headers, body)
    if said.responder:
        where = ", which stands in front of the API" if seen.edge else ""
        answered += f", written by {said.responder.replace('_', ' ')}{where}"
    facts = [("Answer", answered)]
    if said.message.words:
        facts.append(("It says", f'"{shown(said.message.words, redactor)}"'))
    facts += [("It asks for", line) for line in _asked(said, redactor)]
    if said.malformed:
        facts.append(("Note", "its WWW-Authenticate header breaks the rules (RFC 9110 11.6.1); programs may fail to read it"))
    facts += [(f"It expects {name}", safe_line(value, 200)) for name, value in said.message.expected]
    if said.message.stack:
        facts.append(("Such words", f"are documented in: {said.message.source}"))
    width = max(len(name) for name, _ in facts) + 2
    return [line for name, text in facts for line in _wrap(text, name.ljust(width), " " * width)]


def _asked(said: Explanation, redactor: Redactor) -> Iterable[str]:
    for challenge in said.challenges[:5]:
        given = [f"{name} {shown(challenge.params[name], redactor)}" for name in ("realm", "scope", "error") if challenge.params.get(name)]
        yield f"{safe_line(challenge.scheme, 40).capitalize()}" + (f" ({', '.join(given)})" if given else "")


def _why(said: Explanation, status: int) -> list[str]:
    if said.cause is None:
        text = "It is a success." if 200 <= status < 300 else "Its status and its words say nothing about a token, a key or a login."
        return _wrap(text)
    entry = cause(said.cause)
    lead = "What happened" if said.certainty == "names_it" else "What probably happened"
    if said.cause == UNSAID:
        lead = "What is known"
    return [f"{lead}: {entry.title}.", *_wrap(entry.explanation, "  ")]


def _what_to_do(said: Explanation) -> list[str]:
    from authwizard.verdict.remedy import remedy

    assert said.cause is not None
    fix = remedy(said.cause, {})
    lines = ["What to do:", *_wrap(fix.text, "  ")]
    if said.certainty != "names_it":
        second = said.candidates[1] if len(said.candidates) > 1 else None
        lines += ["", "What would decide it:", *_wrap(next_test(said.cause, second), "  ")]
    return lines


def _others(said: Explanation) -> list[str]:
    others = [code for code in said.candidates[1:6] if code != UNSAID]
    if not others:
        return []
    return ["", "It could also be:", *(line for code in others for line in _wrap(f"{cause(code).title} ({code})", "  - ", "    "))]


def _wrap(text: str, first: str = "", rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=first if rest is None else rest, break_long_words=False, break_on_hyphens=False
    ) or [first.rstrip()]
