"""What did a program in a session bus of its own say, without the daemons that the bus started beside it?"""

from __future__ import annotations


def said(output: str) -> str:
    """Leave out the lines that gnome-keyring-daemon writes when the bus starts it: it inherits the bus's output, and may come last."""
    return "".join(line for line in output.splitlines(keepends=True) if not line.startswith("GNOME_KEYRING_CONTROL="))
