"""Ratings: properties `rating.score` and `rating.comment` of the chat's newest thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livechat_customer.errors import MissingChatThreadError
from livechat_customer.methods.base import Base, read
from livechat_customer.models import Rating, Success, to_wire
from livechat_customer.models.wire import responses


class RatingMethods(Base):
    """Two requests each: `list_threads` tells which thread is the newest."""

    async def rate_chat(self, *, chat_id: str, rating: Rating | Mapping[str, Any]) -> Success:
        """Rate the newest thread: `score` 0 (bad) or 1 (good), `comment`, or both.

        Raises `MissingChatThreadError` if the chat has no thread, `NotFoundError` (Customer Chat
        API 3.5, list_threads and update_thread_properties).
        """
        properties = to_wire.rating(rating)
        payload = await self._newest_thread(chat_id)
        payload["properties"] = properties
        return await self._do("update_thread_properties", payload)

    async def cancel_rate(self, *, chat_id: str, properties: Sequence[str] = ("score",)) -> Success:
        """Take the rating of the newest thread back: the score, or as `properties` says.

        Raises `MissingChatThreadError` if the chat has no thread, `NotFoundError` (Customer Chat
        API 3.5, list_threads and delete_thread_properties).
        """
        names = to_wire.rating_names(properties)
        payload = await self._newest_thread(chat_id)
        payload["properties"] = names
        return await self._do("delete_thread_properties", payload)

    async def _newest_thread(self, chat_id: str) -> dict[str, Any]:
        answer = await self._ask("list_threads", to_wire.list_threads(chat_id))
        threads = read(answer.response, responses.ListThreadsResponse).threads
        if not threads:
            raise MissingChatThreadError
        return to_wire.thread_place(chat_id, threads[0].id)
