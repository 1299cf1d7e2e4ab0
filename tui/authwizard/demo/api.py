"""What does the practice API answer, versions 2 and 3?"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from authwizard.demo.credentials import Gate, RefusedError
from authwizard.demo.http_message import Request, Response, json_response
from authwizard.demo.resources import Endpoint, Match, Organization, match
from authwizard.demo.settings import PORTAL_ORIGIN
from authwizard.demo.wording import Reason, Refusal, refusal_response

WINDOW = 3600
"""Seconds in which `hourly_limit` requests are allowed."""


@dataclass
class Api:
    """One environment's API; the call operator answers requests."""

    gate: Gate
    organization: Organization
    _window_began: float = field(default_factory=time.monotonic)
    _used: int = 0

    async def __call__(self, request: Request) -> Response:
        """Answer one request, with a request id and the state of the rate limit."""
        request_id = "req_" + secrets.token_hex(5)
        response = self._route(request, request_id)
        limit = self.gate.settings.hourly_limit
        fields = (
            ("X-Request-Id", request_id),
            ("X-RateLimit-Limit", str(limit)),
            ("X-RateLimit-Remaining", str(max(limit - self._used, 0))),
        )
        return response.plus(*fields, *self._cors(request))

    # ── the way through ──────────────────────────────────────────────────────────────────────────────────────────────

    def _route(self, request: Request, request_id: str) -> Response:
        limit = self.gate.settings.header_limit
        if limit and sum(len(name) + len(value) + 4 for name, value in request.headers) > limit:
            return json_response(431, {"error": "request_header_fields_too_large"})
        if request.path == "/":
            return json_response(200, {"name": "Company X API", "versions": ["v2", "v3"]})
        found = match(request.path)
        if found is None and self.gate.settings.authenticates_first:
            return refusal_response(Refusal(Reason.UNKNOWN_PATH), self.gate.settings, self.gate.clock.timestamp(), request_id)
        if found is None:
            return json_response(
                404, {"error": "not_found", "error_description": "There is nothing at this path.", "request_id": request_id}
            )
        if request.method == "OPTIONS" and not self.gate.settings.preflight_needs_token:
            return Response(204, self._preflight(request, found))
        try:
            return self._answer(request, found)
        except RefusedError as refused:
            return refusal_response(refused.refusal, self.gate.settings, self.gate.clock.timestamp(), request_id)

    def _answer(self, request: Request, found: Match) -> Response:
        """Authenticate, count, then look at the method, then at the scope: as a framework's middleware does it."""
        settings = self.gate.settings
        scopes = () if settings.public else self.gate.scopes_of(request, found.version)
        if settings.refuses_everybody or (settings.closed_path and request.path.endswith(settings.closed_path)):
            raise RefusedError(Refusal(Reason.HIDDEN_RULE))
        if self._over_limit():
            return self._too_many()
        row = found.by_method.get("GET" if request.method == "HEAD" else request.method)
        if row is None:
            return json_response(405, {"error": "method_not_allowed"}, ("Allow", ", ".join(found.by_method)))
        endpoint, parts = row
        if not settings.public:
            _require(endpoint, scopes, found.version)
        return self.organization.answer(endpoint, parts, request)

    # ── rate limit and CORS ──────────────────────────────────────────────────────────────────────────────────────────

    def _over_limit(self) -> bool:
        """Count a request whose credential is good; requests that are refused cost nothing."""
        if time.monotonic() - self._window_began >= WINDOW:
            self._window_began, self._used = time.monotonic(), 0
        self._used += 1
        return self._used > self.gate.settings.hourly_limit

    def _too_many(self) -> Response:
        wait = max(1, int(self._window_began + WINDOW - time.monotonic()))
        document = {"error": "rate_limited", "error_description": "Too many requests in this hour.", "error_code": "E-RATE-001"}
        return json_response(429, document, ("Retry-After", str(wait)))

    def _preflight(self, request: Request, found: Match) -> tuple[tuple[str, str], ...]:
        allowed = ("Allow", ", ".join((*found.by_method, "OPTIONS")))
        if request.header("origin") != PORTAL_ORIGIN:
            return (allowed,)
        return (
            allowed,
            ("Access-Control-Allow-Methods", ", ".join(found.by_method)),
            ("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key, X-Request-Id, traceparent"),
            ("Access-Control-Max-Age", "600"),
        )

    def _cors(self, request: Request) -> tuple[tuple[str, str], ...]:
        if request.header("origin") != PORTAL_ORIGIN:
            return ()
        return (("Access-Control-Allow-Origin", PORTAL_ORIGIN), ("Vary", "Origin"))


def _require(endpoint: Endpoint, scopes: tuple[str, ...], version: str) -> None:
    if endpoint.scopes and not set(endpoint.scopes) & set(scopes):
        raise RefusedError(Refusal(Reason.SCOPE, scope=endpoint.scopes[0], takes_api_keys=version == "v3"))
