from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost, RunOptions
from authwizard.model.run import RequestCount
from authwizard.probe import Halted, Request
from authwizard.probes.budget import Budget, is_lock_out


def ask(target: Any = "api", cost: Cost = Cost.C2, method: str = "GET") -> Request:
    return Request("x", "test", cost, target, method, "https://api.example.com/")


def answer(status: int, target: Any = "api", body: str = "", **headers: str) -> Exchange:
    fields = tuple((n.replace("_", "-"), v) for n, v in headers.items())
    return Exchange("x", "", "C2", target, "GET", "", status=status, body=body, response_headers=fields)


def test_api_and_token_requests_have_their_own_budget_and_the_rest_none() -> None:
    budget = Budget(RunOptions(api_budget=2, token_budget=1))
    for _ in range(2):
        budget.admit(ask())
    budget.admit(ask("token", Cost.C4, "POST"))
    for _ in range(30):
        budget.admit(ask("verification"))
        budget.admit(ask("metadata", Cost.C1))
    with pytest.raises(Halted, match="2 API requests"):
        budget.admit(ask())
    with pytest.raises(Halted, match="1 token requests"):
        budget.admit(ask("token", Cost.C4, "POST"))
    assert budget.counts == RequestCount(2, 1, 30, 30)


@pytest.mark.parametrize("target", ["api", "token", "verification"])
@pytest.mark.parametrize("said", [{"status": 429}, {"status": 503, "Retry_After": "3"}, {"status": 401, "body": "Your account is locked."}])
def test_a_sign_to_stop_stops_everything_that_carries_a_credential(target: Any, said: dict[str, Any]) -> None:
    budget = Budget(RunOptions(allow_refresh=True))
    budget.admit(ask())
    budget.observe(answer(target=target, **said))
    for cost, whom in ((Cost.C2, "api"), (Cost.C3, "api"), (Cost.C4, "token"), (Cost.C5, "token")):
        with pytest.raises(Halted, match="nothing more is sent"):
            budget.admit(ask(whom, cost))
    budget.admit(ask("api", Cost.C1))


def test_metadata_hosts_do_not_stop_the_run() -> None:
    budget = Budget(RunOptions())
    budget.observe(answer(429, "metadata"))
    budget.admit(ask())


def test_two_server_errors_of_the_api_stop_it_one_does_not() -> None:
    budget = Budget(RunOptions())
    budget.observe(answer(502))
    budget.admit(ask())
    budget.observe(answer(500))
    with pytest.raises(Halted, match="server error"):
        budget.admit(ask())


def test_server_errors_of_the_authorization_server_do_not_count_as_the_apis() -> None:
    budget = Budget(RunOptions())
    budget.observe(answer(500, "token"))
    budget.observe(answer(500, "token"))
    budget.admit(ask())


@pytest.mark.parametrize(
    "words",
    [
        "Your account has been temporarily locked due to multiple failed sign-in attempts", "account_locked", "User is locked",
        "AADSTS50053: The account is locked", "Too many failed login attempts", "Please solve the CAPTCHA", "You are locked out", "ACCOUNT LOCKED",
    ],
)  # fmt: skip
def test_words_of_a_lock_out(words: str) -> None:
    assert is_lock_out(answer(401, body=f'{{"error": "{words}"}}'))
    assert is_lock_out(answer(403, www_authenticate=f'Bearer error_description="{words}"'))
    assert not is_lock_out(answer(200, body=words))


@pytest.mark.parametrize(
    "words", ["Token is invalid or expired", "blocked by policy", "The resource is locked by another user", "clock out of sync"]
)
def test_other_words_are_no_lock_out(words: str) -> None:
    assert not is_lock_out(answer(401, body=words))


def test_header_fields_of_a_lock_out() -> None:
    assert is_lock_out(answer(403, X_Authentication_Denied_Reason="CAPTCHA_CHALLENGE; login-url=https://x"))
    assert is_lock_out(answer(401, X_Seraph_LoginReason="AUTHENTICATION_DENIED"))
    assert not is_lock_out(answer(401, X_Seraph_LoginReason="AUTHENTICATED_FAILED"))
    assert is_lock_out(answer(423))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (ask(cost=Cost.C3), "C3"),
        (ask("token", Cost.C4, "POST"), "C4"),
        (ask("token", Cost.C5, "POST"), "--allow refresh"),
        (ask(cost=Cost.C5, method="POST"), "--allow write"),
        (ask(cost=Cost.C2, method="DELETE"), "--allow write"),
        (ask(cost=Cost.C1, method="PUT"), "--allow write"),
    ],
)
def test_what_was_not_agreed_to_is_not_sent(request_: Request, words: str) -> None:
    budget = Budget(RunOptions(costs=frozenset({Cost.C0, Cost.C1, Cost.C2})))
    with pytest.raises(Halted, match=words):
        budget.admit(request_)
    assert budget.counts == RequestCount()


def test_leave_is_for_what_it_names() -> None:
    Budget(RunOptions(allow_refresh=True)).admit(ask("token", Cost.C5, "POST"))
    Budget(RunOptions(allow_write=True)).admit(ask(cost=Cost.C5, method="POST"))
    with pytest.raises(Halted):
        Budget(RunOptions(allow_refresh=True)).admit(ask(cost=Cost.C5, method="POST"))
    with pytest.raises(Halted):
        Budget(RunOptions(allow_write=True)).admit(ask("token", Cost.C5, "POST"))
    Budget(RunOptions()).admit(ask(cost=Cost.C1, method="OPTIONS"))
