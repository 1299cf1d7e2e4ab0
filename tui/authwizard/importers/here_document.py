"""Which text does the shell feed to a command? The here-document below it: `curl -d @- URL <<EOF` (POSIX.1-2017, Shell 2.7.4)."""

from __future__ import annotations

import re

from authwizard.importers.shell_words import expanded, split
from authwizard.model.late_pattern import late_pattern

_HERE = late_pattern(r"(?<!<)<<(-?)[ \t]*(['\"]?)(\w+)\2([^\n]*)\n")


def without_here_document(text: str, *, variables: bool = False) -> tuple[str, str | None]:
    """Return a command without its here-document and what is behind that, and the document's text; None where there is none.

    Raises ValueError where the shell would fill something into the document, as `shell_words.split` does for `variables`.
    """
    found = _HERE.search(text)
    if found is None or not _is_outside_of_quotes(text[: found.start()]):
        return text, None
    tabs, quote, end, rest = found.groups()
    indent = r"\t*" if tabs else ""
    below = re.compile(rf"^{indent}{end}\r?$", re.MULTILINE).search(text, found.end())
    if below is None:
        return text, None
    document = text[found.end() : below.start()].replace("\r\n", "\n")
    document = re.sub(r"(?m)^\t+", "", document) if tabs else document
    return f"{text[: found.start()]} {rest}", document if quote else expanded(document, variables=variables)


def _is_outside_of_quotes(before: str) -> bool:
    try:
        split(before, variables=True)
    except ValueError:
        return False
    return True
