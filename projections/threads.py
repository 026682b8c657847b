"""What the root fold knows of a thread: all but its events.

Threads are sorted by creation; neighbours are adjacent only where one names the other. A thread is
closed for ever once anything says so, and also when the server, asked after the thread was known,
answered that the chat has no active one. A closed thread still grows while it is the newest
(Customer Chat API 3.5, send_event with `attach_to_last_thread`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from livechat_customer.models.wire.chats import Access, Queue, Thread
from livechat_customer.models.wire.events import Event
from livechat_customer.projections.order import ThreadKey, thread_key, time_key
from livechat_customer.projections.register import Marks, PropertyMarks, Rank, Register
from livechat_customer.projections.shared import shared
from livechat_customer.records import RESPONSE, Record

UNNAMED: Final = 2**62
"""`first_seq` of a thread that no record has named yet."""


class Whole(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """A record that showed the thread with all its events, as of `stamp`."""

    stamp: int
    seq: int
    connection: int
    recorded_at: int


class ThreadFacts(msgspec.Struct, omit_defaults=True, gc=False):
    """One thread. `rank` arguments are None for late records, which count for join facts only."""

    id: str
    first_seq: int
    """Least seq of a record that names it: it existed before that record came."""
    since: int = UNNAMED
    """Least stamp of a record that names it: none before it matters to the thread."""
    shown: int = 0
    """Greatest stamp of a record that names it."""
    gone: int = 0
    """Greatest stamp of an answer that says it does not exist."""
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
    """The greatest two stamps of answers that showed it whole, or said that it is gone."""
    ended: int = 0
    """Greatest stamp of an answer that showed it whole and closed."""
    final: bool = False
    """An answer showed it whole, closed and followed by another: it held all it will ever hold."""
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
        self.users.show(shared(dict.fromkeys(thread.user_ids)), rank)
        self.access.set(shared(thread.access), rank)
        self.properties.show(shared(thread.properties), rank)
        self.queue.set(thread.queue, rank)
        whole = Whole(record.stamp, record.seq, record.connection, record.recorded_at)
        if record.kind == RESPONSE:
            self.answered(record.stamp)
            if thread.active is False:
                self.ended = max(self.ended, record.stamp)
                self.final |= thread.next_thread_id is not None
        if whole.stamp > 0 and (self.whole is None or whole > self.whole):
            self.whole = whole
        return moved

    def answered(self, stamp: int) -> None:
        """An answer told of all its events."""
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
