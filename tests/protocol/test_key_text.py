"""A private key by its marks: what stands in the way of signing with it."""

from __future__ import annotations

import pytest

from authwizard.protocol.key_text import key_fault

BODY = "MIIplainlyfake\nAAAA"


def pem(kind: str, body: str = BODY) -> str:
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"


@pytest.mark.parametrize("kind", ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"])
def test_a_key_in_pem_form(kind: str) -> None:
    assert key_fault(pem(kind)) == ""
    assert key_fault(pem("CERTIFICATE") + pem(kind)) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (pem("PUBLIC KEY"), "public half"), (pem("CERTIFICATE"), "a certificate"), (pem("ENCRYPTED PRIVATE KEY"), "passphrase"),
        (pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n" + BODY), "passphrase"), (pem("OPENSSH PRIVATE KEY"), "OpenSSH"),
        (pem("PRIVATE KEY").strip().replace("\n", "\\n"), "two characters"), (pem("PRIVATE KEY").replace("\n", " "), "one line"),
        (pem("PRIVATE KEY").partition("-----END")[0], "end is missing"), ('{"kty": "EC"}', "JWK"), ("plainly-fake", "PEM form"), ("", "PEM form"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way(text: str, words: str) -> None:
    fault = key_fault(text)
    assert words in fault
    assert "plainly" not in fault
    assert "MII" not in fault
