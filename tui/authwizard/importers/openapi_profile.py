"""Which profile does an API's description make? Its address, its credential, and the scopes of its operations; never a secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urljoin

from authwizard.importers.documents import document
from authwizard.importers.imported import Imported
from authwizard.importers.openapi import Description, Operation, Required, Scheme, read_openapi
from authwizard.model.profile import CredentialSpec, Endpoint, Grant, OAuth, Profile, origin_of
from authwizard.protocol.clean import safe_line
from authwizard.steps.scope_table import matches

MOST_ENDPOINTS = 60
"""Rows of the scope table: a run that succeeds calls those that can be read."""
_GRANTS: Mapping[str, Grant] = {
    "clientCredentials": "client_credentials", "application": "client_credentials", "authorizationCode": "authorization_code",
    "accessCode": "authorization_code", "deviceAuthorization": "device_code",
}  # fmt: skip
"""Flows by their names in OpenAPI 3.x and 2.0. A password is a person's and never tried; an implicit flow has no token endpoint."""
_DISCOVERY = "/.well-known/openid-configuration"


def read_description(name: str, text: str, wanted: str = "", base_url: str = "") -> Imported:
    """Make a profile of an OpenAPI document (JSON or YAML).

    Args:
        name: The profile's name.
        text: The document.
        wanted: The request that fails, e.g. `GET /v2/devices/42`; "" = one is proposed.
        base_url: The API's address where the document names none, or a relative one; "" = unknown.

    Raises:
        ValueError: It is no such document, or has no operation that fits `wanted`.
    """
    said = read_openapi(document(text))
    if not said.operations:
        raise ValueError("The document describes no operation.")
    notes: list[str] = []
    chosen, request = _chosen(said.operations, wanted, notes)
    required = next((one for one in chosen.requirements if one), ())
    if len(required) > 1:
        notes.append(f"{request} wants several credentials at once: {', '.join(r.scheme.key for r in required)}; the first was taken.")
    spec, oauth = _credential(required[0] if required else None, notes)
    base = _base(said, base_url, notes)
    rows = _endpoints(said.operations, chosen, notes)
    profile = Profile(name, base, request, credential=spec, oauth=_resolved(oauth, base), endpoints=rows)
    return Imported(profile, {}, notes=tuple(notes))


def _chosen(operations: tuple[Operation, ...], wanted: str, notes: list[str]) -> tuple[Operation, str]:
    if wanted:
        method, _, path = wanted.strip().rpartition(" ")
        fits = [o for o in operations if o.method == (method.strip().upper() or "GET") and matches(o.path, path.partition("?")[0])]
        best = min(fits, key=lambda o: o.path.count("{"), default=None)
        if best is None:
            some = ", ".join(safe_line(f"{o.method} {o.path}", 80) for o in operations[:8])
            raise ValueError(
                f"The document has no operation {safe_line(wanted, 80)}; there are {some}{' and more' if len(operations) > 8 else ''}."
            )
        return best, f"{best.method} {path}"
    chosen = min(operations, key=lambda o: (o.method != "GET", not any(o.requirements), "{" in o.path))
    notes.append(f'{chosen.method} {chosen.path} was taken as the request that fails; choose with --request "GET /path".')
    if "{" in chosen.path:
        notes.append("Its path has a place to fill in: write the value there.")
    return chosen, f"{chosen.method} {chosen.path}"


def _base(said: Description, base_url: str, notes: list[str]) -> str:
    server = said.servers[0] if said.servers else ""
    if len(said.servers) > 1:
        notes.append(f"The document names {len(said.servers)} servers; the first was taken: {safe_line(server, 120)}.")
    if base_url:
        return urljoin(base_url.rstrip("/") + "/", server.lstrip("/")) if server and not origin_of(server) else base_url
    return server.rstrip("/") if origin_of(server) else ""


def _credential(required: Required | None, notes: list[str]) -> tuple[CredentialSpec, OAuth | None]:
    if required is None:
        notes.append("The document asks for no credential on this request.")
        return CredentialSpec(), None
    scheme = required.scheme
    kind, word = scheme.kind.lower(), scheme.http_scheme.lower()
    if kind == "apikey":
        return _api_key(scheme), None
    if kind == "mutualtls":
        return CredentialSpec("mtls"), None
    if kind == "basic" or (kind == "http" and word in ("basic", "digest")):
        return CredentialSpec("digest" if word == "digest" else "basic"), None
    if kind in ("oauth2", "openidconnect"):
        return CredentialSpec(), _oauth(scheme, required.scopes, notes)
    if kind == "http" and word == "dpop":
        return CredentialSpec("dpop"), None
    if kind != "http" or word != "bearer":
        notes.append(f"How {safe_line(scheme.key, 60)} authenticates is not known here; a bearer token was taken.")
    return CredentialSpec(), None


def _oauth(scheme: Scheme, scopes: tuple[str, ...], notes: list[str]) -> OAuth:
    issuer = scheme.issuer_url.removesuffix(_DISCOVERY) if scheme.issuer_url.endswith(_DISCOVERY) else ""
    ways = [(_GRANTS[kind], url) for kind, url in scheme.flows if kind in _GRANTS]
    grant, token_url = min(ways, key=lambda way: way[0] != "client_credentials", default=("client_credentials", ""))
    if not ways and not issuer:
        notes.append(f"{safe_line(scheme.key, 60)} names no token endpoint that authwizard asks; store the token your sign-in gives.")
    return OAuth(issuer=issuer, token_url=token_url, grant=grant, scopes=_words(scopes))


def _api_key(scheme: Scheme) -> CredentialSpec:
    if scheme.place == "query":
        return CredentialSpec("api_key", query=scheme.name)
    if scheme.place == "cookie":
        return CredentialSpec("cookie", cookie=scheme.name)
    return CredentialSpec("api_key", header=scheme.name)


def _resolved(oauth: OAuth | None, base: str) -> OAuth | None:
    """A token URL may be relative to the API's address (OpenAPI 3.1.1 4.8.31 in connection with 4.7)."""
    if oauth is None or not oauth.token_url or origin_of(oauth.token_url):
        return oauth
    return replace(oauth, token_url=urljoin(base + "/", oauth.token_url) if base else "")


def _endpoints(operations: tuple[Operation, ...], chosen: Operation, notes: list[str]) -> tuple[Endpoint, ...]:
    """Make the scope table; the request that fails comes first, then what names scopes."""
    ranked = sorted(operations, key=lambda o: (o is not chosen, not any(r.scopes for one in o.requirements for r in one)))
    if len(ranked) > MOST_ENDPOINTS:
        notes.append(f"Of {len(ranked)} operations, {MOST_ENDPOINTS} were taken into the scope table.")
    return tuple(Endpoint(f"{o.method} {o.path}", _any_of(o)) for o in ranked[:MOST_ENDPOINTS] if " " not in o.path)


def _any_of(operation: Operation) -> tuple[str, ...]:
    """Each requirement is one way in; all scopes inside it are needed together, and one without scopes makes them all optional."""
    ways = [" ".join(_words(scope for r in one for scope in r.scopes)) for one in operation.requirements]
    return _words(ways) if all(ways) else ()


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
