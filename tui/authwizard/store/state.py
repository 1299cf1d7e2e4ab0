"""What happened last time with a profile, and what is known of its stored secrets besides their values?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.store.state_file import StateFile

_FILE = StateFile("state.json", "last verdicts, and since when secrets are stored")


@dataclass(frozen=True)
class LastVerdict:
    """The verdict of a profile's last run; `at` in Unix seconds."""

    kind: str
    cause: str | None
    summary: str
    at: float


@dataclass(frozen=True)
class StoredSecret:
    """What is remembered of a secret in the store; times in Unix seconds, None = unknown.

    `binding` is what it may be sent to (`trust.binding`), `backend` the class that keeps it: a secret that is not found is missing
    only where the same back end was asked. `obtained_at` and `expires_in` come from the token answer it was in.
    """

    backend: str
    binding: Mapping[str, Any] = field(default_factory=dict)
    created: float | None = None
    last_ok: float | None = None
    obtained_at: float | None = None
    expires_in: float | None = None
    fingerprint: str = ""
    """Names the value without showing it (`protocol.fingerprint`); "" where it is not known, or the field is not compared."""
    rotate_days: int | None = None
    """After how many days it should be replaced; None = after the usual number."""


def last_verdict(profile: str) -> LastVerdict | None:
    """Return a profile's last verdict, or None. Raises StoreError."""
    seen = _FILE.table("profiles", profile).get("verdict")
    if not isinstance(seen, dict):
        return None
    cause = seen.get("cause")
    return LastVerdict(
        str(seen.get("kind", "")), None if cause is None else str(cause), str(seen.get("summary", "")), _seconds(seen.get("at")) or 0.0
    )


def remember_verdict(profile: str, verdict: LastVerdict) -> None:
    """Remember a profile's verdict. Raises StoreError."""
    value = {"kind": verdict.kind, "cause": verdict.cause, "summary": verdict.summary, "at": verdict.at}
    _FILE.change(lambda data: _of(data, profile).__setitem__("verdict", value))


def stored_secrets(profile: str) -> dict[str, StoredSecret]:
    """Return what is remembered of the secrets stored under a profile's name. Raises StoreError."""
    rows = _FILE.table("profiles", profile, "secrets")
    return {name: _stored(row) for name, row in rows.items() if isinstance(row, dict)}


def remember_stored(
    profile: str, name: str, backend: str, bound: Mapping[str, Any], *, now: float | None = None, fingerprint: str = ""
) -> None:
    """Remember that a secret was stored just now: in which back end, and what it may be sent to. Raises StoreError.

    After how many days it should be replaced stays as it was for the value before.
    """
    row = {"backend": backend, "binding": dict(bound), "created": time.time() if now is None else now, "fingerprint": fingerprint}

    def change(data: dict[str, Any]) -> None:
        rows = _of(data, profile).setdefault("secrets", {})
        before = rows.get(name)
        kept = before.get("rotate_days") if isinstance(before, dict) else None
        rows[name] = row if kept is None else {**row, "rotate_days": kept}

    _FILE.change(change)


def all_stored() -> dict[str, dict[str, StoredSecret]]:
    """Return what is remembered of all stored secrets, by profile and field; profiles without any are left out. Raises StoreError."""
    found = {profile: stored_secrets(profile) for profile in _FILE.table("profiles")}
    return {profile: rows for profile, rows in found.items() if rows}


def remember_backend(profile: str, name: str, backend: str) -> None:
    """Note that a stored secret lies in another back end now; all else that is known of it stays. Raises StoreError."""
    _update(profile, name, {"backend": backend})


def remember_bound(profile: str, bound: Mapping[str, Mapping[str, Any]]) -> None:
    """Bind stored secrets anew (field to binding), after the user has agreed to where they go. Raises StoreError."""

    def change(data: dict[str, Any]) -> None:
        rows = _of(data, profile).get("secrets", {})
        for name in bound.keys() & rows.keys():
            rows[name]["binding"] = dict(bound[name])

    _FILE.change(change)


def remember_times(profile: str, name: str, **times: float | None) -> None:
    """Set `last_ok`, `obtained_at` or `expires_in` of a stored secret (Unix seconds, seconds); unknown secrets stay unknown."""
    _update(profile, name, times)


def _update(profile: str, name: str, members: Mapping[str, Any]) -> None:
    def change(data: dict[str, Any]) -> None:
        row = _of(data, profile).get("secrets", {}).get(name)
        if isinstance(row, dict):
            row.update(members)

    _FILE.change(change)


def remember_rotation(profile: str, name: str, days: int) -> None:
    """Remember after how many days a stored secret should be replaced; unknown secrets stay unknown. Raises StoreError."""
    _update(profile, name, {"rotate_days": days})


def remember_fingerprint(profile: str, name: str, fingerprint: str) -> None:
    """Remember by which fingerprint a stored secret is named; unknown secrets stay unknown. Raises StoreError."""

    def change(data: dict[str, Any]) -> None:
        row = _of(data, profile).get("secrets", {}).get(name)
        if isinstance(row, dict):
            row["fingerprint"] = fingerprint

    _FILE.change(change)


def forget_stored(profile: str, name: str) -> None:
    """Forget what is remembered of one stored secret, as when it is deleted. Raises StoreError."""
    if name in _FILE.table("profiles", profile, "secrets"):
        _FILE.change(lambda data: _of(data, profile).get("secrets", {}).pop(name, None))


def forget_profile(profile: str) -> None:
    """Forget everything of a profile. Raises StoreError."""
    _FILE.change(lambda data: data.get("profiles", {}).pop(profile, None))


def rename_profile(old: str, new: str) -> None:
    """Keep under the new name what is remembered under the old one; what the new name has already stays. Raises StoreError."""

    def change(data: dict[str, Any]) -> None:
        profiles = data.setdefault("profiles", {})
        if old in profiles:
            profiles[new] = profiles.pop(old) | profiles.get(new, {})

    _FILE.change(change)


def _of(data: dict[str, Any], profile: str) -> dict[str, Any]:
    of_profile: dict[str, Any] = data.setdefault("profiles", {}).setdefault(profile, {})
    return of_profile


def _stored(row: Mapping[str, Any]) -> StoredSecret:
    bound = row.get("binding")
    created, last_ok, obtained, life = (_seconds(row.get(name)) for name in ("created", "last_ok", "obtained_at", "expires_in"))
    return StoredSecret(
        str(row.get("backend", "")),
        bound if isinstance(bound, dict) else {},
        created,
        last_ok,
        obtained,
        life,
        str(row.get("fingerprint") or ""),
        days if isinstance(days := row.get("rotate_days"), int) and days > 0 else None,
    )


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
