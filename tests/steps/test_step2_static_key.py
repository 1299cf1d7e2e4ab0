"""S2-10: keys that live for months, and the day they end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from each_row import for_each

from authwizard.model.finding import Status
from authwizard.model.profile import Profile, Reference
from authwizard.steps.step2_static_key import key_in_date, moment

from .evidence_of_first_steps import NOW, baseline, credential, grades, judge, jws, opaque, profile, spec

KEY = credential(opaque("api_key"), kind="api_key", name="X-Api-Key", scheme="")
DAY = 86_400


def ends(seconds: float, name: str = "GitHub-Authentication-Token-Expiration") -> tuple[tuple[str, str], ...]:
    return ((name, dt.datetime.fromtimestamp(NOW + seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")),)


def dated(age_days: int, rotate: int | None = 90) -> Profile:
    created = (dt.datetime.fromtimestamp(NOW, dt.UTC) - dt.timedelta(days=age_days)).date()
    return profile(credential=spec(kind="api_key", header="X-Api-Key"), secrets={"api_key": Reference("env:K", (), created, rotate)})


@for_each(
    ("evidence", "status", "causes"),
    [
        ((KEY, baseline(401, headers=ends(-DAY))), "fail", {"api_key_expired": "S"}),
        ((KEY, baseline(401, body='{"message": "API key expired"}')), "fail", {"api_key_expired": "S"}),
        ((KEY, baseline(401, body='{"message": "API key expired"}', headers=ends(DAY))), "fail", {"api_key_expired": "S"}),
        ((credential(opaque()), baseline(401, headers=ends(-DAY, "X-Token-Expires-At"))), "fail", {"api_key_expired": "S"}),
        ((KEY, baseline(200, headers=ends(3 * DAY))), "warn", {}),
        ((KEY, baseline(200, headers=ends(90 * DAY))), "pass", {}),
        # accepted all the same: the date may be written in another time zone
        ((KEY, baseline(200, headers=ends(-DAY))), "warn", {}),
        ((KEY, baseline(401), dated(100)), "warn", {"api_key_expired": "W"}),
        ((KEY, baseline(401), dated(80)), "warn", {}),
        ((KEY, baseline(401), dated(10)), "pass", {}),
        ((KEY, baseline(401), dated(500, None)), "skip", {}),
        # dates of something else
        ((KEY, baseline(401, headers=(("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),))), "skip", {}),
        ((KEY, baseline(401, headers=ends(-DAY, "X-CSRF-Token-Expires"))), "skip", {}),
        ((KEY, baseline(401, headers=(("X-Api-Key-Expires", "never"),))), "skip", {}),
        ((credential(jws({"exp": NOW + 60})), baseline(401, headers=ends(-DAY))), "skip", {}),
        ((credential(kind="cookie"), baseline(401, headers=ends(-DAY))), "skip", {}),
        ((KEY,), "skip", {}),
    ],
)
def test_the_end_of_a_key(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(key_in_date, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes), finding.summary


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2027-01-15 08:00:00 UTC", NOW), ("2027-01-15 10:00:00 +0200", NOW), ("2027-01-15T08:00:00Z", NOW), ("1800000000", NOW),
        ("Fri, 15 Jan 2027 08:00:00 GMT", NOW), ("2027-01-15", NOW - 8 * 3600), ("3600", None), ("never", None), ("", None),
        ("Fri, 99 Jan 2027 08:00:00 GMT", None),
    ],
)  # fmt: skip
def test_a_date_is_read_as_apis_write_it(text: str, seconds: float | None) -> None:
    assert moment(text) == seconds
