"""Where a request works from here and a 401 was reported: what differs, how to go on, what to mend (CHECKS 13.1, 16.7)."""

from __future__ import annotations

from collections.abc import Iterable

from authwizard.knowledge.causes import cause as catalogue_cause
from authwizard.model.finding import Facts
from authwizard.model.run import Remedy
from authwizard.verdict.ledger import Account
from authwizard.verdict.remedy import remedy, saved_profile

COMPARING = frozenset({"I-05", "I-06", "I-07", "S1-17", "S1-24", "S2-08", "S7-04", "S8-06"})
"""Checks that look at what differs between this request and the user's."""
SOME_SERVERS = frozenset({"replica_inconsistent", "authorizer_cache", "rate_limited"})
"""What a mixture of success and refusal is explained by: then the 401 was seen here as well."""
MENDED_AS_WRITTEN = frozenset("BCK")
"""Families whose remedy speaks of the program, the way or the server; the others' speaks of what is stored, and that is right here."""


def ranked(roots: Iterable[Account]) -> list[Account]:
    """Return the causes with those first that a comparison of the two requests speaks for."""
    return sorted(roots, key=lambda root: not any(item.check in COMPARING for item in root.positive))


def mixture(roots: Iterable[Account], facts: Facts) -> Account | None:
    """Return what explains that equal requests were both accepted and refused; None where they were not."""
    return next((root for root in roots if root.cause in SOME_SERVERS and root.solid), None) if facts.get("flapping") else None


def tried(facts: Facts) -> str:
    """Return how often the request was seen to succeed, where that is often enough to say something."""
    return f" It was sent {facts['steady']:g} times from here and succeeded each time." if facts.get("steady") else ""


def next_test(facts: Facts, found: bool) -> str:
    """Return the one test that shows what is not known yet."""
    profile = saved_profile(facts)
    capture = f"authwizard capture {profile}".strip()
    check = f"authwizard check {profile or 'PROFILE'}"
    if not facts.get("sent"):
        return (
            f"Let your program call the address that `{capture}` opens: it shows what your program really sends beside what is sent here. "
            f"Or bring it along: `{check} --sent FILE` takes a curl command, curl -v text or a browser's HAR file."
        )
    if facts.get("sent_unseen"):
        return (
            f"The text that you brought leaves parts out. Let your program call the address that `{capture}` opens: it shows them, masked."
        )
    if found:
        return f"Make that one change in your program and let it run again. If it is still refused, `{capture}` shows what else differs."
    return (
        "What your program sends is the same as here in all that was shown, so where and when it runs is left: "
        f"run `{check} --sometimes` on the machine and at the time at which it fails."
    )


def remedy_of(first: Account | None, facts: Facts) -> Remedy:
    """Return what to mend: the difference, in the user's program, where the catalogue's remedy would mend what is stored."""
    if first is None:
        return remedy("not_reproduced", facts)
    entry = catalogue_cause(first.cause)
    if entry.family in MENDED_AS_WRITTEN:
        return remedy(first.cause, facts)
    said = first.positive[0].argument.text
    words = f"Mend it in your program; what this profile sends is right. {said} `authwizard cause {first.cause}` explains it."
    return Remedy(words, remedy("not_reproduced", facts).commands)
