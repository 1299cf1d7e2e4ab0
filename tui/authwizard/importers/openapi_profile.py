"""Which profile does an API's description make? Its address, its credential, and the scopes of its operations; never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote, urljoin

from authwizard.importers.documents import document
from authwizard.importers.imported import Imported
from authwizard.importers.openapi import Description, Operation, Required, Scheme, read_openapi
from authwizard.model.profile import CredentialSpec, Endpoint, Grant, OAuth, Profile, origin_of
from authwizard.protocol.clean import safe_line
from authwizard.protocol.redaction import Redactor
from authwizard.steps.scope_table import matches
from authwizard.store.profile_rules import HEADER_NAME

MOST_ENDPOINTS = 60
"""Rows of the scope table: a run that succeeds calls those that can be read."""
MOST_WAYS = 12
"""Requirements of one operation that are looked at for its scopes."""
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
    notes: list[str] = []
    if not said.operations:
        return _without_operations(name, said, wanted, base_url, notes)
    chosen, request = _chosen(said.operations, wanted, notes)
    required = _way_in(chosen.requirements, notes) or _unsaid(said, notes)
    base = _base(chosen.servers or said.servers, base_url, notes)
    rows = _endpoints(said.operations, chosen, notes)
    return _made(Profile(name, base, request, endpoints=rows), required, notes)


def _without_operations(name: str, said: Description, wanted: str, base_url: str, notes: list[str]) -> Imported:
    """A document may describe its API's credentials and address alone, or keep its paths in other files."""
    if not (said.servers or said.schemes or said.elsewhere or said.webhooks):
        raise ValueError("The document describes no operation, no server and no way to authenticate.")
    if said.elsewhere:
        notes.append(
            f"Its {said.elsewhere} paths stand in other files, which are not read; put the files together first (redocly bundle, swagger-cli bundle)."
        )
    elif said.webhooks:
        notes.append(f"It describes {said.webhooks} webhooks, which the API sends itself, and no operation that it answers.")
    else:
        notes.append("The document describes no operation.")
    word, _, path = wanted.strip().rpartition(" ")
    request = f"{word.strip().upper() or 'GET'} {_encoded(path)}" if wanted else ""
    alone = tuple((Required(scheme),) for scheme in said.schemes[:1])
    required = _way_in(said.default or alone, notes)
    return _made(Profile(name, _base(said.servers, base_url, notes), request), required, notes)


def _made(profile: Profile, required: tuple[Required, ...], notes: list[str]) -> Imported:
    """Fill in the credential: the first one asked for that can carry a run, and one more beside it."""
    first = min(required, key=lambda one: _rank(one.scheme), default=None)
    spec, oauth = _credential(first, notes)
    profile = replace(profile, credential=spec, oauth=_resolved(oauth, profile.base_url))
    for more in required:
        if more is not first:
            profile = _beside(profile, more.scheme, notes)
    return Imported(profile, {}, notes=tuple(notes))


def _way_in(requirements: tuple[tuple[Required, ...], ...], notes: list[str]) -> tuple[Required, ...]:
    """Choose one of several ways in: the first whose schemes the document describes."""
    ways = [one for one in requirements if one]
    if len(ways) < len(requirements) and ways:
        notes.append("The document lets this request in without a credential as well.")
    chosen = next((one for one in ways if all(r.scheme.kind for r in one)), ways[0] if ways else ())
    if len(ways) > 1:
        some = "; ".join(safe_line(" and ".join(r.scheme.key for r in one), 60) for one in ways[:MOST_WAYS])
        notes.append(f"It has {len(ways)} ways in ({some}); {safe_line(' and '.join(r.scheme.key for r in chosen), 60)} was taken.")
    return chosen


def _unsaid(said: Description, notes: list[str]) -> tuple[Required, ...]:
    """A document that describes ways to authenticate, and for no operation which: the first of them is more likely than none."""
    if not said.schemes or said.default or any(any(one) for o in said.operations for one in o.requirements):
        return ()
    key = safe_line(said.schemes[0].key, 60)
    notes.append(f"The document does not say which requests want a credential; the first way to authenticate in it was taken: {key}.")
    return (Required(said.schemes[0]),)


def _rank(scheme: Scheme) -> int:
    """A token or a login is the credential, and a key goes beside it."""
    return 1 if scheme.kind.lower() == "apikey" and not is_authorization(scheme) else 0


def is_authorization(scheme: Scheme) -> bool:
    """Tell whether a key is a whole Authorization field: 2.0 had no other way to say "Bearer"."""
    return scheme.place == "header" and scheme.name.lower() == "authorization"


def _beside(profile: Profile, scheme: Scheme, notes: list[str]) -> Profile:
    """Write a second key where it goes, as the profile's second credential; what cannot go beside the first is said."""
    place = "{secret:second_credential}"
    taken = place in profile.request or place in "".join(profile.headers.values())
    if scheme.kind.lower() == "apikey" and not taken and not is_authorization(scheme):
        if scheme.place == "header" and HEADER_NAME.fullmatch(scheme.name):
            return replace(profile, headers={**profile.headers, scheme.name: place})
        if scheme.place == "query" and scheme.name and profile.request:
            joined = "&" if "?" in profile.request else "?"
            return replace(profile, request=f"{profile.request}{joined}{quote(scheme.name)}={place}")
        if scheme.place == "cookie" and HEADER_NAME.fullmatch(scheme.name):
            return replace(profile, headers={**profile.headers, "Cookie": f"{scheme.name}={place}"})
    notes.append(f"It wants {safe_line(scheme.key, 60)} as well, which the profile has no room for.")
    return profile


def _chosen(operations: tuple[Operation, ...], wanted: str, notes: list[str]) -> tuple[Operation, str]:
    chosen = min(operations, key=lambda o: (o.method != "GET", not any(o.requirements), "{" in o.path))
    path = chosen.path
    if wanted:
        chosen, path = _wanted(operations, wanted)
    else:
        notes.append(
            f'{safe_line(f"{chosen.method} {chosen.path}", 200)} was taken as the request that fails; choose with --request "GET /path".'
        )
    if "{" in path:
        notes.append("Its path has a place to fill in: write the value there.")
    return chosen, f"{chosen.method} {_encoded(path)}"


def _wanted(operations: tuple[Operation, ...], wanted: str) -> tuple[Operation, str]:
    exact = next((o for o in operations if f"{o.method} {o.path}".strip() == wanted.strip()), None)
    if exact is not None:
        return exact, exact.path
    method, _, path = wanted.strip().rpartition(" ")
    fits = [o for o in operations if o.method == (method.strip().upper() or "GET") and matches(o.path, path.partition("?")[0])]
    best = min(fits, key=lambda o: o.path.count("{"), default=None)
    if best is None:
        some = ", ".join(safe_line(f"{o.method} {o.path}", 80) for o in operations[:8])
        raise ValueError(
            f"The document has no operation {safe_line(wanted, 80)}; there are {some}{' and more' if len(operations) > 8 else ''}."
        )
    return best, path


def _encoded(path: str) -> str:
    """A path as a request line holds it: no blanks; `{secret}` is a place of the path and no secret of a profile."""
    path = re.sub(r"[\s\x00-\x1f]", lambda found: quote(found[0]), path)
    return re.sub(r"\{secret(?=[:}])", "{the_secret", path)


def _base(servers: tuple[str, ...], base_url: str, notes: list[str]) -> str:
    server = servers[0] if servers else ""
    if len(servers) > 1:
        notes.append(f"The document names {len(servers)} servers; the first was taken: {_shown(server)}.")
    if base_url:
        return urljoin(base_url.rstrip("/") + "/", server.lstrip("/")) if server and not _is_whole(server) else base_url
    if _is_whole(server):
        return server.rstrip("/")
    if server:
        notes.append(f"The document's server is no whole address: {_shown(server)}. Write the API's address.")
    return ""


def _shown(server: str) -> str:
    """A server's address for a sentence: no login, no query."""
    return safe_line(re.sub(r"//[^/]*@", "//", Redactor().redact_url(server[:2000]).partition("?")[0]), 120)


def _is_whole(server: str) -> bool:
    """Tell whether a server's address has a host, and no variable or login in it."""
    authority = re.split(r"[/?#]", server.partition("://")[2], maxsplit=1)[0]
    return bool(origin_of(server)) and not re.search(r"[{}@\s]", authority) and not re.search(r"\s", server)


def _credential(required: Required | None, notes: list[str]) -> tuple[CredentialSpec, OAuth | None]:
    if required is None:
        notes.append("The document asks for no credential on this request.")
        return CredentialSpec(), None
    scheme = required.scheme
    kind, word = scheme.kind.lower(), scheme.http_scheme.lower()
    if kind == "apikey":
        return _api_key(scheme, notes), None
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
    if kind == "http" and word not in ("", "bearer") and HEADER_NAME.fullmatch(scheme.http_scheme):
        return CredentialSpec(scheme=scheme.http_scheme), None
    return CredentialSpec(), None


def _oauth(scheme: Scheme, scopes: tuple[str, ...], notes: list[str]) -> OAuth | None:
    issuer = scheme.issuer_url.removesuffix(_DISCOVERY) if scheme.issuer_url.endswith(_DISCOVERY) else ""
    ways = [(_GRANTS[kind], url) for kind, url in scheme.flows if kind in _GRANTS]
    grant, token_url = min(ways, key=lambda way: way[0] != "client_credentials", default=("client_credentials", ""))
    if not ways and not issuer:
        notes.append(f"{safe_line(scheme.key, 60)} names no token endpoint that authwizard asks; store the token your sign-in gives.")
        return None
    return OAuth(issuer=issuer, token_url=token_url, grant=grant, scopes=_words(scopes))


def _api_key(scheme: Scheme, notes: list[str]) -> CredentialSpec:
    if scheme.place == "query" and scheme.name:
        return CredentialSpec("api_key", query=scheme.name)
    if scheme.place == "cookie" and scheme.name:
        return CredentialSpec("cookie", cookie=scheme.name)
    if not HEADER_NAME.fullmatch(scheme.name):
        notes.append(f"Where the key of {safe_line(scheme.key, 60)} goes is not said; X-API-Key was taken.")
        return CredentialSpec("api_key", header="X-API-Key")
    if is_authorization(scheme):
        told = f"{scheme.key} {scheme.description[:2000]}".lower()
        if "bearer" in told or "jwt" in told:
            return CredentialSpec()
        notes.append("The document does not say which word stands before the key in Authorization; the key is sent alone.")
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
    return tuple(Endpoint(f"{o.method} {_encoded(o.path)}", _any_of(o)) for o in ranked[:MOST_ENDPOINTS] if " " not in o.path)


def _any_of(operation: Operation) -> tuple[str, ...]:
    """Each requirement is one way in; all scopes inside it are needed together, and one without scopes makes them all optional."""
    ways = [" ".join(_words(scope for r in one for scope in r.scopes)) for one in operation.requirements[:MOST_WAYS]]
    return _words(ways) if all(ways) else ()


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
