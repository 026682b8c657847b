"""Chats, threads and pages of them (Customer Chat API 3.5, data structures)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from livechat_customer.models.base import Model, Properties
from livechat_customer.models.events import Event
from livechat_customer.models.users import User


class Access(Model, frozen=True, forbid_unknown_fields=True):
    """The groups that see it; 0 is everyone. Empty where the server does not say."""

    group_ids: tuple[int, ...] = ()


class Queue(Model, frozen=True):
    """Place in the queue, counted from 1; `wait_time` is an estimate in seconds.

    `queued_at` is RFC 3339, None in `queue_position_updated`.
    """

    position: int | None = None
    wait_time: int | None = None
    queued_at: str | None = None


class Transfer(Model, frozen=True):
    """Where a chat went to, or came from."""

    group_ids: tuple[int, ...] = ()
    agent_ids: tuple[str, ...] = ()


class Thread(Model, frozen=True):
    """One topic of a chat. At most the newest is active; `events` are oldest first.

    `previous_thread_id` and `next_thread_id` are None where there is no neighbour; `queue` is
    None unless it waits for an agent. `created_at` is RFC 3339.
    """

    id: str
    chat_id: str
    active: bool = False
    access: Access = Access()
    created_at: str = ""
    user_ids: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    properties: Properties = msgspec.field(default_factory=dict[str, Any])
    previous_thread_id: str | None = None
    next_thread_id: str | None = None
    queue: Queue | None = None


class Chat(Model, frozen=True):
    """A customer's whole conversation, with one of its threads.

    `users` are all who ever took part (`present` tells who still does);
    `events_seen_up_to_map` gives each user's read mark, RFC 3339 or None.
    `thread` is the one asked for, else the newest; None if the chat has none. `confirmed` is
    False only in a result that rests on the server's answer alone: then it is what was sent,
    with the ids.
    """

    id: str
    access: Access = Access()
    users: tuple[User, ...] = ()
    properties: Properties = msgspec.field(default_factory=dict[str, Any])
    events_seen_up_to_map: Mapping[str, str | None] = msgspec.field(default_factory=dict[str, Any])
    thread: Thread | None = None
    confirmed: bool = True


class ChatSummary(Model, frozen=True):
    """A chat as `list_chats` gives it.

    `last_events_per_type` holds the newest event of each type, keyed by the wire's type, and
    `last_event` the newest of these: by the time of their threads, then by their own.
    """

    id: str
    active: bool = False
    access: Access = Access()
    properties: Properties = msgspec.field(default_factory=dict[str, Any])
    users: tuple[User, ...] = ()
    last_thread_id: str | None = None
    last_thread_created_at: str | None = None
    events_seen_up_to_map: Mapping[str, str | None] = msgspec.field(default_factory=dict[str, Any])
    last_events_per_type: Mapping[str, Event] = msgspec.field(default_factory=dict[str, Any])
    last_event: Event | None = None


class ChatsPage(Model, frozen=True):
    """Result of `list_chats`: in the server's order, by the time of the newest thread.

    `total_chats` is an estimate. `users` are the chats' users, each once. The page ids are None
    where there is no such page, and good for a month.
    """

    chats_summary: tuple[ChatSummary, ...] = ()
    total_chats: int = 0
    users: tuple[User, ...] = ()
    previous_page_id: str | None = None
    next_page_id: str | None = None


class ThreadsPage(Model, frozen=True):
    """Result of `list_threads`, in the server's order; `found_threads` counts all there are."""

    threads: tuple[Thread, ...] = ()
    found_threads: int | None = None
    previous_page_id: str | None = None
    next_page_id: str | None = None


class HistoryPage(Model, frozen=True):
    """One step of `get_chat_history`: `threads` are oldest first, pages newest first.

    `from_log`: not asked of the server, but known from before. `done`: nothing older follows.
    """

    threads: tuple[Thread, ...] = ()
    from_log: bool = False
    done: bool = False
