"""What body do curl's -d and -F options make, and what do they make of a query? (curl's manual page; measured with 7.88.1)"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from authwizard.importers.curl_form import form_part

BOUNDARY = "------------------------authwizard000000"
"""Stands for the random boundary curl makes for each form."""


@dataclass
class Body:
    """What the data options have said so far. `files` are those that curl would read, which nobody else can."""

    text: str | None = None
    fields: list[tuple[str, bool]] = field(default_factory=list)
    """Each form field, and whether it is taken as it is."""
    json: bool = False
    files: list[str] = field(default_factory=list)
    fed: str | None = None
    """What the shell feeds to curl (`@-`), None where that is not known."""

    def take(self, what: str, value: str) -> None:
        """Take one data option (`data`, `data_raw`, `data_binary`, `data_urlencode`, `json`, `form`, `form_string`)."""
        if what in ("form", "form_string"):
            file = form_part(value, literal=what == "form_string")[1]
            self.fields.append((value, what == "form_string"))
            self.files += [file] if file is not None else []
            return
        if what == "json":
            self.json = True
        if what == "data_urlencode":
            value = self.urlencoded(value)
        elif what != "data_raw" and value == "@-" and self.fed is not None:
            value = re.sub(r"[\r\n\0]", "", self.fed) if what == "data" else self.fed
        elif what != "data_raw" and value.startswith("@"):
            self.files.append(value[1:])
            value = ""
        if self.text is None:
            self.text = value
        else:
            # a further --json is joined as it is, everything else as one more member of a form
            self.text += value if what == "json" else f"&{value}"

    def urlencoded(self, value: str) -> str:
        """Return a value as --data-urlencode sends it: only what stands behind the first `=` is encoded."""
        name, equals, text = value.partition("=")
        if equals:
            return f"{name}={_escaped(text)}" if name else _escaped(text)
        name, at, file = value.partition("@")
        if at and file == "-" and self.fed is not None:
            return f"{name}={_escaped(self.fed)}" if name else _escaped(self.fed)
        if at:
            self.files.append(file)
            return f"{name}=" if name else ""
        return _escaped(value)

    def bytes(self, content_type: str | None = None, *, escaped: bool = False) -> bytes | None:
        """Return the body as bytes, None where there is none; a form of another `content_type` than curl's own has other parts.

        `escaped`: as of `form_part`.
        """
        if self.fields:
            own = content_type is None or content_type.lower().startswith("multipart/form-data")
            disposition = "form-data" if own else "attachment"
            parts = [form_part(value, literal=literal, disposition=disposition, escaped=escaped) for value, literal in self.fields]
            closed = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part, _ in parts)
            return f"{closed}--{BOUNDARY}--\r\n".encode("utf-8", "surrogateescape")
        return None if self.text is None else self.text.encode("utf-8", "surrogateescape")

    @property
    def content_type(self) -> str:
        """The Content-Type curl adds by itself."""
        if self.fields:
            return f"multipart/form-data; boundary={BOUNDARY}"
        return "application/json" if self.json else "application/x-www-form-urlencoded"


def _escaped(text: str) -> str:
    return quote_plus(text, safe="~", errors="surrogateescape")
