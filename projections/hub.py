"""The hub: it owns the folds and the views, and is what the pump talks to.

After each commit the pump calls `fold` with the committed records and then `publish`; only then do
views emit. The fold of a chat's content is made when somebody first asks for it, and dropped when
nobody holds or watches a view of it any more; the hub asks the pump to read the log for it.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from livechat_customer.models.events import Event
from livechat_customer.projections.changes import Change
from livechat_customer.projections.chat import ChatFold
from livechat_customer.projections.chat_items import thread_info
from livechat_customer.projections.differences import (
    chat_changes,
    history_changes,
    thread_changes,
)
from livechat_customer.projections.history import History, HistoryBuilder, ThreadEvents
from livechat_customer.projections.live import ListView, Report, View, close, refresh
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import (
    Availability,
    ChatItem,
    ConnectionState,
    CustomerState,
    GreetingState,
    HistoryItem,
)
from livechat_customer.projections.views import ChatList, RootViews, same
from livechat_customer.records import Record

Pair = tuple[Record, object]
"""A record and its payload: `payload_of(record)`, or `json_of(record)` of a lifecycle record."""


class LiveChat:
    """The content of a chat, as long as somebody wants it."""

    def __init__(self, hub: Hub, chat_id: str, loading: bool) -> None:
        self.hub = hub
        self.chat_id = chat_id
        self.begin(loading)
        self.waiters: list[asyncio.Future[None]] = []
        self.history_view: weakref.ref[ListView[History | None, HistoryItem]] | None = None
        self.thread_views: weakref.WeakValueDictionary[
            str, ListView[ThreadEvents | None, Event]
        ] = weakref.WeakValueDictionary()

    def begin(self, loading: bool) -> None:
        """Know nothing; `loading`: what the log holds comes in slices."""
        self.fold = ChatFold(self.chat_id)
        self.loading = loading
        self.error: Exception | None = None
        self._builder = HistoryBuilder(self.fold)
        self._history: History | None = None
        self._threads: dict[str, ThreadEvents] = {}

    async def ready(self) -> None:
        """Waits until the log was read."""
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
        """All of it; None if there is no such chat."""
        root = self.hub.root
        state = root.chats.get(self.chat_id)
        if state is None or not state.exists:
            self._history = None
            return None
        segments, size = self._builder.build(state)
        newest = state.newest
        whole = newest.whole if newest is not None else None
        from_log = not (root.current and whole is not None and whole.connection == root.current)
        known = self._history
        if (
            known is None
            or known.segments is not segments
            or known.loading != self.loading
            or known.from_log != from_log
            or known.start_reached != state.start_reached
        ):
            self._history = History(
                self.chat_id,
                segments,
                size,
                loading=self.loading,
                from_log=from_log,
                start_reached=state.start_reached,
            )
        return self._history

    def thread(self, thread_id: str) -> ThreadEvents | None:
        """One thread; None if there is no such thread."""
        root = self.hub.root
        state = root.chats.get(self.chat_id)
        facts = state.facts.threads.get(thread_id) if state is not None else None
        if state is None or facts is None or not state.exists:
            return None
        content = self.fold.threads.get(thread_id)
        rows = content.items() if content is not None else _NOTHING
        doubtful = bool(content.doubtful) if content is not None else False
        info = thread_info(root, state, facts, doubtful)
        known = self._threads.get(thread_id)
        if known is not None:
            info = same(known.info, info)
            if known.rows is rows and known.info is info and known.loading == self.loading:
                return known
        made = self._threads[thread_id] = ThreadEvents(rows, info, self.loading)
        return made

    def refresh(self) -> None:
        """Lets the views of this chat's content emit what is new."""
        history = self.history_view() if self.history_view is not None else None
        if history is not None:
            refresh(history)
        for view in list(self.thread_views.values()):
            refresh(view)


_NOTHING: Rope[Any] = Rope()


class Loading:
    """A chat's content that waits for what the log holds of it: up to `upto`, this record
    included. Later records reach it by the hub's `fold`. Slices may come in any order."""

    def __init__(self, live: LiveChat, upto: int) -> None:
        self.chat_id = live.chat_id
        self.upto = upto
        self._live = weakref.ref(live)

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
            live.hub.touched(self.chat_id)

    def done(self, error: Exception | None = None) -> None:
        """All was fed; or reading failed, which `View.ready` raises."""
        live = self._live()
        if live is not None:
            live.loaded(error)
            live.hub.touched(self.chat_id)


class Hub:
    """The folds and the views of one stream."""

    def __init__(
        self, root: RootFold, *, seq: int, load: Callable[[Loading], None], report: Report
    ) -> None:
        """`root` holds the records up to `seq`. `load` is asked to read a chat's records, at once
        or in a task; `report` is told what subscribers raise."""
        self.root = root
        self.seq = seq
        """The last record folded."""
        self._load = load
        self._report = report
        self._views = RootViews(root)
        self._held: dict[View[Any], int] = {}
        self._lives: dict[str, weakref.ref[LiveChat]] = {}
        self._touched: set[str] = set()
        self._chat_views: weakref.WeakValueDictionary[str, View[ChatItem | None]] = (
            weakref.WeakValueDictionary()
        )
        self._publishing = False
        self._again = False
        self._now: int | None = None
        self.connection: View[ConnectionState] = self._view(
            "connection", lambda: self._views.connection()
        )
        self.customer: View[CustomerState | None] = self._view(
            "customer", lambda: self._views.customer()
        )
        self.availability: View[Availability] = self._view(
            "availability", lambda: self._views.availability()
        )
        self.greeting: View[GreetingState | None] = self._view(
            "greeting", lambda: self._views.greeting()
        )
        self.chats: ListView[ChatList, ChatItem] = ListView(
            "chats", lambda: self._views.chats(), chat_changes, None, report, self._hold
        )

    def restore(self, root: RootFold, seq: int) -> None:
        """Begin anew from `root`, which holds the records up to `seq`: a snapshot, or nothing.

        Contents of chats that were asked for before are read anew.
        """
        self.root, self.seq = root, seq
        self._views = RootViews(root)
        for live in self._all_live():
            live.begin(loading=live.chat_id in root.chats)
            if live.loading:
                self._load(Loading(live, seq))
        root.changes.confirmed = True
        root.changes.connection = True
        root.changes.chats |= {*root.chats, *self._watched()}

    def chat(self, chat_id: str) -> View[ChatItem | None]:
        """The view of one chat."""
        view = self._chat_views.get(chat_id)
        if view is None:
            view = self._view(f"chat({chat_id!r})", lambda: self._views.chat(chat_id))
            self._chat_views[chat_id] = view
        return view

    def history(self, chat_id: str) -> ListView[History | None, HistoryItem]:
        """The view of a chat's history."""
        live = self._live(chat_id)
        view = live.history_view() if live.history_view is not None else None
        if view is None:
            between: Callable[[History | None, History | None], tuple[Change[HistoryItem], ...]]
            between = history_changes
            name = f"history({chat_id!r})"
            view = ListView(name, live.history, between, live.ready, self._report, self._hold)
            live.history_view = weakref.ref(view)
        return view

    def thread(self, chat_id: str, thread_id: str) -> ListView[ThreadEvents | None, Event]:
        """The view of one thread."""
        live = self._live(chat_id)
        view = live.thread_views.get(thread_id)
        if view is None:
            between: Callable[[ThreadEvents | None, ThreadEvents | None], tuple[Change[Event], ...]]
            between = thread_changes
            name = f"thread({chat_id!r}, {thread_id!r})"
            view = ListView(
                name,
                lambda: live.thread(thread_id),
                between,
                live.ready,
                self._report,
                self._hold,
            )
            live.thread_views[thread_id] = view
        return view

    def fold(self, pairs: Iterable[Pair]) -> None:
        """Folds committed records, in order. Nothing is emitted."""
        root = self.root
        lives = self._lives
        record = None
        for record, payload in pairs:
            root.apply(record, payload)
            if record.chat_id in lives:
                live = lives[record.chat_id]()
                if live is not None:
                    live.fold.apply(record, payload)
                    self._touched.add(record.chat_id)
        if record is not None:
            self.seq = max(self.seq, record.seq)

    def touched(self, chat_id: str) -> None:
        """The content of this chat changed outside of `fold`."""
        self._touched.add(chat_id)

    def publish(self, now: int | None = None) -> None:
        """Lets the views emit what changed. `now`, µs since the epoch, hides who typed until then.

        Called from within a subscriber it returns at once; the outer call does it.
        """
        if now is not None:
            self._now = now
        if self._publishing:
            self._again = True
            return
        self._publishing = True
        try:
            self._publish()
            while self._again:
                self._again = False
                self._publish()
        finally:
            self._publishing = False

    @property
    def next_expiry(self) -> int | None:
        """When somebody will have stopped typing, if nothing comes before, µs since the epoch:
        call `publish(now)` then."""
        return self._views.next_expiry

    def close(self) -> None:
        """Completes all subscribers and streams. Values stay readable."""
        views: list[View[Any]] = [
            self.connection,
            self.customer,
            self.availability,
            self.greeting,
            self.chats,
            *self._held,
        ]
        for view in dict.fromkeys(views):
            close(view)
        for live in self._all_live():
            live.loaded(live.error)

    def _publish(self) -> None:
        changes = self.root.take_changes()
        views = self._views
        views.changed(changes)
        chats = changes.chats | self._touched
        self._touched = set()
        if self._now is not None and self.root.typing:
            chats |= views.tick(self._now)
        everything = changes.confirmed
        if changes.connection or everything:
            refresh(self.connection)
        if changes.customer or everything:
            refresh(self.customer)
        if changes.availability or everything:
            refresh(self.availability)
        if changes.greeting or everything:
            refresh(self.greeting)
        if chats or everything:
            refresh(self.chats)
        for chat_id in self._watched() if everything else chats:
            view = self._chat_views.get(chat_id)
            if view is not None:
                refresh(view)
            if chat_id in self._lives:
                live = self._lives[chat_id]()
                if live is not None:
                    live.refresh()

    def _watched(self) -> set[str]:
        return {*self._chat_views.keys(), *self._lives.keys()}

    def _all_live(self) -> list[LiveChat]:
        return [live for ref in list(self._lives.values()) if (live := ref()) is not None]

    def _view(self, name: str, read: Callable[[], Any]) -> View[Any]:
        return View(name, read, None, self._report, self._hold)

    def _hold(self, view: View[Any], held: bool) -> None:
        """A view somebody is subscribed to lives, even if nobody keeps it."""
        count = self._held.get(view, 0) + (1 if held else -1)
        if count:
            self._held[view] = count
        else:
            del self._held[view]

    def _live(self, chat_id: str) -> LiveChat:
        ref = self._lives.get(chat_id)
        live = ref() if ref is not None else None
        if live is not None:
            return live
        live = LiveChat(self, chat_id, loading=chat_id in self.root.chats)
        self._lives[chat_id] = weakref.ref(live, lambda gone: self._forget(chat_id, gone))
        if live.loading:
            self._load(Loading(live, self.seq))
        return live

    def _forget(self, chat_id: str, gone: weakref.ref[LiveChat]) -> None:
        if self._lives.get(chat_id) is gone:
            del self._lives[chat_id]
