"""What does a step ask, and why does it matter? The words a screen or report puts above its checks."""

from __future__ import annotations

from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class StepText:
    """A step's heading: `number` 0 intake, 1 to 8, 9 verification; `question` one sentence, `why` two."""

    number: int
    id: str
    title: str
    question: str
    why: str
