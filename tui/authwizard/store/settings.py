"""Which choices of the user are written in `settings.toml`?"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from authwizard.model.errors import ConfigError
from authwizard.model.frozen import dataclass
from authwizard.protocol.clean import safe_line
from authwizard.store.keyring_backends import ALLOWED
from authwizard.store.paths import config_dir
from authwizard.store.profile_errors import BadField, config_error, did_you_mean, shown_key
from authwizard.store.profiles import decoded, parse_toml
from authwizard.store.toml_lines import locate
from authwizard.store.typed import Reader


@dataclass(frozen=True)
class Settings:
    """The user's choices. `store` "" = not chosen yet; `keyring_backend` = the class that holds the secrets, "" = the best one."""

    store: Literal["", "keyring", "file", "memory", "references"] = ""
    keyring_backend: str = ""


def load_settings(path: Path | None = None) -> Settings:
    """Read `settings.toml` (the configuration directory's unless `path`); defaults where there is none. Raises ConfigError."""
    path = path or config_dir() / "settings.toml"
    source = safe_line(str(path))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as exc:
        raise ConfigError(f"{source} cannot be read: {exc.strerror}.") from None
    text = decoded(data, source)
    try:
        return _checked(Reader(_unknown).build(Settings, parse_toml(text, source), ()))
    except BadField as exc:
        raise config_error(source, locate(text), exc.problem) from None


def _checked(settings: Settings) -> Settings:
    if settings.keyring_backend and settings.keyring_backend.rpartition(".")[0] not in ALLOWED:
        raise BadField(("keyring_backend",), f"must be a class of {', '.join(ALLOWED)}")
    return settings


def _unknown(_: type, key: str) -> str:
    return f"{shown_key(key)} is not a setting{did_you_mean(key, ('store', 'keyring_backend'))}"
