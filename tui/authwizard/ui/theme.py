"""Which colours does the wizard have? Two calm themes; a status never stands on colour alone."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="authwizard-dark", dark=True,
    primary="#8fb4d9", secondary="#9aa7b8", accent="#c3a6d8",
    success="#8cc29a", warning="#dcb36a", error="#ec8b80",
    foreground="#d9dee6", background="#14171c", surface="#1a1e25", panel="#242a33",
)  # fmt: skip

LIGHT = Theme(
    name="authwizard-light", dark=False,
    primary="#2b5f93", secondary="#5a6675", accent="#7a4f98",
    success="#2b7040", warning="#8a5a00", error="#b3382c",
    foreground="#23282f", background="#fbfaf7", surface="#f1f0ec", panel="#e4e3de",
)  # fmt: skip
