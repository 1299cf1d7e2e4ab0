"""Step 8: what do the server's own words and the exchange itself say?"""

from __future__ import annotations

from authwizard.check import Check
from authwizard.steps import step8_address, step8_cache, step8_exchange, step8_headers, step8_log, step8_words
from authwizard.steps.step8_flips import like_a_foreign_one
from authwizard.steps.step8_table import ROWS
from authwizard.steps.step_text import StepText

STEP = StepText(
    number=8,
    id="debug",
    title="Verbose debug",
    question="What do the server's own words, and its answers to other requests, give away?",
    why=(
        "A 401 carries a challenge and often a message. Read exactly, and set beside the answers to no credential and to a meaningless one, "
        "they tell whether the credential arrived and how far it got."
    ),
)
CHECKS: tuple[Check, ...] = (
    *step8_words.CHECKS, *step8_exchange.CHECKS, *step8_headers.CHECKS, *step8_address.CHECKS, *step8_cache.CHECKS, *step8_log.CHECKS,
    step8_words.STEADY, *ROWS, like_a_foreign_one,
)  # fmt: skip
