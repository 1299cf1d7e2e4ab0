"""Which request do the probes of the API send, and how is a credential put into it (DESIGN 4 "What is sent")?"""

from __future__ import annotations

from dataclasses import replace

from authwizard.model.evidence import CredentialSeen, NotApplicable, NotTried, StoredSecrets, Unavailable
from authwizard.model.exchange import Exchange, Target
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Profile, origin_of
from authwizard.model.secret import Secret
from authwizard.probe import Request, World
from authwizard.probes.digest import answered
from authwizard.probes.dpop import proved
from authwizard.probes.masking import register
from authwizard.probes.request_text import add_parameter, expand_text, expand_url, fields_in, split_request, without_secrets

SAFE_METHODS = frozenset({"GET", "HEAD"})
NO_REQUEST = NotApplicable("There is no request to the API: what was pasted names none.")
"""What every request to the API ends as where the profile has none (a pasted token or token request)."""
NOTHING_TO_COMPARE = NotApplicable("The request succeeds as it is, so there is nothing to compare.")
"""What every swap ends as where P0 succeeded."""
_CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


@dataclass(frozen=True)
class Asked:
    """A request of the profile: method and URL, which may hold `{secret:FIELD}`; `standin` says why it is not the user's own."""

    method: str
    url: str
    standin: str = ""

    @property
    def safe(self) -> bool:
        """Whether sending it changes nothing."""
        return self.method in SAFE_METHODS


@dataclass(frozen=True)
class Carried:
    """One credential and its place in the request."""

    place: str
    name: str
    value: str | Secret

    @property
    def text(self) -> str:
        """The value as it goes out."""
        return self.value.reveal() if isinstance(self.value, Secret) else self.value


def users_request(profile: Profile, options: RunOptions) -> Asked | NotTried | NotApplicable:
    """Return what P0 sends: the user's request where it changes nothing or that was agreed to, else a harmless stand-in."""
    own = Asked(profile.method, profile.url)
    return own if profile.request and (own.safe or options.allow_write) else harmless_request(profile)


def harmless_request(profile: Profile) -> Asked | NotTried | NotApplicable:
    """Return the user's request where it changes nothing, else the profile's `probe`, else its `whoami` on the API itself."""
    if not profile.request:
        return NO_REQUEST
    own = Asked(profile.method, profile.url)
    if own.safe:
        return own
    for text in (profile.probe, profile.whoami):
        method, target = split_request(text)
        url = profile.url_of(target)
        if text and method in SAFE_METHODS and origin_of(url) in profile.own_origins:
            return Asked(method, url, f"A {own.method} may change data, so {method} {target} was sent in its place.")
    return NotTried(
        f"A {own.method} may change data. Name a harmless request as `probe` in the profile, or agree to it with --allow write."
    )


def carried(credential: CredentialSeen, value: str | Secret | None = None) -> Carried | None:
    """Return the credential in its place, with another value where one is given; None where there is nothing to send."""
    chosen = credential.field_value if value is None else value
    return None if chosen is None else Carried(credential.place, credential.name, chosen)


def compose(
    world: World, stored: StoredSecrets, asked: Asked, carries: Carried | None, *, id: str, purpose: str, cost: Cost, target: Target = "api"
) -> Request | Unavailable:
    """Build a request of the profile with this credential; Unavailable where a secret that it names is not stored."""
    secrets = {name: state.secret for name, state in stored.fields.items() if state.secret is not None}
    missing = [f for f in fields_in(" ".join((asked.url, *world.profile.headers.values()))) if f not in secrets]
    if missing:
        return Unavailable(
            f"The request names the secret {missing[0]}, which is not stored.",
            f"Store it: authwizard store set {world.profile.name} {missing[0]}.",
        )
    url = expand_url(asked.url, secrets)
    headers = [(name, expand_text(value, secrets)) for name, value in world.profile.headers.items()]
    if carries is not None:
        if isinstance(carries.value, Secret):
            register(world.redactor, "credential", carries.value)
        url, headers = _with(carries, url, headers)
    chosen = cost if asked.safe else Cost.C5
    return Request(id, purpose, chosen, target, asked.method, url, tuple(headers))


def compose_anonymous(
    world: World, asked: Asked, carries: Carried | None = None, *, id: str, purpose: str, cost: Cost = Cost.C1, target: Target = "api"
) -> Request:
    """Build the request without any real credential: none in the address, no cookie, no credential header.

    `carries` is a deliberately invalid one, for the differential probes.
    """
    credential = world.profile.credential
    place = credential.name.lower() if credential.place == "header" else ""
    url: str | Secret = without_secrets(asked.url, credential.query)
    headers: list[tuple[str, str | Secret]] = [
        (name, value)
        for name, value in world.profile.headers.items()
        if name.lower() not in _CREDENTIAL_HEADERS and name.lower() != place and not fields_in(value)
    ]
    if carries is not None:
        if isinstance(carries.value, Secret):
            register(world.redactor, "changed_token", carries.value)
        url, headers = _with(carries, url, headers)
    return Request(id, purpose, cost, target, asked.method, url, tuple(headers), certificate=credential.kind != "mtls")


async def send_as_user(
    world: World, stored: StoredSecrets, asked: Asked, carries: Carried | None, *, id: str, purpose: str, target: Target = "api",
    new_connection: bool = False, direct: bool = False, http2: bool = False, headers: tuple[tuple[str, str | Secret], ...] = (),
    without: frozenset[str] = frozenset(),
) -> Exchange | Unavailable:  # fmt: skip
    """Send a request of the profile with a real credential, with what its kind needs besides (proof, nonce).

    `headers` are sent besides those of the profile; those named in `without` (lower case) are left out.
    """
    request = compose(world, stored, asked, carries, id=id, purpose=purpose, cost=Cost.C2, target=target)
    if isinstance(request, Unavailable):
        return request
    kept = tuple((n, v) for n, v in request.headers if n.lower() not in without)
    request = replace(request, new_connection=new_connection, direct=direct, http2=http2, headers=(*kept, *headers))
    if carries is not None and (world.profile.credential.kind == "dpop" or carries.text[:5].lower() == "dpop "):
        return await proved(world, request, stored, carries.value)
    if world.profile.credential.kind == "digest" and stored.get("authorization").status != "present":
        request = await answered(world, request, stored)
    return (await world.sender.send(request)).exchange


def _with(
    carries: Carried, url: str | Secret, headers: list[tuple[str, str | Secret]]
) -> tuple[str | Secret, list[tuple[str, str | Secret]]]:
    if carries.place == "query":
        whole = add_parameter(url.reveal() if isinstance(url, Secret) else url, carries.name, carries.text)
        return (Secret(whole) if isinstance(carries.value, Secret) or isinstance(url, Secret) else whole), headers
    if carries.place == "cookie":
        return url, _with_cookie(carries, headers)
    return url, [*headers, (carries.name, carries.value)]


def _with_cookie(carries: Carried, headers: list[tuple[str, str | Secret]]) -> list[tuple[str, str | Secret]]:
    """One Cookie field holds all cookies (RFC 6265 5.4); a value that is a whole cookie string goes out as it is."""
    others = [(n, v) for n, v in headers if n.lower() != "cookie"]
    texts = [v.reveal() if isinstance(v, Secret) else v for n, v in headers if n.lower() == "cookie"]
    texts.append(f"{carries.name}={carries.text}" if carries.name else carries.text)
    joined = "; ".join(texts)
    return [*others, ("Cookie", Secret(joined) if isinstance(carries.value, Secret) else joined)]
