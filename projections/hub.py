"""The hub: it owns the folds and the views, and is what the pump talks to.

After each commit the pump calls `fold` with the committed records and then `publish`; only then do
views emit. The fold of a chat's content is made when somebody first asks for it, and dropped when
nobody holds or watches a view of it any more; the hub asks the pump to read the log for it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

from livechat_customer.callbacks import Report
from livechat_customer.models.events import Event
from livechat_customer.projections.changes import Change
from livechat_customer.projections.differences import (
    chat_changes,
    history_changes,
    thread_changes,
)
from livechat_customer.projections.history import History, ThreadEvents
from livechat_customer.projections.live import ListView, View, close, refresh
from livechat_customer.projections.live_chat import LiveChat, Loading, Pair
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import (
    Availability,
    ChatItem,
    ConnectionState,
    CustomerState,
    GreetingState,
    HistoryItem,
)
from livechat_customer.projections.views import ChatList, RootViews

__all__ = ["Hub", "Loading", "Pair"]


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
        self._begun = False
        self._held: dict[View[Any], int] = {}
        self._lives: dict[str, weakref.ref[LiveChat]] = {}
        self._touched: set[str] = set()
        self._chat_views: weakref.WeakValueDictionary[str, View[ChatItem | None]] = (
            weakref.WeakValueDictionary()
        )
        self._publishing = False
        self._again = False
        self._now: int | None = None
        self.connection: View[ConnectionState] = self._view("connection", self._views.connection)
        self.customer: View[CustomerState | None] = self._view("customer", self._views.customer)
        self.availability: View[Availability] = self._view("availability", self._views.availability)
        self.greeting: View[GreetingState | None] = self._view("greeting", self._views.greeting)
        self.chats: ListView[ChatList, ChatItem] = ListView(
            "chats", self._views.chats, chat_changes, None, report, self._hold
        )

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
            chat_id = record.chat_id
            ref = lives.get(chat_id) if chat_id is not None else None
            live = ref() if ref is not None else None
            if live is not None:
                live.fold.apply(record, payload)
                self._touched.add(live.chat_id)
        if record is not None:
            self.seq = max(self.seq, record.seq)

    def restore(self, root: RootFold, seq: int) -> None:
        """Begins anew from `root`, which holds the records up to `seq`. The views stay the same
        ones: call `publish` to let them emit."""
        self.root = root
        self.seq = seq
        self._views.begin(root)
        self._begun = True
        for live in self._all_live():
            live.begin(root)
            self._touched.add(live.chat_id)
            if live.loading:
                self._load(Loading(live, seq))

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
        chats = changes.chats
        chats |= self._touched
        self._touched.clear()
        if self._now is not None and self.root.typing:
            chats |= views.tick(self._now)
        everything = changes.confirmed or self._begun
        self._begun = False
        if changes.connection or everything:
            refresh(self.connection)
        if changes.customer or everything:
            refresh(self.customer)
        if changes.availability or everything:
            refresh(self.availability)
        if changes.greeting or everything:
            refresh(self.greeting)
        if everything:
            chats = self._watched()
        if chats or everything:
            refresh(self.chats)
        for chat_id in chats:
            view = self._chat_views.get(chat_id) if self._chat_views else None
            if view is not None:
                refresh(view)
            ref = self._lives.get(chat_id)
            live = ref() if ref is not None else None
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
        live = LiveChat(chat_id, self.root, self._touched.add)
        self._lives[chat_id] = weakref.ref(live, lambda gone: self._forget(chat_id, gone))
        if live.loading:
            self._load(Loading(live, self.seq))
        return live

    def _forget(self, chat_id: str, gone: weakref.ref[LiveChat]) -> None:
        if self._lives.get(chat_id) is gone:
            del self._lives[chat_id]
