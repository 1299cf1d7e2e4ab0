"""What does a server ask for? The challenges of WWW-Authenticate (RFC 9110 11.6.1), read tolerantly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from authwizard.model.frozen import dataclass
from authwizard.protocol.challenge_scan import ChallengeScan

FIELDS = ("www-authenticate", "x-amzn-remapped-www-authenticate")
"""Where an API's challenges stand; API Gateway and Lambda rename the field (it passes their own unchanged)."""


@dataclass(frozen=True)
class Challenge:
    """One challenge. Texts are as received; whoever shows them neutralises them first.

    `scheme` and the names of `params` are lower case. `token68` is set instead of `params` where the scheme carries one
    value. `malformed`: the text breaks the grammar and this is what could be recovered.
    """

    scheme: str
    params: dict[str, str] = field(default_factory=dict)
    token68: str | None = None
    malformed: bool = False


def parse_challenges(values: Sequence[str]) -> tuple[Challenge, ...]:
    """Read the challenges of field lines, one item per line, tolerant of what real servers send.

    A line that cannot be read is passed over where another can. Raises ValueError where nothing sensible can be read.
    """
    found: list[Challenge] = []
    broken = False
    for value in values:
        scan = ChallengeScan(value)
        challenges = [Challenge(c.scheme, dict(c.params), c.token68, c.malformed) for c in scan.read()]
        if scan.lost and challenges:
            # the flag rides on the last challenge kept, since the lost one has no place of its own
            challenges[-1] = replace(challenges[-1], malformed=True)
        broken = broken or (scan.lost and not challenges)
        found += challenges
    if broken and not found:
        raise ValueError("the challenge cannot be read: no scheme with its parameters is recognisable in it")
    return tuple(found)


def challenge_fields(headers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the field lines of an answer that hold the API's challenges, in order."""
    return tuple(value for name, value in headers if name.lower() in FIELDS)


def proxy_challenge_fields(headers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the `Proxy-Authenticate` field lines: a proxy's challenges, never the API's (RFC 9110 11.7.1)."""
    return tuple(value for name, value in headers if name.lower() == "proxy-authenticate")
