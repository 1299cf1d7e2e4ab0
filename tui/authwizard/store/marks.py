"""By which fingerprint is a stored secret remembered, so that the same one is noticed in another profile without asking the keyring?"""

from __future__ import annotations

import contextlib

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.protocol.fingerprint import fingerprint
from authwizard.store.paths import install_key
from authwizard.store.state import StoredSecret, remember_fingerprint

COMPARED = frozenset(
    {"access_token", "refresh_token", "id_token", "client_secret", "api_key", "session_cookie", "authorization", "second_credential"}
)
"""Secrets that machines make. A person's password could be guessed from its fingerprint by whoever reads the state directory."""


def mark_of(field: str, secret: Secret, key: bytes | None = None) -> str:
    """Return the fingerprint that is kept with a secret's state; "" for a field that is not compared, or where there is no key."""
    if field not in COMPARED:
        return ""
    try:
        return fingerprint(secret.reveal(), key or install_key())
    except StoreError:
        return ""


def note_mark(profile: str, field: str, secret: Secret, known: StoredSecret) -> None:
    """Keep the fingerprint of what is in the store now, for comparisons that ask no keyring (S3-03)."""
    with contextlib.suppress(StoreError):  # without it only that comparison is lost
        mark = mark_of(field, secret)
        if mark and mark != known.fingerprint:
            remember_fingerprint(profile, field, mark)
