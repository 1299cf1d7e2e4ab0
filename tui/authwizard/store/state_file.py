"""How does authwizard remember something between runs? Small JSON files in the state directory, mode 0600, never a secret."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from authwizard.model.errors import StoreError
from authwizard.store.paths import locked, own_state_dir, sweep, write_private

VERSION = 1
MAX_BYTES = 4 * 1024 * 1024


class StateFile:
    """One JSON object on disk. `lost` says in a few words what is forgotten when the file is deleted."""

    def __init__(self, name: str, lost: str) -> None:
        self._name = name
        self._lost = lost

    @property
    def path(self) -> Path:
        """The file's place (the state directory is made where it does not exist). Raises StoreError."""
        return own_state_dir() / self._name

    def read(self) -> dict[str, Any]:
        """Return what is remembered; {} where nothing is. Raises StoreError where the file is damaged."""
        path = own_state_dir(make=False) / self._name
        try:
            data = json.loads(_bytes(path))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as exc:
            raise StoreError(f"{path} cannot be read: {exc.strerror}.") from None
        except (ValueError, RecursionError):
            raise self._damaged(path) from None
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise self._damaged(path)
        return data

    def change(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Read, change and write the object while no other authwizard does. Raises StoreError."""
        path = self.path
        with locked(path):
            data = self.read()
            change(data)
            data["version"] = VERSION
            write_private(path, json.dumps(data, indent=1, sort_keys=True).encode())
            sweep(path)

    def table(self, *keys: str) -> dict[str, Any]:
        """Return a nested object of what is remembered; {} where there is none. Raises StoreError."""
        found: Any = self.read()
        for key in keys:
            found = found.get(key, {}) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise self._damaged(self.path)
        return found

    def _damaged(self, path: Path) -> StoreError:
        return StoreError(f"{path} is damaged. Delete it; what is lost with it: {self._lost}.")


def _bytes(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(errno.EFBIG, "it is far larger than authwizard ever writes it")
    return data
