"""What on this machine changes the user's request without their asking? I-06."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from authwizard.check import check, failed, passed, warned
from authwizard.knowledge.clients import HttpClient
from authwizard.model.evidence import Baseline, ClientEnvironment, SentRequest
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.steps.differential import accepts
from authwizard.steps.users_client import libraries, named

Found = tuple[Line, Argument | None]
CAUSES = (
    "netrc_override", "proxy_in_path", "stale_env_value", "duplicate_credentials", "cookie_overrides_token", "proxy_strips_authorization",
    "basic_charset",
)  # fmt: skip


@check(
    "I-06", step=0, title="Nothing on this machine changes the request",
    looks_for="Proxy variables, a netrc entry for the host, options in .curlrc, variables and files that hold another value of this credential.",
    causes=CAUSES, sources=("psf/requests issue 3929", "curl.se/docs/manpage.html"),
)  # fmt: skip
def client_environment(
    environment: ClientEnvironment, profile: Profile, baseline: Baseline | None, sent: SentRequest | None
) -> Outcome:  # fmt: skip
    """Judge the surroundings of the user's program, by what its HTTP client does with them.

    This tool reads no netrc and sends the stored value, so where its own request is refused too, neither explains that refusal.
    """
    refused_here = baseline is not None and baseline.exchange.status is not None and not accepts(baseline.exchange)
    clients = libraries(profile, sent)
    seen = [
        *_proxies(environment, clients), *_netrc(environment, profile, clients), *_curlrc(environment, profile, clients),
        *_values(environment, profile), *_charset(environment, profile, clients), *_certificates(environment, clients),
    ]  # fmt: skip
    arguments = [a for _, a in seen if a is not None and (a.cause == "proxy_in_path" or not refused_here)]
    return _outcome([line for line, _ in seen], arguments)


def _outcome(lines: list[Line], arguments: list[Argument]) -> Outcome:
    telling = [a for a in arguments if not a.grade.against]
    strong = next((a for a in telling if a.grade is Grade.S), None)
    if strong is not None:
        return failed(strong.text, *lines, arguments=tuple(arguments))
    if telling:
        return warned(telling[0].text, *lines, arguments=tuple(arguments))
    if any(line.mark in (Status.WARN, Status.FAIL) for line in lines):
        text = "Something on this machine may change requests; it does not explain the answer seen here."
        return warned(text, *lines, arguments=tuple(arguments))
    return passed("No proxy, netrc entry or other value of this credential was found.", *lines, arguments=tuple(arguments))


# ── netrc and .curlrc ────────────────────────────────────────────────────────────────────────────────────────────────


def _netrc(environment: ClientEnvironment, profile: Profile, clients: tuple[HttpClient, ...]) -> Iterator[Found]:
    entry = _entry(environment, profile)
    if not entry:
        return
    where = environment.netrc_path or "the netrc file"
    argument = netrc_argument(environment, profile, clients)
    positive = argument is not None and not argument.grade.against
    mark = Status.FAIL if positive and argument is not None and argument.grade is Grade.S else Status.WARN
    note = "replaces the header in requests" if positive or not clients else f"{named(clients)}: {_netrc_words(clients)}"
    yield Line("netrc", f"{where} has an entry: {entry}", mark, note), argument


def _entry(environment: ClientEnvironment, profile: Profile) -> str:
    """Return which netrc entry a program would use for the API, "" for none."""
    try:
        host = urlsplit(profile.url).hostname or ""
    except ValueError:
        return ""
    return next((h for h in environment.netrc_hosts if h in (host, "default")), "")


def netrc_argument(environment: ClientEnvironment, profile: Profile, clients: tuple[HttpClient, ...]) -> Argument | None:
    """Return what a netrc entry for the API means for the user's client; None where there is none or it changes nothing."""
    credential, where = profile.credential, environment.netrc_path or "the netrc file"
    if not _entry(environment, profile):
        return None
    if credential.place != "header" or credential.name.lower() != "authorization" or environment.netrc_same:
        return None
    if not clients:
        text = f"{where} has an entry for this host: requests, a library for Python, sends that in place of the Authorization header."
        return Argument("netrc_override", Grade.M, Group.ENVIRONMENT, text)
    reading = tuple(c for c in clients if c.netrc == "always" and c.netrc_wins)
    if reading:
        text = f"{named(reading)} replaces the Authorization header with Basic from {where}, which has an entry for this host."
        return Argument("netrc_override", Grade.S if credential.kind != "basic" else Grade.M, Group.ENVIRONMENT, text)
    if any(c.netrc == "told" and c.netrc_wins for c in clients):
        return None
    text = f"{where} has an entry for this host, but {named(clients)} {_netrc_words(clients)}."
    return Argument("netrc_override", Grade.XM, Group.ENVIRONMENT, text)


def _netrc_words(clients: tuple[HttpClient, ...]) -> str:
    if all(c.netrc == "never" for c in clients):
        return "reads no netrc file" if len(clients) == 1 else "read no netrc file"
    if any(c.netrc_wins for c in clients):
        return "reads a netrc file only where the program says so"
    return "keeps a header that the program sets, whatever a netrc file says"


def _curlrc(environment: ClientEnvironment, profile: Profile, clients: tuple[HttpClient, ...]) -> Iterator[Found]:
    if not environment.curlrc:
        return
    options = environment.curlrc_options
    is_curl = any(c.name == "curl" for c in clients)
    if not options:
        yield Line(".curlrc", "is there", None, "curl reads options from it"), None
        return
    note = "curl adds this to every request" if is_curl else "only curl adds this: what works in curl may work because of it"
    line = Line(".curlrc", ", ".join(options), Status.WARN, note)
    own = f"header {profile.credential.name}".lower() if profile.credential.place == "header" else ""
    if is_curl and own and own in (o.lower() for o in options):
        text = f"The file .curlrc makes curl send a second {profile.credential.name} header with every request."
        yield line, Argument("duplicate_credentials", Grade.S, Group.ENVIRONMENT, text)
    elif is_curl and "cookie" in options:
        text = "The file .curlrc makes curl send a cookie with every request, which some servers look at before the token."
        yield line, Argument("cookie_overrides_token", Grade.W, Group.ENVIRONMENT, text)
    else:
        yield line, None


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _values(environment: ClientEnvironment, profile: Profile) -> Iterator[Found]:
    if not environment.other_values:
        return
    names = ", ".join(value.place for value in environment.other_values)
    holds = "holds" if len(environment.other_values) == 1 else "hold"
    text = f"{names} {holds} another credential than the one stored for {profile.name}: a program that reads it sends that one."
    argument = Argument("stale_env_value", Grade.M, Group.ENVIRONMENT, text)
    yield Line("environment", f"{names} {holds} another value than the store", Status.WARN), argument


def _charset(environment: ClientEnvironment, profile: Profile, clients: tuple[HttpClient, ...]) -> Iterator[Found]:
    """A login with letters beyond ASCII goes out in other bytes than here, where the user's client writes them in another way."""
    if not environment.login_beyond_ascii:
        return
    own = profile.credential.charset
    other = tuple(c for c in clients if c.basic in ("utf-8", "latin-1") and c.basic != own)
    line = Line("login", "holds letters beyond ASCII", Status.WARN if other else None, f"sent here as {own}")
    if not other:
        yield line, None
        return
    text = f"The user name or password holds letters beyond ASCII: {named(other)} sends them as {other[0].basic}, this profile as {own}."
    yield line, Argument("basic_charset", Grade.M, Group.ENVIRONMENT, text)


# ── the way out ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _proxies(environment: ClientEnvironment, clients: tuple[HttpClient, ...]) -> Iterator[Found]:
    names = tuple(name for name in environment.proxy_variables if name.upper() != "NO_PROXY")
    if not names:
        yield Line("proxy", "no proxy variable is set", Status.PASS), None
        return
    text = f"Requests go through a proxy ({', '.join(names)})."
    line = Line("proxy", ", ".join(environment.proxy_variables), Status.WARN, "requests go through it")
    yield line, Argument("proxy_in_path", Grade.W, Group.ENVIRONMENT, text)
    if environment.no_proxy_cidr:
        yield Line("NO_PROXY", "holds a network in CIDR form", Status.WARN, _block_words(clients)), _other_way(environment, clients)
    if environment.request_method_set:
        yield Line("REQUEST_METHOD", "is set", Status.WARN, "clients then ignore HTTP_PROXY"), None
    yield from _not_by_variables(environment, names, clients)


def _block_words(clients: tuple[HttpClient, ...]) -> str:
    if clients and all(c.no_proxy_blocks for c in clients):
        return f"{named(clients)} honours that form"
    return (
        f"{named(clients)} ignores that form"
        if clients and all(c.no_proxy_blocks is False for c in clients)
        else "many clients ignore that form"
    )


def _other_way(environment: ClientEnvironment, clients: tuple[HttpClient, ...]) -> Argument | None:
    """Only a network in NO_PROXY exempts the host here, and the user's client does not read those: it goes another way than this tool."""
    ignoring = tuple(c for c in clients if c.no_proxy_blocks is False and c.proxies == "environment")
    if not environment.exempt_by_block or not ignoring:
        return None
    text = f"{named(ignoring)} goes through the proxy, this request did not: it ignores the network in NO_PROXY that exempts this host."
    return Argument("proxy_strips_authorization", Grade.W, Group.ENVIRONMENT, text)


def _not_by_variables(environment: ClientEnvironment, names: tuple[str, ...], clients: tuple[HttpClient, ...]) -> Iterator[Found]:
    """Where this tool goes through a proxy and the user's client, by its own rules, does not."""
    if not environment.proxied or not clients:
        return
    if all(c.proxies != "environment" for c in clients):
        how = "the system's settings" if all(c.proxies == "system" for c in clients) else "what the program says"
        yield Line("your client", f"{named(clients)} goes by {how}", Status.WARN, "it may take another way than this tool"), None
    elif names == ("HTTP_PROXY",) and not any(c.capitals for c in clients):
        yield (
            Line("your client", f"{named(clients)} ignores HTTP_PROXY in capitals", Status.WARN, "it takes another way than this tool"),
            None,
        )


def _certificates(environment: ClientEnvironment, clients: tuple[HttpClient, ...]) -> Iterator[Found]:
    if environment.ca_variables:
        note = f"{clients[0].library} trusts {clients[0].trusts}" if len(clients) == 1 else "another set of trusted certificates"
        yield Line("certificates", ", ".join(environment.ca_variables), None, note), None
