"""Payloads of the pushes (Customer Chat API 3.5, pushes; the last four are new in 3.6).

`PUSHES` is the table by action. Property pushes hold only what changed.
"""

from typing import Any, Final

import msgspec

from livechat_customer.models.wire.base import (
    ABSENT,
    Properties,
    PropertyNames,
    Wire,
)
from livechat_customer.models.wire.chats import Chat, Queue, Transfer
from livechat_customer.models.wire.events import Ecommerce, Event
from livechat_customer.models.wire.greetings import Greeting
from livechat_customer.models.wire.users import User


class IncomingChat(Wire, frozen=True):
    """A new thread, of a new or a resumed chat; the thread holds the initial events."""

    chat: Chat
    requester_id: str | None = None


class ChatDeactivated(Wire, frozen=True):
    """The open thread was closed; without `user_id` the router did it."""

    chat_id: str
    thread_id: str | None = None
    user_id: str | None = None


class ChatTransferred(Wire, frozen=True):
    """The chat went to other groups or agents; `reason` is an open set."""

    chat_id: str
    thread_id: str | None = None
    requester_id: str | None = None
    reason: str | None = None
    transferred_to: Transfer | None = None
    queue: Queue | None = None


class UserAddedToChat(Wire, frozen=True):
    """Someone joined; `user.present` is false for one who writes without joining."""

    chat_id: str
    user: User
    thread_id: str | None = None
    reason: str | None = None
    requester_id: str | None = None


class UserRemovedFromChat(Wire, frozen=True):
    """Someone left."""

    chat_id: str
    user_id: str
    thread_id: str | None = None
    reason: str | None = None
    requester_id: str | None = None


class IncomingEvent(Wire, frozen=True):
    """A new event, also the customer's own."""

    chat_id: str
    thread_id: str
    event: Event


class EventUpdated(Wire, frozen=True):
    """The whole new event, which replaces the one of the same id."""

    chat_id: str
    thread_id: str
    event: Event


class Toggle(Wire, frozen=True):
    """A postback toggled on or off; the last three fields are API 3.6."""

    id: str
    toggled: bool | None = None
    button_type: str | None = None
    button_value: str | None = None
    ecommerce: Ecommerce | None = None


class IncomingRichMessagePostback(Wire, frozen=True):
    """`user_id` toggled the buttons with `postback.id`."""

    user_id: str
    chat_id: str
    thread_id: str
    event_id: str
    postback: Toggle


class ChatPropertiesUpdated(Wire, frozen=True):
    """Changed properties of a chat."""

    chat_id: str
    properties: Properties


class ChatPropertiesDeleted(Wire, frozen=True):
    """Deleted properties of a chat."""

    chat_id: str
    properties: PropertyNames


class ThreadPropertiesUpdated(Wire, frozen=True):
    """Changed properties of a thread; `lc2.queue_pos` may tell the queue's position."""

    chat_id: str
    thread_id: str
    properties: Properties


class ThreadPropertiesDeleted(Wire, frozen=True):
    """Deleted properties of a thread."""

    chat_id: str
    thread_id: str
    properties: PropertyNames


class EventPropertiesUpdated(Wire, frozen=True):
    """Changed properties of an event."""

    chat_id: str
    thread_id: str
    event_id: str
    properties: Properties


class EventPropertiesDeleted(Wire, frozen=True):
    """Deleted properties of an event."""

    chat_id: str
    thread_id: str
    event_id: str
    properties: PropertyNames


class CustomerUpdated(User, frozen=True):
    """The customer's `id` and the fields that changed, flat."""


class CustomerSideStorageUpdated(Wire, frozen=True):
    """What to hand back at the next login; replaces the map kept before."""

    customer_side_storage: dict[str, Any]


class CustomerPageUpdated(Wire, frozen=True):
    """Withdrawn by the vendor in 2024; tolerated."""

    url: str | None = None
    title: str | None = None
    opened_at: str | None = None


class CustomerDisconnected(Wire, frozen=True):
    """The last push before the server closes; `data.region` may name the right region."""

    reason: str = ""
    data: dict[str, Any] | None = None


class GroupStatus(Wire, frozen=True):
    """`online`, `offline` or `online_for_queue`."""

    id: int
    status: str = ""


class GroupsStatusUpdated(Wire, frozen=True):
    """The groups whose status changed."""

    groups: tuple[GroupStatus, ...] = ABSENT


class TypingIndicator(Wire, frozen=True):
    """An agent types or stopped; `timestamp` in Unix seconds."""

    author_id: str
    is_typing: bool | None = None
    timestamp: int | float | None = None
    recipients: str | None = None
    visibility: str | None = None


class IncomingTypingIndicator(Wire, frozen=True):
    """Typing of an agent in a thread."""

    chat_id: str
    typing_indicator: TypingIndicator
    thread_id: str | None = None


class IncomingMulticast(Wire, frozen=True):
    """`content` is arbitrary JSON; without `author_id` the system sent it."""

    content: Any = None
    author_id: str | None = None
    type: str | None = None


class EventsMarkedAsSeen(Wire, frozen=True):
    """`user_id`, any user of the chat, has seen what was created up to `seen_up_to`."""

    user_id: str
    chat_id: str
    seen_up_to: str


class IncomingGreeting(Greeting, frozen=True):
    """A greeting to show; it cancels the one shown before."""


class GreetingAccepted(Wire, frozen=True):
    """This greeting was shown or accepted."""

    unique_id: str


class GreetingCanceled(Wire, frozen=True):
    """This greeting is over."""

    unique_id: str


class QueuePositionUpdated(Wire, frozen=True):
    """New position in the queue, without `queued_at`."""

    chat_id: str
    thread_id: str
    queue: Queue


class EventDeleted(Wire, frozen=True):
    """The event is gone for good (API 3.6)."""

    chat_id: str
    thread_id: str
    event_id: str


class IncomingEventPreview(Wire, frozen=True):
    """An event being written, without id; `custom_id` leads to the real one (API 3.6)."""

    chat_id: str
    event: Event
    thread_id: str | None = None


class IncomingThinkingIndicator(Wire, frozen=True):
    """A bot thinks; `custom_id` leads to the event that follows (API 3.6)."""

    chat_id: str
    thread_id: str | None = None
    author_id: str | None = None
    sent_at: str | None = None
    title: str | None = None
    description: str | None = None
    custom_id: str | None = None


class IncomingWelcomeMessage(Wire, frozen=True):
    """The welcome message asked for; its event has no id (API 3.6)."""

    event: Event
    id: str | None = None


PUSHES: Final[dict[str, type[msgspec.Struct]]] = {
    "incoming_chat": IncomingChat,
    "chat_deactivated": ChatDeactivated,
    "chat_transferred": ChatTransferred,
    "user_added_to_chat": UserAddedToChat,
    "user_removed_from_chat": UserRemovedFromChat,
    "incoming_event": IncomingEvent,
    "event_updated": EventUpdated,
    "incoming_rich_message_postback": IncomingRichMessagePostback,
    "chat_properties_updated": ChatPropertiesUpdated,
    "chat_properties_deleted": ChatPropertiesDeleted,
    "thread_properties_updated": ThreadPropertiesUpdated,
    "thread_properties_deleted": ThreadPropertiesDeleted,
    "event_properties_updated": EventPropertiesUpdated,
    "event_properties_deleted": EventPropertiesDeleted,
    "customer_updated": CustomerUpdated,
    "customer_side_storage_updated": CustomerSideStorageUpdated,
    "customer_page_updated": CustomerPageUpdated,
    "customer_disconnected": CustomerDisconnected,
    "groups_status_updated": GroupsStatusUpdated,
    "incoming_typing_indicator": IncomingTypingIndicator,
    "incoming_multicast": IncomingMulticast,
    "events_marked_as_seen": EventsMarkedAsSeen,
    "incoming_greeting": IncomingGreeting,
    "greeting_accepted": GreetingAccepted,
    "greeting_canceled": GreetingCanceled,
    "queue_position_updated": QueuePositionUpdated,
    "event_deleted": EventDeleted,
    "incoming_event_preview": IncomingEventPreview,
    "incoming_thinking_indicator": IncomingThinkingIndicator,
    "incoming_welcome_message": IncomingWelcomeMessage,
}
"""The payload struct of each push."""
