"""Pushes: what each one carries, who gets it, and which of them bear the causing request's id.

Protocol: pushes, `request_id` and correlation rules, settled for the sandbox 1 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from livechat_customer.sandbox.wire_json import JsonObject

NAMES: Final = {
    "3.5": (
        "incoming_chat",
        "chat_deactivated",
        "chat_transferred",
        "user_added_to_chat",
        "user_removed_from_chat",
        "incoming_event",
        "event_updated",
        "incoming_rich_message_postback",
        "chat_properties_updated",
        "chat_properties_deleted",
        "thread_properties_updated",
        "thread_properties_deleted",
        "event_properties_updated",
        "event_properties_deleted",
        "customer_updated",
        "customer_side_storage_updated",
        "customer_disconnected",
        "groups_status_updated",
        "incoming_typing_indicator",
        "incoming_multicast",
        "events_marked_as_seen",
        "incoming_greeting",
        "greeting_accepted",
        "greeting_canceled",
        "queue_position_updated",
    ),
    "3.6": (
        "event_deleted",
        "incoming_event_preview",
        "incoming_thinking_indicator",
        "incoming_welcome_message",
    ),
}
"""The pushes each API version brought."""

SINCE: Final = {name: version for version, names in NAMES.items() for name in names}

ALL: Final = "all"
OTHERS: Final = "others"
REQUESTER: Final = "requester"


@dataclass(frozen=True, slots=True)
class Push:
    """One push to the connections of one customer."""

    action: str
    payload: JsonObject = field(repr=False)
    to: str = ALL
    """`all` connections, only the `requester`'s own, or only the `others`."""
    with_request_id: bool = True
    """Whether the requester's copy bears the request's id."""

    @property
    def since(self) -> str:
        """The first API version that has it."""
        return SINCE.get(self.action, "3.5")


def incoming_event(
    chat_id: str, thread_id: str, event: JsonObject, *, to: str = ALL, own: bool = False
) -> Push:
    """`own`: the event that the request itself sent; only that one bears its id."""
    payload = {"chat_id": chat_id, "thread_id": thread_id, "event": event}
    return Push("incoming_event", payload, to, with_request_id=own)


def user_added(
    chat_id: str, thread_id: str | None, user: JsonObject, reason: str, by: str | None = None
) -> Push:
    payload: JsonObject = {"chat_id": chat_id, "user": user, "reason": reason}
    return Push("user_added_to_chat", _with(payload, thread_id=thread_id, requester_id=by))


def user_removed(
    chat_id: str, thread_id: str | None, user_id: str, reason: str, by: str | None = None
) -> Push:
    payload: JsonObject = {"chat_id": chat_id, "user_id": user_id, "reason": reason}
    return Push("user_removed_from_chat", _with(payload, thread_id=thread_id, requester_id=by))


def chat_deactivated(chat_id: str, thread_id: str, user_id: str | None) -> Push:
    payload: JsonObject = {"chat_id": chat_id, "thread_id": thread_id}
    return Push("chat_deactivated", _with(payload, user_id=user_id))


def events_marked_as_seen(chat_id: str, user_id: str, seen_up_to: str, *, to: str = ALL) -> Push:
    payload = {"user_id": user_id, "chat_id": chat_id, "seen_up_to": seen_up_to}
    return Push("events_marked_as_seen", payload, to)


def typing_indicator(
    chat_id: str, thread_id: str, author_id: str, timestamp: int, is_typing: bool
) -> Push:
    """`timestamp` in Unix seconds, the one exception among the API's times."""
    indicator = {
        "author_id": author_id,
        "recipients": "all",
        "timestamp": timestamp,
        "is_typing": is_typing,
    }
    return Push(
        "incoming_typing_indicator",
        {"chat_id": chat_id, "thread_id": thread_id, "typing_indicator": indicator},
    )


def _with(payload: JsonObject, **optional: str | None) -> JsonObject:
    payload.update({name: value for name, value in optional.items() if value is not None})
    return payload
