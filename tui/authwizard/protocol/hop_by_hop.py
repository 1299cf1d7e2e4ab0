"""Which header fields does a request declare to be for the next hop alone (RFC 9110 7.6.1)?"""

from __future__ import annotations

from collections.abc import Mapping


def connection_options(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options of a request's Connection fields, lower case: names of fields that the next hop takes out."""
    values = [value for name, value in headers.items() if name.lower() == "connection"]
    return tuple(option.strip().lower() for value in values for option in value.split(",") if option.strip())


def lists_header(headers: Mapping[str, str], name: str) -> bool:
    """Whether the Connection field names a header, so that proxies remove that header before they pass the request on."""
    return name.lower() in connection_options(headers)
