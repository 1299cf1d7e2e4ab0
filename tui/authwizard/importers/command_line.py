"""Where in a pasted text does the curl command begin, and which words follow it?"""

from __future__ import annotations

import re
from itertools import dropwhile

from authwizard.importers.shell_words import Aside, split
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


_PIPED = late_pattern(r"\|&?\s*(?=(?:sudo\s+)?(?:\S*/)?curl\s)")
_FEEDS = late_pattern(r"(?:echo|printf|cat|jq)\s")
"""Programs whose output is piped into curl."""


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
    return text if _CURL.match(text) or _behind_pipe(text) is not None else None


def _behind_pipe(text: str) -> re.Match[str] | None:
    """Return the pipe behind which the curl command begins that another program feeds: `echo x | curl -d @- URL`."""
    if not _FEEDS.match(text):
        return None
    return next((pipe for pipe in _PIPED.finditer(text) if _words_before(text, pipe.start())), None)


def _words_before(text: str, end: int) -> list[str]:
    try:
        return split(text[:end], variables=True)
    except ValueError:
        return []  # a quote is open: it is no pipe


def _printed(words: list[str]) -> str | None:
    """Return what `echo` or `printf` prints, None where that takes more than reading it."""
    if words[0] == "echo" and words[1:2] != ["-e"]:
        bare = words[1:2] == ["-n"]
        return " ".join(words[2 if bare else 1 :]) + ("" if bare else "\n")
    if words[0] == "printf" and len(words) == 3 and words[1] in ("%s", "%s\\n"):
        return words[2] + ("\n" if words[1] != "%s" else "")
    if words[0] == "printf" and len(words) == 2 and not re.search(r"[%\\]", words[1]):
        return words[1]
    return None


def curl_words(command: str, aside: Aside, *, variables: bool = False) -> list[str]:
    """Return the words behind `curl` of the first curl command in a text; raises ValueError where there is none.

    Comments, a prompt, variables set for the command and `sudo` or `time` may stand before it, and a program that feeds it. `variables` and
    `aside`: as of `split`.
    """
    text = curl_command(command)
    if text is None:
        raise ValueError("This does not begin with curl.")
    pipe = _behind_pipe(text)
    if pipe is not None:
        feeding = split(text[: pipe.start()], variables=variables)
        aside.fed = _printed(feeding) if aside.fed is None else aside.fed
        text = text[pipe.end() :]
    text = re.sub(r"^[A-Za-z]:\\\S*(?=curl\.exe\s)", "", text)
    words = windows_words(text) if is_windows(text) else split(text, variables=variables, aside=aside)
    behind = dropwhile(lambda word: word in _BEFORE or re.match(r"[A-Za-z_]\w*=", word), words)
    return list(behind)[1:]
