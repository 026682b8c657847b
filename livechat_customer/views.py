"""The views of a customer: what is known now, as observables.

Each is a `View`: `.value` is the snapshot as of the last committed record, subscribing gives the
current value and every later one, `async for` the latest. They are filled from the log at
`open()`, so they are there without a network, too.
"""

from __future__ import annotations

from typing import cast

from livechat_customer.models import Event
from livechat_customer.outbox import OutboxView
from livechat_customer.projections.history import ThreadEvents
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.live import ListView, View
from livechat_customer.projections.values import (
    Availability,
    ChatItem,
    ConnectionState,
    CustomerState,
    GreetingState,
    SyncState,
)
from livechat_customer.projections.views import ChatList
from livechat_customer.resync import HistoryView


class Views:
    """One property or method per view."""

    _hub: Hub

    @property
    def connection(self) -> View[ConnectionState]:
        """Whether we are connected, and why not."""
        return self._hub.connection

    @property
    def customer(self) -> View[CustomerState | None]:
        """Who the customer is; None until the first login."""
        return self._hub.customer

    @property
    def availability(self) -> View[Availability]:
        """Whether somebody is there to chat with, in the customer's group."""
        return self._hub.availability

    @property
    def greeting(self) -> View[GreetingState | None]:
        """The greeting on show, if any."""
        return self._hub.greeting

    @property
    def outbox(self) -> OutboxView:
        """What waits to be sent, and the way in: `send_event`, `mark_events_as_seen`."""
        return cast("OutboxView", self._hub.outbox)

    @property
    def sync(self) -> View[SyncState]:
        """Whether what was missed while away is being asked for, and what came of it last."""
        return self._hub.sync

    @property
    def chats(self) -> ListView[ChatList, ChatItem]:
        """All chats, newest thread first."""
        return self._hub.chats

    def chat(self, chat_id: str) -> View[ChatItem | None]:
        """One chat: users, newest thread, unread events, who is typing. None if it is unknown."""
        return self._hub.chat(chat_id)

    def thread(self, chat_id: str, thread_id: str) -> ListView[ThreadEvents | None, Event]:
        """The events of one thread, oldest first. None if it is unknown."""
        return self._hub.thread(chat_id, thread_id)

    def history(self, chat_id: str) -> HistoryView:
        """All known events of a chat, oldest first, with a `Gap` where some may be missing; what
        the outbox holds for it stands at the end. `fill` and `refresh` ask the server.

        It is read from the log when first asked for: `await view.ready()`.
        """
        return cast("HistoryView", self._hub.history(chat_id))
