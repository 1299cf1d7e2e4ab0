"""With which HTTP client does the user's program send its requests?"""

from __future__ import annotations

from authwizard.knowledge.clients import HttpClient, of_agent, of_profile
from authwizard.model.evidence import SentRequest
from authwizard.model.profile import Profile


def libraries(profile: Profile, sent: SentRequest | None) -> tuple[HttpClient, ...]:
    """Return the libraries it may be: the one that what was sent names, else those of the profile's `client`; () where nothing is known."""
    named = of_agent(sent.agent) if sent is not None else None
    return (named,) if named is not None else of_profile(profile.client)


def named(clients: tuple[HttpClient, ...]) -> str:
    """Return the names of these clients for a sentence."""
    names = [client.library for client in clients]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "your client"
