"""What views hold: immutable values for readers.

Maps in them are copies that the folds don't know; still, treat them as read-only, other readers
see the same ones. Wire times are RFC 3339 strings, times of records microseconds since the epoch.
`from_log` says that a value was not confirmed in the connection that stands now (or that none
stands): it is what the log remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from livechat_customer.models.chats import Access, Queue
from livechat_customer.models.events import Event
from livechat_customer.models.greetings import Greeting
from livechat_customer.models.sync import ResyncReport
from livechat_customer.models.users import Customer, User


class LastError(msgspec.Struct, frozen=True, gc=False):
    """Why connecting did not work. `code` is the error's, upper case."""

    code: str
    message: str | None = None
    data: Mapping[str, Any] | None = None


class ConnectionState(msgspec.Struct, frozen=True, gc=False):
    """`sdk.connection`."""

    status: str = "disconnected"
    """`disconnected`, `connecting`, `connected`, `reconnecting`, `paused` (a `connect()` is needed)
    or `destroyed`."""
    unstable: bool = False
    """Connected, but the server is late to answer."""
    number: int = 0
    """Of the connection that stands or is being made, counted over the stream's whole life."""
    attempt: int = 0
    """While connecting: 1 for the first attempt since there was a connection."""
    reason: str | None = None
    """Why the last connection ended, while there is none."""
    last_error: LastError | None = None
    """Of the last attempt, until one succeeds."""
    since: int | None = None
    """Time of the record that brought `status`; None before any did."""


class CustomerState(Customer, frozen=True, tag="customer"):
    """`sdk.customer`: the customer, with its `statistics` as of the last answer."""

    from_log: bool = True


class Availability(msgspec.Struct, frozen=True, gc=False):
    """`sdk.availability`."""

    status: str = "unknown"
    """`online` or `offline` for the customer's own group; `unknown` before the first login."""
    group_id: int | None = None
    """The group that decides."""
    groups: Mapping[int, str] = {}
    """What is known of groups: `online`, `offline` or `online_for_queue`."""
    from_log: bool = True


class GreetingState(Greeting, frozen=True):
    """`sdk.greeting`: the greeting on show."""

    from_log: bool = True


class Typing(msgspec.Struct, frozen=True, gc=False):
    """Someone is typing, at least until `expires_at` (µs since the epoch) or their next event."""

    author_id: str
    expires_at: int


class ThreadInfo(msgspec.Struct, frozen=True, gc=False):
    """A thread without its events."""

    id: str
    chat_id: str
    active: bool = False
    created_at: str = ""
    access: Access = Access()
    user_ids: tuple[str, ...] = ()
    properties: Mapping[str, Mapping[str, Any]] = {}
    queue: Queue | None = None
    previous_thread_id: str | None = None
    next_thread_id: str | None = None
    as_of: int | None = None
    """Time of the newest record that showed the thread whole; None: none did."""
    settled: bool = False
    """The server showed it whole, closed and followed by another thread: nothing new will come to
    it. Edits may, and show when it is fetched again."""
    partial: bool = False
    """The newest answer lacks something that was known before; see the log."""
    from_log: bool = True


class ChatItem(msgspec.Struct, frozen=True, gc=False):
    """A chat: an item of `sdk.chats`, and the value of `sdk.chat(id)`."""

    id: str
    active: bool = False
    """Whether it has an open thread."""
    access: Access = Access()
    properties: Mapping[str, Mapping[str, Any]] = {}
    users: tuple[User, ...] = ()
    """Everybody who ever took part; `present` tells who still does."""
    events_seen_up_to_map: Mapping[str, str | None] = {}
    """Each user's read mark."""
    last_events_per_type: Mapping[str, Event] = {}
    """The newest event of each type. Its properties and toggles are as of when it was last shown
    whole: those of the history are the newest."""
    last_event: Event | None = None
    """The newest of these."""
    thread: ThreadInfo | None = None
    """The newest thread."""
    unread: int = 0
    """How many known events by others the customer has not seen; 1,000 stands for more, too. What
    a seen mark covers that waits in the outbox is seen."""
    has_unread: bool = False
    """Whether there are any, also unknown ones of which the server told at the login."""
    typing: tuple[Typing, ...] = ()
    has_pending: bool = False
    """The outbox holds something for it."""
    from_log: bool = True


class Gap(msgspec.Struct, frozen=True, gc=False):
    """A place in a history where something may be missing: the threads on its two sides are not
    known to be neighbours."""

    after: str
    """Id of the thread before the gap."""
    before: str
    """Id of the thread behind it."""


class OutboxEntry(msgspec.Struct, frozen=True, gc=False):
    """An item of `sdk.outbox`: something that waits to be sent, or whose fate is not settled."""

    custom_id: str
    """Its identity, in the queue and in the history; of an event also on the wire."""
    chat_id: str
    """Of a chat that is not started yet its local id, `local:…`."""
    action: str = "send_event"
    """`send_event` or `mark_events_as_seen`."""
    state: str = "queued"
    """`queued`; `waiting` (see `error`); `sending`; `unknown`: it may have reached the server;
    `failed`: it blocks its chat until `retry()` or `cancel()`. What was sent or cancelled leaves
    the outbox."""
    event: Event | None = None
    """What will be sent, as far as it is known here: it has no id yet."""
    seen_up_to: str | None = None
    queued_at: int = 0
    """µs since the epoch."""
    attempts: int = 0
    error: LastError | None = None
    """Why it waits, is unknown or failed."""


class PendingEvent(msgspec.Struct, frozen=True, gc=False):
    """An event of the outbox in a history, after all events; when the server has shown it, that
    event takes its place. In `history.changes` that is the same item: it is moved and set."""

    entry: OutboxEntry
    """Its state may be `sent`, too: the server has the event but did not show it yet."""

    @property
    def custom_id(self) -> str:
        return self.entry.custom_id


HistoryItem = Event | Gap | PendingEvent
"""An item of `sdk.history(chat_id)`: the same classes as in `incoming_event`, gaps, and what the
outbox holds for the chat."""


class SyncState(msgspec.Struct, frozen=True, gc=False):
    """`sdk.sync`: what is fetched after a login, because pushes are neither numbered nor repeated."""

    status: str = "idle"
    """`running`, or `idle`."""
    connection: int = 0
    """Number of the connection that the newest resync belongs to."""
    report: ResyncReport | None = None
    """Of the last one that ended."""
