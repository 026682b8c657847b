"""The sandbox's own timers: every one is known, so that none outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """Calls on the running loop, later."""

    def __init__(self) -> None:
        self._pending: set[asyncio.TimerHandle] = set()

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Calls once after `seconds`; gives what cancels it."""

        def run() -> None:
            self._pending.discard(handle)
            call()

        def cancel() -> None:
            self._pending.discard(handle)
            handle.cancel()

        handle = asyncio.get_running_loop().call_later(seconds, run)
        self._pending.add(handle)
        return cancel

    def clear(self) -> None:
        """Cancels all."""
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()
