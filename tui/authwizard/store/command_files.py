"""What does a command of a profile run, and is that still what was agreed to? (DESIGN 5.4)

Looked at are the program, as PATH finds it now, and every file that the command's words name, since `sh get.sh` runs get.sh: the place of
each, and the SHA-256 of its content. A file whose device, inode, size and times are those of the agreement is not read again.

What stays open: what a program starts or loads by itself (the interpreter of a script's first line, libraries, modules, its settings) is not
looked at; and between this look, which comes right before the start, and the start itself a few milliseconds pass.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from authwizard.model.errors import StoreError
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe_line

READERS = frozenset({"age", "base64", "cat", "gpg", "gpg2", "head", "jq", "tail"})
"""Programs that read the files they are given and run nothing of them: such a file changes whenever the secret in it is replaced."""
_OBEYED = late_pattern(r"--opt[a-z]*(=.*)?|--from-file(=.*)?|-[A-Za-z]*f")
"""Arguments by which a reader does what a file says after all: gpg may start a program that its options name, jq runs a filter."""
_YOUNG_SECONDS = 2.0
"""A file changed so shortly before it was read may change once more without its times telling (as in git's index, racy-git)."""
_BLOCK = 1024 * 1024
_hashed: dict[tuple[int, ...], str] = {}
"""What this process has read already, by device, inode, size and times."""


@dataclass(frozen=True)
class FileSeen:
    """One file: where it was found, the SHA-256 of its content ("" where it may be run but not read), and what its unchanged entry shows."""

    path: str
    sha256: str
    signature: tuple[int, ...] = ()
    """Device, inode, size and times; () where these cannot vouch for the content."""

    def is_like(self, other: FileSeen) -> bool:
        """Tell whether the content is the same."""
        return self.sha256 == other.sha256 if self.sha256 else bool(self.signature) and self.signature == other.signature


@dataclass(frozen=True)
class CommandSeen:
    """What a command would run: its program (None = not found), and the files its words name, by word."""

    program: FileSeen | None
    files: Mapping[str, FileSeen] = field(default_factory=dict)

    def as_object(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return {"program": _object(self.program), "files": {word: _object(seen) for word, seen in self.files.items()}}


def seen_of(value: object) -> CommandSeen | None:
    """Return what `as_object` wrote; None where it is nothing of the kind."""
    try:
        assert isinstance(value, dict)
        files = {str(word): _file_of(each) for word, each in value["files"].items()}
        return CommandSeen(None if value["program"] is None else _file_of(value["program"]), files)
    except (AssertionError, KeyError, TypeError, ValueError, AttributeError):
        return None


def look(command: tuple[str, ...], base: Path, known: CommandSeen | None = None) -> CommandSeen:
    """Look at what a command would run now; it is started in `base`. A file that is still as `known` has it is not read again."""
    before = {seen.signature: seen.sha256 for seen in _all(known) if seen.signature}
    program = program_path(command[0], base)
    found = CommandSeen(_look(program, before) if program else None)
    if _only_reads(command):
        return found
    named = {word: base.absolute() / os.path.expandvars(os.path.expanduser(word)) for word in _words(command[1:])}
    files = {word: _look(path, before) for word, path in named.items() if _is_file(path)}
    return CommandSeen(found.program, {word: seen for word, seen in files.items() if seen is not None})


def _only_reads(command: tuple[str, ...]) -> bool:
    """Tell whether a command does nothing but read the files it names; a program beside the profiles file may be anything of that name."""
    name = Path(command[0])
    beside = "/" in command[0] and not name.is_absolute()
    return name.name.removesuffix(".exe") in READERS and not beside and not any(map(_OBEYED.fullmatch, command[1:]))


def change(agreed: CommandSeen, now: CommandSeen) -> str:
    """Say what is not as it was agreed to, in one sentence; "" where nothing is."""
    if now.program is not None:
        if agreed.program is None:
            return f"The program is {_shown(now.program)} now; it was not installed when you agreed."
        if agreed.program.path != now.program.path:
            return f"The program is {_shown(now.program)} now; you agreed to {_shown(agreed.program)}."
        if not agreed.program.is_like(now.program):
            return f"{_shown(now.program)} has changed since you agreed to it."
    for word in dict.fromkeys((*agreed.files, *now.files)):
        was, is_now = agreed.files.get(word), now.files.get(word)
        if was is None:
            return f"{safe_line(word, 200)} is a file now; it was none when you agreed."
        if is_now is None:
            return f"{_shown(was)}, which you agreed to, is not there any more."
        if was.path != is_now.path or not was.is_like(is_now):
            return f"{_shown(is_now)} has changed since you agreed to it."
    return ""


def still_agreed(command: tuple[str, ...], base: Path, agreed: CommandSeen, profile: str) -> Path | None:
    """Return the program to start, None where there is none. Raises StoreError where the command would run something else than agreed to."""
    now = look(command, base, agreed)
    why = change(agreed, now)
    if why:
        raise StoreError(f"{why} The command runs again once that was agreed to: authwizard profile trust {profile}")
    return Path(now.program.path) if now.program else None


def program_path(name: str, base: Path) -> Path | None:
    """Return the file a command's first word starts, as the system looks for it; None where there is none."""
    if os.name != "posix":
        import shutil

        found = shutil.which(name)
        return Path(found) if found else None
    # the words of PATH, too, may start where the command does
    folders = ["."] if "/" in name else os.get_exec_path()
    for folder in folders:
        path = base.absolute() / folder / name
        if _is_file(path) and os.access(path, os.X_OK):
            return path
    return None


def _words(arguments: tuple[str, ...]) -> Iterator[str]:
    """Return each text in a command's arguments that may name a file: `x`, `--option=x`, `@x`, and the words of `sh -c "x y"`."""
    for argument in arguments:
        texts = [argument]
        if re.search(r"\s|[;|&<>()]", argument):
            words = shlex.shlex(argument, posix=True, punctuation_chars=True)
            words.whitespace_split = True  # and at punctuation
            try:
                texts += words
            except ValueError:  # a quotation that does not end: the words as they stand
                texts += argument.split()
        for text in texts:
            yield from (word for word in (text, text.partition("=")[2], text.removeprefix("@")) if word and "\0" not in word)


def _look(path: Path, before: Mapping[tuple[int, ...], str]) -> FileSeen | None:
    """Read a file, unless its entry is that of one that was read before; None where it went away meanwhile."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    except OSError:
        return FileSeen(str(path), "", _signature(path.stat()))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        signature = _signature(about)
        known = before.get(signature) or _hashed.get(signature)
        if known is None:
            known = _hash(file, about.st_size)
            if time.time() - max(about.st_mtime, about.st_ctime) < _YOUNG_SECONDS:
                return FileSeen(str(path), known)
            _hashed[signature] = known
    return FileSeen(str(path), known, signature)


def _hash(file: Any, size: int) -> str:
    """Hash no more than the size that the file had, so that one without an end has one."""
    found = hashlib.sha256()
    while size > 0 and (block := file.read(min(size, _BLOCK))):
        found.update(block)
        size -= len(block)
    return found.hexdigest()


def _signature(about: os.stat_result) -> tuple[int, ...]:
    return (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _all(seen: CommandSeen | None) -> Iterator[FileSeen]:
    if seen is not None:
        yield from seen.files.values()
        if seen.program is not None:
            yield seen.program


def _object(seen: FileSeen | None) -> dict[str, Any] | None:
    return None if seen is None else {"path": seen.path, "sha256": seen.sha256, "signature": list(seen.signature)}


def _file_of(value: Mapping[str, Any]) -> FileSeen:
    return FileSeen(str(value["path"]), str(value["sha256"]), tuple(int(number) for number in value["signature"]))


def _shown(seen: FileSeen) -> str:
    return safe_line(seen.path, 200)
