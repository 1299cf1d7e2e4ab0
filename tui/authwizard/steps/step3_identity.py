"""Step 3, identity: does this credential belong to this profile, or to another environment or client?"""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import (
    CredentialSeen,
    Discovery,
    Introspection,
    KeySet,
    OtherKeySets,
    OtherProfiles,
    OtherSecrets,
    ResourceMetadataSeen,
    StoredSecrets,
)
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status, Table
from authwizard.model.profile import Profile
from authwizard.steps import identity
from authwizard.steps.identity import Compared, Traits, distinct
from authwizard.steps.step3_twins import Twin, client_twins, find_twins, same_client, telling, twin_argument, twin_words, twins_note

TRAIT_WORDS = {
    "issuer": "its issuer (the server that made it)", "audience": "its audience (the API it is for)",
    "client": "its client (the application it was made for)", "signing key": "its signing key", "tenant": "its tenant",
}  # fmt: skip


# ── S3-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-03", step=3, title="The credential belongs to this environment",
    looks_for="issuer, audience, client, tenant and key of the credential, compared with this and every other saved profile; the same secret in another one",
    causes=("environment_mismatch", "client_credentials_invalid"), sources=("RFC 7519 4.1.1", "RFC 7519 4.1.3", "RFC 9068 2.2"),
)  # fmt: skip
def environment_mixup(
    profile: Profile,
    credential: CredentialSeen,
    others: OtherProfiles,
    discovery: Discovery | None,
    resource: ResourceMetadataSeen | None,
    keys: KeySet | None,
    other_keys: OtherKeySets | None,
    introspection: Introspection | None,
    stored: StoredSecrets | None,
    elsewhere: OtherSecrets | None,
) -> Outcome:
    """S3-03: traits that fit another profile and contradict this one; or the very same secret in another profile."""
    client = telling(profile, client_twins(profile, stored, others, elsewhere))
    if credential.field_value is None and client is not None:
        return _of_the_client(profile, client, alone=True)
    twins = find_twins(profile, credential, stored, others, elsewhere)
    traits = identity.of_credential(credential.token, introspection.result.members if introspection is not None else None)
    shared = _shared_places(profile, others)
    if traits.empty:
        return _nothing_to_compare(profile, twins, shared, client)
    own = identity.of_profile(profile, discovery, resource, keys)
    compared = identity.compare(traits, own, _traits_of(others, other_keys))
    table = _identity_table(compared, profile)
    best = _best_match(compared)
    if best is not None:
        return _belongs_elsewhere(profile, others, table, best, twins)
    if _nowhere_at_home(compared, own):
        text = f"Issuer and audience of this token are not those of {profile.name}: it was made by another server, for another API."
        return failed(text, table, arguments=(Argument("environment_mismatch", Grade.M, Group.CROSS_PROFILE, text),))
    if shared:
        return warned(shared, table)
    twin = telling(profile, tuple(t for t in twins if not _made_for_both(compared, t.other.name)))
    if twin is not None:
        # A token that is at home here by what it says may be wrong there; that is no reason for a 401 here.
        at_home = any(item.agrees_here for item in compared)
        return warned(twin_words(profile, twin), table, arguments=() if at_home else (twin_argument(profile, twin),))
    return _fits(profile, others, compared, table) if client is None else _of_the_client(profile, client)


def _of_the_client(profile: Profile, twin: Twin, *, alone: bool = False) -> Outcome:
    """Tell of a client secret that another environment's profile holds too; where there is a credential, it is no reason for a 401 of the API."""
    argument = twin_argument(profile, twin)
    refused = Argument("client_credentials_invalid", argument.grade, Group.CROSS_PROFILE, argument.text, provenance="other profile")
    return warned(argument.text, arguments=(argument, refused) if alone else ())


def _made_for_both(compared: Sequence[Compared], name: str) -> bool:
    """Whether the token names the API of this profile and that of another, so that both may well hold it."""
    return any(item.name == "audience" and item.agrees_here and name in item.elsewhere and ", " in item.value for item in compared)


def _traits_of(others: OtherProfiles, key_sets: OtherKeySets | None) -> dict[str, Traits]:
    published = identity.key_sets_by_profile(key_sets)
    found = {}
    for other in others.profiles:
        traits = identity.of_profile(other)
        found[other.name] = Traits(
            traits.issuers, traits.audiences, traits.clients, published.get(other.name, ()), traits.tenants, traits.origin
        )
    return found


_Match = tuple[tuple[str, ...], tuple[Compared, ...]]
"""Names of other profiles, and the traits of the credential that are theirs and not this one's."""


def _best_match(compared: Sequence[Compared]) -> _Match | None:
    """Return the other profiles that most traits point to, where they contradict this one: several where the traits are those of each."""
    foreign = [item for item in compared if item.foreign_to]
    by_traits: dict[tuple[Compared, ...], list[str]] = {}
    for name in sorted({name for item in foreign for name in item.elsewhere}):
        by_traits.setdefault(tuple(item for item in foreign if name in item.elsewhere), []).append(name)
    best = max(by_traits, key=len, default=())
    return (tuple(by_traits[best]), best) if best else None


def _belongs_elsewhere(profile: Profile, others: OtherProfiles, table: Table, match: _Match, twins: tuple[Twin, ...]) -> Outcome:
    names, traits = match
    twin = next((t for t in twins if t.other.name in names), None)
    names = names if twin is None else (twin.other.name,)
    what = distinct(TRAIT_WORDS[item.name] for item in traits)
    are = "is that" if len(traits) == 1 else "are those"
    values = "; ".join(f"{item.claim} {item.value}" for item in traits)
    which = f"the profile {names[0]}" if len(names) == 1 else f"the profiles {distinct(names)} alike"
    text = f"This credential fits {which}, not {profile.name}: {what} {are} of {distinct(names)} ({values})."
    text += f" {names[0]} holds the very same credential ({twin.fingerprint})." if twin is not None else ""
    only_client = [item.name for item in traits] == ["client"]
    sibling = only_client and all(p.environment == profile.environment for p in others.profiles if p.name in names)
    grade = Grade.S if len(traits) >= 2 else Grade.W if sibling else Grade.S if twin is not None else Grade.M
    argument = Argument("environment_mismatch", grade, Group.CROSS_PROFILE, text, provenance="other profile")
    judge = warned if only_client else failed
    return judge(text, table, arguments=(argument,))


def _nowhere_at_home(compared: Sequence[Compared], own: Traits) -> bool:
    """Issuer, and audience or client, contradict what this profile knows, and no other profile has them."""
    wrong = {item.name for item in compared if item.agrees_here is False}
    return "issuer" in wrong and (("audience" in wrong and bool(own.audiences)) or "client" in wrong)


def _fits(profile: Profile, others: OtherProfiles, compared: Sequence[Compared], table: Table) -> Outcome:
    if not others.profiles:
        agreed = [item.name for item in compared if item.agrees_here]
        if not agreed:
            return not_applicable("There is no other saved profile to compare this credential with.", table)
        return passed(f"The token's {distinct(agreed)} {_are(agreed)} as {profile.name} expects; no other profile is saved.", table)
    telling = [item.name for item in compared if item.agrees_here is not None]
    if not telling:
        return not_applicable(
            f"{profile.name} does not say which issuer, audience or client it expects, so nothing can be compared.", table
        )
    shared = [item.name for item in compared if item.agrees_here and item.elsewhere]
    note = f" Other profiles share its {distinct(shared)}, so {_that(shared)} cannot tell them apart." if shared else ""
    return passed(f"Nothing in this credential points to another environment; compared were {distinct(telling)}.{note}", table)


def _nothing_to_compare(profile: Profile, twins: tuple[Twin, ...], shared: str, client: Twin | None) -> Outcome:
    """Judge what does not say where it comes from: only another profile with the same secret tells anything."""
    twin = telling(profile, twins)
    if twin is not None:
        return warned(twin_argument(profile, twin).text, arguments=(twin_argument(profile, twin),))
    if shared:
        return warned(shared)
    if client is not None:
        return _of_the_client(profile, client)
    return not_applicable(
        "This credential does not say where it comes from: it carries no issuer, audience or client to compare."
        + twins_note(profile, twins)
    )


_OF_THE_CLIENT = frozenset({"client_secret", "private_key", "shared_secret"})
"""What one client may well use in two environments."""


def _shared_places(profile: Profile, others: OtherProfiles) -> str:
    """Say where a profile of another environment reads a secret from the very same place; "" where none does."""
    for other in others.profiles:
        same = [f for f, ref in profile.secrets.items() if (ref.ref or ref.cmd) and other.secrets.get(f) == ref]
        if same_client(profile.oauth, other.oauth):
            same = [field for field in same if field not in _OF_THE_CLIENT]
        if same and other.environment != profile.environment:
            return (
                f"{profile.name} and {other.name} are different environments and read their {distinct(same)} from the same place, "
                "so one of them gets the other's."
            )
    return ""


def _identity_table(compared: Sequence[Compared], profile: Profile) -> Table:
    rows = tuple((item.name, item.value, distinct(item.here) or "not known", distinct(item.elsewhere) or "none") for item in compared)
    return Table(("trait", "credential", profile.name, "other profiles with it"), rows, "Whose credential is it?", compared=(1, 2))


def _are(items: Sequence[str]) -> str:
    return "are" if len(items) > 1 else "is"


def _that(items: Sequence[str]) -> str:
    return "these" if len(items) > 1 else "that"


# ── S3-11 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-11", step=3, title="The token was issued to this client",
    looks_for="the client a token names (azp, client_id, appid or cid) against the profile's client id",
    causes=("environment_mismatch", "stale_token_sent"), sources=("RFC 9068 2.2",),
)  # fmt: skip
def client_claim(profile: Profile, credential: CredentialSeen) -> Outcome:
    """S3-11: whose token is it, by client."""
    configured = profile.oauth.client_id if profile.oauth is not None else ""
    if not configured:
        return not_applicable("The profile names no client id to compare with.")
    if credential.token is None or not credential.token.readable:
        return not_applicable(identity.OPAQUE.format(what="which client it was issued to"))
    client = identity.client_of(credential.token.claims)
    if not client:
        return not_applicable("The token does not say which client it was issued to.")
    lines = (Line("token", client), Line("profile", configured, Status.PASS if client == configured else Status.WARN))
    if client == configured:
        return passed("The token was issued to the profile's own client.", *lines)
    text = (
        f"The token was issued to the client {client}, but the profile is for the client {configured}: it comes from another application."
    )
    return warned(
        text, *lines,
        arguments=(
            Argument("environment_mismatch", Grade.M, Group.CROSS_PROFILE, text),
            Argument("stale_token_sent", Grade.W, Group.LOCAL_CLAIMS, text),
        ),
    )  # fmt: skip
