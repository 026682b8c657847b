"""Agents, scripted: what an agent does in a chat, and what customers see of it.

Every method takes effect at once; its pushes are on their way when it returns. A mistake raises
`ApiError` with the type that the Agent API would give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livechat_customer.sandbox import actions_events, operations, properties, pushes
from livechat_customer.sandbox.agent_previews import Previews
from livechat_customer.sandbox.agent_staff import Staff
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.incoming_events import read_event
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import chat_object, event_object, visible
from livechat_customer.sandbox.world import Chat, Member

_FIXED = ("id", "created_at", "author_id", "recipients")
"""What an update of an event leaves as it was."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that an agent sent."""

    thread_id: str
    event_id: str
    created_at: str


class Agent(Previews, Staff):
    """A handle on one agent; made by `Sandbox.agent()`."""

    __slots__ = ()

    def send_event(self, chat_id: str, event: str | Mapping[str, Any]) -> Sent:
        """Sends an event; a string is a message's text. The first one in a thread joins it.

        ApiError `chat_inactive` when the chat has no open thread.
        """
        chat = self._chat(chat_id)
        given = {"type": "message", "text": event} if isinstance(event, str) else dict(event)
        checked = read_event(Fields(given, "event"), self._author)
        thread = operations.need_open(chat)
        found = operations.join(self._core.world, chat, self.profile)
        stored = operations.add_event(self._core.world, thread, checked, self.id)
        if visible(stored):
            found.append(pushes.incoming_event(chat.id, thread.id, event_object(stored)))
        self._deliver(chat, found)
        return Sent(thread.id, stored["id"], stored["created_at"])

    def start_chat(
        self,
        customer_id: str,
        event: str | Mapping[str, Any] | None = None,
        *,
        continuous: bool = True,
    ) -> str:
        """Begins a thread with a customer, in the chat there is or in a new one; the chat's id.

        `incoming_chat` with the agent as `requester_id`. ApiError `chat_already_active`.
        """
        world = self._core.world
        if customer_id not in world.customers:
            raise ApiError("not_found", "Customer not found")
        given = {"type": "message", "text": event} if isinstance(event, str) else dict(event or {})
        events = [] if event is None else [read_event(Fields(given, "event"), self._author)]
        known = world.chats_of(customer_id)
        if known and known[0].open_thread is not None:
            raise ApiError("chat_already_active")
        if known:
            chat = known[0]
        else:
            chat = Chat(world.ids.letters("chat"), customer_id, members={customer_id: Member()})
            world.chats[chat.id] = chat
        if continuous:
            properties.merge(chat.properties, {"routing": {"continuous": True}})
        thread, _ = operations.open_thread(world, chat, events, active=True, starter=self.profile)
        if chat.properties.get("routing", {}).get("continuous"):
            properties.merge(thread.properties, {"routing": {"continuous": True}})
        payload = {"requester_id": self.id, "chat": chat_object(world, chat, thread)}
        self._deliver(chat, [Push("incoming_chat", payload)])
        return chat.id

    def deactivate_chat(self, chat_id: str) -> None:
        """Archives the open thread."""
        chat = self._chat(chat_id)
        found = operations.close_thread(
            self._core.world, chat, self.id, "manual_archived_agent", agent=self.name
        )
        self._deliver(chat, found)

    def mark_events_as_seen(self, chat_id: str, seen_up_to: str) -> None:
        """Moves the agent's seen mark, never backwards.

        One who never took part in the chat becomes a user of it that is not present.
        """
        chat = self._chat(chat_id)
        fields = Fields({"seen_up_to": seen_up_to})
        mark = fields.need("seen_up_to", fields.time("seen_up_to"))
        found = operations.look_in(self._core.world, chat, self.profile)
        self._deliver(chat, found + operations.mark_seen(chat, self.id, mark))

    def update_event(
        self, chat_id: str, thread_id: str, event_id: str, event: Mapping[str, Any]
    ) -> None:
        """Puts another event in the place of one: `event_updated` with the whole new event."""
        chat, thread, old = self._find(chat_id, thread_id, event_id)
        new = read_event(Fields(dict(event), "event"), self._author)
        kept = {name: old[name] for name in _FIXED if name in old}
        stored = {"id": event_id} | new | kept
        if "custom_id" in old:
            stored.setdefault("custom_id", old["custom_id"])
        if "properties" in old and "properties" not in new:
            stored["properties"] = old["properties"]
        thread.events[thread.events.index(old)] = stored
        if visible(stored):
            payload = {"chat_id": chat_id, "thread_id": thread_id, "event": event_object(stored)}
            self._deliver(chat, [Push("event_updated", payload)])

    def delete_event(self, chat_id: str, thread_id: str, event_id: str) -> None:
        """Takes the event away; only subscribers of 3.6 are told."""
        chat, thread, event = self._find(chat_id, thread_id, event_id)
        self._deliver(chat, actions_events.delete(chat, thread, event))

    def update_thread_properties(
        self, chat_id: str, thread_id: str, values: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Sets properties of a thread; agents may write those that customers may not."""
        chat = self._chat(chat_id)
        thread = chat.thread(thread_id)
        if thread is None:
            raise ApiError("not_found", "Thread not found")
        given = Fields({"properties": {name: dict(each) for name, each in values.items()}})
        read = properties.read_values(given, "thread", None)
        properties.merge(thread.properties, read)
        shown = properties.readable("thread", read)
        if shown:
            payload = {"chat_id": chat_id, "thread_id": thread_id, "properties": shown}
            self._deliver(chat, [Push("thread_properties_updated", payload)])
