"""Does this machine's clock matter at all? Only where it writes a time into something it signs."""

from __future__ import annotations

from authwizard.model.evidence import StoredSecrets
from authwizard.model.profile import Profile

SIGNING_KEYS = ("private_key", "shared_secret", "dpop_key")


def signs_with_own_clock(profile: Profile, stored: StoredSecrets | None) -> str:
    """Return a sentence saying what this machine signs with its own time; "" where it signs nothing.

    A bearer token's times are written and checked by servers alone, whatever this machine's clock shows.
    """
    if profile.oauth is not None and profile.oauth.client_auth == "private_key_jwt":
        return "The client assertion (private_key_jwt) carries this machine's time: an authorization server that finds it over or early refuses it."
    if profile.credential.kind == "dpop":
        return "The DPoP proof carries this machine's time, so the API refuses it."
    if profile.credential.scheme_word.lower().startswith(("aws4-", "hmac", "hawk")):
        return "The request's signature carries this machine's time, so the API refuses it."
    keys = [k for k in SIGNING_KEYS if k in profile.secrets or (stored is not None and stored.get(k).status == "present")]
    return "Tokens signed on this machine with the stored key carry its time, so they are refused." if keys else ""
