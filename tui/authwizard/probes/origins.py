"""Where may a request go? Own origins for credentials, TLS off loopback, no link-local addresses (DESIGN 4, 5.4)."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from authwizard.model.exchange import Target
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile, is_loopback, is_loopback_address, origin_of
from authwizard.probe import Halted
from authwizard.probes.proxies import shown
from authwizard.probes.request_text import split_request


def is_link_local(host: str) -> bool:
    """Tell whether a host is a link-local address (169.254.0.0/16, fe80::/10), also in the spellings `inet_aton` reads."""
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        try:
            address = ipaddress.ip_address(socket.inet_aton(host))
        except OSError:
            return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_link_local


class OriginRules:
    """The second line of defence: probes choose their addresses, this refuses what none of them may do."""

    def __init__(self, profile: Profile, options: RunOptions) -> None:
        self._allow_http = options.allow_http
        self._auth = set(profile.auth_origins)
        self._api = set(profile.own_origins)
        whoami = origin_of(profile.url_of(split_request(profile.whoami)[1])) if profile.whoami else ""
        # An access token belongs to its authorization server too: userinfo may be asked for there.
        self._api |= {whoami} & self._auth

    def allow(self, origin: str) -> None:
        """Let the authorization server's credentials go to a further origin, one the user has agreed to."""
        if not is_link_local(_host(origin)):
            self._auth.add(origin)

    def owns(self, url: str) -> bool:
        """Tell whether an address is the API's or the authorization server's own: only there the client certificate is shown."""
        return origin_of(url) in self._api | self._auth

    def admit(self, url: str, target: Target, *, carries_secret: bool, proxy: str = "") -> None:
        """Raise Halted, with the reason, where a request to this address (through this proxy) may not be sent."""
        origin = origin_of(url)
        if _is_plain(url) and not self._allow_http:
            if not is_loopback(url):
                raise Halted(f"{origin} is plain http off this machine, where others can read along; it was not agreed to (--allow http).")
            if proxy and not is_loopback(proxy):
                raise Halted(
                    f"{origin} would be asked in plain http through the proxy {shown(proxy)}, off this machine. Exempt it in NO_PROXY, "
                    "or agree to it (--allow http)."
                )
        if self._never_asked(_host(url), url, target):
            raise Halted(f"{origin} is a link-local address, which is never asked.")
        if carries_secret and origin not in (self._auth if target == "token" else self._api):
            raise Halted(f"{origin or 'That address'} is none of the profile's own origins, so no credential is sent there.")

    def stands_against(self, address: str, url: str, target: Target) -> str:
        """Return why the address that a name resolved to is not spoken to, as a sentence; "" where it may be."""
        if self._never_asked(address, url, target):
            return "The name leads to a link-local address, which is never asked; nothing was sent."
        if _is_plain(url) and not self._allow_http and not is_loopback_address(address):
            return "The name does not lead to this machine, and plain http off it was not agreed to (--allow http); nothing was sent."
        return ""

    def _never_asked(self, host: str, url: str, target: Target) -> bool:
        """Link-local is for the API itself alone: a document or a redirect could name such an address (the metadata service of a cloud)."""
        own = target in ("api", "verification") and origin_of(url) in self._api
        return is_link_local(host) and not own


def _is_plain(url: str) -> bool:
    return url.strip().lower().startswith("http://")


def _host(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""
