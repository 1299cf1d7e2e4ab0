"""What answers a Digest challenge, and what in it can be answered at all? (RFC 7616)"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from authwizard.model.frozen import dataclass

HASHES = {"md5": "md5", "sha": "sha1", "sha-256": "sha256", "sha-512": "sha512", "sha-512-256": "sha512_256"}
"""Hash functions by the name of the algorithm without `-sess`: those registered by RFC 7616 6.1, and two that servers use besides."""
DEFAULT_ALGORITHM = "MD5"
"""What a challenge means that names none (RFC 7616 3.3)."""


@dataclass(frozen=True)
class Login:
    """Who answers: user name and password; `cnonce` is the client's own number, new for each answer."""

    user: str = field(repr=False)
    password: str = field(repr=False)
    cnonce: str


def algorithm_of(challenge: Mapping[str, str]) -> str:
    """Return the algorithm of a challenge as it is spelled there; the default where it names none."""
    return challenge.get("algorithm", "").strip() or DEFAULT_ALGORITHM


def is_stale(challenge: Mapping[str, str]) -> bool:
    """Whether a challenge says that only the nonce was out of date: name and password were right (RFC 7616 3.3)."""
    return challenge.get("stale", "").strip().lower() == "true"


def answerable(challenge: Mapping[str, str]) -> str:
    """Say in a sentence why a challenge cannot be answered here; "" where it can."""
    name = algorithm_of(challenge)
    base = name.lower().removesuffix("-sess")
    if base not in HASHES or HASHES[base] not in hashlib.algorithms_available:
        return f"It asks for the algorithm {name[:40]}, which is not known here."
    if "nonce" not in challenge or "realm" not in challenge:
        return f"It carries no {'nonce' if 'nonce' not in challenge else 'realm'}, so nothing can be computed from it."
    if challenge.get("qop") is not None and "auth" not in _listed(challenge["qop"]):
        return f"It asks for the protection {challenge['qop'][:40]}; only auth is known here."
    return ""


def choose(challenges: Sequence[Mapping[str, str]]) -> Mapping[str, str] | None:
    """Return the first challenge that can be answered: servers list them by preference (RFC 7616 3.7)."""
    return next((c for c in challenges if not answerable(c)), None)


def field_value(challenge: Mapping[str, str], method: str, target: str, login: Login) -> str:
    """Return the Authorization value that answers a challenge; `target` is path and query as they are sent.

    Raises ValueError, with the reason, for a challenge that cannot be answered.
    """
    why = answerable(challenge)
    if why:
        raise ValueError(why)
    hashed = _hashed(algorithm_of(challenge), utf8=_in_utf8(challenge, login))
    hidden = challenge.get("userhash", "").lower() == "true"
    user = hashed(f"{login.user}:{challenge['realm']}") if hidden else login.user
    quoted = {
        "username": user,
        "realm": challenge["realm"],
        "nonce": challenge["nonce"],
        "uri": target,
        "response": _response(challenge, method, target, login, hashed),
        **({"opaque": challenge["opaque"]} if "opaque" in challenge else {}),
        **({"cnonce": login.cnonce} if "qop" in challenge or _session(challenge) else {}),
    }
    plain = {
        "algorithm": algorithm_of(challenge),
        **({"qop": "auth", "nc": "00000001"} if "qop" in challenge else {}),
        **({"userhash": "true"} if hidden else {}),
    }
    parts = [f'{name}="{_escaped(value)}"' for name, value in quoted.items()]
    return "Digest " + ", ".join(
        [*parts, *(f"{name}={value}" for name, value in plain.items() if name != "algorithm" or _named(challenge))]
    )


def _response(challenge: Mapping[str, str], method: str, target: str, login: Login, hashed: Callable[[str], str]) -> str:
    secret = hashed(f"{login.user}:{challenge['realm']}:{login.password}")
    if _session(challenge):
        secret = hashed(f"{secret}:{challenge['nonce']}:{login.cnonce}")
    subject = hashed(f"{method}:{target}")
    if "qop" not in challenge:
        return hashed(f"{secret}:{challenge['nonce']}:{subject}")
    return hashed(f"{secret}:{challenge['nonce']}:00000001:{login.cnonce}:auth:{subject}")


def _hashed(algorithm: str, *, utf8: bool) -> Callable[[str], str]:
    name = HASHES[algorithm.lower().removesuffix("-sess")]
    charset = "utf-8" if utf8 else "latin-1"
    return lambda text: hashlib.new(name, text.encode(charset), usedforsecurity=False).hexdigest()


def _in_utf8(challenge: Mapping[str, str], login: Login) -> bool:
    """UTF-8 where the challenge says so (RFC 7616 4), or where Latin-1 lacks a letter."""
    texts = (login.user, login.password, challenge["realm"])
    return challenge.get("charset", "").lower() == "utf-8" or not all(c <= "\xff" for text in texts for c in text)


def _session(challenge: Mapping[str, str]) -> bool:
    return algorithm_of(challenge).lower().endswith("-sess")


def _named(challenge: Mapping[str, str]) -> bool:
    return bool(challenge.get("algorithm", "").strip())


def _listed(text: str) -> frozenset[str]:
    return frozenset(part.lower() for part in re.split(r"[\s,]+", text) if part)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
