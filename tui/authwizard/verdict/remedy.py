"""The cause's remedy with this profile's names filled in."""

from __future__ import annotations

from authwizard.knowledge.causes import cause
from authwizard.knowledge.placeholders import STAND_INS, fill_command, fill_text
from authwizard.model.finding import Facts
from authwizard.model.late_pattern import late_pattern
from authwizard.model.run import Remedy
from authwizard.verdict.facts import text

UNSAVED = "pasted"
"""The name of a profile that was made of pasted text for one run: nothing of that name is saved."""
CHECK = "authwizard check {profile}"
REFERENCE = "reference:"
"""The beginning of the facts that tell which secrets the profile only refers to."""
_STORE_SET = late_pattern(r"authwizard store set \{profile\} (\w+)")


def remedy(code: str, facts: Facts) -> Remedy:
    """Return what to do about a cause, with the names of this profile where they are known."""
    entry = cause(code)
    values = {name: text(facts, name) for name in STAND_INS if text(facts, name)}
    better = next((one for one in entry.remedies if text(facts, one.fact) == one.value), None)
    words, commands = (better.remedy, better.commands) if better is not None else (entry.remedy, entry.commands)
    words, commands = _where_it_is_kept(words, commands, facts)
    values["profile"] = saved_profile(facts)
    if practice := text(facts, "practice"):
        # Nothing of the practice platform's profile is saved, so only looking again can be repeated.
        commands = tuple(command.replace(CHECK, f"authwizard demo {practice} --check") for command in commands if _only_looks(command))
    elif text(facts, "profile") == UNSAVED:
        commands = tuple(command.replace(CHECK, "authwizard check -") for command in commands)
    return Remedy(fill_text(words, values), tuple(fill_command(command, values) for command in commands))


def _where_it_is_kept(words: str, commands: tuple[str, ...], facts: Facts) -> tuple[str, tuple[str, ...]]:
    """Name the field this profile's credential has, and the place a reference names: nothing is stored for one."""
    field = text(facts, "credential_field")
    if field:
        commands = tuple(c.replace("store set {profile} access_token", f"store set {{profile}} {field}") for c in commands)
    kept = []
    places: dict[str, str] = {}
    for command in commands:
        stored = _STORE_SET.search(command)
        place = text(facts, REFERENCE + stored[1]) if stored else ""
        if stored and place:
            places[stored[1]] = place
        else:
            kept.append(command)
    said = "".join(f" The profile takes {name} from {place}: what it holds is to be changed there." for name, place in places.items())
    return words + said, tuple(kept)


def saved_profile(facts: Facts) -> str:
    """Return the name a command can give to this profile, "" where nothing is saved under it."""
    name = text(facts, "profile")
    return "" if name == UNSAVED or text(facts, "practice") else name


def _only_looks(command: str) -> bool:
    return "{profile}" not in command.replace(CHECK, "")
