"""Which words would the shell hand to curl? POSIX quoting and `$'..'`, as bash reads them."""

from __future__ import annotations

import re

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
_EXPANSION = late_pattern(r"\$(\{?[A-Za-z_][A-Za-z0-9_]*\}?|\(|\{?[0-9@*!?#$-]\}?|\{[^}]*\}?)")
_ANSI_C_ESCAPE = late_pattern(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))|c(.)|(.))", re.DOTALL)
_CONTINUED = late_pattern(r"\\([ \t]*)\r?\n")
"""A backslash at the end of a line; blanks behind it, which a shell would take at their word, come with copying."""
_POWERSHELL = late_pattern(r"[ \t]`[ \t]*\r?\n")
_SAME_COMMAND = late_pattern(r"-|['\"]|https?://", re.IGNORECASE)
"""How a line begins that belongs to the command before it, though no backslash says so."""
_PARAMETER = late_pattern(r";[\w.-]+=", re.ASCII)
"""A parameter of a path's segment (RFC 3986 3.3), such as ;jsessionid=."""
_LONGEST_HOST = 300
_URL = late_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?/|localhost(?::\d+)?/")
_REDIRECTED = late_pattern(r"(?:&>>?|>[>|]?&?|<(?!<)&?)[ \t]*")
"""A redirection, whose file follows; the command goes on behind it."""


def split(command: str, *, variables: bool = False) -> list[str]:
    """Return the words of one command; raises ValueError where a shell would do more than split (variables, pipes, open quotes).

    With `variables`, `$NAME` becomes NAME between OPENS and CLOSES instead: whoever asks for that knows what to make of it.
    """
    text = _POWERSHELL.sub(" ", command)
    text = text if text == command else text.replace('`"', '\\"')
    text = _CONTINUED.sub(lambda line: " " if line[1] else "", text).strip()
    words: list[str] = []
    word: list[str] | None = None
    url: list[str] | None = None  # the last word that was seen to be one: it stays one, however long it gets
    is_file = False
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t\r\n":
            if word is not None:
                words += [] if is_file else ["".join(word)]
                word, is_file = None, False
            # the text ends in no blank, so something follows
            start, at = at, _end_of_blanks(text, at)
            if "\n" in text[start:at] and not _SAME_COMMAND.match(text, at):
                raise ValueError("There is a second command on a line of its own; paste one command at a time.")
            continue
        if char == "#" and word is None:
            break
        if char in ENDS and word is not None and _is_glued(text, at) and (word is url or _begins_a_url(word)):
            url = word
        elif char in ENDS:
            if not words and word is None:
                raise ValueError(f"The command begins with {char!r}.")
            if word is not None and "".join(word).isdigit() and char in "<>":
                word = None  # the number of a redirected stream, as in 2>&1
            redirected = _REDIRECTED.match(text, at)
            if redirected is None:
                break
            words += ["".join(word)] if word is not None else []
            word, at, is_file = None, redirected.end(), True
            continue
        piece, at = _piece(text, at, variables=variables)
        word = word if word is not None else []
        word.append(piece)
    return [*words, "".join(word)] if word is not None and not is_file else words


def expanded(document: str, *, variables: bool = False) -> str:
    """Return a here-document as the shell fills it in: as between double quotes, but that a quote is a character like others."""
    quote = "\ue002"  # of private use, as OPENS and CLOSES are
    return _double_quoted(document.replace('"', quote) + '"', 0, variables=variables)[0].replace(quote, '"')


def _end_of_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks is not None else at


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
    return char, at + 1


def _double_quoted(text: str, at: int, *, variables: bool) -> tuple[str, int]:
    out: list[str] = []
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(out), at + 1
        if char == "\\" and at + 1 < len(text) and text[at + 1] in '"\\$`\n':
            out.append("" if text[at + 1] == "\n" else text[at + 1])
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


def _refuse_expansion(text: str, at: int) -> None:
    match = _EXPANSION.match(text, at)
    if match is None:
        return
    if match[1] == "(":
        raise ValueError("The command runs another command with $(...), which only your shell can do; paste it with the value filled in.")
    name = match[1].strip("{}")
    if name.isidentifier():
        raise ValueError(f"The command uses the shell variable {name}, which only your shell knows; paste it with the value filled in.")
    raise ValueError(
        f"The command uses ${name}, which your shell replaces; put single quotes around it if it is meant as it is, or fill its value in."
    )
