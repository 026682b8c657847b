"""Events of a chat: sending, deleting, reading marks, buttons, sneak peeks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livechat_customer.methods.base import Base, read
from livechat_customer.methods.sneak_peeks import SneakPeeks
from livechat_customer.models import (
    Event,
    Postback,
    SendableEvent,
    Success,
    from_wire,
    to_wire,
)
from livechat_customer.models.wire import pushes, responses
from livechat_customer.unconfirmed import unconfirmed_event


class EventMethods(Base):
    """What is done with events."""

    _sneak_peeks: SneakPeeks

    async def send_event(
        self,
        *,
        chat_id: str,
        event: SendableEvent | Mapping[str, Any],
        attach_to_last_thread: bool = False,
    ) -> Event:
        """Send an event; returns it as the server made it.

        `attach_to_last_thread` adds it to the last thread of an inactive chat, without reopening
        it; else that is `ChatInactiveError`. `confirmed` is False on the event when the server
        accepted it without showing it. Raises `NotFoundError`, `ChatAnonymizedError` (Customer
        Chat API 3.5, send_event).
        """
        given = to_wire.event(event)
        payload: dict[str, Any] = {"chat_id": to_wire.text(chat_id, "chat_id"), "event": given}
        if to_wire.flag(attach_to_last_thread, "attach_to_last_thread"):
            payload["attach_to_last_thread"] = True
        if given["type"] == "message":
            self._sneak_peeks.forget(chat_id)
        answer = await self._ask("send_event", payload)
        if isinstance(answer.push, pushes.IncomingEvent):
            return from_wire.event(answer.push.event, answer.push.thread_id)
        made = read(answer.response, responses.SendEventResponse)
        return unconfirmed_event(made.event_id, None, given)

    async def delete_event(self, *, chat_id: str, thread_id: str, event_id: str) -> Success:
        """Delete an event of the customer's own; all its users are told by `event_deleted`.

        Raises `NotFoundError`, `NotAllowedError` if it is somebody else's (Customer Chat API 3.6,
        delete_event).
        """
        return await self._do("delete_event", to_wire.event_place(chat_id, thread_id, event_id))

    async def mark_events_as_seen(self, *, chat_id: str, seen_up_to: str) -> Success:
        """Mark the events created up to `seen_up_to` (an event's `created_at`) as seen.

        Raises `NotFoundError` (Customer Chat API 3.5, mark_events_as_seen).
        """
        payload = {
            "chat_id": to_wire.text(chat_id, "chat_id"),
            "seen_up_to": to_wire.time(seen_up_to, "seen_up_to"),
        }
        return await self._do("mark_events_as_seen", payload)

    async def send_rich_message_postback(
        self,
        *,
        chat_id: str,
        thread_id: str,
        event_id: str,
        postback: Postback | Mapping[str, Any],
    ) -> Success:
        """Say that a button of a rich message was pressed, or with `toggled=False` released.

        `postback.id` is the button's `postback_id`. Sending what the button says is a `send_event`
        of its own. Raises `NotFoundError` (Customer Chat API 3.5, send_rich_message_postback;
        `button_type`, `button_value` and `ecommerce` are 3.6).
        """
        payload = to_wire.event_place(chat_id, thread_id, event_id)
        payload["postback"] = to_wire.postback(postback)
        return await self._do("send_rich_message_postback", payload)

    def set_sneak_peek(self, *, chat_id: str, sneak_peek_text: str) -> None:
        """Show the agents what the customer is typing. Returns at once, whatever comes of it.

        It is sent while connected, to a chat that has an open thread as far as is known here, and
        at most once in 2 seconds per chat: of what comes meanwhile the latest is sent, unless a
        message is. The text is in no log. Raises InvalidArgumentError only (Customer Chat API 3.5,
        send_sneak_peek).
        """
        self._sneak_peeks.set(
            to_wire.text(chat_id, "chat_id"), to_wire.words(sneak_peek_text, "sneak_peek_text")
        )
