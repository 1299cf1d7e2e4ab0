"""OAuth 2.0 on the wire: requests, answers, errors, metadata."""

from authwizard.protocol.oauth_answer import read_introspection, read_token_answer
from authwizard.protocol.oauth_metadata import (
    authorization_server_urls,
    issuer_difference,
    read_jwks,
    read_metadata,
    read_resource_metadata,
    resource_metadata_urls,
)
from authwizard.protocol.oauth_request import TokenRequest, authenticated, client_assertion, token_request

__all__ = [
    "TokenRequest",
    "authenticated",
    "authorization_server_urls",
    "client_assertion",
    "issuer_difference",
    "read_introspection",
    "read_jwks",
    "read_metadata",
    "read_resource_metadata",
    "read_token_answer",
    "resource_metadata_urls",
    "token_request",
]
