"""What differs between two profiles, setting by setting, and between their secrets as far as that shows without them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.model.profile import SECRET_OF_KIND, OAuth, Profile, wanted_fields
from authwizard.model.token import TokenSeen
from authwizard.protocol.clean import safe_line
from authwizard.protocol.oauth import issuer_difference
from authwizard.report.comparison import NOT_SET, Comparison, Difference
from authwizard.steps import identity
from authwizard.steps.step3_twins import shared_by_right

CLAIMS = (
    ("iss", "issuer in the token", ("environment_mismatch", "issuer_mismatch")),
    ("aud", "audience in the token", ("environment_mismatch", "audience_mismatch")),
    ("azp", "client in the token", ("environment_mismatch",)), ("client_id", "client in the token", ("environment_mismatch",)),
    ("tid", "tenant in the token", ("tenant_mismatch", "environment_mismatch")), ("scope", "scopes in the token", ("insufficient_scope",)),
    ("scp", "scopes in the token", ("insufficient_scope",)), ("roles", "roles in the token", ("insufficient_scope", "wrong_subject_type")),
    ("exp", "end of the token (exp)", ("token_expired",)), ("token_use", "use of the token", ("id_token_used",)),
)  # fmt: skip
"""Claims whose difference can be why one token is accepted and another not."""


@dataclass(frozen=True)
class SecretSide:
    """What of one profile's secrets may be compared: fingerprints by field, and the access token as it reads; never a value."""

    fingerprints: Mapping[str, str] = field(default_factory=dict)
    token: TokenSeen | None = None
    note: str = ""
    of: str = ""
    """Whose they are: that a profile has the same secret as itself is no finding."""


def compare_profiles(
    one: Profile, other: Profile, mine: SecretSide | None = None, theirs: SecretSide | None = None, *, now: float = 0.0
) -> Comparison:
    """Compare two profiles setting by setting and, where their secrets could be read, by fingerprint and claims. Pure.

    What tells two environments from each other by right explains no 401; a credential of the one in the other's place does, and comes first.
    """
    mine, theirs = mine or SecretSide(), theirs or SecretSide()
    pair = _Pair(one, other, mine, theirs)
    rows = [
        *_misplaced(pair), *_settings(pair), *_claims(pair, now), *_fingerprints(pair),
    ]  # fmt: skip
    differing = [row for row in rows if row.one != row.other or row.note]
    differing.sort(key=lambda row: not row.causes)
    alike = tuple(dict.fromkeys(row.what for row in rows if row.one == row.other and not row.note and row.one not in ("", NOT_SET)))
    notes = tuple(dict.fromkeys(f"{name}: {side.note}" for name, side in ((one.name, mine), (other.name, theirs)) if side.note))
    return Comparison("profiles", one.name, other.name, tuple(differing), alike, notes)


@dataclass(frozen=True)
class _Pair:
    """Two profiles with what is known of their secrets."""

    one: Profile
    other: Profile
    mine: SecretSide
    theirs: SecretSide

    @property
    def apart(self) -> bool:
        """Whether they are two environments by their own word, so that hosts, issuers and clients differ by right."""
        return self.one.environment != self.other.environment

    @property
    def same_api(self) -> bool:
        """Whether both speak to one API."""
        return bool(self.one.own_origins & self.other.own_origins)

    @property
    def same_client(self) -> bool:
        """Whether both are one client of one authorization server."""
        mine, theirs = _oauth(self.one), _oauth(self.other)
        return bool(mine.client_id) and mine.client_id == theirs.client_id and bool(self.one.auth_origins & self.other.auth_origins)


def _misplaced(pair: _Pair) -> Iterator[Difference]:
    """Tell a token that is at home in the other profile, and a secret that both hold although it can belong to one alone."""
    homes = [_home(*sides) for sides in ((pair.one, pair.mine, pair.other), (pair.other, pair.theirs, pair.one))]
    if any(homes):
        here, there = (home or "nothing in it points elsewhere" for home in homes)
        yield Difference("where the access token belongs", here, there, ("environment_mismatch",))
    if pair.mine.of == pair.theirs.of or shared_by_right(pair.one, pair.other):
        return
    for name, mark in pair.mine.fingerprints.items():
        if mark and mark == pair.theirs.fingerprints.get(name):
            yield Difference(name, mark, mark, ("environment_mismatch",), "the same value in both")


def _home(profile: Profile, side: SecretSide, other: Profile) -> str:
    """Say by which traits a profile's token fits the other and not this one; "" where by none."""
    if side.token is None:
        return ""
    compared = identity.compare(identity.of_credential(side.token), identity.of_profile(profile), {other.name: identity.of_profile(other)})
    foreign = [item for item in compared if item.foreign_to]
    values = "; ".join(f"{item.claim} {item.value}" for item in foreign)
    return safe_line(f"{other.name}, by its {identity.distinct(item.name for item in foreign)} ({values})", 300) if foreign else ""


def _settings(pair: _Pair) -> Iterator[Difference]:
    one, other = pair.one, pair.other
    yield _api(pair)
    for what, causes, value in _NAMED:
        mine, theirs = value(one) or NOT_SET, value(other) or NOT_SET
        by_right = what in _EXPECTED and NOT_SET in (mine, theirs)  # what is not expected is not checked, and nothing is sent otherwise
        by_right |= what in (*_EXPECTED, *_APART) and pair.apart and NOT_SET not in (mine, theirs)
        by_right |= what == "place of the credential" and one.credential.kind != other.credential.kind
        yield Difference(what, mine, theirs, () if by_right else causes)
    if (one.oauth is None) != (other.oauth is None):
        mine, theirs = (p.oauth.issuer or p.oauth.token_url or NOT_SET if p.oauth else "none" for p in (one, other))
        yield Difference("authorization server", mine, theirs)
    elif one.oauth is not None:
        for what, causes, value in _OAUTH:
            mine, theirs = value(_oauth(one)) or NOT_SET, value(_oauth(other)) or NOT_SET
            yield Difference(what, mine, theirs, () if what in _APART and pair.apart and NOT_SET not in (mine, theirs) else causes)
        yield _issuers(pair)
    yield _spelling(one, other)
    for name in dict.fromkeys((*one.headers, *other.headers)):
        mine, theirs = one.headers.get(name, NOT_SET), other.headers.get(name, NOT_SET)
        causes = ("second_credential_missing",) if NOT_SET in (mine, theirs) else () if pair.apart else ("tenant_mismatch",)
        yield Difference(f"header {name}", mine, theirs, causes)
    yield from _places(pair)


def _api(pair: _Pair) -> Difference:
    one, other = pair.one.base_url, pair.other.base_url
    if one != other and one.rstrip("/") == other.rstrip("/"):
        return Difference("API", one, other, (), "the slash at the end makes no difference")
    causes = ("wrong_base_url",) if pair.same_api else () if pair.apart else ("environment_mismatch", "wrong_base_url")
    return Difference("API", one, other, causes)


def _places(pair: _Pair) -> Iterator[Difference]:
    """Where secrets come from: worth a word where both use one and what is there could not be compared."""
    for name in dict.fromkeys((*pair.one.secrets, *pair.other.secrets)):
        mine, theirs = _reference(pair.one, name), _reference(pair.other, name)
        compared = name in pair.mine.fingerprints and name in pair.theirs.fingerprints
        told = compared or pair.apart or "not used" in (mine, theirs)
        yield Difference(f"where {name} comes from", mine, theirs, () if told else ("stale_env_value",))


def _oauth(profile: Profile) -> OAuth:
    return profile.oauth or OAuth(client_auth="none")


def _assertion(oauth: OAuth) -> str:
    return " ".join((oauth.assertion_alg, oauth.key_id, oauth.assertion_audience)).strip() if oauth.client_auth == "private_key_jwt" else ""


def _words(values: Sequence[str]) -> str:
    return " ".join(sorted(values))


_EXPECTED = ("expected issuer", "expected audience")
_APART = (
    "audience asked for",
    "resource asked for",
    "client",
    "token endpoint",
    "assertion",
    "address behind the edge",
    "client certificate",
)
"""What differs by right from environment to environment."""
_NAMED: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    ("request", ("wrong_path_or_method",), lambda p: p.request),
    ("kind of credential", ("auth_scheme_wrong", "credential_location_wrong"), lambda p: p.credential.kind),
    ("place of the credential", ("credential_location_wrong", "auth_header_name_wrong"), lambda p: f"{p.credential.place} {p.credential.name}"),
    ("expected issuer", ("environment_mismatch", "issuer_mismatch"), lambda p: p.expect.issuer),
    ("expected audience", ("environment_mismatch", "audience_mismatch"), lambda p: _words(p.expect.audience)),
    ("character set", ("basic_charset",), lambda p: p.credential.charset if p.credential.kind in ("basic", "digest") else ""),
    ("proxy", ("proxy_strips_authorization", "proxy_auth_required"), lambda p: p.network.proxy),
    ("client certificate", ("mtls_certificate_missing", "mtls_certificate_mismatch"), lambda p: p.network.client_cert),
    ("address behind the edge", ("edge_strips_authorization",), lambda p: p.origin_url),
    ("program", ("netrc_override",), lambda p: p.client),
    ("leeway", (), lambda p: f"{p.expect.leeway_seconds} s"),
    ("environment", (), lambda p: p.environment),
    ("CA bundle", (), lambda p: p.network.ca_bundle),
    ("time server", (), lambda p: p.network.ntp_server),
    ("time limit", (), lambda p: f"{p.network.timeout_seconds:g} s"),
)  # fmt: skip


_OAUTH: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    ("audience asked for", ("audience_mismatch", "opaque_token_no_audience"), lambda o: o.audience),
    ("resource asked for", ("audience_mismatch",), lambda o: o.resource),
    ("client", ("environment_mismatch", "client_unknown"), lambda o: o.client_id),
    ("token endpoint", ("environment_mismatch", "token_endpoint_wrong"), lambda o: o.token_url),
    ("client authentication", ("client_auth_method_wrong",), lambda o: o.client_auth),
    ("grant", ("grant_not_allowed",), lambda o: o.grant),
    ("scopes asked for", ("insufficient_scope", "scope_not_granted"), lambda o: _words(o.scopes)),
    ("assertion", ("client_assertion_invalid", "client_key_unknown"), _assertion),
    ("key set", (), lambda o: o.jwks_url),
    ("introspection", (), lambda o: o.introspection_url),
)  # fmt: skip


def _issuers(pair: _Pair) -> Difference:
    mine, theirs = _oauth(pair.one).issuer, _oauth(pair.other).issuer
    by_right = pair.apart or not (mine and theirs)  # without it nothing is discovered; what is sent does not change
    causes: tuple[str, ...] = () if by_right else ("environment_mismatch", "issuer_mismatch")
    note = ""
    if mine and theirs and mine != theirs and issuer_difference(mine, theirs) == "trailing_slash":
        causes, note = ("issuer_trailing_slash",), "they differ only in the slash at the end"
    return Difference("issuer", mine or NOT_SET, theirs or NOT_SET, causes, note)


def _spelling(one: Profile, other: Profile) -> Difference:
    mine, theirs = one.credential.scheme_word, other.credential.scheme_word
    only_case = mine != theirs and mine.lower() == theirs.lower()
    wrong = ("auth_scheme_wrong", "auth_scheme_missing") if one.credential.kind == other.credential.kind else ()
    causes = ("auth_scheme_case_rejected",) if only_case else wrong
    return Difference("scheme word", mine or "none", theirs or "none", causes, "they differ only in capital letters" if only_case else "")


def _reference(profile: Profile, name: str) -> str:
    reference = profile.secrets.get(name)
    if reference is None:
        return "the store" if name in (*SECRET_OF_KIND[profile.credential.kind], *wanted_fields(profile)) else "not used"
    return f"cmd {reference.cmd[0]}" if reference.cmd else reference.ref


def _claims(pair: _Pair, now: float) -> Iterator[Difference]:
    mine, theirs = pair.mine.token, pair.theirs.token
    if mine is None or theirs is None:
        return
    yield Difference("kind of token", mine.kind, theirs.kind, ("wrong_token_kind", "opaque_token_no_audience"))
    for name, what, causes in (("kid", "signing key of the token", ("environment_mismatch", "signing_key_rotated")), ("alg", "algorithm", ("alg_mismatch",)),
                               ("typ", "type of the token", ("wrong_token_type",))):  # fmt: skip
        if name in mine.header or name in theirs.header:
            yield Difference(
                what,
                _claim(mine.header, name),
                _claim(theirs.header, name),
                () if pair.apart and "environment_mismatch" in causes else causes,
            )
    for name, what, causes in CLAIMS:
        if name in mine.claims or name in theirs.claims:
            here, there = _claim(mine.claims, name), _claim(theirs.claims, name)
            by_right = "environment_mismatch" in causes and pair.apart and NOT_SET not in (here, there)
            by_right |= name == "exp" and _is_over(mine.claims, now) == _is_over(theirs.claims, now)
            yield Difference(what, here, there, () if by_right else causes)


def _is_over(claims: Mapping[str, Any], now: float) -> bool:
    value = claims.get("exp")
    return isinstance(value, int | float) and not isinstance(value, bool) and value <= now


def _claim(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if name == "exp" and isinstance(value, int | float) and not isinstance(value, bool):
        import datetime as dt

        try:
            return dt.datetime.fromtimestamp(value, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        except (ValueError, OverflowError, OSError):
            return safe_line(str(value), 60)
    if isinstance(value, list):
        return safe_line(_words([str(v) for v in value]), 200)
    return NOT_SET if value is None else safe_line(str(value), 200)


def _fingerprints(pair: _Pair) -> Iterator[Difference]:
    """Secrets by fingerprint; one that both hold although it can belong to one alone was told before."""
    for name in dict.fromkeys((*pair.mine.fingerprints, *pair.theirs.fingerprints)):
        here, there = pair.mine.fingerprints.get(name, ""), pair.theirs.fingerprints.get(name, "")
        if here and here == there:
            if pair.mine.of == pair.theirs.of or shared_by_right(pair.one, pair.other):
                yield Difference(name, here, there)
            continue
        lacking, side = (pair.other, pair.theirs) if here else (pair.one, pair.mine)
        if not (here and there):
            if not side.note:  # what could not be read is not missing
                yield Difference(
                    name,
                    here or "none",
                    there or "none",
                    _LACKING.get(name, ("credential_missing",)) if name in wanted_fields(lacking) else (),
                )
            continue
        one_place = pair.same_client if name in ("client_secret", "private_key") else pair.same_api
        yield Difference(name, here, there, _OTHER_VALUE.get(name, ()) if one_place and not pair.apart else ())


_LACKING: Mapping[str, tuple[str, ...]] = dict.fromkeys(("client_secret", "private_key"), ("client_credentials_missing",))
"""What it can mean that a client's own secret is not there; of any other secret it is that no credential was sent."""
_OTHER_VALUE: Mapping[str, tuple[str, ...]] = {
    "client_secret": ("client_credentials_invalid", "client_secret_expired"), "private_key": ("client_key_unknown",),
    "api_key": ("api_key_invalid", "api_key_expired"), "username": ("user_credentials_invalid",), "password": ("user_credentials_invalid",),
    "session_cookie": ("cookie_session_expired",), "access_token": ("stale_token_sent", "token_revoked"), "authorization": ("stale_token_sent",),
}  # fmt: skip
"""What another value can mean where both are for one API, or one client."""
