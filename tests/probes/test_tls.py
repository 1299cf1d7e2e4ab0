from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from authwizard.model.options import Cost
from authwizard.model.profile import Network, Profile
from authwizard.model.secret import Secret
from authwizard.probe import Request
from authwizard.probes.http_client import HttpSender
from authwizard.probes.tls import handshake

from .conftest import Server, reply

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., HttpSender]


def certificate(folder: Path, name: str, *, days: int = 1, passphrase: bytes = b"") -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and one file with certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test\x1b[2J Inc")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=3))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)
    public = made.public_bytes(serialization.Encoding.PEM)
    alone, both = folder / f"{name}.pem", folder / f"{name}-both.pem"
    alone.write_bytes(public)
    both.write_bytes(public + private)
    return alone, both


def server_side(both: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


async def ask(make_sender: Make, url: str, **network: Any) -> Any:
    profile = Profile("t", url, "GET /x", network=Network(timeout_seconds=2, proxy="none", **network))
    request = Request("P0", "", Cost.C2, "api", "GET", url + "/x", (("Authorization", Secret("Bearer t0ken-value")),))
    return (await make_sender(profile).send(request)).exchange


async def test_a_ca_bundle_is_trusted_and_the_handshake_told(serve: Serve, make_sender: Make, tmp_path: Path) -> None:
    alone, both = certificate(tmp_path, "server")
    server = await serve(lambda r: reply(200), server_side(both))
    seen = await ask(make_sender, server.url, ca_bundle=str(alone))
    assert seen.status == 200
    assert seen.tls["version"].startswith("TLSv1.")
    assert "commonName=server" in seen.tls["issuer"]
    assert "not_after" in seen.tls
    assert "\x1b" not in repr(seen)
    assert "tls" in seen.timing_ms


async def test_an_unknown_issuer_is_a_tls_fault_and_nothing_is_sent(serve: Serve, make_sender: Make, tmp_path: Path) -> None:
    _, both = certificate(tmp_path, "server")
    server = await serve(lambda r: reply(200), server_side(both))
    seen = await ask(make_sender, server.url)
    assert seen.fault is not None
    assert seen.fault.layer == "tls"
    assert "self-signed certificate" in seen.fault.text
    assert not server.requests


async def test_an_expired_certificate_and_another_name(serve: Serve, make_sender: Make, tmp_path: Path) -> None:
    alone, both = certificate(tmp_path, "old", days=-1)
    server = await serve(lambda r: reply(200), server_side(both))
    seen = await ask(make_sender, server.url, ca_bundle=str(alone))
    assert seen.fault is not None
    assert "expired" in seen.fault.text
    alone, both = certificate(tmp_path, "named")
    server = await serve(lambda r: reply(200), server_side(both))
    seen = await ask(make_sender, server.url.replace("127.0.0.1", "localhost"), ca_bundle=str(alone))
    assert seen.fault is not None
    assert (seen.fault.layer, "localhost" in seen.fault.text) == ("tls", True)


async def test_a_client_certificate_is_shown_where_the_profile_has_one(serve: Serve, make_sender: Make, tmp_path: Path) -> None:
    alone, both = certificate(tmp_path, "server")
    client, client_both = certificate(tmp_path, "client")
    server = await serve(lambda r: reply(200), server_side(both, client))
    assert (await ask(make_sender, server.url, ca_bundle=str(alone), client_cert=str(client_both))).status == 200
    without = await ask(make_sender, server.url, ca_bundle=str(alone))
    assert without.fault is not None
    # Some servers say why before they hang up, this one resets the connection.
    assert without.fault.layer in ("tls", "connect")
    assert len(server.requests) == 1


async def test_a_foreign_origin_never_sees_the_client_certificate(serve: Serve, make_sender: Make, tmp_path: Path) -> None:
    alone, both = certificate(tmp_path, "server")
    client, client_both = certificate(tmp_path, "client")
    own, foreign = [await serve(lambda r: reply(200), server_side(both, client)) for _ in "12"]
    network = Network(timeout_seconds=2, proxy="none", ca_bundle=str(alone), client_cert=str(client_both))
    sender = make_sender(Profile("t", own.url, "GET /x", network=network))
    for fresh in (False, True):
        sent = [
            await sender.send(Request("hop", "", Cost.C1, "api", "GET", server.url + "/x", new_connection=fresh))
            for server in (own, foreign)
        ]
        assert sent[0].exchange.status == 200
        assert sent[1].exchange.fault is not None
    assert not foreign.requests


@pytest.mark.parametrize("kind", ["passphrase", "no key", "no certificate"])
async def test_a_client_certificate_of_no_use_never_asks_on_the_terminal(make_sender: Make, tmp_path: Path, kind: str) -> None:
    alone, both = certificate(tmp_path, "client", passphrase=b"secret-phrase" if kind == "passphrase" else b"")
    (tmp_path / "text.pem").write_text("nothing")
    path = {"passphrase": both, "no key": alone, "no certificate": tmp_path / "text.pem"}[kind]
    seen = await ask(make_sender, "https://127.0.0.1:9", client_cert=str(path))
    assert seen.fault is not None
    assert seen.fault.layer == "tls"
    assert str(path) in seen.fault.text


async def test_a_ca_bundle_of_no_use_is_named(make_sender: Make, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("nothing")
    seen = await ask(make_sender, "https://127.0.0.1:9", ca_bundle=str(tmp_path / "text.pem"))
    assert seen.fault is not None
    assert "text.pem" in seen.fault.text


def test_no_tls_no_handshake() -> None:
    assert handshake(None) == {}
