"""What changed between two values of a list view.

Structure that the two share is skipped, so the cost is that of the change and not of the list.
"""

from __future__ import annotations

from typing import TypeVar

from livechat_customer.models.events import Event
from livechat_customer.projections.changes import LIMIT, Change, Reset, changes_between
from livechat_customer.projections.content import Entry
from livechat_customer.projections.history import (
    History,
    ThreadEvents,
    item_of,
    row_key,
)
from livechat_customer.projections.public import shown
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import ChatItem, HistoryItem
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
    start = end = 0
    if old is not None and new is not None:
        start = min(_same_start(old, new), before, after)
        if start < before:
            end = min(_same_end(old, new), before - start, after - start)
    changes: list[Change[HistoryItem]] | None = None
    if before + after - 2 * (start + end) <= LIMIT:
        changes = changes_between(
            [old.row(index) for index in range(start, before - end)] if old is not None else [],
            [new.row(index) for index in range(start, after - end)] if new is not None else [],
            start,
            end,
            row_key,
            item_of,
        )
    return (Reset(new if new is not None else ()),) if changes is None else tuple(changes)


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


def _same_start(old: History, new: History) -> int:
    """How many first items are in common, at least."""
    segments = _common_start(old.segments, new.segments)
    start = _size(old, segments)
    if segments < min(len(old.segments), len(new.segments)):
        start += old.segments[segments].content.same_start(new.segments[segments].content)
    return start


def _same_end(old: History, new: History) -> int:
    """How many last items are in common, at least."""
    segments = _common_end(old.segments, new.segments, 0)
    end = old.size - _size(old, len(old.segments) - segments)
    if segments < min(len(old.segments), len(new.segments)):
        end += old.segments[-1 - segments].content.same_end(new.segments[-1 - segments].content)
    return end


def _size(history: History, segments: int) -> int:
    """Items in the first segments; counted from the nearer end."""
    rest = len(history.segments) - segments
    if rest < segments:
        return history.size - sum(history.segments[-1 - index].size for index in range(rest))
    return sum(history.segments[index].size for index in range(segments))
