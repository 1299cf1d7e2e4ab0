"""May this profile's secrets go where it says? (DESIGN 5.4: secrets are bound to origins.)

A person agrees to a profile once. The agreement is a hash over the references, the places their secrets go to, the origins, the proxy,
the ca_bundle and the client certificate, what each of its commands runs (`command_files`), and the file that each `file:` leads to: a link
put in the place of a harmless file names the same path. It lies in the state directory under the profile's file and name. What changed
outside the wizard has to be agreed to again. A secret in the store is bound by itself to the places it was saved for, whichever file names
the profile.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import time
from pathlib import Path
from typing import Any

from authwizard.model.errors import StoreError, TrustError
from authwizard.model.frozen import dataclass
from authwizard.model.profile import SECRET_FIELDS, Profile, Reference, host_header, origin_of
from authwizard.protocol.clean import safe_line
from authwizard.store import command_files, command_reference, file_reference
from authwizard.store.command_files import CommandSeen
from authwizard.store.paths import profiles_path
from authwizard.store.profile_literals import PLACEHOLDER
from authwizard.store.references import reference_text
from authwizard.store.state import remember_bound, stored_secrets
from authwizard.store.state_file import StateFile

_FILE = StateFile("trust.json", "which profiles were agreed to (you will be asked again)")
AS_FIELDS = frozenset({"client_secret", "private_key", "refresh_token"})
"""Secrets that go to the authorization server; all others go to the API."""
_STORED = "the stored secret"


@dataclass(frozen=True)
class TrustItem:
    """One thing to agree to: a reference (or the store's secret) of a field, and the host it would go to."""

    field: str
    reference: str
    host: str
    changed: str = ""
    """What a command runs, or a file leads to, that is not what was agreed to or does not show in the reference, as a sentence."""


def api_origins(profile: Profile) -> tuple[str, ...]:
    """Return the origins that may get the API's credential, sorted: those of the addresses, and the one that a Host header names."""
    found, host = set(profile.own_origins), host_header(profile)
    named = origin_of(f"{profile.base_url.strip().partition('://')[0]}://{host}")
    if host and not any(named.rpartition(":")[0] == own.rpartition(":")[0] for own in found):
        found.add(named or safe_line(host))
    return tuple(sorted(found))


def server_origins(profile: Profile) -> tuple[str, ...]:
    """Return the origins that may get the authorization server's credentials, sorted."""
    return tuple(sorted(profile.auth_origins))


def destinations(profile: Profile, field: str) -> tuple[str, ...]:
    """Return the origins a secret would be sent to: by its field, and by every place that writes it {secret:FIELD}."""
    oauth = profile.oauth
    found: set[str] = set(server_origins(profile) if field in AS_FIELDS else api_origins(profile))
    if field not in AS_FIELDS:
        # userinfo at the authorization server is asked with the API's credential (S3-17)
        found |= {origin_of(profile.url_of(_target(profile.whoami)))} & set(server_origins(profile)) if profile.whoami else set()
    if field in ("access_token", "authorization") and oauth:
        found |= {origin_of(oauth.introspection_url or oauth.issuer), origin_of(oauth.revocation_url)}
    texts = (profile.base_url, profile.origin_url, profile.request, profile.probe, profile.whoami, *profile.headers.values())
    if any(field in PLACEHOLDER.findall(text) for text in (*texts, *(row.request for row in profile.endpoints))):
        found |= set(api_origins(profile))
    if field in PLACEHOLDER.findall(profile.network.proxy):
        found.add(origin_of(profile.network.proxy))
    if oauth:
        urls = (oauth.token_url, oauth.jwks_url, oauth.introspection_url, oauth.revocation_url)
        found |= {origin_of(url) for url in urls if field in PLACEHOLDER.findall(url)}
    return tuple(sorted(found - {""}))


def binding(profile: Profile, field: str) -> dict[str, Any]:
    """Return what a stored secret is bound to: where it goes, and through what."""
    return {
        "origins": list(destinations(profile, field)),
        "proxy": profile.network.proxy,
        "ca_bundle": profile.network.ca_bundle,
    }


def needs_trust(profile: Profile, source: Path | None) -> list[TrustItem]:
    """Return what has to be agreed to before a run with a profile of the file `source`; [] = nothing.

    `source` is None for a profile that exists in memory only (pasted, practice platform): the user has just typed it.
    Raises StoreError where the state directory cannot be used.
    """
    if source is None:
        return []
    changed = _changed_files(profile, source) | _changed_commands(profile, source)
    if _is_as_agreed(profile, source):
        return [_item(profile, field, why) for field, why in changed.items()]
    moved, leads = _moved(profile, source), _leading_elsewhere(profile, source)
    items = [_item(profile, field, moved.get(field) or changed.get(field) or leads.get(field, "")) for field in profile.secrets]
    if profile.network.client_cert:
        everywhere = tuple(sorted({*api_origins(profile), *server_origins(profile)}))
        items.append(TrustItem("client_cert", safe_line(f"file:{profile.network.client_cert}"), _hosts(everywhere)))
    for field, stored in stored_secrets(profile.name).items():
        if field not in profile.secrets and stored.binding != binding(profile, field):
            items.append(TrustItem(field, _STORED, _hosts(destinations(profile, field))))
    if items or stored_secrets(profile.name):
        items += way_items(profile)
    return items


def is_trusted(profile: Profile, source: Path | None) -> bool:
    """Tell whether a profile as it is now was agreed to. Raises StoreError."""
    if source is None:
        return True
    return _is_as_agreed(profile, source) and not _changed_commands(profile, source) and not _changed_files(profile, source)


def trust(profile: Profile, source: Path, *, edited: bool = False) -> None:
    """Remember that a profile was agreed to as it is now: after the list was shown, and when the wizard saves it.

    Its stored secrets are bound to where they go now. `edited`: its settings were looked at, its commands and files were not, so what these
    run and where those lead stays what was agreed to before. Raises StoreError.
    """
    known = agreed_commands(profile, source) if edited else {}
    files = _files(profile, source) | ({field: path for field, (path, _) in _agreed_files(profile, source).items()} if edited else {})
    written = {field: [profile.secrets[field].ref, path] for field, path in files.items()}
    seen = {**commands_now(profile, source), **known}
    commands = {field: {"command": list(command), **seen[field].as_object()} for field, command in _commands(profile).items()}

    def change(data: dict[str, Any]) -> None:
        of_file = data.setdefault("agreed", {}).setdefault(_key(source), {})
        of_file[profile.name] = {
            "hash": trust_hash(profile), "at": int(time.time()), "commands": commands, "files": written, "folder": _folder(source),
        }  # fmt: skip

    _FILE.change(change)
    bound = {field: binding(profile, field) for field in stored_secrets(profile.name)}
    if bound:
        remember_bound(profile.name, bound)


def commands_now(profile: Profile, source: Path) -> dict[str, CommandSeen]:
    """Return what the commands of a profile run now, by field."""
    known = agreed_commands(profile, source)
    return {field: command_files.look(command, source.parent, known.get(field)) for field, command in _commands(profile).items()}


def agreed_commands(profile: Profile, source: Path) -> dict[str, CommandSeen]:
    """Return what was agreed that the commands of a profile run, by field; one that was written otherwise then is left out. Raises StoreError."""
    kept = _agreed(source, profile.name).get("commands")
    found: dict[str, CommandSeen] = {}
    for field, command in _commands(profile).items():
        row = kept.get(field) if isinstance(kept, dict) else None
        seen = command_files.seen_of(row) if isinstance(row, dict) and row.get("command") == list(command) else None
        if seen is not None:
            found[field] = seen
    return found


def files_with(name: str) -> tuple[Path, ...]:
    """Return the profiles files of which a profile of this name was agreed to. Raises StoreError."""
    return tuple(Path(key) for key, of_file in _FILE.table("agreed").items() if isinstance(of_file, dict) and name in of_file)


def stale_fields(profile: Profile, source: Path) -> tuple[str, ...]:
    """Return the secrets that the store has under a new profile's name for other hosts: no agreement covers them. Raises StoreError."""
    return tuple(item.field for item in needs_trust(profile, source) if item.reference == _STORED)


def forget_trust(name: str, source: Path) -> None:
    """Forget an agreement, as when a profile is removed. Raises StoreError."""
    if name in _FILE.table("agreed", _key(source)):
        _FILE.change(lambda data: data["agreed"][_key(source)].pop(name, None))


def rename_trust(old: str, new: str, source: Path) -> None:
    """Keep an agreement under a profile's new name: what was agreed to does not depend on it. One that is there stays. Raises StoreError."""

    def change(data: dict[str, Any]) -> None:
        of_file = data.setdefault("agreed", {}).setdefault(_key(source), {})
        if old in of_file:
            of_file.setdefault(new, of_file.pop(old))

    _FILE.change(change)


def trust_command(profile: Profile, source: Path) -> str:
    """Return the command that shows what a profile would read and send, and takes the agreement."""
    file = "" if source.resolve() == profiles_path().resolve() else f" --config {shlex.quote(safe_line(str(source), 200))}"
    return f"authwizard profile trust {safe_line(profile.name)}{file}"


def trust_error(profile: Profile, items: list[TrustItem], source: Path) -> TrustError:
    """Word the refusal: each reference with the host it would go to, and the two ways to agree."""
    lines = "\n".join(
        f"  {item.reference} ({item.field}) -> {item.host}" + (f"\n    {item.changed}" if item.changed else "") for item in items
    )
    return TrustError(
        f"Profile {safe_line(profile.name)} has not been agreed to as it is now. It would read and send:\n{lines}\n"
        f"If that is right, run: {trust_command(profile, source)} (or add --trust for this run only)."
    )


def trust_hash(profile: Profile) -> str:
    """Return the hash that an agreement is about."""
    about = {
        "secrets": {field: [_written(reference), destinations(profile, field)] for field, reference in profile.secrets.items()},
        "stored": {field: destinations(profile, field) for field in SECRET_FIELDS if field not in profile.secrets},
        "origins": [api_origins(profile), server_origins(profile)],
        "proxy": profile.network.proxy,
        "ca_bundle": profile.network.ca_bundle,
        "client_cert": profile.network.client_cert,
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _target(request: str) -> str:
    word, _, rest = request.strip().partition(" ")
    return rest.strip() if rest and word.isalpha() else request.strip()


def _written(reference: Reference) -> list[str]:
    return ["cmd", *reference.cmd] if reference.cmd else [reference.ref]


def _item(profile: Profile, field: str, changed: str) -> TrustItem:
    return TrustItem(field, reference_text(profile.secrets[field]), _hosts(destinations(profile, field)), changed)


def way_items(profile: Profile) -> list[TrustItem]:
    """Return who else would see everything: a proxy of the profile's own, and who vouches for servers instead of this machine's list."""
    found = []
    if profile.network.proxy not in ("env", "none"):
        found.append(TrustItem("proxy", "the whole traffic", f"the proxy {_proxy(profile.network.proxy)}"))
    if profile.network.ca_bundle:
        bundle = safe_line(profile.network.ca_bundle)
        found.append(TrustItem("ca_bundle", "trust in servers", f"those that {bundle} vouches for, not this machine's own list"))
    return found


def _files(profile: Profile, source: Path) -> dict[str, str]:
    """Return the files that references lead to now, links followed, by field."""
    found = {}
    for field, reference in profile.secrets.items():
        if reference.scheme == "file":
            try:
                found[field] = os.path.realpath(file_reference.located(reference.ref.partition(":")[2], source.parent))
            except (StoreError, OSError, ValueError):
                found[field] = ""  # what cannot be located is not read either
    return found


def _agreed_files(profile: Profile, source: Path) -> dict[str, tuple[str, str]]:
    """Return the files that was agreed references lead to, by field, with where they lead now; one written otherwise then is left out."""
    kept, now = _agreed(source, profile.name).get("files"), _files(profile, source)
    rows = {field: kept.get(field) for field in now} if isinstance(kept, dict) else {}
    return {
        field: (str(row[1]), now[field])
        for field, row in rows.items()
        if isinstance(row, list) and len(row) == 2 and row[0] == profile.secrets[field].ref
    }


def _changed_files(profile: Profile, source: Path) -> dict[str, str]:
    """Return which files do not lie where was agreed to, by field, each with where they do."""
    return {
        field: f"It leads to {safe_line(now, 200)} now; you agreed to {safe_line(agreed, 200)}."
        for field, (agreed, now) in _agreed_files(profile, source).items()
        if now != agreed
    }


def _leading_elsewhere(profile: Profile, source: Path) -> dict[str, str]:
    """Return which files are somewhere else than their references say, since a link is on the way."""
    found = {}
    for field, real in _files(profile, source).items():
        written = Path(profile.secrets[field].ref.partition(":")[2])
        base = os.path.realpath(source.parent)
        named = os.path.normpath(os.path.join(base, os.path.expanduser(written)))  # as text: links must not be followed
        if real and real != named:
            found[field] = f"It leads to {safe_line(real, 200)}."
    return found


def _commands(profile: Profile) -> dict[str, tuple[str, ...]]:
    found = {field: reference for field, reference in profile.secrets.items() if reference.scheme in command_reference.SCHEMES}
    return {field: command_reference.command_of(reference) for field, reference in found.items()}


def _changed_commands(profile: Profile, source: Path) -> dict[str, str]:
    """Return which commands do not run what was agreed to, by field, each with what changed."""
    agreed, now = agreed_commands(profile, source), commands_now(profile, source)
    found = {field: command_files.change(seen, now[field]) for field, seen in agreed.items()}
    if _is_as_agreed(profile, source):
        found |= dict.fromkeys(now.keys() - agreed.keys(), "What it runs was not looked at when you agreed.")
    return {field: why for field, why in found.items() if why}


def _is_as_agreed(profile: Profile, source: Path) -> bool:
    return _agreed(source, profile.name).get("hash") == trust_hash(profile) and not _moved(profile, source)


def _moved(profile: Profile, source: Path) -> dict[str, str]:
    """Return which references mean something else than was agreed to since the file is named by a link in another directory, and say so.

    Relative paths and commands start in the directory of the name that was given, and an agreement is kept under the file's real one.
    """
    agreed = _agreed(source, profile.name)
    folder, now = str(agreed.get("folder", source.resolve().parent)), _folder(source)
    if not agreed or folder == now:
        return {}
    why = f"It starts in {safe_line(now, 200)} now; you agreed to it in {safe_line(folder, 200)}."
    found = {field: why for field, reference in profile.secrets.items() if reference.scheme in {"file", *command_reference.SCHEMES}}
    files = {"ca_bundle": profile.network.ca_bundle, "client_cert": profile.network.client_cert}
    return found | {name: why for name, path in files.items() if path and not Path(path).expanduser().is_absolute()}


def _agreed(source: Path, name: str) -> dict[str, Any]:
    found = _FILE.table("agreed", _key(source)).get(name)
    return found if isinstance(found, dict) else {}


def _folder(source: Path) -> str:
    return str(source.parent.resolve())


def _key(source: Path) -> str:
    return str(source.resolve())


def _hosts(origins: tuple[str, ...]) -> str:
    return safe_line(", ".join(map(_plain, origins)), 1000) or "this machine only"


def _plain(origin: str) -> str:
    """Write a name in other letters as DNS has it: a Cyrillic letter looks like a Latin one."""
    if origin.isascii():
        return origin
    scheme, _, rest = origin.partition("://")
    host, _, port = rest.rpartition(":")
    try:
        return f"{scheme}://{host.encode('idna').decode('ascii')}:{port} (written {host})"
    except UnicodeError:
        return f"{origin} (not plain letters)"


def _proxy(proxy: str) -> str:
    return safe_line(_plain(origin_of(proxy)) or proxy)
