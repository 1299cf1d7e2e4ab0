"""What on this machine may change the user's request? Proxies, netrc, certificates, other values of the same credential."""

from __future__ import annotations

import ipaddress
import netrc
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from authwizard.model.evidence import Absence, ClientEnvironment, StoredSecrets
from authwizard.model.options import Cost
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.probe import World, probe
from authwizard.probes.local_files import Assignment, assignments, curl_config
from authwizard.probes.other_values import compared
from authwizard.probes.proxies import bypasses, proxy_for

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


@probe("client_environment", purpose="Look at proxies, netrc and variables of this machine", cost=Cost.C0)
async def client_environment(world: World, stored: StoredSecrets) -> ClientEnvironment | Absence:
    """I-06: names and presence only; values are compared in memory and never kept."""
    environ, home = world.environ, Path(world.home) if world.home else None
    path = _netrc_path(environ, home)
    entries = _netrc_entries(path) if path else {}
    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    curl_places = _curlrc(environ, home)
    curl = curl_config(curl_places, {p: _shown(p, home) for p in curl_places})
    found, files = assignments(world.directory, world.profile.name)
    values = [*(Assignment(n, v) for n, v in environ.items() if v), *found]
    if curl.authorization:
        values.append(Assignment("header Authorization", curl.authorization, curl.path))
    differing, same, cautions = compared(_taken(world), stored, values, world.install_key, _known_words(world.profile))
    return ClientEnvironment(
        proxy_variables=tuple(n for n in _PROXIES if environ.get(n)),
        no_proxy_cidr=any(_is_block(entry.strip()) for entry in no_proxy.split(",")),
        request_method_set="REQUEST_METHOD" in environ,
        netrc_hosts=_netrc_hosts(entries, _hosts(world.profile)),
        netrc_path=_shown(path, home) if path else "",
        netrc_same=_netrc_same(entries, world.profile, stored),
        curlrc=bool(curl.path),
        curlrc_options=curl.options,
        ca_variables=tuple(n for n in _CERTIFICATES if environ.get(n)),
        in_container=_in_container(environ),
        other_values=differing,
        same_places=same,
        cautions=cautions,
        proxied=bool(proxy_for(world.profile.url, "env", environ)),
        exempt_by_block=_only_by_block(world.profile.url, no_proxy),
        login_beyond_ascii=_beyond_ascii(world.profile, stored),
        files=files,
    )


def _netrc_path(environ: Mapping[str, str], home: Path | None) -> Path | None:
    """The file that clients read: $NETRC, ~/.netrc, ~/_netrc."""
    named = environ.get("NETRC")
    places = [Path(named).expanduser()] if named else [home / name for name in (".netrc", "_netrc")] if home else []
    return next((p for p in places if p.is_file()), None)


def _taken(world: World) -> frozenset[str]:
    """The variables that this profile and the others read their secrets from."""
    references = [ref for profile in (world.profile, *world.others) for ref in profile.secrets.values()]
    return frozenset(ref.ref.partition(":")[2] for ref in references if ref.scheme == "env")


_Entries = Mapping[str, tuple[str, str, str]]
"""Host to user name, account and password."""


def _netrc_entries(path: Path) -> _Entries:
    try:
        return {
            host: (login or "", account or "", password or "") for host, (login, account, password) in netrc.netrc(str(path)).hosts.items()
        }
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError, ValueError):
        # A file that cannot be read here is not read by the clients that use the same parser either.
        return {}


def _netrc_hosts(entries: _Entries, hosts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(host for host in hosts if host in entries) + (("default",) if "default" in entries else ())


def _netrc_same(entries: _Entries, profile: Profile, stored: StoredSecrets) -> bool:
    """Whether a client that takes the entry sends just what this profile sends."""
    hosts = _hosts(profile)
    entry = next((entries[h] for h in (*hosts[:1], "default") if h in entries), None)
    user, password = stored.get("username").secret, stored.get("password").secret
    if profile.credential.kind != "basic" or entry is None or user is None or password is None:
        return False
    return Secret(entry[0]) == user and Secret(entry[2]) == password


def _beyond_ascii(profile: Profile, stored: StoredSecrets) -> bool:
    secrets = (stored.get(name).secret for name in ("username", "password"))
    return profile.credential.kind == "basic" and any(s is not None and not s.reveal().isascii() for s in secrets)


def _only_by_block(url: str, no_proxy: str) -> bool:
    """Whether NO_PROXY exempts the API's host by a network in CIDR form and by nothing else."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    names = ",".join(entry for entry in no_proxy.split(",") if not _is_block(entry.strip()))
    return bypasses(host, port, no_proxy) and not bypasses(host, port, names)


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


def _known_words(profile: Profile) -> frozenset[str]:
    host = next(iter(_hosts(profile)), "").upper().split(".")
    name = profile.name.upper().replace("-", "_").split("_")
    environment = {"production": "PROD", "development": "DEV", "staging": "STAGE"}.get(profile.environment, "")
    return frozenset({*name, *host[:-1], profile.environment.upper(), environment, "API", "OAUTH", "AUTH"} - {"WWW", "OTHER", ""})


def _is_block(entry: str) -> bool:
    try:
        return "/" in entry and bool(ipaddress.ip_network(entry, strict=False))
    except ValueError:
        return False


def _shown(path: Path, home: Path | None) -> str:
    return f"~/{path.name}" if home and path.parent == home else str(path)
