"""Runs made for the tests of the renderers: one of every kind of verdict, with every kind of detail, and hostile ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from authwizard.model.exchange import Exchange, TransportFault
from authwizard.model.finding import Code, Finding, Line, Owner, Skip, Status, Table
from authwizard.model.run import (
    Candidate,
    Remedy,
    RequestCount,
    Responder,
    RuledOut,
    Run,
    Sentence,
    StepSeen,
    Verdict,
    Warned,
)

EXCHANGE = Exchange(
    "P0", "The request with its credential", "C2", "api", "GET", "https://api.example.com/v2/me",
    (("Authorization", "Bearer <token 842 bytes #9f3c1a2b>"),), 401, (("WWW-Authenticate", 'Bearer error="invalid_token"'),),
    '{"message": "jwt expired"}', 26, sent_at=1_800_000_000.25, timing_ms={"total": 12},
)  # fmt: skip
UNANSWERED = replace(
    EXCHANGE, id="D1", status=None, response_headers=(), body="", fault=TransportFault("timeout", "It took too long."), timing_ms={}
)
DETAILS = (
    Line("exp", "2026-01-01", Status.FAIL, "2 h ago"),
    Line("plain", "value"),
    Table(("hop", "answer"), (("1", "301"), ("2", "401")), "Redirects"),
    Code("HTTP/1.1 401 Unauthorized\nX: 1", "the answer"),
)
VERDICTS: dict[str, Verdict] = {
    "cause": Verdict(
        "cause", "token_expired", Owner.YOU, "very_likely", 2, "The access token has expired. It ended 2 h ago.",
        because=(Sentence("S2-03", "exp is 2 h before the API's clock."),), against=(Sentence("S8-03", "The server says something else."),),
        contradictions=("Two observations disagree.",), mechanisms=("token_not_yet_valid",), will_fail_next=("insufficient_scope",),
        candidates=(Candidate("token_expired", 60, "It ended."), Candidate("token_revoked", 8)), tie_with="token_revoked",
        warnings=(Warned("plaintext_http", "I-01", "The address is http."),), ruled_out=(RuledOut("signature_invalid", "It verifies."),),
        next_test="Send a fresh token.", remedy=Remedy("Get a new token.", ("authwizard check prod --allow refresh",)),
        server_log_request="At noon our client called GET /.\nPlease look.",
    ),
    "cannot_tell": Verdict(
        "cannot_tell", None, Owner.NOBODY_CAN_TELL, None, 8, "Nobody can tell from outside.", candidates=(Candidate("uniform_401", 8, "All alike."),),
        next_test="Ask the owner.", remedy=Remedy("Hand it over."), server_log_request="Please look.",
    ),
    "healthy": Verdict("healthy", None, Owner.YOU, None, None, "The request works.", remedy=Remedy("Nothing to mend.")),
    "not_reproduced": Verdict(
        "not_reproduced", None, Owner.YOUR_PROGRAM, None, 1, "It works from here.", candidates=(Candidate("netrc_override", 60, "An entry."),),
        remedy=Remedy("Compare."),
    ),
    "could_not_look": Verdict("could_not_look", "dns_failure", Owner.NETWORK, None, 0, "The name is not known.", remedy=Remedy("Check the name.")),
    "could_not_look without a cause": Verdict("could_not_look", None, Owner.YOU, None, None, "Nothing was sent.", remedy=Remedy("Allow it.")),
    "proven": Verdict("cause", "quotes_in_token", Owner.YOUR_PROGRAM, "proven", 1, "Quotes.", remedy=Remedy("Take them off.")),
    "confirmed": Verdict("cause", "token_expired", Owner.YOU, "confirmed", 2, "It works now.", remedy=Remedy("Done.")),
}  # fmt: skip


def finding(check: str, step: int, status: Status, summary: str, *details: Any, skip: Skip | None = None) -> Finding:
    return Finding(check, step, f"{check} is well", status, summary, details, skip=skip, sources=("RFC 9110 11.6.2",))


FINDINGS = (
    finding("I-03", 0, Status.PASS, "The 401 is reproduced."),
    finding("S2-03", 2, Status.FAIL, "The token ended 2 h ago.", *DETAILS),
    finding("S3-05", 3, Status.WARN, "The secret is due."),
    finding("S4-03", 4, Status.SKIP, "Not without leave.", skip=Skip.NOT_TRIED),
    finding("S5-02", 5, Status.SKIP, "No table.", skip=Skip.NOT_APPLICABLE),
    finding("S6-01", 6, Status.BLOCKED, "No answer of the time server."),
    finding("S7-01", 7, Status.CRASHED, "authwizard failed here itself."),
    *(finding(f"R{n}", 8, Status.BLOCKED, "The request was not sent.") for n in range(1, 6)),
    finding("V-01", 9, Status.FAIL, "It does not succeed."),
)


def run(kind: str = "cause", **changes: Any) -> Run:
    """Return a run with this verdict."""
    steps = tuple(
        StepSeen(n, f"step{n}", f"Step title {n}", "A question?", "A reason.", tuple(f for f in FINDINGS if f.step == n)) for n in range(10)
    )
    made = Run(
        "prod", "production", "GET https://api.example.com/v2/me", "2026-01-01T00:00:00Z", 812, RequestCount(7, 1, 3, 4), VERDICTS[kind], steps,
        (EXCHANGE, UNANSWERED), Responder("envoy", "likely", "its log"),
    )  # fmt: skip
    return replace(made, **changes)


def saying(text: str) -> Run:
    """Return a run in which every text that can come from outside is this one."""
    verdict = replace(
        VERDICTS["cause"], summary=text, because=(Sentence("S8-03", text),), against=(Sentence("S8-03", text),), contradictions=(text,),
        candidates=(Candidate("token_revoked", 8, text),), warnings=(Warned("token_expired", "S8-03", text),), ruled_out=(RuledOut("token_revoked", text),),
        next_test=text, remedy=Remedy(text, (text,)), server_log_request=text,
    )  # fmt: skip
    details = (Line(text, text, Status.WARN, text), Table((text, text), ((text, text),), text), Code(text, text))
    hostile = Finding("S8-03", 8, text, Status.FAIL, text, details)
    steps = tuple(replace(step, title=text, findings=(replace(hostile, step=step.number),)) for step in run().steps)
    return run(profile=text, request=text, verdict=verdict, steps=steps, responder=Responder(text, "likely"))
