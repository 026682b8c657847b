"""What was made on the server but never shown by it: what was sent, with the ids it got."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from livechat_customer.models import Chat, Event, Thread, from_wire


def unconfirmed_event(event_id: str, thread_id: str | None, given: Mapping[str, Any]) -> Event:
    """The event of a `send_event` payload."""
    sent = from_wire.sent_event(given, thread_id)
    return replace(sent, id=event_id, confirmed=False)


def unconfirmed_chat(
    chat_id: str, thread_id: str, payload: Mapping[str, Any], event_ids: tuple[str, ...]
) -> Chat:
    """The chat of a `start_chat` or `resume_chat` payload."""
    chat = payload["chat"]
    sent = chat.get("thread", {}).get("events", [])
    events = tuple(
        unconfirmed_event(event_id, thread_id, given)
        for event_id, given in zip(event_ids, sent, strict=False)
    )
    thread = Thread(
        id=thread_id,
        chat_id=chat_id,
        active=payload["active"],
        events=events,
        properties=chat.get("thread", {}).get("properties", {}),
    )
    return Chat(id=chat_id, properties=chat.get("properties", {}), thread=thread, confirmed=False)
