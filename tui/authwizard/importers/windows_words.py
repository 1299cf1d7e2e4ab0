"""Which words would Windows hand to curl? The carets of cmd.exe, then the quotes of the C run-time (learn.microsoft.com, "cmd" and
"Parsing C command-line arguments"); browsers write such commands with "Copy as cURL (cmd)".
"""

from __future__ import annotations

import re

from authwizard.model.late_pattern import late_pattern

_WRITTEN_FOR_CMD = late_pattern(r"[ \t\"]\^[ \t]*\r?$|\s\^\"|\^\\\^\"|\^&", re.MULTILINE)
_CONTINUED = late_pattern(r"\\\r?$", re.MULTILINE)
_BROWSER = late_pattern(r"\^[\"\\]")
"""A browser doubles each backslash; whoever types a command does not."""
_DOUBLED = late_pattern(r'[^\n\']*\bcurl(?:\.exe)? "https?://[^"\s]*" [^\']*?""[^"\n]+""')
"""Firefox before version 78 doubled quotes and wrote no caret (its devtools/client/shared/curl.js); in a shell's command they would vanish."""
_GUARDED = late_pattern(r"[^\sA-Za-z0-9_:=+~'/.,?;()*`-]")
"""Before these a browser writes a caret, inside of quotes as well (developer.chrome.com, DevTools: escapeStringWin)."""
_ENDS = "&|<>"
_OPTION = late_pattern(r"\s+(?=-)")


def is_windows(command: str) -> bool:
    """Whether a command is written for cmd.exe, by its carets or its doubled quotes."""
    return bool(_WRITTEN_FOR_CMD.search(command) or _DOUBLED.match(command)) and not _CONTINUED.search(command)


def windows_words(command: str) -> list[str]:
    """Return the words of one command; raises ValueError for an open quote."""
    by_browser = _BROWSER.search(command) or (_DOUBLED.match(command) and not _WRITTEN_FOR_CMD.search(command))
    return _words(_without_carets(command.strip().replace("\r\n", "\n")), halved=bool(by_browser))


def _without_carets(text: str) -> str:
    """Do what cmd.exe does: a caret guards the next character; a line, or a sign outside of quotes, ends the command."""
    out: list[str] = []
    quoted = False
    at = 0
    while at < len(text):
        char, after = text[at], text[at + 1 : at + 2]
        if char == "^" and quoted and text.startswith("\n\n", at + 1):  # how a browser writes the end of a line
            out.append("\n")
            at += 3
            continue
        if char == "^" and after and (not quoted or _is_guard(text[at - 1], after)):
            at += 2 if after == "\n" else 1
            out.append(text[at : at + 1])
            at += 1
            continue
        if char == "\n" and not quoted:
            option = _OPTION.match(text, at)
            if option is None:
                break
            at = option.end() - 1
            char = " "
        elif char in _ENDS and not quoted:
            break
        quoted ^= char == '"'
        out.append(char)
        at += 1
    return "".join(out)


def _is_guard(before: str, after: str) -> bool:
    """Whether a caret inside of quotes is one that a browser wrote there (cmd.exe would take it as it is)."""
    return before == "%" or (before == "\\" if after == '"' else bool(_GUARDED.match(after)))


def _words(text: str, *, halved: bool) -> list[str]:
    """Do what the C run-time does: a backslash guards a quote, and two quotes inside of quotes are one."""
    words: list[str] = []
    word: list[str] | None = None
    quoted = False
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t" and not quoted:
            words += ["".join(word)] if word is not None else []
            word = None
            at += 1
            continue
        word = word if word is not None else []
        if char == "\\" and text[at + 1 : at + 2] in (('"', "\\") if halved else ('"',)):
            word.append(text[at + 1])
            at += 2
        elif char == '"' and quoted and text[at + 1 : at + 2] == '"':
            word.append('"')
            at += 2
        elif char == '"':
            quoted = not quoted
            at += 1
        else:
            word.append(char)
            at += 1
    if quoted:
        raise ValueError("A double quote is not closed.")
    return [*words, "".join(word)] if word is not None else words
