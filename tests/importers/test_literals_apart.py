"""Are secrets of a request taken out of its settings, or left out and said, whatever the request carries?"""

from __future__ import annotations

import pytest

from authwizard.importers.imported import Imported, checked, of_request
from authwizard.importers.request import ImportedRequest
from authwizard.model.profile import CredentialSpec

FAKE = "practice-value-one"
RANDOM = "aB3dE6gH9jK2mN5pQ8sT1vW4"
LONG = RANDOM + RANDOM[::-1]


def made(url: str, *headers: tuple[str, str]) -> Imported:
    return checked(of_request("x", ImportedRequest("GET", url, list(headers))))


def secrets_of(imported: Imported) -> dict[str, str]:
    return {field: secret.reveal() for field, secret in imported.secrets.items()}


@pytest.mark.parametrize("name", ["sig", "X-API-KEY", "password", "Signature"])
def test_a_secret_of_any_name_in_the_query_is_the_credential_where_there_is_no_other(name: str) -> None:
    seen = made(f"https://a.example/x?a=1&{name}=12345")
    assert (seen.profile.request, seen.profile.credential) == ("GET /x?a=1", CredentialSpec("api_key", query=name))
    assert secrets_of(seen) == {"api_key": "12345"}


def test_beside_a_credential_it_is_the_second_and_a_third_is_left_out_and_said() -> None:
    seen = made("https://a.example/x?sig=a%2Bb&secret=c", ("Authorization", f"Bearer {FAKE}"))
    assert seen.profile.request == "GET /x?sig={secret:second_credential}"
    assert secrets_of(seen) == {"access_token": FAKE, "second_credential": "a+b"}
    assert any("secret was left out" in note for note in seen.notes)


def test_a_long_random_part_of_a_path_is_taken_out() -> None:
    seen = made(f"https://a.example/{LONG}/x")
    assert seen.profile.request == "GET /{secret:second_credential}/x"
    assert secrets_of(seen) == {"second_credential": LONG}


def test_headers_that_may_be_secret_are_never_kept_in_clear() -> None:
    seen = made(
        "https://a.example/x", ("X-Api-Key", FAKE), ("X-Session", "one-more-value"), ("X-Secret-Two", "a-third-value"), ("X-A", "1")
    )
    assert seen.profile.headers == {"X-Session": "{secret:second_credential}", "X-A": "1"}
    assert any("X-Secret-Two was left out" in note for note in seen.notes)


def test_the_credential_that_stands_in_another_header_as_well_is_named_there() -> None:
    seen = made("https://a.example/x", ("Authorization", f"Bearer {FAKE}"), ("X-Copy", f"v={FAKE}"))
    assert seen.profile.headers == {"X-Copy": "v={secret:access_token}"}


def test_what_is_no_header_name_is_left_out_and_said() -> None:
    seen = made("https://a.example/x", ("Accept;charset=UTF-8", "x"), ("Accept", "*/*"))
    assert seen.profile.headers == {"Accept": "*/*"}
    assert any("no name of a header" in note for note in seen.notes)


def test_cookies_that_were_sent_apart_are_one_header() -> None:
    seen = made("https://a.example/x", ("cookie", f"sid={FAKE}"), ("accept", "*/*"), ("cookie", "theme=dark"))
    assert secrets_of(seen) == {"session_cookie": f"sid={FAKE}; theme=dark"}
