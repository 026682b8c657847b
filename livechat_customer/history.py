"""`get_chat_history()`: the pages of a chat's history, newest page first.

An object instead of an async generator: a generator can't serve concurrent calls and dies at its
first error. The server says which threads a page has; what they hold is what the views know of
them after its answer, so that live events and earlier pages are merged in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Self

from livechat_customer.errors import NoConnectionError, NotSentError, ValidationError
from livechat_customer.models import HistoryPage, Thread, ThreadsPage
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.history import ThreadEvents
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.order import ThreadKey, thread_key

MIN_EVENTS: Final = 25
"""Events the first page asks for, as the JavaScript SDK does."""

FetchPage = Callable[[str, str | None], Awaitable[ThreadsPage]]
"""Of the chat with this id, the page with this one; None: the newest."""


class ChatHistory:
    """Pages of one chat: `async for page in history`, or `await history.next()`.

    Each `HistoryPage` has its `threads` oldest first; every page is yielded, also the last and
    an empty one; `done` says that nothing older follows. No thread comes twice. Calls made at the
    same time are served one after the other; an error leaves the place where it is, so that the
    next call goes on from there (Customer Chat API 3.5, list_threads).

    Without a connection it goes on in the log (`from_log`) as far as that holds whole threads
    without a gap, and with the server again once there is a connection. Only the server ever says
    that the beginning is reached.
    """

    def __init__(self, hub: Hub, chat_id: str, fetch: FetchPage) -> None:
        self._hub = hub
        self._chat_id = chat_id
        self._fetch = fetch
        self._content = hub.content(chat_id)
        self._cursor: str | None = None
        self._oldest: ThreadKey | None = None
        """Where it is: of the oldest thread that was given out."""
        self._given: set[str] = set()
        self._done = False
        self._turn = asyncio.Lock()

    async def next(self) -> HistoryPage | None:
        """The next older page; None after the last.

        Raises what `list_threads` raises; NoConnectionError where the log does not hold it either;
        InvalidArgumentError for a local chat that is not started yet.
        """
        async with self._turn:
            if self._done:
                return None
            try:
                page = await self._asked()
            except NoConnectionError as error:
                page = await self._known(error)
            for thread in page.threads:
                self._give(thread)
            self._done = page.done
            return page

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> HistoryPage:
        page = await self.next()
        if page is None:
            raise StopAsyncIteration
        return page

    # From the server.

    async def _asked(self) -> HistoryPage:
        """The next page; without a page id that holds, the first one with anything new in it."""
        chat_id = self._hub.started(self._chat_id)
        resumed = self._cursor is None and self._oldest is not None
        try:
            page = await self._fetch(chat_id, self._cursor)
        except ValidationError:
            if self._cursor is None:
                raise
            # It has expired: from the newest page to where we are.
            self._cursor = None
            resumed = self._oldest is not None
            page = await self._fetch(chat_id, None)
        while resumed and page.next_page_id is not None and not self._new(page):
            page = await self._fetch(chat_id, page.next_page_id)
        self._cursor = page.next_page_id
        await self._content.ready()
        threads = [self._as_known(thread) for thread in reversed(self._new(page))]
        return HistoryPage(threads=tuple(threads), done=page.next_page_id is None)

    def _new(self, page: ThreadsPage) -> list[Thread]:
        """The threads of a page that were not given out, and are older than those that were."""
        oldest = self._oldest
        return [
            thread
            for thread in page.threads
            if thread.id not in self._given
            and (oldest is None or thread_key(thread.created_at, thread.id) < oldest)
        ]

    def _as_known(self, thread: Thread) -> Thread:
        """The thread as the views know it, which have seen the answer."""
        known = self._content.thread(thread.id)
        return thread if known is None else _public(known)

    # From the log.

    async def _known(self, error: NotSentError) -> HistoryPage:
        """What the log holds of the next page. Raises `error` if it is not known to follow."""
        await self._content.ready()
        state = self._hub.root.chats.get(self._hub.started(self._chat_id))
        if state is None or not state.exists:
            raise error
        # Where the server would go on is not known any more once the log has been read.
        place = self._place(state)
        if place is None:
            raise error
        threads: list[Thread] = []
        events = 0
        while place >= 0 and events < MIN_EVENTS:
            known = self._content.thread(state.order[place][1])
            if known is None or known.info.as_of is None:
                break
            threads.append(_public(known))
            events += len(known)
            place -= 1
            if place >= 0 and not state.linked(place):
                break
        done = place < 0 and state.start_reached
        if not threads and not done:
            raise error
        self._cursor = None
        return HistoryPage(threads=tuple(reversed(threads)), from_log=True, done=done)

    def _place(self, state: ChatState) -> int | None:
        """Of the thread that follows what was given out; -1: none does; None: it is not known."""
        order = state.order
        oldest = self._oldest
        if oldest is None:
            return len(order) - 1
        if oldest[1] not in state.facts.threads:
            return None
        place = state.place(state.facts.threads[oldest[1]]) - 1
        return place if place < 0 or state.linked(place) else None

    def _give(self, thread: Thread) -> None:
        key = thread_key(thread.created_at, thread.id)
        self._given.add(thread.id)
        if self._oldest is None or key < self._oldest:
            self._oldest = key


def _public(known: ThreadEvents) -> Thread:
    info = known.info
    return Thread(
        id=info.id,
        chat_id=info.chat_id,
        active=info.active,
        access=info.access,
        created_at=info.created_at,
        user_ids=info.user_ids,
        events=tuple(known),
        properties=info.properties,
        previous_thread_id=info.previous_thread_id,
        next_thread_id=info.next_thread_id,
        queue=info.queue,
    )
