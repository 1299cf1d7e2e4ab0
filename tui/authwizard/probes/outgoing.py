"""Which bytes go out? Header fields exactly as composed, what every client adds, and the ids that make log search exact."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from authwizard import __version__
from authwizard.knowledge.clients import of_profile
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.probe import Request
from authwizard.probes.masking import register, register_named, register_pair

if TYPE_CHECKING:
    import httpx

    from authwizard.probes.wire import Wire
    from authwizard.protocol.redaction import Redactor

USER_AGENT = f"authwizard/{__version__}"

Fields = list[tuple[bytes, bytes]]


class Outgoing:
    """Builds the message of each request; every credential in it is registered with the redactor before it leaves."""

    def __init__(self, profile: Profile, redactor: Redactor) -> None:
        self._profile = profile
        self._redactor = redactor

    def message(self, request: Request, url: str, wire: Wire) -> httpx.Request:
        """Return the message to send; raises what httpx raises for an address or a header it cannot take."""
        import httpx

        body = request.body
        plain = [(name, value) for name, value in self._profile.headers.items() if "{secret:" not in value]
        register_named(self._redactor, url, plain)
        return httpx.Request(
            request.method,
            url,
            headers=self._fields(request, url),
            content=_bytes(body.reveal()) if isinstance(body, Secret) else body,
            extensions={"timeout": httpx.Timeout(self._profile.network.timeout_seconds).as_dict(), "trace": wire},
        )

    def _fields(self, request: Request, url: str) -> Fields:
        """The fields of the request as they are, then those every client sends, then the ids."""
        fields: Fields = []
        for name, value in request.headers:
            if isinstance(value, Secret):
                register(self._redactor, "credential", value)
            # Bytes, because httpx takes only ASCII as text and would refuse what other clients send (CHECKS 1.4).
            fields.append((_bytes(name), _bytes(value.reveal() if isinstance(value, Secret) else value)))
        fields = self._with_userinfo(fields, url)
        present = {name.lower() for name, _ in fields}
        return fields + [(_bytes(n), _bytes(v)) for n, v in self._defaults().items() if _bytes(n.lower()) not in present]

    def _with_userinfo(self, fields: Fields, url: str) -> Fields:
        """User name and password in the address replace the header, as httpx and requests do it (CHECKS 1.5); curl, Go and others keep it."""
        user, password = userinfo(url)
        if not user and not password:
            return fields
        register_pair(self._redactor, user, Secret(password), "password")
        if keeps_the_header(self._profile) and any(name.lower() == b"authorization" for name, _ in fields):
            return fields
        pair = base64.b64encode(_bytes(f"{user}:{password}"))
        return [*((n, v) for n, v in fields if n.lower() != b"authorization"), (b"Authorization", b"Basic " + pair)]

    def _defaults(self) -> dict[str, str]:
        agent = next((v for n, v in self._profile.headers.items() if n.lower() == "user-agent"), USER_AGENT)
        found = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if self._profile.network.request_ids:
            # New values per request under the same names in every probe: answers must not differ for their sake.
            found["X-Request-Id"] = secrets.token_hex(16)
            found["traceparent"] = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        return found


def keeps_the_header(profile: Profile) -> bool:
    """Whether the user's client sends the header that the program sets, whatever user name stands in the address."""
    libraries = of_profile(profile.client)
    return bool(libraries) and all(library.userinfo == "yields" for library in libraries)


def userinfo(url: str) -> tuple[str, str]:
    """Return user name and password of an address, unescaped; empty where there are none."""
    try:
        parts = urlsplit(url)
        return unquote(parts.username or "", errors="surrogateescape"), unquote(parts.password or "", errors="surrogateescape")
    except ValueError:
        return "", ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
