"""What does an API's description say of its credentials? OpenAPI 3.x and 2.0, as far as security goes.

An operation's own `security` replaces the document's; a list of requirements is "any of these", the schemes inside one are "all of
these", an empty requirement makes the credential optional, and an empty list makes the operation public (OpenAPI 3.1.1 section 4.8.30,
2.0 "Security Requirement Object"). Only references inside the document are followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from authwizard.importers.documents import items, mapping, named, text_of
from authwizard.model.frozen import dataclass

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The operations of a path, in the order of the specification."""
MAX_REFERENCES = 20


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


@dataclass(frozen=True)
class Description:
    """What an API's description says of where it is and what it asks for."""

    servers: tuple[str, ...]
    schemes: tuple[Scheme, ...]
    operations: tuple[Operation, ...]

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
    default = whole.get("security")
    operations = tuple(_operations(whole, schemes, default))
    return Description(tuple(_servers(whole)), tuple(schemes.values()), operations)


def _operations(whole: Mapping[str, Any], schemes: Mapping[str, Scheme], default: object) -> Iterator[Operation]:
    for path, item in named(whole.get("paths")):
        if path.startswith("x-"):  # an extension
            continue
        members = mapping(_resolved(whole, item))
        for method in METHODS:
            if isinstance(members.get(method), Mapping):
                asked = members[method].get("security", default)
                requirements = tuple(tuple(_required(schemes, one)) for one in items(asked))
                yield Operation(method.upper(), path, requirements)


def _required(schemes: Mapping[str, Scheme], requirement: object) -> Iterator[Required]:
    for key, scopes in named(requirement):
        yield Required(schemes.get(key) or Scheme(key), tuple(text_of(s) for s in items(scopes) if text_of(s)))


def _scheme(key: str, value: object) -> Scheme:
    said = mapping(value)
    flows = dict(named(said.get("flows"))) or {text_of(said.get("flow")): said}
    return Scheme(
        key, text_of(said.get("type")), text_of(said.get("scheme")), text_of(said.get("in")), text_of(said.get("name")),
        tuple((kind, url) for kind, flow in flows.items() if (url := text_of(mapping(flow).get("tokenUrl")))), text_of(said.get("openIdConnectUrl")),
    )  # fmt: skip


def _servers(whole: Mapping[str, Any]) -> Iterator[str]:
    """The addresses the API is at, with the defaults of their variables; for 2.0 from host, basePath and schemes."""
    for server in items(whole.get("servers")):
        url = text_of(mapping(server).get("url"))
        for name, variable in named(mapping(server).get("variables")):
            default = mapping(variable).get("default")
            url = url.replace(f"{{{name}}}", str(default) if isinstance(default, str | int) else "")
        if url:
            yield url
    if text_of(whole.get("host")):
        for scheme in items(whole.get("schemes")) or ["https"]:
            yield f"{text_of(scheme) or 'https'}://{whole['host']}{text_of(whole.get('basePath')).rstrip('/')}"


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
