"""What is written is read back, and nothing else in the file changes."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from authwizard.model.errors import ConfigError, StoreError
from authwizard.model.profile import CredentialSpec, Endpoint, Links, Network, OAuth, Profile, Reference
from authwizard.store.profile_toml import profile_toml
from authwizard.store.profiles import load_profiles, parse_profiles
from authwizard.store.profiles_write import remove_profile, save_profile

from .profile_strategies import profiles

SLOW_FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=60)

HAND_WRITTEN = """\
# our environments
version = 1

# before the first
[profile.prod]
environment = "production"      # asks before anything with consequences
base_url    = "https://api.example.com"
request     = "GET /v2/organizations/current"   # the one that fails
headers     = { X-Tenant = "acme" }
client      = "requests"

[profile.prod.credential]
kind   = "bearer"     # the default, written out
scheme = "Bearer"

[profile.prod.oauth]
issuer = "https://auth.example.com"
jwks_url = ""
client_id = "abc"     # from the portal
scopes = ["read", "write"]

[profile.prod.network]
timeout_seconds = 10
proxy = "env"

[profile.prod.secrets]
access_token  = "env:PROD_TOKEN"
client_secret = { ref = "env:PROD_SECRET", created = 2026-08-30, rotate_days = 90 }

[profile.prod.links]

# the scope table
[[profile.prod.endpoints]]
request = "GET /v2/devices"
scopes  = ["read", "devices:read"]
expect  = 200

# ---- below: not production ----

# the same with more rights
[profile.staging]
base_url = "https://staging.example.com"   # no trailing slash
request = "GET /"
"""


@pytest.fixture
def file(own_places: Path) -> Path:
    path = own_places / "config" / "profiles.toml"
    path.parent.mkdir()
    path.write_bytes(HAND_WRITTEN.encode())
    return path


@given(profile=profiles())
@SLOW_FIXTURES
def test_a_written_profile_reads_back_as_it_was(profile: Profile) -> None:
    assert parse_profiles(profile_toml(profile), "t") == {profile.name: profile}


@given(before=profiles(), after=profiles())
@SLOW_FIXTURES
def test_any_profile_can_be_changed_into_any_other_in_place(tmp_path: Path, before: Profile, after: Profile) -> None:
    file = tmp_path / "profiles.toml"
    above = "# head\n[profile.first]\nbase_url = 'https://a.example'  # one\nrequest='/'\n\n"
    below = "\n# below\n[profile.last]\nbase_url = 'https://b.example'\nrequest='/'\n# end\n"
    file.write_bytes((above + profile_toml(before) + below).encode())
    after = replace(after, name=before.name)
    save_profile(file, after)
    text = file.read_bytes().decode()
    assert text.startswith(above)
    assert text.endswith(below)
    assert load_profiles(file)[before.name] == after
    remove_profile(file, before.name)
    assert file.read_bytes().decode() == above + below.lstrip("\n")


def test_saving_what_is_there_changes_no_byte(file: Path) -> None:
    for profile in load_profiles(file).values():
        save_profile(file, profile)
    assert file.read_bytes().decode() == HAND_WRITTEN


def test_an_edit_changes_its_lines_alone(file: Path) -> None:
    prod = load_profiles(file)["prod"]
    changed = replace(
        prod,
        client="other",
        whoami="GET /me",
        oauth=replace(prod.oauth or OAuth(), client_id="xyz", audience="https://api"),
        network=Network(ntp_server="none"),
        secrets={"access_token": prod.secrets["access_token"], "api_key": Reference("env:KEY")},
        links=Links(docs="https://docs.example.com"),
        endpoints=(*prod.endpoints, Endpoint("GET /v2/users", ("users read",))),
    )
    save_profile(file, changed)
    expected = (
        HAND_WRITTEN.replace('client      = "requests"\n', 'whoami = "GET /me"\n')
        .replace('client_id = "abc"     # from', 'client_id = "xyz"     # from')
        .replace('scopes = ["read", "write"]\n', 'scopes = ["read", "write"]\naudience = "https://api"\n')
        .replace('proxy = "env"\n', 'proxy = "env"\nntp_server = "none"\n')
        .replace('client_secret = { ref = "env:PROD_SECRET", created = 2026-08-30, rotate_days = 90 }', 'api_key = "env:KEY"')
        .replace("[profile.prod.links]\n", '[profile.prod.links]\ndocs = "https://docs.example.com"\n')
        .replace("expect  = 200\n", 'expect  = 200\n\n[[profile.prod.endpoints]]\nrequest = "GET /v2/users"\nscopes = ["users read"]\n')
    )
    assert file.read_bytes().decode() == expected
    assert load_profiles(file)["prod"] == changed


def test_a_new_profile_goes_to_the_end_and_only_what_differs_is_written(file: Path) -> None:
    save_profile(file, Profile("dev", "http://127.0.0.1:8000", "GET /", credential=CredentialSpec(kind="api_key", header="X-Api-Key")))
    assert file.read_bytes().decode() == HAND_WRITTEN + (
        '\n[profile.dev]\nbase_url = "http://127.0.0.1:8000"\nrequest = "GET /"\n'
        '\n[profile.dev.credential]\nkind = "api_key"\nheader = "X-Api-Key"\n'
    )


def test_a_removed_profile_takes_its_own_comments_and_no_others(file: Path) -> None:
    remove_profile(file, "prod")
    assert file.read_bytes().decode() == (
        "# our environments\nversion = 1\n\n# ---- below: not production ----\n\n# the same with more rights\n"
        '[profile.staging]\nbase_url = "https://staging.example.com"   # no trailing slash\nrequest = "GET /"\n'
    )
    remove_profile(file, "staging")
    assert file.read_bytes().decode() == "# our environments\nversion = 1\n\n# ---- below: not production ----\n"


def test_a_comment_that_opens_the_file_stays(file: Path) -> None:
    file.write_text("# mine\n[profile.a]\nbase_url = 'https://a.example'\nrequest = '/'\n")
    remove_profile(file, "a")
    assert file.read_text() == "# mine\n"


def test_a_file_is_made_private_and_an_old_one_keeps_its_mode(file: Path, own_places: Path) -> None:
    profile = load_profiles(file)["staging"]
    save_profile(own_places / "new" / "p.toml", profile)
    assert (own_places / "new" / "p.toml").read_text() == "version = 1\n\n" + profile_toml(profile)
    assert stat.S_IMODE((own_places / "new" / "p.toml").stat().st_mode) == 0o600
    file.chmod(0o644)
    save_profile(file, replace(profile, request="GET /x"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_a_symbolic_link_stays_one(file: Path, own_places: Path) -> None:
    link = own_places / "link.toml"
    link.symlink_to(file)
    save_profile(link, replace(load_profiles(link)["staging"], request="GET /x"))
    assert link.is_symlink()
    assert load_profiles(file)["staging"].request == "GET /x"


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_windows_line_ends_and_a_byte_order_mark_stay(file: Path, start: str) -> None:
    text = start + HAND_WRITTEN.replace("\n", "\r\n")
    file.write_bytes(text.encode())
    profile = load_profiles(file)["prod"]
    save_profile(file, replace(profile, whoami="GET /me"))
    assert file.read_bytes().decode() == text.replace('"requests"\r\n', '"requests"\r\nwhoami = "GET /me"\r\n')
    save_profile(file, replace(profile, name="neu"))
    remove_profile(file, "neu")
    assert file.read_bytes().decode() == text.replace('"requests"\r\n', '"requests"\r\nwhoami = "GET /me"\r\n')


def test_a_profile_in_two_places_of_the_file_is_joined(file: Path) -> None:
    extra = '\n# more of prod\n[profile.prod.expect]\ntype = "at+jwt"\n'
    file.write_bytes((HAND_WRITTEN + extra).encode())
    prod = load_profiles(file)["prod"]
    save_profile(file, replace(prod, expect=replace(prod.expect, issuer="https://i")))
    assert load_profiles(file)["prod"].expect.issuer == "https://i"
    assert '\n[profile.staging]\nbase_url = "https://staging.example.com"   # no trailing slash\nrequest = "GET /"\n' in file.read_text()


@pytest.mark.parametrize(
    "text",
    [
        'profile.prod.base_url = "https://a.example"\nprofile.prod.request = "GET /"\n',
        '[profile]\nprod = { base_url = "https://a.example", request = "GET /" }\n',
    ],
)
def test_a_profile_without_a_table_of_its_own_is_left_alone(file: Path, text: str) -> None:
    file.write_text(text)
    profile = load_profiles(file)["prod"]
    for change in (lambda: save_profile(file, replace(profile, request="GET /x")), lambda: remove_profile(file, "prod")):
        with pytest.raises(ConfigError, match=r"line \d: profile prod is written with dotted keys or as an inline table"):
            change()
    assert file.read_text() == text


def test_a_form_that_cannot_be_edited_is_refused_and_unchanged(file: Path) -> None:
    text = '[profile.prod]\nbase_url = "https://a.example"\nrequest = "GET /"\noauth.client_id = "x"\n'
    file.write_text(text)
    profile = load_profiles(file)["prod"]
    with pytest.raises(ConfigError, match="written in a way that authwizard does not edit"):
        save_profile(file, replace(profile, oauth=OAuth(client_id="x", audience="y")))
    assert file.read_text() == text


def test_a_broken_profile_can_be_replaced_and_removed(file: Path) -> None:
    file.write_text(HAND_WRITTEN.replace('"https://staging.example.com"', '"staging"'))
    with pytest.raises(ConfigError):
        load_profiles(file)
    save_profile(file, Profile("staging", "https://staging.example.com", "GET /"))
    assert load_profiles(file)["staging"].base_url == "https://staging.example.com"


def test_what_would_not_be_read_back_is_not_written(file: Path) -> None:
    good = load_profiles(file)["staging"]
    for bad in (
        replace(good, base_url="nonsense"),
        replace(good, headers={"Authorization": "Bearer " + "x" * 30}),
        replace(good, known_good="nobody"),
        replace(good, headers={"X-A": "\udc80"}),
        replace(good, name="no/slash"),
    ):
        with pytest.raises(ConfigError):
            save_profile(file, bad)
    assert file.read_bytes().decode() == HAND_WRITTEN


def test_a_profile_that_another_relies_on_is_not_removed(file: Path) -> None:
    save_profile(file, replace(load_profiles(file)["prod"], known_good="staging"))
    with pytest.raises(ConfigError, match="profile prod names staging as known_good"):
        remove_profile(file, "staging")
    with pytest.raises(ConfigError, match="there is no profile nope"):
        remove_profile(file, "nope")


def test_a_file_that_is_no_toml_is_not_touched(file: Path) -> None:
    file.write_text("[profile.x\n")
    with pytest.raises(ConfigError, match="line 1"):
        save_profile(file, Profile("a", "https://a.example", "GET /"))
    assert file.read_text() == "[profile.x\n"


def test_a_directory_that_cannot_be_written_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = load_profiles(file)["staging"]

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StoreError, match="could not be written: Permission denied"):
        save_profile(file, replace(profile, request="GET /x"))
    assert file.read_bytes().decode() == HAND_WRITTEN


def test_what_a_killed_writer_left_is_swept_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    for name in (".profiles.toml-ab12cd_x.tmp", ".profiles-edit.toml", ".profiles.toml.swp"):
        (tmp_path / name).touch()
    save_profile(path, Profile("prod", "https://api.example.com", "GET /"))
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [".profiles-edit.toml", ".profiles.toml.swp", "profiles.toml"]
