"""Which words must a text hold for a pattern to fit? So that of a thousand patterns only a few are tried on a text.

Reads the regular expressions of this package's own tables: literals, groups, classes, look-arounds, alternatives, repetition.
What it cannot read it calls unknown, and such a pattern is tried on every text.
"""

from __future__ import annotations

from collections.abc import Iterable

from authwizard.model.late_pattern import late_pattern

GRAM = 3
"""Letters by which the index is searched; a shorter word is no help."""
LONG = 24
"""Letters of a word among which the rarest gram is looked for; a longer word holds one soon enough."""
Needed = frozenset[str] | None
"""One of these stands in every text that fits; None where no word is certain."""
_PLAIN = late_pattern(r"(?:[^\\()\[*+?{.^$|](?![*+?{]))+")
"""Letters that stand for themselves, each once."""
_REPEAT = late_pattern(r"(?:[*+?]|\{(\d*)(?:,(\d*))?\})[?+]?")
_GROUP = late_pattern(r"\((?:\?(?:[:=!]|<[=!]|P<\w+>))?")
_CLASS = late_pattern(r"\[\^?\]?(?:\\.|[^\]\\])*\]")


def needed_words(pattern: str) -> Needed:
    """Return words of which at least one stands in every text the pattern fits; None where none is certain."""
    reader = _Reader(pattern)
    found = reader.either()
    return found if reader.at == len(pattern) and found and min(map(len, found)) >= GRAM else None


class WordIndex:
    """Finds the patterns that may fit a text."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._always: list[int] = []
        self._by_gram: dict[str, list[tuple[str, int]]] = {}
        for number, pattern in enumerate(patterns):
            words = needed_words(pattern)
            if words is None:
                self._always.append(number)
            for word in words or ():
                grams = (word[i : i + GRAM] for i in range(0, min(len(word), LONG) - GRAM + 1, GRAM))
                self._by_gram.setdefault(min(grams, key=self._known), []).append((word, number))

    def _known(self, gram: str) -> int:
        return len(self._by_gram.get(gram, ()))

    def candidates(self, text: str) -> list[int]:
        """Return the numbers of the patterns that may fit a text, in order."""
        grams = self._by_gram.keys() & {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}
        found = {number for gram in grams for word, number in self._by_gram[gram] if word in text}
        return sorted(found.union(self._always))


class _Reader:
    """Walks a pattern once from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def either(self) -> Needed:
        """Read alternatives up to the end or a closing bracket: a word of each may be the one that is there."""
        found: Needed = self._sequence()
        while self.pattern.startswith("|", self.at):
            self.at += 1
            other = self._sequence()
            found = found | other if found is not None and other is not None else None
        return found

    def _sequence(self) -> Needed:
        best: Needed = None
        run = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            plain = _PLAIN.match(self.pattern, self.at)
            if plain is not None:
                run += plain.group()
                self.at = plain.end()
                continue
            letter, inner, zero_width = self._atom()
            least, most = self._repeats()
            if zero_width:
                continue
            if letter and least:
                run += letter
                if most == 1:
                    continue
            best, run = _better(best, frozenset((run,))), ""
            if inner is not None and least:
                best = _better(best, inner)
        return _better(best, frozenset((run,)))

    def _atom(self) -> tuple[str, Needed, bool]:
        """Read one atom: its letter if it is one, what a group needs, and whether it takes no room."""
        first = self.pattern[self.at]
        if first == "(":
            return self._group()
        if first == "[":
            match = _CLASS.match(self.pattern, self.at)
            self.at = match.end() if match else len(self.pattern)
            return "", None, False
        self.at += 1
        if first == "\\":
            return self._escape()
        return ("" if first in ".^$" else first), None, first in "^$"

    def _group(self) -> tuple[str, Needed, bool]:
        match = _GROUP.match(self.pattern, self.at)
        assert match is not None
        self.at = match.end()
        inner = self.either()
        self.at += 1
        return "", inner, match.group().endswith(("=", "!"))

    def _escape(self) -> tuple[str, Needed, bool]:
        letter = self.pattern[self.at : self.at + 1]
        self.at += 1
        if letter == "x":
            self.at += 2
            return chr(int(self.pattern[self.at - 2 : self.at], 16)), None, False
        if letter in "wWdDsS":
            return "", None, False
        return ("" if letter in "bBAZ" else letter), None, letter in "bBAZ"

    def _repeats(self) -> tuple[int, int]:
        """Read how often the atom before stands: at least, at most (more than once counts as 2)."""
        match = _REPEAT.match(self.pattern, self.at)
        if match is None:
            return 1, 1
        self.at = match.end()
        if match.group()[0] in "*?":
            return 0, 2
        return (1, 2) if match.group()[0] == "+" else (min(int(match[1] or 0), 1), 1 if match.group() == "{1}" else 2)


def _better(one: Needed, other: Needed) -> Needed:
    """Return the words that say more: the longer the shortest of them is, the rarer they are."""
    if one is None or other is None:
        return one if other is None else other
    return max(one, other, key=lambda words: (min(map(len, words)), -len(words)))
