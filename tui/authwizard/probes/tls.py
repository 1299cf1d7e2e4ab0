"""Which certificates are trusted, and which is shown? The operating system's store, or the profile's bundle (DESIGN 5.8)."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from authwizard.model.exchange import TransportFault
from authwizard.model.profile import Network
from authwizard.probes.faults import CannotSend


def ssl_context(network: Network) -> ssl.SSLContext:
    """Build the one context of a run; raises CannotSend where a file of the profile cannot be used."""
    context = _trusting(network.ca_bundle)
    if network.client_cert:
        path = Path(network.client_cert).expanduser()
        try:
            context.load_cert_chain(path, password=_no_passphrase)
        except (OSError, ValueError) as error:
            raise CannotSend(TransportFault("tls", f"The client certificate {path} cannot be used: {_reason(error)}.")) from None
    return context


def handshake(tls: object) -> Mapping[str, str]:
    """Return what a finished handshake shows: version, subject, issuer, end of the certificate's life."""
    if not hasattr(tls, "getpeercert"):
        return {}
    certificate: Mapping[str, Any] = tls.getpeercert() or {}
    found = {
        "version": tls.version() or "" if hasattr(tls, "version") else "",
        "subject": _name(certificate.get("subject")),
        "issuer": _name(certificate.get("issuer")),
        "not_after": str(certificate.get("notAfter", "")),
    }
    return {key: value for key, value in found.items() if value}


def _trusting(ca_bundle: str) -> ssl.SSLContext:
    if not ca_bundle:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    path = Path(ca_bundle).expanduser()
    if not path.exists():
        raise CannotSend(TransportFault("tls", f"The CA bundle {path} does not exist."))
    try:
        return ssl.create_default_context(capath=path) if path.is_dir() else ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:
        raise CannotSend(TransportFault("tls", f"The CA bundle {path} cannot be used: {_reason(error)}.")) from None


def _no_passphrase() -> str:
    # Without this OpenSSL would ask on the terminal, under the wizard's screen.
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"it is no PEM certificate with its key, or the key has a passphrase ({getattr(error, 'reason', None) or 'unreadable'})"
    return (error.strerror or "unreadable").lower() if isinstance(error, OSError) else "unreadable"


def _name(rdns: object) -> str:
    if not isinstance(rdns, tuple):
        return ""
    return ", ".join(f"{key}={value}" for rdn in rdns for key, value in rdn if key in ("commonName", "organizationName"))
