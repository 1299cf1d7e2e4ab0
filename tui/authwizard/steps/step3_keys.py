"""Step 3, keys: is the token signed by a key the issuer publishes now, and does the signature hold?"""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.check import blocked, check, failed, not_applicable, passed, warned
from authwizard.knowledge.explanation import Explanation
from authwizard.model.evidence import Baseline, CredentialSeen, Discovery, FreshToken, KeySet, OtherKeySets, Repeats, StoredSecrets
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Owner, Status
from authwizard.model.profile import Profile
from authwizard.model.token import TokenSeen
from authwizard.steps import identity
from authwizard.steps.differential import accepts
from authwizard.steps.expectations import words_of
from authwizard.steps.identity import distinct

KEY_UNKNOWN = frozenset({"signing_key_unknown", "signing_key_rotated", "jwks_stale_at_server"})
"""What the server's words point to where it does not find the token's key."""
SIGNATURE_FAULTS = (
    "signature_invalid", "alg_mismatch", "alg_none_or_unsupported", "token_malformed", "token_truncated", "signature_length_wrong",
)  # fmt: skip
MICROSOFT = ("https://sts.windows.net/", "https://login.microsoftonline.com/", "https://login.windows.net/")
NOT_HERE = "It is signed with a shared secret ({alg}), so no published key can tell."


def uncheckable(token: TokenSeen | None) -> str:
    """Say why a token's signature cannot be compared with published keys, "" where it can."""
    if token is None or token.kind not in ("jws", "jws_json"):
        return "The token is no signed JWT, so there is no key to look up."
    algorithm = str(token.header.get("alg", ""))
    if algorithm.upper().startswith("HS"):
        return NOT_HERE.format(alg=algorithm)
    if "nonce" in token.header and str(token.claims.get("iss") or "").startswith(MICROSOFT):
        return "The token was made for Microsoft Graph alone (nonce in its header); nobody else can verify such a token."
    return ""


# ── S3-12 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-12", step=3, title="The token's signing key is published",
    looks_for="the token's kid among the keys the issuer publishes, and among those of other profiles' issuers",
    causes=(
        "signing_key_rotated", "environment_mismatch", "signing_key_unknown", "jwks_stale_at_server", "jwks_unreachable_for_server",
    ),
    sources=("OpenID Connect Core 10.1.1", "RFC 8725 3.10", "RFC 7517 4.5"),
)  # fmt: skip
def key_published(
    profile: Profile,
    credential: CredentialSeen,
    keys: KeySet,
    other_keys: OtherKeySets | None,
    discovery: Discovery | None,
    baseline: Baseline | None,
    repeats: Repeats | None,
    fresh: FreshToken | None,
) -> Outcome:
    """S3-12: the key id against the published key set."""
    token = credential.token
    why = uncheckable(token)
    if why or token is None:
        return not_applicable(why)
    if not keys.keys:
        return blocked(keys.problem or "The issuer's key set holds no key.", unblock="Check the profile's jwks_url.")
    kid = str(token.header.get("kid") or "")
    published = tuple(key.kid for key in keys.keys)
    lines = (Line("token kid", kid or "absent"), Line("published", ", ".join(k or "(without kid)" for k in published)), *_age(keys))
    if not kid:
        return _without_kid(published, lines)
    if kid not in published:
        return _kid_absent(profile, token, kid, lines, other_keys, discovery, fresh, published)
    return _kid_published(token, keys, lines, words_of(baseline), repeats)


def _without_kid(published: tuple[str, ...], lines: tuple[Line, ...]) -> Outcome:
    if len(published) > 1:
        return warned("The token does not say which key signed it, and the issuer publishes several: some servers then give up.", *lines)
    return passed("The token does not say which key signed it, but the issuer publishes only one.", *lines)


def _kid_absent(
    profile: Profile, token: TokenSeen, kid: str, lines: tuple[Line, ...], other_keys: OtherKeySets | None,
    discovery: Discovery | None, fresh: FreshToken | None, published: tuple[str, ...],
) -> Outcome:  # fmt: skip
    holders = [name for name, kids in identity.key_sets_by_profile(other_keys).items() if kid in kids]
    if holders:
        text = f"The key that signed this token (kid {kid}) belongs to the issuer of {distinct(holders)}, not to that of {profile.name}."
        argument = Argument("environment_mismatch", Grade.S, Group.CROSS_PROFILE, text, provenance="other profile")
        return failed(text, *lines, arguments=(argument,))
    if identity.from_another_issuer(profile, discovery, token):
        return warned("The key is not among this issuer's, which is no wonder: another issuer made the token (see S3-09).", *lines)
    newer = str(fresh.token.header.get("kid") or "") if fresh is not None and fresh.token is not None else ""
    now = f"; a token made just now is signed with {newer}" if newer in published and newer != kid else ""
    text = f"The key that signed this token (kid {kid}) is no longer published by its issuer{now}."
    return failed(text, *lines, arguments=(Argument("signing_key_rotated", Grade.M, Group.METADATA, text),))


def _kid_published(
    token: TokenSeen, keys: KeySet, lines: tuple[Line, ...], words: Explanation | None, repeats: Repeats | None
) -> Outcome:  # fmt: skip
    kid = str(token.header.get("kid"))
    text = f"The issuer publishes the key that signed this token (kid {kid})."
    published = Argument("signing_key_rotated", Grade.XM, Group.METADATA, text)
    verified = keys.signature is not None and keys.signature.status == "verified"
    said = words.cause if words is not None else None
    flapping = _flapping(repeats)
    if verified and (said in KEY_UNKNOWN or (flapping and said == "signature_invalid")):
        return _behind_at_server(token, lines, said in KEY_UNKNOWN, flapping, published)
    return passed(text, *lines, arguments=(published,))


def _behind_at_server(token: TokenSeen, lines: tuple[Line, ...], unknown: bool, flapping: bool, published: Argument) -> Outcome:
    """The key is published and the signature holds, but the API does not know the key: its side is behind."""
    kid, issuer = str(token.header.get("kid")), str(token.claims.get("iss") or "not named")
    text = (
        f"The API does not accept the key {kid}, although its issuer ({issuer}) publishes it now and the signature holds: most often "
        "the API has a wrong issuer or key-set address in its settings, or an old copy of the keys."
    )
    arguments = [published]
    if unknown:
        arguments.append(Argument("signing_key_unknown", Grade.M, Group.METADATA, text, owner=Owner.API_OWNER))
        arguments.append(Argument("jwks_unreachable_for_server", Grade.W, Group.METADATA, text))
    if flapping:
        stale = f"The same token is accepted now and then: some of the API's servers do not know the published key {kid} yet."
        arguments.append(Argument("jwks_stale_at_server", Grade.S, Group.METADATA, stale))
    return failed(text, *lines, arguments=tuple(arguments))


def _flapping(repeats: Repeats | None) -> bool:
    seen = [e for e in repeats.exchanges if e.status is not None] if repeats is not None else []
    return any(accepts(e) for e in seen) and any(e.status == 401 for e in seen)


def _age(keys: KeySet) -> Sequence[Line]:
    age = keys.exchange.header("age") if keys.exchange is not None else None
    return (Line("key set", f"a copy from a cache, {age} s old", Status.WARN, "may be old"),) if age and age != "0" else ()


# ── S3-13 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-13", step=3, title="The token's signature holds",
    looks_for="the signature verified with the issuer's published key, by that key's algorithm",
    causes=SIGNATURE_FAULTS, sources=("RFC 7515 5.2", "RFC 8725 3.1", "RFC 8725 3.2"),
)  # fmt: skip
def signature_holds(profile: Profile, credential: CredentialSeen, keys: KeySet, discovery: Discovery | None) -> Outcome:
    """S3-13: verification of the signature."""
    token = credential.token
    why = uncheckable(token)
    if why or token is None:
        return not_applicable(why)
    seen = keys.signature
    if seen is None or seen.status == "not_checked":
        return blocked(_sentence((seen.why if seen is not None else "") or keys.problem or "No key was found to verify the signature with"))
    lines = (Line("algorithm", seen.algorithm or str(token.header.get("alg", ""))), Line("key", seen.key_id or "the only one published"))
    if seen.status == "verified":
        text = "The signature holds: the token is exactly as its issuer made it."
        sound = ("signature_invalid", "token_malformed", "token_truncated")
        return passed(text, *lines, arguments=tuple(Argument(c, Grade.XS, Group.METADATA, text) for c in sound))
    if identity.from_another_issuer(profile, discovery, token):
        return warned(
            "The signature does not fit this issuer's keys, which is no wonder: another issuer made the token (see S3-09).", *lines
        )
    if seen.cause not in SIGNATURE_FAULTS:
        return warned(f"The signature could not be verified. {_sentence(seen.why)}", *lines)
    text = f"The signature does not hold with the issuer's published key. {_sentence(seen.why)}"
    grade = Grade.M if seen.cause in ("alg_mismatch", "signature_length_wrong") else Grade.S
    return failed(text, *lines, arguments=(Argument(seen.cause, grade, Group.METADATA, text),))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


# ── S3-14 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-14", step=3, title="The shared secret makes the token's signature",
    looks_for="of a token signed with a shared secret (HS256 and the like): the stored secret as text, and as the base64 it may be",
    causes=("symmetric_key_encoding", "signature_invalid", "token_malformed", "token_truncated"), sources=("RFC 7518 3.2",),
)  # fmt: skip
def shared_secret_fits(
    credential: CredentialSeen, keys: KeySet, baseline: Baseline | None, secrets: StoredSecrets | None
) -> Outcome:  # fmt: skip
    """S3-14: a signature that both sides make with one secret."""
    token, seen = credential.token, keys.signature
    if token is None or not str(token.header.get("alg", "")).upper().startswith("HS"):
        return not_applicable("The token is not signed with a shared secret.")
    if seen is None or seen.status == "not_checked" or keys.keys:
        return not_applicable("The shared secret is not stored, so the signature cannot be checked (field shared_secret).")
    words = words_of(baseline)
    if seen.status == "verified" and seen.cause == "symmetric_key_encoding":
        text = "The signature holds only if the stored secret is first decoded from base64: a side that takes it as plain text refuses the token."
        proven = words is not None and words.firm and words.cause == "signature_invalid"
        argument = Argument("symmetric_key_encoding", Grade.P if proven else Grade.W, Group.METADATA, text)
        return (failed if proven else warned)(text, arguments=(argument,))
    if seen.status == "verified":
        text = "The signature holds with the stored shared secret."
        sound = ("signature_invalid", "token_malformed", "token_truncated")
        against = tuple(Argument(c, Grade.XS, Group.METADATA, text) for c in sound)
        short = _too_short(token, secrets)
        return warned(f"{text} {short}", arguments=against) if short else passed(text, arguments=against)
    text = f"The stored shared secret does not make this signature: the token was changed, or was signed with another secret. {_sentence(seen.why)}"
    return failed(text, arguments=(Argument("signature_invalid", Grade.M, Group.METADATA, text),))


def _too_short(token: TokenSeen, secrets: StoredSecrets | None) -> str:
    """Say where the secret has fewer bytes than the hash it is used with; "" where it has enough or is not known."""
    bits = str(token.header.get("alg", ""))[2:]
    length = secrets.get("shared_secret").length if secrets is not None else 0
    if not length or not bits.isdecimal() or length >= int(bits) // 8:
        return ""
    return (
        f"But it has {length} bytes, fewer than the {int(bits) // 8} that {token.header['alg']} demands: some libraries refuse such a key."
    )
