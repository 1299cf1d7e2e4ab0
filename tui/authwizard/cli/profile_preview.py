"""How is shown what an import would make? Settings in full, secrets by length and fingerprint alone."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from authwizard.importers.imported import Imported
from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line
from authwizard.protocol.fingerprint import fingerprint

SCHEMA = "authwizard.import/1"
FOR_ONCE = "No key for fingerprints is kept on this machine yet, so those of short secrets hold for this preview alone."


def preview_object(imported: Imported) -> dict[str, Any]:
    """Return the preview as plain JSON values; no secret is in it."""
    from authwizard.store.profile_toml import plain
    from authwizard.store.references import reference_text
    from authwizard.store.trust import destinations

    profile = imported.profile
    key, note = _key()
    goes = {field: list(destinations(profile, field)) for field in (*imported.secrets, *profile.secrets)}
    return {
        "schema": SCHEMA,
        "profile": {"name": profile.name, **plain(replace(profile, secrets={}))},
        "secrets": [
            {"field": field, "length": len(secret), "fingerprint": _mark(secret, key), "goes_to": goes[field]}
            for field, secret in imported.secrets.items()
        ],
        "references": [
            {"field": field, "reference": reference_text(reference), "goes_to": goes[field]} for field, reference in profile.secrets.items()
        ],
        "mapping": [{"source": safe_line(row.source, 80), "becomes": row.becomes or None} for row in imported.mapping],
        "missing": list(imported.missing),
        "notes": [safe_line(note, 600) for note in (*imported.notes, *([note] if note and imported.secrets else []))],
    }  # fmt: skip


def preview_text(imported: Imported) -> str:
    """Return the preview for a person."""
    from authwizard.store.profile_toml import profile_toml

    seen = preview_object(imported)
    shown = replace(imported.profile, secrets={})
    lines = ["Settings (profiles.toml):", *(f"  {line}" for line in profile_toml(shown).splitlines() if line)]
    lines += [f"  {name} is not told: add --{name.replace('_', '-')}" for name in seen["missing"]]
    if seen["secrets"]:
        lines.append("Secrets (kept in the store, never in the file):")
        lines += [f"  {s['field']:<18} {s['length']} characters {s['fingerprint']}  -> {_hosts(s['goes_to'])}" for s in seen["secrets"]]
    if seen["references"]:
        lines.append("References (read when they are needed):")
        lines += [f"  {r['field']:<18} {r['reference']}  -> {_hosts(r['goes_to'])}" for r in seen["references"]]
    if seen["mapping"]:
        lines.append("Names in the file:")
        lines += [f"  {row['source']:<28} {row['becomes'] or 'not taken'}" for row in seen["mapping"]]
    lines += [f"Note: {note}" for note in seen["notes"]]
    return "\n".join(lines) + "\n"


def _hosts(origins: list[str]) -> str:
    return safe_line(", ".join(origins)) or "this machine only"


def _mark(secret: Secret, key: bytes) -> str:
    return fingerprint(secret.reveal(), key)


def _key() -> tuple[bytes, str]:
    """Return the key for fingerprints, and what has to be said of it: a preview writes nothing, so none is made for good."""
    from authwizard.store.paths import install_key, state_dir

    try:
        if (state_dir() / "install.key").exists():
            return install_key(), ""
    except StoreError:
        pass  # the fingerprints of this preview do not need it
    return os.urandom(32), FOR_ONCE
