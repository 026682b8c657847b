"""The connection, as the lifecycle records tell it.

The newest fact of each kind is kept; what follows from them is worked out when somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from livechat_customer import records
from livechat_customer.records import Record

DISCONNECTED: Final = "disconnected"
CONNECTING: Final = "connecting"
CONNECTED: Final = "connected"
RECONNECTING: Final = "reconnecting"
PAUSED: Final = "paused"
DESTROYED: Final = "destroyed"

_AFTER: Final = {"reconnect": RECONNECTING, "pause": PAUSED, "destroy": DESTROYED}


class Told(msgspec.Struct):
    """The newest record of one lifecycle fact."""

    seq: int
    at: int
    """µs since the epoch."""
    connection: int = 0
    attempt: int = 0
    reason: str | None = None
    will: str | None = None
    error: dict[str, Any] | None = None


class ConnectionFacts(msgspec.Struct):
    """By action of the lifecycle record."""

    told: dict[str, Told] = {}

    def apply(self, record: Record, data: Mapping[str, Any]) -> bool:
        action = record.action
        known = self.told.get(action)
        if action not in _ACTIONS or (known is not None and record.seq <= known.seq):
            return False
        self.told[action] = Told(
            record.seq,
            record.recorded_at,
            record.connection or _int(data.get("number")),
            _int(data.get("attempt")),
            _str(data.get("reason")),
            _str(data.get("will")),
            _error(data.get("error")),
        )
        return True

    @property
    def latest(self) -> tuple[str, Told] | None:
        """The newest fact that says where the connection stands."""
        return max(
            ((action, told) for action, told in self.told.items() if action in _STATES),
            key=lambda pair: pair[1].seq,
            default=None,
        )

    @property
    def status(self) -> str:
        latest = self.latest
        if latest is None:
            return DISCONNECTED
        action, told = latest
        if action == records.DISCONNECTED:
            return _AFTER.get(told.will or "", DISCONNECTED)
        if action == records.CONNECTING:
            # A first attempt after an end that was not asked for is a reconnect all the same.
            ended = self.told.get(records.DISCONNECTED)
            again = ended is not None and ended.will == "reconnect" and ended.seq > self._opened
            return RECONNECTING if again else CONNECTING
        return _STATES[action]

    @property
    def current(self) -> int:
        """Number of the connection that stands now; 0 if none does."""
        latest = self.latest
        return latest[1].connection if latest and latest[0] == records.CONNECTED else 0

    @property
    def unstable(self) -> bool:
        """The server is late to answer, on the connection that stands now."""
        unstable = self.told.get(records.UNSTABLE)
        if unstable is None or not self.current:
            return False
        since = max(
            (told.seq for action, told in self.told.items() if action in _STEADY), default=0
        )
        return unstable.seq > since

    @property
    def _opened(self) -> int:
        opened = self.told.get(records.OPENED)
        return opened.seq if opened is not None else 0


_STATES: Final = {
    records.OPENED: DISCONNECTED,
    records.CONNECTING: CONNECTING,
    records.CONNECTED: CONNECTED,
    records.DISCONNECTED: DISCONNECTED,
    records.DESTROYED: DESTROYED,
}
_STEADY: Final = frozenset(
    {records.CONNECTED, records.DISCONNECTED, records.RECOVERED, records.OPENED}
)
_ACTIONS: Final = frozenset({*_STATES, records.UNSTABLE, records.RECOVERED})


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _str(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _error(value: object) -> dict[str, Any] | None:
    if isinstance(value, str):
        return {"code": value}
    return value if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType]
