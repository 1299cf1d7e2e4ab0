"""Were the scopes of the profile spelled so that the authorization server understands them, and did it grant them? Pure."""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.check import blocked, failed, not_applicable, passed, warned
from authwizard.model.evidence import TokenGrant
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.model.token import TokenSeen
from authwizard.steps import granted_scopes, scope_table
from authwizard.steps.granted_scopes import NOT_IN_ACCESS_TOKENS
from authwizard.steps.identity import distinct

SEPARATORS = {",": "a comma", "+": "a plus sign", ";": "a semicolon", "|": "a bar"}
NO_SCOPE_CHARACTERS = frozenset('"\\[]')
"""RFC 6749 3.3 allows neither quote nor backslash in a scope; brackets come with a pasted JSON list."""


@dataclass(frozen=True)
class Spelling:
    """A scope that holds what separates scopes elsewhere: `one` is the entry, `parts` what was probably meant."""

    one: str
    parts: tuple[str, ...]
    sign: str


def requested_against_granted(
    profile: Profile, asked: Sequence[str], grant: TokenGrant | None, stored: TokenSeen | None, demanded: Sequence[str],
    *, renewal_needed: bool,
) -> Outcome:  # fmt: skip
    """Judge S5-04: the spelling first, then what of the request was granted, and whether what is missing is needed.

    Args:
        profile: The profile, for its scope table.
        asked: The scopes as the profile writes them.
        grant: The latest token answer, where there is one.
        stored: The stored token; stands in where no token was fetched.
        demanded: Scopes the API's refusal calls missing.
        renewal_needed: Whether the run needs a new token; else a refused token request is not what the API refuses for.
    """
    wanted = tuple(dict.fromkeys(name for entry in asked for name in entry.split()))
    if grant is not None and not grant.answer.ok:
        return _request_refused(wanted, grant, Grade.S if renewal_needed else Grade.M)
    granted = granted_by(grant, stored)
    if granted is None:
        return _unknown(grant)
    lines = (Line("asked for", " ".join(wanted)), Line("granted", " ".join(sorted(granted)) or "none"))
    misspelled = next((s for name in wanted if name not in granted and (s := misspelling(name)) is not None), None)
    if misspelled is not None:
        understood = set(misspelled.parts) <= granted
        return _wrong_separator(misspelled, lines, Grade.W if understood else Grade.M)
    missing = tuple(n for n in wanted if n not in granted and n not in NOT_IN_ACCESS_TOKENS and not n.endswith("/.default"))
    if not missing:
        extra = sorted(granted - set(wanted)) if grant is not None and grant.answer.scope is not None else []
        return passed("Every scope that was asked for was granted" + (f", and {distinct(extra)} besides." if extra else "."), *lines)
    other_case = {name: other for name in missing for other in granted if name.lower() == other.lower()}
    if other_case:
        return _other_case(other_case, lines, matters=bool(_needed(profile, missing, granted, demanded)))
    return _not_granted(missing, _needed(profile, missing, granted, demanded), lines, certain=grant is not None)


def misspelling(name: str) -> Spelling | None:
    """Tell whether one scope looks like several joined by a sign that does not separate scopes."""
    bare = name.strip("".join(NO_SCOPE_CHARACTERS))
    sign = next((sign for sign in SEPARATORS if sign in bare), "")
    if sign:
        parts = tuple(part.strip("".join(NO_SCOPE_CHARACTERS)) for part in bare.split(sign))
        return Spelling(name, tuple(p for p in parts if p), SEPARATORS[sign]) if len([p for p in parts if p]) > 1 else None
    return Spelling(name, (bare,), "quotes or brackets") if bare != name else None


def granted_by(grant: TokenGrant | None, stored: TokenSeen | None) -> frozenset[str] | None:
    """Return the scopes that were granted; None where nothing says so (an absent `scope` means "as requested")."""
    token = grant.token if grant is not None else stored
    if grant is not None and grant.answer.scope is not None:
        return frozenset(granted_scopes.split(grant.answer.scope))
    if token is not None and token.readable:
        return granted_scopes.union(granted_scopes.of_claims(token.claims))
    return None


def _request_refused(wanted: tuple[str, ...], grant: TokenGrant, grade: Grade) -> Outcome:
    """The token request itself failed; the separator is to blame where the server calls the scope invalid."""
    if grant.answer.error != "invalid_scope":
        return not_applicable("No token was granted at all; step 3 says why.")
    misspelled = next((s for name in wanted if (s := misspelling(name)) is not None), None)
    lines = (Line("asked for", " ".join(wanted)), Line("answer", "invalid_scope", Status.FAIL))
    if misspelled is not None:
        return _wrong_separator(misspelled, lines, grade, refused=True)
    return failed("The authorization server calls one of these scopes invalid; step 3 tells what it said.", *lines)


def _unknown(grant: TokenGrant | None) -> Outcome:
    if grant is not None:
        return passed("The token answer names no scope, which means: granted as requested.")
    return blocked("No token answer was seen and the stored token cannot be read, so what was granted is not known.")


def _wrong_separator(found: Spelling, lines: Sequence[Line], grade: Grade, *, refused: bool = False) -> Outcome:
    parts = " ".join(found.parts)
    text = (
        f'The profile asks for the scope "{found.one}" as one word, because {found.sign} is no separator; meant is most likely "{parts}".'
    )
    argument = Argument("scope_separator_wrong", grade, Group.TOKEN_ENDPOINT, text)
    return (failed if refused else warned)(text, *lines, arguments=(argument,), facts={"scope": parts})


def _other_case(pairs: dict[str, str], lines: Sequence[Line], *, matters: bool) -> Outcome:
    told = distinct(f"{name} (granted: {other})" for name, other in pairs.items())
    text = f"The profile writes a scope with other capital letters than the authorization server: {told}. Scopes are compared letter by letter."
    argument = Argument("scope_case_mismatch", Grade.M if matters else Grade.W, Group.TOKEN_ENDPOINT, text)
    return warned(text, *lines, arguments=(argument,), facts={"scope": " ".join(pairs.values())})


def _needed(profile: Profile, missing: tuple[str, ...], granted: frozenset[str], demanded: Sequence[str]) -> tuple[str, ...]:
    """Return which of the missing scopes this request needs, by the scope table or by the API's refusal."""
    row = scope_table.row_for(profile)
    unmet = row is not None and scope_table.compare(row, granted).coverage != "met"
    by_table = {name for one in scope_table.requirement(row) for name in one} if row is not None and unmet else set()
    return tuple(name for name in missing if name in by_table or name in demanded)


def _not_granted(missing: tuple[str, ...], needed: tuple[str, ...], lines: Sequence[Line], *, certain: bool) -> Outcome:
    if not needed:
        return warned(f"The authorization server left out {distinct(missing)}, which was asked for; this request does not need it.", *lines)
    text = f"The authorization server did not grant {distinct(needed)}, although it was asked for, and this request needs it."
    argument = Argument("scope_not_granted", Grade.S if certain else Grade.M, Group.TOKEN_ENDPOINT, text)
    return failed(text, *lines, arguments=(argument,), facts={"scope": " ".join(needed)})
