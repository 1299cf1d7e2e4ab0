"""Step 3, identity: is the very same secret stored in another environment too? Compared by fingerprint, for what says nothing of itself."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from authwizard.model.evidence import CredentialSeen, OtherProfiles, OtherSecrets, StoredSecrets
from authwizard.model.finding import Argument, Grade, Group
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import SECRET_OF_KIND, OAuth, Profile
from authwizard.steps.identity import distinct, same_issuer

WORDS = {
    "access_token": "access token", "api_key": "API key", "session_cookie": "session cookie", "authorization": "Authorization value",
    "client_secret": "client secret",
}  # fmt: skip


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


def client_twins(profile: Profile, stored: StoredSecrets | None, others: OtherProfiles, elsewhere: OtherSecrets | None) -> tuple[Twin, ...]:
    """Return the other profiles that hold this profile's client secret."""
    mark = stored.get("client_secret").fingerprint if stored is not None else ""
    if elsewhere is None or not mark:
        return ()
    by_name = {other.name: other for other in others.profiles}
    held = {h.profile: h for h in elsewhere.held if h.field == "client_secret" and h.fingerprint == mark and h.profile in by_name}
    return tuple(
        Twin(by_name[name], "client_secret", mark, h.works)
        for name, h in held.items()
        if not same_client(profile.oauth, by_name[name].oauth)
    )


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
    if profile.environment == other.environment and _one_site(profile.base_url, other.base_url):
        return "both are for hosts of the same site, and neither says that it is another environment"
    if _same_token(profile.oauth, other.oauth):
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


def _one_site(one: str, other: str) -> bool:
    """Tell whether two addresses are hosts of one domain, of which none is named like another environment than the other."""
    hosts = [urlsplit(url).hostname or "" for url in (one, other)]
    if not all(hosts) or any(re.fullmatch(r"[\d.]+|.*:.*|localhost", host) for host in hosts):
        return False
    words = [frozenset(_ENVIRONMENT_WORD.findall(host)) for host in hosts]
    return words[0] == words[1] and _domain(hosts[0]) == _domain(hosts[1])


def _domain(host: str) -> str:
    """Return the domain somebody registered: two labels, three where the second one is a country's `co`, `com` and the like."""
    labels = host.rstrip(".").split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if deep else labels[-2:])


_ENVIRONMENT_WORD = late_pattern(
    r"(?<![a-z])(dev|develop|development|stg|stag|stage|staging|test|qa|uat|sandbox|preprod|demo|int|prod|production)(?![a-z])"
)
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})


def same_client(one: OAuth | None, other: OAuth | None) -> bool:
    """Tell whether both settings are for one client of one authorization server, whatever its tokens are asked for."""
    if one is None or other is None:
        return False
    issuers = bool(one.issuer and other.issuer) and same_issuer(one.issuer, other.issuer)
    endpoints = bool(one.token_url) and one.token_url == other.token_url
    clients = not (one.client_id and other.client_id) or one.client_id == other.client_id
    return (issuers or endpoints) and clients


def _same_token(one: OAuth | None, other: OAuth | None) -> bool:
    return (
        same_client(one, other)
        and one is not None
        and other is not None
        and (one.audience, one.resource) == (other.audience, other.resource)
    )
