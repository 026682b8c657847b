"""The content of one chat, or of one of its threads, while somebody wants it: its fold, its
loading, its values.

It lives as long as a view of it is held or subscribed to; the hub only refers to it weakly. A
thread's view has a fold of its thread alone: who watches the newest thread of a long chat does not
keep all the others in memory.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterable

from livechat_customer.models.events import Event
from livechat_customer.projections.chat import ChatFold
from livechat_customer.projections.chat_items import thread_info
from livechat_customer.projections.history import History, HistoryBuilder, ThreadEvents
from livechat_customer.projections.live import ListView, refresh
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import HistoryItem, PendingEvent
from livechat_customer.projections.views import same
from livechat_customer.records import Record

Pair = tuple[Record, object]
"""A record and its payload: `payload_of(record)`, or `json_of(record)` of a lifecycle record."""


class LiveChat:
    """The content of a chat, as long as somebody wants it; of `only` this thread, if given.

    That of a local chat is what the outbox holds for it; once the real one is known, it is that
    one's.
    """

    __slots__ = (
        "__weakref__",
        "_builder",
        "_find",
        "_history",
        "_pending",
        "_real",
        "_threads",
        "_touch",
        "chat_id",
        "error",
        "fold",
        "history_view",
        "loading",
        "only",
        "root",
        "thread_views",
        "waiters",
    )

    def __init__(
        self,
        chat_id: str,
        root: RootFold,
        touch: Callable[[str], None],
        pending: Callable[[str], Rope[PendingEvent]],
        find: Callable[[str], LiveChat],
        only: str | None = None,
    ) -> None:
        """`touch` is told when its content changed, `pending` gives what the outbox adds to a
        chat's history, `find` the content of another chat."""
        self.chat_id = chat_id
        self.only = only
        self._touch = touch
        self._pending = pending
        self._find = find
        self._real: LiveChat | None = None
        self.waiters: list[asyncio.Future[None]] = []
        self.history_view: weakref.ref[ListView[History | None, HistoryItem]] | None = None
        self.thread_views: weakref.WeakValueDictionary[
            str, ListView[ThreadEvents | None, Event]
        ] = weakref.WeakValueDictionary()
        self._history: History | None = None
        self._threads: dict[str, ThreadEvents] = {}
        self.begin(root)

    def begin(self, root: RootFold) -> None:
        """Begins anew with nothing of the chat's content, beside this root fold."""
        self.root = root
        self.fold = ChatFold(self.chat_id, root.own, self.only)
        self.loading = self.chat_id in root.chats
        """The log holds something that was not read yet."""
        self.error: Exception | None = None
        self._builder = HistoryBuilder(self.fold)
        if not self.loading:
            self.loaded(None)

    @property
    def after(self) -> int:
        """No record up to this one says anything about the content."""
        return 0 if self.only is None else max(0, self.root.since(self.chat_id, self.only) - 1)

    def changed(self) -> None:
        """Its content changed outside of the hub's `fold`."""
        self._touch(self.chat_id)

    async def ready(self) -> None:
        """Waits until the log was read."""
        real = self._resolved()
        if real is not None:
            return await real.ready()
        if self.loading:
            waiter = asyncio.get_running_loop().create_future()
            self.waiters.append(waiter)
            await waiter
        if self.error is not None:
            raise self.error

    def loaded(self, error: Exception | None) -> None:
        self.loading = False
        self.error = error
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)
        self.waiters.clear()

    def history(self) -> History | None:
        """All of it; None if there is no such chat and nothing waits to be sent there."""
        real = self._resolved()
        if real is not None:
            return real.history()
        root = self.root
        state = root.chats.get(self.chat_id)
        if state is not None and not state.exists:
            state = None
        pending = self._pending(self.chat_id)
        has_pending = root.outbox.holds(self.chat_id)
        if state is None and not pending and not has_pending:
            self._history = None
            return None
        self._learn()
        segments, size = self._builder.build(state, pending, root.outbox.doubles(self.chat_id))
        newest = state.newest if state is not None and not state.overtaken else None
        whole = newest.whole if newest is not None else None
        from_log = not (root.current and whole is not None and whole.connection == root.current)
        known = self._history
        start_reached = state is not None and state.start_reached
        if (
            known is None
            or known.segments is not segments
            or known.loading != self.loading
            or known.from_log != from_log
            or known.start_reached != start_reached
            or known.has_pending != has_pending
        ):
            self._history = History(
                self.chat_id,
                segments,
                size,
                loading=self.loading,
                from_log=from_log,
                start_reached=start_reached,
                has_pending=has_pending,
            )
        return self._history

    def thread(self, thread_id: str) -> ThreadEvents | None:
        """One thread; None if there is no such thread."""
        real = self._resolved()
        if real is not None:
            return real.thread(thread_id)
        root = self.root
        state = root.chats.get(self.chat_id)
        facts = state.facts.threads.get(thread_id) if state is not None else None
        if state is None or facts is None or not state.exists:
            return None
        self._learn()
        content = self.fold.threads.get(thread_id)
        rows = self._builder.visible.rows(thread_id, root.outbox.doubles(self.chat_id))
        info = thread_info(root, state, facts, content)
        known = self._threads.get(thread_id)
        if known is not None:
            info = same(known.info, info)
            if known.rows is rows and known.info is info and known.loading == self.loading:
                return known
        made = self._threads[thread_id] = ThreadEvents(rows, info, self.loading)
        return made

    def _resolved(self) -> LiveChat | None:
        """The chat that this local one became."""
        chat_id = self.root.outbox.resolve(self.chat_id)
        if chat_id == self.chat_id:
            self._real = None
        elif self._real is None or self._real.chat_id != chat_id:
            self._real = self._find(chat_id)
        return self._real

    def _learn(self) -> None:
        own = self.root.own
        if own is not None and own != self.fold.own:
            self.fold.learn(own)

    def refresh(self) -> None:
        """Lets the views of this chat's content emit what is new."""
        history = self.history_view() if self.history_view is not None else None
        if history is not None:
            refresh(history)
        if self.thread_views:
            for view in list(self.thread_views.values()):
                refresh(view)


class Loading:
    """A chat's content that waits for what the log holds of it: after `after`, up to `upto`, this
    record included. Later records reach it by the hub's `fold`. Slices may come in any order."""

    def __init__(self, live: LiveChat, upto: int) -> None:
        self.chat_id = live.chat_id
        self.after = live.after
        self.upto = upto
        self._ref = weakref.ref(live)
        self._fold = live.fold

    @property
    def wanted(self) -> bool:
        """Whether somebody still holds or watches a view of it."""
        return self._live() is not None

    def feed(self, pairs: Iterable[Pair]) -> None:
        """A slice of the chat's records. Call `Hub.publish` to show it."""
        live = self._live()
        if live is not None:
            for record, payload in pairs:
                live.fold.apply(record, payload)
            live.changed()

    def done(self, error: Exception | None = None) -> None:
        """All was fed; or reading failed, which `View.ready` raises."""
        live = self._live()
        if live is not None:
            live.loaded(error)
            live.changed()

    def _live(self) -> LiveChat | None:
        live = self._ref()
        return live if live is not None and live.fold is self._fold else None
