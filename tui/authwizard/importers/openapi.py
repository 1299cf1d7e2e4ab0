"""What does an API's description say of its credentials? OpenAPI 3.x and 2.0, as far as security goes.

An operation's own `security` replaces the document's; a list of requirements is "any of these", the schemes inside one are "all of
these", an empty requirement makes the credential optional, and an empty list makes the operation public (OpenAPI 3.1.1 section 4.8.30,
2.0 "Security Requirement Object"). Only references inside the document are followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import unquote

from authwizard.importers.documents import items, mapping, named, text_of
from authwizard.model.frozen import dataclass
from authwizard.model.profile import is_loopback

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The operations of a path, in the order of the specification (3.2 has `query`)."""
MAX_REFERENCES = 20
MOST_OPERATIONS = 30_000
"""Operations that are read: the largest descriptions in use have some ten thousand."""


@dataclass(frozen=True)
class Scheme:
    """One way to authenticate. `kind` is the document's own word (`http`, `apiKey`, `oauth2`, `openIdConnect`, 2.0: `basic`)."""

    key: str
    kind: str = ""
    http_scheme: str = ""
    place: str = ""
    """Where an API key goes: header, query or cookie."""
    name: str = ""
    flows: tuple[tuple[str, str], ...] = ()
    """Each way to get a token that has a token endpoint: the document's word for it (2.0: `accessCode`, `application`), and the endpoint."""
    issuer_url: str = ""
    description: str = ""

    @property
    def token_urls(self) -> tuple[str, ...]:
        """The token endpoints of its flows, each once."""
        return tuple(dict.fromkeys(url for _, url in self.flows))


@dataclass(frozen=True)
class Required:
    """One scheme that a requirement asks for, with the scopes it must bring."""

    scheme: Scheme
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One operation: any of `requirements` lets a caller in; none at all means it is public."""

    method: str
    path: str
    requirements: tuple[tuple[Required, ...], ...] = ()
    servers: tuple[str, ...] = ()
    """Where this operation is, if elsewhere than the document says for all."""


@dataclass(frozen=True)
class Description:
    """What an API's description says of where it is and what it asks for."""

    servers: tuple[str, ...]
    schemes: tuple[Scheme, ...]
    operations: tuple[Operation, ...]
    default: tuple[tuple[Required, ...], ...] = ()
    """What an operation asks for that does not say it itself."""
    elsewhere: int = 0
    """Paths that stand in other files."""
    webhooks: int = 0
    """Requests that the API sends itself, to its callers."""

    @property
    def token_urls(self) -> tuple[str, ...]:
        """The token endpoints that any flow names, each once."""
        return tuple(dict.fromkeys(url for scheme in self.schemes for url in scheme.token_urls))


def read_openapi(document: object) -> Description:
    """Read an OpenAPI document; raises ValueError where it is none."""
    whole = mapping(document)
    if not any(isinstance(whole.get(name), str | float | int) for name in ("openapi", "swagger")):  # 2.0 may be a number
        raise ValueError("This is no OpenAPI document: it has neither a member `openapi` nor `swagger`.")
    definitions = mapping(whole.get("components")).get("securitySchemes") if "openapi" in whole else whole.get("securityDefinitions")
    schemes = {key: _scheme(key, _resolved(whole, value)) for key, value in named(definitions)}
    requirements = _Requirements(schemes, whole.get("security"))
    operations = tuple(islice(_operations(whole, requirements), MOST_OPERATIONS))
    elsewhere = sum(text_of(mapping(item).get("$ref"))[:1] not in ("", "#") for _, item in named(whole.get("paths")))
    return Description(
        tuple(_servers(whole)), tuple(schemes.values()), operations, requirements.of(None), elsewhere, len(mapping(whole.get("webhooks")))
    )


class _Requirements:
    """What operations ask for. A list that many of them share is read once: its length times theirs may be very large."""

    def __init__(self, schemes: Mapping[str, Scheme], default: object) -> None:
        self._schemes = schemes
        self._default = default
        self._read: dict[int, tuple[tuple[Required, ...], ...]] = {}

    def of(self, asked: object) -> tuple[tuple[Required, ...], ...]:
        """Return the requirements of an operation's own `security`, the document's where it has none (None)."""
        said = self._default if asked is None else asked
        if id(said) not in self._read:
            self._read[id(said)] = tuple(tuple(_required(self._schemes, one)) for one in items(said))
        return self._read[id(said)]


def _operations(whole: Mapping[str, Any], requirements: _Requirements) -> Iterator[Operation]:
    for path, item in named(whole.get("paths")):
        if path.startswith("x-"):  # an extension
            continue
        # What stands beside a reference counts as well (3.1.1 section 4.8.9).
        members = {**mapping(_resolved(whole, item)), **mapping(item)}
        said = {**{name: members.get(name) for name in METHODS}, **mapping(members.get("additionalOperations"))}
        for method, operation in said.items():
            if isinstance(operation, Mapping) and isinstance(method, str):
                servers = tuple(_addresses(operation.get("servers"))) or tuple(_addresses(members.get("servers")))
                yield Operation(method.upper(), path, requirements.of(operation.get("security")), servers)


def _required(schemes: Mapping[str, Scheme], requirement: object) -> Iterator[Required]:
    for key, scopes in named(requirement):
        yield Required(schemes.get(key) or Scheme(key), tuple(text_of(s) for s in items(scopes) if text_of(s)))


def _scheme(key: str, value: object) -> Scheme:
    said = mapping(value)
    flows = dict(named(said.get("flows"))) or {text_of(said.get("flow")): said}
    return Scheme(
        key, text_of(said.get("type")), text_of(said.get("scheme")), text_of(said.get("in")), text_of(said.get("name")),
        tuple((kind, url) for kind, flow in flows.items() if (url := text_of(mapping(flow).get("tokenUrl")))), text_of(said.get("openIdConnectUrl")),
        text_of(said.get("description")),
    )  # fmt: skip


def _servers(whole: Mapping[str, Any]) -> Iterator[str]:
    """The addresses the API is at, with the defaults of their variables; for 2.0 from host, basePath and schemes, https before http."""
    yield from _addresses(whole.get("servers"))
    base = text_of(whole.get("basePath")).rstrip("/")
    if text_of(whole.get("host")):
        schemes = [text_of(scheme).lower() for scheme in items(whole.get("schemes"))]
        known = [scheme for scheme in schemes if scheme in ("https", "http")] or ["https"]
        # A program on this machine rarely has a certificate; elsewhere a credential goes over TLS where it can.
        for scheme in known if is_loopback(f"http://{whole['host']}") else sorted(known, reverse=True):
            yield f"{scheme}://{whole['host']}{base}"
    elif base and "swagger" in whole:
        yield base


def _addresses(servers: object) -> Iterator[str]:
    """Addresses that speak HTTP; one without a scheme (`//host`) is taken for https, and a relative one stays as it is."""
    for server in items(servers):
        url = text_of(mapping(server).get("url")).strip()
        for name, variable in named(mapping(server).get("variables")):
            choices = [mapping(variable).get("default"), *items(mapping(variable).get("enum"))]
            value = next((str(one) for one in choices if isinstance(one, str | int)), None)
            url = url.replace(f"{{{name}}}", value) if value is not None else url
        url = f"https:{url}" if url.startswith("//") else url
        if url and ("://" not in url or url.lower().startswith(("http://", "https://", "{"))):
            yield url


def _resolved(whole: Mapping[str, Any], value: object) -> object:
    """Follow `$ref` inside the document; a reference that leads elsewhere, nowhere or in a circle gives nothing."""
    for _ in range(MAX_REFERENCES):
        reference = text_of(mapping(value).get("$ref"))
        if not reference:
            return value
        if not reference.startswith("#/"):
            return None
        value = whole
        for part in unquote(reference[2:]).split("/"):
            value = mapping(value).get(part.replace("~1", "/").replace("~0", "~"))
    return None
