"""I-06, S7-04: what the files beside a program assign, and which of it is another value of the stored credential."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests_support import make_jwt

from authwizard.model.evidence import ClientEnvironment
from authwizard.model.profile import Profile
from authwizard.probe import World
from authwizard.probes.environment import client_environment
from authwizard.probes.local_files import assignments, curl_config, in_env_file

from .conftest import stored

NOW = 1_800_000_000
CLAIMS = {"iss": "https://auth.example.com", "aud": "https://api.example.com"}
STORED = make_jwt({**CLAIMS, "iat": NOW, "exp": NOW + 3600})
OLDER = make_jwt({**CLAIMS, "iat": NOW - 7200, "exp": NOW - 3600})
FOREIGN = make_jwt({"iss": "https://login.other.example", "iat": NOW - 7200, "exp": NOW - 3600})
PROFILE = Profile("prod", "https://api.example.com", "GET /x", environment="production")


async def look(make_world: Callable[..., World], place: Path, **secrets: str) -> ClientEnvironment:
    world = make_world(PROFILE, home=str(place), directory=str(place))
    seen = await client_environment.look(world, stored(**(secrets or {"access_token": STORED})))
    assert isinstance(seen, ClientEnvironment)
    assert not any(value in repr(seen) for value in (STORED, OLDER, FOREIGN))
    return seen


COMPOSE = f"""services:
  web:
    image: app
    env_file:
      - path: ./web.env
      - "db.env"
    environment:
      - DEBUG=1
      - API_TOKEN={OLDER}
      - PROD_TOKEN=${{PROD_TOKEN}}
  job:
    env_file: job.env
    environment:
      API_ACCESS_TOKEN: "{OLDER}"
"""


async def test_compose_files_and_what_they_name(make_world: Callable[..., World], tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "web.env").write_text(f"WHATEVER_IT_IS_CALLED={OLDER}\n")
    (tmp_path / "job.env").write_text(f"API_TOKEN='{STORED}'\n")
    seen = await look(make_world, tmp_path)
    assert seen.files == ("compose.yaml", "web.env", "job.env")
    assert seen.differing_variables == ("API_TOKEN in compose.yaml", "API_ACCESS_TOKEN in compose.yaml", "WHATEVER_IT_IS_CALLED in web.env")
    assert seen.same_places == ("API_TOKEN in job.env",)
    assert {(v.older, v.expires) for v in seen.other_values} == {(True, float(NOW - 3600))}


async def test_a_token_of_the_same_issuer_counts_under_any_name_and_another_ones_does_not(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"SOMETHING={OLDER}\nELSE={FOREIGN}\nREFRESH=refresh-value-that-is-stored\n")
    seen = await look(make_world, tmp_path, access_token=STORED, refresh_token="refresh-value-that-is-stored")
    assert seen.differing_variables == ("SOMETHING in .env",)


async def test_what_some_readers_make_of_the_right_value(make_world: Callable[..., World], tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(f"API_TOKEN='{STORED}'\nTOKEN={STORED}\r\n".encode())
    seen = await look(make_world, tmp_path)
    assert seen.same_places == ("API_TOKEN in .env", "TOKEN in .env")
    assert [cause for cause, _ in seen.cautions] == ["quotes_in_token", "whitespace_in_credential"]


async def test_env_files_of_an_environment(make_world: Callable[..., World], tmp_path: Path) -> None:
    (tmp_path / ".env.production").write_text("API_TOKEN=another\n")
    (tmp_path / ".env.prod").write_text("TOKEN=another\n")
    assert (await look(make_world, tmp_path)).differing_variables == ("API_TOKEN in .env.production", "TOKEN in .env.prod")


async def test_a_variable_of_another_profile_or_environment_is_what_it_is_meant_to_be(make_world: Callable[..., World]) -> None:
    from authwizard.model.profile import Reference

    other = Profile("eu", "https://eu.example.com", "GET /x", secrets={"access_token": Reference("env:PROD_EU_TOKEN")})
    environ = {"PROD_EU_TOKEN": "another", "PROD_STAGING_TOKEN": "another", "API_TEST_TOKEN": "another", "PROD_API_TOKEN": "another"}
    world = make_world(PROFILE, environ=environ, others=(other,))
    seen = await client_environment.look(world, stored(access_token=STORED))
    assert isinstance(seen, ClientEnvironment)
    assert seen.differing_variables == ("PROD_API_TOKEN",)


def test_nothing_outside_the_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside.env").write_text("TOKEN=x\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "compose.yaml").write_text(f"env_file:\n  - ../outside.env\n  - {tmp_path}/outside.env\n  - ~/x.env\n")
    assert assignments(str(inner), "../outside") == ((), ("compose.yaml",))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    assert assignments(str(tmp_path), "prod") == ((), ())


async def test_curlrc(make_world: Callable[..., World], tmp_path: Path) -> None:
    (tmp_path / ".curlrc").write_text(
        f'# -u no\n-H "Authorization: Bearer {OLDER}"\nheader = X-A: 1\nnetrc-optional\nproxy: http://u:p@x:1\nsilent\n-k\n'
    )
    seen = await look(make_world, tmp_path)
    assert seen.curlrc_options == ("header Authorization", "header X-A", "netrc-optional", "proxy", "insecure")
    assert [(v.place, v.older) for v in seen.other_values] == [("header Authorization in ~/.curlrc", True)]


async def test_a_login_beyond_ascii_and_the_one_in_netrc(make_world: Callable[..., World], tmp_path: Path) -> None:
    from dataclasses import replace

    from authwizard.model.profile import CredentialSpec

    (tmp_path / ".netrc").write_text("machine api.example.com login svc password plainly-fake\n")
    basic = replace(PROFILE, credential=CredentialSpec("basic"))
    for password, same, beyond in (("plainly-fake", True, False), ("p\u00e4ss", False, True)):
        world = make_world(basic, home=str(tmp_path))
        seen = await client_environment.look(world, stored(username="svc", password=password))
        assert isinstance(seen, ClientEnvironment)
        assert (seen.netrc_same, seen.login_beyond_ascii) == (same, beyond)


@pytest.mark.parametrize(
    ("no_proxy", "proxied", "by_block"),
    [("", True, False), ("10.0.0.0/8", False, True), ("10.1.2.3,10.0.0.0/8", False, False), ("x/y", True, False)],
)
async def test_a_proxy_and_what_is_exempt(make_world: Callable[..., World], no_proxy: str, proxied: bool, by_block: bool) -> None:
    world = make_world(Profile("p", "http://10.1.2.3:8080", "GET /"), environ={"http_proxy": "http://127.0.0.1:1", "no_proxy": no_proxy})
    seen = await client_environment.look(world, stored(access_token=STORED))
    assert isinstance(seen, ClientEnvironment)
    assert (seen.proxied, seen.exempt_by_block) == (proxied, by_block)


@pytest.mark.parametrize(
    "line", ["A=" + " " * 200_000 + "x", "env_file:" + " " * 200_000 + "x", "A" + " " * 200_000, "-H " + " " * 200_000 + "x"]
)
def test_a_long_line_is_read_in_no_time(tmp_path: Path, line: str) -> None:
    for name in ("compose.yaml", ".env", ".curlrc"):
        (tmp_path / name).write_text(line)
    began = time.process_time()
    assignments(str(tmp_path), "p")
    curl_config((tmp_path / ".curlrc",), {})
    assert time.process_time() - began < 2


@given(st.text(max_size=200))
def test_no_text_crashes_a_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    place = tmp_path_factory.getbasetemp()
    list(in_env_file(text, "x"))
    for name in ("compose.yaml", ".curlrc"):
        (place / name).write_text(text, "utf-8", "surrogatepass")
    assignments(str(place), "p")
    curl_config((place / ".curlrc",), {})
