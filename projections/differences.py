"""What changed between two values of a list view.

Structure that the two share is skipped, so the cost is that of the change and not of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import islice
from typing import TypeVar

from livechat_customer.models.events import SYSTEM_AUTHOR, Event
from livechat_customer.projections.changes import LIMIT, Change, Reset, changes_between
from livechat_customer.projections.content import Entry
from livechat_customer.projections.history import (
    History,
    Row,
    Segment,
    ThreadEvents,
    item_of,
    length,
)
from livechat_customer.projections.outbox_items import OutboxList
from livechat_customer.projections.public import shown
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import ChatItem, HistoryItem, OutboxEntry, PendingEvent
from livechat_customer.projections.views import ChatList

R = TypeVar("R")


def chat_changes(old: ChatList, new: ChatList) -> tuple[Change[ChatItem], ...]:
    """From one list of chats to the next."""
    start, end = _common(old.rows, new.rows)
    changes: list[Change[ChatItem]] | None = changes_between(
        _middle(old.rows, start, end),
        _middle(new.rows, start, end),
        start,
        end,
        _chat_id,
        _itself,
    )
    return (Reset(new),) if changes is None else tuple(changes)


def _chat_id(item: ChatItem) -> str:
    return item.id


def _itself(item: ChatItem) -> ChatItem:
    return item


def outbox_changes(old: OutboxList, new: OutboxList) -> tuple[Change[OutboxEntry], ...]:
    """From one state of the outbox to the next."""
    start, end = _common(old.rows, new.rows)
    changes: list[Change[OutboxEntry]] | None = changes_between(
        _middle(old.rows, start, end), _middle(new.rows, start, end), start, end, _custom_id, _entry
    )
    return (Reset(new),) if changes is None else tuple(changes)


def _custom_id(entry: OutboxEntry) -> str:
    return entry.custom_id


def _entry(entry: OutboxEntry) -> OutboxEntry:
    return entry


def thread_changes(old: ThreadEvents | None, new: ThreadEvents | None) -> tuple[Change[Event], ...]:
    """From one state of a thread to the next."""
    before: Rope[Entry] = old.rows if old is not None else Rope()
    after: Rope[Entry] = new.rows if new is not None else Rope()
    start, end = _common(before, after)
    changes: list[Change[Event]] | None = changes_between(
        _middle(before, start, end), _middle(after, start, end), start, end, _event_id, shown
    )
    return (Reset(new if new is not None else ()),) if changes is None else tuple(changes)


def _event_id(entry: Entry) -> str:
    return entry.event.id


def history_changes(old: History | None, new: History | None) -> tuple[Change[HistoryItem], ...]:
    """From one state of a history to the next."""
    before = old.size if old is not None else 0
    after = new.size if new is not None else 0
    was: list[Segment] = list(old.segments) if old is not None and new is None else []
    now: list[Segment] = list(new.segments) if new is not None and old is None else []
    first = start = end = 0
    if old is not None and new is not None:
        head, tail = _common(old.segments, new.segments)
        was, now = _middle(old.segments, head, tail), _middle(new.segments, head, tail)
        first = start = _size(old, head)
        end = before - first - sum(map(length, was))
        if was and now:
            most = min(before, after) - end
            start = min(start + was[0].content.same_start(now[0].content), most)
            most = min(before, after) - start
            end = min(end + was[-1].content.same_end(now[-1].content), most)
    changes: list[Change[HistoryItem]] | None = None
    if before + after - 2 * (start + end) <= LIMIT:
        gone = list(_rows(was, start - first, before - start - end))
        came = list(_rows(now, start - first, after - start - end))
        changes = changes_between(gone, came, start, end, _keys(gone, came), item_of)
    return (Reset(new if new is not None else ()),) if changes is None else tuple(changes)


def _rows(segments: list[Segment], skip: int, count: int) -> Iterator[Row]:
    """So many rows of these segments, after the first `skip`."""
    for segment in segments:
        for place in range(skip, min(segment.size, skip + count)):
            count -= 1
            yield segment.gap if segment.gap is not None else segment.content[place]
        skip = max(0, skip - segment.size)


def _keys(old: list[Row], new: list[Row]) -> Callable[[Row], Hashable]:
    """The identity of rows: an event has that of the pending one it was sent as."""
    waits = {row.custom_id for row in new if isinstance(row, PendingEvent)}
    gone = [row for row in old if isinstance(row, PendingEvent) and row.custom_id not in waits]
    if not gone:
        return _row_key
    known = {_row_key(row) for row in old}
    came = [row for row in new if isinstance(row, Entry) and _row_key(row) not in known]
    taken: dict[Hashable, Hashable] = {}
    for pending in gone:
        for row in came:
            if _was(row, pending) and _row_key(row) not in taken:
                taken[_row_key(row)] = _row_key(pending)
                break
    return lambda row: taken.get(key := _row_key(row), key)


def _row_key(row: Row) -> Hashable:
    match row:
        case Entry():
            return (row.thread_id, row.event.id)
        case PendingEvent():
            return (row.custom_id,)
        case _:
            return row


def _was(entry: Entry, pending: PendingEvent) -> bool:
    """Whether this pending event was sent as that one."""
    event, sent = entry.event, pending.entry.event
    if event.custom_id == pending.custom_id:
        # System messages have no author.
        return sent is None or event.author_id in (None, sent.author_id) or _is_system(sent)
    return sent is not None and event.id == sent.id


def _is_system(event: Event) -> bool:
    return event.author_id == SYSTEM_AUTHOR


def _common(old: Rope[R], new: Rope[R]) -> tuple[int, int]:
    """How many first and how many last items are the same."""
    start = _common_start(old, new)
    # What was only appended to is the usual case.
    return start, (_common_end(old, new, start) if start < len(old) else 0)


def _common_start(old: Rope[R], new: Rope[R]) -> int:
    shorter = min(len(old), len(new))
    start = min(old.same_start(new), shorter)
    while start < shorter and old[start] is new[start]:
        start += 1
    return start


def _common_end(old: Rope[R], new: Rope[R], start: int) -> int:
    most = min(len(old), len(new)) - start
    end = min(old.same_end(new), most)
    while end < most and old[-1 - end] is new[-1 - end]:
        end += 1
    return end


def _middle(rope: Rope[R], start: int, end: int) -> list[R]:
    return [rope[index] for index in range(start, len(rope) - end)]


def _size(history: History, segments: int) -> int:
    """Items in the first segments; counted from the nearer end."""
    rest = len(history.segments) - segments
    if rest < segments:
        return history.size - sum(map(length, islice(reversed(history.segments), rest)))
    return sum(map(length, islice(history.segments, segments)))
