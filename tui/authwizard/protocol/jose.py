"""What is this token, and does its signature hold? The public face of the token reader and the verifier."""

from __future__ import annotations

from authwizard.protocol.jose_class import ClassSeen, TokenClass, token_class
from authwizard.protocol.jose_keys import published_keys
from authwizard.protocol.jose_read import inspect_token
from authwizard.protocol.jose_verify import verify_signature

__all__ = ["ClassSeen", "TokenClass", "inspect_token", "published_keys", "token_class", "verify_signature"]
