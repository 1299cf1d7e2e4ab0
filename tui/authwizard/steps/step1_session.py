"""Which cookies carry a session, by their usual names?"""

from __future__ import annotations

import re

from authwizard.model.late_pattern import late_pattern

SESSION_COOKIE = late_pattern(
    r"(?:^|[-_.])(?:sess(?:ion)?(?:id)?|sid|connect\.sid|jsessionid|phpsessid|auth|token|jwt)(?:$|[-_.])", re.IGNORECASE
)
