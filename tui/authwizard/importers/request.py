"""A request somebody's program sends, as a pasted text describes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import parse_qsl

from authwizard.model.frozen import dataclass


@dataclass(frozen=True, repr=False)
class ImportedRequest:
    """A request as it would go out. Holds secrets in clear, so it is never shown: it has no useful repr."""

    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    insecure: bool = False
    """The program does not verify TLS certificates (curl -k)."""
    proxy: str = ""
    notes: tuple[str, ...] = ()
    """What the text leaves open, as sentences: a file that is read, a second request. Never a value."""
    login: str | None = None
    """`user:password` where the program waits for a challenge before it sends them (Digest, NTLM, Negotiate)."""
    login_by: str = ""
    """How user name and password are sent: basic, digest, ntlm, negotiate; "" = whatever the server asks for, or none are given."""
    urls: int = 1
    """How many addresses the command asks for; this request is the first."""
    asks_password: bool = False
    """The program would ask for the password, which the text does not hold."""
    certificate: str = ""
    """The client certificate's file, where one is named."""

    def __repr__(self) -> str:
        return f"<ImportedRequest {self.method}, {len(self.headers)} headers>"

    def header(self, name: str) -> str | None:
        """Return the first header of that name (any case)."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def form(self) -> Mapping[str, str]:
        """Return the members of a form body, or of a flat JSON object (which some token endpoints take as well); else empty."""
        try:
            text = self.body.decode("utf-8") if self.body is not None else ""
            if self.is_json:
                return _members(text)
            return dict(parse_qsl(text, keep_blank_values=True))
        except ValueError:
            return {}

    @property
    def is_json(self) -> bool:
        """Whether the body is said to be JSON."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower().endswith(("/json", "+json"))

    @property
    def is_token_request(self) -> bool:
        """Whether this asks a token endpoint for a token (RFC 6749 4: a form with grant_type)."""
        return "grant_type" in self.form()


def _members(text: str) -> Mapping[str, str]:
    loaded = json.loads(text)
    return {name: value for name, value in loaded.items() if isinstance(value, str)} if isinstance(loaded, dict) else {}


def basic_value(user_and_password: str) -> str:
    """Return the Authorization value of `user:password` (RFC 7617)."""
    return "Basic " + base64.b64encode(user_and_password.encode("utf-8", "surrogateescape")).decode("ascii")
