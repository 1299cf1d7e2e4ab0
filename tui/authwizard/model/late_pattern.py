"""Regular expressions that are compiled when they are first used: of the hundreds that the modules name, one run needs a few."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["late_pattern"]

if TYPE_CHECKING:
    from re import compile as late_pattern
else:
    import re
    from typing import Any

    _OFFERED = tuple(name for name in dir(re.Pattern) if not name.startswith("_"))

    class late_pattern:  # noqa: N801 - it is used, and seen by type checkers, as `re.compile`
        """What `re.compile` would return of the same arguments; a text that is no pattern raises re.error at the first use."""

        def __init__(self, text: str | bytes, flags: int = 0) -> None:
            self._given = (text, flags)

        def __getattr__(self, name: str) -> Any:
            if name not in _OFFERED:
                raise AttributeError(name)
            compiled = re.compile(*self._given)
            self.__dict__.update((each, getattr(compiled, each)) for each in _OFFERED)
            return self.__dict__[name]
