"""Methods of chats and threads: listing, reading, starting, resuming, closing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from front_kit import customer, texts, until
from parity_kit import asked

import livechat_customer as lc
from livechat_customer.errors import (
    ChatAlreadyActiveError,
    ChatInactiveError,
    ChatLimitReachedError,
    GroupsOfflineError,
    InternalError,
    LimitReachedError,
    NotFoundError,
)
from livechat_customer.sandbox import Limits, Sandbox

HELLO: dict[str, Any] = {"type": "message", "text": "hello"}
OLD: list[dict[str, Any]] = [
    {
        "id": f"T{day}",
        "created_at": f"2024-01-0{day}T10:00:00.000000Z",
        "events": [
            {
                "id": f"T{day}_{number}",
                "type": "message",
                "text": f"{day}.{number}",
                "created_at": f"2024-01-0{day}T10:00:{number:02}.000000Z",
            }
            for number in range(20)
        ],
    }
    for day in range(1, 6)
]
"""Five archived threads of twenty messages, oldest first."""


@pytest.mark.shows("method start_chat", by="sandbox")
async def test_start_chat() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        users: list[lc.User] = []
        chats: list[lc.IncomingChat] = []
        sdk.on("user_data", users.append)
        sdk.on("incoming_chat", chats.append)
        own = sdk.customer.value

        given = {
            "access": {"group_ids": [0]},
            "properties": {"test": {"string_property": "s"}},
            "thread": {"events": [HELLO], "properties": {"test": {"int_property": 1}}},
        }
        chat = await sdk.start_chat(chat=given, continuous=True)

        assert asked(sandbox, "start_chat") == [{"active": True, "continuous": True, "chat": given}]
        assert own is not None
        assert [user.id for user in users] == [own.id]
        assert chats == [], "the caller has it already"
        assert chat.confirmed
        assert chat.access == lc.Access((0,))
        assert chat.properties["test"] == {"string_property": "s"}
        assert chat.thread is not None
        assert (chat.thread.active, texts(chat.thread.events)) == (True, ["hello"])
        assert chat.thread.properties["test"] == {"int_property": 1}
        item = sdk.chat(chat.id).value
        assert item is not None
        assert item.thread is not None
        assert (item.active, item.thread.id) == (True, chat.thread.id)
        thread = sdk.thread(chat.id, chat.thread.id)
        await thread.ready()
        assert texts(thread.value) == ["hello"]


@pytest.mark.shows("method start_chat", by="sandbox")
async def test_start_chat_without_anything_and_inactive() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(active=False)
        assert asked(sandbox, "start_chat") == [{"active": False, "chat": {}}]
        assert chat.thread is not None
        assert not chat.thread.active
        item = sdk.chat(chat.id).value
        assert item is not None
        assert not item.active


@pytest.mark.shows("refusal start_chat CHAT_LIMIT_REACHED", by="sandbox")
async def test_start_chat_when_there_is_one() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.start_chat()
        with pytest.raises(ChatLimitReachedError) as caught:
            await sdk.start_chat()
        assert isinstance(caught.value, LimitReachedError)
        assert caught.value.code == "LIMIT_REACHED", "as the server said it"
        assert len(sdk.chats.value) == 1


@pytest.mark.shows("refusal start_chat CHAT_LIMIT_REACHED", by="fault")
async def test_start_chat_when_there_is_one_in_the_older_word() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.fault("error", action="start_chat", error="chat_limit_reached")
        with pytest.raises(ChatLimitReachedError) as caught:
            await sdk.start_chat()
        assert caught.value.code == "CHAT_LIMIT_REACHED"


@pytest.mark.shows("refusal start_chat GROUPS_OFFLINE", by="sandbox")
async def test_start_chat_with_nobody_there() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.set_availability(0, "offline")
        with pytest.raises(GroupsOfflineError) as caught:
            await sdk.start_chat()
        assert caught.value.code == "GROUPS_OFFLINE"
        assert (await sdk.start_chat(continuous=True)).thread is not None


@pytest.mark.shows("method resume_chat", by="sandbox")
async def test_resume_chat() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        first = await sdk.start_chat()
        await sdk.deactivate_chat(id=first.id)
        chats: list[lc.IncomingChat] = []
        sdk.on("incoming_chat", chats.append)

        given = {
            "id": first.id,
            "access": {"group_ids": [0]},
            "properties": {"test": {"bool_property": True}},
            "thread": {"events": [HELLO], "properties": {"test": {"int_property": 2}}},
        }
        chat = await sdk.resume_chat(chat=given)

        assert asked(sandbox, "resume_chat") == [{"active": True, "chat": given}]
        assert chats == []
        assert chat.id == first.id
        assert chat.properties["test"] == {"bool_property": True}
        assert first.thread is not None
        assert chat.thread is not None
        assert (chat.thread.active, texts(chat.thread.events)) == (True, ["hello"])
        assert chat.thread.previous_thread_id == first.thread.id
        item = sdk.chat(chat.id).value
        assert item is not None
        assert item.thread is not None
        assert (item.active, item.thread.id) == (True, chat.thread.id)


@pytest.mark.shows("refusal resume_chat CHAT_ALREADY_ACTIVE", by="sandbox")
async def test_resume_chat_that_is_active() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        with pytest.raises(ChatAlreadyActiveError) as caught:
            await sdk.resume_chat(chat={"id": chat.id})
        assert caught.value.code == "CHAT_ALREADY_ACTIVE"


@pytest.mark.shows("refusal resume_chat GROUPS_OFFLINE", by="sandbox")
async def test_resume_chat_with_nobody_there() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        await sdk.deactivate_chat(id=chat.id)
        sandbox.set_availability(0, "offline")
        with pytest.raises(GroupsOfflineError) as caught:
            await sdk.resume_chat(chat={"id": chat.id})
        assert caught.value.code == "GROUPS_OFFLINE"
        resumed = await sdk.resume_chat(chat={"id": chat.id}, continuous=True)
        assert resumed.properties["routing"]["continuous"] is True


@pytest.mark.shows("method deactivate_chat", by="sandbox")
async def test_deactivate_chat() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        heard: list[str] = []
        sdk.on("incoming_event", lambda it: heard.append(getattr(it.event, "text", "")))
        sdk.on("chat_deactivated", lambda it: heard.append(it.chat_id))

        assert await sdk.deactivate_chat(id=chat.id) == lc.Success(success=True)

        assert asked(sandbox, "deactivate_chat") == [{"id": chat.id}]
        item = await until(sdk.chat(chat.id), lambda it: it is not None and not it.active)
        assert item is not None
        assert isinstance(item.last_event, lc.SystemMessage)
        assert item.last_event.system_message_type == "manual_archived_customer"
        assert heard == ["Customer archived the chat", chat.id]
        with pytest.raises(ChatInactiveError):
            await sdk.deactivate_chat(id=chat.id)


@pytest.mark.shows("method get_chat", by="sandbox")
async def test_get_chat() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        started = await sdk.start_chat(chat={"thread": {"events": [HELLO]}})
        sandbox.plant_history(OLD[:1], chat_id=started.id)
        sandbox.agent("Jane").send_event(started.id, "hi")
        await until(sdk.chat(started.id), lambda it: it is not None and it.unread == 1)
        users: list[lc.User] = []
        sdk.on("user_data", users.append)

        newest = await sdk.get_chat(chat_id=started.id)
        older = await sdk.get_chat(chat_id=started.id, thread_id="T1")

        assert asked(sandbox, "get_chat") == [
            {"chat_id": started.id},
            {"chat_id": started.id, "thread_id": "T1"},
        ]
        assert started.thread is not None
        assert newest.thread is not None
        assert newest.thread.id == started.thread.id
        assert texts(newest.thread.events)[0] == "hello"
        assert texts(newest.thread.events)[-1] == "hi"
        assert {type(user) for user in newest.users} == {lc.Customer, lc.Agent}
        assert newest.events_seen_up_to_map.keys() == {user.id for user in newest.users}
        assert older.thread is not None
        assert texts(older.thread.events) == texts(lc_messages(OLD[0]))
        assert [user.id for user in users] == [
            user.id for chat in (newest, older) for user in chat.users
        ]
        history = sdk.history(started.id)
        await history.ready()
        assert {"hello", "hi", "1.0"} <= set(texts(history.value))
        with pytest.raises(NotFoundError):
            await sdk.get_chat(chat_id="NOSUCHCHAT")


@pytest.mark.shows("method list_chats", by="sandbox")
async def test_list_chats() -> None:
    limits = Limits(chats_per_customer=2)
    async with Sandbox(limits=limits) as sandbox, customer(sandbox) as sdk:
        other = await sdk.start_chat(chat={"thread": {"events": [HELLO]}})
        first = await sdk.start_chat()
        jane = sandbox.agent("Jane")
        sent = jane.send_event(first.id, "hi")
        await until(sdk.chat(first.id), lambda it: it is not None and it.unread == 1)
        await sdk.deactivate_chat(id=other.id)
        # The end of a thread is worth a look.
        await sandbox.wait_until(lambda: asked(sandbox, "get_chat"))
        await sdk.request("ping")
        users: list[lc.User] = []
        sdk.on("user_data", users.append)

        page = await sdk.list_chats()

        assert page.total_chats == 2
        assert [summary.id for summary in page.chats_summary] == [first.id, other.id]
        assert (page.next_page_id, page.previous_page_id) == (None, None)
        newest, oldest = page.chats_summary
        assert first.thread is not None
        assert (newest.active, newest.last_thread_id) == (True, first.thread.id)
        assert newest.last_event is not None
        assert newest.last_event.id == sent.event_id
        assert "message" in newest.last_events_per_type
        assert (oldest.active, texts([oldest.last_events_per_type["message"]])) == (
            False,
            ["hello"],
        )
        assert jane.id in {user.id for user in page.users}
        assert [user.id for user in users] == [user.id for user in page.users]

        users.clear()
        one = await sdk.list_chats(limit=1)
        two = await sdk.list_chats(page_id=one.next_page_id)
        assert [it.id for it in one.chats_summary + two.chats_summary] == [first.id, other.id]
        assert two.previous_page_id is not None
        assert asked(sandbox, "list_chats")[1:] == [
            {"limit": 10},
            {"limit": 1},
            {"page_id": one.next_page_id},
        ]
        assert [item.id for item in sdk.chats.value] == [first.id, other.id]


@pytest.mark.shows("method list_threads", by="sandbox")
async def test_list_threads() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sandbox.plant_history(OLD, chat_id=chat.id)
        assert chat.thread is not None
        ids = [chat.thread.id, "T5", "T4", "T3", "T2", "T1"]

        by_default = await sdk.list_threads(chat_id=chat.id)
        assert [thread.id for thread in by_default.threads] == ids[:3]
        assert by_default.found_threads == 6
        following = await sdk.list_threads(chat_id=chat.id, page_id=by_default.next_page_id)
        assert [thread.id for thread in following.threads] == ids[3:]
        assert following.next_page_id is None
        assert following.previous_page_id is not None
        oldest = await sdk.list_threads(chat_id=chat.id, sort_order="asc", limit=2)
        assert [thread.id for thread in oldest.threads] == ["T1", "T2"]
        enough = await sdk.list_threads(chat_id=chat.id, min_events_count=30)
        assert [thread.id for thread in enough.threads] == ids[:3]

        newest = by_default.threads[1]
        assert (newest.chat_id, newest.active, newest.created_at) == (
            chat.id,
            False,
            "2024-01-05T10:00:00.000000Z",
        )
        assert texts(newest.events) == texts(lc_messages(OLD[4]))
        assert (newest.previous_thread_id, newest.next_thread_id) == ("T4", ids[0])
        assert asked(sandbox, "list_threads") == [
            {"chat_id": chat.id},
            {"chat_id": chat.id, "page_id": by_default.next_page_id},
            {"chat_id": chat.id, "sort_order": "asc", "limit": 2},
            {"chat_id": chat.id, "min_events_count": 30},
        ]


@pytest.mark.shows("method get_chat_history", by="sandbox")
async def test_get_chat_history() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sandbox.plant_history(OLD, chat_id=chat.id)
        assert chat.thread is not None

        history = sdk.get_chat_history(chat_id=chat.id)
        assert asked(sandbox, "list_threads") == [], "nothing is sent before the first page"
        sandbox.fault("error", action="list_threads", error="internal")
        with pytest.raises(InternalError):
            await history.next()
        pages = await asyncio.gather(*(history.next() for _ in range(5)))

        found = [page for page in pages if page is not None]
        assert [[thread.id for thread in page.threads] for page in found] == [
            ["T4", "T5", chat.thread.id],
            ["T2", "T3"],
            ["T1"],
        ]
        assert [page.done for page in found] == [False, False, True]
        assert pages[3:] == [None, None], "calls beyond the end return, too"
        first, again, *rest = asked(sandbox, "list_threads")
        assert first == again == {"chat_id": chat.id, "min_events_count": 25}
        assert [sorted(payload) for payload in rest] == [["chat_id", "page_id"]] * 2
        assert [page async for page in sdk.get_chat_history(chat_id=chat.id)] == found
        view = sdk.history(chat.id)
        await view.ready()
        assert view.value is not None
        assert (view.value.start_reached, view.value.gaps) == (True, ())
        assert len(texts(view.value)) >= 100


def lc_messages(thread: dict[str, Any]) -> list[lc.Message]:
    """The planted thread's messages."""
    return [lc.Message(event["text"]) for event in thread["events"]]
