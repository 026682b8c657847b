"""Pages of threads and chats (protocol: list_threads, list_chats, settled for the sandbox 4).

A `page_id` freezes limit, order and `min_events_count` and names the item it borders on, so that
items which appear meanwhile shift nothing: pages put together are the whole, without repeats.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.wire_json import JsonObject, NotAnObjectError, dump, parse_object

T = TypeVar("T")

ASC: Final = "asc"
DESC: Final = "desc"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an action allows: the default and the greatest `limit`."""

    default: int
    most: int


@dataclass(frozen=True, slots=True)
class Query:
    """One page asked for. Without `border` it is the first one."""

    subject: str
    """What is paged: a page id is good for nothing else."""
    order: str
    limit: int | None
    min_events: int | None
    border: str | None = None
    """The page begins after this item, or ends before it when it goes `back`."""
    back: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: list[T]
    next_id: str | None
    previous_id: str | None


class Pager:
    """Reads paging arguments and cuts pages; `lifetime` of a page id in seconds."""

    def __init__(self, now: Callable[[], int], lifetime: float) -> None:
        self._now = now
        self._lifetime = lifetime

    def query(self, fields: Fields, subject: str, bounds: Bounds, *, counts: bool) -> Query:
        """The page that a request asks for; `counts`: `min_events_count` is known, too."""
        order = fields.one_of("sort_order", (ASC, DESC))
        limit = fields.between("limit", 1, bounds.most)
        min_events = fields.between("min_events_count", 1, 100) if counts else None
        page_id = fields.string("page_id")
        if page_id is not None:
            if (order, limit, min_events) != (None, None, None):
                raise invalid(fields.at("page_id"), "can't be mixed with other paging arguments")
            return self._open(fields, page_id, subject)
        if limit is not None and min_events is not None:
            raise invalid(fields.at("limit"), "can't be mixed with `min_events_count`")
        if min_events is None and limit is None:
            limit = bounds.default
        return Query(subject, order or DESC, limit, min_events)

    def page(
        self,
        query: Query,
        oldest_first: Sequence[T],
        name: Callable[[T], str],
        weight: Callable[[T], int],
    ) -> Page[T]:
        """The page out of all items; `weight` counts an item's events."""
        ordered = list(oldest_first if query.order == ASC else reversed(oldest_first))
        start, stop = self._cut(query, [name(item) for item in ordered], ordered, weight)
        items = ordered[start:stop]
        if not items:
            return Page([], None, None)
        return Page(
            items,
            self._seal(query, name(ordered[stop - 1]), back=False) if stop < len(ordered) else None,
            self._seal(query, name(ordered[start]), back=True) if start > 0 else None,
        )

    def _cut(
        self,
        query: Query,
        names: list[str],
        items: list[T],
        weight: Callable[[T], int],
    ) -> tuple[int, int]:
        if query.border is None:
            return 0, _reach(query, 0, items, weight)
        if query.border not in names:
            raise invalid("page_id", "is stale")
        border = names.index(query.border)
        if not query.back:
            return border + 1, _reach(query, border + 1, items, weight)
        backwards = items[:border][::-1]
        return border - _reach(query, 0, backwards, weight), border

    def _seal(self, query: Query, border: str, *, back: bool) -> str:
        state = [query.subject, query.order, query.limit, query.min_events, border, back]
        text = dump({"page": state, "made": self._now()})
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _open(self, fields: Fields, page_id: str, subject: str) -> Query:
        stale = invalid(fields.at("page_id"), "is stale or unknown")
        try:
            content = parse_object(base64.b64decode(page_id, altchars=b"-_", validate=True))
            query = _query(content["page"])
            fresh = self._now() - content["made"] <= self._lifetime * SECOND
        except (binascii.Error, NotAnObjectError, ValueError, TypeError, KeyError):
            raise stale from None
        if query is None or query.subject != subject or not fresh:
            raise stale
        return query


def page_object(page: Page[T]) -> JsonObject:
    """The cursors of an answer: only those that lead somewhere."""
    cursors = {"next_page_id": page.next_id, "previous_page_id": page.previous_id}
    return {name: value for name, value in cursors.items() if value is not None}


def _reach(query: Query, start: int, items: Sequence[T], weight: Callable[[T], int]) -> int:
    """The end of a page that begins at `start`: by number, or once the events suffice."""
    if query.min_events is None:
        return min(len(items), start + (query.limit or 1))
    events = 0
    for place in range(start, len(items)):
        events += weight(items[place])
        if events >= query.min_events:
            return place + 1
    return len(items)


def _query(state: Any) -> Query | None:
    """A page id's content, if it is one that was given out."""
    subject, order, limit, min_events, border, back = state
    sound = (
        order in (ASC, DESC)
        and isinstance(limit, int | None)
        and isinstance(min_events, int | None)
        and isinstance(border, str)
    )
    return Query(subject, order, limit, min_events, border, bool(back)) if sound else None
