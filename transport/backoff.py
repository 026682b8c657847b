"""How long to wait before the next attempt: exponential back-off, and the budget all attempts share.

The numbers are the JavaScript SDK's. The budget is ours: each kind of back-off
starts anew at its own success, so a network that flaps between them would never slow down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec


class Curve(msgspec.Struct, frozen=True):
    """`min_ms · 2ⁿ`, give or take `jitter` of it, at most `max_ms`."""

    min_ms: int
    max_ms: int
    jitter: float

    def delay_ms(self, attempt: int, random: Callable[[], float]) -> int:
        """Milliseconds before retry number `attempt` (0, 1, 2 …). Asks `random` once, for both the
        size of the deviation and its direction."""
        if attempt >= _ENOUGH:
            return self.max_ms
        base = self.min_ms << attempt
        drawn = random()
        deviation = int(drawn * self.jitter * base)
        signed = -deviation if int(drawn * 10) % 2 == 0 else deviation
        return min(base + signed, self.max_ms)


_ENOUGH: Final = 32
"""Attempts after which any curve is at its maximum; the power is not worth computing."""

SOCKET: Final = Curve(1_000, 5_000, 0.5)
"""The socket could not be opened, or ended."""
LOGIN: Final = Curve(300, 60_000, 0.3)
"""No token, or the login was refused."""
SLOW_LOGIN: Final = Curve(1_000, 60_000, 0.3)
"""The service is unavailable for the moment."""
AT_ONCE_MS: Final = 100
"""The first reconnect after the server ended a connection that was fine."""


class Budget:
    """A bucket of `size` attempts that gains one every `refill` seconds."""

    def __init__(self, size: int, refill: float) -> None:
        self._size = size
        self._refill = refill
        self._left = float(size)
        self._at = 0.0

    def take(self, now: float) -> float:
        """Take one attempt; the seconds to wait until it is there."""
        self._left = min(self._size, self._left + max(0.0, now - self._at) / self._refill)
        self._at = now
        self._left -= 1
        return max(0.0, -self._left * self._refill)
