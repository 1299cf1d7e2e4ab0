"""Which variables and files hold another value of a stored credential? By name, and for tokens by what they say (I-06, S7-04)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping

from authwizard.model.evidence import OtherValue, SecretState, StoredSecrets
from authwizard.model.token import TokenSeen
from authwizard.probes.local_files import Assignment
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.jose import inspect_token

LONGEST = 64 << 10
SHORTEST = 40
"""Characters of the shortest token that names its issuer, its audience and its times."""
ENVIRONMENT_WORDS = frozenset(
    {"PROD", "PRODUCTION", "LIVE", "STAGING", "STAGE", "STG", "DEV", "DEVELOPMENT", "TEST", "TESTING", "SANDBOX", "QA", "UAT", "DEMO", "CI"}
)
"""Words by which a variable says which environment it is for."""
WORDS: Mapping[str, tuple[str, ...]] = {
    "access_token": ("TOKEN", "ACCESS_TOKEN", "BEARER_TOKEN", "AUTH_TOKEN", "API_TOKEN"),
    "refresh_token": ("REFRESH_TOKEN",),
    "client_secret": ("CLIENT_SECRET",),
    "api_key": ("API_KEY", "APIKEY", "API_TOKEN"),
    "password": ("PASSWORD", "PASSWD"),
}
"""How names of environment variables end that hold such a credential."""


def compared(
    taken: frozenset[str], stored: StoredSecrets, values: Iterable[Assignment], install_key: bytes | None, words: frozenset[str]
) -> tuple[tuple[OtherValue, ...], tuple[str, ...], tuple[tuple[str, str], ...]]:  # fmt: skip
    """Return the places that hold another value of a stored credential, those that hold the same, and what some readers make of those.

    The last are pairs of a cause and a sentence: the value is right, and quotes or a carriage return around it become part of it for some.

    Args:
        taken: Variables that a profile reads its secrets from: they are what they are meant to be.
        stored: The stored values.
        values: What variables and files assign.
        install_key: The key of this installation's fingerprints.
        words: Words (upper case) that may stand in front of a variable's name and still mean this profile.
    """
    kept = {name: state for name, state in stored.fields.items() if state.status == "present" and state.secret is not None}
    known = {_plain(state.secret.reveal()) for state in kept.values() if state.secret is not None}
    taken = taken | {state.source.partition(":")[2] for state in kept.values() if state.source.startswith("env:")}
    main = kept["access_token"].secret if "access_token" in kept else None
    tokens = {"access_token": inspect_token(_plain(main.reveal()))} if main is not None else {}
    differing: dict[str, OtherValue] = {}
    same: dict[str, None] = {}
    cautions: dict[tuple[str, str], None] = {}
    for one in values:
        if (not one.place and one.name in taken) or len(one.value) > LONGEST:
            continue
        for field, state in kept.items():
            seen = _judged(one, field, state, tokens.get(field), words, known, install_key)
            if seen is True:
                same[one.where] = None
                cautions.update(dict.fromkeys(_cautions(one)))
            elif seen is not None and seen is not False:
                differing.setdefault(one.where, seen)
    return tuple(differing.values()), tuple(same), tuple(cautions)


def _cautions(one: Assignment) -> Iterator[tuple[str, str]]:
    if one.quoted:
        yield (
            "quotes_in_token",
            f"{one.where} stands in quotes; docker run --env-file makes them part of the value, other readers take them off.",
        )
    if one.carriage_return:
        yield "whitespace_in_credential", f"{one.where} ends in a carriage return (a Windows line end), which some readers keep."


def _judged(
    one: Assignment, field: str, state: SecretState, own: TokenSeen | None, words: frozenset[str], known: set[str], install_key: bytes | None
) -> OtherValue | bool | None:  # fmt: skip
    """Return the place where it holds another value of this field, True where it holds the same, None where it is about something else."""
    value = _plain(one.value)
    endings = WORDS.get(field, ())
    meant = bool(one.place) and one.name == "header Authorization" and field == "access_token"
    if _equal(state, value):
        return True if endings else None
    if value in known:
        return None
    named = meant or looks_like(one.name, endings, words)
    # Reading every variable of this machine as a token would take longer than all other local probes.
    worth = own is not None and (named or (own.readable and len(value) >= SHORTEST and value.count(".") >= 2))
    token = inspect_token(value) if worth else None
    related = token is not None and own is not None and _related(token, own)
    if not (named or related):
        return None
    expires = _number(token, "exp")
    issued, own_issued = _number(token, "iat"), _number(own, "iat")
    older = related and issued is not None and own_issued is not None and issued < own_issued
    return OtherValue(one.where, field, fingerprint(value, install_key), expires, older)


def _related(token: TokenSeen, own: TokenSeen) -> bool:
    """Whether two tokens are of the same issuer for the same audience and holder: then one stands for the other, whatever its variable is called."""
    if not (token.readable and own.readable) or token.claims.get("iss") is None or token.claims.get("iss") != own.claims.get("iss"):
        return False
    claims = [(token.claims.get(name), own.claims.get(name)) for name in ("sub", "client_id", "azp")]
    return token.claims.get("aud") == own.claims.get("aud") and not any(one != other for one, other in claims if one and other)


def _number(token: TokenSeen | None, claim: str) -> float | None:
    value = token.claims.get(claim) if token is not None else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def looks_like(name: str, endings: tuple[str, ...], words: frozenset[str]) -> bool:
    """`TOKEN` alone, or with the profile's name, its environment's, or a word of the API's host in front."""
    upper = name.upper()
    ending = next((e for e in sorted(endings, key=len, reverse=True) if upper == e or upper.endswith("_" + e)), None)
    if ending is None:
        return False
    front = upper[: -len(ending)].strip("_").split("_")
    foreign = any(word in ENVIRONMENT_WORDS and word not in words for word in front)
    return front == [""] or (any(word in words for word in front) and not foreign)


def _plain(value: str) -> str:
    return value.strip().removeprefix("Bearer ").strip()


def _equal(state: SecretState, value: str) -> bool:
    assert state.secret is not None
    mine = _plain(state.secret.reveal())
    return hmac.compare_digest(mine.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass"))
