"""Profiles as a user could write them, for property tests."""

from __future__ import annotations

import datetime as dt
from typing import get_args

from hypothesis import strategies as st

from authwizard.model import profile as model
from authwizard.store.profile_literals import check_literals
from authwizard.store.profile_toml import plain

WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="{}"), max_size=12)
HOST = WORD.map(lambda word: f"https://{word}.example.com")
URL = HOST | st.just("http://127.0.0.1:8080") | st.just("https://{secret:username}:{secret:password}@api.example.com/v1")
REQUEST = st.builds(lambda method, path: f"{method} /{path}", st.sampled_from(["GET", "POST", "HEAD"]), WORD) | st.just(
    "GET /a?api_key={secret:api_key}"
)
OR_EMPTY = st.just("")


def words(least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(WORD, min_size=least, max_size=3).map(tuple)


REFERENCES = st.builds(
    model.Reference,
    ref=st.sampled_from(["env:A_B", "file:~/x y", "file:rel/ä", "keyring:a/b/c", "op://v/i/f", "vault:kv/a#b"]),
    created=st.none() | st.dates(dt.date(2000, 1, 1)),
    rotate_days=st.none() | st.integers(1, 3650),
) | st.builds(model.Reference, cmd=words(1), rotate_days=st.none() | st.integers(1, 3650))

CREDENTIALS = st.builds(
    lambda place, **rest: model.CredentialSpec(**place, **rest),
    place=st.just({}) | st.builds(lambda key, word: {key: word}, st.sampled_from(["header", "query", "cookie"]), WORD),
    kind=st.sampled_from(get_args(model.CredentialKind)),
    scheme=st.none() | st.sampled_from(["", "bearer", "Token"]),
    charset=st.sampled_from(["utf-8", "latin-1"]),
)
OAUTHS = st.builds(
    model.OAuth,
    issuer=OR_EMPTY | HOST,
    token_url=OR_EMPTY | HOST,
    introspection_url=OR_EMPTY | HOST,
    client_id=TEXT,
    client_auth=st.sampled_from(get_args(model.ClientAuth)),
    grant=st.sampled_from(get_args(model.Grant)),
    scopes=words(),
    audience=TEXT,
)
EXPECTS = st.builds(model.Expect, issuer=TEXT, audience=words(), type=TEXT, leeway_seconds=st.integers(0, 86400))
NETWORKS = st.builds(
    model.Network,
    timeout_seconds=st.integers(1, 600) | st.floats(0.1, 600),
    ca_bundle=TEXT,
    proxy=st.sampled_from(["env", "none", "http://proxy.example.com:3128"]),
    ntp_server=TEXT,
    request_ids=st.booleans(),
)
ENDPOINTS = st.builds(model.Endpoint, request=REQUEST, scopes=words(), expect=st.integers(100, 599))


def _has_no_literal(profile: model.Profile) -> bool:
    try:
        check_literals(profile.name, plain(profile))
    except Exception:
        return False
    return True


def profiles(name: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[model.Profile]:
    """Any valid profile."""
    return st.builds(
        model.Profile,
        name=name or st.sampled_from(["prod", "a.b", "ünïcode", "x-1_y"]),
        base_url=URL,
        request=REQUEST,
        environment=st.sampled_from(get_args(model.Environment)),
        headers=st.dictionaries(WORD.map(lambda word: f"X-{word}"), TEXT | st.just("{secret:api_key}"), max_size=3),
        probe=OR_EMPTY | REQUEST,
        whoami=OR_EMPTY | REQUEST,
        origin_url=OR_EMPTY | HOST,
        browser_origin=OR_EMPTY | HOST,
        client=st.sampled_from(get_args(model.Client)),
        credential=CREDENTIALS,
        oauth=st.none() | OAUTHS,
        expect=EXPECTS,
        network=NETWORKS,
        secrets=st.dictionaries(st.sampled_from(model.SECRET_FIELDS), REFERENCES, max_size=3),
        links=st.builds(model.Links, portal=TEXT, docs=TEXT, support=TEXT),
        endpoints=st.lists(ENDPOINTS, max_size=3).map(tuple),
    ).filter(_has_no_literal)
