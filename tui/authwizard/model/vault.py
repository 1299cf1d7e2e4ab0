"""How probes reach the profile's secrets: a protocol that the command line fills with a real store."""

from __future__ import annotations

from typing import Literal, Protocol

from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret


@dataclass(frozen=True)
class SecretRead:
    """The outcome of reading one field.

    `absent`: nothing is stored under it (or its reference resolves to nothing); `unavailable`: the place could not be read
    (locked, hanging, no back end), `why` says so and what would unblock it. `source` names the place, e.g. "Secret Service",
    "env:PROD_TOKEN", "memory". `note` is a warning about the place of a secret that is present (others can read the file).
    """

    field: str
    status: Literal["present", "absent", "unavailable"]
    secret: Secret | None = None
    source: str = ""
    why: str = ""
    note: str = ""
    obtained_at: float | None = None
    """Unix seconds when a token was fetched, where its place remembers that; `expires_in` the seconds it was said to live."""
    expires_in: int | None = None


@dataclass(frozen=True)
class HeldElsewhere:
    """A secret of another profile, by its fingerprint alone. `works`: that profile's last run succeeded with the secrets it has."""

    profile: str
    field: str
    fingerprint: str
    works: bool = False


class OtherVaults(Protocol):
    """What may be known of the secrets of the other saved profiles."""

    async def fingerprints(self) -> tuple[HeldElsewhere, ...]:
        """Return the fingerprints of the profiles that were agreed to, as far as nobody has to be asked; never raises."""
        ...


class SecretVault(Protocol):
    """One profile's secrets: its references, the store and this run's memory behind one face."""

    async def read(self, field: str) -> SecretRead:
        """Read one field; never raises for trouble of the place, says it in the answer."""
        ...

    def can_keep(self, field: str) -> str | None:
        """Return None where a new value of this field can be kept, else the reason as a sentence."""
        ...

    async def preflight(self, field: str) -> str | None:
        """As `can_keep`, after the place was really written to: asked right before a refresh token is spent.

        The place of a refresh token is then held against other processes until `settle`, whatever the answer; it was read again, so
        `read` tells whether another process has replaced the token meanwhile.
        """
        ...

    async def keep(self, field: str, value: Secret, expires_in: int | None = None) -> str:
        """Write a new value, read it back, and return the place's name; raises StoreError where it is not kept.

        `expires_in`: of a token that was fetched just now, the seconds it was said to live (RFC 6749 5.1).
        """
        ...

    async def settle(self, field: str, *, unknown: bool = False) -> str:
        """End what `preflight` began. `unknown`: the token was sent and no answer told what became of it.

        Return what must be said of the new value: that it is safe, but not in its place yet; "" for nothing. Never raises for trouble
        of the place.
        """
        ...

    async def accepted(self, *, renewed: bool) -> str:
        """Hear that the API accepted the access token: the stored one, or (`renewed`) the one that a refresh of this run brought.

        A spent refresh token that lies beside its successor until then is removed. Return what must be said where that failed, "" for
        nothing. Never raises for trouble of the place.
        """
        ...
