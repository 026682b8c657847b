"""The request that an attempt makes, and the event that came of it."""

from __future__ import annotations

from typing import Any

import msgspec

from livechat_customer.calls import Answer
from livechat_customer.models import Event
from livechat_customer.models.commands import MARK_EVENTS_AS_SEEN, SEND_EVENT, START_CHAT
from livechat_customer.models.versions import frame_version
from livechat_customer.models.wire import responses
from livechat_customer.projections.outbox_facts import EntryFacts
from livechat_customer.unconfirmed import unconfirmed_event


def body_of(
    entry: EntryFacts, action: str, chat_id: str, api_version: str
) -> tuple[bytes, str | None]:
    """The payload, and the API version that it needs if that is a newer one (Customer Chat API
    3.5, send_event, start_chat, resume_chat, mark_events_as_seen)."""
    payload = _payload(entry, action, chat_id)
    return msgspec.json.encode(payload), frame_version(action, payload, api_version)


def _payload(entry: EntryFacts, action: str, chat_id: str) -> dict[str, Any]:
    if action == SEND_EVENT:
        return {"chat_id": chat_id, "event": entry.event}
    if action == MARK_EVENTS_AS_SEEN:
        return {"chat_id": chat_id, "seen_up_to": entry.seen_up_to}
    chat: dict[str, Any] = {"thread": {"events": [entry.event]}}
    if action != START_CHAT:
        chat["id"] = chat_id
    return {"active": True, "continuous": entry.continuous, "chat": chat}


def unshown_event(entry: EntryFacts, answer: Answer) -> Event | None:
    """The event that the server accepted without showing it; None if it did show it."""
    if answer.push is not None or entry.event is None:
        return None
    match answer.response:
        case responses.SendEventResponse(event_id=event_id):
            return unconfirmed_event(event_id, None, entry.event)
        case responses.StartChatResponse() | responses.ResumeChatResponse() as made:
            (event_id,) = made.event_ids or ("",)
            return unconfirmed_event(event_id, made.thread_id, entry.event)
        case _:
            return None
