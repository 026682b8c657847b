"""What the outbox takes and what becomes of it: refusals, limits, chats that are not as thought."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from front_kit import until
from story_kit import Scene, delivered, history, story, synced

import livechat_customer as lc
from livechat_customer.errors import (
    EntryCancelledError,
    EntryExpiredError,
    InvalidArgumentError,
    LogFullError,
    NoConnectionError,
    NotFoundError,
    SDKDestroyedError,
)
from livechat_customer.models.times import parse_us
from livechat_customer.options import OutboxLimits
from livechat_customer.store.memory import Memory, MemoryLog
from livechat_customer.testing import virtual_time

DAY = 86_400_000_000


@story
async def test_before_open_and_after_the_end_nothing_is_taken(scene: Scene) -> None:
    sdk = lc.init(**scene.device().options(), log=":memory:", auto_connect=False)
    with pytest.raises(NoConnectionError):
        sdk.outbox.send_event(None, lc.Message("early"))
    await sdk.open()
    handle = sdk.outbox.send_event(None, lc.Message("in time"))

    await sdk.aclose()

    await handle.queued
    with pytest.raises(SDKDestroyedError):
        sdk.outbox.send_event(None, lc.Message("late"))
    with pytest.raises(SDKDestroyedError):
        await handle


@pytest.mark.shows("method outbox.send_event", by="sandbox")
@story
async def test_what_the_end_leaves_is_sent_by_the_next_run(scene: Scene) -> None:
    disk = Memory()
    async with scene.phone(disk, auto_connect=False) as sdk:
        handles = [sdk.outbox.send_event(None, lc.Message(text)) for text in ("one", "two")]
        await handles[1].queued
        ids = [handle.custom_id for handle in handles]
    async with scene.phone(disk, auto_connect=False) as sdk:
        again = [sdk.outbox.handle(custom_id) for custom_id in ids]
        assert [handle.state for handle in again] == ["queued", "queued"]
        assert again[0].chat_id == f"local:{ids[0]}"
        with pytest.raises(InvalidArgumentError):
            sdk.outbox.handle("nobody's")

        await sdk.connect()
        events = [await handle for handle in again]

        assert [event.custom_id for event in events if isinstance(event, lc.Message)] == ids
        (chat_id,) = scene.sandbox.chats
        assert scene.texts(chat_id) == ["one", "two"]


NOT_TAKEN: list[tuple[str, Any, str]] = [
    (
        "for agents only",
        {"type": "message", "text": "x", "recipients": "agents"},
        "event.recipients",
    ),
    ("a type that nobody sends", {"type": "annotation"}, "event"),
    ("without a text", {"type": "message"}, "event"),
    ("an empty custom id", lc.Message("x", custom_id=""), "event.custom_id"),
    ("an id like ours", lc.Message("x", custom_id="lcq-7"), "event.custom_id"),
    ("an id like a local chat's", lc.Message("x", custom_id="local:7"), "event.custom_id"),
]


@pytest.mark.parametrize(
    ("event", "argument"), [row[1:] for row in NOT_TAKEN], ids=[row[0] for row in NOT_TAKEN]
)
@story
async def test_what_is_not_taken_leaves_no_trace(scene: Scene, event: Any, argument: str) -> None:
    async with scene.phone() as sdk:
        seq = sdk.log.health.committed
        with pytest.raises(InvalidArgumentError) as refused:
            sdk.outbox.send_event(None, event)
        assert refused.value.argument.startswith(argument)
        with pytest.raises(InvalidArgumentError):
            sdk.outbox.send_event("local:unknown", lc.Message("x"))
        with pytest.raises(InvalidArgumentError):
            sdk.outbox.mark_events_as_seen("C", "yesterday")
        assert not sdk.outbox.value
        assert sdk.log.health.committed == seq


@story
async def test_a_custom_id_of_one_s_own_is_taken_once(scene: Scene) -> None:
    disk = Memory()
    message = lc.Message("mine", custom_id="mine-1")
    async with scene.phone(disk, auto_connect=False) as sdk:
        handle = sdk.outbox.send_event(None, message)
        with pytest.raises(InvalidArgumentError):  # not even written down
            sdk.outbox.send_event(None, message)
        await handle.queued
        with pytest.raises(InvalidArgumentError):
            sdk.outbox.send_event(None, message)
    async with scene.phone(disk) as sdk:
        await delivered(sdk)
        (chat_id,) = scene.sandbox.chats
        await sdk.send_event(chat_id=chat_id, event=lc.Message("direct", custom_id="mine-2"))
        for used in ("mine-1", "mine-2"):
            with pytest.raises(InvalidArgumentError):
                sdk.outbox.send_event(chat_id, lc.Message("again", custom_id=used))
        await sdk.outbox.send_event(chat_id, lc.Message("new", custom_id="mine-3"))
        assert scene.texts(chat_id) == ["mine", "direct", "new"]


@story
async def test_what_is_too_old_fails_and_can_be_retried(scene: Scene) -> None:
    now = virtual_time.wall_clock()
    log = MemoryLog(clock=lambda: now)
    options = {"log": log, "clock": lambda: now, "auto_connect": False}
    async with lc.init(**scene.device().options() | options) as sdk:
        old = sdk.outbox.send_event(None, lc.Message("old"))
        await old.queued
    now += 7 * DAY + 1
    async with lc.init(**scene.device().options() | options) as sdk:
        young = sdk.outbox.send_event(None, lc.Message("young"))
        found = sdk.outbox.handle(old.custom_id)
        with pytest.raises(EntryExpiredError) as expired:
            await found
        assert expired.value.code == "EXPIRED"
        await sdk.connect()
        await synced(sdk)
        assert (found.state, young.state) == ("failed", "queued")

        assert found.retry()
        await young

        assert scene.texts(young.chat_id) == ["old", "young"]
    await log.aclose()


@pytest.mark.parametrize(
    "error", ["validation", "not_found", "chat_anonymized", "authorization", "unheard_of"]
)
@story
async def test_a_refusal_for_good_raises_as_itself_and_holds_up_its_chat(
    scene: Scene, error: str
) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error=error)
        first, second = [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in "12"]
        with pytest.raises(lc.ServerError) as refused:
            await first
        assert refused.value.code == error.upper()
        assert (first.state, second.state) == ("failed", "queued")
        assert sdk.outbox.handle(first.custom_id) is first

        assert first.retry()
        await second
        assert scene.texts(chat_id) == ["1", "2"]
        assert not first.cancel()


@story
async def test_a_failed_one_of_an_earlier_run_is_known_to_have_failed(scene: Scene) -> None:
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="validation")
        handle = sdk.outbox.send_event(chat_id, lc.Message("no"))
        with pytest.raises(lc.ServerError):
            await handle
    async with scene.phone(disk) as sdk:
        found = sdk.outbox.handle(handle.custom_id)
        with pytest.raises(lc.ServerError):
            await found
        assert found.cancel()
        await delivered(sdk)
        with pytest.raises(EntryCancelledError):
            await found
        assert found.state == "cancelled"
        assert not found.retry()
    assert scene.texts(chat_id) == []


@story
async def test_one_that_is_cancelled_before_it_is_written_down(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        handle = sdk.outbox.send_event(chat_id, lc.Message("no"))
        assert handle.cancel()
        with pytest.raises(EntryCancelledError):
            await handle
        await sdk.outbox.send_event(chat_id, lc.Message("yes"))
        assert scene.texts(chat_id) == ["yes"]


@story
async def test_one_that_is_on_its_way_can_be_neither_cancelled_nor_retried(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        answer = scene.sandbox.fault("delay", action="send_event")
        scene.sandbox.fault("lost_push", action="incoming_event")
        handle = sdk.outbox.send_event(chat_id, lc.Message("going"))
        await scene.sandbox.wait_until(lambda: answer.fired)
        assert handle.state == "sending"
        assert not handle.cancel()
        assert not handle.retry()
        answer.release()
        event = await handle
        # Nothing ever showed it: it is given as it was sent, with the id from the answer.
        assert isinstance(event, lc.Message)
        assert (event.text, event.confirmed) == ("going", False)
        assert event.id == scene.sandbox.chats[chat_id].threads[-1].events[-1]["id"]


# Chats that are not as thought. What is done to the sandbox's state is pushed to nobody.


@story
async def test_an_inactive_chat_is_resumed_with_the_message(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        await sdk.deactivate_chat(id=chat_id)
        for text in ("one", "two"):
            await sdk.outbox.send_event(chat_id, lc.Message(text))
        assert [len(thread.events) for thread in scene.sandbox.chats[chat_id].threads][1:] == [2]
        assert scene.asked("resume_chat") == 1


@story
async def test_a_chat_that_was_closed_unseen_is_read_and_resumed(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.chats[chat_id].threads[-1].active = False
        await sdk.outbox.send_event(chat_id, lc.Message("one"))
        assert scene.texts(chat_id) == ["one"]
        assert [scene.asked(action) for action in ("send_event", "resume_chat")] == [1, 1]


@story
async def test_a_chat_that_was_opened_unseen_is_read_and_written_to(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        await sdk.deactivate_chat(id=chat_id)
        scene.sandbox.chats[chat_id].threads[-1].active = True
        await sdk.outbox.send_event(chat_id, lc.Message("one"))
        assert scene.texts(chat_id) == ["one"]
        assert [scene.asked(action) for action in ("send_event", "resume_chat")] == [1, 1]


@story
async def test_a_chat_that_was_started_elsewhere_unseen_is_found(scene: Scene) -> None:
    async with scene.phone() as sdk:
        scene.sandbox.plant_history(
            [{"id": "T1", "created_at": "2024-01-01T00:00:00Z"}], customer_id=scene.customer_id
        )
        handle = sdk.outbox.send_event(None, lc.Message("one"))
        await handle
        (chat_id,) = scene.sandbox.chats
        assert handle.chat_id == chat_id
        assert scene.texts(chat_id) == ["one"]
        assert [scene.asked(action) for action in ("start_chat", "resume_chat")] == [1, 1]


@story
async def test_a_chat_known_from_the_login_is_written_to(scene: Scene) -> None:
    async with scene.phone(name="tablet") as tablet:
        chat_id = await scene.begun(tablet)
        async with scene.phone(auto_connect=False) as sdk:
            handle = sdk.outbox.send_event(None, lc.Message("one"))
            assert handle.chat_id.startswith("local:")
            mark = sdk.outbox.mark_events_as_seen(handle.chat_id, "2039-01-01T00:00:00Z")
            await sdk.connect()
            await handle
            assert isinstance(await mark, lc.Success)
            assert handle.chat_id == mark.chat_id == chat_id
        assert scene.texts(chat_id) == ["one"]
        assert scene.asked("start_chat") == 1


@story
async def test_what_was_queued_for_no_chat_in_particular_keeps_its_place(scene: Scene) -> None:
    async with scene.phone(name="tablet") as tablet:
        chat_id = await scene.begun(tablet)
        async with scene.phone(auto_connect=False) as sdk:
            texts = [("1", None), ("2", chat_id), ("3", None), ("4", chat_id)]
            handles = [sdk.outbox.send_event(to, lc.Message(text)) for text, to in texts]
            await sdk.connect()
            for handle in handles:
                await handle
        assert scene.texts(chat_id) == ["1", "2", "3", "4"]


@story
async def test_a_chat_the_customer_does_not_have_is_the_server_s_to_refuse(scene: Scene) -> None:
    async with scene.phone() as sdk:
        handle = sdk.outbox.send_event("NOBODYS000", lc.Message("one"))
        with pytest.raises(NotFoundError):
            await handle


@story
async def test_a_chat_that_goes_back_and_forth_is_not_hammered(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="chat_inactive", count=4)
        began = virtual_time.wall_clock()
        await sdk.outbox.send_event(chat_id, lc.Message("one"))
        # The first time it is put right at once; then the pauses grow.
        assert virtual_time.wall_clock() - began >= (300_000 + 600_000 + 1_200_000) * 7 // 10
        assert scene.texts(chat_id) == ["one"]


@story
async def test_with_nobody_online_it_goes_all_the_same(scene: Scene) -> None:
    scene.sandbox.set_availability(0, "offline")
    async with scene.phone() as sdk:
        handle = sdk.outbox.send_event(None, lc.Message("one"))
        await handle
        assert scene.texts(handle.chat_id) == ["one"]


@story
async def test_or_waits_visibly_until_somebody_is(scene: Scene) -> None:
    scene.sandbox.set_availability(0, "offline")
    async with scene.phone() as sdk:
        handle = sdk.outbox.send_event(None, lc.Message("one"), continuous=False)
        await until(sdk.outbox, lambda _: handle.state == "waiting")
        assert handle.error is not None
        assert handle.error.code == "GROUPS_OFFLINE"
        began = virtual_time.wall_clock()
        scene.sandbox.set_availability(0, "online")
        await handle
        # Not when the back-off is over: at once.
        assert virtual_time.wall_clock() - began < 100_000
        assert scene.texts(handle.chat_id) == ["one"]


# Seen marks.


@pytest.mark.shows("method outbox.mark_events_as_seen", by="sandbox")
@story
async def test_seen_marks_set_offline_go_before_the_messages(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "read me")
        chat = await until(sdk.chat(chat_id), lambda it: it is not None and it.unread == 1)
        assert chat is not None
        assert chat.last_event is not None
        await sdk.disconnect()
        message = sdk.outbox.send_event(chat_id, lc.Message("an answer"))
        mark = sdk.outbox.mark_events_as_seen(chat_id, chat.last_event.created_at)
        await mark.queued
        await sdk.connect()
        await message
        assert isinstance(await mark, lc.Success)
        order = [received.action for received in scene.sandbox.received]
        assert order.index("mark_events_as_seen") < order.index("send_event")


@story
async def test_a_seen_mark_that_says_nothing_new_is_dropped(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "one", "two")
        await until(sdk.chat(chat_id), lambda it: it is not None and it.unread == 2)
        first, second = [e for e in scene.sandbox.chats[chat_id].threads[-1].events if "text" in e]
        await sdk.mark_events_as_seen(chat_id=chat_id, seen_up_to=second["created_at"])
        await until(sdk.chat(chat_id), lambda it: it is not None and it.unread == 0)

        handle = sdk.outbox.mark_events_as_seen(chat_id, first["created_at"])

        assert isinstance(await handle, lc.Success)
        await delivered(sdk)
        assert scene.asked("mark_events_as_seen") == 1
        assert parse_us(first["created_at"]) < parse_us(second["created_at"])


# The log, and other ends.


@story
async def test_what_the_log_does_not_take_is_not_sent(scene: Scene) -> None:
    full = False

    async def before_commit() -> None:
        if full:
            raise LogFullError("The disk is full. Free some space.")

    log = MemoryLog(clock=virtual_time.wall_clock, before_commit=before_commit)
    async with lc.init(**scene.device().options() | {"log": log}) as sdk:
        await sdk.connect()
        await synced(sdk)
        chat_id = await scene.begun(sdk)
        full = True
        lost = sdk.outbox.send_event(chat_id, lc.Message("lost"))
        with pytest.raises(LogFullError):
            await lost.queued
        with pytest.raises(LogFullError):
            await lost
        again = sdk.outbox.send_event(chat_id, lc.Message("still lost"))
        with pytest.raises(LogFullError):
            await again.queued
        full = False
        await sdk.connect()
        await sdk.outbox.send_event(chat_id, lc.Message("kept"))
        assert scene.texts(chat_id) == ["kept"]
        assert await history(sdk, chat_id) == ["kept"]
    await log.aclose()


@story
async def test_an_attempt_that_a_failure_of_the_log_cut_short_is_made_once(scene: Scene) -> None:
    full = False

    async def before_commit() -> None:
        if full:
            raise LogFullError("The disk is full. Free some space.")

    log = MemoryLog(clock=virtual_time.wall_clock, before_commit=before_commit)
    async with lc.init(**scene.device().options() | {"log": log}) as sdk:
        await sdk.connect()
        await synced(sdk)
        chat_id = await scene.begun(sdk)
        silence = scene.sandbox.fault("half_open", action="send_event")
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))
        await scene.sandbox.wait_until(lambda: silence.fired)
        full = True
        with pytest.raises(LogFullError):
            await sdk.outbox.send_event(chat_id, lc.Message("too much")).queued
        await until(sdk.connection, lambda state: state.status == "paused")
        full = False
        await sdk.connect()
        assert isinstance(await handle, lc.Message)
        assert scene.texts(chat_id) == ["one"]
    await log.aclose()


@story
async def test_while_the_log_is_broken_nothing_is_searched_for_in_a_hurry(scene: Scene) -> None:
    full = False

    async def before_commit() -> None:
        if full:
            raise LogFullError("The disk is full. Free some space.")

    log = MemoryLog(clock=virtual_time.wall_clock, before_commit=before_commit)
    async with lc.init(**scene.device().options() | {"log": log}) as sdk:
        await sdk.connect()
        await synced(sdk)
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("cut", action="send_event")
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))
        await until(sdk.outbox, lambda _: handle.state == "unknown")
        await sdk.connect()
        await synced(sdk)
        full = True
        with pytest.raises(LogFullError):
            await sdk.outbox.send_event(chat_id, lc.Message("too much")).queued
        await asyncio.sleep(60)  # a minute in which the end of the connection stays unrecorded
        assert handle.state == "unknown"
        full = False
        await sdk.connect()
        await handle
        assert scene.texts(chat_id) == ["one"]
    await log.aclose()


@story
async def test_direct_sends_and_sneak_peeks_live_beside_it(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        sdk.set_sneak_peek(chat_id=chat_id, sneak_peek_text="I am ty")
        await scene.sandbox.wait_until(lambda: scene.asked("send_sneak_peek"))
        sdk.set_sneak_peek(chat_id=chat_id, sneak_peek_text="I am typing")
        queued = sdk.outbox.send_event(chat_id, lc.Message("queued"))
        await sdk.send_event(chat_id=chat_id, event=lc.Message("direct"))
        await queued
        assert sorted(scene.texts(chat_id)) == ["direct", "queued"]
        # What waited of the sneak peeks was the message itself.
        assert scene.asked("send_sneak_peek") == 1


LIMITS: list[tuple[str, Any]] = [
    ("no limits", None),
    ("no count", OutboxLimits(max_entries=0)),
    ("a flag", OutboxLimits(max_entries=True)),
    ("no wait", OutboxLimits(in_doubt_wait=0)),
    ("no age", OutboxLimits(max_age=-1.0)),
    ("seconds", 20.0),
]


@pytest.mark.parametrize("value", [row[1] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_wrong_limits_are_refused(value: Any) -> None:
    with pytest.raises(lc.ConfigError, match="outbox must be"):
        lc.init(organization_id="o", client_id="c", outbox=value)
    with pytest.raises(lc.ConfigError, match="in_doubt must be"):
        lc.init(organization_id="o", client_id="c", in_doubt="drop")


def test_the_views_of_a_replay_send_nothing() -> None:
    view: Callable[..., object] = lc.replay(":memory:").outbox.send_event
    with pytest.raises(NoConnectionError):
        view(None, lc.Message("x"))
