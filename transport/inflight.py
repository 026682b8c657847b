"""Requests in flight on one connection: the slots they hold, what they still wait for, until when.

The server bears ten unanswered requests; the client keeps one slot for `ping` and fills nine. A
slot is freed by the response or the end of the connection and by nothing else: a request that
timed out, or that nobody waits for any more, still counts on the server.
"""

from __future__ import annotations

from collections.abc import Iterator

from livechat_customer.records import Record


class Entry:
    """A request in flight, or a ping."""

    __slots__ = (
        "answered",
        "answered_by_push",
        "clock",
        "deadline",
        "ping",
        "request_id",
        "response",
        "settled",
        "timeout",
        "written",
    )

    def __init__(
        self,
        request_id: str,
        now: float,
        deadline: float,
        *,
        timeout: float = 0.0,
        answered_by_push: str | None = None,
        ping: bool = False,
    ) -> None:
        self.request_id = request_id
        self.timeout = timeout
        self.answered_by_push = answered_by_push
        self.ping = ping
        self.clock = now
        """When the current wait began."""
        self.deadline = deadline
        """When the current wait ends: for the writing, then for the response, then for the push."""
        self.written = ping
        self.settled = ping
        self.answered = False
        """The response has come: no slot is held."""
        self.response: Record | None = None

    def start(self, now: float, timeout: float) -> None:
        """Start the next wait."""
        self.clock = now
        self.deadline = now + timeout


class InFlight:
    """The entries by request id, in the order of sending."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: dict[str, Entry] = {}
        self._requests = 0
        self._pings = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __contains__(self, request_id: str | None) -> bool:
        return request_id in self._entries

    @property
    def unanswered(self) -> int:
        """What the server counts, or may count."""
        return self._requests + self._pings

    @property
    def has_room(self) -> bool:
        """One more request may be sent; a slot for a ping stays."""
        return self._requests + max(1, self._pings) < self._limit

    @property
    def has_room_for_ping(self) -> bool:
        return self.unanswered < self._limit

    def get(self, request_id: str) -> Entry | None:
        return self._entries.get(request_id)

    def add(self, entry: Entry) -> None:
        self._entries[entry.request_id] = entry
        if entry.ping:
            self._pings += 1
        else:
            self._requests += 1

    def release(self, entry: Entry) -> None:
        """The slot is free: the server has answered, or never saw the request."""
        if entry.answered:
            return
        entry.answered = True
        if entry.ping:
            self._pings -= 1
        else:
            self._requests -= 1

    def remove(self, entry: Entry) -> None:
        """Nothing is expected for it any more."""
        self.release(entry)
        del self._entries[entry.request_id]

    def forget_pings(self) -> None:
        """Their answers lie in a buffer that we do not read."""
        for entry in [entry for entry in self if entry.ping]:
            self.remove(entry)

    def overdue(self, now: float) -> list[Entry]:
        """Entries whose wait has ended and that are not settled."""
        return [entry for entry in self if not entry.settled and entry.deadline <= now]

    def next_deadline(self, now: float) -> float | None:
        """When the next wait ends."""
        return min((entry.deadline for entry in self if entry.deadline > now), default=None)

    def is_zombie(self, now: float) -> bool:
        """No request can be sent any more, and everything in flight is past its time-out."""
        return not self.has_room and all(
            entry.deadline <= now for entry in self if not entry.answered
        )

    def postpone(self, since: float, now: float) -> None:
        """We were not listening from `since` to `now`: no wait ran meanwhile."""
        for entry in self:
            if entry.deadline > since:
                entry.deadline += max(0.0, now - max(since, entry.clock))

    def clear(self) -> list[Entry]:
        """The connection ended: the entries there were, in the order of sending."""
        entries = list(self)
        self._entries.clear()
        self._requests = self._pings = 0
        return entries
