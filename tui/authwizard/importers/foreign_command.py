"""A request written for another program than curl is told by its name, so that whoever pasted it knows what to paste instead."""

from __future__ import annotations

from authwizard.model.late_pattern import late_pattern

COPY = "Paste the request as a curl command: browsers copy one with Copy as cURL."
_PROGRAMS = (
    (late_pattern(r"(?i)(?:PS [^\n>]*> ?)?(?:\$[\w:]+ *= *)?(?:invoke-(?:webrequest|restmethod)|iwr|irm) |\$session *= *new-object "), "a PowerShell command"),
    (late_pattern(r"(?:await )?fetch\(\s*[\"'`]"), "a call of fetch in JavaScript"),
    (late_pattern(r"(?:[$%#>] )?wget "), "a wget command"),
    (late_pattern(r"(?:[$%#>] )?https? (?:-\S+ )*(?:GET |POST |PUT |PATCH |DELETE |HEAD |OPTIONS )?(?:https?://|:|[\w.-]+[.:/])"), "an HTTPie command"),
    (late_pattern(r"(?:import requests\b|(?:\w+ *= *)?requests\.(?:get|post|put|patch|delete|request)\()"), "a Python program"),
)  # fmt: skip


def other_program(text: str) -> str:
    """Return what a text is written for, in words with an article, "" where it is none of the programs known here."""
    return next((words for pattern, words in _PROGRAMS if pattern.match(text.lstrip())), "")
