"""Schemes are shown as people know them."""

from __future__ import annotations

from authwizard.protocol.scheme_names import scheme_name


def test_known_names_have_their_letters_and_others_stay() -> None:
    assert [scheme_name(name) for name in ("basic", "DPOP", "oauth", "x-acme")] == ["Basic", "DPoP", "OAuth", "x-acme"]
