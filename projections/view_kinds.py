"""Which classes the views are of that can do more than show: the front door brings its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

from livechat_customer.callbacks import Report
from livechat_customer.projections.changes import Change
from livechat_customer.projections.history import History
from livechat_customer.projections.live import Hold, ListView
from livechat_customer.projections.outbox_items import OutboxList
from livechat_customer.projections.values import HistoryItem, OutboxEntry

T = TypeVar("T")
I = TypeVar("I")


class Parts(NamedTuple, Generic[T, I]):
    """What a list view is made of: `ListView(*parts)`."""

    name: str
    read: Callable[[], T]
    between: Callable[[T, T], tuple[Change[I], ...]]
    ready: Callable[[], Awaitable[None]] | None
    report: Report
    hold: Hold


def _history(
    chat_id: str, parts: Parts[History | None, HistoryItem]
) -> ListView[History | None, HistoryItem]:
    return ListView(*parts)


def _outbox(parts: Parts[OutboxList, OutboxEntry]) -> ListView[OutboxList, OutboxEntry]:
    return ListView(*parts)


class ViewKinds(NamedTuple):
    """What makes them; a subclass of `ListView` takes `*parts`, and what else it needs."""

    history: Callable[
        [str, Parts[History | None, HistoryItem]], ListView[History | None, HistoryItem]
    ] = _history
    """Given the chat id as the reader wrote it, which may be a local one."""
    outbox: Callable[[Parts[OutboxList, OutboxEntry]], ListView[OutboxList, OutboxEntry]] = _outbox
