"""Sequences of events for readers: one thread's, and a chat's whole history.

Both are immutable and share structure with the versions before them. A history is a rope of
segments, a thread's events or a gap each, in the order of the threads, and at the end what waits in
the outbox: the structure comes from the root fold, the content from the chat fold, joined at one
place of the log.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, overload

from livechat_customer.models.events import Event
from livechat_customer.projections.chat import ChatFold
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.content import Entry, key_of
from livechat_customer.projections.public import shown
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import Gap, HistoryItem, PendingEvent, ThreadInfo

T = TypeVar("T")


class Segment:
    """A thread's entries, a gap, or what waits in the outbox."""

    __slots__ = ("content", "gap", "size")

    def __init__(self, content: Rope[Any], gap: Gap | None = None) -> None:
        self.content = content
        self.gap = gap
        self.size = 1 if gap is not None else len(content)


Row = Entry | Gap | PendingEvent


def item_of(row: Row) -> HistoryItem:
    return shown(row) if isinstance(row, Entry) else row


class Items(Sequence[T], Generic[T]):
    """What the sequences here have in common: they compare by identity and tell no content."""

    __slots__ = ()

    def _at(self, index: int) -> T:
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return tuple(self._at(place) for place in range(*index.indices(len(self))))
        place = index if index >= 0 else index + len(self)
        if not 0 <= place < len(self):
            raise IndexError("sequence index out of range")
        return self._at(place)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} items>"


class ThreadEvents(Items[Event]):
    """`sdk.thread(chat_id, thread_id)`: the thread's events, oldest first."""

    __slots__ = ("info", "loading", "rows")

    def __init__(self, rows: Rope[Entry], info: ThreadInfo, loading: bool) -> None:
        self.rows = rows
        """For this library only."""
        self.info = info
        """The thread without its events."""
        self.loading = loading
        """The log is still being read: older events may be missing."""

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def chat_id(self) -> str:
        return self.info.chat_id

    @property
    def from_log(self) -> bool:
        return self.info.from_log

    def __len__(self) -> int:
        return len(self.rows)

    def _at(self, index: int) -> Event:
        return shown(self.rows[index])

    def __iter__(self) -> Iterator[Event]:
        return map(shown, self.rows)

    def __reversed__(self) -> Iterator[Event]:
        return map(shown, reversed(self.rows))


length: Final[Callable[[Segment], int]] = attrgetter("size")
"""Of a segment: how many items it has."""


class History(Items[HistoryItem]):
    """`sdk.history(chat_id)`: all known events of a chat, oldest first, with its gaps, and behind
    them what the outbox holds for it."""

    __slots__ = (
        "_ends",
        "chat_id",
        "from_log",
        "has_pending",
        "loading",
        "segments",
        "size",
        "start_reached",
    )

    def __init__(
        self,
        chat_id: str,
        segments: Rope[Segment],
        size: int,
        *,
        loading: bool,
        from_log: bool,
        start_reached: bool,
        has_pending: bool,
    ) -> None:
        self.chat_id = chat_id
        self.segments = segments
        """For this library only."""
        self.size = size
        """How many items it has."""
        self._ends: list[int] | None = None
        self.loading = loading
        """The log is still being read: older events may be missing."""
        self.from_log = from_log
        """The newest thread was not shown whole in the connection that stands now."""
        self.start_reached = start_reached
        """The server said that nothing is older than the first item."""
        self.has_pending = has_pending
        """The outbox holds something for the chat."""

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The places where something may be missing."""
        return tuple(segment.gap for segment in self.segments if segment.gap is not None)

    def __len__(self) -> int:
        return self.size

    def _at(self, index: int) -> HistoryItem:
        return item_of(self.row(index))

    def row(self, index: int) -> Row:
        """For this library only."""
        last = self.segments[-1]
        start = self.size - last.size
        if index < start:
            if self._ends is None:
                self._ends = list(accumulate(map(length, self.segments)))
            place = bisect_right(self._ends, index)
            last = self.segments[place]
            start = self._ends[place] - last.size
        return last.gap if last.gap is not None else last.content[index - start]

    def rows(self) -> Iterator[Row]:
        """For this library only."""
        for segment in self.segments:
            if segment.gap is not None:
                yield segment.gap
            else:
                yield from segment.content

    def __iter__(self) -> Iterator[HistoryItem]:
        return map(item_of, self.rows())

    def __reversed__(self) -> Iterator[HistoryItem]:
        for segment in reversed(self.segments):
            if segment.gap is not None:
                yield segment.gap
            else:
                yield from map(item_of, reversed(segment.content))


Doubles = Mapping[str, str]
"""The ids of the events that are left out; see `OutboxState.doubles`."""


class Visible:
    """The entries of a chat's threads without doubles."""

    __slots__ = ("_fold", "_known")

    def __init__(self, fold: ChatFold) -> None:
        self._fold = fold
        self._known: dict[str, tuple[Rope[Entry], tuple[str, ...], Rope[Entry]]] = {}

    def rows(self, thread_id: str, doubles: Doubles) -> Rope[Entry]:
        """Those of the thread; the same object as long as nothing changed."""
        content = self._fold.threads.get(thread_id)
        if content is None:
            return _NOTHING
        items = content.items()
        if not doubles:
            return items
        known = self._known.get(thread_id)
        hidden = tuple(doubles)
        if known is not None and known[0] is items and known[1] == hidden:
            return known[2]
        left = items
        for event_id in hidden:
            entry = content.entries.get(event_id)
            place = left.bisect(key_of(entry), key_of) if entry is not None else len(left)
            if place < len(left) and left[place] is entry:
                left = left.delete(place)
        self._known[thread_id] = (items, hidden, left)
        return left


class HistoryBuilder:
    """Joins a chat's root state, chat fold and pending events into histories, reusing what did not
    change."""

    __slots__ = (
        "_doubles",
        "_joined",
        "_last",
        "_places",
        "_segments",
        "_shape",
        "_size",
        "fold",
        "visible",
    )

    def __init__(self, fold: ChatFold) -> None:
        self.fold = fold
        self.visible = Visible(fold)
        self._shape = -1
        self._doubles: tuple[str, ...] = ()
        self._segments: Rope[Segment] = Rope()
        self._places: dict[str, int] = {}
        self._size = 0
        self._last = Segment(Rope())
        """What is pending; the same object as long as that is the same."""
        self._joined: tuple[Rope[Segment], Rope[Segment]] = (self._segments, self._segments)
        """The segments of the threads, and these with what is pending."""

    def build(
        self, state: ChatState | None, pending: Rope[PendingEvent], doubles: Doubles
    ) -> tuple[Rope[Segment], int]:
        """The segments as of now, and the number of items; of no chat only what is pending."""
        if state is not None:
            self._follow(state, doubles)
        elif self._segments:
            self._shape, self._places, self._segments, self._size = -1, {}, Rope[Segment](), 0
        if self._joined[0] is not self._segments or self._last.content is not pending:
            if self._last.content is not pending:
                self._last = Segment(pending)
            joined = self._segments.append(self._last) if pending else self._segments
            self._joined = (self._segments, joined)
        return self._joined[1], self._size + len(pending)

    def _follow(self, state: ChatState, doubles: Doubles) -> None:
        fold = self.fold
        hidden = tuple(doubles)
        if state.shape != self._shape or hidden != self._doubles:
            self._doubles = hidden
            self._rebuild(state, doubles)
        elif fold.touched:
            for thread_id in fold.touched:
                self._replace(thread_id, doubles)
        fold.touched = set()

    def _replace(self, thread_id: str, doubles: Doubles) -> None:
        place = self._places.get(thread_id)
        if place is None:
            return
        old = self._segments[place]
        items = self.visible.rows(thread_id, doubles)
        if items is not old.content:
            self._segments = self._segments.set(place, Segment(items))
            self._size += len(items) - old.size

    def _rebuild(self, state: ChatState, doubles: Doubles) -> None:
        old = {thread_id: self._segments[place] for thread_id, place in self._places.items()}
        gaps = {segment.gap: segment for segment in self._segments if segment.gap is not None}
        segments: list[Segment] = []
        self._places = {}
        for number, (_, thread_id) in enumerate(state.order):
            if number and not state.linked(number - 1):
                gap = Gap(state.order[number - 1][1], thread_id)
                segments.append(gaps.get(gap) or Segment(_NOTHING, gap))
            self._places[thread_id] = len(segments)
            items = self.visible.rows(thread_id, doubles)
            known = old.get(thread_id)
            segments.append(known if known and known.content is items else Segment(items))
        self._shape = state.shape
        self._segments = Rope(segments)
        self._size = sum(map(length, segments))


_NOTHING: Rope[Entry] = Rope()
