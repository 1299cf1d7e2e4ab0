"""Where in a pasted text does the curl command begin, and which words follow it?"""

from __future__ import annotations

import re
from itertools import dropwhile

from authwizard.importers.shell_words import split
from authwizard.importers.windows_words import is_windows, windows_words
from authwizard.model.late_pattern import late_pattern

_FENCED = late_pattern(r"(```[^\n]*\n|`(?!`))\s*(.*?)`", re.DOTALL)
"""Code in a Markdown text."""
_ENDS_A_PROMPT = r"$%#>\u276f\u00bb\u203a"
_PROMPT = late_pattern(
    r"(?:[A-Za-z]:\\[^\n>]*>(?=curl)|"  # cmd.exe: no blank behind it
    rf"[^\n'\"`]{{0,80}}?[{_ENDS_A_PROMPT}](?=[ \t])|"
    r"\u279c[^\n'\"`]{0,80}?(?=[ \t]))"
    r"[ \t]*(?=(?:sudo |time )?curl(?:\.exe)?\s)"
)
_KEPT = late_pattern(r"(?:export |local )?[A-Za-z_]\w*=\"?\$\(\s*(?=curl\s)")
"""The answer is kept in a variable: `TOKEN=$(curl ...)`."""
_CLOSED = late_pattern(r"\)\"?[ \t\r]*(?:\n|\Z)")
_BEFORE = ("sudo", "time", "command", "exec", "nohup")
"""Words that run the command behind them."""
_CURL = late_pattern(
    rf"(?:(?:{'|'.join(_BEFORE)})\s+|[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|[^\s'\"])*\s+)*(?:\S*[/\\])?curl(?:\.exe)?(?:[ \t\r\n\\^]|$)",
    re.IGNORECASE,
)


def curl_command(text: str) -> str | None:
    """Return a text from its first curl command on, without the comments, prompt and assignment before it; None where it is none.

    Variables set for the command and words that run it (`sudo`) stay.
    """
    text = text.lstrip("\ufeff \t\r\n")
    fenced = _FENCED.match(text)
    text = fenced[2] if fenced is not None else text
    while text.startswith("#") and not _PROMPT.match(text):
        text = text.partition("\n")[2].lstrip()
    prompt = _PROMPT.match(text)
    text = text[prompt.end() :] if prompt is not None else text
    kept = _KEPT.match(text)
    text = _CLOSED.split(text[kept.end() :], maxsplit=1)[0] if kept is not None else text
    return text if _CURL.match(text) else None


def curl_words(command: str, *, variables: bool = False) -> list[str]:
    """Return the words behind `curl` of the first curl command in a text; raises ValueError where there is none.

    Comments, a prompt, variables set for the command and `sudo` or `time` may stand before it. `variables`: as of `split`.
    """
    text = curl_command(command)
    if text is None:
        raise ValueError("This does not begin with curl.")
    text = re.sub(r"^[A-Za-z]:\\\S*(?=curl\.exe\s)", "", text)
    words = windows_words(text) if is_windows(text) else split(text, variables=variables)
    behind = dropwhile(lambda word: word in _BEFORE or re.match(r"[A-Za-z_]\w*=", word), words)
    return list(behind)[1:]
