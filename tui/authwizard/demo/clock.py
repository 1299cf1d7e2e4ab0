"""What time does a practice server believe it is?"""

from __future__ import annotations

import datetime as dt
import time

from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class Clock:
    """This machine's clock moved by `ahead` seconds (negative = behind)."""

    ahead: float = 0.0

    def now(self) -> float:
        """Return Unix seconds by this clock."""
        return time.time() + self.ahead

    def http_date(self) -> str:
        """Return the time as a `Date` field is written (IMF-fixdate, RFC 9110 5.6.7)."""
        return self._moment().strftime("%a, %d %b %Y %H:%M:%S GMT")

    def timestamp(self) -> str:
        """Return the time as the API writes it into its bodies (RFC 3339, UTC, whole seconds)."""
        return self._moment().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _moment(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.now(), dt.UTC)
