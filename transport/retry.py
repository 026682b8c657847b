"""When to reconnect: which back-off counts, when each starts anew, and the budget over all."""

from __future__ import annotations

from collections.abc import Callable

from livechat_customer.transport.backoff import AT_ONCE_MS, LOGIN, SLOW_LOGIN, SOCKET, Budget
from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.reasons import Pace


class Retry:
    """The counts of failed attempts of one session.

    Refusals before and after a login are counted apart: a successful login forgives the former,
    only a connection that lasted forgives the latter. Else a reason repeated after every login
    would be retried at full speed.
    """

    def __init__(self, config: SessionConfig, random: Callable[[], float]) -> None:
        self._random = random
        self._stable_after = config.stable_after
        self._budget = Budget(config.budget, config.budget_refill)
        self._sockets = 0
        self._before_login = 0
        self._after_login = 0
        self._slow = False
        self._logged_in_at: float | None = None

    def opened(self) -> None:
        """A socket opened: its back-off starts anew."""
        self._sockets = 0

    def logged_in(self, now: float) -> None:
        """The login succeeded: the login back-offs start anew, the slower one is left."""
        self._before_login = 0
        self._slow = False
        self._logged_in_at = now

    def ended(self, now: float) -> None:
        """The connection ended, for whatever reason."""
        if self._logged_in_at is not None and now - self._logged_in_at >= self._stable_after:
            self._after_login = 0
        self._logged_in_at = None

    def delay(self, pace: Pace, now: float, was_connected: bool) -> float:
        """Seconds until the next attempt, which this counts; after `ended`."""
        return max(self._delay_ms(pace, was_connected) / 1000, self._budget.take(now))

    def _delay_ms(self, pace: Pace, was_connected: bool) -> int:
        if pace is Pace.SOCKET:
            self._sockets += 1
            return SOCKET.delay_ms(self._sockets - 1, self._random)
        if pace is Pace.SLOW_LOGIN:
            self._slow = True
        refusals = self._before_login + self._after_login
        if was_connected:
            self._after_login += 1
        else:
            self._before_login += 1
        if pace is Pace.PUSH:
            if refusals == 0:
                return AT_ONCE_MS
            refusals -= 1
        curve = SLOW_LOGIN if self._slow else LOGIN
        return curve.delay_ms(refusals, self._random)
