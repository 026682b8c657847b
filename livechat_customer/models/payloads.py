"""Payloads of the events that `on` and `observe` give, one struct each.

Names and shapes follow the vendor's JavaScript SDK in snake_case; what it
leaves out of the server's pushes is kept in optional fields. `EVENT_PAYLOADS` is the table by
event name, `push_events` makes them.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from livechat_customer.models.base import Model, Properties, PropertyNames, SessionFields
from livechat_customer.models.chats import Chat, Queue, Transfer
from livechat_customer.models.events import Event
from livechat_customer.models.greetings import Greeting
from livechat_customer.models.inputs import Postback
from livechat_customer.models.sync import ResyncReport
from livechat_customer.models.users import Address, Agent, Customer, User


class Connected(Model, frozen=True):
    """Logged in. `availability` is "online" or "offline"; `greeting`: one is being shown."""

    customer: Customer
    availability: str
    greeting: Greeting | None = None


class Disconnected(Model, frozen=True):
    """The connection ended, or a login was refused (then `error` says why).

    `reason` is the server's or one of ours; `data` what the server gave beside it.
    """

    reason: str
    data: Mapping[str, Any] | None = None
    error: str | None = None


class ConnectionUnstable(Model, frozen=True):
    """The server is late to answer a ping."""


class ConnectionRecovered(Model, frozen=True):
    """It answers again."""


class AvailabilityUpdated(Model, frozen=True):
    """`availability`, "online" or "offline", of the customer's group."""

    availability: str
    group_id: int | None = None
    status: str | None = None
    """The server's word: `online`, `offline` or `online_for_queue`."""


class ChatDeactivated(Model, frozen=True):
    """The open thread was closed; without `user_id` the server did it."""

    chat_id: str
    thread_id: str | None = None
    user_id: str | None = None


class ChatPropertiesUpdated(Model, frozen=True):
    """`properties` holds only what changed."""

    chat_id: str
    properties: Properties = msgspec.field(default_factory=dict[str, Any])


class ChatPropertiesDeleted(Model, frozen=True):
    """`properties` names what is gone."""

    chat_id: str
    properties: PropertyNames = msgspec.field(default_factory=dict[str, Any])


class ThreadPropertiesUpdated(Model, frozen=True):
    """`properties` holds only what changed."""

    chat_id: str
    thread_id: str
    properties: Properties = msgspec.field(default_factory=dict[str, Any])


class ThreadPropertiesDeleted(Model, frozen=True):
    """`properties` names what is gone."""

    chat_id: str
    thread_id: str
    properties: PropertyNames = msgspec.field(default_factory=dict[str, Any])


class EventPropertiesUpdated(Model, frozen=True):
    """`properties` holds only what changed."""

    chat_id: str
    thread_id: str
    event_id: str
    properties: Properties = msgspec.field(default_factory=dict[str, Any])


class EventPropertiesDeleted(Model, frozen=True):
    """`properties` names what is gone."""

    chat_id: str
    thread_id: str
    event_id: str
    properties: PropertyNames = msgspec.field(default_factory=dict[str, Any])


class ChatTransferred(Model, frozen=True):
    """The chat went to other groups or agents.

    `reason` is an open set (`manual`, `inactive`, `assigned` …), `requester_id` who did it by
    hand; `queue` is set if it waits there.
    """

    chat_id: str
    transferred_to: Transfer = Transfer()
    thread_id: str | None = None
    queue: Queue | None = None
    reason: str | None = None
    requester_id: str | None = None


class CustomerPageUpdated(Model, frozen=True):
    """The customer moved to another page; the vendor withdrew this push in 2024."""

    url: str | None = None
    title: str | None = None
    opened_at: str | None = None


class CustomerUpdated(Model, frozen=True):
    """The customer's data changed; what did not is None."""

    id: str
    name: str | None = None
    email: str | None = None
    avatar: str | None = None
    session_fields: SessionFields | None = None
    email_verified: bool | None = None
    phone_number: str | None = None
    """API 3.6."""
    address: Address | None = None
    """API 3.6."""
    omnichannel: Mapping[str, Any] | None = None
    """API 3.6, as the server sends it."""


class EventsMarkedAsSeen(Model, frozen=True):
    """`user_id` has seen the events created up to `seen_up_to` (RFC 3339)."""

    chat_id: str
    user_id: str
    seen_up_to: str


class GreetingAccepted(Model, frozen=True):
    """The greeting was accepted, here or on another page of the customer's."""

    unique_id: str


class GreetingCanceled(Model, frozen=True):
    """The greeting is over: dismissed, or replaced by another."""

    unique_id: str


class IncomingChat(Model, frozen=True):
    """A new thread, `chat.thread`, of a new or a resumed chat.

    `requester_id` started it; `transferred_from`: it came into view by a transfer.
    """

    chat: Chat
    requester_id: str | None = None
    transferred_from: Transfer | None = None


class IncomingEvent(Model, frozen=True):
    """A new event."""

    chat_id: str
    event: Event
    thread_id: str | None = None


class EventUpdated(Model, frozen=True):
    """`event` replaces the one of the same id."""

    chat_id: str
    thread_id: str
    event: Event


class IncomingMulticast(Model, frozen=True):
    """`content` is arbitrary JSON; without `author_id` the system sent it."""

    content: Any = None
    author_id: str | None = None
    type: str | None = None


class IncomingRichMessagePostback(Model, frozen=True):
    """`user_id` toggled the buttons whose `postback_id` is `postback.id`."""

    user_id: str
    chat_id: str
    thread_id: str
    event_id: str
    postback: Postback


class TypingIndicator(Model, frozen=True):
    """Whether `author_id` types; `timestamp` in Unix seconds. The end may never be announced:
    take it as over after 10 s, and when the author's event comes."""

    author_id: str
    is_typing: bool = False
    timestamp: int | float | None = None
    recipients: str | None = None


class IncomingTypingIndicator(Model, frozen=True):
    """An agent types, or stopped."""

    chat_id: str
    typing_indicator: TypingIndicator
    thread_id: str | None = None


class QueuePositionUpdated(Model, frozen=True):
    """The place in the queue changed."""

    chat_id: str
    thread_id: str
    queue: Queue


class UserAddedToChat(Model, frozen=True):
    """Someone joined, or (not `present`) writes without joining."""

    chat_id: str
    user: User
    present: bool = False
    thread_id: str | None = None
    reason: str | None = None
    requester_id: str | None = None


class UserRemovedFromChat(Model, frozen=True):
    """Someone left; `reason` is an open set (`disconnected`, `manual`, `inactive` …)."""

    chat_id: str
    user_id: str
    thread_id: str | None = None
    reason: str | None = None
    requester_id: str | None = None


class EventDeleted(Model, frozen=True):
    """The event is gone for good (API 3.6)."""

    chat_id: str
    thread_id: str
    event_id: str


class IncomingEventPreview(Model, frozen=True):
    """An event being written (API 3.6): without id; `event.custom_id` leads to the real one."""

    chat_id: str
    event: Event
    thread_id: str | None = None


class IncomingThinkingIndicator(Model, frozen=True):
    """A bot thinks (API 3.6); `custom_id` leads to the event that follows."""

    chat_id: str
    thread_id: str | None = None
    author_id: str | None = None
    sent_at: str | None = None
    title: str | None = None
    description: str | None = None
    custom_id: str | None = None


class IncomingWelcomeMessage(Model, frozen=True):
    """The welcome message asked for (API 3.6); `event` has no id and no thread."""

    event: Event
    id: str | None = None


class EventAdded(Model, frozen=True):
    """An event of a chat, told of once in the life of the log, whatever brought it.

    `source` is `push` (somebody else's, as it happened), `own` (the push that answers a request
    of one's own), `history` (`list_threads`), `resync` (what is asked for after a login), or
    `response` (any other answer: `get_chat`, `list_chats`).
    """

    chat_id: str
    thread_id: str
    event: Event
    source: str


class Doubled(Model, frozen=True):
    """The server has a second event of an entry of the outbox: it acted on an attempt after the
    time that it is given (`in_doubt_wait`). The views leave this one out.
    """

    custom_id: str
    chat_id: str
    thread_id: str
    event: Event


class UnknownPush(Model, frozen=True):
    """A push that this version does not know; `raw` is its payload's JSON bytes."""

    action: str
    raw: bytes


EVENT_PAYLOADS: Final[dict[str, Any]] = {
    "customer_id": str,
    "connected": Connected,
    "disconnected": Disconnected,
    "connection_unstable": ConnectionUnstable,
    "connection_recovered": ConnectionRecovered,
    "user_data": Customer | Agent,
    "availability_updated": AvailabilityUpdated,
    "chat_deactivated": ChatDeactivated,
    "chat_properties_updated": ChatPropertiesUpdated,
    "chat_properties_deleted": ChatPropertiesDeleted,
    "thread_properties_updated": ThreadPropertiesUpdated,
    "thread_properties_deleted": ThreadPropertiesDeleted,
    "event_properties_updated": EventPropertiesUpdated,
    "event_properties_deleted": EventPropertiesDeleted,
    "event_updated": EventUpdated,
    "events_marked_as_seen": EventsMarkedAsSeen,
    "chat_transferred": ChatTransferred,
    "customer_page_updated": CustomerPageUpdated,
    "customer_updated": CustomerUpdated,
    "greeting_accepted": GreetingAccepted,
    "greeting_canceled": GreetingCanceled,
    "incoming_greeting": Greeting,
    "incoming_chat": IncomingChat,
    "incoming_event": IncomingEvent,
    "incoming_multicast": IncomingMulticast,
    "incoming_rich_message_postback": IncomingRichMessagePostback,
    "incoming_typing_indicator": IncomingTypingIndicator,
    "queue_position_updated": QueuePositionUpdated,
    "user_added_to_chat": UserAddedToChat,
    "user_removed_from_chat": UserRemovedFromChat,
    "event_deleted": EventDeleted,
    "incoming_event_preview": IncomingEventPreview,
    "incoming_thinking_indicator": IncomingThinkingIndicator,
    "incoming_welcome_message": IncomingWelcomeMessage,
    "unknown_push": UnknownPush,
    "event_added": EventAdded,
    "doubled": Doubled,
    "resynced": ResyncReport,
}
"""The payload's type of each event."""
