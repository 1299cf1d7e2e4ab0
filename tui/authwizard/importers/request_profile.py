"""A profile for one run, made from a request that somebody's program sends: settings here, secrets apart."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from authwizard.importers.request import ImportedRequest
from authwizard.model.evidence import PastedCode
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import CredentialSpec, Grant, Network, OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.protocol.redaction_shapes import shapes_of

KEY_HEADERS = ("x-api-key", "api-key", "apikey", "x-apikey", "ocp-apim-subscription-key", "x-auth-token", "x-access-token")
NEAR_MISSES = ("authentication", "authorisation", "x-authorization", "token", "proxy-authorization", "autorization", "authorizaton")
KEY_PARAMETERS = ("access_token", "api_key", "apikey", "api-key", "key", "token", "auth_token", "subscription-key")
LEFT_OUT = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding")
_MEMBER = late_pattern(r"[A-Za-z_][\w.:\[\]-]{0,40}")
SHORTEST_IN_PATH = 8
"""Characters below which a secret stands in a path by chance."""
SECRET_NAME = late_pattern(r"(?i)secret|passw|token|api-?key|credential|session")
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_NO_TEXT = late_pattern("[\ud800-\udfff]")
"""What stands for a byte that is no part of a character (PEP 383)."""
GRANTS: Mapping[str, Grant] = {
    "client_credentials": "client_credentials", "refresh_token": "refresh_token", "authorization_code": "authorization_code",
    DEVICE_GRANT: "device_code",
}  # fmt: skip
"""Those that a pasted token request can be tried with, by their names on the wire; a password is a person's, and is never tried."""
CODES: Mapping[str, str] = {"authorization_code": "code", DEVICE_GRANT: "device_code"}
"""The member that a grant uses up."""
SENT_ANEW = frozenset(
    {"grant_type", "client_id", "client_secret", "refresh_token", "scope", "audience", "resource", "code", "device_code", "code_verifier",
     "redirect_uri"}
)  # fmt: skip
"""Members of a token request that are sent as they were."""


def api_profile(name: str, request: ImportedRequest) -> tuple[Profile, Mapping[str, Secret]]:
    """Return the profile of an API request and its secrets; raises ValueError where the URL cannot be used."""
    _refuse_unclear(request)
    base, target, spec, secrets = _address(request.url)
    if request.login is not None and request.login_by == "digest":
        user, _, password = request.login.partition(":")
        spec, secrets = CredentialSpec("digest"), {"username": Secret(user), "password": Secret(password)}
    headers: dict[str, str] = {}
    for key, value in _cookies_together(request.headers):
        if key.lower() in LEFT_OUT:
            continue
        taken = None if spec is not None and key.lower() not in ("authorization",) else header_credential(key, value)
        if taken is not None and (spec is None or key.lower() == "authorization"):
            if spec is not None and spec.query:  # a key in the query goes out beside the header, as it did
                target += f"{'&' if '?' in target else '?'}{spec.query}={{secret:api_key}}"
            spec, found = taken
            secrets = {**secrets, **found}
        elif key.lower() == "cookie":
            secrets = {**secrets, "session_cookie": Secret(value)}
            headers[key] = "{secret:session_cookie}"
        elif may_be_secret(key, value) and "second_credential" not in secrets:
            secrets = {**secrets, "second_credential": Secret(value)}
            headers[key] = "{secret:second_credential}"
        else:
            headers[key] = value
    if spec is None:
        spec, secrets = _only_one(headers, secrets)
    target, secrets = _without_tokens(target, secrets)
    profile = Profile(
        name, base, f"{request.method.upper()} {target}", headers=headers, credential=spec or CredentialSpec(), client="curl",
        network=_network(request),
    )  # fmt: skip
    return profile, secrets


def _refuse_unclear(request: ImportedRequest) -> None:
    """Refuse a text that leaves open which request is meant, or a user name without its password: an empty one would be a failed login."""
    if request.urls > 1:
        raise ValueError(f"it names {request.urls} URLs. Paste it with the one that fails.")
    if request.asks_password:
        raise ValueError("it gives a user name without a password (-u NAME). Paste it with -u NAME:PASSWORD.")
    if not request.method.isalpha():
        raise ValueError(f"its method is {request.method[:40]}; authwizard sends methods of letters alone.")
    told = (request.url, request.proxy, request.login or "", *(part for field in request.headers for part in field))
    if any(_NO_TEXT.search(part) for part in told):
        raise ValueError("its address or a header holds bytes that are no UTF-8 text, which a profile cannot hold.")


def _network(request: ImportedRequest) -> Network:
    """Send through the proxy of the command; raises ValueError for one that has a password, which no profile may hold."""
    if "@" in request.proxy:
        raise ValueError("its proxy has a user name and password in it. Set HTTPS_PROXY, and paste the command without -x.")
    proxy = request.proxy
    # curl takes a proxy without a scheme for one that speaks http (curl's manual page, --proxy)
    return Network(proxy=(proxy if "://" in proxy else f"http://{proxy}") if proxy else "env")


def left_out(request: ImportedRequest) -> tuple[str, ...]:
    """Name what of a request is not sent again, for a person; empty where all of it is."""
    if request.is_token_request:
        plain = ("authorization", "content-type", "accept", "user-agent", *LEFT_OUT)
        names = [f"the header {key}" for key, _ in request.headers if key.lower() not in plain]
        # a name without a value is the rest of a secret that has a bare & in it, or no form at all
        named = {key: bool(value) and _MEMBER.fullmatch(key) is not None for key, value in request.form().items() if key not in SENT_ANEW}
        names += [
            f"the member {key}" if known else "a part that is no NAME=VALUE (an & in a secret is written %26)"
            for key, known in named.items()
        ]
    else:
        names = ["its body"] if request.body is not None else []
    return tuple(dict.fromkeys(names))


def _cookies_together(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put the crumbs of the Cookie header together, which HTTP/2 sends apart (RFC 9113 8.2.3)."""
    crumbs = [value for key, value in headers if key.lower() == "cookie"]
    if len(crumbs) < 2:
        return headers
    rest = [(key, value) for key, value in headers if key.lower() != "cookie"]
    return [*rest, ("Cookie", "; ".join(crumbs))]


def may_be_secret(key: str, value: str) -> bool:
    """Tell whether a header beside the credential may hold one as well, by its name or by the look of its value."""
    return bool(SECRET_NAME.search(key)) or bool(_token_in(value))


def _only_one(headers: dict[str, str], secrets: dict[str, Secret]) -> tuple[CredentialSpec | None, dict[str, Secret]]:
    """Take what looked like a further credential as the credential where there is no other; it leaves the headers."""
    key = next((k for k, v in headers.items() if v == "{secret:second_credential}"), None)
    if key is not None:
        del headers[key]
        kept = {name: secret for name, secret in secrets.items() if name != "second_credential"}
        return CredentialSpec("api_key", header=key), {**kept, "api_key": secrets["second_credential"]}
    key = next((k for k, v in headers.items() if v == "{secret:session_cookie}"), None)
    if key is not None:
        del headers[key]
        return CredentialSpec("cookie"), secrets
    return None, secrets


def _without_tokens(target: str, secrets: dict[str, Secret]) -> tuple[str, dict[str, Secret]]:
    """Take tokens out of the path, and any secret that stands there once more: a profile holds none."""
    found = _token_in(target)
    if len(found) >= SHORTEST_IN_PATH and "second_credential" not in secrets and all(s.reveal() != found for s in secrets.values()):
        secrets = {**secrets, "second_credential": Secret(found)}
    for name, secret in secrets.items():
        if len(secret.reveal()) >= SHORTEST_IN_PATH:
            target = target.replace(secret.reveal(), f"{{secret:{name}}}")
    return target, secrets


def _token_in(text: str) -> str:
    """Return what in a text is a token by its look, "" where nothing is."""
    shape = next((s for s in shapes_of(text) if s.word in ("token", "API key")), None)
    return text[shape.start : shape.end] if shape is not None else ""


def _address(url: str) -> tuple[str, str, CredentialSpec | None, dict[str, Secret]]:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("The URL cannot be read; check its host and port.") from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise ValueError("The URL must begin with http:// or https:// and name a host.")
    shown = f"[{host}]" if ":" in host else host
    base = f"{parts.scheme.lower()}://{shown}" + (f":{port}" if port else "")
    secrets: dict[str, Secret] = {}
    spec: CredentialSpec | None = None
    if parts.username is not None:
        spec = CredentialSpec("basic")
        secrets = {"username": Secret(unquote(parts.username)), "password": Secret(unquote(parts.password or ""))}
    query = []
    for pair in parts.query.split("&") if parts.query else []:
        key, _, value = pair.partition("=")
        if key.lower() in KEY_PARAMETERS and value and spec is None:
            spec = CredentialSpec("api_key", query=key)
            secrets["api_key"] = Secret(dict(parse_qsl(pair)).get(key, value))
        else:
            query.append(pair)
    target = (parts.path or "/") + (f"?{'&'.join(query)}" if query else "")
    return base, target, spec, secrets


def header_credential(key: str, value: str) -> tuple[CredentialSpec, dict[str, Secret]] | None:
    """Read a header as the credential; None where it is none."""
    lowered = key.lower()
    if lowered == "authorization" or lowered in NEAR_MISSES:
        header = "" if lowered == "authorization" else key
        return _authorization(header, value)
    if lowered in KEY_HEADERS:
        return CredentialSpec("api_key", header=key), {"api_key": Secret(value)}
    return None


def _authorization(header: str, value: str) -> tuple[CredentialSpec, dict[str, Secret]]:
    match = re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*) (\S+)", value)
    if match is None:
        if re.fullmatch(r"[^\s\"']+", value):
            return CredentialSpec("bearer", header=header, scheme=""), {"access_token": Secret(value)}
        return CredentialSpec("bearer", header=header), {"authorization": Secret(value)}
    scheme, rest = match.groups()
    if scheme.lower() == "basic":
        pair = _basic(rest)
        if pair is not None:
            return CredentialSpec("basic", header=header, scheme=scheme), {"username": Secret(pair[0]), "password": Secret(pair[1])}
        return CredentialSpec("basic", header=header), {"authorization": Secret(value)}
    if scheme.lower() in ("digest", "dpop", "negotiate", "ntlm") or scheme.upper().startswith("AWS4"):
        kind = scheme.lower() if scheme.lower() in ("digest", "dpop") else "bearer"
        return CredentialSpec(kind, header=header), {"authorization": Secret(value)}  # type: ignore[arg-type]
    return CredentialSpec("bearer", header=header, scheme=scheme), {"access_token": Secret(rest)}


def _basic(text: str) -> tuple[str, str] | None:
    try:
        decoded = base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    user, colon, password = decoded.partition(":")
    return (user, password) if colon else None


def token_profile(name: str, request: ImportedRequest) -> tuple[Profile, Mapping[str, Secret]]:
    """Return the profile of a pasted token request and its secrets; raises ValueError for a grant that is not tried here."""
    _refuse_unclear(request)
    base, _, _, _ = _address(request.url)
    form = request.form()
    grant = form.get("grant_type", "")
    if grant not in GRANTS:
        raise ValueError(f'its grant_type is "{grant[:40]}"; {", ".join(GRANTS.values())} can be tried.')
    if grant in CODES and not form.get(CODES[grant]):
        raise ValueError(f"it carries no {CODES[grant]}.")
    if form.get("client_assertion"):
        raise ValueError("its client signs an assertion, made for one moment. Save a profile with private_key_jwt and the key instead.")
    if any(SECRET_NAME.search(part) or part.lower() in KEY_PARAMETERS for part, _ in parse_qsl(urlsplit(request.url).query)):
        raise ValueError("its address carries something that looks secret; token requests have that in the body.")
    secrets: dict[str, Secret] = {}
    client_id, method = form.get("client_id", ""), "none"
    value = request.header("Authorization") or ""
    pair = _basic(value[6:]) if value.lower().startswith("basic ") else None
    if pair is not None:
        client_id, method = unquote(pair[0]), "client_secret_basic"
        secrets["client_secret"] = Secret(unquote(pair[1]))
    elif form.get("client_secret"):
        method = "client_secret_post"
        secrets["client_secret"] = Secret(form["client_secret"])
    if form.get("refresh_token"):
        secrets["refresh_token"] = Secret(form["refresh_token"])
    oauth = OAuth(
        token_url=request.url.partition("#")[0], client_id=client_id, client_auth=method, grant=GRANTS[grant],  # type: ignore[arg-type]
        scopes=tuple(form.get("scope", "").split()), audience=form.get("audience", ""), resource=form.get("resource", ""),
    )  # fmt: skip
    return Profile(name, base, "", oauth=oauth, network=_network(request)), secrets


def code_of(request: ImportedRequest) -> PastedCode | None:
    """Return what a pasted token request redeems a code with; None for one of another grant."""
    form = request.form()
    grant = form.get("grant_type", "")
    if not form.get(CODES.get(grant, "")):
        return None
    secrets = {name: Secret(form[name]) for name in (CODES[grant], "code_verifier") if form.get(name)}
    return PastedCode(grant, tuple((name, form[name]) for name in ("redirect_uri",) if name in form), secrets)
