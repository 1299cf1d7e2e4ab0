"""Which characters of a credential are invisible or foreign, what are they called, and which ASCII letter was meant?"""

from __future__ import annotations

import unicodedata

from authwizard.model.frozen import dataclass

_BLANK_LIKE = frozenset("\u00a0\u1680\u2007\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))))
_INVISIBLE_EXTRA = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0\ufffc") | frozenset(
    map(chr, range(0xFE00, 0xFE10))
)
_LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТХҮаеѕіјорсухһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρικ‐‑‒–—―−ー․‥",
    "ABESIJKMHOPCTXYaesijopcyxhdqwABEZHIKMNOPTYXovpik--------..",
)
"""Cyrillic, Greek and typographic characters that look like an ASCII one; the pairs stand in the same place."""
_QUOTES = frozenset("“”„‟‘’‚‛«»‹›″′")


@dataclass(frozen=True)
class Letters:
    """The odd characters of a text by index, and the text without or instead of them."""

    invisible: tuple[int, ...]
    foreign: tuple[int, ...]
    without_invisible: str
    in_ascii: str | None
    """The text with ASCII letters for the foreign ones; None where it is not plain which were meant."""


def letters_of(text: str) -> Letters:
    """Find the invisible and the foreign characters of a text; line ends, blanks and tabs are neither."""
    if text.isascii() and text.isprintable():
        return Letters((), (), text, text)
    invisible = tuple(i for i, c in enumerate(text) if is_invisible(c))
    foreign = tuple(i for i, c in enumerate(text) if not c.isascii() and not is_invisible(c))
    without = "".join(c for c in text if not is_invisible(c))
    plain = unicodedata.normalize("NFKC", "".join(c for c in without if c not in _QUOTES).translate(_LOOK_ALIKE))
    return Letters(invisible, foreign, without, plain if plain.isascii() else None)


def is_invisible(character: str) -> bool:
    """Tell whether a character draws nothing of its own: controls, formats, blanks other than the ASCII ones."""
    if character in " \t\r\n\v\f":
        return False
    return (
        character in _BLANK_LIKE
        or character in _INVISIBLE_EXTRA
        or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co")
    )


def name_of(character: str) -> str:
    """Name a code point, e.g. `U+200B ZERO WIDTH SPACE`."""
    controls = {0: "NULL", 9: "TAB", 10: "LINE FEED", 13: "CARRIAGE RETURN", 27: "ESCAPE", 127: "DELETE", 32: "SPACE"}
    code = ord(character)
    return f"U+{code:04X} {unicodedata.name(character, controls.get(code, 'CONTROL CHARACTER' if code < 0xA0 else 'UNNAMED CHARACTER'))}"


def first_words(text: str, places: tuple[int, ...]) -> str:
    """Say where the first of some characters stands and what it is called; never what stands around it."""
    more = f", and {count_words(len(places) - 1, 'such character')} more" if len(places) > 1 else ""
    return f"Character {places[0] + 1} is {name_of(text[places[0]])}{more}."


def count_words(number: int, noun: str) -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
