"""Which profile does one request of a Postman collection make?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from authwizard.importers.documents import document, mapping, text_of
from authwizard.importers.imported import Imported, of_request
from authwizard.importers.postman import PostmanRequest, Variable, read_collection, read_variables
from authwizard.importers.request import ImportedRequest
from authwizard.importers.request_profile import GRANTS
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import CredentialSpec, OAuth
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe_line

_VARIABLE = late_pattern(r"\{\{\s*([^{}]+?)\s*\}\}")
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
        ValueError: It is no collection, no single request is meant, or a setting holds a variable without a value.
    """
    loaded = document(text)
    found = read_collection(loaded)
    request = found[number] if number is not None and 0 <= number < len(found) else _chosen(found, wanted)
    variables = {v.key: v for v in (*_own(loaded), *(read_variables(document(environment)) if environment else ()))}
    return _made(name, request, variables)


def _whole(url: str) -> str:
    """Write the scheme where none is written: Postman takes http then."""
    return url if "://" in url or not url else f"http://{url}"


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
    url = _setting(request.url or request.parts, given, "the address")
    if not url:
        raise ValueError(
            f'The request "{safe_line(request.name, 60)}" has no address in the collection; write it there and export it again.'
        )
    notes: list[str] = []
    written = [(key, value) for key, value in request.headers if key.lower() != "authorization" or request.auth_type in ("", "noauth")]
    if len(written) < len(request.headers):
        notes.append("Its own Authorization header was left out, since the request also has authentication of its own.")
    headers, empty = _headers(written, given)
    notes += [f"The header {key} was left out: its variable {name_} has no value here." for key, name_ in empty]
    base = of_request(name, ImportedRequest(request.method.upper(), _whole(url), headers), notes)
    base = replace(base, profile=replace(base.profile, client="postman"))
    made = _AUTH.get(request.auth_type, _unknown)(base, _Parameters(request, given))
    _keep_marked_apart(made, [v.value for v in variables.values() if v.secret])
    return made


def _headers(written: list[tuple[str, str]], given: _Given) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Fill the header fields; those whose variable has no value come back apart, with the variable's name."""
    filled, empty = [], []
    for key, value in written:
        left = next((n for n in _VARIABLE.findall(value) if n not in given), None)
        if left is None:
            filled.append((key, _fill(value, given)))
        else:
            empty.append((safe_line(key, 60), safe_line(left, 60)))
    return filled, empty


def _fill(text: str, given: _Given) -> str:
    return _VARIABLE.sub(lambda found: given.get(found[1], found[0]), text)


def _setting(text: str, given: _Given, what: str) -> str:
    filled = _fill(text, given)
    left = _VARIABLE.search(filled)
    if left is not None:
        raise ValueError(
            f"The variable {safe_line(left[1], 60)} in {what} has no value here; give the Postman environment that has one (--environment FILE)."
        )
    return filled


def _keep_marked_apart(made: Imported, marked: list[str]) -> None:
    """Refuse to make a setting of a value that Postman marks as secret."""
    from authwizard.store.profile_toml import plain

    settings = repr(plain(made.profile))
    if any(len(value) >= 4 and value in settings for value in marked):
        raise ValueError(
            "A variable that Postman marks as secret would become a setting (in the address or a header); a profile holds none."
        )


class _Parameters:
    """The parameters of a request's authentication, filled in."""

    def __init__(self, request: PostmanRequest, given: _Given) -> None:
        self.kind = request.auth_type
        self._said: Mapping[str, Any] = request.auth
        self._given = given

    def text(self, name: str) -> str:
        """Return a setting, "" where there is none; raises ValueError for a variable without a value."""
        return _setting(text_of(self._said.get(name)), self._given, name)

    def first(self, name: str) -> str:
        """Return a setting that may be several, under ids of Postman's own: the first of them."""
        value = self._said.get(name)
        return _setting(next((text for text in map(text_of, mapping(value).values()) if text), text_of(value)), self._given, name)

    def secrets(self, **fields: str) -> dict[str, Secret]:
        """Return the secrets that are there, field to parameter; one whose variable has no value is left out."""
        filled = {field: _fill(text_of(self._said.get(name)), self._given) for field, name in fields.items()}
        return {field: Secret(value) for field, value in filled.items() if value and not _VARIABLE.search(value)}


def _with(base: Imported, spec: CredentialSpec, secrets: Mapping[str, Secret], oauth: OAuth | None = None) -> Imported:
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
    spec = CredentialSpec("api_key", query=key) if said.text("in") == "query" else CredentialSpec("api_key", header=key)
    return _with(base, spec, said.secrets(api_key="value"))


def _oauth2(base: Imported, said: _Parameters) -> Imported:
    grant = said.text("grant_type").replace("authorization_code_with_pkce", "authorization_code") or "authorization_code"
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
    return replace(_with(base, spec, secrets, oauth), notes=notes)


def _unknown(base: Imported, said: _Parameters) -> Imported:
    note = f"Its authentication is {safe_line(said.kind, 40)}, which a profile cannot describe; only the request was taken."
    return replace(base, notes=(*base.notes, note))


_AUTH: Mapping[str, Callable[[Imported, _Parameters], Imported]] = {
    "": _plain, "noauth": _plain, "bearer": _bearer, "basic": _basic, "digest": _digest, "apikey": _api_key, "oauth2": _oauth2,
}  # fmt: skip
