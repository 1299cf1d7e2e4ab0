from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from authwizard.model.evidence import ClientEnvironment, SecretState, StoredSecrets
from authwizard.model.profile import OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.probe import World
from authwizard.probes.environment import client_environment

from .conftest import stored

PROFILE = Profile(
    "acme-prod",
    "https://api.acme.example/v1",
    "GET /x",
    environment="production",
    oauth=OAuth(token_url="https://login.acme.example/token"),
)
TOKEN = "tok-" + "aB3" * 15


async def look(world: World, secrets: StoredSecrets | None = None) -> ClientEnvironment:
    seen = await client_environment.look(world, secrets or stored(access_token=TOKEN))
    assert isinstance(seen, ClientEnvironment)
    assert TOKEN not in repr(seen)
    return seen


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


async def test_nothing_special(make_world: Callable[..., World], home: Path) -> None:
    seen = await look(make_world(PROFILE, home=str(home), environ={"PATH": "/bin"}))
    assert seen == ClientEnvironment(in_container=seen.in_container)


async def test_proxies_and_certificates_by_name(make_world: Callable[..., World], home: Path) -> None:
    environ = {
        "HTTPS_PROXY": "http://u:secret-pw@p:1",
        "no_proxy": "a, 10.0.0.0/8",
        "REQUEST_METHOD": "GET",
        "CURL_CA_BUNDLE": "/x",
        "ALL_PROXY": "",
    }
    seen = await look(make_world(PROFILE, home=str(home), environ=environ))
    assert seen.proxy_variables == ("HTTPS_PROXY", "no_proxy")
    assert (seen.no_proxy_cidr, seen.request_method_set, seen.ca_variables) == (True, True, ("CURL_CA_BUNDLE",))
    assert "secret-pw" not in repr(seen)


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("machine api.acme.example login ann password s3cr3t-pw\n", ("api.acme.example",)),
        ("machine other.example login a password b\ndefault login a password s3cr3t-pw\n", ("default",)),
        (
            "machine api.acme.example login a password b machine login.acme.example login a password b",
            ("api.acme.example", "login.acme.example"),
        ),
        ("machine api.acme.example nonsense s3cr3t-pw", ()),
        ("", ()),
    ],
)
async def test_netrc_presence_only(make_world: Callable[..., World], home: Path, text: str, hosts: tuple[str, ...]) -> None:
    (home / ".netrc").write_text(text)
    seen = await look(make_world(PROFILE, home=str(home)))
    assert (seen.netrc_hosts, seen.netrc_path) == (hosts, "~/.netrc")
    assert "s3cr3t" not in repr(seen)


async def test_the_netrc_variable_wins(make_world: Callable[..., World], home: Path) -> None:
    other = home / "elsewhere"
    other.write_text("machine api.acme.example login a password b")
    (home / ".netrc").write_text("")
    seen = await look(make_world(PROFILE, home=str(home), environ={"NETRC": str(other)}))
    assert seen.netrc_hosts == ("api.acme.example",)
    assert seen.netrc_path == "~/elsewhere"


async def test_curlrc(make_world: Callable[..., World], home: Path) -> None:
    (home / ".curlrc").write_text("-H 'X: y'")
    assert (await look(make_world(PROFILE, home=str(home)))).curlrc


@pytest.mark.parametrize(
    ("name", "value", "differs"),
    [
        ("ACME_PROD_TOKEN", "another", True),
        ("TOKEN", "another", True),
        ("PROD_ACCESS_TOKEN", "another", True),
        ("acme_token", "another", True),
        ("ACME_PROD_TOKEN", TOKEN, False),
        ("ACME_PROD_TOKEN", f"Bearer {TOKEN}\n", False),
        ("GITHUB_TOKEN", "another", False),
        ("STAGING_TOKEN", "another", False),
        ("TOKENIZER", "another", False),
        ("ACME_PROD_TOKEN", "", False),
    ],
)
async def test_variables_that_look_like_the_credential(
    make_world: Callable[..., World], home: Path, name: str, value: str, differs: bool
) -> None:
    seen = await look(make_world(PROFILE, home=str(home), environ={name: value}))
    assert seen.differing_variables == ((name,) if differs else ())


async def test_the_variable_the_credential_comes_from_is_not_another_one(make_world: Callable[..., World], home: Path) -> None:
    own = StoredSecrets({"access_token": SecretState("access_token", "present", "env:ACME_TOKEN", secret=Secret(TOKEN))})
    seen = await look(make_world(PROFILE, home=str(home), environ={"ACME_TOKEN": TOKEN + "x"}), own)
    assert seen.differing_variables == ()


async def test_the_dotenv_of_the_working_directory(make_world: Callable[..., World], home: Path) -> None:
    (home / ".env").write_text("# comment\nexport ACME_TOKEN='older'\nGITHUB_TOKEN=x\nbroken line\nCLIENT_SECRET=\"s3cr3t-pw\"\n")
    world = make_world(PROFILE, home=str(home), directory=str(home))
    seen = await look(world, stored(access_token=TOKEN, client_secret="s3cr3t-pw"))
    assert seen.differing_variables == ("ACME_TOKEN in .env",)
    assert (await look(make_world(PROFILE, home=str(home)))).differing_variables == ()
