"""Whether the peer is alive: a ping every 15 s, and any frame as its sign of life.

Nothing for 5 s after a ping: unstable; any frame: recovered; nothing for 15 s more: dead. While we
do not read (the log is full) pings go on, so that the server keeps us, but nothing can be heard and
nothing is concluded: the next ping after reading resumed starts a new wait, and each frame read out
of the buffer meanwhile counts as a sign of life.
"""

from __future__ import annotations

from enum import Enum

from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.deadlines import Deadlines
from livechat_customer.transport.outputs import LIVENESS_TIMER, PING_TIMER, Output
from livechat_customer.transport.requests import Requests


class Verdict(Enum):
    """What a silence means."""

    ALIVE = "alive"
    UNSTABLE = "unstable"
    DEAD = "dead"


class Liveness:
    """The pings and signs of life of one logged-in connection at a time."""

    def __init__(self, config: SessionConfig, deadlines: Deadlines, requests: Requests) -> None:
        self._config = config
        self._deadlines = deadlines
        self._requests = requests
        self._unstable = False
        self._heard = True

    def start(self, out: list[Output], now: float) -> None:
        """A connection has logged in."""
        self._heard = True
        self._deadlines.set(out, PING_TIMER, now + self._config.ping_interval)

    def stop(self) -> None:
        """The connection is no more; its timers are the session's to cancel."""
        self._unstable = False

    def heard(self) -> bool:
        """A frame came. True: the connection was unstable and has recovered; call `recovered`."""
        self._heard = True
        return self._unstable

    def recovered(self, out: list[Output]) -> None:
        """Stop waiting for the end."""
        self._unstable = False
        self._deadlines.cancel(out, LIVENESS_TIMER)

    def ping(self, out: list[Output], now: float, reading: bool) -> None:
        """A ping is due. Where we read, its answer is awaited, unless an earlier wait is still on
        or every slot is held."""
        self._deadlines.set(out, PING_TIMER, now + self._config.ping_interval)
        if not reading:
            self._requests.forget_pings(out, now)
        sent = self._requests.ping(out, now)
        if sent and reading and self._heard and not self._unstable:
            self._heard = False
            self._deadlines.set(out, LIVENESS_TIMER, now + self._config.unstable_after)

    def deaf(self, out: list[Output]) -> None:
        """We do not read any more."""
        self._deadlines.cancel(out, LIVENESS_TIMER)

    def listen_anew(self, out: list[Output], now: float) -> None:
        """The silence until now was of our own making: it proves nothing."""
        self._heard = not self._unstable
        if self._unstable:
            self._deadlines.set(out, LIVENESS_TIMER, now + self._config.dead_after)
        else:
            self._deadlines.cancel(out, LIVENESS_TIMER)

    def silence(self, out: list[Output], now: float) -> Verdict:
        """The wait is over."""
        if self._heard:
            return Verdict.ALIVE
        if self._unstable:
            return Verdict.DEAD
        self._unstable = True
        self._deadlines.set(out, LIVENESS_TIMER, now + self._config.dead_after)
        return Verdict.UNSTABLE
