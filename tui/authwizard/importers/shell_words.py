"""Which words would the shell hand to curl? POSIX quoting and `$'..'`, as bash reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from authwizard.importers.shell_braces import BRACES, MARKS, without_braces
from authwizard.model.late_pattern import late_pattern

ANSI_C = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "v": "\v",
    "?": "?",
}
ENDS = ";|&<>"
VARIABLE = late_pattern(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
"""`$NAME` and `${NAME}`; nothing that the shell would compute with it."""
OPENS, CLOSES = "\ue000", "\ue001"
"""What stands around a variable's name in its place: characters of private use, which no request holds."""
_BLANKS = late_pattern(r"[ \t\r\n]+")
_EXPANSION = late_pattern(r"\$(?:\{?([A-Za-z_][A-Za-z0-9_]*|[0-9@*!?#$-])|[({])")
_ANSI_C_ESCAPE = late_pattern(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))|c(.)|(.))", re.DOTALL)
_CONTINUED = late_pattern(r"\\(?:([ \t]*)\r?\n|[ \t]*\Z)")
"""A backslash at the end of a line, outside of quotes; blanks behind it, which a shell would take at their word, come with copying."""
_POWERSHELL = late_pattern(r"[ \t]`[ \t]*\r?\n")
_SAME_COMMAND = late_pattern(r"-|['\"]|https?://", re.IGNORECASE)
"""How a line begins that belongs to the command before it, though no backslash says so."""
_PARAMETER = late_pattern(r";[\w.-]+=", re.ASCII)
"""A parameter of a path's segment (RFC 3986 3.3), such as ;jsessionid=."""
_LONGEST_HOST = 300
_URL = late_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?/|localhost(?::\d+)?/")
_REDIRECTED = late_pattern(r"(?:&>>?|>[>|]?&?|<(?!<)&?|<<<)[ \t]*")
"""A redirection, whose file (behind `<<<`: whose text) follows; the command goes on behind it."""
_COMMENTS = late_pattern(r"(?:#[^\n]*(?:\n\s*|\Z))+")
_OUTPUT = late_pattern(r"[{\[](?! ?\[?\d+ bytes)|<[!?\w]")
"""How a body begins that is pasted with the command it is the answer to; `<` and a blank begin a line of -v."""
_ANOTHER = late_pattern(r"\bcurl(?:\.exe)?\s")
NOT_CONTINUED = "A line of the command does not end in a backslash (or has a blank behind it), so a shell would end the command there; it was read to its end."
GLUED = (
    "The command has & ; < > or ( outside of quotes, which a shell takes for itself; they were read as part of the URL. Put it in quotes."
)
TAKEN_APART = "The command has {..,..} outside of quotes, which a shell takes apart; put single quotes around it if it is meant as it is."
BELOW = "What stands below the command was not read."
ONLY_FIRST = "Only the first curl command was read."


@dataclass
class Aside:
    """What a command line holds beside its words."""

    fed: str | None = None
    """What the shell feeds to the command, None where it feeds nothing that is known."""
    remarks: list[str] = field(default_factory=list)
    """Where the words are not those a shell would hand over, or not all of the text: one sentence each, without the text."""


def split(command: str, *, variables: bool = False, aside: Aside | None = None) -> list[str]:
    """Return the words of one command; raises ValueError where a shell would do more than split (variables, pipes, open quotes).

    With `variables`, `$NAME` becomes NAME between OPENS and CLOSES instead: whoever asks for that knows what to make of it. `aside` takes up
    what is found beside the words.
    """
    seen = aside if aside is not None else Aside()
    text = _POWERSHELL.sub(" ", command)
    text = text if text == command else text.replace('`"', '\\"')
    return _Line(text.lstrip(" \t\r\n"), variables=variables, seen=seen).read()


class _Line:
    """One command, read from left to right."""

    def __init__(self, text: str, *, variables: bool, seen: Aside) -> None:
        self._text, self._variables, self._seen = text, variables, seen
        self._words: list[str] = []
        self._word: list[str] | None = None
        self._url: list[str] | None = None  # the last word that was seen to be one: it stays one, however long it gets
        self._redirection = ""
        self._at = 0

    def read(self) -> list[str]:
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " \t\r\n":
                ended = self._blanks()
            elif char == "\\" and self._continued():
                ended = False
            elif char == ")" and self._word is None:
                ended = True  # of the $( that the command was copied out of
            elif char == "#" and self._word is None:
                self._seen.remarks += [BELOW] if self._text[self._at :].partition("\n")[2].strip() else []
                ended = True
            elif char in ENDS and not self._glued():
                ended = self._sign(char)
            else:
                ended = self._piece(char)
            if ended:
                break
        self._end_of_word()
        return self._words

    def _end_of_word(self) -> None:
        if self._word is None:
            return
        text = "".join(self._word)
        if self._redirection == "<<<":
            self._seen.fed = text.translate(BRACES) + "\n"
        elif not self._redirection:
            parted = without_braces(text)
            self._seen.remarks += [TAKEN_APART] if len(parted) > 1 else []
            self._words += parted
        self._word, self._redirection = None, ""

    def _blanks(self) -> bool:
        """Pass over blanks; says whether the command ends in them."""
        blanks = _BLANKS.match(self._text, self._at)
        self._at = blanks.end() if blanks is not None else self._at
        self._end_of_word()
        if blanks is None or "\n" not in blanks[0]:
            return False
        comments = _COMMENTS.match(self._text, self._at)
        self._at = comments.end() if comments is not None else self._at
        if self._at == len(self._text) or self._text[self._at] == ")":
            return True
        if _SAME_COMMAND.match(self._text, self._at):
            self._seen.remarks.append(NOT_CONTINUED)
            return False
        if not _OUTPUT.match(self._text, self._at):
            raise ValueError("There is a second command, or other text, on a line of its own; paste one command at a time, and it alone.")
        self._seen.remarks.append(BELOW)
        return True

    def _continued(self) -> bool:
        """Pass over the end of a line that goes on with the next."""
        found = _CONTINUED.match(self._text, self._at)
        if found is None or (self._word is not None and "\n" not in found[0]):
            return False
        self._at = found.end()
        if found[1]:
            self._end_of_word()
            self._seen.remarks.append(NOT_CONTINUED)
        return True

    def _glued(self) -> bool:
        word = self._word
        if word is None or not _is_glued(self._text, self._at) or not (word is self._url or _begins_a_url(word)):
            return False
        self._url = word
        self._seen.remarks.append(GLUED)
        return True

    def _sign(self, char: str) -> bool:
        """Read a sign that is the shell's: a redirection is passed over, at any other the command ends."""
        if not self._words and self._word is None:
            raise ValueError(f"The command begins with {char!r}.")
        if self._text.startswith(("<(", ">("), self._at):
            raise ValueError("The command reads what another command prints, <(...); paste it with the value filled in.")
        if self._word is not None and "".join(self._word).isdigit() and char in "<>":
            self._word = None  # the number of a redirected stream, as in 2>&1
        found = _REDIRECTED.match(self._text, self._at)
        if found is None:
            self._seen.remarks += [ONLY_FIRST] if _ANOTHER.search(self._text, self._at) else []
            return True
        self._end_of_word()
        self._at, self._redirection = found.end(), found[0].strip()
        return False

    def _piece(self, char: str) -> bool:
        self._seen.remarks += [GLUED] if char in "()" else []
        try:
            piece, self._at = _piece(self._text, self._at, variables=self._variables)
        except ValueError as error:
            raise ValueError(_with_place(str(error), self._words, self._text)) from None
        self._word = self._word if self._word is not None else []
        self._word.append(piece)
        return False


def _with_place(reason: str, words: list[str], text: str) -> str:
    """Say of a quote that is not closed behind which option it opens, and what the usual slip is."""
    if "not closed" not in reason:
        return reason
    option = next((word for word in reversed(words[1:]) if re.fullmatch(r"--?[A-Za-z][\w-]*", word)), "")
    where = f", behind {option[:40]}" if option else ""
    slip = " Between single quotes a backslash guards nothing: write '\\'' for a quote there." if "\\'" in text else ""
    return f"{reason.removesuffix('.')}{where}.{slip}"


def expanded(document: str, *, variables: bool = False) -> str:
    """Return a here-document as the shell fills it in: as between double quotes, but that a quote is a character like others."""
    quote = "\ue002"  # of private use, as OPENS and CLOSES are
    return _double_quoted(document.replace('"', quote) + '"', 0, variables=variables)[0].replace(quote, '"')


def _is_glued(text: str, at: int) -> bool:
    """An unquoted &, <id> or ;name= in the middle of a pasted URL is meant as part of it, whatever a shell would do."""
    if text[at] == ";":
        return _PARAMETER.match(text, at) is not None
    return text[at] in "&<>" and (text[at] == ">" or (at + 1 < len(text) and not text[at + 1].isspace()))


def _begins_a_url(word: list[str]) -> bool:
    return _URL.match("".join(piece[:_LONGEST_HOST] for piece in word[:_LONGEST_HOST])) is not None


def _piece(text: str, at: int, *, variables: bool) -> tuple[str, int]:
    char = text[at]
    if char == "'":
        end = text.find("'", at + 1)
        if end < 0:
            raise ValueError("A single quote is not closed.")
        return text[at + 1 : end], end + 1
    if char == '"':
        return _double_quoted(text, at + 1, variables=variables)
    if text.startswith("$'", at):
        return _ansi_c(text, at + 2)
    if text.startswith('$"', at):
        return _double_quoted(text, at + 2, variables=variables)
    if char == "$":
        return _dollar(text, at, variables=variables)
    if char == "`":
        raise ValueError("The command runs another command in backquotes; paste it with the value filled in.")
    if char == "\\":
        return text[at + 1 : at + 2], at + 2
    return MARKS.get(char, char), at + 1


def _double_quoted(text: str, at: int, *, variables: bool) -> tuple[str, int]:
    out: list[str] = []
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(out), at + 1
        if char == "\\" and text.startswith(("\n", "\r\n"), at + 1):
            at += 2 if text[at + 1] == "\n" else 3
            continue
        if char == "\\" and at + 1 < len(text) and text[at + 1] in '"\\$`':
            out.append(text[at + 1])
            at += 2
            continue
        if char == "$":
            piece, at = _dollar(text, at, variables=variables)
            out.append(piece)
            continue
        if char == "`":
            raise ValueError("The command runs another command in backquotes; paste it with the value filled in.")
        out.append(char)
        at += 1
    raise ValueError("A double quote is not closed.")


_BEFORE_NAMES = frozenset(("", *" \t\n\r/:=@.,;?&-_+([{\"'"))


def _ansi_c(text: str, at: int) -> tuple[str, int]:
    """Read the inside of `$'..'`: escapes name bytes, so that several of them may be one character."""
    out = bytearray()
    while at < len(text):
        char = text[at]
        if char == "'":
            # bash ends the word's piece at a NUL
            return out.partition(b"\0")[0].decode("utf-8", "surrogateescape"), at + 1
        escape = _ANSI_C_ESCAPE.match(text, at)
        if escape is None:
            out += char.encode("utf-8", "surrogatepass")
            at += 1
            continue
        out += _escaped(escape)
        at = escape.end()
    raise ValueError("A $'...' quote is not closed.")


def _escaped(escape: re.Match[str]) -> bytes:
    octal, byte, short, long, control, other = escape.groups()
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    if byte:
        return bytes([int(byte, 16)])
    if short or long:
        number = int(short or long, 16)
        if number > 0x10FFFF:
            raise ValueError(f"The escape {escape[0]} is no character.")
        return chr(number).encode("utf-8", "surrogatepass")
    if control:
        return bytes([ord(control) & 0x1F])
    return ANSI_C.get(other, f"\\{other}").encode("utf-8", "surrogatepass")


def _dollar(text: str, at: int, *, variables: bool) -> tuple[str, int]:
    """Read a `$`: itself where no name follows, the marked name of a variable where those are taken; else it is refused."""
    named = VARIABLE.match(text, at)
    if variables and named is not None:
        return f"{OPENS}{named[1] or named[2]}{CLOSES}", named.end()
    _refuse_expansion(text, at)
    return "$", at + 1


def may_be_named(before: str) -> bool:
    """Whether a variable's name may be told, by what stands before it: right behind other characters it may be a part of a secret."""
    return before[-1:] in _BEFORE_NAMES


def _refuse_expansion(text: str, at: int) -> None:
    match = _EXPANSION.match(text, at)
    if match is None:
        return
    if match[0] == "$(":
        raise ValueError("The command runs another command with $(...), which only your shell can do; paste it with the value filled in.")
    name = match[1] or "{...}"
    if not may_be_named(text[:at]):
        raise ValueError(
            "The command has a $ in the middle of a word, where a shell puts in the value of a variable; put single quotes around it if it is "
            "meant as it is, or fill its value in."
        )
    if name.isidentifier():
        raise ValueError(f"The command uses the shell variable {name}, which only your shell knows; paste it with the value filled in.")
    raise ValueError(
        f"The command uses ${name}, which your shell replaces; put single quotes around it if it is meant as it is, or fill its value in."
    )
