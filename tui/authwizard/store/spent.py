"""When is a refresh token that was used up removed for good?

It lies beside its successor until the API has accepted the access token that came with that one; so at no moment before is there but one
thing to go by. After it, it is worth nothing to its owner, and a server that sees it again ends the whole session (RFC 9700 4.14.2).
"""

from __future__ import annotations

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store.rotation import Busy, Rotation
from authwizard.store.rotation_places import Place
from authwizard.store.slots import ROTATING
from authwizard.store.state import stored_secrets


def remove_spent(place: Place, token: Secret) -> str:
    """Remove what `token` replaced; return what must be said where that failed, "" for nothing (blocking)."""
    try:
        Rotation(place).scrub(token)
    except Busy:
        return ""  # another run replaces this token just now, and will remove what it replaces
    except StoreError as error:
        return f"The refresh token that was used up could not be removed; the next run that succeeds tries again. {error}"
    return ""


def came_after(profile: str) -> bool:
    """Tell whether the stored access token was stored after the refresh token, as it is where both came in one answer (blocking)."""
    try:
        rows = stored_secrets(profile)
    except StoreError:
        return False  # not known: the spent token stays until it is
    access, refresh = (rows[name].created if name in rows else None for name in ("access_token", ROTATING))
    return access is not None and refresh is not None and access >= refresh
