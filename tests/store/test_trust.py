"""Secrets are bound to origins: what has to be agreed to, when again, and how it is said."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError, TrustError
from authwizard.model.profile import CredentialSpec, Endpoint, Links, Network, OAuth, Profile, Reference
from authwizard.store import state, trust
from authwizard.store.paths import profiles_path
from authwizard.store.trust import TrustItem, destinations, is_trusted, needs_trust, trust_command, trust_error, trust_hash

PROFILE = Profile(
    "prod",
    "https://api.example.com/v1",
    "GET /me",
    oauth=OAuth(issuer="https://login.example.com", token_url="https://auth.example.com/token"),
    secrets={"access_token": Reference("env:TOKEN"), "client_secret": Reference(cmd=("pass", "show", "a b"))},
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "profiles.toml"


def test_a_new_profile_lists_each_reference_with_its_host(source: Path) -> None:
    assert needs_trust(PROFILE, source) == [
        TrustItem("access_token", "env:TOKEN", "https://api.example.com:443, https://login.example.com:443"),
        TrustItem("client_secret", "cmd: pass show 'a b'", "https://auth.example.com:443, https://login.example.com:443"),
    ]
    assert not is_trusted(PROFILE, source)


def test_an_agreement_holds_until_something_it_is_about_changes(source: Path) -> None:
    trust.trust(PROFILE, source)
    assert is_trusted(PROFILE, source)
    oauth = PROFILE.oauth or OAuth()
    same = [
        replace(PROFILE, environment="production", request="GET /other", headers={"X-A": "b"}, links=Links(docs="https://d.example")),
        replace(PROFILE, oauth=replace(oauth, scopes=("a",), client_id="x"), network=Network(timeout_seconds=3)),
        replace(PROFILE, base_url="https://api.example.com/v2", credential=CredentialSpec("api_key"), endpoints=(Endpoint("GET /x"),)),
        replace(PROFILE, secrets={**PROFILE.secrets, "access_token": Reference("env:TOKEN", rotate_days=3)}),
    ]
    for profile in same:
        assert needs_trust(profile, source) == []
    changed = [
        replace(PROFILE, base_url="https://api.example.net/v1"),
        replace(PROFILE, base_url="http://api.example.com/v1"),
        replace(PROFILE, base_url="https://api.example.com:8443/v1"),
        replace(PROFILE, origin_url="https://origin.example.com"),
        replace(PROFILE, oauth=replace(oauth, token_url="https://evil.example.net/token")),
        replace(PROFILE, oauth=replace(oauth, introspection_url="https://evil.example.net/i")),
        replace(PROFILE, oauth=replace(oauth, issuer="https://evil.example.net")),
        replace(PROFILE, oauth=replace(oauth, revocation_url="https://evil.example.net/r")),
        replace(PROFILE, whoami="GET https://auth.example.com/userinfo"),
        replace(PROFILE, network=Network(client_cert="~/.ssl/me.pem")),
        replace(PROFILE, oauth=None),
        replace(PROFILE, network=Network(proxy="http://evil.example.net:3128")),
        replace(PROFILE, network=Network(proxy="none")),
        replace(PROFILE, network=Network(ca_bundle="/tmp/ca.pem")),
        replace(PROFILE, secrets={**PROFILE.secrets, "access_token": Reference("env:OTHER")}),
        replace(PROFILE, secrets={**PROFILE.secrets, "client_secret": Reference(cmd=("pass", "show a b"))}),
        replace(PROFILE, secrets={**PROFILE.secrets, "api_key": Reference("file:~/.ssh/id_rsa")}),
        replace(PROFILE, headers={"X-A": "{secret:client_secret}"}),
        replace(PROFILE, endpoints=(Endpoint("GET /x?s={secret:access_token}"),), oauth=replace(oauth, token_url="https://a.example/t")),
    ]
    for profile in changed:
        assert not is_trusted(profile, source)
        assert len(needs_trust(profile, source)) >= 2
    assert len({trust_hash(profile) for profile in changed}) == len(changed)


def test_an_agreement_is_about_one_file_and_one_name(source: Path, tmp_path: Path) -> None:
    trust.trust(PROFILE, source)
    assert needs_trust(PROFILE, tmp_path / "other.toml")
    assert needs_trust(replace(PROFILE, name="prod2"), source)
    trust.trust(PROFILE, tmp_path / "other.toml")
    trust.forget_trust("prod", source)
    trust.forget_trust("prod", source)
    assert needs_trust(PROFILE, source)
    assert needs_trust(PROFILE, tmp_path / "other.toml") == []


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_elsewhere_to_the_file_does_not_carry_its_agreement_along(source: Path, tmp_path: Path) -> None:
    """Relative paths and commands start where the name stands that was given: a stranger's directory may hold such a link."""
    source.parent.mkdir(exist_ok=True)
    source.touch()
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    link = theirs / "authwizard.toml"
    link.symlink_to(source)
    for reference in (Reference("file:token"), Reference(cmd=("make", "token"))):
        profile = Profile("prod", "https://api.example.com", "GET /", secrets={"access_token": reference, "api_key": Reference("env:KEY")})
        trust.trust(profile, source)
        assert (needs_trust(profile, source), is_trusted(profile, link)) == ([], False)
        first = needs_trust(profile, link)[0]
        assert (first.field, first.changed) == (
            "access_token", f"It starts in {theirs.resolve()} now; you agreed to it in {source.parent.resolve()}."
        )  # fmt: skip
        trust.trust(profile, link)
        assert needs_trust(profile, link) == []
    harmless = Profile("prod", "https://api.example.com", "GET /", secrets={"api_key": Reference("env:KEY")})
    trust.trust(harmless, source)
    assert needs_trust(harmless, link) == []
    for network in (Network(ca_bundle="ca.pem"), Network(client_cert="me.pem")):
        trust.trust(replace(harmless, network=network), source)
        assert needs_trust(replace(harmless, network=network), link)


def test_what_was_typed_just_now_needs_no_agreement() -> None:
    assert needs_trust(PROFILE, None) == []
    assert is_trusted(PROFILE, None)


def test_a_profile_without_secrets_has_nothing_to_agree_to(source: Path) -> None:
    assert needs_trust(replace(PROFILE, secrets={}), source) == []


def test_a_client_certificate_is_listed_even_where_no_secret_is_named(source: Path) -> None:
    profile = replace(PROFILE, secrets={}, oauth=None, network=Network(client_cert="~/.ssl/me.pem"))
    assert needs_trust(profile, source) == [TrustItem("client_cert", "file:~/.ssl/me.pem", "https://api.example.com:443")]
    trust.trust(profile, source)
    assert needs_trust(profile, source) == []


def test_a_stored_secret_whose_host_changed_is_listed(source: Path) -> None:
    profile = replace(PROFILE, secrets={})
    state.remember_stored("prod", "access_token", "b", trust.binding(profile, "access_token"))
    state.remember_stored("prod", "client_secret", "b", trust.binding(profile, "client_secret"))
    assert needs_trust(profile, source) == []
    assert needs_trust(replace(profile, base_url="https://evil.example.net"), source) == [
        TrustItem("access_token", "the stored secret", "https://evil.example.net:443, https://login.example.com:443")
    ]
    for network in (Network(proxy="http://evil.example.net:3128"), Network(ca_bundle="/tmp/ca.pem")):
        listed = [item.field for item in needs_trust(replace(profile, network=network), source)]
        assert listed == ["access_token", "client_secret", "ca_bundle" if network.ca_bundle else "proxy"]
    shadowed = replace(profile, base_url="https://evil.example.net", secrets={"access_token": Reference("env:X")})
    assert [item.reference for item in needs_trust(shadowed, source)] == ["env:X"]


def test_a_stored_secret_that_gets_another_place_to_go_to_has_to_be_agreed_to(source: Path) -> None:
    profile = replace(PROFILE, secrets={})
    trust.trust(profile, source)
    assert is_trusted(profile, source)
    assert not is_trusted(replace(profile, headers={"X-A": "{secret:client_secret}"}), source)


def test_agreeing_binds_the_stored_secrets_to_the_new_host(source: Path, tmp_path: Path) -> None:
    old, new = replace(PROFILE, secrets={}), replace(PROFILE, secrets={}, base_url="https://new.example.com")
    state.remember_stored("prod", "access_token", "b", trust.binding(old, "access_token"), now=5)
    trust.trust(new, source)
    assert needs_trust(new, tmp_path / "other.toml") == []
    assert needs_trust(old, tmp_path / "other.toml") != []
    assert state.stored_secrets("prod")["access_token"].created == 5


def test_destinations_follow_the_field_and_every_place_that_writes_it() -> None:
    api, auth = "https://api.example.com:443", "https://auth.example.com:443"
    login = "https://login.example.com:443"
    whole = OAuth("https://login.example.com", *(f"https://auth.example.com/{name}" for name in "tjir"))
    assert destinations(PROFILE, "access_token") == (api, login)
    assert destinations(PROFILE, "api_key") == (api,)
    assert destinations(PROFILE, "refresh_token") == (auth, login)
    assert destinations(replace(PROFILE, oauth=whole), "refresh_token") == (auth,)
    asked = replace(PROFILE, oauth=whole, whoami="GET https://auth.example.com/userinfo")
    assert destinations(asked, "access_token") == destinations(asked, "api_key") == (api, auth)
    assert destinations(replace(asked, whoami="GET https://other.example.net/userinfo"), "api_key") == (api,)
    assert destinations(replace(PROFILE, oauth=OAuth(issuer="https://login.example.com")), "client_secret") == (
        "https://login.example.com:443",
    )
    assert destinations(replace(PROFILE, oauth=None), "client_secret") == ()
    introspected = replace(PROFILE, oauth=OAuth(token_url="https://auth.example.com/t", introspection_url="https://i.example.com/i"))
    assert destinations(introspected, "access_token") == (api, "https://i.example.com:443")
    through = replace(PROFILE, network=Network(proxy="http://u:{secret:password}@proxy.example.com:3128"))
    assert destinations(through, "password") == ("http://proxy.example.com:3128", api)
    for writes in ({"probe": "GET /?s={secret:client_secret}"}, {"endpoints": (Endpoint("GET /?s={secret:client_secret}"),)}):
        assert destinations(replace(PROFILE, **writes), "client_secret") == (api, auth, login)
    assert destinations(replace(PROFILE, probe="GET /?s={secret:client_secret}"), "client_secret") == (api, auth, login)
    odd = replace(PROFILE, oauth=OAuth(token_url="https://auth.example.com/t?k={secret:api_key}"))
    assert destinations(odd, "api_key") == (api, auth)


def test_the_refusal_lists_everything_and_both_ways_to_agree(source: Path) -> None:
    profile = replace(
        PROFILE,
        secrets={"access_token": Reference("env:TOKEN"), "client_secret": Reference(cmd=("x", "\x1b[2J"))},
        network=Network(proxy="http://u:{secret:password}@proxy.example.com:3128", ca_bundle="/etc/ca.pem"),
    )
    error = trust_error(profile, needs_trust(profile, source), source)
    assert isinstance(error, TrustError)
    assert str(error) == (
        "Profile prod has not been agreed to as it is now. It would read and send:\n"
        "  env:TOKEN (access_token) -> https://api.example.com:443, https://login.example.com:443\n"
        "  cmd: x '\\x1b[2J' (client_secret) -> https://auth.example.com:443, https://login.example.com:443\n"
        "  the whole traffic (proxy) -> the proxy http://proxy.example.com:3128\n"
        "  trust in servers (ca_bundle) -> those that /etc/ca.pem vouches for, not this machine's own list\n"
        f"If that is right, run: authwizard profile trust prod --config {source} (or add --trust for this run only)."
    )


def test_the_usual_file_is_not_named_in_the_command_that_agrees() -> None:
    assert trust_command(PROFILE, profiles_path()) == "authwizard profile trust prod"


def test_a_secret_stored_for_a_strangers_profile_does_not_go_through_its_proxy_unseen(source: Path) -> None:
    """An import names the proxy, `store set` binds what is stored to it: nobody has seen it named as what it is yet."""
    for network in (Network(proxy="http://evil.example.net:3128"), Network(ca_bundle="ca.pem")):
        profile = replace(PROFILE, secrets={}, network=network)
        state.remember_stored("prod", "access_token", "b", trust.binding(profile, "access_token"))
        assert [item.field for item in needs_trust(profile, source)] == ["ca_bundle" if network.ca_bundle else "proxy"]
        trust.trust(profile, source)
        assert needs_trust(profile, source) == []


def test_a_host_header_is_a_place_the_secret_goes_to(source: Path) -> None:
    """Where many sites share one address, the Host decides who gets the request."""
    profile = replace(PROFILE, oauth=None, secrets={"access_token": Reference("env:TOKEN")})
    trust.trust(profile, source)
    fronted = replace(profile, headers={"hOst": "evil.example.net"})
    assert [item.host for item in needs_trust(fronted, source)] == ["https://api.example.com:443, https://evil.example.net:443"]
    assert needs_trust(replace(profile, headers={"Host": "API.example.com:8443"}), source) == []


def test_a_host_in_letters_that_look_alike_is_shown_as_dns_has_it(source: Path) -> None:
    profile = Profile(
        "prod", "https://\N{CYRILLIC SMALL LETTER A}pi.example.com", "GET /", secrets={"access_token": Reference("env:TOKEN")}
    )
    assert needs_trust(profile, source)[0].host.startswith("https://xn--pi-6kc.example.com:443 (written ")


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_in_the_place_of_an_agreed_file_has_to_be_agreed_to(source: Path, tmp_path: Path) -> None:
    source.parent.mkdir(exist_ok=True)
    private = tmp_path / "id_ed25519"
    private.write_text("key")
    token = source.parent / "token"
    token.write_text("harmless")
    profile = Profile("prod", "https://api.example.com", "GET /", secrets={"access_token": Reference("file:token")})
    assert needs_trust(profile, source)[0].changed == ""
    trust.trust(profile, source)
    token.write_text("another harmless one")
    assert is_trusted(profile, source)
    token.unlink()
    token.symlink_to(private)
    said = f"It leads to {private.resolve()} now; you agreed to {token.parent.resolve() / 'token'}."
    assert [item.changed for item in needs_trust(profile, source)] == [said]
    assert not is_trusted(profile, source)
    trust.trust(profile, source, edited=True)  # the wizard saves another setting: where the file leads was not looked at
    assert not is_trusted(profile, source)
    assert needs_trust(profile, tmp_path / "fresh" / ".." / "other.toml")[0].changed == f"It leads to {private.resolve()}."
    trust.trust(profile, source)
    assert needs_trust(profile, source) == []


def test_a_damaged_record_is_said_and_not_taken_for_agreement(source: Path, own_places: Path) -> None:
    trust.trust(PROFILE, source)
    file = own_places / "state" / "trust.json"
    nested = json.dumps({"version": 1, "agreed": {str(source.resolve()): 5}})
    for text in ("{", "[]", '{"version": 9}', '{"version": 1, "agreed": 5}', nested):
        file.write_text(text)
        with pytest.raises(StoreError, match=r"trust\.json is damaged\. Delete it; what is lost with it: which profiles"):
            needs_trust(PROFILE, source)
