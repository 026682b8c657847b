"""What a customer sees before an agent's event is there: typing, thinking, a preview (API 3.6).

A preview and a thinking indicator bear the `custom_id` of the event that is to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livechat_customer.sandbox import operations, pushes
from livechat_customer.sandbox.agent_base import AgentBase
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.incoming_events import read_event
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import event_object, visible
from livechat_customer.sandbox.wire_json import JsonObject


class Previews(AgentBase):
    """Signs of an event to come; nothing of it is kept."""

    __slots__ = ()

    def typing(self, chat_id: str, is_typing: bool = True) -> None:
        """Shows, or takes back, that the agent is typing in the open thread."""
        chat = self._chat(chat_id)
        thread = operations.need_open(chat)
        now = self._core.world.clock.now() // SECOND
        push = pushes.typing_indicator(chat.id, thread.id, self.id, now, is_typing)
        self._deliver(chat, [push])

    def preview_event(self, chat_id: str, event: str | Mapping[str, Any]) -> None:
        """`incoming_event_preview`: an event being written, without an id (API 3.6)."""
        chat = self._chat(chat_id)
        given = {"type": "message", "text": event} if isinstance(event, str) else dict(event)
        checked = read_event(Fields(given, "event"), self._author)
        thread = operations.need_open(chat)
        shown = {
            "created_at": self._core.world.clock.tick(),
            "author_id": self.id,
        } | event_object(checked)
        if visible(checked):
            payload = {"chat_id": chat.id, "thread_id": thread.id, "event": shown}
            self._deliver(chat, [Push("incoming_event_preview", payload)])

    def think(
        self,
        chat_id: str,
        title: str = "Thinking",
        description: str = "",
        custom_id: str | None = None,
    ) -> None:
        """`incoming_thinking_indicator` in the open thread (API 3.6)."""
        chat = self._chat(chat_id)
        thread = operations.need_open(chat)
        payload: JsonObject = {
            "chat_id": chat.id,
            "thread_id": thread.id,
            "author_id": self.id,
            "sent_at": self._core.world.clock.tick(),
            "title": title,
            "description": description,
        }
        if custom_id is not None:
            payload["custom_id"] = custom_id
        self._deliver(chat, [Push("incoming_thinking_indicator", payload)])
