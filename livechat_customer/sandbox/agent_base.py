"""What every handle on an agent has: who it is, and how it reaches chats."""

from __future__ import annotations

from dataclasses import dataclass, field

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.incoming_events import Author
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import AgentProfile, Chat, Thread


@dataclass(frozen=True, slots=True)
class AgentBase:
    """An agent of one sandbox."""

    profile: AgentProfile
    _core: Core = field(repr=False)

    @property
    def id(self) -> str:
        return self.profile.id

    @property
    def name(self) -> str:
        return self.profile.name

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

    def _colleague(self, agent_id: str) -> AgentProfile:
        agent = self._core.world.agents.get(agent_id)
        if agent is None:
            raise ApiError("not_found", "Agent not found")
        return agent

    def _find(self, chat_id: str, thread_id: str, event_id: str) -> tuple[Chat, Thread, JsonObject]:
        chat = self._chat(chat_id)
        thread = chat.thread(thread_id)
        event = None if thread is None else thread.event(event_id)
        if thread is None or event is None:
            raise ApiError("not_found", "Event not found")
        return chat, thread, event

    def _deliver(self, chat: Chat, found: list[Push]) -> None:
        self._core.deliver(chat.customer_id, found)
