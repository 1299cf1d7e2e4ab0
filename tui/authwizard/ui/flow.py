"""What is asked before a run, in which order? Trust, then what may be sent, then a request that changes data.

Each question is asked only where the answer is not known; `None` means the user does not want the run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from textual.screen import Screen

from authwizard.model.options import RunOptions
from authwizard.ui.screens.asking import EVERYTHING, PLAIN_CALL, ConsentScreen, HazardScreen, MethodScreen, TrustScreen, with_method
from authwizard.ui.screens.keeping import opened
from authwizard.ui.services import Recognised, RunPlan, Services, Subject

Ask = Callable[[Screen[Any]], Awaitable[Any]]
"""Shows a dialog and waits for its result."""


async def options_for(services: Services, ask: Ask, subject: Subject, options: RunOptions, *, further: bool = False) -> RunOptions | None:
    """Return the options a run may start with, or None where the user declined.

    Args:
        services: What the wizard may do.
        ask: Shows a dialog.
        subject: A profile's name, or what the one door recognised.
        options: What is already decided.
        further: The user asked for what goes beyond the plain call, so the consent is shown although one is remembered.
    """
    if services.demo or options.passive:
        return options
    if isinstance(subject, str) and not await _trusted(services, ask, subject):
        return None
    if isinstance(subject, str) and (question := await services.store_question(subject)):
        # Without the passphrase the run goes on: what it cannot read it says.
        await opened(services, ask, question)
    plan = services.plan(subject, options)
    consented = await _consented(services, ask, subject, options, plan, further=further)
    if consented is None or consented.passive:
        return consented
    return await _harmless(ask, consented, plan)


async def _trusted(services: Services, ask: Ask, name: str) -> bool:
    while items := services.trust_items(name):
        if not await ask(TrustScreen(name, items)):
            return False
        # while the question stood there the file may have changed: what nobody saw is not agreed to
        if services.trust_items(name) == items:
            services.trust(name)
            return True
    return True


async def _consented(
    services: Services, ask: Ask, subject: Subject, options: RunOptions, plan: RunPlan, *, further: bool
) -> RunOptions | None:
    if isinstance(subject, str) and services.consented(subject) and not further:
        # In production the plain call starts at once; what goes beyond it is asked when it is wanted.
        return replace(options, costs=options.costs & PLAIN_CALL) if plan.production else options
    title = f"Before {subject} runs: what is sent" if isinstance(subject, str) else "Before this runs: what is sent"
    intro = subject.sentence if isinstance(subject, Recognised) else ""
    costs = await ask(ConsentScreen(title, plan, intro=intro, remembered=isinstance(subject, str)))
    if costs is None:
        return None
    if isinstance(subject, str) and (costs == EVERYTHING or plan.production):
        services.remember_consent(subject)
    return replace(options, costs=frozenset(costs))


async def _harmless(ask: Ask, options: RunOptions, plan: RunPlan) -> RunOptions | None:
    if plan.changes_data and not options.allow_write:
        answer = await ask(MethodScreen(plan))
        if answer is None:
            return None
        options = with_method(options, answer)
    if plan.plain_http and not options.allow_http:
        consequence = (
            f"The address of {plan.api_host} begins with http, so the credential would travel unencrypted: everyone on the way can read and use it.",
            "Without leave, only what needs no credential is looked at.",
        )
        if await ask(HazardScreen("Send the credential unencrypted?", consequence, "Send it unencrypted, this once")):
            return replace(options, allow_http=True)
    return options
