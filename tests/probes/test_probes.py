from __future__ import annotations

import subprocess
import sys

from authwizard.model.evidence import Evidence, OtherProfiles, PastedCode, Reported
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Profile
from authwizard.probes import PROBES

GIVEN = {Profile, RunOptions, OtherProfiles, PastedCode, Reported}


def test_each_probe_has_its_own_id_and_evidence() -> None:
    assert len({p.id for p in PROBES}) == len({p.gives for p in PROBES}) == len(PROBES)


def test_every_need_is_given_by_somebody() -> None:
    given = {p.gives for p in PROBES} | GIVEN
    assert [(p.id, n.name) for p in PROBES for n in p.needs if n.kind not in given] == []


def test_every_evidence_that_a_probe_must_bring_is_brought() -> None:
    from authwizard.model import evidence

    classes = {c for c in vars(evidence).values() if isinstance(c, type) and issubclass(c, Evidence)}
    bases = {Evidence, evidence.ExchangeSeen, evidence.TokenGrant}
    assert {c.__name__ for c in classes - bases - {p.gives for p in PROBES} - GIVEN} <= {"RecordScan"}


def test_the_first_phase_needs_nothing_of_the_second() -> None:
    asked = {p.gives for p in PROBES if p.when == "asked"}
    assert [(p.id, n.name) for p in PROBES if p.when == "first" for n in p.needs if n.kind in asked] == []
    assert all(p.cost in (Cost.C0, Cost.C1, Cost.C2) or p.id == "minted_for_run" for p in PROBES if p.when == "first")


def test_needs_form_no_circle() -> None:
    giver = {p.gives: p for p in PROBES}
    done: set[type] = set(GIVEN)
    left = list(PROBES)
    while left:
        ready = [p for p in left if all(n.kind in done or n.kind not in giver for n in p.needs)]
        assert ready, [p.id for p in left]
        done |= {p.gives for p in ready}
        left = [p for p in left if p not in ready]


def test_only_the_refresh_must_finish() -> None:
    assert [p.id for p in PROBES if p.finish] == ["refreshed_token"]
    assert [p.id for p in PROBES if p.cost is Cost.C5] == ["refreshed_token"]


def test_importing_the_probes_loads_nothing_slow() -> None:
    code = "import sys, authwizard.probes; print(sorted({'httpx', 'jwt', 'cryptography', 'truststore', 'keyring', 'textual'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
