"""What did the user's own program send, beside what this profile sends? Compared in memory, shown masked (CHECKS S8-06)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from authwizard.model.evidence import (
    Absence,
    CredentialSeen,
    NotApplicable,
    Reported,
    SentCredential,
    SentRequest,
    StoredSecrets,
    Unavailable,
)
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import Cost
from authwizard.model.profile import SECRET_OF_KIND, CredentialSpec, Profile
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault
from authwizard.probe import World, probe
from authwizard.probes.api_call import Asked, carried, compose
from authwizard.probes.masking import register, register_pair
from authwizard.probes.outgoing import USER_AGENT
from authwizard.protocol.clean import safe_line
from authwizard.protocol.credential import Composed
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.jose import inspect_token
from authwizard.protocol.redaction import redact_headers
from authwizard.protocol.repair import faults_of
from authwizard.protocol.repair_name import name_faults
from authwizard.protocol.repair_scheme import read_words

if TYPE_CHECKING:
    from authwizard.protocol.redaction import Redactor

SHOWN = 300
"""Characters of a field's masked value that are shown."""
KEY_PARAMETERS = frozenset({"access_token", "api_key", "apikey", "api-key", "key", "token", "auth_token", "subscription-key"})
PLAIN_NAMES = late_pattern(
    r"accept(?:-.*)?|access-control-.*|cache-control|connection|content-(?:type|length|encoding|language|disposition)|date|dnt|expect|from|host|if-.*"
    r"|keep-alive|origin|pragma|priority|range|referer|sec-(?:ch|fetch|gpc).*|te|trailer|transfer-encoding|upgrade(?:-insecure-requests)?|user-agent|via"
    r"|warning|forwarded|x-forwarded-.*|x-requested-with|x-real-ip|(?:x-)?(?:request|correlation)-id|traceparent|tracestate",
    re.IGNORECASE,
)
"""Fields that carry no credential by their definition (RFC 9110, Fetch, W3C Trace Context), and usual companions."""
NOT_FOR_THE_API = frozenset({"cookie", "proxy-authorization", "sec-websocket-key"})


@probe("sent_request", purpose="Read what your program sent", cost=Cost.C0)
async def sent_request(world: World, reported: Reported, credential: CredentialSeen, stored: StoredSecrets) -> SentRequest | Absence:
    """S8-06: the request the user brought, compared with this profile's."""
    if reported.address is None:
        return NotApplicable("What was brought along shows no request.")
    return look_at(reported, world.profile, credential, stored, world.redactor, world.install_key)


def look_at(
    reported: Reported, profile: Profile, credential: CredentialSeen, stored: StoredSecrets, redactor: Redactor, install_key: bytes | None
) -> SentRequest:  # fmt: skip
    """Return the request masked; every credential in it is known to the redactor from now on."""
    assert reported.address is not None
    fields = [(name, value.reveal()) for name, value in reported.fields]
    url = reported.address.reveal()
    found = [*_in_fields(fields, profile.credential), *_in_address(url, profile.credential)]
    seen = tuple(_seen(each, reported, profile, credential, stored, install_key) for each in found)
    for place, name, value in found:
        _register(redactor, place, name, value)
    shown = redactor.redact_headers(fields, request=True)
    return SentRequest(
        source=safe_line(reported.source),
        method=safe_line(reported.method),
        url=safe_line(redactor.redact_url(url)),
        fields=tuple((n, safe_line(_careful(n, v, raw, profile, redactor), SHOWN)) for (n, v), (_, raw) in zip(shown, fields, strict=True)),
        fields_known=reported.fields_known,
        sanitised=reported.sanitised,
        masked_names=reported.masked_names,
        credentials=seen,
        body_bytes=reported.body_bytes,
        hops=tuple((safe_line(redactor.redact_url(hop.address.reveal())), hop.authorized) for hop in reported.hops),
        cookies=tuple(_cookie_names(fields)),
        agent=next((safe_line(v, 120) for n, v in shown if n.lower() == "user-agent"), ""),
    )


def would_send(world: World, stored: StoredSecrets, credential: CredentialSeen) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return what this profile's request would be without sending it: method, masked address, masked header fields."""
    profile, redactor = world.profile, world.redactor
    asked = Asked(profile.method, profile.url)
    made = compose(world, stored, asked, carried(credential), id="capture", purpose="not sent", cost=Cost.C0)
    if isinstance(made, Unavailable):
        return profile.method, safe_line(redactor.redact_url(profile.url)), ()
    fields = [(name, value.reveal() if isinstance(value, Secret) else value) for name, value in made.headers]
    present = {name.lower() for name, _ in fields}
    fields += [
        (n, v) for n, v in (("User-Agent", USER_AGENT), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate")) if n.lower() not in present
    ]
    url = made.url.reveal() if isinstance(made.url, Secret) else made.url
    shown = redactor.redact_headers(fields, request=True)
    return made.method, safe_line(redactor.redact_url(url)), tuple((n, safe_line(redactor.redact(v), SHOWN)) for n, v in shown)


def _careful(name: str, shown: str, raw: str, profile: Profile, redactor: Redactor) -> str:
    """Return a field's value for showing: of a field nobody knows a longer value may be a key, so it is masked as well."""
    masked = redactor.redact(shown)
    own = next((v for n, v in profile.headers.items() if n.lower() == name.lower()), None)
    if masked != raw or raw == own or PLAIN_NAMES.fullmatch(name) or not _may_be_a_key(raw):
        return masked
    return redactor.mask("value", Secret(raw))


def _may_be_a_key(value: str) -> bool:
    return len(value) >= 20 or (len(value) >= 8 and any(c.isdigit() for c in value))


_Found = tuple[str, str, str]
"""Place, name and value of a credential."""


def _in_fields(fields: list[tuple[str, str]], spec: CredentialSpec) -> Iterator[_Found]:
    """Authorization first, then the profile's own field, then what else is a credential by its name."""
    own = spec.name.lower() if spec.place == "header" else ""
    standard = [f for f in fields if f[0].lower() == "authorization"]
    rest = [f for f in fields if f not in standard and (f[0].lower() == own or _named_like_one(*f, spec.kind))]
    for name, value in [*standard, *rest]:
        yield "header", name, value
    if spec.place == "cookie":
        yield from (("cookie", "Cookie", value) for name, value in fields if name.lower() == "cookie")


def _named_like_one(name: str, value: str, kind: str) -> bool:
    if name.lower() in NOT_FOR_THE_API or not value:
        return False
    if any(cause == "auth_header_name_wrong" for cause, *_ in name_faults(name, kind)):
        return True
    return redact_headers([(name, "plain")], request=True) != ((name, "plain"),)


def _in_address(url: str, spec: CredentialSpec) -> Iterator[_Found]:
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return
    if user is not None:
        yield "userinfo", "the address", f"{unquote(user)}:{unquote(password or '')}"
    for name, value in query:
        if name == spec.query or name.lower() in KEY_PARAMETERS:
            yield "query", safe_line(name), value


def _seen(
    found: _Found, reported: Reported, profile: Profile, credential: CredentialSeen, stored: StoredSecrets, install_key: bytes | None
) -> SentCredential:  # fmt: skip
    place, name, value = found
    if place == "userinfo":
        return SentCredential("userinfo", name, "Basic", None, len(value))
    scheme, rest = _split(value, profile.credential) if place == "header" else ("", value)
    masked = place == "header" and name in reported.masked_names
    if masked:
        return SentCredential("header", name, scheme, None)
    own = _own_value(credential, profile.credential)
    faults = _own_faults(found, profile.credential, credential)
    respelled = scheme.lower() == "basic" and own is not None and own != rest and own in _other_charset(rest)
    if respelled:
        charset = "UTF-8" if profile.credential.charset == "latin-1" else "Latin-1"
        faults = (
            TokenFault("basic_charset", f"The same user name and password are sent as {charset}, here as {profile.credential.charset}."),
        )
    token = inspect_token(rest)
    return SentCredential(
        place=place,  # type: ignore[arg-type]
        name=name,
        scheme=safe_line(scheme, 40),
        same=respelled or (own is not None and own in _readings(found, rest, profile.credential)),
        length=len(rest),
        fingerprint=fingerprint(rest, install_key),
        faults=faults,
        token=token if token.kind in ("jws", "jwe") else None,
        stored_as=_stored_as(rest, profile, stored),
    )


def _split(value: str, spec: CredentialSpec) -> tuple[str, str]:
    seen = read_words(value, spec.scheme or "")
    return (seen.words[0].word if seen.words else ""), seen.rest


def _own_value(credential: CredentialSeen, spec: CredentialSpec) -> str | None:
    if credential.field_value is None:
        return None
    value = credential.field_value.reveal()
    return _split(value, spec)[1] if credential.place == "header" else value


def _readings(found: _Found, rest: str, spec: CredentialSpec) -> set[str]:
    """The value as it is, and as it would be without its faults."""
    place, name, value = found
    readings = {rest, rest.strip().strip("\"'")}
    if place == "cookie":
        readings |= {pair.partition("=")[2].strip() for pair in value.split(";")}
    if place == "header":
        repaired = [f.repaired for f in faults_of(Composed("header", name, value, whole=True), spec) if f.repaired]
        readings |= {_split(text, spec)[1] for text in repaired}
    return readings


def _other_charset(payload: str) -> set[str]:
    """What Basic would carry if its letters beyond ASCII were written in the other of the two usual ways (RFC 7617 2.1)."""
    try:
        data = base64.b64decode(payload.strip(), validate=True)
    except (binascii.Error, ValueError):
        return set()
    found: set[str] = set()
    for read, write in (("utf-8", "latin-1"), ("latin-1", "utf-8")):
        try:
            found.add(base64.b64encode(data.decode(read).encode(write)).decode("ascii"))
        except UnicodeError:
            continue
    return found


def _own_faults(found: _Found, spec: CredentialSpec, credential: CredentialSeen) -> tuple[TokenFault, ...]:
    """The faults of the sent value that this profile's value does not have as well."""
    place, name, value = found
    if place != "header":
        return ()
    known = {fault.cause for fault in credential.faults}
    seen = faults_of(Composed("header", name, value, whole=True), spec)
    return tuple(TokenFault(f.cause, f.text, "value", f.position) for f in seen if f.cause not in known)


def _stored_as(rest: str, profile: Profile, stored: StoredSecrets) -> str:
    """Another secret of the profile that was sent in the credential's place, "" for none."""
    own = (*SECRET_OF_KIND.get(profile.credential.kind, ()), "authorization")
    sent = Secret(rest)
    return next((n for n, state in stored.fields.items() if n not in own and state.secret and state.secret == sent), "")


def _register(redactor: Redactor, place: str, name: str, value: str) -> None:
    """Have what the user's program sent masked as the profile's own secrets are."""
    if place == "userinfo":
        user, _, password = value.partition(":")
        register_pair(redactor, user, Secret(password), "password")
        return
    scheme, rest = _split(value, CredentialSpec()) if place == "header" else ("", value)
    if scheme.lower() == "basic":
        register(redactor, "credential", Secret(rest))
        pair = _decoded(rest)
        if pair is not None:
            register_pair(redactor, pair[0], Secret(pair[1]), "password")
        return
    word = "access_token" if scheme else "api_key" if place == "query" or name.lower() != "authorization" else "credential"
    register(redactor, word, Secret(rest))


def _decoded(payload: str) -> tuple[str, str] | None:
    try:
        user, colon, password = base64.b64decode(payload.strip(), validate=True).decode("utf-8", "surrogateescape").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon and password else None


def _cookie_names(fields: list[tuple[str, str]]) -> Iterator[str]:
    for name, value in fields:
        if name.lower() == "cookie":
            yield from (safe_line(pair.partition("=")[0].strip(), 60) for pair in value.split(";")[:50] if "=" in pair)
