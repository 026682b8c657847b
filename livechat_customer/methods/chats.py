"""Chats and their threads: listing, reading, starting, resuming, closing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livechat_customer.errors import ChatLimitReachedError
from livechat_customer.history import MIN_EVENTS, ChatHistory
from livechat_customer.methods.base import Base, read
from livechat_customer.models import (
    Chat,
    ChatsPage,
    NewChat,
    Success,
    ThreadsPage,
    from_wire,
    to_wire,
)
from livechat_customer.models.wire import pushes, responses
from livechat_customer.projections.hub import Hub
from livechat_customer.unconfirmed import unconfirmed_chat


class ChatMethods(Base):
    """What is asked of and done with a whole chat."""

    _hub: Hub

    async def list_chats(
        self, *, limit: int | None = None, page_id: str | None = None
    ) -> ChatsPage:
        """Summaries of the customer's chats, by the time of their newest thread.

        `limit` is 10 by default and at most 25; `page_id` asks for the page that another answer
        named (Customer Chat API 3.5, list_chats).
        """
        answer = await self._ask("list_chats", to_wire.list_chats(limit=limit, page_id=page_id))
        return from_wire.chats_page(read(answer.response, responses.ListChatsResponse))

    async def list_threads(
        self,
        *,
        chat_id: str,
        page_id: str | None = None,
        sort_order: str | None = None,
        limit: int | None = None,
        min_events_count: int | None = None,
    ) -> ThreadsPage:
        """Threads of a chat, in the server's order: newest first, or `sort_order="asc"`.

        `limit` (1 to 100, default 3) and `min_events_count` (1 to 100) exclude each other;
        `page_id` excludes both. Raises `NotFoundError` (Customer Chat API 3.5, list_threads).
        """
        payload = to_wire.list_threads(
            chat_id,
            page_id=page_id,
            sort_order=sort_order,
            limit=limit,
            min_events_count=min_events_count,
        )
        answer = await self._ask("list_threads", payload)
        wire = read(answer.response, responses.ListThreadsResponse)
        return from_wire.threads_page(wire, chat_id)

    def get_chat_history(self, *, chat_id: str) -> ChatHistory:
        """The chat's history, page by page into the past. Sends nothing before the first page.

        Without a connection it goes as far as the log does; see `ChatHistory`.
        """
        to_wire.text(chat_id, "chat_id")

        async def fetch(started: str, page_id: str | None) -> ThreadsPage:
            if page_id is None:
                return await self.list_threads(chat_id=started, min_events_count=MIN_EVENTS)
            return await self.list_threads(chat_id=started, page_id=page_id)

        return ChatHistory(self._hub, chat_id, fetch)

    async def get_chat(self, *, chat_id: str, thread_id: str | None = None) -> Chat:
        """A chat with one thread: the newest, or `thread_id`'s.

        `thread` is None where the chat has none. Raises `NotFoundError` (Customer Chat API 3.5,
        get_chat).
        """
        payload = {"chat_id": to_wire.text(chat_id, "chat_id")}
        if thread_id is not None:
            payload["thread_id"] = to_wire.text(thread_id, "thread_id")
        answer = await self._ask("get_chat", payload)
        return from_wire.chat(read(answer.response, responses.GetChatResponse))

    async def start_chat(
        self,
        *,
        chat: NewChat | Mapping[str, Any] | None = None,
        active: bool = True,
        continuous: bool | None = None,
    ) -> Chat:
        """Start the customer's chat; returns it with its thread.

        `continuous` works with nobody online. Raises `ChatLimitReachedError` if there is a chat
        already (its `code` is the server's: `LIMIT_REACHED`, of older ones `CHAT_LIMIT_REACHED`),
        `GroupsOfflineError` if nobody is online, `GroupNotFoundError` (Customer Chat API 3.5,
        start_chat).
        """
        payload = to_wire.start_chat(chat, active=active, continuous=continuous)
        answer = await self._ask("start_chat", payload, limit=ChatLimitReachedError)
        if isinstance(answer.push, pushes.IncomingChat):
            return from_wire.chat(answer.push.chat)
        made = read(answer.response, responses.StartChatResponse)
        return unconfirmed_chat(made.chat_id, made.thread_id, payload, made.event_ids)

    async def resume_chat(
        self,
        *,
        chat: NewChat | Mapping[str, Any],
        active: bool = True,
        continuous: bool | None = None,
    ) -> Chat:
        """Open a new thread in the inactive chat `chat.id`; returns the chat with that thread.

        Raises `ChatAlreadyActiveError`, `GroupsOfflineError` if nobody is online and the chat is
        not continuous, `GroupNotFoundError`, `NotFoundError`, `ChatAnonymizedError` (Customer
        Chat API 3.5, resume_chat).
        """
        payload = to_wire.resume_chat(chat, active=active, continuous=continuous)
        answer = await self._ask("resume_chat", payload)
        if isinstance(answer.push, pushes.IncomingChat):
            return from_wire.chat(answer.push.chat)
        made = read(answer.response, responses.ResumeChatResponse)
        return unconfirmed_chat(payload["chat"]["id"], made.thread_id, payload, made.event_ids)

    async def deactivate_chat(self, *, id: str) -> Success:
        """Close the chat's open thread.

        Raises `ChatInactiveError` if there is none, `NotFoundError` (Customer Chat API 3.5,
        deactivate_chat).
        """
        return await self._do("deactivate_chat", {"id": to_wire.text(id, "id")})
