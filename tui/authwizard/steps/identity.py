"""Whose credential is this? Its issuer, audience, client and key against this profile and every other one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from authwizard.model.evidence import Discovery, KeySet, OtherKeySets, ResourceMetadataSeen
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile, origin_of
from authwizard.model.token import TokenSeen
from authwizard.protocol.oauth import issuer_difference

CLIENT_CLAIMS = ("azp", "client_id", "appid", "cid")
"""Where a token names the client it was issued to: OpenID Connect and Keycloak, RFC 9068, Entra v1, Okta."""
ANY_TENANT = late_pattern(r"/(?:\{tenantid\}|common|organizations|consumers)(?=/|$)", re.IGNORECASE)
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TENANT = late_pattern(rf"/realms/([^/]+)|/({_GUID})(?=/|$)|/oauth2/([^/.]+)$")
"""Keycloak's realm, Entra's directory id, Okta's authorization server id."""
OPAQUE = "The token cannot be read from outside, so only the authorization server knows {what}."


@dataclass(frozen=True)
class Traits:
    """What a credential says of itself, or a profile accepts; empty where unknown."""

    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    key_ids: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    origin: str = ""
    """Of a profile: where its API is. Speaks only where no audience is configured."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to compare."""
        return not (self.issuers or self.audiences or self.clients or self.key_ids or self.tenants)


@dataclass(frozen=True)
class Compared:
    """One trait of the credential: what this profile knows of it, and which other profiles have it."""

    name: str
    claim: str
    value: str
    here: tuple[str, ...]
    agrees_here: bool | None
    """None where this profile does not say."""
    elsewhere: tuple[str, ...]
    """Names of other profiles it agrees with."""

    @property
    def foreign_to(self) -> bool:
        """Whether it contradicts this profile and fits another."""
        return self.agrees_here is False and bool(self.elsewhere)


ISSUER_DIFFERENCES: dict[str, tuple[str, str]] = {
    "trailing_slash": ("issuer_trailing_slash", "they differ only in the slash at the end"),
    "tenant": ("tenant_mismatch", "they name different tenants"),
    "realm": ("tenant_mismatch", "they name different realms"),
    "version": ("token_version_mismatch", "one is the v1 form and the other the v2.0 form of the same directory"),
    "scheme": ("issuer_mismatch", "one is http and the other https"),
    "host": ("issuer_mismatch", "the host differs"),
    "port": ("issuer_mismatch", "the port differs"),
    "case": ("issuer_mismatch", "they differ only in capital letters, and issuers are compared letter by letter"),
    "path": ("issuer_mismatch", "the path differs"),
}
"""What kind of difference between two issuers points to which cause, and how it is said."""


def of_credential(token: TokenSeen | None, introspected: Mapping[str, Any] | None = None) -> Traits:
    """Read the traits of a token; of one that cannot be read, what introspection told of it."""
    claims = token.claims if token is not None and token.readable else introspected or {}
    header = token.header if token is not None and token.readable else {}
    issuer = _text(claims.get("iss"))
    tenant = _text(claims.get("tid")) or tenant_of(issuer)
    return Traits(
        _some(issuer), audience_of(claims), _some(client_of(claims)), _some(_text(header.get("kid"))), _some(tenant)
    )  # fmt: skip


def of_profile(
    profile: Profile, discovery: Discovery | None = None, resource: ResourceMetadataSeen | None = None, keys: KeySet | None = None
) -> Traits:
    """Gather what a profile's settings, and what was read with them, say about the credentials that belong to it."""
    oauth = profile.oauth
    published = discovery.metadata.issuer if discovery is not None and discovery.metadata is not None else ""
    servers = resource.metadata.authorization_servers if resource is not None else ()
    identifier = resource.metadata.resource if resource is not None else ""
    issuers = _some(profile.expect.issuer, oauth.issuer if oauth else "", published, *servers)
    audiences = _some(*profile.expect.audience, oauth.audience if oauth else "", oauth.resource if oauth else "", identifier)
    tenants = _some(*(tenant_of(url) for url in (*issuers, oauth.token_url if oauth else "")))
    key_ids = _some(*(key.kid for key in keys.keys)) if keys is not None else ()
    return Traits(issuers, audiences, _some(oauth.client_id if oauth else ""), key_ids, tenants, origin_of(profile.base_url))


def compare(credential: Traits, own: Traits, others: Mapping[str, Traits]) -> tuple[Compared, ...]:
    """Compare each trait of the credential with this profile (`own`) and with the others by name.

    The tenant counts only where the issuer does not tell the profiles apart, since an issuer usually names its tenant.
    """
    found = [
        _compared("issuer", "iss", credential.issuers, own, others, _issuer_fits),
        _compared("audience", "aud", credential.audiences, own, others, _audience_fits),
        _compared("client", "client id", credential.clients, own, others, lambda v, t: _member(v, t.clients)),
        _compared("signing key", "kid", credential.key_ids, own, others, lambda v, t: _member(v, t.key_ids)),
    ]
    if not found[0].foreign_to:
        found.append(_compared("tenant", "tenant", credential.tenants, own, others, lambda v, t: _member(v, t.tenants)))
    return tuple(item for item in found if item.value)


def key_sets_by_profile(sets: OtherKeySets | None) -> dict[str, tuple[str, ...]]:
    """Return the key ids published for each other profile."""
    found: dict[str, tuple[str, ...]] = {}
    for name, _issuer, key_ids in sets.sets if sets is not None else ():
        found[name] = (*found.get(name, ()), *key_ids)
    return found


def audience_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the audience claim as a tuple; one text and a list are both legal (RFC 7519 4.1.3)."""
    value = claims.get("aud")
    if isinstance(value, str):
        return _some(value)
    return _some(*(item for item in value if isinstance(item, str))) if isinstance(value, (list, tuple)) else ()


def client_of(claims: Mapping[str, Any]) -> str:
    """Return the client a token was issued to, "" where it does not say."""
    return next((_text(claims[name]) for name in CLIENT_CLAIMS if _text(claims.get(name))), "")


def tenant_of(issuer: str) -> str:
    """Return the realm, directory or authorization server id inside an issuer's URL, "" where it has none."""
    found = _TENANT.search(issuer.rstrip("/").removesuffix("/v2.0"))
    return next((group for group in found.groups() if group), "") if found is not None else ""


def same_issuer(one: str, other: str) -> bool:
    """Tell whether two issuers mean the same server: a trailing slash, letter case of scheme and host, and Entra's stand-ins for a
    tenant (`common`, `{tenantid}`) make no difference here, though they may to the API.
    """
    if ANY_TENANT.search(one) or ANY_TENANT.search(other):
        return _any_tenant(one) == _any_tenant(other)
    return _plain(one) == _plain(other)


def issuer_cause(one: str, other: str) -> tuple[str, str]:
    """Return the cause that the difference of two issuers points to, and the difference in words."""
    return ISSUER_DIFFERENCES.get(issuer_difference(one, other), ("issuer_mismatch", "they are different servers"))


def from_another_issuer(profile: Profile, discovery: Discovery | None, token: TokenSeen) -> bool:
    """Tell whether the keys that were read are those of an issuer that did not make this token."""
    published = discovery.metadata.issuer if discovery is not None and discovery.metadata is not None else ""
    keys_of = published or (profile.oauth.issuer if profile.oauth is not None else "")
    issuer = _text(token.claims.get("iss"))
    return bool(keys_of and issuer) and not same_issuer(keys_of, issuer)


def same_audience(one: str, other: str) -> bool:
    """Tell whether two audiences mean the same API: a trailing slash, letter case and Entra's `api://` prefix make no difference here."""
    return _bare_audience(one) == _bare_audience(other)


def _issuer_fits(values: tuple[str, ...], traits: Traits) -> bool | None:
    return any(same_issuer(v, t) for v in values for t in traits.issuers) if traits.issuers else None


def _audience_fits(values: tuple[str, ...], traits: Traits) -> bool | None:
    """Without a configured audience, one that is a URL is compared with the API's own origin."""
    if traits.audiences:
        return any(same_audience(v, t) for v in values for t in traits.audiences)
    origins = [origin for v in values if (origin := origin_of(v))]
    return traits.origin in origins if origins and traits.origin else None


def _member(values: tuple[str, ...], known: tuple[str, ...]) -> bool | None:
    return any(v in known for v in values) if known else None


def _compared(
    name: str, claim: str, values: tuple[str, ...], own: Traits, others: Mapping[str, Traits], fits: Any
) -> Compared:  # fmt: skip
    known = {"issuer": own.issuers, "audience": own.audiences or _some(own.origin), "client": own.clients, "signing key": own.key_ids,
             "tenant": own.tenants}[name]  # fmt: skip
    if not values:
        return Compared(name, claim, "", known, None, ())
    elsewhere = tuple(profile for profile, traits in others.items() if fits(values, traits) is True)
    return Compared(name, claim, ", ".join(values), known, fits(values, own), elsewhere)


def _any_tenant(issuer: str) -> str:
    return re.sub(rf"/(?:{_GUID})(?=/|$)", "/*", ANY_TENANT.sub("/*", _plain(issuer)))


def _plain(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip().rstrip("/")
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}" if parts.netloc else url.strip().rstrip("/")


def _bare_audience(value: str) -> str:
    return value.strip().removeprefix("api://").rstrip("/").lower()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _some(*values: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def distinct(names: Iterable[str]) -> str:
    """Join names for a sentence: "a", "a and b", "a, b and c"."""
    listed = list(dict.fromkeys(names))
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
