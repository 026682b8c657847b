"""The session machine's timers on the event loop, and the watch for lost time.

The monotonic clock may stand still while a machine sleeps, and a stopped process runs no timers:
whoever wakes up holds a connection that the server may have given up long ago.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

AWAY_SECONDS: Final = 5.0
"""A timer that comes later than this, by either clock, means that the process was away."""


class Timers:
    """Named timers; setting one again moves it."""

    def __init__(
        self,
        fired: Callable[[str], None],
        away: Callable[[float], None],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._fired = fired
        self._away = away
        self._wall = wall
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._handles)

    def set(self, name: str, at: float) -> None:
        """Call `fired(name)` at `at`, seconds of the loop's clock."""
        self.cancel(name)
        loop = asyncio.get_running_loop()
        due = self._wall() + max(0.0, at - loop.time())
        self._handles[name] = loop.call_at(at, self._fire, name, at, due)

    def cancel(self, name: str) -> None:
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.cancel()

    def clear(self) -> None:
        for name in list(self._handles):
            self.cancel(name)

    def _fire(self, name: str, at: float, due: float) -> None:
        del self._handles[name]
        late = max(asyncio.get_running_loop().time() - at, self._wall() - due)
        if late > AWAY_SECONDS:
            self._away(late)
        self._fired(name)
