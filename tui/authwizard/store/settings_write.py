"""How is a choice of the user written to `settings.toml`, with all else in it left as it is?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from authwizard.model.errors import ConfigError
from authwizard.protocol.clean import safe_line
from authwizard.store.paths import config_dir, locked, private_dir, write_private
from authwizard.store.settings import load_settings

Choice = Literal["keyring", "file", "memory", "references"]


def pin_store(choice: Choice, path: Path | None = None) -> Path:
    """Write which store is used, and return the file. Raises ConfigError, StoreError; the file is then as it was."""
    import tomlkit

    path = path or config_dir() / "settings.toml"
    private_dir(path.parent)
    real = Path(os.path.realpath(path))
    with locked(real):
        if load_settings(real).store == choice:
            return path
        try:
            data, like = real.read_bytes(), real.stat()
        except FileNotFoundError:
            data, like = b"", None
        except OSError as error:
            raise ConfigError(f"{safe_line(str(path))} cannot be read: {error.strerror}.") from None
        document = tomlkit.parse(data.decode("utf-8-sig"))
        document["store"] = choice
        write_private(real, tomlkit.dumps(document).encode(), like=like)
    return path
