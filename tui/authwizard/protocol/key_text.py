"""Is a text a private key in the form that signing needs (PEM, RFC 7468)? Read by its marks alone; no key is loaded."""

from __future__ import annotations

from authwizard.model.late_pattern import late_pattern

_MARK = late_pattern(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")


def key_fault(text: str) -> str:
    """Say what stands in the way of a text as PEM private key, as a sentence without any of it; "" where nothing shows."""
    marks = set(_MARK.findall(text))
    if any(mark.endswith("PRIVATE KEY") for mark in marks):
        return _of_private(text, marks)
    if "CERTIFICATE" in marks:
        return "It is a certificate; what signs is the private key that belongs to it."
    if any(mark.endswith("PUBLIC KEY") for mark in marks):
        return "It is the public half of a key pair; what signs is the private half."
    if text.lstrip().startswith("{"):
        return "It is a key in JSON form (JWK); the PEM form is needed, which begins with -----BEGIN PRIVATE KEY-----."
    return "It does not begin like a key in PEM form (-----BEGIN PRIVATE KEY-----)."


def _of_private(text: str, marks: set[str]) -> str:
    if "\\n" in text and "\n" not in text.strip():
        return "Its line breaks are written as the two characters \\n, as in a JSON or .env file; they have to be line breaks."
    if "\n" not in text.strip():
        return "Its line breaks are lost: the whole key stands in one line."
    if "-----END" not in text:
        return "Its end is missing (-----END PRIVATE KEY-----)."
    if "ENCRYPTED PRIVATE KEY" in marks or "Proc-Type: 4,ENCRYPTED" in text:
        return "It is protected by a passphrase, which is not asked for."
    if "OPENSSH PRIVATE KEY" in marks:
        return "It is in the form of OpenSSH; ssh-keygen -p -m PEM -f FILE writes it as PEM."
    return ""
