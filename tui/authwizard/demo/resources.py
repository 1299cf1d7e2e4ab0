"""What lies behind the practice API: its endpoints, the scopes each needs, and the data they give."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from authwizard.demo.clock import Clock
from authwizard.demo.http_message import Request, Response, json_response
from authwizard.model.frozen import dataclass

VERSIONS = ("v2", "v3")
MAX_LIMIT = 100


@dataclass(frozen=True)
class Endpoint:
    """A row of the scope table: any of `scopes` suffices, none = any live credential. The path is that after the version."""

    method: str
    path: str
    scopes: tuple[str, ...] = ()


ENDPOINTS = (
    Endpoint("GET", "/organizations/current"),
    Endpoint("GET", "/devices", ("read", "devices:read")),
    Endpoint("POST", "/devices/{id}/actions", ("write", "devices:manage")),
    Endpoint("GET", "/policies", ("read", "policies:read")),
    Endpoint("PUT", "/policies/{id}", ("write", "policies:write")),
    Endpoint("GET", "/logs/*", ("logs:read", "admin")),
    Endpoint("DELETE", "/organizations/{id}", ("admin",)),
)
"""The scope table of Company X; the same for both versions."""


@dataclass(frozen=True)
class Match:
    """Which endpoints a path has: by method, with the path's variable parts."""

    version: str
    by_method: Mapping[str, tuple[Endpoint, tuple[str, ...]]]


def match(path: str) -> Match | None:
    """Find the endpoints of a path, or None where there is nothing."""
    root, version, *segments = [*path.split("/"), ""]
    if root or version not in VERSIONS or segments.pop():
        return None
    found = {e.method: (e, parts) for e in ENDPOINTS if (parts := _parts(e.path, segments)) is not None}
    return Match(version, found) if found else None


def _parts(pattern: str, segments: list[str]) -> tuple[str, ...] | None:
    """Return the variable parts of a path that fits the pattern: `{x}` is one segment, a final `*` one or more."""
    expected = pattern.split("/")[1:]
    if expected[-1] == "*":
        fits = len(segments) >= len(expected) and segments[: len(expected) - 1] == expected[:-1] and all(segments)
        return ("/".join(segments[len(expected) - 1 :]),) if fits else None
    if len(segments) != len(expected) or not all(segments):
        return None
    fixed = all(e == s for e, s in zip(expected, segments, strict=True) if not e.startswith("{"))
    return tuple(s for e, s in zip(expected, segments, strict=True) if e.startswith("{")) if fixed else None


@dataclasses.dataclass
class Organization:
    """The data of one organisation, made up at start; changes live as long as the platform."""

    clock: Clock
    environment: str
    id: str = field(default_factory=lambda: "org_" + secrets.token_hex(5))

    def __post_init__(self) -> None:
        self._devices = [{"id": f"dev_{n:02}", "name": f"Reader {n}", "online": n % 4 != 0} for n in range(1, 13)]
        self._policies: dict[str, dict[str, Any]] = {
            f"pol_{n}": {"id": f"pol_{n}", "name": name, "enabled": True} for n, name in enumerate(("Doors", "Night mode", "Visitors"), 1)
        }
        self._answers: dict[tuple[str, str], Callable[[Request, tuple[str, ...]], Response]] = {
            ("GET", "/organizations/current"): self._current,
            ("GET", "/devices"): self._list_devices,
            ("POST", "/devices/{id}/actions"): self._act,
            ("GET", "/policies"): self._list_policies,
            ("PUT", "/policies/{id}"): self._change_policy,
            ("GET", "/logs/*"): self._log,
            ("DELETE", "/organizations/{id}"): self._request_deletion,
        }

    def answer(self, endpoint: Endpoint, parts: tuple[str, ...], request: Request) -> Response:
        """Answer a request that authentication and scope have let through."""
        try:
            return self._answers[endpoint.method, endpoint.path](request, parts)
        except _BadInputError as error:
            return json_response(400, {"error": "bad_request", "error_description": str(error)})

    def _current(self, _request: Request, _parts: tuple[str, ...]) -> Response:
        name = "Client ABC" if self.environment == "prod" else "Client ABC (staging)"
        return _data({"organization_id": self.id, "name": name, "created_at": "2024-01-15T10:30:00Z"})

    def _list_devices(self, request: Request, _parts: tuple[str, ...]) -> Response:
        return _data(self._devices[: _limit(request)])

    def _act(self, request: Request, parts: tuple[str, ...]) -> Response:
        if not any(d["id"] == parts[0] for d in self._devices):
            return _missing("device")
        action = _document(request).get("action")
        if not isinstance(action, str) or not action:
            raise _BadInputError('The body needs a member "action" with a text.')
        return _data({"action_id": "act_" + secrets.token_hex(5), "device_id": parts[0], "status": "queued"}, 201)

    def _list_policies(self, request: Request, _parts: tuple[str, ...]) -> Response:
        return _data(list(self._policies.values())[: _limit(request)])

    def _change_policy(self, request: Request, parts: tuple[str, ...]) -> Response:
        policy = self._policies.get(parts[0])
        if policy is None:
            return _missing("policy")
        enabled = _document(request).get("enabled")
        if not isinstance(enabled, bool):
            raise _BadInputError('The body needs a member "enabled" that is true or false.')
        policy["enabled"] = enabled
        return _data(policy)

    def _log(self, _request: Request, parts: tuple[str, ...]) -> Response:
        return _data([{"log": parts[0], "at": self.clock.timestamp(), "event": "door.opened", "device_id": "dev_01"}])

    def _request_deletion(self, _request: Request, parts: tuple[str, ...]) -> Response:
        if parts[0] not in (self.id, "current"):
            return _missing("organization")
        return _data({"organization_id": self.id, "deletion": "awaits confirmation"}, 202)


class _BadInputError(Exception):
    """The request's query or body cannot be used; the text says why."""


def _data(data: object, status: int = 200) -> Response:
    return json_response(status, {"data": data})


def _missing(what: str) -> Response:
    return json_response(404, {"error": "not_found", "error_description": f"There is no such {what}."})


def _limit(request: Request) -> int:
    try:
        limit = int(request.query.get("limit", MAX_LIMIT))
    except ValueError:
        limit = 0
    if not 1 <= limit <= MAX_LIMIT:
        raise _BadInputError(f"limit must be a number from 1 to {MAX_LIMIT}.")
    return limit


def _document(request: Request) -> dict[str, Any]:
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _BadInputError("The body must be a JSON object.")
    return document
