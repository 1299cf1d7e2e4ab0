"""Step 3, identity: is the very same secret stored in another environment too? Compared by fingerprint, for what says nothing of itself."""

from __future__ import annotations

from dataclasses import dataclass

from authwizard.model.evidence import CredentialSeen, OtherProfiles, OtherSecrets, StoredSecrets
from authwizard.model.finding import Argument, Grade, Group
from authwizard.model.profile import SECRET_OF_KIND, OAuth, Profile
from authwizard.steps.identity import distinct, same_issuer

WORDS = {"access_token": "access token", "api_key": "API key", "session_cookie": "session cookie", "authorization": "Authorization value"}


@dataclass(frozen=True)
class Twin:
    """Another profile that holds a secret this one sends to its API."""

    other: Profile
    field: str
    fingerprint: str
    works: bool
    """Whether the other profile's last run succeeded with it."""


def find_twins(
    profile: Profile, credential: CredentialSeen, stored: StoredSecrets | None, others: OtherProfiles, elsewhere: OtherSecrets | None
) -> tuple[Twin, ...]:
    """Return the other profiles that hold this profile's API credential; one that was fetched for this run is nobody else's."""
    if stored is None or elsewhere is None or credential.fetched:
        return ()
    sent = {
        s.fingerprint: name for name in (*SECRET_OF_KIND[profile.credential.kind], "authorization") if (s := stored.get(name)).fingerprint
    }
    by_name = {other.name: other for other in others.profiles}
    found = {
        held.profile: Twin(by_name[held.profile], sent[held.fingerprint], held.fingerprint, held.works)
        for held in elsewhere.held
        if held.fingerprint in sent and held.profile in by_name
    }
    return tuple(found.values())


def twin_words(profile: Profile, twin: Twin) -> str:
    """Say which two profiles hold the same secret, by its fingerprint."""
    what = WORDS.get(twin.field, twin.field)
    works = f" It worked there when {twin.other.name} was last run." if twin.works else ""
    return f"The {what} of {profile.name} is the very one that {twin.other.name} holds ({twin.fingerprint}).{works}"


def shared_by_right(profile: Profile, other: Profile) -> str:
    """Say why two profiles may well hold the same credential; "" where that would be strange."""
    if profile.own_origins & other.own_origins:
        return "both are for the same API"
    if profile.environment == other.environment and profile.environment != "other":
        return "both are of the same environment"
    if _same_client(profile.oauth, other.oauth):
        return "both use the same client of the same authorization server, whose token may serve both"
    return ""


def twin_argument(profile: Profile, twin: Twin) -> Argument:
    """The argument that the credential belongs to the other environment: strong where it is known to work there."""
    text = f"{twin_words(profile, twin)} A credential is made for one environment: it belongs to {twin.other.name}, not to {profile.name}."
    if not twin.works:
        text = f"{twin_words(profile, twin)} A credential is made for one environment, so one of the two profiles has the other's."
    return Argument("environment_mismatch", Grade.S if twin.works else Grade.M, Group.CROSS_PROFILE, text, provenance="other profile")


def telling(profile: Profile, twins: tuple[Twin, ...]) -> Twin | None:
    """Return the twin that says most against this profile, None where each may well hold the same credential."""
    strange = [twin for twin in twins if not shared_by_right(profile, twin.other)]
    return max(strange, key=lambda twin: twin.works, default=None)


def twins_note(profile: Profile, twins: tuple[Twin, ...]) -> str:
    """Say of twins that are no sign of a mix-up that they are there; "" where there is none."""
    if not twins:
        return ""
    why = shared_by_right(profile, twins[0].other)
    return f" {distinct(twin.other.name for twin in twins)} holds the same credential; {why}." if why else ""


def _same_client(one: OAuth | None, other: OAuth | None) -> bool:
    if one is None or other is None:
        return False
    issuers = bool(one.issuer and other.issuer) and same_issuer(one.issuer, other.issuer)
    endpoints = bool(one.token_url) and one.token_url == other.token_url
    clients = not (one.client_id and other.client_id) or one.client_id == other.client_id
    return (issuers or endpoints) and clients and one.audience == other.audience and one.resource == other.resource
