"""Stories about messages sent offline, or into a failing network.

Each docstring names the issue it answers.
"""

from __future__ import annotations

import pytest
from story_kit import Scene, delivered, history, shown, story

import livechat_customer as lc
from livechat_customer.errors import EntryCancelledError, OutboxFullError
from livechat_customer.options import OutboxLimits
from livechat_customer.projections.values import HistoryItem, PendingEvent
from livechat_customer.store.memory import Memory


@story
async def test_a_timed_out_message_is_not_failed(scene: Scene) -> None:
    """GetStream/stream-chat-android#6713, #6706, #6708, #6709: a send that timed out counts as
    failed for good, and unsent messages vanish from the list at a reconnect."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        view = sdk.history(chat_id)
        await view.ready()
        seen: list[list[str]] = []
        handle = sdk.outbox.send_event(chat_id, lc.Message("slow"))
        await handle.queued
        view.subscribe(lambda value: seen.append(shown(value or ())))
        states: list[str] = []
        sdk.outbox.subscribe(lambda entries: states.extend(entry.state for entry in entries))
        # Nothing is answered, and nothing arrives.
        await scene.away(sdk, silently=True)
        scene.device().go_online()
        await handle
        assert "failed" not in states
        assert all(words in (["<slow>"], ["slow"]) for words in seen)
        assert scene.texts(chat_id) == ["slow"]


@story
async def test_only_the_answer_is_lost(scene: Scene) -> None:
    """GetStream/stream-chat-android#6587: the retry after a lost answer is refused as a duplicate,
    and the message is shown as failed although it was delivered."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("drop", action="send_event")
        states: list[str] = []
        sdk.outbox.subscribe(lambda entries: states.extend(entry.state for entry in entries))
        event = await sdk.outbox.send_event(chat_id, lc.Message("once"))
        assert "unknown" in states
        assert "failed" not in states
        assert event.id.startswith(scene.sandbox.chats[chat_id].threads[-1].id)
        assert scene.texts(chat_id) == ["once"]
        assert scene.asked("send_event") == 1


@story
async def test_a_batch_whose_answers_are_lost_takes_effect_once(scene: Scene) -> None:
    """firebase/firebase-android-sdk#8440: only the acknowledgement is lost, the batch is sent
    again, the increment applied twice."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("drop", action="send_event", count=5)
        words = [f"word {number}" for number in range(5)]
        for text in words:
            await sdk.outbox.send_event(chat_id, lc.Message(text)).queued
        await delivered(sdk)
        assert scene.texts(chat_id) == words


@story
async def test_an_effect_that_comes_late_comes_once(scene: Scene) -> None:
    """The same, with a server that acts only after the connection has died."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("late_effect", action="send_event", seconds=14)
        event = await sdk.outbox.send_event(chat_id, lc.Message("late"))
        assert scene.texts(chat_id) == ["late"]
        assert isinstance(event, lc.Message)
        assert scene.asked("send_event") == 1


@story
async def test_the_failed_bubble_goes_after_a_resend(scene: Scene) -> None:
    """GetStream/stream-chat-js#1838: the message is sent again with success, the failed one stays
    until a restart."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="validation")
        handle = sdk.outbox.send_event(chat_id, lc.Message("twice"))
        with pytest.raises(lc.ServerError):
            await handle
        assert await history(sdk, chat_id) == ["<twice>"]
        assert handle.retry()
        await handle
        assert await history(sdk, chat_id) == ["twice"]
        assert not sdk.outbox.value
    async with scene.phone(disk) as sdk:
        assert await history(sdk, chat_id) == ["twice"]


@story
async def test_resending_makes_no_copies(scene: Scene) -> None:
    """GetStream/stream-chat-react-native#2852: resending what failed makes copies."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="validation", count=3)
        handle = sdk.outbox.send_event(chat_id, lc.Message("again"))
        for _ in range(3):
            with pytest.raises(lc.ServerError):
                await handle
            handle.retry()
            # Impatient users press twice.
            handle.retry()
        await handle
        assert not handle.retry()
        assert scene.texts(chat_id) == ["again"]
        assert await history(sdk, chat_id) == ["again"]


@story
async def test_a_failed_head_blocks_and_is_seen(scene: Scene) -> None:
    """matrix-org/matrix-rust-sdk#4389, #4463, #6843: in order or not at all; what blocks must be
    seen."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="validation")
        words = ["first", "second", "third"]
        first, *_ = [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in words]
        with pytest.raises(lc.ServerError):
            await first
        assert [entry.state for entry in sdk.outbox.value] == ["failed", "queued", "queued"]
        error = sdk.outbox.value[0].error
        assert error is not None
        assert error.code == "VALIDATION"
        assert await history(sdk, chat_id) == ["<first>", "<second>", "<third>"]
        assert scene.texts(chat_id) == []
        first.cancel()
        await delivered(sdk)
        assert scene.texts(chat_id) == ["second", "third"]
        with pytest.raises(EntryCancelledError):
            await first


@story
async def test_what_fails_unseen_blocks_nobody(scene: Scene) -> None:
    """project-robius/robrix#1059: invisible edits that failed must not block everything."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "read me")
        await sdk.request("ping")
        scene.sandbox.fault("error", action="mark_events_as_seen", error="validation")
        sdk.outbox.mark_events_as_seen(chat_id, "2039-01-01T00:00:00Z")
        await sdk.outbox.send_event(chat_id, lc.Message("passes"))
        assert scene.texts(chat_id) == ["read me", "passes"]


@story
async def test_queued_is_known_without_a_network(scene: Scene) -> None:
    """firebase/firebase-js-sdk#6515, #1497, #8862: to await an offline write never returns; wish:
    return when it is written locally."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
    scene.device().go_offline()
    async with scene.phone(disk, auto_connect=False) as sdk:
        handle = sdk.outbox.send_event(chat_id, lc.Message("later"))
        await handle.queued
        assert handle.state == "queued"
        assert await history(sdk, chat_id) == ["<later>"]
    scene.device().go_online()
    async with scene.phone(disk) as sdk:
        await delivered(sdk)
    assert scene.texts(chat_id) == ["later"]


@pytest.mark.parametrize(
    "error", ["service_unavailable", "too_many_requests", "pending_requests_limit_reached"]
)
@story
async def test_what_will_be_tried_again_is(scene: Scene, error: str) -> None:
    """powersync-ja/powersync-native#15, powersync-ja/powersync-kotlin#340: "will retry", and never
    does until the next write."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error=error, count=3)
        await sdk.outbox.send_event(chat_id, lc.Message("patience"))
        assert scene.texts(chat_id) == ["patience"]
        assert scene.asked("send_event") == 4


@story
async def test_writes_during_a_pause_are_sent(scene: Scene) -> None:
    """pubkey/rxdb#8285, #8254: a paused replication marks unsent rows as pushed; what was written
    during the pause is lost."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        sdk.outbox.send_event(chat_id, lc.Message("before"))
        await sdk.disconnect()
        await sdk.outbox.send_event(chat_id, lc.Message("meanwhile")).queued
        await sdk.connect()
        await delivered(sdk)
        assert scene.texts(chat_id) == ["before", "meanwhile"]


@story
async def test_no_bubble_is_shown_twice_and_none_flickers(scene: Scene) -> None:
    """TanStack/db#1442, #1017: the optimistic row stays beside the server's when the key differs;
    or flickers away."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        view = sdk.history(chat_id)
        await view.ready()
        handles = [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in ("a", "b")]
        for handle in handles:
            await handle.queued
        keys: list[list[str]] = []

        def look(value: object) -> None:
            items: list[HistoryItem] = list(view.value or ())
            found = [
                item.custom_id
                for item in items
                if isinstance(item, (PendingEvent, lc.Message)) and item.custom_id is not None
            ]
            keys.append(found)

        view.subscribe(look)
        scene.says(chat_id, "between")
        for handle in handles:
            await handle
        assert all(found == [handle.custom_id for handle in handles] for found in keys)


@story
async def test_what_failed_is_listed_and_sent_in_the_same_run(scene: Scene) -> None:
    """tdlib/td#166, #485, #700: list and resend what failed; messages are sent at the next start
    only; temporary ids surprise."""
    async with scene.phone() as sdk:
        await scene.away(sdk)
        handle = sdk.outbox.send_event(None, lc.Message("hello"))
        await handle.queued
        local = handle.chat_id
        assert local.startswith("local:")
        assert await history(sdk, local) == ["<hello>"]
        scene.device().go_online()
        event = await handle
        assert handle.chat_id in scene.sandbox.chats
        assert scene.texts(handle.chat_id) == ["hello"]
        # Both names show the same from now on.
        assert await history(sdk, local) == await history(sdk, handle.chat_id) == ["hello"]
        assert event.custom_id == handle.custom_id


@story
async def test_a_message_keeps_its_id_and_what_was_removed_stays_away(scene: Scene) -> None:
    """sendbird/sendbird-chat-sdk-flutter#67, sendbird/sendbird-chat-sample-react#115: no id to
    match a retry by; removed messages come back."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        await scene.away(sdk)
        kept = sdk.outbox.send_event(chat_id, lc.Message("kept"))
        gone = sdk.outbox.send_event(chat_id, lc.Message("gone"))
        await gone.queued
        assert gone.cancel()
        kept_id = kept.custom_id
    scene.device().go_online()
    async with scene.phone(disk) as sdk:
        await delivered(sdk)
        assert await history(sdk, chat_id) == ["kept"]
    (event,) = [e for e in scene.sandbox.chats[chat_id].threads[-1].events if "text" in e]
    assert event["custom_id"] == kept_id


@story
async def test_retries_are_queued_in_order(scene: Scene) -> None:
    """element-hq/element-x-ios#250: retries have to be queued in order, per room."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="validation", count=2)
        words = ["one", "two", "three"]
        handles = [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in words]
        for handle in handles[:2]:
            with pytest.raises(lc.ServerError):
                await handle
            assert handle.retry()
            if handle is handles[0]:
                with pytest.raises(lc.ServerError):
                    await handle
                assert handle.retry()
                break
        await delivered(sdk)
        assert scene.texts(chat_id) == words


@story
async def test_a_queue_has_bounds(scene: Scene) -> None:
    """firebase/firebase-js-sdk#8250, #8305: a queue of 35,000 writes fills the quota, and the
    client crashes for good."""
    disk = Memory()
    limits = OutboxLimits(max_entries=5)
    async with scene.phone(disk, outbox=limits) as sdk:
        chat_id = await scene.begun(sdk)
        await scene.away(sdk)
        for number in range(5):
            await sdk.outbox.send_event(chat_id, lc.Message(f"{number}")).queued
        with pytest.raises(OutboxFullError):
            sdk.outbox.send_event(chat_id, lc.Message("too much"))
    scene.device().go_online()
    async with scene.phone(disk, outbox=limits) as sdk:
        await delivered(sdk)
        assert scene.texts(chat_id) == ["0", "1", "2", "3", "4"]
        await sdk.outbox.send_event(chat_id, lc.Message("room again"))
