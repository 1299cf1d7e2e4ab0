"""Through which proxy does a request go? The profile's choice, or the environment's with NO_PROXY as most clients read it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from authwizard.model.profile import origin_of


def proxy_for(url: str, setting: str, environ: Mapping[str, str]) -> str:
    """Return the URL of the proxy for this address, "" for none.

    `setting` is network.proxy: `env`, `none` or a URL. From the environment, lower case names win, and HTTP_PROXY in
    capitals is ignored where REQUEST_METHOD is set (a CGI program's `Proxy` header would fill it).
    """
    if setting == "none":
        return ""
    if setting != "env":
        return _with_scheme(setting)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""  # no address: nothing is sent there, by whatever way
    if bypasses(host, port, environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return ""
    return _with_scheme(_variable(f"{parts.scheme}_proxy", environ) or _variable("all_proxy", environ))


def bypasses(host: str, port: int | None, no_proxy: str) -> bool:
    """Tell whether NO_PROXY exempts a host: `*`, a name and its subdomains, an address, a CIDR block, each with or without port."""
    return any(_matches(host.lower(), port, entry.strip().lower()) for entry in no_proxy.split(",") if entry.strip())


def shown(proxy: str) -> str:
    """Return a proxy's scheme, host and port for people: never its user name or password."""
    return origin_of(proxy) or "named in the settings"


def _variable(name: str, environ: Mapping[str, str]) -> str:
    capitals = "" if name == "http_proxy" and "REQUEST_METHOD" in environ else environ.get(name.upper(), "")
    return (environ.get(name) or capitals).strip()


def _with_scheme(proxy: str) -> str:
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _matches(host: str, port: int | None, entry: str) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return _in_block(host, entry)
    name, _, wanted = entry.rpartition(":") if entry.count(":") == 1 or (entry.startswith("[") and "]:" in entry) else (entry, "", "")
    if wanted and wanted != str(port or ""):
        return False
    name = name.strip("[]").lstrip("*").lstrip(".")
    return bool(name) and (host == name or host.endswith("." + name))


def _in_block(host: str, block: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False
