"""The requests a customer can make, one coroutine each.

Each checks its arguments before anything is sent (`InvalidArgumentError` with the argument's
path), and raises `NoConnectionError` without a logged-in connection, a `ServerError` when the
server refuses, and an `OutcomeUnknownError` when no answer came (`ConnectionLostError`,
`RequestTimeoutError`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from livechat_customer.calls import Answer
from livechat_customer.errors import ServerError
from livechat_customer.history import MIN_EVENTS, ChatHistory
from livechat_customer.models import (
    Chat,
    ChatsPage,
    Customer,
    CustomerUpdate,
    Event,
    NewChat,
    SendableEvent,
    Success,
    Thread,
    ThreadsPage,
    from_wire,
    to_wire,
)
from livechat_customer.models.wire import pushes, responses
from livechat_customer.models.wire.decode import UnknownPayload, frame_payload

T = TypeVar("T", bound=msgspec.Struct)

SUCCESS = Success()


class Actions(ABC):
    """The methods that are one request each; `call` sends it."""

    @abstractmethod
    async def call(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - counts from the socket's write
        version: str | None = None,
    ) -> Answer:
        """Send a request and return its answer."""

    async def request(
        self,
        action: str,
        payload: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - counts from the socket's write
        version: str | None = None,
    ) -> dict[str, Any]:
        """Send any action as it is and return the payload of its response as plain JSON.

        `version` runs this one request in a newer API version than the connection's.
        """
        given = to_wire.json_object(payload or {}, "payload")
        answer = await self.call(
            to_wire.text(action, "action"), given, timeout=timeout, version=version
        )
        return {} if answer.record is None else frame_payload(answer.record)

    async def list_chats(
        self, *, limit: int | None = None, page_id: str | None = None
    ) -> ChatsPage:
        """Summaries of the customer's chats, by the time of their newest thread.

        `limit` is 10 by default and at most 25; `page_id` asks for the page that another answer
        named (Customer Chat API 3.5, list_chats).
        """
        answer = await self.call("list_chats", to_wire.list_chats(limit=limit, page_id=page_id))
        return from_wire.chats_page(_read(answer.response, responses.ListChatsResponse))

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
        `page_id` excludes both (Customer Chat API 3.5, list_threads).
        """
        payload = to_wire.list_threads(
            chat_id,
            page_id=page_id,
            sort_order=sort_order,
            limit=limit,
            min_events_count=min_events_count,
        )
        answer = await self.call("list_threads", payload)
        wire = _read(answer.response, responses.ListThreadsResponse)
        return from_wire.threads_page(wire, chat_id)

    def get_chat_history(self, *, chat_id: str) -> ChatHistory:
        """The chat's history, page by page into the past. Sends nothing before the first page."""
        to_wire.text(chat_id, "chat_id")

        async def fetch(page_id: str | None) -> ThreadsPage:
            if page_id is None:
                return await self.list_threads(chat_id=chat_id, min_events_count=MIN_EVENTS)
            return await self.list_threads(chat_id=chat_id, page_id=page_id)

        return ChatHistory(fetch)

    async def get_chat(self, *, chat_id: str, thread_id: str | None = None) -> Chat:
        """A chat with one thread: the newest, or `thread_id`'s."""
        payload = {"chat_id": to_wire.text(chat_id, "chat_id")}
        if thread_id is not None:
            payload["thread_id"] = to_wire.text(thread_id, "thread_id")
        answer = await self.call("get_chat", payload)
        return from_wire.chat(_read(answer.response, responses.GetChatResponse))

    async def start_chat(
        self,
        *,
        chat: NewChat | Mapping[str, Any] | None = None,
        active: bool = True,
        continuous: bool | None = None,
    ) -> Chat:
        """Start the customer's chat; returns it with its thread.

        `continuous` works with nobody online. Raises `LimitReachedError` if there is a chat
        already, `GroupsOfflineError` if nobody is online (Customer Chat API 3.5, start_chat).
        """
        payload = to_wire.start_chat(chat, active=active, continuous=continuous)
        answer = await self.call("start_chat", payload)
        if isinstance(answer.push, pushes.IncomingChat):
            return from_wire.chat(answer.push.chat)
        made = _read(answer.response, responses.StartChatResponse)
        return _unconfirmed_chat(made.chat_id, made.thread_id, payload, made.event_ids)

    async def resume_chat(
        self,
        *,
        chat: NewChat | Mapping[str, Any],
        active: bool = True,
        continuous: bool | None = None,
    ) -> Chat:
        """Open a new thread in the inactive chat `chat.id`; returns the chat with that thread.

        Raises `ChatAlreadyActiveError`, `GroupsOfflineError`, `NotFoundError`.
        """
        payload = to_wire.resume_chat(chat, active=active, continuous=continuous)
        answer = await self.call("resume_chat", payload)
        if isinstance(answer.push, pushes.IncomingChat):
            return from_wire.chat(answer.push.chat)
        made = _read(answer.response, responses.ResumeChatResponse)
        return _unconfirmed_chat(payload["chat"]["id"], made.thread_id, payload, made.event_ids)

    async def deactivate_chat(self, *, id: str) -> Success:
        """Close the chat's open thread. Raises `ChatInactiveError` if there is none."""
        await self.call("deactivate_chat", {"id": to_wire.text(id, "id")})
        return SUCCESS

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
        accepted it without showing it (Customer Chat API 3.5, send_event).
        """
        given = to_wire.event(event)
        payload: dict[str, Any] = {"chat_id": to_wire.text(chat_id, "chat_id"), "event": given}
        if attach_to_last_thread:
            payload["attach_to_last_thread"] = True
        answer = await self.call("send_event", payload)
        if isinstance(answer.push, pushes.IncomingEvent):
            return from_wire.event(answer.push.event, answer.push.thread_id)
        made = _read(answer.response, responses.SendEventResponse)
        return _unconfirmed_event(made.event_id, None, given)

    async def mark_events_as_seen(self, *, chat_id: str, seen_up_to: str) -> Success:
        """Mark the events created up to `seen_up_to` (an event's `created_at`) as seen."""
        payload = {
            "chat_id": to_wire.text(chat_id, "chat_id"),
            "seen_up_to": to_wire.time(seen_up_to, "seen_up_to"),
        }
        await self.call("mark_events_as_seen", payload)
        return SUCCESS

    async def get_customer(self) -> Customer:
        """The customer, with `statistics`."""
        answer = await self.call("get_customer", {})
        return from_wire.customer(_read(answer.response, responses.GetCustomerResponse))

    async def update_customer(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        avatar: str | None = None,
        session_fields: Mapping[str, str] | None = None,
    ) -> Success:
        """Change what is given; session fields are merged into those there are.

        Raises `InvalidArgumentError` when nothing is given.
        """
        update = CustomerUpdate(
            name=name, email=email, avatar=avatar, session_fields=session_fields
        )
        await self.call("update_customer", to_wire.update_customer(update))
        return SUCCESS


def _read(payload: object, kind: type[T]) -> T:
    if isinstance(payload, kind):
        return payload
    what = "could not be read" if isinstance(payload, UnknownPayload) else "is of another kind"
    raise ServerError(
        f"The server's answer {what}; its bytes are in the log. Report it, or ask again.",
        code="UNREADABLE_ANSWER",
    )


def _unconfirmed_event(event_id: str, thread_id: str | None, given: Mapping[str, Any]) -> Event:
    """What was sent, with the id the server gave it."""
    sent = from_wire.sent_event(given, thread_id)
    return replace(sent, id=event_id, confirmed=False)


def _unconfirmed_chat(
    chat_id: str, thread_id: str, payload: Mapping[str, Any], event_ids: tuple[str, ...]
) -> Chat:
    chat = payload["chat"]
    sent = chat.get("thread", {}).get("events", [])
    events = tuple(
        _unconfirmed_event(event_id, thread_id, given)
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
