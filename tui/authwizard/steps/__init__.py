"""The eight steps, intake and verification: every check, in the order it is shown."""

from __future__ import annotations

from authwizard.check import Check
from authwizard.steps import (
    intake,
    step1_token_format,
    step2_expiration,
    step3_client_credentials,
    step4_refresh,
    step5_scopes,
    step6_system_time,
    step7_fresh_token,
    step8_debug,
    verification,
)
from authwizard.steps.step_text import StepText

MODULES = (
    intake, step1_token_format, step2_expiration, step3_client_credentials, step4_refresh, step5_scopes, step6_system_time,
    step7_fresh_token, step8_debug, verification,
)  # fmt: skip

STEPS: tuple[StepText, ...] = tuple(module.STEP for module in MODULES)
CHECKS: tuple[Check, ...] = tuple(check for module in MODULES for check in module.CHECKS)
