"""Agents, scripted: what an agent does in a chat, and what customers see of it.

Every method takes effect at once; its pushes are on their way when it returns. A mistake raises
`ApiError` with the type that the Agent API would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from livechat_customer.sandbox import actions_events, operations, properties, pushes
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.incoming_events import Author, read_event
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import event_object, visible
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import AgentProfile, Chat, Thread

_FIXED = ("id", "created_at", "author_id", "recipients")
"""What an update of an event leaves as it was."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that an agent sent."""

    thread_id: str
    event_id: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Agent:
    """A handle on one agent; made by `Sandbox.agent()`."""

    profile: AgentProfile
    _core: Core = field(repr=False)

    @property
    def id(self) -> str:
        return self.profile.id

    @property
    def name(self) -> str:
        return self.profile.name

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

    def typing(self, chat_id: str, is_typing: bool = True) -> None:
        """Shows, or takes back, that the agent is typing in the open thread."""
        chat = self._chat(chat_id)
        thread = operations.need_open(chat)
        now = self._core.world.clock.now() // SECOND
        push = pushes.typing_indicator(chat.id, thread.id, self.id, now, is_typing)
        self._deliver(chat, [push])

    def join(self, chat_id: str) -> None:
        """Takes part in the chat without writing."""
        chat = self._chat(chat_id)
        self._deliver(chat, operations.join(self._core.world, chat, self.profile))

    def leave(self, chat_id: str) -> None:
        """Leaves the chat: `user_removed_from_chat`, reason `manual`."""
        chat = self._chat(chat_id)
        self._deliver(chat, operations.leave(chat, self.profile, "manual", self.id))

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
        self._deliver(chat, [actions_events.delete(chat, thread, event)])

    def transfer_chat(
        self,
        chat_id: str,
        agent_ids: Iterable[str] | None = None,
        group_ids: Iterable[int] | None = None,
    ) -> None:
        """Hands the chat over, reason `manual`.

        The groups become the chat's access. In an active chat the agent leaves, the others come,
        and a system message says so.
        """
        world = self._core.world
        chat = self._chat(chat_id)
        agents, groups = list(agent_ids or ()), list(group_ids or ())
        if not agents and not groups:
            raise invalid("agent_ids", "or `group_ids` is required")
        targets = [world.agents[agent] for agent in agents if agent in world.agents]
        if len(targets) < len(agents):
            raise ApiError("not_found", "Agent not found")
        if any(group not in world.groups for group in groups):
            raise ApiError("group_not_found")
        transferred: JsonObject = {"agent_ids": agents} if agents else {}
        if groups:
            transferred["group_ids"] = groups
            chat.group_ids = groups
        payload: JsonObject = {
            "chat_id": chat.id,
            "requester_id": self.id,
            "reason": "manual",
            "transferred_to": transferred,
        }
        thread = chat.open_thread
        if thread is None:
            self._deliver(chat, [Push("chat_transferred", payload)])
            return
        thread.group_ids = list(chat.group_ids)
        found = [Push("chat_transferred", payload | {"thread_id": thread.id})]
        found += operations.leave(chat, self.profile, "manual", self.id)
        for target in targets:
            found += operations.join(world, chat, target)
        named = ", ".join([agent.name for agent in targets] + [f"group {one}" for one in groups])
        found += operations.add_system_message(
            world, chat, thread, "chat_transferred", initiator=self.name, targets=named
        )
        self._deliver(chat, found)

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

    @property
    def _author(self) -> Author:
        return Author(self._core.limits, None, self._file_details)

    def _file_details(self, url: str) -> JsonObject:
        """Agents may send any URL."""
        return self._core.uploads.details(url) or {
            "name": url.rsplit("/", 1)[-1] or "file",
            "content_type": "application/octet-stream",
        }

    def _chat(self, chat_id: str) -> Chat:
        chat = self._core.world.chats.get(chat_id)
        if chat is None:
            raise ApiError("not_found", "Chat not found")
        return chat

    def _find(self, chat_id: str, thread_id: str, event_id: str) -> tuple[Chat, Thread, JsonObject]:
        chat = self._chat(chat_id)
        thread = chat.thread(thread_id)
        event = None if thread is None else thread.event(event_id)
        if thread is None or event is None:
            raise ApiError("not_found", "Event not found")
        return chat, thread, event

    def _deliver(self, chat: Chat, found: list[Push]) -> None:
        self._core.deliver(chat.customer_id, found)
