"""`get_chat_history()`: the pages of a chat's history, newest page first.

An object instead of an async generator: a generator can't serve concurrent calls and dies at its
first error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Self

from livechat_customer.models import HistoryPage, ThreadsPage

MIN_EVENTS: Final = 25
"""Events the first page asks for, as the JavaScript SDK does."""

FetchPage = Callable[[str | None], Awaitable[ThreadsPage]]


class ChatHistory:
    """Pages of one chat: `async for page in history`, or `await history.next()`.

    Each `HistoryPage` has its `threads` oldest first; every page is yielded, also the last and
    an empty one; `done` says that it is the last. Calls made at the same time are served one
    after the other; an error leaves the place where it is, so that the next call asks for the
    same page again (Customer Chat API 3.5, list_threads).
    """

    def __init__(self, fetch: FetchPage) -> None:
        self._fetch = fetch
        self._cursor: str | None = None
        self._done = False
        self._turn = asyncio.Lock()

    async def next(self) -> HistoryPage | None:
        """The next older page; None after the last. Raises what `list_threads` raises."""
        async with self._turn:
            if self._done:
                return None
            page = await self._fetch(self._cursor)
            self._cursor = page.next_page_id
            self._done = page.next_page_id is None
            return HistoryPage(threads=tuple(reversed(page.threads)), done=self._done)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> HistoryPage:
        page = await self.next()
        if page is None:
            raise StopAsyncIteration
        return page
