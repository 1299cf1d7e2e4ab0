"""In which log does the server's owner find the reason, and by what? S8-13."""

from __future__ import annotations

from authwizard.check import check, not_applicable, passed
from authwizard.knowledge.hand_over import SEARCH_KEYS, where_to_look
from authwizard.knowledge.responders import responder_of
from authwizard.model.evidence import Baseline
from authwizard.model.finding import Line, Outcome
from authwizard.steps.differential import accepts


@check(
    "S8-13", step=8, title="The server's owner knows where to look", looks_for="the log of the component that answered, and what to search it by",
    sources=("w3.org/TR/trace-context",),
)  # fmt: skip
def server_log_guide(baseline: Baseline) -> Outcome:
    """S8-13: for a refusal, whoever answered; the verdict puts it into the text to hand over."""
    exchange = baseline.exchange
    if exchange.status is None or accepts(exchange):
        return not_applicable("There is no refusal whose reason a log would name.")
    name = responder_of(exchange.response_headers, exchange.body).name
    where, what = where_to_look(name or None)
    lines = (Line("where", where), Line("what", what), Line("search by", "; ".join(SEARCH_KEYS)))
    return passed(f"The reason stands in {where}.", *lines)


CHECKS = (server_log_guide,)
