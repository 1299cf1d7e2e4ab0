"""A report leaves the program only where a scan finds no secret in it, and the scan is not fooled by the program's own words."""

from __future__ import annotations

import html
import stat
from pathlib import Path

import pytest

from authwizard.model.errors import ConfigError, LeakError
from authwizard.model.profile import Endpoint, OAuth, Profile
from authwizard.report.export import ensure_clean, own_words, write_report

PROFILE = Profile(
    "orders-prod",
    "https://user:{secret:password}@orders.example.com/bot12345:private-path/v1?key=in-the-query",
    "GET /v2/private-request?sig=abcdef",
    oauth=OAuth(issuer="https://login.example.com/private-tenant", client_id="orders-client"),
    endpoints=(Endpoint("GET https://other.example.com/private-row"),),
)


def test_the_own_words_hold_names_and_hosts_and_no_path_or_query() -> None:
    own = own_words(PROFILE)
    for known in ("orders-prod", "orders.example.com", "login.example.com", "orders-client", "token_expired", "duration_ms", "DELETE"):
        assert known in own
    for hidden in ("private-path", "in-the-query", "private-request", "abcdef", "private-tenant", "private-row", "user:"):
        assert hidden not in own


def test_a_report_with_a_secret_is_neither_returned_nor_written(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    target.write_text("older")
    for write in (lambda: ensure_clean("x", lambda _: ("api_key", "api_key")), lambda: write_report(target, "x", lambda _: ("api_key",))):
        with pytest.raises(LeakError, match=r"would have held a secret \(api_key\)"):
            write()
    assert target.read_text() == "older"
    assert [p.name for p in tmp_path.iterdir()] == ["report.md"]


def test_a_clean_report_replaces_the_older_one_for_its_owner_alone(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    target.write_text("older")
    target.chmod(0o644)
    assert write_report(target, "new", lambda _: ()) == target
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("new", 0o600)
    with pytest.raises(ConfigError, match="--output"):
        write_report(tmp_path / "absent" / "report.md", "x", lambda _: ())


def test_a_symbolic_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    """Nobody can make the report overwrite a file of the user by leaving a link in its place."""
    precious, link = tmp_path / "precious", tmp_path / "report.md"
    precious.write_text("mine")
    link.symlink_to(precious)
    write_report(link, "new", lambda _: ())
    assert (precious.read_text(), link.read_text(), link.is_symlink()) == ("mine", "new", False)


def test_it_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.md"
    target.write_text("older")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        write_report(target, "new", lambda _: ())
    assert target.read_text() == "older"
    assert [p.name for p in tmp_path.iterdir()] == ["report.md"], "nothing is left lying about"


def test_an_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path / "report.md", "new", lambda _: ())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["absent/report.md", "folder", "file/report.md", "~nobody-of-this-name/report.md"])
def test_a_place_that_cannot_be_written_is_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    path = Path(name) if name.startswith("~") else tmp_path / name
    with pytest.raises(ConfigError) as caught:
        write_report(path, "x", lambda _: ())
    assert "cannot be written" in str(caught.value)
    assert "--output" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_the_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert write_report(Path("~/report.md"), "x", lambda _: ()) == tmp_path / "report.md"


def test_text_that_is_no_text_is_written_out(tmp_path: Path) -> None:
    write_report(tmp_path / "r", "a\udcffb", lambda _: ())
    assert (tmp_path / "r").read_text() == "a\\udcffb"


def test_what_is_scanned_is_what_is_written(tmp_path: Path) -> None:
    scanned: list[str] = []

    def find(text: str) -> tuple[str, ...]:
        scanned.append(text)
        return ()

    write_report(tmp_path / "r", "the text", find)
    assert scanned == [(tmp_path / "r").read_text()]


def test_a_secret_is_seen_through_the_escapes_of_a_page() -> None:
    """In HTML and XML `a"b&c<d` is written in another spelling than any the secret itself has."""
    secret = 'a"b&c<d-and-more'
    with pytest.raises(LeakError):
        ensure_clean(f"<p>{html.escape(secret)}</p>", lambda text: ("password",) if secret in text else ())
