"""The hub: it owns the folds and the views, and is what the pump talks to.

After each commit the pump calls `fold` with the committed records and then `publish`; only then do
views emit. The fold of a chat's content is made when somebody first asks for it, and dropped when
nobody holds or watches a view of it any more; the hub asks the pump to read the log for it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from livechat_customer.callbacks import Report
from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models.commands import LOCAL
from livechat_customer.models.events import Event
from livechat_customer.projections.changes import Change
from livechat_customer.projections.differences import (
    chat_changes,
    history_changes,
    outbox_changes,
    thread_changes,
)
from livechat_customer.projections.history import History, ThreadEvents
from livechat_customer.projections.live import ListView, View, close, refresh
from livechat_customer.projections.live_chat import LiveChat, Loading, Pair
from livechat_customer.projections.outbox_items import OutboxList, OutboxViews
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import (
    Availability,
    ChatItem,
    ConnectionState,
    CustomerState,
    GreetingState,
    HistoryItem,
    OutboxEntry,
    SyncState,
)
from livechat_customer.projections.view_kinds import Parts, ViewKinds
from livechat_customer.projections.views import ChatList, RootViews

__all__ = ["Hub", "Loading", "Pair", "ViewKinds"]


class Hub:
    """The folds and the views of one stream."""

    def __init__(
        self,
        root: RootFold,
        *,
        seq: int,
        load: Callable[[Loading], None],
        report: Report,
        kinds: ViewKinds = ViewKinds(),  # noqa: B008 - immutable
    ) -> None:
        """`root` holds the records up to `seq`. `load` is asked to read a chat's records, at once
        or in a task; `report` is told what subscribers raise; `kinds` make the views that can do
        more than show."""
        self.root = root
        self.seq = seq
        """The last record folded."""
        self._load = load
        self._report = report
        self._kinds = kinds
        self._views = RootViews(root)
        self._outbox = OutboxViews(root)
        self._locals: set[str] = set()
        """Local chats that somebody asked for."""
        self._begun = False
        self._held: dict[View[Any], int] = {}
        self._lives: dict[str, dict[str | None, weakref.ref[LiveChat]]] = {}
        """By chat, then by thread; None: all of the chat."""
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
        self.outbox: ListView[OutboxList, OutboxEntry] = kinds.outbox(
            Parts("outbox", self._outbox.list, outbox_changes, None, report, self._hold)
        )
        self.sync: View[SyncState] = self._view("sync", self._views.sync)

    def chat(self, chat_id: str) -> View[ChatItem | None]:
        """The view of one chat; of a local one, of the chat that it became."""
        self._note(chat_id)
        view = self._chat_views.get(chat_id)
        if view is None:
            view = self._view(f"chat({chat_id!r})", lambda: self._views.chat(chat_id))
            self._chat_views[chat_id] = view
        return view

    def history(self, chat_id: str) -> ListView[History | None, HistoryItem]:
        """The view of a chat's history; as for `chat`."""
        live = self._live(chat_id)
        view = live.history_view() if live.history_view is not None else None
        if view is None:
            between: Callable[[History | None, History | None], tuple[Change[HistoryItem], ...]]
            between = history_changes
            name = f"history({chat_id!r})"
            parts = Parts(name, live.history, between, live.ready, self._report, self._hold)
            view = self._kinds.history(chat_id, parts)
            live.history_view = weakref.ref(view)
        return view

    def thread(self, chat_id: str, thread_id: str) -> ListView[ThreadEvents | None, Event]:
        """The view of one thread."""
        live = self._live(chat_id, thread_id)
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

    def content(self, chat_id: str) -> LiveChat:
        """The content of a whole chat, kept as long as the caller keeps it. Await its `ready()`."""
        return self._live(chat_id)

    def started(self, chat_id: str) -> str:
        """The id on the server of a chat that may be a local one. Raises InvalidArgumentError where
        it has none yet."""
        resolved = self.root.outbox.resolve(chat_id)
        if resolved.startswith(LOCAL):
            raise InvalidArgumentError("chat_id", "The chat is not started yet; send first.")
        return resolved

    def fold(self, pairs: Iterable[Pair]) -> None:
        """Folds committed records, in order. Nothing is emitted."""
        root = self.root
        lives = self._lives
        record = None
        for record, payload in pairs:
            root.apply(record, payload)
            chat_id = record.chat_id
            refs = lives.get(chat_id) if chat_id is not None else None
            if refs:
                for live in _alive(refs):
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
        self._outbox.begin(root)
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
            self.outbox,
            self.sync,
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
        chats |= changes.queues
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
        if changes.sync or everything:
            refresh(self.sync)
        if changes.queues or everything:
            refresh(self.outbox)
        if everything:
            chats = self._watched()
        elif self._locals:
            resolve = self.root.outbox.resolve
            chats |= {local for local in self._locals if resolve(local) in chats}
        if chats or everything:
            refresh(self.chats)
        for chat_id in chats:
            view = self._chat_views.get(chat_id) if self._chat_views else None
            if view is not None:
                refresh(view)
            for live in _alive(self._lives.get(chat_id)):
                live.refresh()

    def _watched(self) -> set[str]:
        return {*self._chat_views.keys(), *self._lives.keys()}

    def _all_live(self) -> list[LiveChat]:
        return [live for refs in list(self._lives.values()) for live in _alive(refs)]

    def _view(self, name: str, read: Callable[[], Any]) -> View[Any]:
        return View(name, read, None, self._report, self._hold)

    def _hold(self, view: View[Any], held: bool) -> None:
        """A view somebody is subscribed to lives, even if nobody keeps it."""
        count = self._held.get(view, 0) + (1 if held else -1)
        if count:
            self._held[view] = count
        else:
            del self._held[view]

    def _note(self, chat_id: str) -> None:
        if chat_id.startswith(LOCAL):
            self._locals.add(chat_id)

    def _live(self, chat_id: str, only: str | None = None) -> LiveChat:
        self._note(chat_id)
        refs = self._lives.setdefault(chat_id, {})
        ref = refs.get(only)
        live = ref() if ref is not None else None
        if live is not None:
            return live
        live = LiveChat(
            chat_id,
            self.root,
            self._touched.add,
            self._outbox.pending,
            lambda real: self._live(real, only),
            only,
        )
        refs[only] = weakref.ref(live, lambda gone: self._forget(chat_id, only, gone))
        if live.loading:
            self._load(Loading(live, self.seq))
        return live

    def _forget(self, chat_id: str, only: str | None, gone: weakref.ref[LiveChat]) -> None:
        refs = self._lives.get(chat_id)
        if refs is not None and refs.get(only) is gone:
            del refs[only]
            if not refs:
                del self._lives[chat_id]


def _alive(refs: Mapping[str | None, weakref.ref[LiveChat]] | None) -> list[LiveChat]:
    if not refs:
        return []
    return [live for ref in list(refs.values()) if (live := ref()) is not None]
