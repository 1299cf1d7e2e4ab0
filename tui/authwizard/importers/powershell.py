"""Is a command written for PowerShell's own `curl`, which is Invoke-WebRequest and takes other options?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from authwizard.model.late_pattern import late_pattern

_OPTIONS = late_pattern(r"-(?:uri|headers|method|body|contenttype|usebasicparsing|websession|useragent|credential)", re.IGNORECASE)


def is_powershells_own(words: Sequence[str]) -> bool:
    """Whether the words behind `curl` hold an option of Invoke-WebRequest's (learn.microsoft.com, Invoke-WebRequest)."""
    return any(_OPTIONS.fullmatch(word) for word in words)
