"""Reading page by page, and following. Plain iterators: leaving one early leaves nothing behind.

Each page is one query that starts after the last record seen, so nothing is held open between
two pages, and no reader holds back a checkpoint.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Self

from livechat_customer.errors import LogClosedError
from livechat_customer.records import Record
from livechat_customer.store.base import PAGE
from livechat_customer.store.tail import Watch

EVERYTHING = 1 << 62
"""A seq above all others."""

Fetch = Callable[[int, int, int], Awaitable[Sequence[Record]]]
"""Of (after, upto, limit): records with `after < seq <= upto`, oldest first. Where there are more
than `limit` the first ones, or the last ones for who reads backwards."""


class Pages(AsyncIterator[Sequence[Record]]):
    """The pages from `after` to `upto`, or to what `last_seq()` is at the first one. With
    `newest_first` from there back."""

    def __init__(
        self,
        fetch: Fetch,
        last_seq: Callable[[], Awaitable[int]],
        after: int,
        upto: int | None,
        limit: int,
        *,
        newest_first: bool = False,
    ) -> None:
        if limit < 1:
            raise ValueError("page must be at least 1")
        self._fetch = fetch
        self._last_seq = last_seq
        self._after = after
        self._upto = upto
        self._limit = limit
        self._newest_first = newest_first

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Record]:
        if self._upto is None:
            self._upto = await self._last_seq()
        if self._after >= self._upto:
            raise StopAsyncIteration
        records = await self._fetch(self._after, self._upto, self._limit)
        full = len(records) == self._limit
        if full and self._newest_first:
            self._upto = records[0].seq - 1
        else:
            self._after = records[-1].seq if full else self._upto
        if not records:
            raise StopAsyncIteration
        return records


class Tail(AsyncIterator[Sequence[Record]]):
    """What stands after `after`, and what comes, until the log is closed."""

    def __init__(self, fetch: Fetch, watch: Watch, stream: int, after: int) -> None:
        self._fetch = fetch
        self._watch = watch
        self._stream = stream
        self._after = after
        self._more = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Record]:
        try:
            if not self._more and not await self._watch.beyond(self._stream, self._after):
                raise StopAsyncIteration
            records = await self._fetch(self._after, EVERYTHING, PAGE)
        except LogClosedError:
            raise StopAsyncIteration from None
        self._more = len(records) == PAGE
        if not records:
            # A full page was the last one.
            return await self.__anext__()
        self._after = records[-1].seq
        return records
