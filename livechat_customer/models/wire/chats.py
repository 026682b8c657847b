"""Chats, their summaries and threads (Customer Chat API 3.5, data structures)."""

from livechat_customer.models.wire.base import ABSENT, Properties, Wire
from livechat_customer.models.wire.events import Event
from livechat_customer.models.wire.users import User


class Access(Wire, frozen=True):
    """The groups that see it; `0` is everyone."""

    group_ids: tuple[int, ...] = ABSENT


class Queue(Wire, frozen=True):
    """Place in the queue, from 1; `wait_time` in seconds, an estimate."""

    position: int | None = None
    wait_time: int | None = None
    queued_at: str | None = None
    """Not in `queue_position_updated`."""


class Transfer(Wire, frozen=True):
    """Where a chat went to or came from."""

    group_ids: tuple[int, ...] = ABSENT
    agent_ids: tuple[str, ...] = ABSENT


class Thread(Wire, frozen=True):
    """One topic of a chat; at most the newest is active."""

    id: str
    active: bool | None = None
    created_at: str = ""
    user_ids: tuple[str, ...] = ABSENT
    events: tuple[Event, ...] = ABSENT
    access: Access | None = None
    properties: Properties | None = None
    queue: Queue | None = None
    """Only while queued."""
    previous_thread_id: str | None = None
    next_thread_id: str | None = None


class Chat(Wire, frozen=True):
    """A chat with one thread, if it has any; `threads` is a slip of the vendor's samples."""

    id: str
    users: tuple[User, ...] = ABSENT
    thread: Thread | None = None
    threads: tuple[Thread, ...] = ABSENT
    access: Access | None = None
    properties: Properties | None = None
    transferred_from: Transfer | None = None
    """Only in `incoming_chat`."""


class LastEvent(Wire, frozen=True):
    """The newest event of one type, with its thread."""

    thread_id: str
    thread_created_at: str = ""
    event: Event | None = None


class ChatSummary(Wire, frozen=True):
    """A chat as `list_chats` shows it."""

    id: str
    users: tuple[User, ...] = ABSENT
    access: Access | None = None
    properties: Properties | None = None
    active: bool | None = None
    last_thread_id: str | None = None
    last_thread_created_at: str | None = None
    last_event_per_type: dict[str, LastEvent] | None = None
    """Keyed by event type."""
