"""Who wrote an answer: each mark names its component, the outermost first, and nothing is named without one."""

from __future__ import annotations

import time

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.hand_over import GENERIC, where_to_look
from authwizard.knowledge.responders import ResponderSeen, _rows, responder_of


@for_each(
    ("headers", "body", "name"),
    [
        ([("CF-RAY", "8f0000000000-FRA")], "", "cloudflare"),
        ([("Server", "cloudflare")], "", "cloudflare"),
        ([("X-Amz-Cf-Id", "abc")], "", "cloudfront"),
        ([("Server", "AkamaiGHost")], "", "akamai"),
        ([("X-Vercel-Id", "fra1::abc")], "", "vercel"),
        ([("x-amzn-ErrorType", "UnauthorizedException")], "", "api_gateway"),
        ([], '{"message": "Access denied due to missing subscription key."}', "apim"),
        ([("Server", "istio-envoy")], "", "envoy"),
        ([("X-Kong-Request-Id", "1")], "", "kong"),
        ([], '{"kind":"Status","apiVersion":"v1","status":"Failure"}', "kubernetes"),
        ([("X-Powered-By", "Express")], "", "express"),
        ([("Server", "Kestrel")], "", "aspnet"),
        ([], '{"timestamp":"2026-01-01T00:00:00Z","status":401,"error":"Unauthorized","path":"/x"}', "spring"),
        ([], "<hr><center>nginx/1.27.0</center>", "nginx"),
        ([("Server", "nginx")], "", "nginx"),
        ([("Server", "Apache/2.4")], "", "apache"),
        ([("Server", "gunicorn")], "", "gunicorn"),
        ([("Server", "uvicorn")], "", "uvicorn"),
        ([("Content-Type", "application/json")], '{"error": "unauthorized"}', ""),
        ([("Server", "my-own/1.0")], "", ""),
        ([], "", ""),
    ],
)
def test_a_mark_names_its_component(headers: list[tuple[str, str]], body: str, name: str) -> None:
    assert responder_of(headers, body).name == name


def test_the_outermost_component_is_named() -> None:
    """The page is nginx's, but it came through the edge: the edge may have written or kept it."""
    seen = responder_of([("Server", "cloudflare"), ("CF-RAY", "x")], "<center>nginx</center>")
    assert (seen.name, seen.edge) == ("cloudflare", True)


def test_what_stands_in_the_page_is_stronger_than_the_server_header() -> None:
    assert responder_of([("Server", "Apache")], "<center>nginx</center>").name == "nginx"


def test_edges_stand_before_everything_behind_them() -> None:
    edges = [seen.edge for seen, _ in _rows()]
    assert edges == sorted(edges, reverse=True)


def test_every_row_has_a_source_and_marks() -> None:
    assert [seen.name for seen, marks in _rows() if not seen.source or not marks] == []
    assert [m for _, marks in _rows() for m in marks if bool(m.header) == (m.body is not None)] == []


def test_gateways_and_frameworks_have_a_place_to_look() -> None:
    inner = {seen.name for seen, _ in _rows() if not seen.edge} - {"company-x", "apisix", "github"}
    assert [name for name in inner if where_to_look(name) == GENERIC] == []


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=6), st.text(max_size=200))
def test_anything_has_an_answer(headers: list[tuple[str, str]], body: str) -> None:
    assert isinstance(responder_of(headers, body), ResponderSeen)


@pytest.mark.parametrize("body", ['"timestamp"' * 9000, '"timestamp" "status" "error" ' * 3500, '"kind":' * 14000], ids=len)
def test_no_body_takes_long(body: str) -> None:
    responder_of([], "")
    begin = time.process_time()
    responder_of([], body)
    assert time.process_time() - begin < 0.2
