"""What is wrong with what stands in the profile form? Checked while typing; the store has the last word when it saves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from authwizard.knowledge.profile_templates import TEMPLATES
from authwizard.model.late_pattern import late_pattern
from authwizard.ui.profile_fields import ENDPOINT, ENDPOINTS_HINT, FIELDS

_REFERENCE = late_pattern(r"(?:env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/]+/.+|file:.+|op://.+|vault:.+)\Z")


def problems(values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong, by field key; empty where the form can be saved."""
    found: dict[str, str] = {}
    for field in FIELDS:
        value = values.get(field.key, "").strip()
        if field.required and not value:
            found[field.key] = f"The {field.label} is needed."
        elif value and field.url and (wrong := _wrong_url(value)):
            found[field.key] = wrong
    found |= _wrong_texts(values)
    template = TEMPLATES.get(values.get("template", ""))
    for group in template.wants if template is not None else ():
        if not any(values.get(key, "").strip() for key in group):
            found[group[0]] = f"What you began from ({values['template']}) needs this" + (" or the token URL." if len(group) > 1 else ".")
    return found


def _wrong_url(value: str) -> str:
    if any(c.isspace() for c in value):
        return "An address has no spaces in it."
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not an address: check host and port."
    if parts.scheme not in ("http", "https"):
        return "An address begins with https:// (or http:// for this machine)."
    if not host:
        return "The host is missing after https://."
    if parts.password and "{secret:" not in parts.password:
        return "A password in an address would be saved in clear: write {secret:password} and fill that in."
    return ""


def _wrong_texts(values: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = values.get("name", "").strip()
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        found["name"] = "Letters, digits, dot, dash and underscore only, beginning with a letter or digit."
    for key in ("request", "probe", "whoami"):
        value = values.get(key, "").strip()
        if value and not re.fullmatch(r"[A-Za-z]+ (/|https?://)\S*", value):
            found[key] = "A method, a space and a path, e.g. GET /v2/orders"
    for key in ("leeway_seconds", "timeout_seconds"):
        if not _is_number(values.get(key, ""), allow_zero=key == "leeway_seconds"):
            found[key] = "A number of seconds, e.g. 60."
    if any(":" not in part for part in values.get("headers", "").split(";") if part.strip()):
        found["headers"] = "Name: value, several separated by semicolons."
    for key, value in values.items():
        if key.startswith("ref_") and value.strip() and not _REFERENCE.match(value.strip()):
            found[key] = "env:NAME, file:PATH, keyring:SERVICE/USER, op://... or vault:...; a secret itself goes in the masked field."
    wrong = next((line for line in values.get("endpoints", "").splitlines() if line.strip() and not ENDPOINT.match(line.strip())), None)
    if wrong is not None:
        found["endpoints"] = f"Not understood: {wrong.strip()[:40]}. " + ENDPOINTS_HINT
    return found


def _is_number(value: str, *, allow_zero: bool) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return (number >= 0 if allow_zero else number > 0) and number < 86_400
