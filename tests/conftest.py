"""What holds for every test: nothing leaves this machine, nothing of the user is touched."""

from __future__ import annotations

import gc
import ipaddress
import itertools
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from server_table import figure, rows_of, table

# Few enough examples for a suite one runs without thinking; CI looks longer. Both always at the same ones, so that a run that was green
# stays green; `pytest --hypothesis-profile=search` looks at new ones.
hypothesis.settings.register_profile("usual", max_examples=12, deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", max_examples=500, deadline=None)
hypothesis.settings.load_profile("long" if os.environ.get("CI") else "usual")

# The interface makes objects by the million: to look through them for garbage as often as by default takes a sixth of the suite's time.
# What is left lying is still found, some tests later.
gc.set_threshold(20_000, 20, 20)
# As for the programs that the tests start: what is compiled is kept, else every run compiles (and pytest rewrites) all tests anew.
sys.dont_write_bytecode = False


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every connection and datagram that would leave 127.0.0.0/8 or ::1, from the first test of this process to its last."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_disks() -> Iterator[None]:
    """Let what is synced to the disk stay in memory, where every process sees it: no test takes the power away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: os.fstat(file) and None)
        yield


def _guarded(original: Any) -> Any:
    def call(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise AssertionError(f"a test tried to reach {address[0]}")
        return original(self, *arguments)

    return call


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


OF_THE_USER = (
    "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "NETRC", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "PYTHONDONTWRITEBYTECODE",  # a child that may not keep compiled modules compiles the whole package anew
)  # fmt: skip
"""Variables of the user that would reach into a test."""


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_user() -> Iterator[None]:
    """Take the user's keyring, proxies and netrc out of the environment, once for all tests of this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OF_THE_USER:
            patch.delenv(name, raising=False)
        yield


class Homes:
    """One home after the other: a test that left nothing in its own leaves it to the next test."""

    def __init__(self, base: Path, patch: pytest.MonkeyPatch) -> None:
        self._paths = (base / str(number) for number in itertools.count())
        self._patch = patch
        self._home = next(self._paths)

    def give(self) -> None:
        """Let home, config and state be in an empty folder."""
        try:
            if not os.listdir(self._home):
                return
            self._home = next(self._paths)
        except FileNotFoundError:  # the first one, or one that a test has removed
            pass
        self._home.mkdir()
        for name in ("HOME", "USERPROFILE"):
            self._patch.setenv(name, str(self._home))
        self._patch.setenv("AUTHWIZARD_CONFIG_DIR", str(self._home / "config"))
        self._patch.setenv("AUTHWIZARD_STATE_DIR", str(self._home / "state"))


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with pytest.MonkeyPatch.context() as patch:
        yield Homes(tmp_path_factory.mktemp("homes"), patch)


@pytest.fixture(autouse=True)
def _own_home(_homes: Homes) -> None:
    """Give each test a home, config and state of its own."""
    _homes.give()


def pytest_collection_finish() -> None:
    """Keep what was collected out of every later search for garbage: it lives as long as the process."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def quick_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the key of the encrypted file cost next to nothing; what it must cost, `store/test_file_store.py` holds."""
    from authwizard.store import sealed_map

    monkeypatch.setattr(sealed_map, "LN", 10)
    monkeypatch.setattr(sealed_map, "LN_BOUNDS", (10, sealed_map.LN_BOUNDS[1]))


def require_service(*binaries: str) -> None:
    """Skip a test whose program or folder is absent, with the reason; fail instead where AUTHWIZARD_REQUIRE_SERVICES is set."""
    missing = [b for b in binaries if shutil.which(b) is None and not Path(b).is_dir()]
    if not missing:
        return
    reason = f"needs {', '.join(Path(b).name for b in missing)}; .ci/install-services installs it on Debian"
    if os.environ.get("AUTHWIZARD_REQUIRE_SERVICES"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def needs() -> Any:
    """Return `require_service`, for tests that need programs of this machine."""
    return require_service


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name long texts by their argument: values made at run time differ between the processes of a parallel run."""
    return argname if isinstance(val, (str, bytes)) and len(val) > 20 else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how the verdicts on real servers came out; the whole table with -v."""
    reports = [report for name in ("passed", "failed", "xfailed", "xpassed") for report in terminalreporter.stats.get(name, [])]
    rows = rows_of([report for report in reports if getattr(report, "when", "") == "call"])
    if rows:
        terminalreporter.section("real servers")
        for line in table(rows) if terminalreporter.config.option.verbose > 0 else [figure(rows)]:
            terminalreporter.write_line(line)
