"""Is the scheme word there, once, the right one, rightly spelled and rightly set apart? (S1-04, S1-05)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe_line
from authwizard.protocol.repair_name import Found
from authwizard.protocol.scheme import CANONICAL, SchemeSeen, misspelt_scheme, split_scheme

_FIRST = late_pattern(r"([A-Za-z][A-Za-z0-9-]{2,30})([ \t]+)(?=\S)")
MAX_WORDS = 8


@dataclass(frozen=True)
class Words:
    """The scheme words in front of a value, in order, and the value behind them."""

    words: tuple[SchemeSeen, ...]
    rest: str = field(repr=False)


def read_words(value: str, own: str = "") -> Words:
    """Split the scheme words off a field value; `own` is the word the profile writes, known or not."""
    words: list[SchemeSeen] = []
    rest = value
    while len(words) < MAX_WORDS:
        seen = split_scheme(rest) or (_own(rest, own) if not words else None)
        if seen is None:
            break
        words.append(seen)
        rest = seen.rest
    return Words(tuple(words), rest)


def scheme_faults(seen: Words, wanted: str, in_authorization: bool, clean: str | None) -> Iterator[Found]:
    """Name the faults of the scheme; `clean` is the value without its own faults, for the repaired field value."""
    repaired = None if clean is None else f"{wanted} {clean}"
    if not seen.words:
        yield from _none(seen.rest, wanted, in_authorization, repaired)
        return
    first = seen.words[0]
    if len(seen.words) > 1:
        second = seen.words[1].word
        same = second.lower() == first.word.lower()
        words = f"The word {first.word} stands there twice." if same else f"Two scheme words stand there, {first.word} and {second}."
        yield "auth_scheme_duplicated", "scheme word", words, len(first.word + first.separator), repaired
        return
    if first.word.lower() != wanted.lower():
        yield "auth_scheme_wrong", "scheme word", _wrong_words(first.word, wanted, seen.rest), 0, repaired
        return
    yield from _separator(first, repaired)
    if first.word != wanted:
        words = f"The scheme is spelled {first.word}; that is legal, but some servers take only {wanted}."
        yield "auth_scheme_case_rejected", "scheme spelling", words, 0, repaired


def _own(rest: str, own: str) -> SchemeSeen | None:
    """The word the profile writes, where no list knows it."""
    if not own or not rest.startswith(f"{own} "):
        return None
    return SchemeSeen(own, " ", rest[len(own) + 1 :])


def _none(rest: str, wanted: str, in_authorization: bool, repaired: str | None) -> Iterator[Found]:
    match = _FIRST.match(rest)
    meant = misspelt_scheme(match[1]) if match else ""
    if match and meant:
        mended = f"{meant} {rest[match.end() :]}"
        yield "auth_scheme_wrong", "scheme word", f"The scheme is written {match[1]}; {meant} is meant.", 0, mended
    elif in_authorization:
        words = f"No scheme word stands in front of the value; the header should begin with {wanted}."
        yield "auth_scheme_missing", "scheme word", words, 0, repaired


def _wrong_words(word: str, wanted: str, rest: str) -> str:
    if word.lower() == "basic":
        holds = "a JWT" if rest.lstrip("\"' ").startswith("eyJ") else "a token"
        return f"The scheme is Basic, but the value is {holds}, not a user name and password."
    return f"The scheme is {CANONICAL.get(word.lower()) or safe_line(word, 40)}; the profile's kind of credential goes with {wanted}."


def _separator(first: SchemeSeen, repaired: str | None) -> Iterator[Found]:
    at = len(first.word)
    if first.separator == " ":
        return
    if set(first.separator) & set(":="):
        words = f"A “{first.separator.strip()[:1]}” stands behind {first.word}, where one space belongs."
        yield "auth_scheme_wrong", "scheme separator", words, at, repaired
    elif "\u00a0" in first.separator:
        words = f"The blank behind {first.word} is U+00A0 NO-BREAK SPACE, which is no space for a server."
        yield "invisible_characters", "scheme separator", words, at, repaired
    else:
        what = "A tab stands" if "\t" in first.separator else f"{len(first.separator)} spaces stand"
        words = f"{what} behind {first.word}; that is legal, but some servers take exactly one space."
        yield "whitespace_in_credential", "scheme separator", words, at, repaired
