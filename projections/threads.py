"""What the root fold knows of a thread: all but its events.

Threads are sorted by creation; neighbours are adjacent only where one names the other. A thread is
closed for ever once anything says so, and also when the server, asked after the thread was known,
answered that the chat has no active one.
"""

from __future__ import annotations

import msgspec

from livechat_customer.models.wire.chats import Access, Queue, Thread
from livechat_customer.models.wire.events import Event
from livechat_customer.projections.order import ThreadKey, thread_key, time_key
from livechat_customer.projections.register import Marks, PropertyMarks, Rank, Register
from livechat_customer.records import RESPONSE, Record


class Whole(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A record that showed the thread with all its events, as of `stamp`."""

    stamp: int
    seq: int
    connection: int
    recorded_at: int


class ThreadFacts(msgspec.Struct):
    """One thread. `rank` arguments are None for late records, which count for join facts only."""

    id: str
    first_seq: int
    """Least seq of a record that names it: it existed before that record came."""
    created_at: str = ""
    earliest: str = ""
    """Creation of its earliest known event, while its own is not known."""
    opened: bool = False
    """Something showed it active."""
    closed_seq: int | None = None
    """Least seq of a record that says it is closed."""
    whole: Whole | None = None
    """The newest showing with all its events."""
    answers: tuple[int, int] = (0, 0)
    """The greatest two stamps of answers that showed it whole."""
    final: bool = False
    """An answer showed it whole and closed: it held all it will ever hold."""
    previous: Register[str | None] = msgspec.field(default_factory=lambda: Register(None))
    next: Register[str | None] = msgspec.field(default_factory=lambda: Register(None))
    users: Marks = msgspec.field(default_factory=Marks)
    access: Register[Access | None] = msgspec.field(default_factory=lambda: Register(None))
    properties: PropertyMarks = msgspec.field(default_factory=PropertyMarks)
    queue: Register[Queue | None] = msgspec.field(default_factory=lambda: Register(None))
    place: Register[Queue | None] = msgspec.field(default_factory=lambda: Register(None))
    """Position and waiting time of later pushes, which lack `queued_at`."""

    @property
    def key(self) -> ThreadKey:
        return thread_key(self.created_at or self.earliest, self.id)

    def named(self, seq: int) -> None:
        self.first_seq = min(self.first_seq, seq)

    def began(self, created_at: str) -> bool:
        """Its creation time is known; whether its place may be another now."""
        if not created_at or created_at == self.created_at:
            return False
        known = self.created_at
        if known and time_key(known) <= time_key(created_at):
            return False
        self.created_at = created_at
        self.earliest = ""
        return True

    def holds(self, event: Event) -> bool:
        """It has this event; whether its place may be another now."""
        created_at = event.created_at
        if self.created_at or not created_at:
            return False
        if self.earliest and time_key(self.earliest) <= time_key(created_at):
            return False
        self.earliest = created_at
        return True

    def closed(self, seq: int) -> None:
        if self.closed_seq is None or seq < self.closed_seq:
            self.closed_seq = seq

    def show(self, thread: Thread, record: Record, rank: Rank | None) -> bool:
        """A record showed the thread whole; whether its place may be another now."""
        moved = self.began(thread.created_at)
        if thread.active:
            self.opened = True
        elif thread.active is not None:
            self.closed(record.seq)
        if rank is None:
            return moved
        self.previous.set(thread.previous_thread_id, rank)
        self.next.set(thread.next_thread_id, rank)
        self.users.show(dict.fromkeys(thread.user_ids), rank)
        self.access.set(thread.access, rank)
        self.properties.show(thread.properties, rank)
        self.queue.set(thread.queue, rank)
        whole = Whole(record.stamp, record.seq, record.connection, record.recorded_at)
        if record.kind == RESPONSE:
            self._answered(record.stamp)
            self.final |= thread.active is False
        if whole.stamp > 0 and (self.whole is None or whole > self.whole):
            self.whole = whole
        return moved

    def _answered(self, stamp: int) -> None:
        first, second = self.answers
        if stamp > second and stamp != first:
            self.answers = (stamp, first) if stamp > first else (first, stamp)

    def unqueued(self, rank: Rank) -> None:
        """It does not wait any more."""
        self.queue.set(None, rank)

    def queue_now(self) -> Queue | None:
        """The queue's entry: the one shown last, with the place pushed since."""
        shown = self.queue.value
        if self.place.rank <= self.queue.rank:
            return shown
        place = self.place.value
        if place is None or shown is None:
            return place
        return msgspec.structs.replace(shown, position=place.position, wait_time=place.wait_time)
