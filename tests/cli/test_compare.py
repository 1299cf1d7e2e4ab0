"""`authwizard compare`: profiles by name, runs by file; nothing is sent, and a profile nobody agreed to is not read."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest

from authwizard.cli.arguments import parse
from authwizard.model.errors import UsageError
from authwizard.store.paths import config_dir, state_dir
from authwizard.store.profiles import load_profiles
from authwizard.store.trust import trust

PROFILES = """version = 1
[profile.prod]
base_url = "https://api.example.com"
request = "GET /v2/me"
[profile.prod.secrets]
access_token = "env:PROD_TOKEN"
[profile.staging]
base_url = "https://staging.example.com"
request = "GET /v2/me"
[profile.staging.secrets]
access_token = "env:STAGING_TOKEN"
"""


def token(issuer: str) -> str:
    return jwt.encode({"iss": issuer, "sub": "somebody"}, "plainly-fake-key-plainly-fake-key", "HS256")


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> Path:
    path = config_dir() / "profiles.toml"
    path.parent.mkdir(parents=True)
    path.write_text(PROFILES)
    monkeypatch.setenv("PROD_TOKEN", token("https://login.example.com"))
    monkeypatch.setenv("STAGING_TOKEN", token("https://login.staging.example.com"))
    return path


def run(*words: str) -> int:
    named = parse(["compare", *words])
    return int(named.run(named))


def test_profiles_are_compared_with_the_tokens_their_references_lead_to(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for profile in load_profiles(saved).values():
        trust(profile, saved)
    assert run("prod", "staging") == 1
    said = capsys.readouterr().out
    assert "https://login.staging.example.com" in said
    assert "issuer in the token" in said
    for secret in (token("https://login.example.com"), "eyJ", "plainly-fake"):
        assert secret not in said
    assert run("prod", "prod", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "authwizard.compare/1"


def test_the_secrets_of_a_profile_from_elsewhere_are_not_read(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = tmp_path / "theirs.toml"
    elsewhere.write_text(PROFILES)
    assert run("prod", "staging", "--config", str(elsewhere)) == 1
    said = capsys.readouterr().out
    assert "login.staging.example.com" not in said
    assert "authwizard profile trust prod" in said


def test_what_cannot_be_compared_is_one_sentence(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("{}")
    for words, reason in (
        (("prod", "nobody"), "no profile 'nobody'"),
        (("prod", str(tmp_path / "a.json")), "not one of each"),
        ((str(tmp_path / "a.json"), str(tmp_path / "b.json")), "holds no JSON"),
        ((str(tmp_path / "b.json"), str(tmp_path / "b.json")), "cannot be compared"),
    ):
        with pytest.raises(UsageError, match=reason):
            run(*words)


def test_a_place_that_cannot_be_read_is_told_once_a_profile(run) -> None:
    for name in ("prod", "staging"):
        run("profile", "add", name, "--base-url", f"https://{name}.example.com", "--request", "GET /")
    run("store", "use", "file")
    (state_dir() / "secrets.sealed").write_text("damaged")
    (state_dir() / "secrets.sealed").chmod(0o600)
    said = run("compare", "prod", "staging")
    lines = [line for line in said.out.splitlines() if line.startswith("Not compared")]
    assert [line.partition(": ")[2].partition(" (")[0] for line in lines] == ["its secrets", "its secrets"]
    assert said.out.count("is no file of secrets of authwizard") + said.out.count("was changed outside") == 2
