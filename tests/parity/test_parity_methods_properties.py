"""The six methods of properties, ratings, and the transcript's recipe."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from front_kit import customer, until
from parity_kit import asked

import livechat_customer as lc
from livechat_customer.errors import (
    AuthorizationError,
    MissingChatThreadError,
    NotFoundError,
    NotSentError,
    ValidationError,
)
from livechat_customer.sandbox import Sandbox

VALUES = {"test": {"string_property": "s", "int_property": -7, "bool_property": True}}
NAMES = {"test": ["int_property", "bool_property"]}
LEFT = {"test": {"string_property": "s"}}
OLD: list[dict[str, Any]] = [
    {
        "id": "T1",
        "created_at": "2024-01-01T10:00:00.000000Z",
        "events": [
            {"type": "message", "text": "old", "created_at": "2024-01-01T10:00:01.000000Z"},
        ],
    }
]


@pytest.mark.shows("method update_chat_properties", "method delete_chat_properties", by="sandbox")
async def test_chat_properties() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        place = {"id": chat.id}

        updated, done = await asyncio.gather(
            sdk.wait_for("chat_properties_updated", timeout=10),
            sdk.update_chat_properties(**place, properties=VALUES),
        )
        assert done == lc.Success(success=True)
        assert (updated.chat_id, updated.properties) == (chat.id, VALUES)
        item = sdk.chat(chat.id)
        await until(item, lambda it: it is not None and it.properties == VALUES)

        deleted, done = await asyncio.gather(
            sdk.wait_for("chat_properties_deleted", timeout=10),
            sdk.delete_chat_properties(**place, properties=NAMES),
        )
        assert done == lc.Success(success=True)
        assert deleted.chat_id == chat.id
        assert set(deleted.properties["test"]) == {"int_property", "bool_property"}
        await until(item, lambda it: it is not None and it.properties == LEFT)

        assert asked(sandbox, "update_chat_properties") == [place | {"properties": VALUES}]
        assert asked(sandbox, "delete_chat_properties") == [place | {"properties": NAMES}]
        assert sandbox.chats[chat.id].properties == LEFT


@pytest.mark.shows(
    "method update_thread_properties", "method delete_thread_properties", by="sandbox"
)
async def test_thread_properties() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        await sdk.deactivate_chat(id=chat.id)
        assert chat.thread is not None
        place = {"chat_id": chat.id, "thread_id": chat.thread.id}

        updated, done = await asyncio.gather(
            sdk.wait_for("thread_properties_updated", timeout=10),
            sdk.update_thread_properties(**place, properties=VALUES),
        )
        assert done == lc.Success()
        assert (updated.chat_id, updated.thread_id) == (chat.id, chat.thread.id)
        assert updated.properties == VALUES
        item = sdk.chat(chat.id)
        await until(item, lambda it: bool(it and it.thread and it.thread.properties == VALUES))

        deleted, done = await asyncio.gather(
            sdk.wait_for("thread_properties_deleted", timeout=10),
            sdk.delete_thread_properties(**place, properties=NAMES),
        )
        assert done == lc.Success()
        assert (deleted.chat_id, deleted.thread_id) == (chat.id, chat.thread.id)
        assert set(deleted.properties["test"]) == {"int_property", "bool_property"}
        await until(item, lambda it: bool(it and it.thread and it.thread.properties == LEFT))

        assert asked(sandbox, "update_thread_properties") == [place | {"properties": VALUES}]
        assert asked(sandbox, "delete_thread_properties") == [place | {"properties": NAMES}]


@pytest.mark.shows("method update_event_properties", "method delete_event_properties", by="sandbox")
async def test_event_properties() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sent = await sdk.send_event(chat_id=chat.id, event=lc.Message("hi"))
        history = sdk.history(chat.id)
        assert sent.thread_id is not None
        place = {"chat_id": chat.id, "thread_id": sent.thread_id, "event_id": sent.id}

        def shown() -> list[Any]:
            return [one.properties.get("test") for one in history.value or () if one]  # type: ignore[union-attr]

        updated, done = await asyncio.gather(
            sdk.wait_for("event_properties_updated", timeout=10),
            sdk.update_event_properties(**place, properties=VALUES),
        )
        assert done == lc.Success()
        assert (updated.chat_id, updated.thread_id, updated.event_id) == tuple(place.values())
        assert updated.properties == VALUES
        await until(history, lambda _: shown() == [VALUES["test"]])

        deleted, done = await asyncio.gather(
            sdk.wait_for("event_properties_deleted", timeout=10),
            sdk.delete_event_properties(**place, properties=NAMES),
        )
        assert done == lc.Success()
        assert (deleted.chat_id, deleted.thread_id, deleted.event_id) == tuple(place.values())
        assert set(deleted.properties["test"]) == {"int_property", "bool_property"}
        await until(history, lambda _: shown() == [LEFT["test"]])

        assert asked(sandbox, "update_event_properties") == [place | {"properties": VALUES}]
        assert asked(sandbox, "delete_event_properties") == [place | {"properties": NAMES}]


async def test_properties_that_the_server_refuses() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        with pytest.raises(ValidationError):
            await sdk.update_chat_properties(id=chat.id, properties={"no": {"such": 1}})
        with pytest.raises(AuthorizationError):
            await sdk.update_chat_properties(id=chat.id, properties={"routing": {"pinned": True}})
        with pytest.raises(NotFoundError):
            await sdk.update_thread_properties(
                chat_id=chat.id, thread_id="NOSUCHTHR", properties=VALUES
            )
        with pytest.raises(NotFoundError):
            await sdk.delete_chat_properties(id="NOSUCHCHAT", properties=NAMES)


def closing(item: Any) -> str:
    """The type of the last system message of a chat."""
    last = None if item is None else item.last_events_per_type.get("system_message")
    return "" if last is None else last.system_message_type


@pytest.mark.shows("method rate_chat", "method cancel_rate", by="sandbox")
async def test_rate_chat_and_cancel_rate() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sandbox.plant_history(OLD, chat_id=chat.id)
        await sdk.deactivate_chat(id=chat.id)
        assert chat.thread is not None
        place = {"chat_id": chat.id, "thread_id": chat.thread.id}
        item = sdk.chat(chat.id)
        score = {"rating": {"score": 1, "comment": "good"}}

        done = await sdk.rate_chat(chat_id=chat.id, rating={"score": 1, "comment": "good"})
        assert done == lc.Success(success=True)
        assert asked(sandbox, "list_threads") == [{"chat_id": chat.id}]
        assert asked(sandbox, "update_thread_properties") == [place | {"properties": score}]
        await until(item, lambda it: bool(it and it.thread and it.thread.properties == score))
        await until(item, lambda it: closing(it) == "rating.chat_commented")

        assert await sdk.cancel_rate(chat_id=chat.id) == lc.Success(success=True)
        await until(item, lambda it: closing(it) == "rating.chat_rating_canceled")
        shown = item.value
        assert shown is not None
        assert shown.thread is not None
        assert shown.thread.properties == {"rating": {"comment": "good"}}

        await sdk.rate_chat(chat_id=chat.id, rating=lc.Rating(score=0))
        await sdk.cancel_rate(chat_id=chat.id, properties=["score", "comment"])
        await until(item, lambda it: bool(it and it.thread and it.thread.properties == {}))
        assert asked(sandbox, "delete_thread_properties") == [
            place | {"properties": {"rating": ["score"]}},
            place | {"properties": {"rating": ["score", "comment"]}},
        ]
        assert sandbox.chats[chat.id].threads[0].properties == {}, "the older one was let alone"


@pytest.mark.shows("refusal rate_chat MISSING_CHAT_THREAD", by="sandbox")
@pytest.mark.shows("refusal cancel_rate MISSING_CHAT_THREAD", by="sandbox")
async def test_there_is_no_thread_to_rate() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sandbox.chats[chat.id].threads.clear()
        with pytest.raises(MissingChatThreadError) as caught:
            await sdk.rate_chat(chat_id=chat.id, rating={"score": 1})
        assert caught.value.code == "MISSING_CHAT_THREAD"
        with pytest.raises(NotSentError) as also:
            await sdk.cancel_rate(chat_id=chat.id)
        assert also.value.code == "MISSING_CHAT_THREAD"
        assert asked(sandbox, "update_thread_properties") == []
        assert asked(sandbox, "delete_thread_properties") == []


@pytest.mark.shows("recipe chat_transcript", by="sandbox")
async def test_the_transcript_is_asked_for() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        assert chat.thread is not None
        email = {"routing": {"transcript_email": "noor@example.com"}}
        told, _ = await asyncio.gather(
            sdk.wait_for("incoming_event", timeout=10),
            sdk.update_thread_properties(
                chat_id=chat.id, thread_id=chat.thread.id, properties=email
            ),
        )
        assert isinstance(told.event, lc.SystemMessage)
        assert told.event.system_message_type == "transcript_requested"
        assert told.event.text_vars == {"customer": "Customer", "email": "noor@example.com"}
        item = sdk.chat(chat.id)
        await until(item, lambda it: bool(it and it.thread and it.thread.properties == email))
