"""Are the addresses of the profile sane? I-01, and the names of the profile that remedies are filled with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, urlsplit

from authwizard.check import check, failed, passed, warned
from authwizard.model.evidence import Anonymous, Baseline, ClientEnvironment, Reported
from authwizard.model.finding import Argument, Facts, Grade, Group, Line, Outcome, Status
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile, is_loopback
from authwizard.protocol.redaction import redact_url
from authwizard.steps.users_client import libraries, named

_TEMPLATES = (
    late_pattern(r"\{\{?[A-Za-z_][\w.-]*\}?\}"),  # {id}, {{baseUrl}}
    late_pattern(r"\$\{[^}]*\}|\$[A-Z][A-Z0-9_]+"),  # ${HOST}, $HOST; OData writes $filter in small letters
    late_pattern(r"<[^<>]+>"),
    late_pattern(r"(?<=/):[A-Za-z_]\w*(?=[/?]|$)"),  # /users/:id
    late_pattern(r"(?i)(?<![a-z0-9])your[-_](?:api|app|client|company|domain|environment|host|instance|org|project|server|tenant)\b"),
)
_DOCUMENTATION_HOST = late_pattern(r"(?:^|\.)(?:example\.(?:com|org|net)|example|invalid|test)$")


@dataclass(frozen=True)
class Address:
    """One address of the profile and how it is called."""

    label: str
    text: str
    parts: SplitResult | None
    problem: str = ""


@dataclass(frozen=True)
class Oddity:
    """Something odd about an address: how bad, one sentence, and the cause it supports."""

    status: Status
    text: str
    label: str
    argument: Argument | None = None


@check(
    "I-01", step=0, title="The addresses are complete and plain",
    looks_for="Placeholders, user names in the address, invisible characters, a wrong scheme, a path that is joined twice.",
    causes=("credential_override_by_userinfo", "wrong_base_url", "placeholder_value", "plaintext_http"),
    sources=("RFC 3986 3.2.1", "RFC 2606", "RFC 9110 4.2.4"),
)  # fmt: skip
def addresses_sane(
    profile: Profile, options: RunOptions | None, environment: ClientEnvironment | None, baseline: Baseline | None,
    reported: Reported | None, anonymous: Anonymous | None,
) -> Outcome:  # fmt: skip
    """Judge every address the profile names."""
    own = baseline or anonymous
    answered = (own is not None and own.exchange.status is not None) or (reported is not None and reported.answer is not None)
    addresses = tuple(_addresses(profile))
    odd = [o for address in addresses for o in _oddities(address)]
    inherited = {o.argument.cause for o in odd if o.label == "base_url" and o.argument is not None}
    odd = [o for o in odd if not (o.label == "request" and o.argument is not None and o.argument.cause in inherited)]
    odd += [*_userinfo(profile, addresses), *_joined_twice(profile), *_trailing_slash(profile), *_base_swallows(profile)]
    if profile.request and not answered:
        odd += _only_without_answer(profile, environment)
    lines = tuple(_line(a, odd) for a in addresses)
    facts = placeholder_facts(profile, options.practice if options else "")
    if not odd:
        return passed("The addresses are complete and plain.", *lines, facts=facts)
    worst = failed if any(o.status is Status.FAIL for o in odd) else warned
    first = next((o for o in odd if o.status is Status.FAIL), odd[0])
    return worst(first.text, *lines, arguments=tuple(o.argument for o in odd if o.argument is not None), facts=facts)


def placeholder_facts(profile: Profile, practice: str = "") -> Facts:
    """Return the plain settings that remedies and commands are filled with; never a secret, no user name from an address."""
    oauth = profile.oauth
    audience = oauth.audience or oauth.resource if oauth else ""
    facts = {
        "profile": profile.name,
        "practice": practice,
        "url": _shown(profile.url) if profile.request else "",
        "host": _host(profile.url),
        "host_port": _host_port(profile.url),
        "header": profile.credential.name,
        "scheme": profile.credential.scheme_word,
        "issuer": without_userinfo(oauth.issuer) if oauth else "",
        "audience": audience or next(iter(profile.expect.audience), ""),
        "scope": " ".join(oauth.scopes) if oauth else "",
        "token_url": without_userinfo(oauth.token_url) if oauth else "",
        "client_id": oauth.client_id if oauth else "",
    }
    return {name: value for name, value in facts.items() if value}


def without_userinfo(url: str) -> str:
    """Return a URL without the `user:password@` part."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@", r"\1", url.strip())


def _shown(url: str) -> str:
    """A URL for people: a pasted command may have secrets in its query that are no credential of the profile."""
    return redact_url(without_userinfo(url))


def _host(url: str) -> str:
    parts = _split(without_userinfo(url))
    try:
        return parts.hostname or "" if parts is not None else ""
    except ValueError:
        return ""


def _host_port(url: str) -> str:
    """The host and the port of an https address, "" of any other: what shows a certificate."""
    parts = _split(without_userinfo(url))
    try:
        if parts is None or parts.scheme.lower() != "https" or not parts.hostname:
            return ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return f"{host}:{parts.port or 443}"
    except ValueError:
        return ""


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _addresses(profile: Profile) -> Iterator[Address]:
    oauth = profile.oauth
    named = [("base_url", profile.base_url), ("request", profile.url if profile.request else "")]
    if oauth is not None:
        named += [("token_url", oauth.token_url), ("issuer", oauth.issuer)]
    for label, text in named:
        if text:
            yield Address(label, text, _split(text))


def _oddities(address: Address) -> Iterator[Oddity]:
    judges: tuple[Callable[[Address], Oddity | None], ...] = (_invisible, _placeholder, _shape, _plain_http, _fragment)
    for judge in judges:
        found = judge(address)
        if found is not None:
            yield found
            if judge in (_placeholder, _shape):
                return


def _invisible(address: Address) -> Oddity | None:
    at = next((i for i, c in enumerate(address.text) if c.isspace() or unicodedata.category(c) in ("Cf", "Cc", "Zs")), None)
    if at is None:
        return None
    character = address.text[at]
    name = f"U+{ord(character):04X} {unicodedata.name(character, 'CONTROL CHARACTER')}"
    text = f"The {address.label} holds an invisible character at position {at + 1}: {name}."
    return Oddity(Status.FAIL, text, address.label, Argument("wrong_base_url", Grade.M, Group.ENVIRONMENT, text))


def _placeholder(address: Address) -> Oddity | None:
    found = next((m.group() for pattern in _TEMPLATES if (m := pattern.search(address.text))), None)
    if found is None:
        return None
    text = f"The {address.label} still holds the placeholder {found}: the real value was never filled in."
    return Oddity(Status.FAIL, text, address.label, Argument("placeholder_value", Grade.S, Group.LOCAL_BYTES, text))


def _shape(address: Address) -> Oddity | None:
    parts = address.parts
    if parts is None:
        problem = "cannot be read as an address"
    elif parts.scheme.lower() not in ("http", "https"):
        problem = "does not begin with https:// or http://"
    elif not parts.hostname:
        problem = "names no host"
    else:
        return None
    text = f"The {address.label} {problem}."
    return Oddity(Status.FAIL, text, address.label, Argument("wrong_base_url", Grade.M, Group.ENVIRONMENT, text))


def _plain_http(address: Address) -> Oddity | None:
    if address.parts is None or address.parts.scheme.lower() != "http" or is_loopback(address.text):
        return None
    text = f"The {address.label} uses http://: the credential travels readable, and servers that redirect to https may lose it on the way."
    return Oddity(Status.WARN, text, address.label, Argument("plaintext_http", Grade.W, Group.ENVIRONMENT, text))


def _fragment(address: Address) -> Oddity | None:
    if "#" not in address.text:
        return None
    text = f"The {address.label} holds a #: what follows it never leaves the client."
    cuts_path = address.label == "base_url"
    argument = Argument("wrong_base_url", Grade.M, Group.ENVIRONMENT, text) if cuts_path else None
    return Oddity(Status.FAIL if cuts_path else Status.WARN, text, address.label, argument)


def _userinfo(profile: Profile, addresses: tuple[Address, ...]) -> Iterator[Oddity]:
    for address in addresses:
        if address.parts is None or address.parts.username is None or (address.label == "request" and "@" in profile.base_url):
            continue
        credential = profile.credential
        overrides = address.label in ("base_url", "request") and credential.place == "header" and credential.name.lower() == "authorization"
        keeping = libraries(profile, None)
        if overrides and keeping and all(client.userinfo == "yields" for client in keeping):
            text = f"The address holds a user name (user:password@). {named(keeping)} sends your header all the same; other clients replace it."
            yield Oddity(Status.WARN, text, address.label)
        elif overrides and credential.kind != "basic":
            text = "The address holds a user name (user:password@): clients make a Basic header of it, and that replaces the Authorization header."
            argument = Argument("credential_override_by_userinfo", Grade.S, Group.ENVIRONMENT, text)
            yield Oddity(Status.FAIL, text, address.label, argument)
        else:
            yield Oddity(
                Status.WARN, f"The {address.label} holds a user name (user:password@); keep credentials out of addresses.", address.label
            )


def _joined_twice(profile: Profile) -> Iterator[Oddity]:
    base = urlsplit_path(profile.base_url).strip("/")
    target = profile.target
    if not base or target.startswith(("http://", "https://")):
        return
    path = target.split("?")[0].strip("/")
    if path == base or path.startswith(base + "/"):
        text = f"The path /{base} stands in base_url and again in request, so it is sent twice: /{base}/{path}."
        yield Oddity(Status.WARN, text, "request", Argument("wrong_base_url", Grade.M, Group.ENVIRONMENT, text))


def urlsplit_path(url: str) -> str:
    """Return the path of a URL, "" where it cannot be read."""
    parts = _split(url.strip())
    return parts.path if parts is not None else ""


def _base_swallows(profile: Profile) -> Iterator[Oddity]:
    if "?" in profile.base_url and not profile.target.startswith(("http://", "https://")):
        text = "base_url holds a query (?...), so the request's path is appended to the query and not to the path."
        yield Oddity(Status.FAIL, text, "base_url", Argument("wrong_base_url", Grade.M, Group.ENVIRONMENT, text))


def _trailing_slash(profile: Profile) -> Iterator[Oddity]:
    others = [e.request.partition(" ")[2].split("?")[0].strip() for e in profile.endpoints]
    others = [path for path in others if len(path) > 1]
    own = profile.target.split("?")[0]
    if len(others) >= 2 and len(own) > 1 and all(path.endswith("/") != own.endswith("/") for path in others):
        has = (
            "ends in a slash and the other endpoints do not"
            if own.endswith("/")
            else "ends without a slash and the other endpoints with one"
        )
        yield Oddity(Status.WARN, f"The request {has}: some servers treat these as different addresses or redirect.", "request")


def _only_without_answer(profile: Profile, environment: ClientEnvironment | None) -> list[Oddity]:
    """Judge what an answer from the host would disprove."""
    odd = []
    host = _host(profile.url)
    if _DOCUMENTATION_HOST.search(host):
        text = f"The host {host} is reserved for documentation: no API answers there."
        odd.append(Oddity(Status.WARN, text, "base_url", Argument("placeholder_value", Grade.W, Group.LOCAL_BYTES, text)))
    if is_loopback(profile.url) and environment is not None and environment.in_container:
        text = f"{host} inside a container is the container itself, not the machine around it."
        odd.append(Oddity(Status.WARN, text, "base_url", Argument("wrong_base_url", Grade.W, Group.ENVIRONMENT, text)))
    return odd


def _line(address: Address, odd: list[Oddity]) -> Line:
    own = [o for o in odd if o.label == address.label]
    if not own:
        return Line(address.label, _shown(address.text), Status.PASS)
    worst = next((o for o in own if o.status is Status.FAIL), own[0])
    return Line(address.label, _shown(address.text), worst.status, "see above" if len(own) == 1 else f"{len(own)} remarks")
