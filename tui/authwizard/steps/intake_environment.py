"""What on this machine changes the user's request without their asking? I-06."""

from __future__ import annotations

from urllib.parse import urlsplit

from authwizard.check import check, failed, passed, warned
from authwizard.model.evidence import Baseline, ClientEnvironment
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.steps.differential import accepts

IGNORES_NETRC = frozenset({"curl", "httpx", "dotnet", "fetch", "java", "go", "postman"})
"""Clients that read no netrc file unless told to (curl needs -n)."""


@check(
    "I-06", step=0, title="Nothing on this machine changes the request",
    looks_for="Proxy variables, a netrc entry for the host, environment variables that hold another value of this credential.",
    causes=("netrc_override", "proxy_in_path", "stale_env_value"), sources=("psf/requests issue 3929",),
)  # fmt: skip
def client_environment(environment: ClientEnvironment, profile: Profile, baseline: Baseline | None) -> Outcome:
    """Judge the surroundings of the user's program.

    This tool reads no netrc and sends the stored value, so where its own request is refused too, neither explains that refusal.
    """
    refused_here = baseline is not None and baseline.exchange.status is not None and not accepts(baseline.exchange)
    arguments: list[Argument] = []
    lines = [*_proxy_lines(environment), *_other_lines(environment)]
    netrc = _netrc(environment, profile)
    if netrc:
        argument, mark = _netrc_argument(environment, profile)
        lines.append(Line("netrc", f"{environment.netrc_path or 'netrc'} has an entry: {netrc}", mark, "replaces the header in requests"))
        arguments += [argument] if argument is not None and not refused_here else []
    if environment.differing_variables:
        names = ", ".join(environment.differing_variables)
        lines.append(Line("environment", f"{names} holds another value than the store", Status.WARN))
        if not refused_here:
            text = f"{names} holds another credential than the one stored for {profile.name}: a program that reads it sends that one."
            arguments.append(Argument("stale_env_value", Grade.M, Group.ENVIRONMENT, text))
    if _proxies(environment):
        text = f"Requests go through a proxy ({', '.join(_proxies(environment))})."
        arguments.append(Argument("proxy_in_path", Grade.W, Group.ENVIRONMENT, text))
    return _outcome(lines, arguments)


def _outcome(lines: list[Line], arguments: list[Argument]) -> Outcome:
    if any(a.cause == "netrc_override" and a.grade is Grade.S for a in arguments):
        return failed(next(a.text for a in arguments if a.cause == "netrc_override"), *lines, arguments=tuple(arguments))
    if arguments:
        return warned(arguments[0].text, *lines, arguments=tuple(arguments))
    if any(line.mark in (Status.WARN, Status.FAIL) for line in lines):
        return warned("Something on this machine may change requests; it does not explain the answer seen here.", *lines)
    return passed("No proxy, netrc entry or other value of this credential was found.", *lines)


def _netrc(environment: ClientEnvironment, profile: Profile) -> str:
    """Return which netrc entry a program would use for the API, "" for none."""
    try:
        host = urlsplit(profile.url).hostname or ""
    except ValueError:
        return ""
    return next((h for h in environment.netrc_hosts if h in (host, "default")), "")


def _netrc_argument(environment: ClientEnvironment, profile: Profile) -> tuple[Argument | None, Status]:
    credential = profile.credential
    if credential.place != "header" or credential.name.lower() != "authorization" or profile.client in IGNORES_NETRC:
        return None, Status.WARN
    where = environment.netrc_path or "the netrc file"
    if profile.client == "requests":
        text = f"The Python library requests replaces the Authorization header with Basic from {where}, which has an entry for this host."
        strength = Grade.S if credential.kind != "basic" else Grade.M
        return Argument("netrc_override", strength, Group.ENVIRONMENT, text), Status.FAIL
    text = f"{where} has an entry for this host: a client that reads it (requests, or curl with -n) replaces the Authorization header."
    return Argument("netrc_override", Grade.M, Group.ENVIRONMENT, text), Status.WARN


def _proxies(environment: ClientEnvironment) -> tuple[str, ...]:
    """Return the variables that name a proxy; NO_PROXY alone names none."""
    return tuple(name for name in environment.proxy_variables if name.upper() != "NO_PROXY")


def _proxy_lines(environment: ClientEnvironment) -> list[Line]:
    if not _proxies(environment):
        return [Line("proxy", "no proxy variable is set", Status.PASS)]
    lines = [Line("proxy", ", ".join(environment.proxy_variables), Status.WARN, "requests go through it")]
    if environment.no_proxy_cidr:
        lines.append(Line("NO_PROXY", "holds a network in CIDR form", Status.WARN, "many clients ignore that form"))
    if environment.request_method_set:
        lines.append(Line("REQUEST_METHOD", "is set", Status.WARN, "clients then ignore HTTP_PROXY"))
    return lines


def _other_lines(environment: ClientEnvironment) -> list[Line]:
    lines = []
    if environment.curlrc:
        lines.append(Line(".curlrc", "is there", None, "curl reads options from it"))
    if environment.ca_variables:
        lines.append(Line("certificates", ", ".join(environment.ca_variables), None, "another set of trusted certificates"))
    return lines
