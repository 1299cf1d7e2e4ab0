"""Which values do the files beside a program hold: `.env` files, compose files and what they name, `.curlrc`? (I-06, S7-04)

Read as simply as shells, Docker and curl agree on; what a file holds is compared in memory and never kept.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

FILE_LIMIT = 256 << 10
ENV_FILES = (".env", ".env.local", ".env.development", ".env.staging", ".env.production", ".env.test")
COMPOSE_FILES = (
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", "compose.override.yaml", "docker-compose.override.yml",
)  # fmt: skip
MOST_NAMED = 10
"""Files that a compose file may name as `env_file` and that are read."""
_ASSIGNMENT = late_pattern(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_IN_COMPOSE = late_pattern(r"""\s*(?:-\s*)?["']?([A-Za-z_][A-Za-z0-9_]*)["']?\s*(?:=|:\s)(.*)""")
_ENV_FILE = late_pattern(r"""^(\s*)env_file:(.*)""")
_ITEM = late_pattern(r"""^\s*-\s*(?:path:\s*)?["']?([^"'#\s]+)["']?\s*$""")
_CURL_OPTION = late_pattern(r"\s*(-{0,2}[A-Za-z0-9][A-Za-z0-9-]*)(.*)")
_LONG = {"-H": "header", "-n": "netrc", "-u": "user", "-x": "proxy", "-b": "cookie", "-A": "user-agent", "-k": "insecure", "-L": "location"}
_TELLING = frozenset(
    {"header", "netrc", "netrc-optional", "netrc-file", "user", "proxy", "cookie", "user-agent", "insecure", "location", "location-trusted",
     "oauth2-bearer", "digest", "ntlm", "negotiate", "anyauth", "basic", "aws-sigv4", "resolve", "connect-to", "cert", "request", "data"}
)  # fmt: skip
"""Options of curl that change what is sent, or where."""


@dataclass(frozen=True, repr=False)
class Assignment:
    """A name, its value, and where it stands ("" = a variable of this process)."""

    name: str
    value: str
    place: str = ""
    quoted: bool = False
    """Quotes stand around the value: most readers take them off, `docker run --env-file` does not."""
    carriage_return: bool = False
    """The line ends as on Windows, and some readers keep the carriage return as part of the value."""

    @property
    def where(self) -> str:
        """What a person calls the place."""
        return f"{self.name} in {self.place}" if self.place else self.name


@dataclass(frozen=True)
class CurlConfig:
    """What .curlrc changes: option names, and the Authorization value it sends (secret)."""

    path: str = ""
    options: tuple[str, ...] = ()
    authorization: str = field(default="", repr=False)

    @property
    def uses_netrc(self) -> bool:
        """Whether it makes curl read a netrc file."""
        return any(option.startswith("netrc") for option in self.options)


def assignments(directory: str, profile: str) -> tuple[tuple[Assignment, ...], tuple[str, ...]]:
    """Return what the `.env` and compose files of a directory assign, and the names of the files that were read."""
    if not directory:
        return (), ()
    base = Path(directory)
    found: list[Assignment] = []
    read: list[str] = []
    named: list[str] = []
    for name in COMPOSE_FILES:
        text = read_text(base / name)
        if text is not None:
            read.append(name)
            found += _in_compose(text, name)
            named += _env_files(text)
    for name in dict.fromkeys((*ENV_FILES, f".env.{profile}", *named[:MOST_NAMED])):
        text = read_text(base / name) if _plain(name) else None
        if text is not None:
            read.append(name)
            found += in_env_file(text, name)
    return tuple(found), tuple(read)


def read_text(path: Path) -> str | None:
    """Return the beginning of a file, None where it cannot be read or is no regular file (a pipe would be waited for)."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(FILE_LIMIT).decode("utf-8", "replace")
    except OSError:
        return None


def in_env_file(text: str, place: str) -> Iterator[Assignment]:
    """Yield the assignments of a `.env` file."""
    for line in text.lstrip("\ufeff").split("\n"):
        match = _ASSIGNMENT.match(line.rstrip("\r"))
        raw = match[2].strip() if match is not None else ""
        if match is not None and raw:
            value = _unquoted(raw)
            yield Assignment(match[1], value, place, quoted=value != raw, carriage_return=line.endswith("\r"))


def curl_config(paths: tuple[Path, ...], shown: Mapping[Path, str]) -> CurlConfig:
    """Return what the first .curlrc that is there changes."""
    for path in paths:
        text = read_text(path)
        if text is not None:
            return _curl_options(text, shown.get(path, path.name))
    return CurlConfig()


def _plain(name: str) -> bool:
    """A file of the directory itself or below it."""
    return bool(name) and not name.startswith(("/", "\\", "~")) and ".." not in Path(name).parts


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value.strip("\"'")


def _in_compose(text: str, place: str) -> Iterator[Assignment]:
    """Every `NAME: value` and `- NAME=value`, but those that only hand on a variable (`${NAME}`)."""
    for line in text.splitlines():
        match = _IN_COMPOSE.match(line)
        value = _unquoted(match[2].strip()).strip() if match is not None else ""
        if match is not None and value and "$" not in value:
            yield Assignment(match[1], value, place)


def _env_files(text: str) -> Iterator[str]:
    """The files named under `env_file`, as one value or as a list."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        match = _ENV_FILE.match(line)
        if match is None:
            continue
        if match[2].strip():
            yield _unquoted(match[2].strip()).removeprefix("./")
            continue
        for item in lines[index + 1 : index + 1 + MOST_NAMED]:
            named = _ITEM.match(item)
            if named is None:
                break
            yield named[1].removeprefix("./")


def _curl_options(text: str, shown: str) -> CurlConfig:
    options: list[str] = []
    authorization = ""
    for line in text.splitlines():
        match = None if line.lstrip().startswith("#") else _CURL_OPTION.match(line)
        name = _LONG.get(match[1], match[1].lstrip("-")) if match is not None else ""
        if match is None or name not in _TELLING:
            continue
        value = _first_word(match[2].strip().lstrip("=:").strip())
        header, _, rest = value.partition(":")
        options.append(f"header {header.strip()}" if name == "header" and header.strip() else name)
        if name == "header" and header.strip().lower() == "authorization":
            authorization = rest.strip()
        elif name == "oauth2-bearer":
            authorization = f"Bearer {value}"
    return CurlConfig(shown, tuple(dict.fromkeys(options)), authorization)


def _first_word(text: str) -> str:
    """The value of an option: quoted it is one word, else the rest of the line."""
    if not text.startswith(('"', "'")):
        return text
    try:
        return next(iter(shlex.split(text)), "")
    except ValueError:
        return text.strip("\"'")
