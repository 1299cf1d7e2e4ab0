"""May this request still be sent? Consent, budget and stop rules of a run (CHECKS 0, DESIGN 5.5)."""

from __future__ import annotations

import re
from collections import Counter

from authwizard.model.exchange import Exchange, Target
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import Cost, RunOptions
from authwizard.model.run import RequestCount
from authwizard.probe import Halted, Request

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HALTING: frozenset[Target] = frozenset({"api", "token", "verification"})
_AFTER_HALT = frozenset({Cost.C0, Cost.C1})

_LOCKED = late_pattern(
    r"captcha"
    r"|AADSTS50053"
    r"|account[ _-](?:is |was |has been )?(?:temporarily |now |currently )?(?:locked|lockout)"
    r"|(?:user|login|account)[^.<>\"]{0,40}\b(?:locked|blocked) (?:out|for|until|due|because|after)"
    r"|\block(?:ed)?[ _-]?out\b"
    r"|(?:user|client)[ _-](?:is |has been )?(?:temporarily )?locked\b"
    r"|too many (?:\w+ ){0,3}(?:attempts|logins|log-ins|sign-ins)",
    re.IGNORECASE,
)
"""Words of a lock-out or a captcha. Every further attempt would prolong it."""

_LOCK_FIELDS = ("x-authentication-denied-reason", "x-seraph-loginreason")


class Budget:
    """Counts what was sent, and refuses with one sentence (Halted) what may not be sent."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._sent: Counter[Target] = Counter()
        self._server_errors = 0
        self.halt = ""
        """Why nothing that carries a credential is sent any more; "" = nothing stands against it."""

    def admit(self, request: Request) -> None:
        """Count a request that is about to be sent; raises Halted where consent, a stop rule or the budget forbids it."""
        self._consent(request)
        if self.halt and request.cost not in _AFTER_HALT:
            raise Halted(self.halt)
        self._afford(request.target)
        self._sent[request.target] += 1

    def give_back(self, target: Target) -> None:
        """A request that was counted did not leave this machine."""
        self._sent[target] -= 1

    def observe(self, exchange: Exchange) -> None:
        """Look at an answer for a sign to stop."""
        if self.halt or exchange.target not in _HALTING or exchange.status is None:
            return
        if exchange.status >= 500 and exchange.target != "token":
            self._server_errors += 1
        self.halt = self._reason(exchange)

    @property
    def counts(self) -> RequestCount:
        """What was sent so far."""
        return RequestCount(
            self._sent["api"], self._sent["token"], self._sent["verification"], self._sent["metadata"] + self._sent["other"]
        )

    def _reason(self, exchange: Exchange) -> str:
        whom = "authorization server" if exchange.target == "token" else "API"
        if exchange.status == 429:
            return f"The {whom} answered 429 (too many requests), so nothing more is sent in this run."
        if exchange.header("retry-after") is not None:
            return f"The {whom} asked to wait (Retry-After), so nothing more is sent in this run."
        if is_lock_out(exchange):
            return f"The {whom} speaks of a lock-out or a captcha, so nothing more is sent in this run."
        if exchange.target == "token" and "slow_down" in exchange.body:
            return "The authorization server asked to slow down, so nothing more is sent in this run."
        if self._server_errors >= 2:
            return "The API answered twice with a server error, so nothing more is sent in this run."
        return ""

    def _consent(self, request: Request) -> None:
        method = request.method.upper()
        changes = method not in _SAFE_METHODS and request.target != "token"
        if changes and not self._options.allow_write:
            raise Halted(f"A {method} request may change data and was not agreed to (--allow write).")
        if request.cost is Cost.C5:
            if request.target == "token" and not self._options.allow_refresh:
                raise Halted("Spending the refresh token was not agreed to (--allow refresh).")
            if request.target != "token" and not self._options.allow_write:
                raise Halted("A request that may change data was not agreed to (--allow write).")
        elif request.cost not in self._options.costs:
            raise Halted(f"Requests of cost class {request.cost} were not agreed to in this run.")

    def _afford(self, target: Target) -> None:
        limit = {"api": self._options.api_budget, "token": self._options.token_budget}.get(target)
        if limit is not None and self._sent[target] >= limit:
            raise Halted(f"The budget of {limit} {'API' if target == 'api' else 'token'} requests for this run is spent.")


def is_lock_out(exchange: Exchange) -> bool:
    """Tell whether a refusal says locked or captcha, in its body, its challenge or the header fields known for it."""
    if exchange.status is None or not 400 <= exchange.status < 500:
        return False
    if exchange.status == 423 or any(
        "CAPTCHA" in (exchange.header(n) or "") or "DENIED" in (exchange.header(n) or "") for n in _LOCK_FIELDS
    ):
        return True
    said = (exchange.body, *exchange.header_all("www-authenticate"))
    return any(_LOCKED.search(text) for text in said)
