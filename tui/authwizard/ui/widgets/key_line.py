"""The line at the bottom: which keys do what here. Each entry can also be clicked."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from authwizard.ui import text
from authwizard.ui.widgets.rows import Rows


class KeyLine(Rows):
    """Keys with their words; what does not fit is left out from the end, the last entries stay."""

    def __init__(self, keys: tuple[tuple[str, str, str], ...], keep: int = 2) -> None:
        """Show `keys` as (key, word, action); the last `keep` entries are never left out."""
        super().__init__()
        self._keys = keys
        self._keep = keep

    def show(self, keys: tuple[tuple[str, str, str], ...]) -> None:
        """Show other keys."""
        if keys != self._keys:
            self._keys = keys
            self.redraw(layout=False)

    def draw(self, width: int) -> list[Content]:
        """Draw the row."""
        keys = list(self._keys)
        while len(keys) > self._keep and sum(_cells(k) for k in keys) - 1 > width:
            del keys[len(keys) - self._keep - 1]
        parts: list[text.Part] = [" "]
        for key, word, action in keys:
            parts += [_entry(self.signs.enter if key == "enter" else key, word, action), "  "]
        return [text.row(*parts[:-1])]


def _cells(entry: tuple[str, str, str]) -> int:
    return cell_len(entry[0] if entry[0] != "enter" else "⏎") + 1 + cell_len(entry[1]) + 2


def _entry(key: str, word: str, action: str) -> Content:
    shown = text.row((key, "bold $primary"), " ", (word, "dim"))
    return shown.stylize(Style.from_meta({"@click": action})) if action else shown
