"""Sequences of events for readers: one thread's, and a chat's whole history.

Both are immutable and share structure with the versions before them. A history is a rope of
segments, a thread's events or a gap each, in the order of the threads: the structure comes from
the root fold, the content from the chat fold, joined at one place of the log.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Generic, TypeVar, overload

from livechat_customer.models.events import Event
from livechat_customer.projections.chat import ChatFold
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.content import Entry
from livechat_customer.projections.public import shown
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import Gap, HistoryItem, ThreadInfo

T = TypeVar("T")


class Segment:
    """A thread's entries, or a gap."""

    __slots__ = ("content", "gap", "size")

    def __init__(self, content: Rope[Entry], gap: Gap | None = None) -> None:
        self.content = content
        self.gap = gap
        self.size = 1 if gap is not None else len(content)


Row = Entry | Gap


def item_of(row: Row) -> HistoryItem:
    return shown(row) if isinstance(row, Entry) else row


def row_key(row: Row) -> object:
    return (row.thread_id, row.event.id) if isinstance(row, Entry) else row


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


class History(Items[HistoryItem]):
    """`sdk.history(chat_id)`: all known events of a chat, oldest first, with its gaps."""

    __slots__ = ("_ends", "chat_id", "from_log", "loading", "segments", "size", "start_reached")

    def __init__(
        self,
        chat_id: str,
        segments: Rope[Segment],
        size: int,
        *,
        loading: bool,
        from_log: bool,
        start_reached: bool,
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
                self._ends = list(accumulate(segment.size for segment in self.segments))
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
                yield from map(shown, reversed(segment.content))


class HistoryBuilder:
    """Joins a chat's root state and chat fold into histories, reusing what did not change."""

    __slots__ = ("_places", "_segments", "_shape", "_size", "fold")

    def __init__(self, fold: ChatFold) -> None:
        self.fold = fold
        self._shape = -1
        self._segments: Rope[Segment] = Rope()
        self._places: dict[str, int] = {}
        self._size = 0

    def build(self, state: ChatState) -> tuple[Rope[Segment], int]:
        """The segments as of now, and the number of items."""
        fold = self.fold
        if state.shape != self._shape:
            self._rebuild(state)
        elif fold.touched:
            for thread_id in fold.touched:
                self._replace(thread_id)
        fold.touched = set()
        return self._segments, self._size

    def _replace(self, thread_id: str) -> None:
        place = self._places.get(thread_id)
        if place is None:
            return
        old = self._segments[place]
        items = self.fold.threads[thread_id].items()
        if items is not old.content:
            self._segments = self._segments.set(place, Segment(items))
            self._size += len(items) - old.size

    def _rebuild(self, state: ChatState) -> None:
        old = {thread_id: self._segments[place] for thread_id, place in self._places.items()}
        segments: list[Segment] = []
        self._places = {}
        for number, (_, thread_id) in enumerate(state.order):
            if number and not state.linked(number - 1):
                segments.append(Segment(_NOTHING, Gap(state.order[number - 1][1], thread_id)))
            self._places[thread_id] = len(segments)
            content = self.fold.threads.get(thread_id)
            items: Rope[Entry] = content.items() if content is not None else _NOTHING
            known = old.get(thread_id)
            segments.append(known if known and known.content is items else Segment(items))
        self._shape = state.shape
        self._segments = Rope(segments)
        self._size = sum(segment.size for segment in segments)


_NOTHING: Rope[Entry] = Rope()
