"""What the wizard compares a run with: runs of this sitting, a run saved as JSON where the report screen writes it, other profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from authwizard.cli.services import WizardServices
from authwizard.cli.wizard_compare import comparables, compare_with_run, kept
from authwizard.model.errors import UsageError
from authwizard.model.finding import Owner
from authwizard.model.profile import Profile
from authwizard.model.run import RequestCount, Run, Verdict
from authwizard.report.json_run import render_json
from authwizard.ui.services import Recognised


def run(cause: str = "token_expired", profile: str = "prod") -> Run:
    verdict = Verdict("cause", cause, Owner.YOU, "proven", 2, f"It is {cause}.")
    return Run(profile, "staging", "GET https://api.example.com/me", "2026-01-01T00:00:00Z", 1, RequestCount(0, 0, 0, 0), verdict, ())


def test_the_newest_earlier_run_of_the_same_profile_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    older, other, newer, now = run("token_revoked"), run(profile="else"), run(), run("clock_skew_server")
    runs = (older, other, newer, now)
    items = comparables(now, runs, ("prod", "staging"))
    assert [i.note for i in items] == ["It is token_expired.", "It is token_revoked.", ""]
    assert items[-1].label == "the profile staging"
    seen = compare_with_run(now, runs, items[0].id)
    assert (seen.one, seen.other) == ("before", "now")
    assert (seen.telling[0].one, seen.telling[0].other) == ("token_expired (proven)", "clock_skew_server (proven)")


def test_a_saved_run_is_found_where_the_report_screen_writes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    now = run()
    assert comparables(now, (now,), ()) == ()
    Path("authwizard-prod.json").write_text(render_json(run("token_revoked")), encoding="utf-8")
    (item,) = comparables(now, (now,), ())
    assert compare_with_run(now, (now,), item.id).telling[0].one == "token_revoked (proven)"
    Path("authwizard-prod.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be compared"):
        compare_with_run(now, (now,), item.id)


def test_only_the_last_runs_are_kept() -> None:
    runs: tuple[Run, ...] = ()
    for number in range(9):
        runs = kept(runs, run(f"cause_{number}"))
    assert [r.verdict.cause for r in runs] == ["cause_5", "cause_6", "cause_7", "cause_8"]


def test_what_a_program_sent_goes_along_with_a_pasted_subject() -> None:
    services = WizardServices(None)
    subject = Recognised("curl", "A curl command.", Profile("", "https://api.example.com", "GET /me"), handle=(None, ("given",)))
    taken = services.take_sent(subject, "curl https://api.example.com/me -H 'Authorization: Bearer abc'")
    assert isinstance(taken.subject, Recognised)
    assert isinstance(taken.subject.handle, tuple)
    reported, given = taken.subject.handle
    assert (reported.scheme, given) == ("Bearer", ("given",))
    assert services.take_sent(subject, "HTTP/1.1 401 Unauthorized\n\n").problem
