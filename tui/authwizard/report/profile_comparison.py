"""What differs between two profiles, setting by setting, and between their secrets as far as that shows without them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authwizard.model.profile import OAuth, Profile
from authwizard.model.token import TokenSeen
from authwizard.protocol.clean import safe_line
from authwizard.protocol.oauth import issuer_difference
from authwizard.report.comparison import NOT_SET, Comparison, Difference

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


def compare_profiles(one: Profile, other: Profile, mine: SecretSide | None = None, theirs: SecretSide | None = None) -> Comparison:
    """Compare two profiles setting by setting and, where their secrets could be read, by fingerprint and claims. Pure."""
    mine, theirs = mine or SecretSide(), theirs or SecretSide()
    rows = [*_settings(one, other), *_tokens(mine.token, theirs.token), *_fingerprints(mine, theirs)]
    differing = [row for row in rows if row.one != row.other or row.note]
    differing.sort(key=lambda row: not row.causes)
    alike = tuple(dict.fromkeys(row.what for row in rows if row.one == row.other and not row.note and row.one not in ("", NOT_SET)))
    notes = tuple(f"{name}: {side.note}" for name, side in ((one.name, mine), (other.name, theirs)) if side.note)
    return Comparison("profiles", one.name, other.name, tuple(differing), alike, notes)


def _settings(one: Profile, other: Profile) -> Iterator[Difference]:
    for what, causes, value in _NAMED:
        yield Difference(what, value(one) or NOT_SET, value(other) or NOT_SET, causes)
    yield _issuers(one, other)
    yield _spelling(one, other)
    names = dict.fromkeys((*one.headers, *other.headers))
    for name in names:
        yield Difference(f"header {name}", one.headers.get(name, NOT_SET), other.headers.get(name, NOT_SET), ("second_credential_missing",))
    for name in dict.fromkeys((*one.secrets, *other.secrets)):
        yield Difference(f"where {name} comes from", _reference(one, name), _reference(other, name), ("stale_env_value",))


def _oauth(profile: Profile) -> OAuth:
    return profile.oauth or OAuth(client_auth="none")


def _assertion(oauth: OAuth) -> str:
    return " ".join((oauth.assertion_alg, oauth.key_id, oauth.assertion_audience)).strip() if oauth.client_auth == "private_key_jwt" else ""


def _words(values: Sequence[str]) -> str:
    return " ".join(sorted(values))


_NAMED: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    ("API", ("environment_mismatch", "wrong_base_url"), lambda p: p.base_url),
    ("request", ("wrong_path_or_method",), lambda p: p.request),
    ("kind of credential", ("auth_scheme_wrong", "credential_location_wrong"), lambda p: p.credential.kind),
    ("place of the credential", ("credential_location_wrong", "auth_header_name_wrong"), lambda p: f"{p.credential.place} {p.credential.name}"),
    ("expected issuer", ("environment_mismatch", "issuer_mismatch"), lambda p: p.expect.issuer),
    ("expected audience", ("environment_mismatch", "audience_mismatch"), lambda p: _words(p.expect.audience)),
    ("audience asked for", ("audience_mismatch", "opaque_token_no_audience"), lambda p: _oauth(p).audience),
    ("resource asked for", ("audience_mismatch",), lambda p: _oauth(p).resource),
    ("client", ("environment_mismatch", "client_unknown"), lambda p: _oauth(p).client_id),
    ("token endpoint", ("environment_mismatch", "token_endpoint_wrong"), lambda p: _oauth(p).token_url),
    ("client authentication", ("client_auth_method_wrong",), lambda p: _oauth(p).client_auth if p.oauth else ""),
    ("grant", ("grant_not_allowed",), lambda p: _oauth(p).grant if p.oauth else ""),
    ("scopes asked for", ("insufficient_scope", "scope_not_granted"), lambda p: _words(_oauth(p).scopes)),
    ("assertion", ("client_assertion_invalid", "client_key_unknown"), lambda p: _assertion(_oauth(p))),
    ("character set", ("basic_charset",), lambda p: p.credential.charset if p.credential.kind in ("basic", "digest") else ""),
    ("proxy", ("proxy_strips_authorization", "proxy_auth_required"), lambda p: p.network.proxy),
    ("client certificate", ("mtls_certificate_missing", "mtls_certificate_mismatch"), lambda p: p.network.client_cert),
    ("address behind the edge", ("edge_strips_authorization",), lambda p: p.origin_url),
    ("program", ("netrc_override",), lambda p: p.client),
    ("key set", (), lambda p: _oauth(p).jwks_url),
    ("introspection", (), lambda p: _oauth(p).introspection_url),
    ("leeway", (), lambda p: f"{p.expect.leeway_seconds} s"),
    ("environment", (), lambda p: p.environment),
    ("CA bundle", (), lambda p: p.network.ca_bundle),
    ("time server", (), lambda p: p.network.ntp_server),
    ("time limit", (), lambda p: f"{p.network.timeout_seconds:g} s"),
)  # fmt: skip


def _issuers(one: Profile, other: Profile) -> Difference:
    mine, theirs = _oauth(one).issuer, _oauth(other).issuer
    causes: tuple[str, ...] = ("environment_mismatch", "issuer_mismatch")
    note = ""
    if mine and theirs and mine != theirs and issuer_difference(mine, theirs) == "trailing_slash":
        causes, note = ("issuer_trailing_slash",), "they differ only in the slash at the end"
    return Difference("issuer", mine or NOT_SET, theirs or NOT_SET, causes, note)


def _spelling(one: Profile, other: Profile) -> Difference:
    mine, theirs = one.credential.scheme_word, other.credential.scheme_word
    only_case = mine != theirs and mine.lower() == theirs.lower()
    causes = ("auth_scheme_case_rejected",) if only_case else ("auth_scheme_wrong", "auth_scheme_missing")
    return Difference("scheme word", mine or "none", theirs or "none", causes, "they differ only in capital letters" if only_case else "")


def _reference(profile: Profile, name: str) -> str:
    reference = profile.secrets.get(name)
    if reference is None:
        return "the store"
    return f"cmd {reference.cmd[0]}" if reference.cmd else reference.ref


def _tokens(mine: TokenSeen | None, theirs: TokenSeen | None) -> Iterator[Difference]:
    if mine is None or theirs is None:
        return
    yield Difference("kind of token", mine.kind, theirs.kind, ("wrong_token_kind", "opaque_token_no_audience"))
    for name, what, causes in (("kid", "signing key of the token", ("environment_mismatch", "signing_key_rotated")), ("alg", "algorithm", ("alg_mismatch",)),
                               ("typ", "type of the token", ("wrong_token_type",))):  # fmt: skip
        if name in mine.header or name in theirs.header:
            yield Difference(what, _claim(mine.header, name), _claim(theirs.header, name), causes)
    for name, what, causes in CLAIMS:
        if name in mine.claims or name in theirs.claims:
            yield Difference(what, _claim(mine.claims, name), _claim(theirs.claims, name), causes)


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


def _fingerprints(mine: SecretSide, theirs: SecretSide) -> Iterator[Difference]:
    """The same secret in two environments is worth a word of its own: one of them is the wrong one, or a leak in one opens both."""
    for name in dict.fromkeys((*mine.fingerprints, *theirs.fingerprints)):
        here, there = mine.fingerprints.get(name, ""), theirs.fingerprints.get(name, "")
        if here and here == there and mine.of != theirs.of:
            yield Difference(name, here, there, ("environment_mismatch",), "the same value in both")
        else:
            yield Difference(name, here or "none", there or "none", ("credential_missing",) if not (here and there) else ())
