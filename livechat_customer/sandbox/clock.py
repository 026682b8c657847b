"""The server's time: strictly increasing, RFC 3339 with six digits on the wire."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from livechat_customer.models.times import format_us, parse_us

SECOND: Final = 1_000_000


class ServerClock:
    """Hands out microseconds since the epoch, each later than the one before."""

    def __init__(self, source: Callable[[], int] | None = None) -> None:
        self._source = source or _wall
        self._last = 0
        self._ahead = 0

    def now(self) -> int:
        """The source's time; it does not count as handed out."""
        return max(self._source() + self._ahead, self._last)

    def tick(self) -> str:
        """A moment of its own, for something that happens: later than every one before."""
        self._last = max(self._source() + self._ahead, self._last + 1)
        return format_us(self._last)

    def advance(self, seconds: float) -> None:
        """Runs ahead of its source by so much more."""
        self._ahead += round(seconds * SECOND)

    def not_before(self, text: str) -> None:
        """From now on every moment is later than `text`."""
        self._last = max(self._last, parse_us(text))


class SteppingClock:
    """A clock for tests: starts at `start` and moves by `step` each time it is read (µs).

    The same seed and a stepping clock give the same ids and times in every run. `advance()`
    lets time pass.
    """

    def __init__(self, start: int = 1_735_689_600 * SECOND, step: int = 1_000) -> None:
        self._now = start - step
        self._step = step

    def __call__(self) -> int:
        self._now += self._step
        return self._now

    def advance(self, seconds: float) -> None:
        """Lets `seconds` pass at once."""
        self._now += round(seconds * SECOND)


def _wall() -> int:
    return time.time_ns() // 1_000
