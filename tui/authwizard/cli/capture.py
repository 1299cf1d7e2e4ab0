"""`authwizard capture`: what does the user's own program really send, beside what the profile sends?"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import replace
from urllib.parse import urlsplit

from authwizard.cli.configured import choose, load, profiles_file, subject_of
from authwizard.cli.listening import HOST, Listener
from authwizard.cli.output import say, tell
from authwizard.cli.session import Session, open_configured_store
from authwizard.importers.captured import CapturedRequest
from authwizard.importers.sent import reported_of
from authwizard.importers.transcript import Transcript
from authwizard.model.errors import LeakError, UsageError
from authwizard.model.evidence import ClientEnvironment, CredentialSeen, StoredSecrets
from authwizard.model.exchange import Exchange
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile, origin_of
from authwizard.probe import Answer, Request
from authwizard.probes.credential import credential
from authwizard.probes.environment import client_environment
from authwizard.probes.sent import look_at, would_send
from authwizard.probes.stored_secrets import stored_secrets
from authwizard.report.capture import Told, capture_json, render_capture, render_nothing
from authwizard.report.export import ensure_clean
from authwizard.steps.capture import judge_capture

WAIT_SECONDS = 300.0
LONGEST_SECONDS = 86400.0
NOTHING_CAME, DIFFERS, SAME = 4, 1, 0


def capture(named: argparse.Namespace) -> int:
    """Listen once, show what came, return 0 where it is the same, 1 where it differs, 4 where nothing came."""
    profiles = load(named.config)
    profile = choose(profiles, named.profile)
    subject = subject_of(profile, profiles, profiles_file(named.config), RunOptions(allow_write=True), trust=named.trust)
    store, _ = open_configured_store()
    session = Session(subject, store)
    if named.timeout is not None and named.timeout > LONGEST_SECONDS:
        raise UsageError(f"--timeout takes up to {LONGEST_SECONDS:g} seconds.")
    seen, listener = asyncio.run(_listen(named, profile))
    if seen is None:
        _write(session, named, *render_nothing(listener.notes, f"http://{HOST}:{listener.port}", profile.name))
        return NOTHING_CAME
    told = asyncio.run(_told(session, seen, listener))
    _write(session, named, render_capture(told), capture_json(told))
    return DIFFERS if told.differences else SAME


async def _listen(named: argparse.Namespace, profile: Profile) -> tuple[CapturedRequest | None, Listener]:
    seconds = named.timeout or WAIT_SECONDS
    listener = Listener(named.port, tell)
    await listener.open()
    try:
        _announce(named, profile, f"http://{HOST}:{listener.port}", seconds)
        return await listener.caught(seconds), listener
    finally:
        await listener.close()


def _announce(named: argparse.Namespace, profile: Profile, address: str, seconds: float) -> None:
    """Say where to point the program: to people on stderr where standard output is for JSON."""
    origin = origin_of(profile.base_url)
    path = _base_path(profile)
    out = tell if named.format == "json" else lambda text: say(text + "\n")
    out(f"Point your program at {address}{path} in place of {_shown(origin)}{path}, and let it call {profile.method} once.")
    out(f"Waiting up to {seconds:g} s; it is answered with 401 and nothing is forwarded. Ctrl-C ends.")


def _base_path(profile: Profile) -> str:
    try:
        return urlsplit(profile.base_url.strip()).path.rstrip("/")
    except ValueError:
        return ""


def _shown(origin: str) -> str:
    """An origin as people write it: without the port that its scheme implies."""
    for scheme, port in (("https://", ":443"), ("http://", ":80")):
        if origin.startswith(scheme):
            return origin.removesuffix(port)
    return origin or "the API's address"


async def _told(session: Session, seen: CapturedRequest, listener: Listener) -> Told:
    """Compare in memory; every credential in the request is known to the redactor before a word is written."""
    world = session.world(_NoSender())
    stored = await stored_secrets.look(world)
    assert isinstance(stored, StoredSecrets)
    own = await credential.look(world, stored, None)
    environment = await client_environment.look(world, stored)
    assert isinstance(own, CredentialSeen)
    assert isinstance(environment, ClientEnvironment)
    address = f"http://{HOST}:{listener.port}"
    reported = reported_of(Transcript(seen.imported(address), None), "a capture", None)
    sent = replace(look_at(reported, world.profile, own, stored, session.redactor, world.install_key), body_bytes=seen.body_bytes)
    method, url, fields = would_send(world, stored, own)
    judged = judge_capture(sent, world.profile, own, method, url, fields, environment, time.time())
    return Told(
        world.profile.name, address, sent, method, url, judged.table, judged.differences, (*listener.notes, *seen.remarks, *judged.remarks)
    )


class _NoSender:
    """No request leaves in a capture; whoever tries has misunderstood it."""

    exchanges: tuple[Exchange, ...] = ()

    async def send(self, request: Request) -> Answer:
        """Raise: there is nothing to send."""
        raise UsageError("Nothing is sent while a request is captured.")


def _write(session: Session, named: argparse.Namespace, text: str, document: str) -> None:
    try:
        say(ensure_clean(document if named.format == "json" else text, session.find))
    except LeakError as error:
        raise UsageError(str(error)) from None
