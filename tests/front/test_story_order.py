"""Stories about the order of messages, and of pages among them.

Each docstring names the issue it answers.
"""

from __future__ import annotations

from typing import Any

from story_kit import Scene, delivered, history, story, synced

import livechat_customer as lc
from livechat_customer.store.memory import Memory


def past(count: int) -> list[dict[str, Any]]:
    """Old threads, a message each."""
    return [
        {
            "created_at": f"2024-03-{day:02}T10:00:00.000000Z",
            "events": [
                {
                    "type": "message",
                    "text": f"old {day}",
                    "author_id": "jane",
                    "created_at": f"2024-03-{day:02}T10:00:01.000000Z",
                }
            ],
        }
        for day in range(1, count + 1)
    ]


@story
async def test_old_pages_go_before_what_is_new(scene: Scene) -> None:
    """matrix-org/matrix-rust-sdk#4746: paging with an empty sync's token puts old messages after
    new ones."""
    async with scene.phone() as sdk:
        chat_id = scene.sandbox.plant_history(past(12), customer_id=scene.customer_id)
        # Nothing new: an empty catching up.
        await sdk.resync()
        scene.says(chat_id, "new 1")
        pages = sdk.get_chat_history(chat_id=chat_id)
        await pages.next()
        scene.says(chat_id, "new 2")
        async for page in pages:
            scene.says(chat_id, f"new {page.done}")
        await sdk.request("ping")
        words = await history(sdk, chat_id)
        assert words[:12] == [f"old {day}" for day in range(1, 13)]
        assert words == scene.texts(chat_id)


@story
async def test_the_past_is_read_once(scene: Scene) -> None:
    """matrix-org/matrix-rust-sdk#4427: useless page tokens are kept, and each start pages back to
    the beginning."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = scene.sandbox.plant_history(past(9), customer_id=scene.customer_id)
        await sdk.resync()
        async for _ in sdk.get_chat_history(chat_id=chat_id):
            pass
        view = sdk.history(chat_id)
        await view.ready()
        assert view.value is not None
        assert view.value.start_reached
    before = scene.asked("list_threads")
    for _ in range(3):
        async with scene.phone(disk) as sdk:
            view = sdk.history(chat_id)
            await view.ready()
            assert view.value is not None
            assert view.value.start_reached
            assert len(await history(sdk, chat_id)) == 9
    assert scene.asked("list_threads") == before


@story
async def test_no_false_beginning_of_the_history(scene: Scene) -> None:
    """matrix-org/matrix-rust-sdk#4891, element-hq/element-meta#3290: "this is the beginning" while
    a gap remains."""
    async with scene.phone() as sdk:
        chat_id = scene.sandbox.plant_history(past(8), customer_id=scene.customer_id)
        await sdk.resync()
        view = sdk.history(chat_id)
        await view.ready()

        def start_reached() -> bool:
            assert view.value is not None
            return view.value.start_reached

        assert not start_reached()
        # A push never proves it.
        scene.says(chat_id, "new")
        await sdk.request("ping")
        assert not start_reached()
        async for page in sdk.get_chat_history(chat_id=chat_id):
            assert start_reached() == page.done
        assert (await history(sdk, chat_id))[0] == "old 1"


@story
async def test_offline_sends_in_order(scene: Scene) -> None:
    """GetStream/stream-chat-flutter#2106: of several offline messages some are lost, others come in
    another order."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        await scene.away(sdk)
        words = [f"offline {number}" for number in range(25)]
        for text in words:
            await sdk.outbox.send_event(chat_id, lc.Message(text)).queued
        scene.device().go_online()
        await delivered(sdk)
        assert scene.texts(chat_id) == words
        assert await history(sdk, chat_id) == words


@story
async def test_senders_do_not_race_at_a_reconnect(scene: Scene) -> None:
    """GetStream/stream-chat-swift#3316: two senders race on a reconnect and swap the order."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        words: list[str] = []
        for number in range(10):
            words.append(f"word {number}")
            sdk.outbox.send_event(chat_id, lc.Message(words[-1]))
            if number % 2:
                # The connection goes while one is on its way, and each reconnect wakes the sender.
                await scene.flap(sdk)
        await delivered(sdk)
        assert scene.texts(chat_id) == words
        assert await history(sdk, chat_id) == words


@story
async def test_the_history_is_there_without_a_backend(scene: Scene) -> None:
    """livechat/react-native-livechat#37: asks for the history of the chats; is told to build a
    backend that stores it."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "hello")
        await sdk.outbox.send_event(chat_id, lc.Message("hi"))
    scene.device().go_offline()
    async with scene.phone(disk, auto_connect=False) as sdk:
        assert [chat.id for chat in sdk.chats.value] == [chat_id]
        assert await history(sdk, chat_id) == ["hello", "hi"]
        assert sdk.chats.value[0].from_log
    scene.device().go_online()
    async with scene.phone(disk) as sdk:
        await synced(sdk)
        assert not sdk.chats.value[0].from_log
