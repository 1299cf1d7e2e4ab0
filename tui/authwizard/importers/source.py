"""Which of the documents that make a profile is this text? Told from its shape, since nobody wants to be asked for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from authwizard.importers.curl import is_curl
from authwizard.importers.documents import document
from authwizard.model.late_pattern import late_pattern

EXPORT, ENVIRONMENT = "export", "postman-environment"
"""Besides the formats of `profiles.SOURCES`: a profile that somebody exported, and a Postman environment (which makes none by itself)."""
TAKEN = "a curl command, a .env file, a HAR file, a Postman collection, an OpenAPI document, or a profile exported by authwizard"
HEAD = 64 * 1024
"""Characters at the beginning in which a text that is no JSON tells what it is."""
_HAR = late_pattern(r'\{\s*"log"\s*:')
_PROFILE = late_pattern(r"^[ \t]*\[+[ \t]*profile[ \t]*\.", re.MULTILINE)
_DESCRIPTION = late_pattern(r"""^["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_COLLECTION = late_pattern(r"^info:\s*\n(?:[ \t].*\n)*?[ \t]+(?:_postman_id|schema: *[\"']?https?://schema\.getpostman\.com)", re.MULTILINE)
"""A Postman collection that somebody keeps as YAML."""
_VARIABLE = late_pattern(r"^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=", re.MULTILINE)
_SENT = late_pattern(r"^(?:> )?[A-Z]{3,7} \S+ HTTP/[123]", re.MULTILINE)
"""A request line, as `curl -v` shows what it sent."""


def source_of(text: str) -> str:
    """Return which format a text is in: one of `profiles.SOURCES`, EXPORT or ENVIRONMENT; raises ValueError where it is none."""
    stripped = text.strip().lstrip("\ufeff").strip()
    if not stripped:
        raise ValueError(f"There is nothing in it. Give {TAKEN}.")
    if "\0" in text[:HEAD]:
        raise ValueError(f"This is no text. Give {TAKEN}.")
    if is_curl(stripped):
        return "curl"
    if stripped[:2] in ("* ", "> ", "< ") and _SENT.search(stripped[:HEAD]):
        return "curl"
    if _HAR.match(stripped):
        return "har"
    if stripped.startswith("{"):
        return _of_object(document(stripped))
    head = stripped[:HEAD]
    if _PROFILE.search(head):
        return EXPORT
    if _COLLECTION.search(head):
        return _of_object(document(stripped))
    if _DESCRIPTION.search(stripped):  # a sorted description has its components before it
        return "openapi"
    if _VARIABLE.search(head):
        return "dotenv"
    raise ValueError(f"This was not recognised. Give {TAKEN}.")


def _of_object(whole: object) -> str:
    members = whole if isinstance(whole, Mapping) else {}
    inner = members.get("collection")
    holder = inner if isinstance(inner, Mapping) else members
    if isinstance(members.get("log"), Mapping):
        return "har"
    if "openapi" in members or "swagger" in members:
        return "openapi"
    if isinstance(holder.get("item"), list) or (isinstance(holder.get("requests"), list) and holder.keys() & {"order", "folders", "id"}):
        return "postman"
    inner = members.get("environment")
    if isinstance((inner if isinstance(inner, Mapping) else members).get("values"), list):
        return ENVIRONMENT
    raise ValueError(f"This is JSON, but neither a HAR file, nor a Postman collection, nor an OpenAPI document. Give {TAKEN}.")
