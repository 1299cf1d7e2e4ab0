"""`authwizard check -`: whatever a person has at hand is recognised, answered, and leaves no secret behind."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import json
import logging
import shlex
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from leak_search import Pieces

from authwizard.cli import check as check_module
from authwizard.cli.demo import running
from authwizard.demo.faults import fault_named
from authwizard.demo.platform import PROFILE, Platform
from authwizard.model.run import Run
from authwizard.model.secret import Secret
from authwizard.probes import baseline, clocks
from authwizard.report import RENDERERS

REQUEST = "/v2/organizations/current"
WRONG = "plainly-fake-wrong-secret-0123456789"


@dataclass(frozen=True)
class Answer:
    """What the command said."""

    status: int
    run: dict[str, Any]
    err: str

    @property
    def verdict(self) -> dict[str, Any]:
        return self.run["verdict"]

    @property
    def exchanges(self) -> list[str]:
        return [e["id"] for e in self.run["exchanges"]]


class Door:
    """A practice platform, and what a person could have of it in the clipboard."""

    def __init__(self, platform: Platform, say: Callable[..., Any], piped: Callable[[bytes], None], log: pytest.LogCaptureFixture) -> None:
        self.platform = platform
        self.runs: list[Run] = []
        self._pieces = (Pieces(()), frozenset[str]())
        self._say, self._piped, self._log = say, piped, log

    @functools.cached_property
    def oauth(self) -> dict[str, Any]:
        return tomllib.loads(self.platform.profiles_toml)["profile"][PROFILE].get("oauth", {})  # type: ignore[no-any-return]

    def secret(self, field: str) -> str:
        return self.platform.secrets[PROFILE][field].reveal()

    @property
    def url(self) -> str:
        return self.platform.urls["base"] + REQUEST

    @property
    def token_url(self) -> str:
        return str(self.oauth["token_url"])

    def curl(self, *options: str, url: str = "") -> str:
        return shlex.join(["curl", "-sS", url or self.url, *options])

    def api_call(self) -> str:
        return self.curl("-H", f"Authorization: Bearer {self.secret('access_token')}")

    def token_request(self, secret: str, *more: str) -> str:
        client = f"{self.oauth['client_id']}:{secret}"
        return self.curl("-u", client, "-d", "grant_type=client_credentials", *more, url=self.token_url)

    def response(self) -> str:
        """The API's answer to the stored token, as `curl -i` shows it."""
        answer = httpx.get(self.url, headers={"Authorization": f"Bearer {self.secret('access_token')}"}, trust_env=False)
        fields = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        return f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r\n{fields}\r\n{answer.text}\n"

    def verbose(self, answer: str) -> str:
        """Request and answer as `curl -v` shows them."""
        host = self.url.partition("://")[2].partition("/")[0]
        sent = [f"GET {REQUEST} HTTP/1.1", f"Host: {host}", "User-Agent: curl/8.5.0", "Accept: */*",
                f"Authorization: Bearer {self.secret('access_token')}", ""]  # fmt: skip
        head, _, body = answer.partition("\r\n\r\n")
        received = [*head.split("\r\n"), ""]
        return "\n".join(["* Connected to the API", *(f"> {line}" for line in sent), *(f"< {line}" for line in received), body])

    def check(self, text: str, *options: str) -> Answer:
        """Paste a text; no secret of the platform or of the text is in anything that comes out."""
        self._piped(text.encode())
        self.runs.clear()
        said = self._say("check", "-", "--format", "json", *options)
        others = [render for form, render in RENDERERS.items() if form != "json"]  # that one was said
        texts = [said.out, said.err, self._log.text, *(render(run) for run in self.runs for render in others)]
        assert [found for text in texts for found in self._searched().within(text)] == []
        assert self.platform.errors == ()
        run = json.loads(said.out)
        assert not [c for s in run["steps"] for c in s["checks"] if c["status"] == "crashed"]
        return Answer(said.status, run, said.err)

    def _searched(self) -> Pieces:
        """The pieces of all secrets there are by now."""
        secrets = (*self.platform.all_secrets, Secret(WRONG))
        if (values := frozenset(secret.reveal() for secret in secrets)) != self._pieces[1]:
            self._pieces = (Pieces(secrets), values)
        return self._pieces[0]


@pytest.fixture
def door(
    run: Callable[..., Any], piped: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Callable[[str], Door]]:
    """Return a function that starts the practice platform with a fault; its time server stands in for the usual one."""
    caplog.set_level(logging.DEBUG)
    render, ask = check_module.render, clocks.ask
    with contextlib.ExitStack() as stack:

        def start(fault: str) -> Door:
            platform = stack.enter_context(running(fault_named(fault)))
            opened = Door(platform, run, piped, caplog)
            host, _, port = platform.urls["ntp"].partition(":")

            def remember(runs: Any, form: str, *, many: bool) -> str:
                opened.runs.extend(runs)
                return render(runs, form, many=many)

            def ask_here(server: str, _: int, **options: Any) -> Any:
                assert server == "pool.ntp.org"
                return ask(host, int(port), **options)

            monkeypatch.setattr(check_module, "render", remember)
            monkeypatch.setattr(clocks, "ask", ask_here)
            return opened

        yield start


# ── the API call ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_curl_command_that_works_is_healthy(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check(opened.api_call())
    assert (answer.verdict["kind"], answer.status) == ("healthy", 0)
    assert answer.err == f"Recognised: A curl command: GET {opened.url} with a bearer token in the Authorization header.\n"


def test_a_curl_command_with_an_expired_token_names_it(door: Callable[[str], Door]) -> None:
    opened = door("token_expired")
    answer = opened.check(opened.api_call())
    assert (answer.verdict["cause"], answer.verdict["step"], answer.status) == ("token_expired", 2, 1)
    assert answer.verdict["confidence"] in ("very_likely", "proven")


def test_the_user_agent_of_the_command_is_sent(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check(opened.api_call() + " -A their-program/1.0")
    sent = {value for e in answer.run["exchanges"] for name, value in e["request"]["headers"] if name.lower() == "user-agent"}
    assert sent == {"their-program/1.0"}


def test_an_api_key_in_an_unusual_header_is_the_credential(door: Callable[[str], Door]) -> None:
    opened = door("api_key_invalid")
    answer = opened.check(opened.curl("-H", f"X-Api-Key: {opened.secret('api_key')}", url=opened.url.replace("/v2/", "/v3/")))
    assert (answer.verdict["kind"], answer.status) == ("cause", 1), answer.verdict
    assert "an API key in the X-Api-Key header" in answer.err


def test_what_of_a_command_is_not_sent_is_said(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check(opened.api_call() + " -X POST -d '{}' -k")
    assert "Left out of it: its body." in answer.err
    assert (answer.verdict["kind"], answer.status) == ("could_not_look", 4)
    assert "--allow write" in answer.verdict["next_test"]


# ── the token request ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["basic", "post", "json"])
def test_a_token_request_that_works_is_healthy_and_nothing_else_is_sent(door: Callable[[str], Door], way: str) -> None:
    opened = door("healthy")
    members = {"grant_type": "client_credentials", "client_id": opened.oauth["client_id"], "client_secret": opened.secret("client_secret")}
    text = {
        "basic": opened.token_request(opened.secret("client_secret"), "-d", "scope=read write"),
        "post": opened.curl(*(part for pair in members.items() for part in ("-d", "=".join(pair))), url=opened.token_url),
        "json": opened.curl("--json", json.dumps(members), url=opened.token_url),
    }[way]
    answer = opened.check(text)
    assert f"Recognised: A token request: client_credentials at {opened.token_url}." in answer.err
    assert (answer.verdict["kind"], answer.status) == ("healthy", 0), answer.verdict
    assert answer.exchanges == ["token"]
    assert answer.run["profile"]["request"] == f"POST {opened.token_url}"


def test_a_token_request_with_a_wrong_secret_is_found_in_step_3(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check(opened.token_request(WRONG))
    assert (answer.verdict["cause"], answer.verdict["step"], answer.status) == ("client_credentials_invalid", 3, 1)
    assert {entry.server for entry in opened.platform.log} == {"auth"}, "the API is not asked, and nothing but the token endpoint"
    assert {entry.path for entry in opened.platform.log} == {"/oauth/token"}
    assert answer.run["requests"]["token"] <= 3


def test_a_refresh_token_is_not_spent_without_leave(door: Callable[[str], Door]) -> None:
    opened = door("token_expired-refreshable")
    client = f"{opened.oauth['client_id']}:{opened.secret('client_secret')}"
    text = opened.curl(
        "-u", client, "-d", "grant_type=refresh_token", "-d", f"refresh_token={opened.secret('refresh_token')}", url=opened.token_url
    )
    answer = opened.check(text)
    assert "sent only with your leave (--allow refresh)" in answer.err
    assert (answer.verdict["kind"], answer.verdict["cause"], answer.status) == ("could_not_look", None, 4)
    assert "--allow refresh" in answer.verdict["next_test"]
    assert opened.platform.log == ()
    allowed = opened.check(text, "--allow", "refresh")
    assert [(entry.server, entry.path) for entry in opened.platform.log] == [("auth", "/oauth/token")]
    assert allowed.exchanges == ["refresh"]
    spent = opened.check(text, "--allow", "refresh")
    assert (spent.verdict["kind"], spent.verdict["step"], spent.status) == ("cause", 3, 1), spent.verdict
    assert spent.verdict["cause"] in ("refresh_token_reused", "refresh_token_invalid")


VERIFIER = "plainly-fake-verifier-of-the-very-long-kind-0123456789"
CALLBACK = "http://127.0.0.1:8765/callback"


def signed_in(opened: Door) -> str:
    """Sign in as a browser would, and return the code that the redirect brings."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": opened.oauth["client_id"], "redirect_uri": CALLBACK, "scope": "read",
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    answer = httpx.get(opened.token_url.replace("/oauth/token", "/oauth/authorize"), params=asked, trust_env=False)
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def redeeming(opened: Door, code: str, redirect: str = CALLBACK, verifier: str = VERIFIER) -> str:
    members = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    client = f"{opened.oauth['client_id']}:{opened.secret('client_secret')}"
    return opened.curl("-u", client, *(part for pair in members.items() for part in ("-d", "=".join(pair))), url=opened.token_url)


def test_a_code_is_redeemed_once_with_leave(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    text = redeeming(opened, code := signed_in(opened))
    asked = len(opened.platform.log)
    held = opened.check(text)
    assert "sent only with your leave (--allow refresh)" in held.err
    assert (held.verdict["kind"], held.status) == ("could_not_look", 4)
    assert "--allow refresh" in held.verdict["next_test"]
    assert len(opened.platform.log) == asked
    good = opened.check(text, "--allow", "refresh")
    assert (good.verdict["kind"], good.status, good.exchanges) == ("healthy", 0, ["token"])
    assert code not in json.dumps(good.run)
    again = opened.check(text, "--allow", "refresh")
    assert (again.verdict["cause"], again.verdict["step"], again.status) == ("authorization_code_invalid", 3, 1)
    assert VERIFIER not in json.dumps(again.run)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [({"redirect": "http://localhost:8765/callback"}, "redirect_uri_mismatch"), ({"verifier": VERIFIER + "-of-another-sign-in"}, "pkce_mismatch")],
)  # fmt: skip
def test_what_does_not_fit_the_sign_in_is_named(door: Callable[[str], Door], changed: dict[str, str], cause: str) -> None:
    opened = door("healthy")
    answer = opened.check(redeeming(opened, signed_in(opened), **changed), "--allow", "refresh")
    assert (answer.verdict["cause"], answer.verdict["step"], answer.status) == (cause, 3, 1), answer.verdict
    assert answer.run["requests"]["token"] == 1


@pytest.mark.parametrize(
    ("member", "about"),
    [
        ("grant_type=authorization_code -d redirect_uri=http://127.0.0.1/cb", "it carries no code"),
        (
            "grant_type=password -d username=x -d password=plainly-fake",
            "client_credentials, refresh_token, authorization_code, device_code can be",
        ),
        ("grant_type=client_credentials -d client_assertion=e30.e30.e30", "signs an assertion"),
    ],
)
def test_a_token_request_that_cannot_be_tried_is_said_and_not_sent(
    door: Callable[[str], Door], run: Callable[..., Any], piped: Callable[[bytes], None], member: str, about: str
) -> None:
    opened = door("healthy")
    piped(f"curl {opened.token_url} -d {member}".encode())
    said = run("check", "-")
    assert (said.status, said.out) == (2, "")
    assert about in said.err
    assert said.is_one_sentence
    assert opened.platform.log == ()


# ── texts of a request and its answer ────────────────────────────────────────────────────────────────────────────────


def test_curl_v_text_with_its_401_is_tried_again(door: Callable[[str], Door]) -> None:
    opened = door("token_expired")
    answer = opened.check(opened.verbose(opened.response()))
    assert "It was answered with 401." in answer.err
    assert (answer.verdict["cause"], answer.status) == ("token_expired", 1)
    assert "P0" in answer.exchanges


def test_curl_v_text_with_a_401_that_does_not_come_again_is_not_reproduced(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    refused = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer error="invalid_token"\r\n\r\n{}'
    answer = opened.check(opened.verbose(refused))
    assert (answer.verdict["kind"], answer.status) == ("not_reproduced", 5)


def test_a_raw_response_is_judged_by_its_words_and_nothing_is_sent(door: Callable[[str], Door]) -> None:
    opened = door("token_expired")
    text = opened.response()
    asked = len(opened.platform.log)
    answer = opened.check(text)
    assert answer.err == "Recognised: A response with status 401. It is judged by what it says; nothing is sent.\n"
    assert (answer.verdict["cause"], answer.verdict["confidence"], answer.status) == ("token_expired", "likely", 1)
    assert len(opened.platform.log) == asked
    assert answer.run["requests"] == {"api": 0, "token": 0, "verification": 0, "other": 0}
    assert answer.run["profile"]["request"] == ""


# ── a token, a URL ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_expired_token_alone_names_it(door: Callable[[str], Door]) -> None:
    opened = door("token_expired")
    answer = opened.check(opened.secret("access_token") + "\n")
    assert answer.err.startswith("Recognised: A token (jws, ")
    assert (answer.verdict["cause"], answer.verdict["step"], answer.status) == ("token_expired", 2, 1)
    assert answer.verdict["confidence"] in ("possible", "likely"), "nothing but this machine's clock speaks for it"
    assert opened.platform.log == ()


def test_a_token_that_looks_right_shows_no_cause_and_asks_for_the_request(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check(opened.secret("access_token"))
    assert (answer.verdict["kind"], answer.verdict["cause"], answer.status) == ("could_not_look", None, 4)
    assert answer.verdict["candidates"] == []
    assert "curl command" in answer.verdict["next_test"]
    assert opened.platform.log == ()


def test_a_url_that_wants_a_credential_is_credential_missing(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check(opened.url)
    assert answer.err == f"Recognised: A URL: {opened.url}. It is asked without a credential.\n"
    assert (answer.verdict["cause"], answer.verdict["step"], answer.status) == ("credential_missing", 1, 1)
    assert answer.exchanges == ["D1"]
    assert [(entry.path, entry.authorization) for entry in opened.platform.log] == [(REQUEST, False)]


def test_a_url_that_answers_everybody_is_healthy(door: Callable[[str], Door]) -> None:
    opened = door("endpoint_not_protected")
    answer = opened.check(opened.url)
    assert (answer.verdict["kind"], answer.status) == ("healthy", 0), answer.verdict
    assert answer.verdict["warnings"] == []


def test_a_url_that_is_not_there_is_no_missing_credential(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check(opened.platform.urls["base"] + "/v2/nothing-here")
    assert (answer.verdict["kind"], answer.status) == ("cannot_tell", 3), answer.verdict


def test_a_server_that_is_not_there_could_not_be_looked_at(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    answer = opened.check("http://127.0.0.1:9/v2/me")
    assert (answer.verdict["kind"], answer.verdict["cause"], answer.status) == ("could_not_look", "network_unreachable", 4), answer.verdict
    assert opened.platform.log == ()


# ── secrets where they do not belong ─────────────────────────────────────────────────────────────────────────────────


def test_a_secret_in_a_wrong_place_is_shown_nowhere(door: Callable[[str], Door]) -> None:
    opened = door("healthy")
    token, address = opened.secret("access_token"), opened.url.partition("://")[2]
    texts = {
        "userinfo": opened.curl(url=f"http://plainly-fake-user:{WRONG}@{address}"),
        "userinfo of a URL": f"http://plainly-fake-user:{WRONG}@{address}",
        "query": opened.curl(url=f"{opened.url}?access_token={token}&page=2"),
        "path": opened.curl("-H", f"Authorization: Bearer {token}", url=f"{opened.url}/{token}"),
        "header": opened.curl("-H", f"X-Tenant: {token}", "-H", f"X-My-Secret: {WRONG}"),
        "header name": opened.curl("-H", f"Authorisation: Bearer {token}"),
        "cookie": opened.curl("-b", f"sid={WRONG}; other=1"),
        "odd scheme": opened.curl("-H", f"Authorization: Bearer Bearer  {token}"),
        "two of them": opened.curl("-H", f"Authorization: Bearer {token}", "-H", f"X-Api-Key: {WRONG}"),
        "form": opened.curl("-d", f"access_token={token}"),
    }
    assert {where: status for where, text in texts.items() if (status := opened.check(text).status) not in (0, 1, 3, 4)} == {}


@pytest.mark.parametrize("proxy", [f"http://client:{WRONG}@127.0.0.1:9", f"client:{WRONG}@127.0.0.1:9"])
def test_a_password_of_a_proxy_is_refused_and_not_quoted(
    run: Callable[..., Any], piped: Callable[[bytes], None], proxy: str
) -> None:  # fmt: skip
    piped(f"curl -x {proxy} http://127.0.0.1:9/ -H 'Authorization: Bearer {WRONG}'".encode())
    said = run("check", "-")
    assert (said.status, said.out) == (2, "")
    assert said.is_one_sentence
    assert "HTTPS_PROXY" in said.err
    assert WRONG not in said.err


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_failure_inside_a_probe_shows_no_value(
    door: Callable[[str], Door], monkeypatch: pytest.MonkeyPatch, form: str, run: Callable[..., Any], piped: Callable[[bytes], None]
) -> None:  # fmt: skip
    opened = door("healthy")

    def broken(profile: Any, *_: Any) -> Any:
        client_secret = opened.secret("access_token")
        raise RuntimeError(f"illegal header value {client_secret} for {profile.name}")

    monkeypatch.setattr(baseline, "users_request", broken)
    piped(opened.api_call().encode())
    said = run("check", "-", "--format", form)
    assert "authwizard failed here itself (RuntimeError)" in " ".join(said.out.split())
    assert Pieces(opened.platform.all_secrets).within(said.out + said.err) == []
    assert "illegal header" not in said.out + said.err
