"""Into which header does an API want its key, by what its own answer says or by what its server reads unless told otherwise?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from authwizard.knowledge.messages import MessageSeen, read_message
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.challenge import challenge_fields, parse_challenges

DEFAULT_OF = {"apim": "Ocp-Apim-Subscription-Key", "kong": "apikey", "apisix": "apikey", "supabase": "apikey"}
"""The header a server reads its keys from unless it is set otherwise, as its documentation says, by the stack of its words."""
ABOUT_A_PLACE = frozenset({"credential_location_wrong", "second_credential_missing"})
_HEADER = late_pattern(
    r"\b(x-(?:[a-z0-9]+-)*(?:api-?key|key|token|auth)|ocp-apim-subscription-key|apikey|api-key)\b", re.IGNORECASE
)  # fmt: skip
_NAME = late_pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_LOOKED_AT = 8192


def named_places(answers: Iterable[tuple[Sequence[tuple[str, str]], str]], own: str) -> tuple[str, ...]:
    """Return the headers that answers (header fields and body) name for a key, likeliest first; never `own`, the one in use.

    A challenge that says `in="header", name="..."` comes first, then names in challenge and text, then the default of the
    server whose words these are.
    """
    found: dict[str, str] = {}
    for fields, body in answers:
        for name in (*_in_challenge(fields), *_in_text(fields, body), *_by_default(fields, body)):
            if name.lower() != own.lower():
                found.setdefault(name.lower(), name)
    return tuple(found.values())


def about_a_place(seen: MessageSeen) -> bool:
    """Whether words say first of all that a credential is looked for elsewhere."""
    return seen.kind == "names" and bool(seen.causes) and seen.causes[0] in ABOUT_A_PLACE


def place_cause(seen: MessageSeen, *, holds_token: bool) -> str:
    """Return which of the two causes of `ABOUT_A_PLACE` the words mean beside what is sent; "" where they are about something else.

    A signed token is no key, so a server that asks for a key wants it besides; a key that was sent stands in the wrong place.
    """
    if not about_a_place(seen):
        return ""
    return "second_credential_missing" if holds_token else "credential_location_wrong"


def _in_challenge(fields: Sequence[tuple[str, str]]) -> Iterable[str]:
    named = [params.get("name", "") for params in _parameters(fields) if params.get("in", "").lower() == "header"]
    return [name for name in named if _NAME.fullmatch(name)]


def _in_text(fields: Sequence[tuple[str, str]], body: str) -> Iterable[str]:
    """Names in the words of challenges and body; a challenge's scheme (`ApiKey`) is no name of a header."""
    words = [value for params in _parameters(fields) for value in params.values()]
    return [match[1] for match in _HEADER.finditer("\n".join((*words, body[:_LOOKED_AT])))]


def _parameters(fields: Sequence[tuple[str, str]]) -> Iterable[Mapping[str, str]]:
    try:
        return [challenge.params for challenge in parse_challenges(challenge_fields(fields))]
    except ValueError:
        return []


def _by_default(fields: Sequence[tuple[str, str]], body: str) -> Iterable[str]:
    seen = read_message(401, fields, body)
    return [DEFAULT_OF[seen.stack]] if about_a_place(seen) and seen.stack in DEFAULT_OF else []
