"""What a session is told once: limits and time-outs, in seconds."""

from __future__ import annotations

import msgspec


class SessionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Defaults are the design's; the server's own limits stand in Customer Chat API 3.5, "Timers
    and keep-alive" and "Limits"."""

    api_version: str = "3.5"
    region: str | None = None
    """`dal`, `fra` or None: the default host."""
    connection: int = 0
    """Number of the stream's last connection; the next one is one more."""

    token_timeout: float = 30.0
    """Getting a token, whoever provides it."""
    connect_timeout: float = 10.0
    """Opening the socket."""
    login_timeout: float = 15.0
    """From the opened socket to the login answer; the server closes after 30."""

    request_timeout: float = 20.0
    """From the writing of a request to its answer; the server gives up after 15."""
    confirm_timeout: float = 2.0
    """From the response to the push that should resolve the request."""
    in_flight_limit: int = 10
    """Unanswered requests the server bears on one connection; one of them is kept for `ping`."""
    queue_limit: int = 1_000
    """Requests that wait for a free place among those in flight."""
    queue_timeout: float = 20.0
    """How long they wait before they fail as not sent."""

    ping_interval: float = 15.0
    unstable_after: float = 5.0
    """No frame for so long after a ping: unstable."""
    dead_after: float = 15.0
    """No frame for so long after that: the connection is closed."""
    stall_timeout: float = 60.0
    """Nothing read, because the log is full, for so long: the connection is closed."""

    stable_after: float = 60.0
    """Logged in for so long, the next disconnection by the server counts as the first again."""
    budget: int = 20
    """Reconnects that may come one after the other at the pace of their back-off alone."""
    budget_refill: float = 10.0
    """After so many seconds there is one more; so the pace falls to this in the end."""
