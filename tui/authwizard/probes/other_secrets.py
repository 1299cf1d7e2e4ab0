"""Is a secret of this profile held by another one too (CHECKS S3-03)?"""

from __future__ import annotations

from authwizard.model.evidence import Absence, NotApplicable, OtherSecrets
from authwizard.model.options import Cost
from authwizard.probe import World, probe


@probe("other_secrets", purpose="Read the fingerprints of the other profiles' secrets", cost=Cost.C0)
async def other_secrets(world: World) -> OtherSecrets | Absence:
    """S3-03: fingerprints alone; no secret of another profile is sent or shown."""
    if world.elsewhere is None or not world.others:
        return NotApplicable("There is no other saved profile.")
    return OtherSecrets(await world.elsewhere.fingerprints())
