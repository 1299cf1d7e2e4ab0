"""Which profile does one request of a Postman collection make?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from authwizard.importers.beside import beside
from authwizard.importers.documents import document, mapping, text_of
from authwizard.importers.imported import Imported, of_request
from authwizard.importers.marked_secrets import marked_apart
from authwizard.importers.postman import PostmanRequest, Variable, plain_text, read_collection, read_variables
from authwizard.importers.postman_address import address_of
from authwizard.importers.request import ImportedRequest
from authwizard.importers.request_profile import GRANTS, header_credential
from authwizard.importers.unfilled import filled, named, settled
from authwizard.model.profile import CredentialSpec, OAuth
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line

MOST_NAMES = 20
"""Names of requests that one sentence lists."""
_Given = Mapping[str, str]


def read_postman(name: str, text: str, wanted: str = "", environment: str = "", number: int | None = None) -> Imported:
    """Make a profile of the collection's request called `wanted`, or of its only one.

    Args:
        name: The profile's name.
        text: The collection.
        wanted: The request's name, with or without its folders (`folder/name`).
        number: Its place among the collection's requests, where that is known instead; it comes before `wanted`.
        environment: The text of an environment, whose values come before the collection's own variables; "" = none.

    Raises:
        ValueError: It is no collection, or no single request is meant.
    """
    loaded = document(text)
    found = read_collection(loaded)
    request = found[number] if number is not None and 0 <= number < len(found) else _chosen(found, wanted)
    variables = {v.key: v for v in (*_own(loaded), *(read_variables(document(environment)) if environment else ()))}
    return _made(name, request, variables)


def _whole(url: str) -> str:
    """Write the scheme where none is written: Postman takes http then."""
    return url if "://" in url or not url or named(url) else f"http://{url}"


def _own(loaded: object) -> tuple[Variable, ...]:
    try:
        return read_variables(loaded)
    except ValueError:
        return ()  # a collection need not have any


def _chosen(found: tuple[PostmanRequest, ...], wanted: str) -> PostmanRequest:
    if not found:
        raise ValueError("The collection holds no request.")
    names = ", ".join(f'"{safe_line(r.name, 60)}"' for r in found[:MOST_NAMES]) + (" and more" if len(found) > MOST_NAMES else "")
    fits = [r for r in found if r.name == wanted] or [r for r in found if r.name.rpartition("/")[2] == wanted] if wanted else list(found)
    if len(fits) == 1:
        return fits[0]
    if not wanted or fits:
        fit = ", ".join(f'"{safe_line(r.name, 60)}"' for r in fits[:MOST_NAMES]) if wanted else names
        raise ValueError(f"Which request is it? Choose with --request: {fit}.")
    raise ValueError(f'The collection has no request called "{safe_line(wanted, 60)}"; there are {names}.')


def _made(name: str, request: PostmanRequest, variables: Mapping[str, Variable]) -> Imported:
    given = {key: variable.value for key, variable in variables.items() if variable.value}
    address = address_of(request, given)
    if address is None:
        raise ValueError(
            f'The request "{safe_line(request.name, 60)}" has no address in the collection; write it there and export it again.'
        )
    notes = list(address.notes)
    written = [(key, value) for key, value in request.headers if key.lower() != "authorization" or request.auth_type in ("", "noauth")]
    if len(written) < len(request.headers):
        notes.append("Its own Authorization header was left out, since the request also has authentication of its own.")
    headers = [(filled(key, given), filled(value, given)) for key, value in written]
    body, kind = _body(request, given)
    if kind and not any(key.lower() == "content-type" for key, _ in headers):
        headers.append(("Content-Type", kind))
    base = of_request(name, ImportedRequest(request.method.strip().upper() or "GET", address.url, headers, body), notes)
    said = _Parameters(request, given)
    if base.profile.oauth is not None:
        made = _client(base, said, {key.lower(): value for key, value in headers}.get("authorization", ""))
    else:
        base = replace(base, profile=replace(base.profile, client="postman"))
        made = _AUTH.get(request.auth_type, _unknown)(base, said)
    return settled(marked_apart(made, [v.value for v in variables.values() if v.secret]))


def _body(request: PostmanRequest, given: _Given) -> tuple[bytes | None, str]:
    """The body and the content type that Postman adds for it; only a token request is read further."""
    if request.form:
        form = urlencode([(filled(key, given), filled(value, given)) for key, value in request.form])
        return form.encode(), "application/x-www-form-urlencoded"
    if request.raw_body:
        return filled(request.raw_body, given).encode("utf-8", "replace"), "application/json" if request.language == "json" else ""
    return None, ""


class _Parameters:
    """The parameters of a request's authentication, filled in."""

    def __init__(self, request: PostmanRequest, given: _Given) -> None:
        self.kind = request.auth_type
        self._said: Mapping[str, Any] = request.auth
        self._given = given

    def text(self, name: str) -> str:
        """Return a setting, "" where there is none."""
        return filled(text_of(self._said.get(name)), self._given)

    def first(self, name: str) -> str:
        """Return a setting that may be several, under ids of Postman's own: the first of them."""
        value = self._said.get(name)
        return filled(next((text for text in map(text_of, mapping(value).values()) if text), text_of(value)), self._given)

    def secrets(self, **fields: str) -> dict[str, Secret]:
        """Return the secrets that are there, field to parameter."""
        found = {field: filled(plain_text(self._said.get(name)), self._given) for field, name in fields.items()}
        return {field: Secret(value) for field, value in found.items() if value}


def _client(base: Imported, said: _Parameters, written: str) -> Imported:
    """A token request: who asks is its client, and Basic authentication is how the client says so."""
    oauth = base.profile.oauth
    assert oauth is not None
    if said.kind == "basic":
        oauth = replace(oauth, client_id=said.text("username"), client_auth="client_secret_basic")
        secrets = {**base.secrets, **said.secrets(client_secret="password")}
        return replace(base, profile=replace(base.profile, oauth=oauth), secrets=secrets)
    if written.lower().startswith("basic ") and named(written):  # a value that is not known here
        return replace(base, profile=replace(base.profile, oauth=replace(oauth, client_auth="client_secret_basic")))
    return base


def _with(base: Imported, spec: CredentialSpec, secrets: Mapping[str, Secret], oauth: OAuth | None = None) -> Imported:
    base = beside(base)
    return replace(base, profile=replace(base.profile, credential=spec, oauth=oauth), secrets={**base.secrets, **secrets})


def _plain(base: Imported, said: _Parameters) -> Imported:
    return base


def _bearer(base: Imported, said: _Parameters) -> Imported:
    return _with(base, CredentialSpec("bearer"), said.secrets(access_token="token"))


def _basic(base: Imported, said: _Parameters) -> Imported:
    return _with(base, CredentialSpec("basic"), said.secrets(username="username", password="password"))


def _digest(base: Imported, said: _Parameters) -> Imported:
    return _with(base, CredentialSpec("digest"), said.secrets(username="username", password="password"))


def _api_key(base: Imported, said: _Parameters) -> Imported:
    key = said.text("key")
    read = header_credential(key, filled_text) if (filled_text := said.text("value")) and said.text("in") != "query" else None
    if read is not None and key.lower() == "authorization":  # a word and a value, as in any Authorization header
        return _with(base, *read)
    spec = CredentialSpec("api_key", query=key) if said.text("in") == "query" else CredentialSpec("api_key", header=key)
    return _with(base, spec, said.secrets(api_key="value"))


def _oauth2(base: Imported, said: _Parameters) -> Imported:
    grant = said.text("grant_type").replace("authorization_code_with_pkce", "authorization_code") or "authorization_code"
    grant = "authorization_code" if named(grant) else grant
    notes = base.notes
    if grant not in GRANTS:
        notes = (*notes, f"Its grant is {safe_line(grant, 40)}, which authwizard does not send; authorization_code was written.")
    in_query = said.text("addTokenTo") == "queryParams"
    prefix = said.text("headerPrefix").strip()
    spec = CredentialSpec("bearer", query="access_token") if in_query else CredentialSpec("bearer", scheme=prefix or None)
    secrets = said.secrets(access_token="accessToken", refresh_token="refreshToken", client_secret="clientSecret")
    method = "none" if "client_secret" not in secrets and grant != "client_credentials" else (
        "client_secret_post" if said.text("client_authentication") == "body" else "client_secret_basic"
    )  # fmt: skip
    oauth = OAuth(
        token_url=_whole(said.text("accessTokenUrl")), client_id=said.text("clientId"), client_auth=method,  # type: ignore[arg-type]
        grant=GRANTS.get(grant, "authorization_code"), scopes=tuple(said.text("scope").split()), audience=said.first("audience"),
        resource=said.first("resource"),
    )  # fmt: skip
    is_client = bool(oauth.token_url or oauth.client_id or "client_secret" in secrets)
    return replace(_with(base, spec, secrets, oauth if is_client else None), notes=notes)


def _unknown(base: Imported, said: _Parameters) -> Imported:
    note = f"Its authentication is {safe_line(said.kind, 40)}, which a profile cannot describe; only the request was taken."
    return replace(base, notes=(*base.notes, note))


_AUTH: Mapping[str, Callable[[Imported, _Parameters], Imported]] = {
    "": _plain, "noauth": _plain, "bearer": _bearer, "basic": _basic, "digest": _digest, "apikey": _api_key, "oauth2": _oauth2,
}  # fmt: skip
