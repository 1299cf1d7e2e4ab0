"""Which words would the shell hand to curl? POSIX quoting, `$'..'`, and the caret form of Windows."""

from __future__ import annotations

import re

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
    "f": "\f",
    "v": "\v",
    "?": "?",
}
ENDS = ";|&<>"
VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
"""`$NAME` and `${NAME}`; nothing that the shell would compute with it."""
OPENS, CLOSES = "\ue000", "\ue001"
"""What stands around a variable's name in its place: characters of private use, which no request holds."""
_BLANKS = re.compile(r"[ \t\r\n]+")
BEFORE = ("sudo", "time", "command", "exec", "nohup")
"""Words that run the command behind them."""


def curl_words(command: str, *, variables: bool = False) -> list[str]:
    """Return the words behind `curl` of the first curl command in a text; raises ValueError where there is none.

    Comments, a prompt, variables set for the command and `sudo` or `time` may stand before it. `variables`: as of `split`.
    """
    text = command.lstrip("\ufeff \t\r\n")
    while text.startswith("#"):
        text = text.partition("\n")[2].lstrip()
    text = re.sub(r"^(?:PS [^>\n]*> |[$%>] )", "", text)
    words = split(re.sub(r"^[A-Za-z]:\\\S*(?=curl\.exe\s)", "", text), variables=variables)
    while words and (words[0] in BEFORE or re.match(r"[A-Za-z_]\w*=", words[0])):
        words = words[1:]
    if not words or re.split(r"[/\\]", words[0])[-1].lower().removesuffix(".exe") != "curl":
        raise ValueError("This does not begin with curl.")
    return words[1:]


def split(command: str, *, variables: bool = False) -> list[str]:
    """Return the words of one command; raises ValueError where a shell would do more than split (variables, pipes, open quotes).

    With `variables`, `$NAME` becomes NAME between OPENS and CLOSES instead: whoever asks for that knows what to make of it.
    """
    text = _without_carets(command) if _is_windows(command) else command
    text = re.sub(r"\\\r?\n", "", text.strip())
    words: list[str] = []
    word: list[str] | None = None
    is_url = False
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t\r\n":
            is_url = False
            if word is not None:
                words.append("".join(word))
                word = None
            # the text ends in no blank, so something follows
            start, at = at, _end_of_blanks(text, at)
            if "\n" in text[start:at] and text[at] != "-":
                raise ValueError("There is a second command on a line of its own; paste one command at a time.")
            continue
        if char == "#" and word is None:
            break
        if char in ENDS and not _part_of_a_url(text, at, is_url):
            if not words and word is None:
                raise ValueError(f"The command begins with {char!r}.")
            if word is not None and "".join(word).isdigit() and char in "<>":
                word = None  # the number of a redirected stream, as in 2>&1
            break
        piece, at = _piece(text, at, variables=variables)
        word = word if word is not None else []
        word.append(piece)
        is_url = is_url or "://" in "".join(word[-3:])
    if word is not None:
        words.append("".join(word))
    return words


def _end_of_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks is not None else at


def _part_of_a_url(text: str, at: int, is_url: bool) -> bool:
    """An unquoted & or <id> in the middle of a pasted URL is meant as part of it, whatever a shell would do."""
    glued = at + 1 < len(text) and not text[at + 1].isspace()
    return text[at] in "&<>" and is_url and (glued or text[at] == ">")


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
    out: list[str] = []
    while at < len(text):
        char = text[at]
        if char == "'":
            return "".join(out), at + 1
        if char == "\\" and at + 1 < len(text):
            match = re.compile(r"x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}").match(text, at + 1)
            if match is not None:
                digits = match.group().lstrip("xuU")
                code = int(digits, 8 if match.group()[0] in "01234567" else 16)
                if code > 0x10FFFF:
                    raise ValueError(f"The escape \\{match.group()} is no character.")
                out.append(chr(code))
                at = match.end()
                continue
            out.append(ANSI_C.get(text[at + 1], "\\" + text[at + 1]))
            at += 2
            continue
        out.append(char)
        at += 1
    raise ValueError("A $'...' quote is not closed.")


def _dollar(text: str, at: int, *, variables: bool) -> tuple[str, int]:
    """Read a `$`: itself where no name follows, the marked name of a variable where those are taken; else it is refused."""
    named = VARIABLE.match(text, at)
    if variables and named is not None:
        return f"{OPENS}{named[1] or named[2]}{CLOSES}", named.end()
    _refuse_expansion(text, at)
    return "$", at + 1


def _refuse_expansion(text: str, at: int) -> None:
    match = re.compile(r"\$(\{?[A-Za-z_][A-Za-z0-9_]*\}?|\()").match(text, at)
    if match is None:
        return
    if match.group(1) == "(":
        raise ValueError("The command runs another command with $(...), which only your shell can do; paste it with the value filled in.")
    name = match.group(1).strip("{}")
    raise ValueError(f"The command uses the shell variable {name}, which only your shell knows; paste it with the value filled in.")


def _is_windows(command: str) -> bool:
    return bool(re.search(r'\^\s*$|\^"', command, re.MULTILINE))


def _without_carets(command: str) -> str:
    joined = re.sub(r"\^\r?\n\s*", " ", command)
    plain = re.sub(r"\^(.)", r"\1", joined)
    # cmd.exe knows no single quotes and no variables of a POSIX shell inside double quotes.
    return plain.replace("$", "\\$") if '"' in plain else plain
