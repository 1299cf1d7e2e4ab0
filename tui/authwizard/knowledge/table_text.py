"""The text of a table of this package, wherever the package is installed (a folder, or an archive)."""

from __future__ import annotations

import pkgutil


def table_text(name: str) -> str:
    """Return the text of `<name>.toml`; raises FileNotFoundError where there is none."""
    data = pkgutil.get_data(__package__, f"{name}.toml")
    assert data is not None, "every loader that can load this module can load its neighbours"
    return data.decode("utf-8")
