"""Which word in front of a credential is its scheme, and how is it spelled?"""

from __future__ import annotations

from dataclasses import field

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

CANONICAL = {
    "bearer": "Bearer", "basic": "Basic", "digest": "Digest", "dpop": "DPoP", "token": "Token", "jwt": "JWT", "oauth": "OAuth",
    "apikey": "ApiKey", "negotiate": "Negotiate", "ntlm": "NTLM", "hawk": "Hawk", "aws4-hmac-sha256": "AWS4-HMAC-SHA256", "mac": "MAC",
    "key": "Key", "sso-key": "sso-key", "genie-key": "GenieKey", "hmac": "HMAC", "scram-sha-256": "SCRAM-SHA-256", "gnap": "GNAP",
    "privatetoken": "PrivateToken", "api-key": "Api-Key", "zoho-oauthtoken": "Zoho-oauthtoken",
}  # fmt: skip
"""Scheme words that are registered or widely used, with their usual spelling."""

_BEARER_LIKE = frozenset(("bearer", "dpop", "token", "jwt", "oauth"))
_WORD = late_pattern(r"([A-Za-z][A-Za-z0-9-]*)([ \t\u00a0]*[:=]?[ \t\u00a0]+(?=[^ \t\u00a0])|[:=](?=\S))")


@dataclass(frozen=True)
class SchemeSeen:
    """A scheme word, what separates it from the rest, and the rest."""

    word: str
    separator: str
    rest: str = field(repr=False)


def split_scheme(text: str) -> SchemeSeen | None:
    """Split a scheme word off a field value; None where the first word is not a known one.

    Separators other than one space are taken too, so that they can be named.
    """
    match = _WORD.match(text)
    if not match or match[1].lower() not in CANONICAL:
        return None
    return SchemeSeen(match[1], match[2], text[match.end() :])


def without_scheme(text: str) -> str:
    """Return a value without the words of bearer schemes in front, as often as they stand there with blanks behind them."""
    start = 0
    while (match := _WORD.match(text, start)) and match[1].lower() in _BEARER_LIKE and not set(match[2]) & set(":="):
        start = match.end()
    return text[start:]


def misspelt_scheme(word: str) -> str:
    """Return the scheme a word was meant to be, where it is one or two letters off (`Bearrer`); "" where it is none."""
    lower = word.lower()
    if lower in CANONICAL:
        return ""
    return next((CANONICAL[name] for name in ("bearer", "basic", "digest") if distance(lower, name) <= 2), "")


def distance(one: str, other: str) -> int:
    """Edit distance with swapped neighbours counted once; both texts are short."""
    if abs(len(one) - len(other)) > 2:
        return 3
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
