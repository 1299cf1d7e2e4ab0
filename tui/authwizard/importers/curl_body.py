"""What body do curl's -d and -F options make, and what do they make of a query? (curl's manual page; measured with 7.88.1)"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote_plus

BOUNDARY = "------------------------authwizard000000"
"""Stands for the random boundary curl makes for each form."""
_FORM_TYPES = re.compile(r";\s*(type|filename|headers|encoder)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;]*)", re.IGNORECASE)


@dataclass
class Body:
    """What the data options have said so far. `files` are those that curl would read, which nobody else can."""

    text: str | None = None
    fields: list[str] = field(default_factory=list)
    json: bool = False
    files: list[str] = field(default_factory=list)

    def take(self, what: str, value: str) -> None:
        """Take one data option (`data`, `data_raw`, `data_binary`, `data_urlencode`, `json`, `form`, `form_string`)."""
        if what in ("form", "form_string"):
            self.fields.append(self._form_field(value, literal=what == "form_string"))
            return
        if what == "json":
            self.json = True
        if what == "data_urlencode":
            value = self.urlencoded(value)
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
        if at:
            self.files.append(file)
            return f"{name}=" if name else ""
        return _escaped(value)

    def bytes(self) -> bytes | None:
        """Return the body as bytes, None where there is none."""
        if self.fields:
            closed = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in self.fields)
            return f"{closed}--{BOUNDARY}--\r\n".encode("utf-8", "surrogateescape")
        return None if self.text is None else self.text.encode("utf-8", "surrogateescape")

    @property
    def content_type(self) -> str:
        """The Content-Type curl adds by itself."""
        if self.fields:
            return f"multipart/form-data; boundary={BOUNDARY}"
        return "application/json" if self.json else "application/x-www-form-urlencoded"

    def _form_field(self, value: str, *, literal: bool) -> str:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise ValueError("A form field (-F) has no name and value.")
        head = f'Content-Disposition: form-data; name="{name}"'
        if literal:
            return f"{head}\r\n\r\n{text}"
        said = {match[1].lower(): match[2].strip().strip('"') for match in _FORM_TYPES.finditer(text)}
        plain = _FORM_TYPES.sub("", text)
        if plain.startswith(("@", "<")):
            self.files.append(plain[1:].strip('"'))
            if plain.startswith("@"):
                head += f'; filename="{said.get("filename") or plain[1:].strip(chr(34)).rsplit("/", 1)[-1]}"'
            plain = ""
        elif len(plain) >= 2 and plain[0] == plain[-1] == '"':
            plain = re.sub(r"\\(.)", r"\1", plain[1:-1])
        kind = f"\r\nContent-Type: {said['type']}" if said.get("type") else ""
        return f"{head}{kind}\r\n\r\n{plain}"


def _escaped(text: str) -> str:
    return quote_plus(text, safe="~", errors="surrogateescape")
