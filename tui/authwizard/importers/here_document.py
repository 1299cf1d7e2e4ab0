"""Which text does the shell feed to a command? The here-document below it: `curl -d @- URL <<EOF` (POSIX.1-2017, Shell 2.7.4)."""

from __future__ import annotations

import re

from authwizard.importers.shell_words import ONLY_FIRST, Aside, expanded, split
from authwizard.model.late_pattern import late_pattern

_HERE = late_pattern(r"(?<!<)<<(-?)[ \t]*(?:(['\"])([\w.-]+)\2|(\\?)(\w[\w.-]*))([^\n]*)\n")
_ANOTHER = late_pattern(r"^\s*curl\s", re.MULTILINE)


def without_here_document(text: str, aside: Aside, *, variables: bool = False) -> str:
    """Return a command without its here-document and what is behind that; the document's text goes to `aside`.

    Raises ValueError where the shell would fill something into the document, as `shell_words.split` does for `variables`.
    """
    found = _HERE.search(text)
    if found is None or not _is_outside_of_quotes(text[: found.start()]):
        return text
    tabs, quote, quoted, guard, bare, rest = found.groups()
    indent = r"\t*" if tabs else ""
    below = re.compile(rf"^{indent}{re.escape(quoted or bare)}\r?$", re.MULTILINE).search(text, found.end())
    if below is None:
        return text
    document = text[found.end() : below.start()].replace("\r\n", "\n")
    document = re.sub(r"(?m)^\t+", "", document) if tabs else document
    aside.fed = document if quote or guard else expanded(document, variables=variables)
    aside.remarks += [ONLY_FIRST] if _ANOTHER.search(text, below.end()) else []
    return f"{text[: found.start()]} {rest}"


def _is_outside_of_quotes(before: str) -> bool:
    try:
        split(before, variables=True)
    except ValueError:
        return False
    return True
