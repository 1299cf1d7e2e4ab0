"""What is wrong with the stored token, now that another one of the same client was tried in its place? Pure.

A new token that is accepted proves that the old one is at fault; which of its faults it was is told by local facts, in a fixed
order: its text, its kind, its signature, its times, its key, then what the two tokens differ in, and only then revocation.
"""

from __future__ import annotations

from authwizard.knowledge.dominance import BYTE_FAULTS, dominates
from authwizard.knowledge.explanation import Explanation
from authwizard.model.evidence import Baseline, CredentialSeen, Discovery, Introspection, KeySet, StoredSecrets
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.model.token import TokenSeen
from authwizard.steps import identity, token_diff
from authwizard.steps.clock_model import Clocks, Now, Role
from authwizard.steps.expectations import names, words_of
from authwizard.steps.step1_token_class import access_not_id_or_refresh, jose_header
from authwizard.steps.time_words import duration
from authwizard.steps.token_diff import Difference
from authwizard.steps.token_times import time_faults, times_of, unit_of

TEXT_FAULTS = (
    "placeholder_value", "token_response_pasted", "wrapper_in_token", "auth_scheme_duplicated", "auth_scheme_missing", "quotes_in_token",
    "line_break_in_token", "whitespace_in_credential", "invisible_characters", "non_ascii_in_token", "double_encoded_token",
    "url_encoded_token", "standard_base64_token", "token_case_folded", "token_concatenated", "token_truncated",
)  # fmt: skip
STRUCTURE_FAULTS = (
    "saml_not_jwt", "wrong_token_kind", "opaque_token_no_audience", "alg_none_or_unsupported", "wrong_token_type", "third_party_token",
    "authorization_replaced", "token_malformed", "signature_length_wrong",
)  # fmt: skip
FROM_PROFILE_TOO = frozenset({"whitespace_in_credential", "invisible_characters"})
"""Faults that may also stand in the profile's scheme word, which goes out with a new token just the same."""
SIGNATURE_FAULTS = ("signature_invalid", "alg_mismatch", "alg_none_or_unsupported", "token_malformed")
ATTRIBUTE_CAUSES = {
    "audience": "audience_mismatch", "scope": "insufficient_scope", "client": "environment_mismatch", "tenant": "tenant_mismatch",
    "version": "token_version_mismatch", "type": "wrong_token_type", "algorithm": "alg_mismatch", "expiry": "exp_missing",
    "claims": "claim_missing",
}  # fmt: skip
STATE_WORDS = frozenset({"token_revoked", "session_expired", "claims_challenge", "token_too_old", "token_lifetime_too_long"})
"""Refusals that speak of this one token's state and are taken at their word where nothing local is wrong."""
INTEGRITY = frozenset(
    {*TEXT_FAULTS, *STRUCTURE_FAULTS, "signature_invalid", "alg_mismatch", "authorization_header_malformed", "signing_key_unknown"}
)
INSTANCE = frozenset({"token_expired", "exp_wrong_unit", "token_not_yet_valid", "signing_key_rotated"})
"""Defects that every token of that age has: another difference beside them leaves two explanations."""
ALL_CAUSES = (
    *TEXT_FAULTS, *STRUCTURE_FAULTS, *sorted(INSTANCE), *sorted(STATE_WORDS), "refresh_token_used", "id_token_used",
    "client_assertion_used", "signature_invalid", "audience_missing", "issuer_mismatch", "issuer_trailing_slash", "dpop_required",
    "mtls_certificate_missing", "authorizer_cache", *(c for c in ATTRIBUTE_CAUSES.values() if c not in STRUCTURE_FAULTS),
)  # fmt: skip
"""Every cause that can be attributed here."""


@dataclass(frozen=True)
class Defect:
    """A fault of the stored token that a new token does not have; `text` is a sentence."""

    cause: str
    text: str


@dataclass(frozen=True)
class Stored:
    """All that is known of the stored token without asking the API again."""

    profile: Profile
    credential: CredentialSeen
    now: Now
    leeway: float
    secrets: StoredSecrets | None = None
    keys: KeySet | None = None
    introspection: Introspection | None = None
    words: Explanation | None = None
    keys_of_another_issuer: bool = False
    other_clocks: tuple[tuple[Role, Now], ...] = ()
    """The moment by each clock other than the API's."""


def gather(
    profile: Profile, credential: CredentialSeen, clocks: Clocks, baseline: Baseline | None, secrets: StoredSecrets | None,
    keys: KeySet | None, introspection: Introspection | None, discovery: Discovery | None,
) -> Stored:  # fmt: skip
    """Put together what the checks of steps 4 and 7 know of the stored token."""
    foreign = credential.token is not None and identity.from_another_issuer(profile, discovery, credential.token)
    return Stored(
        profile,
        credential,
        clocks.now_api,
        profile.expect.leeway_seconds,
        secrets,
        keys,
        introspection,
        words_of(baseline),
        keys_of_another_issuer=foreign,
        other_clocks=tuple((role, now) for role in clocks.known if role != "server" and (now := clocks.now(role)) is not None),
    )


def local_defects(stored: Stored) -> tuple[Defect, ...]:
    """Return the stored token's own faults, in the order in which they would explain a refusal."""
    token = stored.credential.token
    found = [_text_fault(stored, TEXT_FAULTS), _other_kind(stored), _text_fault(stored, STRUCTURE_FAULTS), _signature(stored)]
    found += [_lifetime(stored, token), _rotated(stored, token)]
    return tuple(defect for defect in found if defect is not None)


def telling_differences(stored: Stored, other: TokenSeen | None) -> tuple[Difference, ...]:
    """Return the differences of another token that could make it acceptable where the stored one is not.

    None where the stored token's text or signature is broken, since its claims then prove nothing, or where it is another kind
    of token altogether, which explains them all.
    """
    defects = local_defects(stored)
    if defects and defects[0].cause not in INSTANCE:
        return ()
    # A key that this token is bound to is proven with every request of this kind, so it is no reason to be refused.
    proven = "binding" if stored.credential.kind == "dpop" else ""
    return tuple(d for d in token_diff.differences(stored.credential.token, other) if d.tells and d.name != proven)


def cause_of(difference: Difference) -> str:
    """Return the cause a difference stands for, "" where it names none (another subject)."""
    if difference.name == "issuer":
        return identity.issuer_cause(difference.first, difference.second)[0]
    if difference.name == "audience" and not difference.first:
        return "audience_missing"
    if difference.name == "binding":
        return "dpop_required" if "jkt" in difference.first else "mtls_certificate_missing"
    if difference.name == "kind":
        return "opaque_token_no_audience" if difference.second.startswith("JWT") else "wrong_token_kind"
    return ATTRIBUTE_CAUSES.get(difference.name, "")


def fits_words(cause: str, words: Explanation | None) -> bool:
    """Tell whether the refusal's words leave room for a cause: they name it, a mechanism of it, or nothing for certain."""
    if words is None or not words.firm or words.cause is None:
        return True
    if words.cause == cause or dominates(cause, words.cause) is not None:
        return True
    if words.message.kind == "absent":
        return cause in BYTE_FAULTS
    return {cause, words.cause} <= INTEGRITY


def _other_kind(stored: Stored) -> Defect | None:
    """Another token in the access token's place, or one whose header no API accepts: as step 1 judges it."""
    arguments = (
        *access_not_id_or_refresh.judge(stored.credential, stored.profile, stored.secrets, None, None).arguments,
        *jose_header.judge(stored.credential, stored.profile, stored.keys).arguments,
    )
    return next((Defect(a.cause, a.text) for a in arguments if not a.grade.against), None)


def _text_fault(stored: Stored, order: tuple[str, ...]) -> Defect | None:
    token = stored.credential.token
    seen = (*stored.credential.faults, *(token.faults if token is not None else ()))
    faults = {f.cause: f for f in reversed(seen) if _in_stored_text(stored, f.cause)}
    first = next((faults[cause] for cause in order if cause in faults), None)
    return Defect(first.cause, f"The stored one is damaged: {_lower(first.text)}.") if first is not None else None


def _in_stored_text(stored: Stored, cause: str) -> bool:
    """Whether a fault stands in the stored secret and not in what the profile puts around it."""
    state = stored.secrets.get("access_token") if stored.secrets is not None else None
    if cause not in FROM_PROFILE_TOO or state is None or state.status != "present":
        return True
    return cause in {fault.cause for fault in state.faults}


def _signature(stored: Stored) -> Defect | None:
    seen = stored.keys.signature if stored.keys is not None else None
    if seen is None or seen.status != "failed" or seen.cause not in SIGNATURE_FAULTS or stored.keys_of_another_issuer:
        return None
    return Defect(seen.cause, f"The signature of the stored one does not hold: {_lower(seen.why)}.")


def _lifetime(stored: Stored, token: TokenSeen | None) -> Defect | None:
    now = stored.now
    times = times_of(token)
    if times.exp is not None and unit_of(times.exp) != "seconds":
        return Defect("exp_wrong_unit", "The stored one gives its end of life in another unit than seconds.")
    if times.exp is not None and times.exp <= now.seconds:
        return Defect("token_expired", f"The stored one expired {duration(now.seconds - times.exp)} ago by {now.whose}.")
    other = next((o for o in _clocks_that_count(stored) if times.exp is not None and times.exp <= o.seconds), None)
    if other is not None and times.exp is not None:
        past = duration(other.seconds - times.exp)
        return Defect(
            "token_expired", f"The stored one expired {past} ago by {other.whose}; what wrote the Date of the API's answer is behind."
        )
    if "not_yet" in time_faults(times, now, 0):
        return Defect("token_not_yet_valid", f"The stored one is not valid yet by {now.whose}.")
    state = stored.secrets.get("access_token") if stored.secrets is not None else None
    if times.exp is None and state is not None and state.obtained_at is not None and state.expires_in is not None:
        over = now.seconds - state.obtained_at - state.expires_in
        return (
            Defect("token_expired", f"The stored one was fetched too long ago: its lifetime ended {duration(over)} ago.")
            if over >= 0
            else None
        )
    return None


def _clocks_that_count(stored: Stored) -> tuple[Now, ...]:
    """A component in front of the API may have written its Date: a time server or the issuer says more, this machine only with the API's words."""
    said = names(stored.words, "token_expired")
    return tuple(now for role, now in stored.other_clocks if said or role != "client")


def _rotated(stored: Stored, token: TokenSeen | None) -> Defect | None:
    kid = str(token.header.get("kid") or "") if token is not None and token.kind == "jws" else ""
    published = [key.kid for key in stored.keys.keys] if stored.keys is not None else []
    if not kid or not published or kid in published or stored.keys_of_another_issuer:
        return None
    return Defect("signing_key_rotated", f"The stored one is signed with a key (kid {kid}) that its issuer no longer publishes.")


def _lower(text: str) -> str:
    plain = text.rstrip(".")
    return plain[:1].lower() + plain[1:]
