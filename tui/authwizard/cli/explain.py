"""`authwizard explain`: says what an answer, or a server's log, says by itself. Nothing is sent, no profile is needed."""

from __future__ import annotations

import argparse
import json
from typing import Any

from authwizard.cli.json_lines import answer_lines
from authwizard.cli.output import say
from authwizard.cli.text_input import read_text
from authwizard.importers.pasted_answer import PastedAnswer, read_answer_object, read_pasted
from authwizard.knowledge.explanation import Explanation, explain, explain_log
from authwizard.model.errors import UsageError
from authwizard.protocol.redaction import Redactor
from authwizard.report.explanation import explanation_json, render_explanation, unreadable_json

NAMED, UNREADABLE, CANNOT_TELL, SUCCESS = 1, 2, 3, 0


def explain_answer(named: argparse.Namespace) -> int:
    """Explain one answer, or one a line; return 1 where a cause is named, 3 where none is, 0 for a success, 2 for what is no answer."""
    if named.jsonl:
        return answer_lines(named.file, _answer_line, unreadable_json)
    try:
        pasted = read_pasted(read_text(named.file, "a response (curl -i or -v text, a HAR) or lines of a server's log"))
    except ValueError as error:
        raise UsageError(str(error)) from None
    said, redactor = _explained(pasted), _redactor(pasted)
    if named.format == "json":
        say(json.dumps(explanation_json(said, redactor), ensure_ascii=False, indent=2) + "\n")
    else:
        say(render_explanation(said, pasted.status, pasted.headers, pasted.body, redactor, log=bool(pasted.log)))
    return _status(said, pasted.status)


def _answer_line(value: object) -> tuple[dict[str, Any], int]:
    pasted = read_answer_object(value)
    said = explain(pasted.status, pasted.headers, pasted.body)
    return explanation_json(said, _ANY), _status(said, pasted.status)


_ANY = Redactor()


def _redactor(pasted: PastedAnswer) -> Redactor:
    redactor = Redactor()
    for secret in pasted.sent:
        redactor.add("authorization", secret)
    return redactor


def _explained(pasted: PastedAnswer) -> Explanation:
    if pasted.log:
        return explain_log(pasted.log)
    challenged = any(name.lower() == "www-authenticate" for name, _ in pasted.headers)
    said = explain(pasted.status or (401 if challenged else 0), pasted.headers, pasted.body)
    if pasted.status:
        return said
    # a text without a status line may be a line of a log that is written as JSON
    return max(said, explain_log(pasted.body), key=lambda e: (e.certainty == "names_it", e.firm, e.certainty == "hints"))


def _status(said: Explanation, status: int) -> int:
    if said.certainty == "names_it":
        return NAMED
    return SUCCESS if said.cause is None and 200 <= status < 300 else CANNOT_TELL
