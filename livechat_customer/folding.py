"""One hub with what it needs from the loop: chat contents read in the background, typing that ends.

The client and replay both stand on this, so both run the same fold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from livechat_customer.callbacks import Report
from livechat_customer.hydrate import hydrate, load_chat
from livechat_customer.outbox import Outbox, OutboxView
from livechat_customer.projections.history import History
from livechat_customer.projections.hub import Hub, Loading, ViewKinds
from livechat_customer.projections.outbox_items import OutboxList
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.projections.values import HistoryItem, OutboxEntry
from livechat_customer.projections.view_kinds import Parts
from livechat_customer.resync.view import Filler, HistoryView
from livechat_customer.store import StreamReader


class Folding:
    """`hub`, filled from a stream by `follow()`."""

    def __init__(
        self,
        report: Report,
        clock: Callable[[], int],
        filler: Callable[[], Filler] | None = None,
        outbox: Callable[[], Outbox] | None = None,
    ) -> None:
        """`filler` and `outbox` stand behind the views that can do more than show; without them
        (in a replay) those say that there is nobody to ask."""

        def history(chat_id: str, parts: Parts[History | None, HistoryItem]) -> HistoryView:
            return HistoryView(chat_id, None if filler is None else filler(), *parts)

        def queue(parts: Parts[OutboxList, OutboxEntry]) -> OutboxView:
            return OutboxView(outbox, *parts)

        kinds = ViewKinds(history, queue)
        self.hub = Hub(RootFold(), seq=0, load=self._load, report=report, kinds=kinds)
        self._clock = clock
        self.stream: StreamReader | None = None
        """Where the contents of chats are read from."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._expiry: asyncio.TimerHandle | None = None

    async def follow(self, stream: StreamReader) -> SeenFold:
        """Fold what `stream` has already; chats' contents are read from it. Returns which events
        it holds."""
        self.stream = stream
        return await hydrate(self.hub, stream)

    def publish(self) -> None:
        """Let the views emit, and come back when somebody's typing ends."""
        self.hub.publish(self._clock())
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        due = self.hub.next_expiry
        if due is not None:
            seconds = max(0.0, (due - self._clock()) / 1_000_000)
            self._expiry = asyncio.get_running_loop().call_later(seconds, self.publish)

    async def aclose(self) -> None:
        """Stop reading, end all subscriptions. Values stay readable."""
        if self._expiry is not None:
            self._expiry.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self.hub.close()

    def _load(self, loading: Loading) -> None:
        assert self.stream is not None, "a chat is known before any stream is followed"
        task = asyncio.create_task(load_chat(self.hub, self.stream, loading))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
