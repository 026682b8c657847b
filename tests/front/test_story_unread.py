"""Stories about what was read, on one device or several.

Each docstring names the issue it answers.
"""

from __future__ import annotations

from story_kit import Scene, delivered, offline, story, synced

import livechat_customer as lc
from livechat_customer.store.memory import Memory


def unread(sdk: lc.CustomerSDK, chat_id: str) -> int:
    chat = sdk.chat(chat_id).value
    assert chat is not None
    assert chat.has_unread == bool(chat.unread)
    return chat.unread


@story
async def test_what_was_read_offline_is_read(scene: Scene) -> None:
    """GetStream/stream-chat-android#2484, #3161: reading while offline leaves the count wrong for
    ever."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "one", "two")
        await sdk.request("ping")
        assert unread(sdk, chat_id) == 2
        seen_up_to = scene.sandbox.chats[chat_id].threads[-1].events[-1]["created_at"]
        await scene.away(sdk)
        await sdk.outbox.mark_events_as_seen(chat_id, seen_up_to).queued
    scene.says(chat_id, "three")
    scene.device().go_online()
    async with scene.phone(disk) as sdk:
        await delivered(sdk)
        assert unread(sdk, chat_id) == 1
        assert await scene.agrees(sdk)
    me = scene.sandbox.chats[chat_id].members[scene.customer_id]
    assert me.events_seen_up_to == seen_up_to


@story
async def test_the_badge_clears_offline(scene: Scene) -> None:
    """GetStream/stream-chat-swift#2873: the badge does not clear offline, by design; users
    disagree."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "one")
        await sdk.request("ping")
        said = scene.sandbox.chats[chat_id].threads[-1].events[-1]
        await scene.away(sdk)
        assert unread(sdk, chat_id) == 1
        await sdk.outbox.mark_events_as_seen(chat_id, said["created_at"]).queued
        assert unread(sdk, chat_id) == 0
        chat = sdk.chat(chat_id).value
        assert chat is not None
        # That the server does not know yet is said beside it.
        assert chat.has_pending
        await scene.back(sdk)
        await delivered(sdk)
        await sdk.request("ping")
        assert unread(sdk, chat_id) == 0
        assert await scene.agrees(sdk)


@story
async def test_the_count_is_right_on_every_device(scene: Scene) -> None:
    """GetStream/stream-chat-react-native#2377, stream-chat-flutter#2019, #2886: the count is stale
    after a restart, or after reading on another device."""
    disk = Memory()
    async with scene.phone(disk) as sdk, scene.phone(name="tablet") as tablet:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "one", "two")
        await tablet.request("ping")
        await sdk.request("ping")
        assert unread(sdk, chat_id) == unread(tablet, chat_id) == 2
        said = scene.sandbox.chats[chat_id].threads[-1].events
        await tablet.mark_events_as_seen(chat_id=chat_id, seen_up_to=said[0]["created_at"])
        await sdk.request("ping")
        assert unread(sdk, chat_id) == unread(tablet, chat_id) == 1
        await scene.away(sdk)
        await tablet.mark_events_as_seen(chat_id=chat_id, seen_up_to=said[1]["created_at"])
        assert unread(tablet, chat_id) == 0
    scene.device().go_online()
    async with scene.phone(disk, auto_connect=False) as sdk:
        assert unread(sdk, chat_id) == 1
        await sdk.connect()
        await synced(sdk)
        assert unread(sdk, chat_id) == 0


@story
async def test_two_quick_reads_give_one_number(scene: Scene) -> None:
    """twilio/TwilioChatJsReactNative#31, twilio/conversations-ios#27: index arithmetic miscounts;
    two quick reads give two numbers."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, *(f"{number}" for number in range(6)))
        await sdk.request("ping")
        thread = scene.sandbox.chats[chat_id].threads[-1]
        # A deleted one counts no more, whatever its number was.
        agents_only = {"type": "message", "text": "note", "recipients": "agents"}
        scene.jane.send_event(chat_id, agents_only)
        for mark in (thread.events[3], thread.events[1]):
            await sdk.outbox.mark_events_as_seen(chat_id, mark["created_at"]).queued
        await delivered(sdk)
        await sdk.request("ping")
        assert unread(sdk, chat_id) == 2
        assert await scene.agrees(sdk)


@story
async def test_own_messages_are_never_unread(scene: Scene) -> None:
    """openimsdk/open-im-server#2807: own messages count as unread after a reconnect."""
    disk = Memory()
    async with scene.phone(disk) as sdk, scene.phone(name="tablet") as tablet:
        chat_id = await scene.begun(sdk)
        await scene.away(sdk)
        await tablet.outbox.send_event(chat_id, lc.Message("from the tablet"))
        sdk.outbox.send_event(chat_id, lc.Message("from the phone"))
        scene.device().go_online()
        await sdk.connect()
        await delivered(sdk)
        assert unread(sdk, chat_id) == 0
        assert unread(tablet, chat_id) == 0
        scene.device().cut()
        await offline(sdk)
    async with scene.phone(disk) as sdk:
        assert unread(sdk, chat_id) == 0
