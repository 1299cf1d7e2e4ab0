"""Do the services that are loaded behind the first frame give the screens all that the loaded ones give?"""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace
from typing import Any

from authwizard.cli.services import WizardServices
from authwizard.cli.wizard import _Later
from authwizard.ui.services import Services

CALLS = [field.name for field in fields(Services) if field.name != "demo"]


def test_every_call_reaches_the_service_of_its_name() -> None:
    named: dict[str, Any] = {name: lambda *_, name=name: name for name in CALLS}
    late = _Later(lambda: SimpleNamespace(bundle=lambda: Services(**named))).bundle()  # type: ignore[arg-type, return-value]
    assert [getattr(late, name)() for name in CALLS] == CALLS


def test_the_reason_why_there_is_no_keyring_is_told_before_a_place_is_chosen() -> None:
    services = WizardServices()
    services._keyring_problem = "No system keyring can be used here."
    assert _Later(lambda: services).bundle().keyring_problem() == "No system keyring can be used here."
