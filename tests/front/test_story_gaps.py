"""Stories about what is missing after a reconnect: users of other SDKs told them first.

Each docstring names the issue it answers.
"""

from __future__ import annotations

import pytest
from msgspec import structs
from story_kit import Scene, history, offline, shown, story, synced

import livechat_customer as lc
from livechat_customer.projections.changes import Change, Insert, Remove, Reset, applied
from livechat_customer.projections.values import Gap, HistoryItem
from livechat_customer.store.memory import Memory


@story
async def test_push_before_the_response(scene: Scene) -> None:
    """pubkey/rxdb#5571: the server's event arrives before the answer to its sender."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        for order in ("reorder", None):
            if order is not None:
                scene.sandbox.fault(order, action="send_event")
            text = f"first the {order or 'other one'}"
            event = await sdk.outbox.send_event(chat_id, lc.Message(text))
            assert isinstance(event, lc.Message)
            assert (await history(sdk, chat_id)).count(text) == 1
        assert await scene.agrees(sdk)


@story
async def test_a_hole_that_is_noticed_is_fetched(scene: Scene) -> None:
    """LonamiWebs/Telethon#4428: a gap is seen, and nothing is ever fetched."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "one")
        scene.sandbox.fault("lost_push", action="incoming_event")
        scene.says(chat_id, "two", "three")
        view = sdk.history(chat_id)
        async for value in view:
            if shown(value or ()) == ["one", "two", "three"]:
                break


@story
async def test_catching_up_is_nobodys_job(scene: Scene) -> None:
    """LonamiWebs/Telethon#1125, #746: it catches up by itself, after a reconnect and a restart."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.device().cut()
        scene.says(chat_id, "while away")
        await offline(sdk)
        await sdk.connect()
        await synced(sdk)
        assert await history(sdk, chat_id) == ["while away"]
    scene.says(chat_id, "while off")
    async with scene.phone(disk) as sdk:
        assert await history(sdk, chat_id) == ["while away", "while off"]


@story
async def test_what_was_caught_up_stays_so(scene: Scene) -> None:
    """LonamiWebs/Telethon#3062: catching up begins anew each time, as its state is not saved."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.jane.deactivate_chat(chat_id)
    for number in range(7):
        scene.conversation(chat_id, f"while off {number}")
    async with scene.phone(disk) as sdk:
        assert await history(sdk, chat_id) == [f"while off {n}" for n in range(7)]
    before = len(scene.sandbox.received)
    async with scene.phone(disk) as sdk:
        assert await history(sdk, chat_id) == [f"while off {n}" for n in range(7)]
        actions = [one.action for one in list(scene.sandbox.received)[before:]]
        assert actions.count("get_chat") == 1
        assert "list_threads" not in actions


@story
async def test_news_comes_while_a_gap_stands(scene: Scene) -> None:
    """matrix-org/matrix-rust-sdk#4684: with an unresolved gap in the cache, events are missed."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "old")
        await scene.away(sdk)
        scene.jane.deactivate_chat(chat_id)
        scene.conversation(chat_id, "missed")
        scene.says(chat_id, "newest")
        # The way back is barred: the resync can't get to what it knows.
        barred = scene.sandbox.fault("error", action="list_threads", error="internal", count=None)
        middle = scene.sandbox.fault("error", action="get_chat", error="internal", count=None)
        scene.device().go_online()
        await sdk.connect()
        scene.says(chat_id, "live")
        view = sdk.history(chat_id)
        async for value in view:
            if shown(value or ())[-1:] == ["live"]:
                break
        scene.sandbox.remove_fault(barred.id)
        scene.sandbox.remove_fault(middle.id)
        await sdk.resync()
        assert await history(sdk, chat_id) == ["old", "missed", "newest", "live"]


@story
async def test_what_is_shown_is_never_cleared(scene: Scene) -> None:
    """matrix-org/matrix-rust-sdk#4956: a limited sync clears all shown events to zero."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, *(f"old {number}" for number in range(20)))
        view = sdk.history(chat_id)
        await view.ready()
        await sdk.request("ping")
        lists: list[int] = []
        told: list[tuple[Change[HistoryItem], ...]] = []
        view.subscribe(lambda value: lists.append(len(value or ())))
        view.changes.subscribe(told.append)
        await scene.away(sdk)
        scene.jane.deactivate_chat(chat_id)
        for number in range(30):
            scene.conversation(chat_id, f"new {number}")
        await scene.back(sdk)
        assert lists == sorted(lists)
        assert isinstance(told[0][0], Reset)
        events = [one for batch in told[1:] for one in batch]
        assert not [one for one in events if isinstance(one, Reset)]
        removed = [one for one in events if isinstance(one, Remove)]
        # Only gaps go.
        gaps = sum(isinstance(getattr(one, "item", None), Gap) for one in events)
        assert len(removed) <= gaps


@story
async def test_what_was_missed_is_put_into_its_place(scene: Scene) -> None:
    """quotient-im/libQuotient#232: holes that nothing fills; the list must take insertions in its
    middle."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "before")
        view = sdk.history(chat_id)
        await view.ready()
        items: list[HistoryItem] = []
        seen: list[Change[HistoryItem]] = []

        def take(changes: tuple[Change[HistoryItem], ...]) -> None:
            seen.extend(changes)
            items[:] = applied(items, changes)

        view.changes.subscribe(take)
        scene.device().cut()
        scene.says(chat_id, "missed 1", "missed 2")
        scene.sandbox.fault("delay", action="get_chat", seconds=5)
        await offline(sdk)
        await sdk.connect()
        scene.says(chat_id, "live")
        await synced(sdk)
        assert shown(items) == ["before", "missed 1", "missed 2", "live"]
        inserted = [getattr(one.item, "text", "") for one in seen if isinstance(one, Insert)]
        assert "missed 1" in inserted


@story
async def test_a_live_message_hides_nothing(scene: Scene) -> None:
    """yetone/cumora#279: backfill starts from the biggest id seen, so a live message that comes
    first hides the hundred that were missed."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "known")
        await scene.away(sdk)
        missed = [f"missed {number}" for number in range(100)]
        scene.says(chat_id, *missed)
        scene.device().go_online()
        delayed = scene.sandbox.fault("delay", action="get_chat")
        await sdk.connect()
        scene.says(chat_id, "live")
        async for value in sdk.history(chat_id):
            if "live" in shown(value or ()):
                break
        delayed.release()
        await synced(sdk)
        assert await history(sdk, chat_id) == ["known", *missed, "live"]


@story
async def test_a_bound_leaves_a_gap_that_can_be_filled(scene: Scene) -> None:
    """amiantos/lurker#214: catching up stops at a cap, the cursor jumps, and a hole stays until
    everything is loaded anew."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "known")
        scene.jane.deactivate_chat(chat_id)
        await sdk.request("ping")
        await scene.away(sdk)
        missed = [f"missed {number}" for number in range(130)]
        for text in missed:
            scene.conversation(chat_id, text)
        await scene.back(sdk)
        report = sdk.sync.value.report
        assert report is not None
        assert report.verdict == "gaps"
        words = await history(sdk, chat_id)
        assert words[:2] == ["known", "…"]
        while gaps := [one for one in sdk.history(chat_id).value or () if isinstance(one, Gap)]:
            await sdk.history(chat_id).fill(gaps[-1])
        assert await history(sdk, chat_id) == ["known", *missed]


@story
async def test_refresh_finds_what_changed_in_old_threads(scene: Scene) -> None:
    """RocketChat/Rocket.Chat.iOS#1113: "I can not trust the app": asks for a refresh."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "wrong")
        old = scene.sandbox.chats[chat_id].threads[-1]
        scene.jane.deactivate_chat(chat_id)
        scene.conversation(chat_id, "newer")
        await sdk.request("ping")
        await scene.away(sdk)
        said = next(event for event in old.events if event.get("text") == "wrong")
        right = {"type": "message", "text": "right"}
        scene.jane.update_event(chat_id, old.id, said["id"], right)
        await scene.back(sdk)
        await sdk.history(chat_id).refresh()
        assert await history(sdk, chat_id) == ["right", "newer"]


@story
async def test_after_a_reconnect_everything_flows_again(scene: Scene) -> None:
    """GetStream/stream-chat-flutter#49: nothing arrives after a reconnect until a manual refresh."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        told: list[str] = []
        sdk.on("incoming_event", lambda push: told.append(push.event.id))
        for number in range(5):
            await scene.flap(sdk)
            arrived = sdk.wait_for("incoming_event", timeout=60)
            scene.says(chat_id, f"live {number}")
            await arrived
        assert len(told) == 5
        assert await scene.agrees(sdk)


@story
async def test_a_restart_goes_on_where_it_was(scene: Scene) -> None:
    """Rapptz/discord.py#2283: wish: resume across restarts from what is stored."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "one")
        await sdk.request("ping")
    told: list[str] = []
    scene.says(chat_id, "two")
    async with scene.phone(disk, auto_connect=False) as sdk:
        sdk.on("event_added", lambda added: told.append(getattr(added.event, "text", "")))
        assert await history(sdk, chat_id) == ["one"]
        await sdk.connect()
        await synced(sdk)
        # What was told in the run before is not told again.
        assert told == ["two"]


@story
async def test_the_latest_does_not_simply_follow_the_old(scene: Scene) -> None:
    """thelounge/thelounge#1883: a reconnect appends the latest to the old, with a hole between."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "old")
        await sdk.request("ping")
        seen: list[list[str]] = []
        view = sdk.history(chat_id)
        view.subscribe(lambda value: seen.append(shown(value or ())))
        await scene.away(sdk)
        scene.jane.deactivate_chat(chat_id)
        scene.conversation(chat_id, "between")
        scene.says(chat_id, "latest")
        await scene.back(sdk)
        assert seen[-1] == ["old", "between", "latest"]
        # Until the hole is filled a gap says so.
        assert ["old", "latest"] not in seen


@pytest.mark.parametrize("handled", [0, 1, 2])
@story
async def test_a_crash_loses_no_message(scene: Scene, handled: int) -> None:
    """openclaw/openclaw#110568: the token advances before the messages are processed, and a crash
    loses them."""
    disk, words = Memory(), ["one", "two", "three"]
    done: list[str] = []
    remembered: int | tuple[int, int] = 0
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, *words)
        await sdk.request("ping")
        async for item in sdk.consume("incoming_event"):
            if len(done) == handled:
                # It dies here: this one was taken, and not handled.
                break
            done.append(getattr(item.payload.event, "text", ""))
            remembered = (item.seq, item.part)
    async with scene.phone(disk, auto_connect=False) as sdk:
        async for item in sdk.consume("incoming_event", since=remembered):
            done.append(getattr(item.payload.event, "text", ""))
            if len(done) == len(words):
                break
    assert done == words


@story
async def test_flapping_loses_nothing(scene: Scene) -> None:
    """pubnub/javascript#127: subscribing again zeroes the time token; what was between is lost."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        words: list[str] = []
        for number in range(12):
            words.append(f"word {number}")
            scene.says(chat_id, words[-1])
            if number % 3:
                scene.device().cut()
                await offline(sdk)
            if number % 4 == 3:
                await sdk.connect()
        await sdk.connect()
        await synced(sdk)
        assert await history(sdk, chat_id) == words
        assert await scene.agrees(sdk)


@story
async def test_what_survives_a_reconnect(scene: Scene) -> None:
    """miguelgrinberg/python-socketio#308: the session is gone on a reconnect; what survives?"""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "hello")
        await sdk.update_customer(name="Ann", session_fields={"plan": "pro"})
        handle = sdk.outbox.send_event(chat_id, lc.Message("mine"))
        await handle
        told: list[object] = []
        sdk.on("incoming_event", told.append)
        customer, words = sdk.customer.value, await history(sdk, chat_id)
        assert customer is not None
        await scene.away(sdk)
        # Views, handlers and handles stay, and so does what they knew.
        assert sdk.customer.value == structs.replace(customer, from_log=True)
        assert await history(sdk, chat_id) == words == ["hello", "mine"]
        assert handle.state == "sent"
        await scene.back(sdk)
        assert sdk.customer.value is not None
        assert sdk.customer.value.name == "Ann"
        scene.says(chat_id, "you are back")
        await sdk.request("ping")
        assert len(told) == 1
        assert await scene.agrees(sdk)
