"""What on this machine may change the user's request? Proxies, netrc, certificates, other values of the same credential."""

from __future__ import annotations

import hmac
import ipaddress
import netrc
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from authwizard.model.evidence import Absence, ClientEnvironment, SecretState, StoredSecrets
from authwizard.model.options import Cost
from authwizard.model.profile import Profile
from authwizard.probe import World, probe

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "access_token": ("TOKEN", "ACCESS_TOKEN", "BEARER_TOKEN", "AUTH_TOKEN", "API_TOKEN"),
    "refresh_token": ("REFRESH_TOKEN",),
    "client_secret": ("CLIENT_SECRET",),
    "api_key": ("API_KEY", "APIKEY", "API_TOKEN"),
    "password": ("PASSWORD", "PASSWD"),
}
"""How names of environment variables end that hold such a credential."""
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_DOTENV_LIMIT = 256 << 10


@probe("client_environment", purpose="Look at proxies, netrc and variables of this machine", cost=Cost.C0)
async def client_environment(world: World, stored: StoredSecrets) -> ClientEnvironment | Absence:
    """I-06: names and presence only; values are compared in memory and never kept."""
    environ, home = world.environ, Path(world.home) if world.home else None
    path = _netrc_path(environ, home)
    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return ClientEnvironment(
        proxy_variables=tuple(n for n in _PROXIES if environ.get(n)),
        no_proxy_cidr=any(_is_block(entry.strip()) for entry in no_proxy.split(",")),
        request_method_set="REQUEST_METHOD" in environ,
        netrc_hosts=_netrc_hosts(path, _hosts(world.profile)) if path else (),
        netrc_path=_shown(path, home) if path else "",
        curlrc=any(p.is_file() for p in _curlrc(environ, home)),
        ca_variables=tuple(n for n in _CERTIFICATES if environ.get(n)),
        in_container=_in_container(environ),
        differing_variables=tuple(_differing(world.profile, stored, environ, _dotenv(world.directory))),
    )


def _netrc_path(environ: Mapping[str, str], home: Path | None) -> Path | None:
    """The file that clients read: $NETRC, ~/.netrc, ~/_netrc."""
    named = environ.get("NETRC")
    places = [Path(named).expanduser()] if named else [home / name for name in (".netrc", "_netrc")] if home else []
    return next((p for p in places if p.is_file()), None)


def _netrc_hosts(path: Path, hosts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        entries = netrc.netrc(str(path)).hosts
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError, ValueError):
        # A file that cannot be read here is not read by the clients that use the same parser either.
        return ()
    return tuple(host for host in hosts if host in entries) + (("default",) if "default" in entries else ())


def _hosts(profile: Profile) -> tuple[str, ...]:
    oauth = profile.oauth
    urls = (profile.base_url, profile.origin_url, *((oauth.token_url, oauth.issuer) if oauth else ()))
    found = []
    for url in urls:
        try:
            found.append(urlsplit(url.strip()).hostname or "")
        except ValueError:
            continue
    return tuple(dict.fromkeys(h for h in found if h))


def _curlrc(environ: Mapping[str, str], home: Path | None) -> tuple[Path, ...]:
    config = environ.get("XDG_CONFIG_HOME")
    places = [Path(config) / "curlrc"] if config else []
    return (*places, home / ".curlrc", home / ".config" / "curlrc") if home else tuple(places)


def _in_container(environ: Mapping[str, str]) -> bool:
    if "KUBERNETES_SERVICE_HOST" in environ or Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return True
    try:
        return any(word in Path("/proc/1/cgroup").read_text("utf-8", "replace") for word in ("docker", "kubepods", "containerd", "lxc"))
    except OSError:
        return False


def _differing(profile: Profile, stored: StoredSecrets, environ: Mapping[str, str], dotenv: Mapping[str, str]) -> Iterator[str]:
    """Names of variables, here and in `.env`, that look like a stored credential of this profile and hold another value."""
    for field, endings in _WORDS.items():
        state = stored.get(field)
        if state.status != "present" or state.secret is None:
            continue
        own = state.source.partition(":")[2] if state.source.startswith("env:") else ""
        yield from (n for n, v in environ.items() if n != own and v and _looks_like(n, endings, profile) and not _equal(state, v))
        yield from (f"{n} in .env" for n, v in dotenv.items() if v and _looks_like(n, endings, profile) and not _equal(state, v))


def _dotenv(directory: str) -> Mapping[str, str]:
    """The assignments of the `.env` file in a directory, read as simply as shells and Docker agree on."""
    try:
        text = (Path(directory) / ".env").read_text("utf-8", "replace")[:_DOTENV_LIMIT] if directory else ""
    except OSError:
        return {}
    found = (_ASSIGNMENT.match(line) for line in text.splitlines())
    return {m[1]: m[2].strip().strip("\"'") for m in found if m}


def _looks_like(name: str, endings: tuple[str, ...], profile: Profile) -> bool:
    """`TOKEN` alone, or with the profile's name, its environment's, or a word of the API's host in front."""
    upper = name.upper()
    ending = next((e for e in sorted(endings, key=len, reverse=True) if upper == e or upper.endswith("_" + e)), None)
    if ending is None:
        return False
    front = upper[: -len(ending)].strip("_")
    return not front or any(word in _known_words(profile) for word in front.split("_"))


def _known_words(profile: Profile) -> frozenset[str]:
    host = next(iter(_hosts(profile)), "").upper().split(".")
    name = profile.name.upper().replace("-", "_").split("_")
    environment = {"production": "PROD", "development": "DEV", "staging": "STAGE"}.get(profile.environment, "")
    return frozenset({*name, *host[:-1], profile.environment.upper(), environment, "API", "OAUTH", "AUTH"} - {"WWW", "OTHER", ""})


def _equal(state: SecretState, value: str) -> bool:
    assert state.secret is not None
    mine = state.secret.reveal().strip().removeprefix("Bearer ")
    return hmac.compare_digest(
        mine.encode("utf-8", "surrogatepass"), value.strip().removeprefix("Bearer ").encode("utf-8", "surrogatepass")
    )


def _is_block(entry: str) -> bool:
    try:
        return "/" in entry and bool(ipaddress.ip_network(entry, strict=False))
    except ValueError:
        return False


def _shown(path: Path, home: Path | None) -> str:
    return f"~/{path.name}" if home and path.parent == home else str(path)
