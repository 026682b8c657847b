"""What looks lost while connected: a hole in a thread's ordinals, or the end of a thread.

Pushes are delivered at most once. Ordinals may skip (what is for agents only has one, too), so a
hole proves nothing; it is worth one look, and so is a thread that was closed: what it held at its
end is known for good after that. Chats take turns, and wait between two looks.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Final

from livechat_customer.errors import CustomerSDKError
from livechat_customer.models.order import ordinal
from livechat_customer.models.wire import pushes, responses
from livechat_customer.models.wire.chats import Thread
from livechat_customer.projections.chat import threads_of
from livechat_customer.projections.hub import Hub
from livechat_customer.records import Record
from livechat_customer.resync.asking import Errand

PAUSE: Final = 10.0
"""Seconds between two looks at one chat."""
REMEMBERED: Final = 1_000
"""Threads whose last ordinal is known."""
WAITING: Final = 100
"""Threads of a chat that wait for a look."""


class Holes:
    """The greatest ordinal of each thread, by what came in this run."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, int] = OrderedDict()

    def shown(self, threads: Iterable[Thread]) -> None:
        """Threads shown whole."""
        for thread in threads:
            last = max((ordinal(event.id) for event in thread.events if event.id), default=0)
            self._note(thread.id, last)

    def before(self, thread_id: str, event_id: str) -> tuple[int | None, bool]:
        """An event was pushed: the last ordinal known till then, and whether some were skipped."""
        number = ordinal(event_id)
        last = self._last.get(thread_id)
        self._note(thread_id, number)
        return last, number > (last or 0) + 1

    def _note(self, thread_id: str, number: int) -> None:
        last = self._last
        last[thread_id] = max(number, last.get(thread_id, 0))
        last.move_to_end(thread_id)
        while len(last) > REMEMBERED:
            last.popitem(last=False)


class Refetches:
    """Asks once more, at a measured pace. `settled()` waits for the resync that may run."""

    def __init__(
        self,
        hub: Hub,
        errand: Callable[[], Errand],
        start: Callable[[Coroutine[Any, Any, None]], object],
        settled: Callable[[], Awaitable[None]],
    ) -> None:
        self._hub = hub
        self._errand = errand
        self._start = start
        self._settled = settled
        self._holes = Holes()
        self._waiting: dict[str, dict[str, int]] = {}
        """By chat the threads to look at, each with the seq of what made it worth a look."""
        self._working: set[str] = set()
        self._next: dict[str, float] = {}
        self._hear: dict[type, Callable[[Record, Any], None]] = {
            pushes.IncomingEvent: self._event,
            pushes.ChatDeactivated: self._deactivated,
            pushes.IncomingChat: self._pushed_chat,
            responses.GetChatResponse: self._chat,
            responses.ListThreadsResponse: self._page,
        }

    def heard(self, record: Record, payload: object) -> None:
        """A record of the connection that stands."""
        handler = self._hear.get(type(payload))
        if handler is not None:
            handler(record, payload)

    def _event(self, record: Record, push: pushes.IncomingEvent) -> None:
        last, skipped = self._holes.before(push.thread_id, push.event.id)
        if skipped and (last is not None or self._unseen(push)):
            self._look(push.chat_id, push.thread_id, record)

    def _deactivated(self, record: Record, push: pushes.ChatDeactivated) -> None:
        if push.thread_id is not None:
            self._look(push.chat_id, push.thread_id, record)

    def _pushed_chat(self, _: Record, push: pushes.IncomingChat) -> None:
        self._holes.shown(threads_of(push.chat))

    def _chat(self, _: Record, answer: responses.GetChatResponse) -> None:
        self._holes.shown(threads_of(answer))

    def _page(self, _: Record, answer: responses.ListThreadsResponse) -> None:
        self._holes.shown(answer.threads)

    def forget(self) -> None:
        """The connection ended: the next login's resync looks anyway."""
        self._waiting.clear()
        self._next.clear()

    def _unseen(self, push: pushes.IncomingEvent) -> bool:
        """Nothing ever showed the thread whole."""
        state = self._hub.root.chats.get(push.chat_id)
        thread = state.facts.threads.get(push.thread_id) if state is not None else None
        return thread is not None and thread.whole is None

    def _look(self, chat_id: str, thread_id: str, record: Record) -> None:
        root = self._hub.root
        state = root.chats.get(chat_id)
        if record.late or state is None or state.facts.confirmed != record.connection:
            return
        waiting = self._waiting.setdefault(chat_id, {})
        if len(waiting) < WAITING:
            waiting[thread_id] = record.seq
        if chat_id not in self._working:
            self._working.add(chat_id)
            self._start(self._work(chat_id))

    async def _work(self, chat_id: str) -> None:
        try:
            while chat_id in self._waiting:
                await self._settled()
                errand = self._errand()
                loop = asyncio.get_running_loop()
                pause = self._next.get(chat_id, 0.0) - loop.time()
                if pause > 0:
                    await errand.asker.pause(pause)
                self._next[chat_id] = loop.time() + PAUSE
                for thread_id, seq in self._waiting.pop(chat_id, {}).items():
                    if self._stale(chat_id, thread_id, seq):
                        payload = {"chat_id": chat_id, "thread_id": thread_id}
                        await errand.ask("get_chat", payload)
        except CustomerSDKError:
            self._waiting.pop(chat_id, None)
        finally:
            self._working.discard(chat_id)

    def _stale(self, chat_id: str, thread_id: str, seq: int) -> bool:
        """No answer has shown the thread since."""
        state = self._hub.root.chats.get(chat_id)
        thread = state.facts.threads.get(thread_id) if state is not None else None
        return thread is not None and thread.answers[0] < seq
