"""What the root fold knows of a chat: everything but the content of its threads.

`ChatFacts` is the state that is stored; `ChatState` adds what follows from it and is kept for
speed: the order of the threads, the customer's own seen mark as a key, who is typing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import Final, NamedTuple

import msgspec

from livechat_customer.models.wire.chats import Access, LastEvent
from livechat_customer.models.wire.events import Event
from livechat_customer.projections.content import for_agents
from livechat_customer.projections.order import ThreadKey, event_key, time_key
from livechat_customer.projections.register import Marks, PropertyMarks, Rank, Register
from livechat_customer.projections.threads import UNNAMED, ThreadFacts

UNREAD_KEPT: Final = 1_000
"""Unread events of a chat that are counted, the newest; what nobody reads must not fill memory."""


class LastShown(msgspec.Struct, gc=False):
    """The newest event of its type, as something showed it whole."""

    event: Event
    thread_id: str
    key: str
    """Time key of its creation."""
    shown: int
    """Greatest stamp of a record that showed it."""
    stamp: int
    """With `seq`, the rank of the newest whole showing."""
    seq: int


class Unread(msgspec.Struct, array_like=True, gc=False):
    """An event by somebody else that the customer has not seen, as far as known."""

    key: str
    author_id: str
    thread_id: str
    shown: int


class Seen(msgspec.Struct, array_like=True):
    """How far a user has read."""

    until: str
    """As the server wrote it; it only grows."""
    pushed: int = 0
    """Greatest seq of a push that told of it; 0: only answers did."""

    def join(self, until: str, pushed: int) -> None:
        if time_key(until) > time_key(self.until):
            self.until = until
        self.pushed = max(self.pushed, pushed)


class ChatFacts(msgspec.Struct):
    """The stored state of one chat."""

    id: str
    shown: int = 0
    """Greatest stamp of a record that shows the chat exists."""
    gone: int = 0
    """Greatest stamp of an answer that says it does not."""
    confirmed: int = 0
    """Number of the newest connection in which the chat was shown whole."""
    users: Marks = msgspec.field(default_factory=Marks)
    """User id to `present`."""
    seen: dict[str, Seen] = {}
    """By user id."""
    own_until: str = ""
    """Time key of the newest own event for agents only: all visible ones before it are seen."""
    access: Register[Access | None] = msgspec.field(default_factory=lambda: Register(None))
    properties: PropertyMarks = msgspec.field(default_factory=PropertyMarks)
    active: Register[bool] = msgspec.field(default_factory=lambda: Register(False))
    inactive: int = 0
    """Greatest stamp of an answer that says no thread is active."""
    has_unread: Register[bool] = msgspec.field(default_factory=lambda: Register(False))
    unread: dict[str, Unread] = {}
    """By event id; the newest `UNREAD_KEPT`."""
    authored: dict[str, Seen] = {}
    """Newest event pushed, by author, while the own id is not known; "": surely own."""
    last: dict[str, LastShown] = {}
    """By event type."""
    summary: Register[dict[str, LastEvent]] = msgspec.field(
        default_factory=lambda: Register(dict[str, LastEvent]())
    )
    """`last_event_per_type` of the newest summary."""
    deleted: dict[str, int] = {}
    """Tombstones: event id to the least seq that says so."""
    firsts: dict[str, int] = {}
    """Threads that an answer proved to be the first one; "" if it proved there is none."""
    threads: dict[str, ThreadFacts] = {}
    removed: dict[str, ThreadFacts] = {}
    """Threads that an answer says do not exist, until something newer shows them again."""


class Typing(NamedTuple):
    """Someone is typing, unless nothing more comes until `expires_at` (µs since the epoch)."""

    author_id: str
    expires_at: int
    seq: int


class ChatState:
    """A chat's facts, and what is kept beside them."""

    __slots__ = (
        "events_only",
        "facts",
        "fresh",
        "marked",
        "order",
        "own_mark",
        "shape",
        "typing",
        "unread_order",
        "unread_until",
    )

    def __init__(self, facts: ChatFacts, own: str | None) -> None:
        self.facts = facts
        self.fresh = False
        """Nothing changed since somebody looked, who set this."""
        self.events_only = False
        """Nothing but new events of others since then; set by the same."""
        self.marked = False
        """It stands among the fold's changes."""
        self.shape = 0
        """Greater after each change of the threads' order or of their links."""
        self.typing: dict[str, Typing] = {}
        """By author. The newest word of each; part of no digest and of no snapshot."""
        self.order: list[ThreadKey] = sorted(thread.key for thread in facts.threads.values())
        """The known threads, oldest first."""
        self.own_mark = ""
        """Time key up to which the customer has seen everything."""
        self.unread_until = max((unread.key for unread in facts.unread.values()), default="")
        """No unread event has a greater time key."""
        self.unread_order: deque[tuple[str, str]] | None = None
        """The unread events, oldest first, while there are so many that old ones are dropped."""
        self.learn(own)

    @property
    def newest(self) -> ThreadFacts | None:
        return self.facts.threads[self.order[-1][1]] if self.order else None

    @property
    def overtaken(self) -> bool:
        """The newest known thread names one after it: nothing said yet how the chat is now."""
        newest = self.newest
        if newest is None or newest.next.value is None:
            return False
        removed = self.facts.removed.get(newest.next.value)
        return removed is None or removed.gone < newest.next.rank[0]

    def thread(self, thread_id: str, seq: int, stamp: int | None = None) -> ThreadFacts:
        """The thread, known from now on; `seq` is of the record that names it, and so is `stamp`,
        where it is another. It may be a removed one, which nothing newer shows yet."""
        stamp = seq if stamp is None else stamp
        facts = self.facts
        thread = facts.threads.get(thread_id)
        if thread is None:
            thread = facts.removed.get(thread_id)
            if thread is None:
                thread = ThreadFacts(thread_id, seq)
            if stamp >= thread.gone:
                facts.removed.pop(thread_id, None)
                facts.threads[thread_id] = thread
                insort(self.order, thread.key)
                self.shape += 1
                self.events_only = False
        if seq < thread.first_seq:
            thread.named(seq)
        thread.since = min(thread.since, stamp)
        thread.shown = max(thread.shown, stamp)
        return thread

    def remove(self, thread_id: str, stamp: int) -> None:
        """An answer says that the thread does not exist."""
        facts = self.facts
        thread = facts.threads.get(thread_id) or facts.removed.get(thread_id)
        if thread is None:
            thread = facts.removed[thread_id] = ThreadFacts(thread_id, UNNAMED)
        thread.gone = max(thread.gone, stamp)
        thread.answered(stamp)
        self.answered(thread)
        if thread.shown < thread.gone and thread_id in facts.threads:
            facts.removed[thread_id] = facts.threads.pop(thread_id)
            self.reorder()

    def reorder(self) -> None:
        """Call when the place of a thread may have changed."""
        self.order = sorted(thread.key for thread in self.facts.threads.values())
        self.shape += 1
        self.events_only = False

    def open_now(self, thread: ThreadFacts) -> bool:
        """Whether the thread is active: only the newest can be, and closed ones stay closed."""
        return (
            thread.opened
            and thread.closed_seq is None
            and thread.first_seq >= self.facts.inactive
            and self.order[-1][1] == thread.id
        )

    def place(self, thread: ThreadFacts) -> int:
        """Where the thread stands in `order`."""
        return bisect_left(self.order, thread.key)

    def linked(self, place: int) -> bool:
        """Whether the thread at `place` and the one after it are known to be neighbours."""
        before, after = self.order[place][1], self.order[place + 1][1]
        threads = self.facts.threads
        return threads[after].previous.value == before or threads[before].next.value == after

    @property
    def start_reached(self) -> bool:
        """Whether nothing is older than the oldest known thread. Never guessed."""
        if not self.order:
            return "" in self.facts.firsts
        oldest = self.facts.threads[self.order[0][1]]
        return (
            oldest.id in self.facts.firsts
            and oldest.previous.value is None
            and oldest.whole is not None
        )

    @property
    def exists(self) -> bool:
        facts = self.facts
        return facts.shown >= facts.gone or any(
            thread.shown >= facts.gone for thread in facts.threads.values()
        )

    def learn(self, own: str | None) -> None:
        """Who the customer is, is known: its own events are seen, and move its mark."""
        if own is None:
            return
        facts = self.facts
        for author in (own, ""):
            wrote = facts.authored.get(author)
            if wrote is not None:
                self.saw(own, wrote.until, wrote.pushed)
        facts.authored = {}
        self.unread_order = None
        seen = facts.seen.get(own)
        self.own_mark = max(facts.own_until, time_key(seen.until) if seen else "")
        for event_id, unread in list(facts.unread.items()):
            if unread.author_id == own or unread.key <= self.own_mark:
                del facts.unread[event_id]

    def saw(self, user_id: str, until: str, pushed: int = 0) -> None:
        """A user has seen what was created up to then; `pushed` is the seq of a push saying so."""
        seen = self.facts.seen.get(user_id)
        if seen is None:
            self.facts.seen[user_id] = Seen(until, pushed)
        else:
            seen.join(until, pushed)

    def wrote(self, author_id: str, created_at: str, pushed: int) -> None:
        """Somebody wrote, while it is not known whether that was the customer."""
        wrote = self.facts.authored.get(author_id)
        if wrote is None:
            self.facts.authored[author_id] = Seen(created_at, pushed)
        else:
            wrote.join(created_at, pushed)

    def own_saw(self, key: str) -> None:
        """The customer has seen everything up to this time key."""
        if key <= self.own_mark:
            return
        self.own_mark = key
        facts = self.facts
        self.unread_order = None
        if key >= self.unread_until:
            facts.unread.clear()
        elif facts.unread:
            facts.unread = {name: each for name, each in facts.unread.items() if each.key > key}

    def show_event(
        self, event: Event, thread_id: str, rank: Rank, shown: int, own: str | None
    ) -> None:
        """A record showed this event of a thread that is known already."""
        facts = self.facts
        if for_agents(event):
            return
        key = time_key(event.created_at)
        last = facts.last.get(event.type)
        if last is None:
            facts.last[event.type] = LastShown(event, thread_id, key, shown, *rank)
        elif last.event.id == event.id:
            last.shown = max(last.shown, shown)
            if rank > (last.stamp, last.seq):
                last.event, last.thread_id, last.key = event, thread_id, key
                last.stamp, last.seq = rank
        elif key >= last.key and (key > last.key or _key(event) > _key(last.event)):
            facts.last[event.type] = LastShown(event, thread_id, key, shown, *rank)
        author = event.author_id
        if author is not None and author != own and key > self.own_mark:
            unread = facts.unread.get(event.id)
            if unread is not None:
                unread.shown = max(unread.shown, shown)
            elif self.stands(event.id, thread_id, shown):
                self.is_unread(event.id, Unread(key, author, thread_id, shown))

    def is_unread(self, event_id: str, unread: Unread) -> None:
        """The customer has not seen this event. Of many only the newest are kept."""
        kept = self.facts.unread
        if len(kept) < UNREAD_KEPT:
            kept[event_id] = unread
            self.unread_order = None
        else:
            order = self.unread_order
            if order is None:
                order = self.unread_order = deque(sorted((kept[name].key, name) for name in kept))
            place = (unread.key, event_id)
            if place < order[0]:
                return
            del kept[order.popleft()[1]]
            kept[event_id] = unread
            if not order or place > order[-1]:
                order.append(place)
            else:
                self.unread_order = None
        self.unread_until = max(self.unread_until, unread.key)

    def stands(self, event_id: str, thread_id: str, shown: int) -> bool:
        """Whether an event is there, as far as known, that was shown last with this stamp."""
        facts = self.facts
        return event_id not in facts.deleted and _shows(facts.threads.get(thread_id), shown)

    def delete(self, event_id: str, seq: int) -> None:
        self.facts.deleted[event_id] = min(seq, self.facts.deleted.get(event_id, seq))
        if self.facts.unread.pop(event_id, None) is not None:
            self.unread_order = None

    def answered(self, thread: ThreadFacts) -> None:
        """An answer told of all its events: those that two of them lack are not unread, and none
        of a thread that is gone."""
        if (thread.answers[1] or thread.gone) and self.facts.unread:
            self.unread_order = None
            self.facts.unread = {
                event_id: unread
                for event_id, unread in self.facts.unread.items()
                if unread.thread_id != thread.id or _shows(thread, unread.shown)
            }


def _shows(thread: ThreadFacts | None, shown: int) -> bool:
    """Whether an event of the thread still stands that was shown last with this stamp."""
    return thread is not None and shown >= thread.answers[1] and shown >= thread.gone


def _key(event: Event) -> tuple[str, int, str]:
    return event_key(event.created_at, event.id)
