"""S3-08: the certificate file, what is right and wrong with it."""

from __future__ import annotations

import datetime as dt
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from authwizard.model.evidence import ClientCertificate, NotApplicable
from authwizard.model.profile import Network, Profile
from authwizard.probe import World
from authwizard.probes.client_certificate import client_certificate, read_certificate

START, END = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def key_pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


def made(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    return builder.not_valid_before(START).not_valid_after(END).sign(key, hashes.SHA256())


@pytest.fixture(scope="module")
def keys() -> tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey]:
    return ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def test_a_certificate_with_its_key(tmp_path: Path, keys: tuple[ec.EllipticCurvePrivateKey, ...]) -> None:
    certificate = made(keys[0])
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "c.pem").write_bytes(pem + made(keys[1]).public_bytes(serialization.Encoding.PEM) + key_pem(keys[0]))
    seen = read_certificate(str(tmp_path / "c.pem"))
    assert (seen.problem, seen.key_fits, seen.chain, seen.subject) == ("", True, 1, "CN=client")
    assert (seen.not_before, seen.not_after) == (START.timestamp(), END.timestamp())
    der = certificate.public_bytes(serialization.Encoding.DER)
    assert seen.thumbprint == urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert "PRIVATE" not in repr(seen)


def test_what_stands_against_presenting_it(tmp_path: Path, keys: tuple[ec.EllipticCurvePrivateKey, ...]) -> None:
    pem, file = made(keys[0]).public_bytes(serialization.Encoding.PEM), tmp_path / "c.pem"
    wrong = {
        pem: (None, "without its private key"), pem + key_pem(keys[1]): (False, "belongs to another certificate"),
        pem + key_pem(keys[0], b"plainly fake"): (None, "has a passphrase"), b"nothing": (None, "no certificate in PEM form"),
        pem + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": (None, "cannot be read"),
    }  # fmt: skip
    for content, (fits, words) in wrong.items():
        file.write_bytes(content)
        seen = read_certificate(str(file))
        assert seen.key_fits is fits, words
        assert words in seen.problem
    assert "cannot be read" in read_certificate(str(tmp_path / "absent.pem")).problem
    assert "cannot be read" in read_certificate(str(tmp_path)).problem


async def test_only_where_the_profile_names_one(tmp_path: Path, make_world: Callable[..., World]) -> None:
    plain = Profile("t", "https://api.example.com", "GET /x")
    assert isinstance(await client_certificate.look(make_world(plain)), NotApplicable)
    named = Profile("t", "https://api.example.com", "GET /x", network=Network(client_cert=str(tmp_path / "absent.pem")))
    assert isinstance(await client_certificate.look(make_world(named)), ClientCertificate)


async def test_a_relative_name_starts_at_the_profiles_file(
    keys: tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey], make_world: Callable[..., World], tmp_path: Path
) -> None:
    (tmp_path / "me.pem").write_bytes(made(keys[0]).public_bytes(serialization.Encoding.PEM) + key_pem(keys[0]))
    world = make_world(Profile("t", "https://api.example.test", "GET /", network=Network(client_cert="me.pem")), base=str(tmp_path))
    seen = await client_certificate.look(world)
    assert isinstance(seen, ClientCertificate)
    assert (seen.problem, seen.key_fits) == ("", True)
