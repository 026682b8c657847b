"""What the outbox is told between two commits, or when it has ended: nothing hangs, nothing that
was given up is sent, nothing is taken for sent that is not."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from front_kit import until
from story_kit import Scene, offline, story, synced

import livechat_customer as lc
from livechat_customer.errors import (
    EntryCancelledError,
    InvalidArgumentError,
    LogFullError,
    OutcomeUnknownError,
    SDKDestroyedError,
    ServerError,
)
from livechat_customer.projections.changes import Change, applied
from livechat_customer.records import Record
from livechat_customer.sandbox.limits import Limits
from livechat_customer.store.memory import Memory, MemoryLog
from livechat_customer.testing import virtual_time
from livechat_customer.testing.memory import MemorySandbox


class Disk:
    """Under a log: slow, or full."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.free.set()
        self.full = False

    async def commit(self) -> None:
        for _ in range(5):  # so that a test can still stop it
            await asyncio.sleep(0)
        await self.free.wait()
        if self.full:
            raise LogFullError("The disk is full. Free some space.")

    @asynccontextmanager
    async def phone(self, scene: Scene, **options: Any) -> AsyncGenerator[lc.CustomerSDK]:
        log = MemoryLog(clock=virtual_time.wall_clock, before_commit=self.commit)
        async with lc.init(**scene.device().options() | {"log": log} | options) as sdk:
            await sdk.connect()
            await synced(sdk)
            yield sdk
        await log.aclose()


async def turns() -> None:
    """Whatever can go on without time passing does."""
    for _ in range(500):
        await asyncio.sleep(0)


async def soon(handle: lc.Handle[Any]) -> Any:
    async with asyncio.timeout(600):
        return await handle


@pytest.mark.parametrize("again", [False, True])
@story
async def test_what_is_cancelled_during_a_commit_is_not_sent(scene: Scene, again: bool) -> None:
    disk = Disk()
    async with disk.phone(scene) as sdk:
        chat_id = await scene.begun(sdk)
        answer = scene.sandbox.fault("delay", action="send_event")
        scene.sandbox.fault("lost_push", action="incoming_event")
        first, second, third = [sdk.outbox.send_event(chat_id, lc.Message(t)) for t in "123"]
        await third.queued
        await scene.sandbox.wait_until(lambda: answer.fired)
        disk.free.clear()
        answer.release()
        await turns()  # the answer to the first is being written down
        assert second.cancel()
        if again:
            assert not second.cancel()
            assert not second.retry()
        disk.free.set()

        with pytest.raises(EntryCancelledError):
            await soon(second)
        await soon(first)
        await soon(third)
        assert scene.texts(chat_id) == ["1", "3"]


@story
async def test_an_attempt_that_is_being_written_down_is_on_its_way(scene: Scene) -> None:
    disk = Disk()
    async with disk.phone(scene) as sdk:
        chat_id = await scene.begun(sdk)
        first, second = [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in "12"]
        for _ in range(10_000):
            if first.state == "sent":
                break
            await asyncio.sleep(0)
        disk.free.clear()
        await turns()  # and the second one's attempt waits for the disk
        assert (second.state, scene.asked("send_event")) == ("queued", 1)
        assert not second.cancel()
        assert not second.retry()
        disk.free.set()

        assert (await soon(second)).text == "2"


@story
async def test_a_cancellation_that_was_not_written_down_does_not_count(scene: Scene) -> None:
    disk = Disk()
    async with disk.phone(scene) as sdk:
        chat_id = await scene.begun(sdk)
        await sdk.disconnect()
        handle = sdk.outbox.send_event(chat_id, lc.Message("1"))
        await handle.queued
        disk.full = True
        assert handle.cancel()
        await turns()
        disk.full = False
        await sdk.connect()

        assert (await soon(handle)).text == "1"


@story
async def test_what_was_not_written_down_has_failed_for_good(scene: Scene) -> None:
    disk = Disk()
    async with disk.phone(scene) as sdk:
        disk.full = True
        handle = sdk.outbox.send_event(None, lc.Message("1"))
        assert handle.state == "queued"
        with pytest.raises(LogFullError):
            await soon(handle)

        assert handle.state == "failed"
        assert isinstance(handle.error, LogFullError)
        assert not handle.retry()
        assert not handle.cancel()


@story
async def test_a_retry_that_was_not_written_down_leaves_it_failed(scene: Scene) -> None:
    disk = Disk()
    async with disk.phone(scene) as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="validation")
        handle = sdk.outbox.send_event(chat_id, lc.Message("1"))
        with pytest.raises(ServerError):
            await soon(handle)
        disk.full = True
        assert handle.retry()
        await offline(sdk)
        disk.full = False

        assert handle.state == "failed"
        with pytest.raises(ServerError):
            await soon(handle)
        await sdk.connect()
        assert handle.retry()
        assert (await soon(handle)).text == "1"


@story
async def test_what_was_deleted_before_it_was_shown_is_delivered_all_the_same(
    scene: Scene,
) -> None:
    disk = Disk()
    async with disk.phone(scene) as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("lost_push", action="incoming_event")
        handle = sdk.outbox.send_event(chat_id, lc.Message("1"))
        await until(sdk.outbox, lambda _: handle.state == "sent")
        disk.full = True  # nobody waits for the push any more
        with pytest.raises(LogFullError):
            await sdk.outbox.send_event(chat_id, lc.Message("2")).queued
        await offline(sdk)
        scene.sandbox.chats[chat_id].threads[-1].events.clear()
        disk.full = False
        await sdk.connect()

        event = await soon(handle)

        assert (event.text, event.confirmed) == ("1", False)


@story
async def test_a_seen_mark_holds_up_no_chat_that_is_not_started(scene: Scene) -> None:
    async with scene.phone(auto_connect=False) as sdk:
        message = sdk.outbox.send_event(None, lc.Message("1"))
        mark = sdk.outbox.mark_events_as_seen(message.chat_id, "2039-01-01T00:00:00Z")
        await sdk.connect()

        assert isinstance(await soon(mark), lc.Success)
        assert (await soon(message)).text == "1"
        assert scene.asked("mark_events_as_seen") == 0


@story
async def test_a_handle_that_is_made_after_the_end_says_so(scene: Scene) -> None:
    async with scene.phone(auto_connect=False) as sdk:
        custom_id = sdk.outbox.send_event(None, lc.Message("1")).custom_id
        await until(sdk.outbox, lambda entries: len(entries) == 1)
        await sdk.destroy()
        gc.collect()

        handle = sdk.outbox.handle(custom_id)

        await handle.queued
        with pytest.raises(SDKDestroyedError):
            await soon(handle)


@story
async def test_nobody_need_await_that_it_is_queued(scene: Scene) -> None:
    said: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    disk = Disk()
    async with disk.phone(scene) as sdk:
        disk.full = True
        handle = sdk.outbox.send_event(None, lc.Message("1"))
        queued = handle.queued
        await turns()
        del handle, queued
        gc.collect()
        await turns()
    assert not said


@pytest.mark.parametrize("action", ["send_event", "start_chat", "resume_chat"])
@story
async def test_a_custom_id_of_a_direct_send_in_doubt_is_used(scene: Scene, action: str) -> None:
    async with scene.phone() as sdk:
        message = lc.Message("direct", custom_id="mine-1")
        chat: dict[str, Any] = {"thread": {"events": [message]}}
        scene.sandbox.fault("cut", action=action)
        sending: Coroutine[Any, Any, object]
        if action == "start_chat":
            sending = sdk.start_chat(chat=chat, continuous=True)
        else:
            chat_id = await scene.begun(sdk)
            if action == "resume_chat":
                await sdk.deactivate_chat(id=chat_id)
                sending = sdk.resume_chat(chat={"id": chat_id, **chat}, continuous=True)
            else:
                sending = sdk.send_event(chat_id=chat_id, event=message)
        with pytest.raises(OutcomeUnknownError):
            await sending

        with pytest.raises(InvalidArgumentError):
            sdk.outbox.send_event(None, lc.Message("queued", custom_id="mine-1"))


@story
async def test_what_can_not_be_written_is_not_tried_again_at_once(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        attempts: list[Record] = []

        def note(record: Record) -> None:
            if record.action == "outbox_attempted":
                attempts.append(record)

        with sdk.records.subscribe(note):
            slow = scene.sandbox.fault("delay", action="get_customer", count=None)
            others = [asyncio.create_task(sdk.request("get_customer")) for _ in range(1_100)]
            await turns()
            handle = sdk.outbox.send_event(chat_id, lc.Message("1"))
            await handle.queued
            await turns()
            assert len(attempts) == 1
            scene.sandbox.remove_fault(slow.id)
            slow.release()
            assert (await soon(handle)).text == "1"
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)


@story
async def test_what_is_queued_while_another_customer_takes_over_hears_of_it(scene: Scene) -> None:
    memory = Memory()
    async with scene.phone(memory):
        pass  # the log is theirs
    another = scene.sandbox.device("another", identity=scene.sandbox.identity()).options()
    profile = scene.device().options()["profile"]
    log = MemoryLog(clock=virtual_time.wall_clock, memory=memory)
    options = {"log": log, "auto_connect": False, "profile": profile}
    async with lc.init(**another | options) as sdk:
        connecting = asyncio.create_task(sdk.connect())
        handles: list[lc.Handle[Any]] = []
        while not connecting.done():
            handles.append(sdk.outbox.send_event(None, lc.Message(str(len(handles)))))
            await asyncio.sleep(0)
        await connecting
        outcomes = [await outcome(handle) for handle in handles]
    await log.aclose()

    # Queued for the one before, not taken in between, sent for the new one.
    assert list(dict.fromkeys(outcomes)) == ["IDENTITY_CHANGED", "STREAM_REPLACED", "sent"]
    assert outcomes == sorted(outcomes)
    (chat_id,) = scene.sandbox.chats
    sent = [str(number) for number, it in enumerate(outcomes) if it == "sent"]
    assert scene.texts(chat_id) == sent


@pytest.mark.parametrize("fault", ["cut", "error", "lost_answer"])
@story
async def test_what_is_written_shows_in_no_log(
    scene: Scene, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk()
    with caplog.at_level(logging.DEBUG):
        async with disk.phone(scene) as sdk:
            chat_id = await scene.begun(sdk)
            scene.sandbox.fault(fault, action="send_event", error="validation")
            handles = [sdk.outbox.send_event(chat_id, lc.Message("SECRET")) for _ in range(3)]
            await until(sdk.outbox, lambda _: handles[0].state not in ("queued", "sending"))
            disk.full = True
            handles.append(sdk.outbox.send_event(chat_id, lc.Message("SECRET")))
            with pytest.raises(LogFullError):
                await handles[-1].queued
    shown = [f"{handle!r} {handle.error}" for handle in handles]

    assert handles[0].state in ("failed", "unknown", "sent")
    assert "SECRET" not in caplog.text + "".join(shown)


# What waits for what.


@story
async def test_what_was_queued_before_the_chat_was_known_goes_first_though_in_doubt(
    scene: Scene,
) -> None:
    async with scene.phone() as sdk, scene.phone(name="tablet") as tablet:
        scene.sandbox.fault("cut", action="start_chat", count=1)
        first = sdk.outbox.send_event(None, lc.Message("1"))
        await until(sdk.outbox, lambda _: first.state == "unknown")
        chat_id = await scene.begun(tablet)
        await sdk.connect()
        await until(sdk.chat(chat_id), lambda chat: chat is not None and chat.active)
        second = sdk.outbox.send_event(chat_id, lc.Message("2"))

        await soon(second)

        assert (await soon(first)).text == "1"
        assert scene.texts(chat_id) == ["1", "2"]
        assert first.chat_id == chat_id


@pytest.mark.parametrize("error", ["service_unavailable", "groups_offline"])
@story
async def test_a_retry_does_not_wait_for_the_back_off(scene: Scene, error: str) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        fault = scene.sandbox.fault("error", action="send_event", error=error, count=6)
        handle = sdk.outbox.send_event(chat_id, lc.Message("1"))
        await until(sdk.outbox, lambda _: fault.fired == 6 and handle.error is not None, 600)
        began = virtual_time.wall_clock()

        # One that waits is queued anew, one that is queued need only be hurried.
        assert handle.retry() == (error == "groups_offline")
        await soon(handle)

        assert virtual_time.wall_clock() - began < 1_000_000


@story
async def test_a_retry_searches_at_once(scene: Scene) -> None:
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="internal")
        refusal = scene.sandbox.fault("error", action="get_chat", error="not_allowed", count=None)
        handle = sdk.outbox.send_event(chat_id, lc.Message("1"))
        await scene.sandbox.wait_until(lambda: refusal.fired == 3, 600)
        await turns()
        assert handle.state == "unknown"
        scene.sandbox.remove_fault(refusal.id)
        began = virtual_time.wall_clock()

        assert handle.retry()
        await soon(handle)

        assert virtual_time.wall_clock() - began < 1_000_000
        assert scene.texts(chat_id) == ["1"]


def test_a_chat_in_doubt_delays_no_other() -> None:
    async def tell() -> None:
        async with MemorySandbox(limits=Limits(chats_per_customer=2)) as sandbox:
            scene = Scene(sandbox)
            async with scene.phone() as sdk:
                one, another = [await scene.begun(sdk), await scene.begun(sdk)]
                sandbox.fault("error", action="send_event", error="internal")
                first = sdk.outbox.send_event(one, lc.Message("1"))
                await until(sdk.outbox, lambda _: first.state == "unknown")
                sandbox.fault("error", action="send_event", error="too_many_requests")
                began = virtual_time.wall_clock()
                second = sdk.outbox.send_event(another, lc.Message("2"))

                # A pause of 0.3 s, not the 20 of the other one.
                await soon(second)
                assert virtual_time.wall_clock() - began < 10_000_000
                assert first.state == "unknown"
                await soon(first)

    virtual_time.run(tell())


@story
async def test_its_changes_give_the_list(scene: Scene) -> None:
    async with scene.phone(auto_connect=False) as sdk:
        shown: list[lc.OutboxEntry] = []
        seen: list[list[tuple[str, str]]] = []

        def take(batch: Sequence[Change[lc.OutboxEntry]]) -> None:
            shown[:] = applied(shown, batch)
            seen.append([(entry.custom_id, entry.state) for entry in shown])
            assert tuple(shown) == tuple(sdk.outbox.value)

        with sdk.outbox.changes.subscribe(take):
            handles = [sdk.outbox.send_event(None, lc.Message(text)) for text in "123"]
            await handles[-1].queued
            assert handles[1].cancel()
            scene.sandbox.fault("error", action="send_event", error="validation")
            await sdk.connect()
            await until(sdk.outbox, lambda _: handles[2].state == "failed")
            assert handles[2].retry()
            await soon(handles[2])
            await until(sdk.outbox, lambda entries: not entries)

        first, second, third = [handle.custom_id for handle in handles]
        assert [(first, "queued"), (second, "queued"), (third, "queued")] in seen
        assert [(first, "queued"), (third, "queued")] in seen
        assert [(third, "failed")] in seen
        assert seen[-1] == []


async def outcome(handle: lc.Handle[Any]) -> str:
    try:
        await soon(handle)
    except lc.CustomerSDKError as error:
        return error.code
    return handle.state
