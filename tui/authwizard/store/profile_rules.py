"""Does a profile of the right types make sense? Rules that a type cannot say, each with its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import SECRET_FIELDS, Profile, origin_of
from authwizard.store.profile_errors import BadField, did_you_mean, shown_key
from authwizard.store.profile_literals import PLACEHOLDER
from authwizard.store.references import FORMS, reference_fault
from authwizard.store.toml_lines import KeyPath

HEADER_NAME = late_pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECRET_PLACE = late_pattern(rf"\{{secret(?![_-]?\w+\}})|\{{secret[_-]?(?:{'|'.join(SECRET_FIELDS)})\}}")
"""What is meant as a place for a secret and written in another way; `{secret_id}` is a place of a path."""
_REQUEST = late_pattern(r"(?:[A-Za-z]+\s+)?(?:/|https?://|[^\s/])\S*")
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_OAUTH_URLS = ("token_url", "jwks_url", "introspection_url", "revocation_url")


def check_profile(profile: Profile) -> None:
    """Check one profile by itself; raises BadField."""
    path: KeyPath = ("profile", profile.name)
    _check_placeholders(profile, path)
    _check_url(profile.base_url, (*path, "base_url"), required=True)
    _check_url(profile.origin_url, (*path, "origin_url"))
    _check_url(profile.browser_origin, (*path, "browser_origin"))
    if profile.oauth:
        for key in _OAUTH_URLS:
            _check_url(getattr(profile.oauth, key), (*path, "oauth", key))
    _check_requests(profile, path)
    for name in profile.headers:
        if not HEADER_NAME.fullmatch(name):
            raise BadField((*path, "headers", name), "is not a header name (RFC 9110 5.1: letters, digits and - are safe)")
    _check_credential(profile, (*path, "credential"))
    _check_numbers(profile, path)
    _check_proxy(profile.network.proxy, (*path, "network", "proxy"))
    _check_secrets(profile, (*path, "secrets"))


def check_references(profile: Profile, profiles: Mapping[str, Profile]) -> None:
    """Check what a profile says of the others in its file; raises BadField."""
    other = profile.known_good
    if other and (other not in profiles or other == profile.name):
        rest = [name for name in profiles if name != profile.name]
        hint = did_you_mean(other, rest)
        raise BadField(("profile", profile.name, "known_good"), f"must name another profile of this file{hint}")


def _check_placeholders(profile: Profile, path: KeyPath) -> None:
    for where, text in _texts(profile, path):
        for field in PLACEHOLDER.findall(text):
            if field not in SECRET_FIELDS:
                raise BadField(where, f"{{secret:{shown_key(field)}}} names no secret field{did_you_mean(field, SECRET_FIELDS)}")
        if _SECRET_PLACE.search(PLACEHOLDER.sub("", text)):
            raise BadField(where, "a secret in a request is written {secret:FIELD}, e.g. {secret:api_key}")


def _texts(profile: Profile, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield the texts of a profile that may hold {secret:FIELD}."""
    for key in ("base_url", "origin_url", "request", "probe", "whoami"):
        yield (*path, key), getattr(profile, key)
    for name, value in profile.headers.items():
        yield (*path, "headers", name), value
    for number, endpoint in enumerate(profile.endpoints):
        yield (*path, "endpoints", number, "request"), endpoint.request
    for key in _OAUTH_URLS:
        yield (*path, "oauth", key), getattr(profile.oauth, key, "")
    yield (*path, "network", "proxy"), profile.network.proxy


def _check_url(url: str, path: KeyPath, *, required: bool = False) -> None:
    if not url and not required:
        return
    if not url.strip():
        raise BadField(path, "is empty; write the API's address, e.g. https://api.example.com")
    if "{" in re.split(r"[/?#]", url.partition("://")[2])[0].rpartition("@")[2]:
        raise BadField(path, "the host cannot hold a {secret:..}: authwizard must know where secrets go")
    if not origin_of(url) or not url.strip().lower().startswith(("http://", "https://")):
        raise BadField(path, "is not a URL with a host; write e.g. https://api.example.com")
    if re.search(r"\s", url.strip()):
        raise BadField(path, "holds a space")


def _check_requests(profile: Profile, path: KeyPath) -> None:
    _check_request(profile.request, (*path, "request"), required=True)
    _check_request(profile.probe, (*path, "probe"))
    _check_request(profile.whoami, (*path, "whoami"))
    for number, endpoint in enumerate(profile.endpoints):
        _check_request(endpoint.request, (*path, "endpoints", number, "request"), required=True)


def _check_request(text: str, path: KeyPath, *, required: bool = False) -> None:
    lonely = re.fullmatch(r"[A-Z]+", text.strip())
    if (text or required) and (lonely or not _REQUEST.fullmatch(text.strip())):
        raise BadField(path, 'must be a method and a path, e.g. "GET /v2/me"')


def _check_credential(profile: Profile, path: KeyPath) -> None:
    places = [key for key in ("header", "query", "cookie") if getattr(profile.credential, key)]
    if len(places) > 1:
        raise BadField((*path, places[1]), f"the credential has one place, and {places[0]} is set too; keep one")
    if profile.credential.header and not HEADER_NAME.fullmatch(profile.credential.header):
        raise BadField((*path, "header"), "is not a header name (RFC 9110 5.1: letters, digits and - are safe)")


def _check_numbers(profile: Profile, path: KeyPath) -> None:
    if not 0 < profile.network.timeout_seconds <= 600:
        raise BadField((*path, "network", "timeout_seconds"), "must be more than 0 and at most 600")
    if not 0 <= profile.expect.leeway_seconds <= 86_400:
        raise BadField((*path, "expect", "leeway_seconds"), "must be from 0 to 86400")
    for number, endpoint in enumerate(profile.endpoints):
        if not 100 <= endpoint.expect <= 599:
            raise BadField((*path, "endpoints", number, "expect"), "must be an HTTP status, e.g. 200")
    for field, reference in profile.secrets.items():
        if reference.rotate_days is not None and not 1 <= reference.rotate_days <= 3650:
            raise BadField((*path, "secrets", field, "rotate_days"), "must be from 1 to 3650")


def _check_proxy(proxy: str, path: KeyPath) -> None:
    if proxy in ("env", "none"):
        return
    try:
        parts = urlsplit(proxy)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in _PROXY_SCHEMES or not parts.hostname:
        raise BadField(path, "must be env, none or a URL, e.g. http://proxy.example.com:3128")


def _check_secrets(profile: Profile, path: KeyPath) -> None:
    for field, reference in profile.secrets.items():
        fault = reference_fault(reference)
        if fault and fault.startswith("holds"):
            raise BadField(
                (*path, field),
                f"{fault}, and this file never holds a secret. Run: authwizard store set {profile.name} {field}; then delete this line "
                f"(or write one of {FORMS})",
            )
        if fault:
            raise BadField((*path, field), fault)
