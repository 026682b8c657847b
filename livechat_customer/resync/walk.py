"""The requests about one chat: what each asks, what becomes of its answer, what can't be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from livechat_customer.errors import (
    ConnectionLostError,
    CustomerSDKError,
    LogError,
    NoConnectionError,
    NotFoundError,
    SDKDestroyedError,
)
from livechat_customer.models.sync import OpenEnd
from livechat_customer.models.wire import responses
from livechat_customer.models.wire.chats import Thread
from livechat_customer.projections.chat import threads_of
from livechat_customer.projections.chats import ChatFacts, ChatState
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.solid import is_fresh, lacks
from livechat_customer.resync.asking import Errand, TooLargeError
from livechat_customer.resync.plan import PAGE, PARTIAL, REFUSED, TOO_LARGE
from livechat_customer.resync.tally import Tally

ENDS: Final = (ConnectionLostError, NoConnectionError, SDKDestroyedError, LogError)
"""Errors after which nothing more can be asked; all others are about one request."""
TRIES: Final = 2
"""How often a walk asks for one thread: the second time as a witness."""


class Walker:
    """One chat, while something is asked about it. Every method raises what is in `ENDS`, and
    keeps what else goes wrong in `ends`."""

    def __init__(
        self, hub: Hub, errand: Errand, tally: Tally, chat_id: str, since: int = 0
    ) -> None:
        self.chat_id = chat_id
        self.since = since
        """Seq of the first request that was answered: what is as new counts as asked for."""
        self.ends: list[OpenEnd] = []
        self.skip: set[str] = set()
        """Threads that are not asked for any more."""
        self.shown: set[str] = set()
        """Threads that were shown whole."""
        self.errand = errand
        self._hub = hub
        self._tally = tally
        self._asked: dict[str, int] = {}

    @property
    def state(self) -> ChatState:
        """As of the newest answer."""
        state = self._hub.root.chats.get(self.chat_id)
        return state if state is not None else ChatState(ChatFacts(self.chat_id), None)

    def doubted(self, thread_id: str) -> bool:
        """Whether the newest answer lacks something of this thread."""
        facts = self.state.facts.threads.get(thread_id)
        return facts is not None and (thread_id in self._tally.doubtful or lacks(self.state, facts))

    @property
    def answered(self) -> bool:
        """Something could be read."""
        return self.since > 0

    @property
    def doubtful(self) -> set[str]:
        """Threads with events that the newest answer lacks, as far as the log was read."""
        return self._tally.doubtful

    async def newest(self) -> bool:
        """The chat with its newest thread. False if there is no such chat (any more)."""
        try:
            threads = await self._get_chat({"chat_id": self.chat_id})
        except NotFoundError:
            return False
        except TooLargeError:
            await self._named()
            return True
        except ENDS:
            raise
        except CustomerSDKError:
            self.ends.append(OpenEnd(self.chat_id, None, REFUSED))
            return True
        for thread in threads or ():
            self._count(thread.id)
        return True

    async def thread(self, thread_id: str) -> None:
        """One thread. One that does not exist any more is gone from the state after it."""
        if thread_id in self._oversized:
            self._give_up(thread_id, TOO_LARGE)
            return
        self._count(thread_id)
        try:
            await self._get_chat({"chat_id": self.chat_id, "thread_id": thread_id})
        except NotFoundError:
            self.skip.add(thread_id)
        except TooLargeError:
            self._oversized.add(thread_id)
            self._give_up(thread_id, TOO_LARGE)
        except ENDS:
            raise
        except CustomerSDKError:
            self._give_up(thread_id, REFUSED)
        else:
            facts = self.state.facts.threads.get(thread_id)
            if facts is None or not is_fresh(facts, self.since):
                self.skip.add(thread_id)

    async def pages(self, enough: Callable[[], bool], most: int) -> bool:
        """Pages from the newest thread back, until `enough()`, the end, or `most` threads; whether
        they could be had."""
        page_id: str | None = None
        seen = 0
        while True:
            payload = {"chat_id": self.chat_id, "limit": min(PAGE, max(1, most))}
            if page_id is not None:
                payload = {"chat_id": self.chat_id, "page_id": page_id}
            try:
                answer = await self.errand.ask("list_threads", payload)
            except ENDS:
                raise
            except CustomerSDKError:
                return False
            page = answer.response
            if not isinstance(page, responses.ListThreadsResponse) or answer.record is None:
                return False
            self._begin(answer.record.stamp)
            await self._tally.take(self.state, answer.record, page, page.threads)
            for thread in page.threads:
                self._count(thread.id)
                self.shown.add(thread.id)
            seen += len(page.threads)
            page_id = page.next_page_id
            if page_id is None or not page.threads or seen >= most or enough():
                return True

    def settle(self) -> None:
        """What the second witness did not settle either is told as partial."""
        for thread_id in sorted(self.shown):
            if self.doubted(thread_id):
                self.ends.append(OpenEnd(self.chat_id, thread_id, PARTIAL))

    async def _get_chat(self, payload: dict[str, str]) -> tuple[Thread, ...]:
        answer = await self.errand.ask("get_chat", payload)
        chat = answer.response
        if not isinstance(chat, responses.GetChatResponse) or answer.record is None:
            raise TooLargeError
        threads = threads_of(chat)
        self._begin(answer.record.stamp)
        await self._tally.take(self.state, answer.record, chat, threads)
        self.shown |= {thread.id for thread in threads}
        return threads

    async def _named(self) -> None:
        """The newest thread can't be had: the summary at least says how the chat is, and whether
        there is another one by now."""
        await self.errand.list_chats()
        newest = self.state.newest
        if newest is None:
            self.ends.append(OpenEnd(self.chat_id, None, TOO_LARGE))
            return
        if not self._oversized:
            # It must have been this one.
            self._oversized.add(newest.id)
        await self.thread(newest.id)

    @property
    def _oversized(self) -> set[str]:
        return self.errand.asker.oversized.setdefault(self.chat_id, set())

    def _begin(self, stamp: int) -> None:
        if not self.since:
            self.since = stamp

    def _count(self, thread_id: str) -> None:
        asked = self._asked[thread_id] = self._asked.get(thread_id, 0) + 1
        if asked >= TRIES:
            self.skip.add(thread_id)

    def _give_up(self, thread_id: str, why: str) -> None:
        self.skip.add(thread_id)
        self.ends.append(OpenEnd(self.chat_id, thread_id, why))
