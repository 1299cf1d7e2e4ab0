"""How does the authorization server refuse a request (RFC 6749 section 5.2)?"""

from __future__ import annotations

from authwizard.demo.http_message import Response, json_response

NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
"""What every answer of the token endpoint carries (RFC 6749 5.1)."""


class OAuthRefusedError(Exception):
    """A refused request: the error code of RFC 6749 5.2 and one sentence."""

    def __init__(self, error: str, description: str, *, by_header: bool = False) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.by_header = by_header
        """Whether the client authenticated in the Authorization field: the answer then needs a challenge."""

    def response(self) -> Response:
        """Return the answer; `invalid_client` is a 401, everything else a 400."""
        challenge = (("WWW-Authenticate", 'Basic realm="Company X authorization server"'),) if self.by_header else ()
        status = 401 if self.error == "invalid_client" else 400
        return json_response(status, {"error": self.error, "error_description": self.description}, *NO_STORE, *challenge)
