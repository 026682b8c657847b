"""Each view of the front door over real sockets: what the server pushes shows, and who else is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from front_kit import customer, texts, until

import livechat_customer as lc
from livechat_customer.projections.streams import Buffer
from livechat_customer.sandbox import Sandbox
from livechat_customer.transport.credentials import MemoryCredentials


async def test_availability_follows_the_own_group() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[str] = []
        sdk.on("availability_updated", lambda it: heard.append(it.availability))
        assert sdk.availability.value.status == "online"
        assert not sdk.availability.value.from_log
        sandbox.set_availability(7, "offline")
        sandbox.set_availability(0, "offline")
        await until(sdk.availability, lambda it: it.status == "offline")
        sandbox.set_availability(0, "online_for_queue")
        await until(sdk.availability, lambda it: it.status == "online")
        assert sdk.availability.value.groups[7] == "offline"
        assert heard == ["offline", "online"]


async def test_a_greeting_shows_until_it_ends() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        assert sdk.greeting.value is None
        _, unique_id = sandbox.show_greeting()
        shown = await until(sdk.greeting, lambda it: it is not None)
        assert shown is not None
        assert shown.unique_id == unique_id
        sandbox.show_greeting()
        await until(sdk.greeting, lambda it: it is not None and it.unique_id != unique_id)
        last = sdk.greeting.value
        assert last is not None
        await sdk.request("cancel_greeting", {"unique_id": last.unique_id})
        await until(sdk.greeting, lambda it: it is None)


async def test_users_and_the_queue_show_in_the_chat() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.set_availability(0, "online_for_queue")
        chat = await sdk.start_chat()
        view = sdk.chat(chat.id)

        def queue(item: Any) -> tuple[int | None, int | None] | None:
            found = item.thread.queue if item is not None and item.thread is not None else None
            return None if found is None else (found.position, found.wait_time)

        assert queue(view.value) == (1, 60)
        sandbox.set_queue(chat.id, 4, 240)
        await until(view, lambda it: queue(it) == (4, 240))
        assert view.value is not None
        assert view.value.thread is not None
        assert view.value.thread.queue is not None
        assert view.value.thread.queue.queued_at is not None, "the push has none: it is kept"
        jane = sandbox.agent("Jane")
        jane.join(chat.id)
        item = await until(view, lambda it: it is not None and len(it.users) == 2)
        assert item is not None
        assert {user.id: user.present for user in item.users}[jane.id] is True
        assert queue(item) is None
        jane.typing(chat.id)
        await until(view, lambda it: it is not None and len(it.typing) == 1)
        jane.leave(chat.id)
        await until(view, lambda it: it is not None and not it.users[-1].present)


async def test_a_thread_and_its_changes() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(chat={"thread": {"events": [{"type": "message", "text": "a"}]}})
        assert chat.thread is not None
        thread = sdk.thread(chat.id, chat.thread.id)
        await thread.ready()
        batches: list[Any] = []
        thread.changes.subscribe(batches.append)
        jane = sandbox.agent("Jane")
        said = jane.send_event(chat.id, "b")
        await until(thread, lambda items: texts(items) == ["a", "b"])
        jane.update_event(chat.id, chat.thread.id, said.event_id, {"type": "message", "text": "B"})
        await until(thread, lambda items: texts(items) == ["a", "B"])
        kinds = [type(change).__name__ for batch in batches for change in batch]
        assert kinds == ["Reset", "Append", "Set"]


async def test_a_stream_gets_every_value_and_async_for_the_latest() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(continuous=True)
        history = sdk.history(chat.id)
        await history.ready()
        stream = history.stream(overflow=Buffer(100))
        lengths: list[int] = []

        async def read() -> None:
            async for items in stream:
                lengths.append(len(items or ()))
                if lengths[-1] == 6:
                    return

        reading = asyncio.create_task(read())
        for number in range(6):
            await sdk.send_event(chat_id=chat.id, event=lc.Message(str(number)))
        async with asyncio.timeout(10):
            await reading
        assert lengths == sorted(set(lengths))
        assert {1, 2, 3, 4, 5, 6} <= set(lengths)
        async for items in history:
            assert len(items or ()) == 6
            break


@pytest.mark.parametrize("swapped", [False, True], ids=["answer first", "push first"])
async def test_answer_and_push_may_come_in_either_order(swapped: bool) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(continuous=True)
        heard: list[Any] = []
        order: list[str] = []
        sdk.on("incoming_event", heard.append)
        sdk.records.subscribe(
            lambda it: order.append(it.kind) if it.kind in ("response", "push") else None
        )
        if swapped:
            sandbox.fault("reorder", action="send_event")
        sent = await sdk.send_event(chat_id=chat.id, event=lc.Message("a", custom_id="c"))
        assert isinstance(sent, lc.Message)
        assert (sent.custom_id, sent.author_id is not None) == ("c", True)
        await sdk.request("ping")
        assert order[:2] == (["push", "response"] if swapped else ["response", "push"])
        history = sdk.history(chat.id)
        await history.ready()
        assert texts(history.value) == ["a"]
        assert heard == [], "own events are not emitted"


async def test_an_event_of_another_device_is_emitted_and_an_echo_is_not_doubled() -> None:
    async with Sandbox() as sandbox:
        kept = MemoryCredentials()
        async with (
            customer(sandbox, credentials=kept) as one,
            customer(sandbox, credentials=kept) as two,
        ):
            assert (await one.get_customer()).id == (await two.get_customer()).id
            heard: list[str] = []
            two.on("incoming_event", lambda push: heard.extend(texts([push.event])))
            two.on("incoming_chat", lambda push: heard.append("chat"))
            chat = await one.start_chat(continuous=True)
            sandbox.fault("duplicate", action="incoming_event")
            await one.send_event(chat_id=chat.id, event=lc.Message("a"))
            await one.send_event(chat_id=chat.id, event=lc.Message("b"))
            for sdk in (one, two):
                view = sdk.history(chat.id)
                await until(view, lambda items: texts(items) == ["a", "b"])
            assert heard[0] == "chat"
            assert set(heard[1:]) == {"a", "b"}
            me = await one.get_customer()
            await two.get_customer()
            assert await one.shared_digest() == await two.shared_digest() == sandbox.digest(me.id)
