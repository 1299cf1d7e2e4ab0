"""What the checks of steps 3, 4, 5 and 7 declare: known causes, good titles, and no secret in what they say."""

from __future__ import annotations

from each_row import for_each

from authwizard.check import Check
from authwizard.knowledge.causes import catalogue
from authwizard.steps import step3_client_credentials, step4_refresh, step5_scopes, step7_fresh_token

MODULES = (step3_client_credentials, step4_refresh, step5_scopes, step7_fresh_token)
CHECKS = [check for module in MODULES for check in module.CHECKS]


@for_each("check", CHECKS, ids=lambda c: c.id)
def test_a_declaration_is_complete(check: Check) -> None:
    assert set(check.causes) <= set(catalogue())
    assert len(set(check.causes)) == len(check.causes)
    assert check.title[0].isupper()
    assert not check.title.endswith(".")
    assert check.looks_for
    assert check.sources
    assert check.judge.__doc__ is not None
    assert check.judge.__doc__.startswith(check.id)


def test_every_check_sits_in_its_step() -> None:
    for module in MODULES:
        assert {check.step for check in module.CHECKS} == {module.STEP.number}
        assert module.STEP.question.endswith("?")
        assert module.STEP.why.endswith(".")
