r"""How is one field line of challenges read, and what is kept of one that breaks the grammar?

The grammar (RFC 9110 11.2, 11.3) is `scheme [ 1*SP ( token68 / #auth-param ) ]`, several of them separated by commas. A comma
therefore ends a parameter or a challenge, and only what follows tells which: `name=` goes on, a word alone begins a new one.

What is read beyond the grammar, because servers send it:

- parameters after blanks instead of a comma, as long as `name=` stands in one piece (AWS, Elasticsearch);
- values without quotes that hold more than token characters (URLs);
- a quote of one kind closed by the other (WSO2);
- prose in `error_description` and lists in `scope` without quotes, or in single ones;
- a comma between scheme and first parameter; names and schemes in quotes.

A challenge that breaks off is kept as far as it was read, if that holds a clue: a parameter whose meaning is known. Without
one, nothing in it can be relied on, and it is dropped while its neighbours stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from authwizard.model.late_pattern import late_pattern

MAX_LENGTH = 65_536
"""Characters of one field line that are read: no client takes longer ones."""

CLUES = frozenset((
    "realm", "error", "error_description", "error_uri", "scope", "resource_metadata", "authorization_uri", "resource_id", "as_uri",
    "claims", "nonce", "qop", "algorithm", "algs", "opaque", "stale", "domain", "charset", "userhash", "acr_values", "max_age",
    "service", "client_id", "trusted_issuers",
))  # fmt: skip
"""Parameters of RFC 6750, 7235, 7616, 7617, 9449, 9470, 9728 and of known products."""

_PROSE = frozenset(("error", "error_description", "scope"))
_GSS = frozenset(("negotiate", "ntlm", "kerberos"))
"""Schemes that carry one token68 and never a parameter (RFC 4559): with one, the text contradicts itself."""
_KNOWN = frozenset(("basic", "bearer", "digest", "dpop", "negotiate", "ntlm", "oauth", "hoba", "mutual"))

_BLANKS = late_pattern(r"[ \t]*")
_GAP = late_pattern(r"[ \t,]*")
_TOKEN = late_pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOKEN68 = late_pattern(r"[A-Za-z0-9._~+/-]+=*")
_IS = late_pattern(r"[ \t]*=[ \t]*")
_QUOTED = late_pattern(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PAIR = late_pattern(r"\\(.)", re.DOTALL)
_BARE = late_pattern(r'[^\s,"\\]+')
_JOINED = late_pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=(?!=)")
_PROSE_END = late_pattern(r"[ \t]*,[ \t]*(?=[A-Za-z0-9_-]+[ \t]*(?:=|,|$)|[A-Za-z][A-Za-z0-9-]*[ \t]+[A-Za-z_]+=)|[ \t]+[A-Za-z_]+=|$")
_ENDS_IN_ESCAPE = late_pattern(r"(?<!\\)(?:\\\\)*\\.?$")
_NEXT = late_pattern(r",[ \t]*(?=[A-Za-z][A-Za-z0-9-]*[ \t]+[A-Za-z_]+[ \t]*=[ \t]*[\"'A-Za-z0-9])")
_MIXED = late_pattern(r"""'([^"',]*)"(?=[ \t]*(?:,|$))|"([^"',]*)'(?=[ \t]*(?:,|$))""")
_PROSE_QUOTED = late_pattern(r"""'([^']*)'(?=[ \t]*(?:,|$))|'([^"']*)"(?=[ \t]*(?:,|$))|"([^"']*)'(?=[ \t]*(?:,|$))""")


class Break(Exception):
    """The text cannot be read on at this place. `keep`: the scheme is certain all the same."""

    def __init__(self, at: int, keep: bool = False) -> None:
        super().__init__(at)
        self.at = at
        self.keep = keep


@dataclass
class ScannedChallenge:
    """A challenge while it is being read."""

    scheme: str
    params: dict[str, str] = field(default_factory=dict)
    token68: str | None = None
    malformed: bool = False
    comma_first: bool = False
    """A comma stands right behind the scheme: parameters after it are recovered, not grammatical."""


class ChallengeScan:
    """One reading of one field line. `lost` tells afterwards whether text was dropped."""

    def __init__(self, text: str) -> None:
        # a folded line is one line (RFC 9112 5.2); what is left of line ends separates as a blank does
        self._text = re.sub(r"\r?\n[ \t]+|[\r\n]+", " ", text[:MAX_LENGTH]).strip(" \t")
        self._at = 0
        self._found: list[ScannedChallenge] = []
        self._current: ScannedChallenge | None = None
        self._comma_missing = False
        self.lost = len(text) > MAX_LENGTH

    def read(self) -> list[ScannedChallenge]:
        """Read the whole line and return its challenges; raises nothing."""
        while self._skip(_GAP) < len(self._text):
            try:
                self._element()
            except Break as stop:
                self._break(stop)
        self._end()
        return self._found

    # ── elements ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _element(self) -> None:
        """Read what stands after a comma: a parameter of the open challenge, or a new challenge."""
        start = self._at
        name, quoted = self._word()
        equals = _IS.match(self._text, self._at)
        if equals and self._current is not None:
            self._at = equals.end()
            self._current.malformed = self._current.malformed or (self._current.comma_first and not self._current.params)
            self._parameter(name, quoted)
            return
        if equals:
            raise Break(start)
        self._challenge(name, quoted)

    def _challenge(self, scheme: str, quoted: bool) -> None:
        self._end()
        self._current = ScannedChallenge(scheme.lower(), malformed=quoted or self._comma_missing)
        self._comma_missing = False
        after = self._at
        self._skip(_BLANKS)
        if self._closed(self._at):
            self._current.comma_first = after == self._at
            return
        if after == self._at:  # something is glued to the scheme
            raise Break(self._at)
        token = _TOKEN68.match(self._text, self._at)
        if token and self._closed(token.end()) and "\t" not in self._text[after : self._at]:
            self._current.token68 = token.group()
            self._at = token.end()
            return
        self._first_parameter()

    def _first_parameter(self) -> None:
        name, quoted = self._word()
        equals = _IS.match(self._text, self._at)
        if not equals:
            raise Break(self._at)
        self._at = equals.end()
        self._parameter(name, quoted)

    def _parameter(self, name: str, quoted: bool) -> None:
        """Read a value and what follows it; blanks instead of a comma lead to the next parameter or challenge."""
        challenge = self._current
        if challenge is None:
            raise Break(self._at)
        if challenge.token68 is not None:
            raise Break(self._at, keep=challenge.scheme not in _GSS)
        name = name.lower()
        value, plain = self._value(name)
        challenge.malformed = challenge.malformed or quoted or not plain or name in challenge.params
        challenge.params[name] = value
        if not self._closed(self._at):
            challenge.malformed = True
            self._after_blanks(was_quoted=self._text[self._at - 1] == '"')

    def _after_blanks(self, was_quoted: bool) -> None:
        start = self._at
        self._skip(_BLANKS)
        if _JOINED.match(self._text, self._at):
            return
        word = _TOKEN.match(self._text, self._at)
        if word and (was_quoted or word.group().lower() in _KNOWN):
            blanks = _BLANKS.match(self._text, word.end())
            begins = blanks and blanks.end() > word.end() and _JOINED.match(self._text, blanks.end())
            if begins or (word.group().lower() in _KNOWN and self._closed(word.end())):
                self._end()
                self._comma_missing = True
                return
        raise Break(start)

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _word(self) -> tuple[str, bool]:
        """Read a token, or one that stands in quotes; tells which."""
        quoted = _QUOTED.match(self._text, self._at)
        match = _TOKEN.fullmatch(quoted.group(1)) if quoted else _TOKEN.match(self._text, self._at)
        if not match:
            raise Break(self._at)
        self._at = quoted.end() if quoted else match.end()
        return match.group(), quoted is not None

    def _value(self, name: str) -> tuple[str, bool]:
        """Read a value; tells whether it keeps to the grammar."""
        irregular = (_PROSE_QUOTED if name in _PROSE else _MIXED).match(self._text, self._at)
        if irregular:
            self._at = irregular.end()
            return next((text for text in irregular.groups() if text is not None), ""), False
        if self._text[self._at : self._at + 1] == '"':
            return self._quoted()
        bare = _BARE.match(self._text, self._at)
        if not bare:
            raise Break(self._at)
        if name in _PROSE:
            return self._prose()
        # a value that runs into a quote or a backslash has no end that could be trusted
        if self._text[bare.end() : bare.end() + 1] in ('"', "\\"):
            raise Break(self._at)
        self._at = bare.end()
        return bare.group(), _TOKEN.fullmatch(bare.group()) is not None

    def _quoted(self) -> tuple[str, bool]:
        match = _QUOTED.match(self._text, self._at)
        if not match:
            return self._unclosed(), False
        if not self._closed(match.end()) and self._text[match.end()] not in " \t" and not _JOINED.match(self._text, match.end()):
            raise Break(self._at)  # glued to what follows: this quote was not the closing one
        self._at = match.end()
        return _PAIR.sub(r"\1", match.group(1)), True

    def _unclosed(self) -> str:
        """A quote that never closes: after a clue the line was cut, and the rest of it is the value.

        Without one, nothing was read. Only where the text ends in an escape is the line whole and its escaping wrong: then
        the scheme is certain and the value is not.
        """
        rest = self._text[self._at + 1 :]
        if not self._has_clue():
            raise Break(len(self._text), keep=_ENDS_IN_ESCAPE.search(rest) is not None)
        self._at = len(self._text)
        return _PAIR.sub(r"\1", rest)

    def _prose(self) -> tuple[str, bool]:
        end = _PROSE_END.search(self._text, self._at)
        stop = end.start() if end else len(self._text)
        value = self._text[self._at : stop].rstrip(" \t")
        self._at = stop
        return value.strip('"'), _TOKEN.fullmatch(value) is not None

    # ── breaks ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _break(self, stop: Break) -> None:
        """Decide what is kept of the open challenge, and where reading goes on."""
        self.lost = True
        challenge = self._current
        if challenge is not None:
            challenge.malformed = True
            if not (stop.keep or self._has_clue()):
                self._current = None
        comma = self._text.find(",", stop.at)
        if comma >= 0 and not set(self._text[stop.at : comma]) & set("\"'\\"):
            self._at = comma  # no quote was open: the comma is one
            return
        following = _NEXT.search(self._text, stop.at)
        self._end()
        self._at = following.end() if following else len(self._text)

    def _end(self) -> None:
        if self._current is not None:
            self._found.append(self._current)
        self._current = None

    def _has_clue(self) -> bool:
        return self._current is not None and not CLUES.isdisjoint(self._current.params)

    def _closed(self, at: int) -> bool:
        blanks = _BLANKS.match(self._text, at)
        end = blanks.end() if blanks else at
        return end >= len(self._text) or self._text[end] == ","

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at
