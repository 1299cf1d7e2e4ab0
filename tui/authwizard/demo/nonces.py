"""Which numbers does the practice API give out, and are they still young (RFC 7616 3.3, RFC 9449 9)?"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from authwizard.demo.clock import Clock
from authwizard.demo.settings import MINUTE

LIFETIME = 5 * MINUTE


@dataclass
class Nonces:
    """Numbers that tell their own age, so that nothing has to be remembered."""

    clock: Clock
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def new(self, age: int = 0) -> str:
        """Return a nonce as it was given out `age` seconds ago."""
        moment = f"{int(self.clock.now()) - age:x}"
        return f"{moment}-{self._seal(moment)}"

    def own(self, nonce: str) -> bool:
        """Whether this API gave the nonce out."""
        moment, _, seal = nonce.partition("-")
        return hmac.compare_digest(seal.encode(), self._seal(moment).encode())

    def fresh(self, nonce: str) -> bool:
        """Whether the nonce is this API's own and still young."""
        return self.own(nonce) and self.clock.now() - int(nonce.partition("-")[0], 16) <= LIFETIME

    def _seal(self, moment: str) -> str:
        return hmac.new(self._key, moment.encode(), hashlib.sha256).hexdigest()[:24]
