"""Can the client certificate of the profile be presented, and until when (CHECKS S3-08)? Its file is read, the key never leaves it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.model.evidence import Absence, ClientCertificate, NotApplicable
from authwizard.model.options import Cost
from authwizard.probe import World, probe
from authwizard.protocol.clean import safe_line

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LARGEST = 1024 * 1024
"""Bytes of the file that are read."""


@probe("client_certificate", purpose="Read the client certificate", cost=Cost.C0)
async def client_certificate(world: World) -> ClientCertificate | Absence:
    """S3-08: the file that network.client_cert names."""
    named = world.profile.network.client_cert
    if not named:
        return NotApplicable("The profile names no client certificate (network.client_cert).")
    return await asyncio.to_thread(read_certificate, named, world.base)


def read_certificate(named: str, base: str = "") -> ClientCertificate:
    """Read a PEM file with a certificate and its key; what is wrong with it is told as `problem`, never raised.

    A relative name starts at `base`.
    """
    from cryptography import x509

    path = Path(base) / os.path.expanduser(named)
    shown = safe_line(named)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
    except OSError as error:
        return ClientCertificate(
            shown, problem=f"The client certificate {shown} cannot be read: {(error.strerror or 'no reason given').lower()}."
        )
    try:
        first, *behind = x509.load_pem_x509_certificates(data)
    except ValueError:
        return ClientCertificate(shown, problem=f"The file {shown} holds no certificate in PEM form.")
    fits, problem = _key(data, first, shown)
    return ClientCertificate(
        shown,
        safe_line(first.subject.rfc4514_string()),
        safe_line(first.issuer.rfc4514_string()),
        first.not_valid_before_utc.timestamp(),
        first.not_valid_after_utc.timestamp(),
        thumbprint(first),
        fits,
        len(behind),
        problem,
    )


def thumbprint(certificate: Certificate) -> str:
    """Return the x5t#S256 of a certificate (RFC 8705 3.1, RFC 7515 4.1.8)."""
    from cryptography.hazmat.primitives.serialization import Encoding

    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _key(data: bytes, certificate: Certificate, shown: str) -> tuple[bool | None, str]:
    """Whether the key of the file belongs to the certificate, and why there is none to say that of."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    if b"PRIVATE KEY-----" not in data:
        return None, f"The file {shown} holds the certificate without its private key; both have to stand in it."
    try:
        key = load_pem_private_key(data, None)
    except TypeError:
        return None, f"The private key in {shown} has a passphrase, which is not asked for; store it without one, readable for you alone."
    except (ValueError, UnsupportedAlgorithm):
        return None, f"The private key in {shown} cannot be read."
    own, of_key = (k.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for k in (certificate.public_key(), key.public_key()))
    return own == of_key, "" if own == of_key else f"The private key in {shown} belongs to another certificate than the one beside it."
