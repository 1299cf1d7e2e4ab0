"""Is this a 401 that credentials can explain at all? Intake: the strip above the eight steps."""

from __future__ import annotations

from authwizard.check import Check
from authwizard.steps.intake_environment import client_environment
from authwizard.steps.intake_network import reachability, redirect_chain, stability
from authwizard.steps.intake_path import direct_vs_proxy
from authwizard.steps.intake_responder import responder
from authwizard.steps.intake_triage import status_triage
from authwizard.steps.intake_url import addresses_sane
from authwizard.steps.step_text import StepText

CHECKS: tuple[Check, ...] = (
    addresses_sane,
    reachability,
    status_triage,
    responder,
    stability,
    client_environment,
    redirect_chain,
    direct_vs_proxy,
)
STEP = StepText(
    number=0,
    id="intake",
    title="Intake",
    question="Does the request reach the API, and is its answer really a 401?",
    why=(
        "A wrong address, a proxy or a redirect can look like a refused credential, and a 403 or a success asks for other steps. "
        "So the way to the API and the kind of its answer are settled first."
    ),
)
