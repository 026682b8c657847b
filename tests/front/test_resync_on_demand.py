"""What is asked when somebody wants it, or when a push seems to be missing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from front_kit import settled, until
from resync_kit import Scene, client, in_virtual_time, next_event, scene

import livechat_customer as lc
from livechat_customer.resync.refetch import PAUSE
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.limits import Limits
from livechat_customer.testing.memory import MemorySandbox


def edit(it: Scene, thread_id: str, text: str) -> None:
    """Somebody changes the first message of a thread, which pushes tell connected customers."""
    event = {"type": "message", "text": text}
    it.jane.update_event(it.chat_id, thread_id, f"{thread_id}_1", event)


async def text_of(it: Scene, thread_id: str) -> str:
    view = it.sdk.thread(it.chat_id, thread_id)
    await view.ready()
    assert view.value is not None
    return str(getattr(view.value[0], "text", ""))


@pytest.mark.shows("method resync", by="sandbox")
@pytest.mark.shows("event resynced", by="sandbox")
@in_virtual_time
async def test_deep_reads_every_known_thread_again() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, lambda it: it.whole_threads(40)) as it:
        old = it.truth[3]
        await it.away()
        edit(it, old, "changed long after")
        vanished = sandbox.chats[it.chat_id].threads.pop(7)
        assert (await it.back()).calls == 1
        assert await text_of(it, old) == "2 a", "an old thread is as of when it was read"
        told = next_event(it.sdk, "resynced")
        report = await it.sdk.resync(deep=True)
        assert await told == report == it.sdk.sync.value.report
        assert (report.why, report.verdict, report.updated) == ("deep", "complete", 1)
        assert report.calls <= 1 + 2 + 1
        assert await text_of(it, old) == "changed long after"
        assert it.sdk.thread(it.chat_id, vanished.id).value is None
        assert await it.events() == it.known


@in_virtual_time
async def test_an_app_may_ask_at_any_time_also_while_it_is_being_asked() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        sandbox.received.clear()
        reports = await asyncio.gather(*(it.sdk.resync() for _ in range(3)))
        assert [report.why for report in reports] == ["resync"] * 3
        assert it.asked() == ["get_chat"] * 3
        held = sandbox.fault("delay", action="get_chat")
        asking = asyncio.create_task(it.sdk.resync())
        await sandbox.wait_until(lambda: held.fired)
        assert it.sdk.sync.value.status == "running"
        sandbox.disconnect(it.me)
        assert (await asking).verdict == "interrupted"


@pytest.mark.shows("method history.refresh", by="sandbox")
@in_virtual_time
async def test_refresh_reads_one_chat_again() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, lambda it: it.whole_threads(3)) as it:
        old = it.truth[1]
        await it.away()
        edit(it, old, "changed long after")
        await it.back()
        history = it.sdk.history(it.chat_id)
        report = await history.refresh()
        assert (report.why, report.updated, report.verdict) == ("refresh", 1, "complete")
        assert await text_of(it, old) == "changed long after"
        await it.away()
        with pytest.raises(lc.NoConnectionError):
            await history.refresh()


@pytest.mark.shows("method history.fill", by="sandbox")
@pytest.mark.parametrize("between", [1, 3, 4, 60])
@in_virtual_time
async def test_a_gap_is_filled_wherever_it_is(between: int) -> None:
    """An old thread is read by itself; what lies between stays a gap until it is wanted."""
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        it.whole_threads(between + 2)
        await asyncio.sleep(2 * PAUSE)
        other = sandbox.device("other", identity=sandbox.device().identity)
        async with client(other) as second:
            await settled(second)
            await second.get_chat(chat_id=it.chat_id, thread_id=it.first)
            history = second.history(it.chat_id)
            await history.ready()
            assert history.value is not None
            (gap,) = history.value.gaps
            assert (gap.after, gap.before) == (it.first, it.truth[-1])
            # It is no part of an absence.
            sandbox.received.clear()
            assert (await second.resync()).verdict == "complete"
            assert it.asked() == ["get_chat"]
            assert await history.fill(gap)
            assert await it.events(second) == it.known
            sandbox.received.clear()
            assert await history.fill(gap), "it is filled already"
            assert it.asked() == []


@in_virtual_time
async def test_a_gap_of_more_than_a_hundred_threads_is_filled_in_steps() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        it.whole_threads(150)
        await it.sdk.request("ping")
        other = sandbox.device("other", identity=sandbox.device().identity)
        async with client(other) as second:
            await settled(second)
            await second.list_threads(chat_id=it.chat_id, sort_order="asc", limit=1)
            history = second.history(it.chat_id)
            await history.ready()
            assert history.value is not None
            steps = 0
            while history.value.gaps:
                filled = await history.fill(history.value.gaps[0])
                steps += 1
                assert filled == (history.value.gaps == ())
                assert steps < 5
            assert steps == 2
            assert await it.events(second) == it.known


@in_virtual_time
async def test_who_asks_to_fill_what_is_no_gap_is_told() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        history = it.sdk.history(it.chat_id)
        with pytest.raises(lc.InvalidArgumentError, match="gap"):
            await history.fill(lc.Gap(after="NOWHERE", before=it.first))
        with pytest.raises(lc.InvalidArgumentError, match="gap"):
            await history.fill("the first")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(lc.InvalidArgumentError, match="chat_id"):
            await it.sdk.history("local:x").refresh()
        await it.away()
        with pytest.raises(lc.NoConnectionError):
            await history.fill(lc.Gap(after="NOWHERE", before=it.first))


@in_virtual_time
async def test_what_an_older_thread_says_does_not_pass_for_the_newest() -> None:
    """The app reads a thread before the resync has heard which one is the newest now."""
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.whole_threads(1)
        held = sandbox.fault("delay", action="get_chat", count=1)
        await it.sdk.connect()
        await sandbox.wait_until(lambda: held.fired)
        history, chat = it.sdk.history(it.chat_id), it.sdk.chat(it.chat_id)
        await it.sdk.get_chat(chat_id=it.chat_id, thread_id=it.first)
        assert history.value is not None
        assert chat.value is not None
        assert (history.value.from_log, chat.value.from_log) == (True, True)
        held.release()
        await settled(it.sdk)
        assert (history.value.from_log, chat.value.from_log) == (False, False)


async def chain(it: Scene, back_to: str | None) -> bool:
    resyncs = it.sdk._engine.resyncs  # pyright: ignore[reportPrivateUsage]
    return await resyncs.chain(it.chat_id, back_to)


@in_virtual_time
async def test_a_chain_is_read_anew_down_to_the_thread_that_is_named() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, lambda it: it.whole_threads(2)) as it:
        newest = it.truth[-1]
        for back_to, calls in ((newest, 1), (it.truth[-2], 2), (it.first, 3), (None, 3)):
            sandbox.received.clear()
            assert await chain(it, back_to)
            assert it.asked() == ["get_chat"] * calls
        # A thread nobody knows: everything was read.
        assert await chain(it, "NOWHERE")
        sandbox.fault("error", action="get_chat", error="authorization")
        assert not await chain(it, newest)
        held = sandbox.fault("delay", action="get_chat")
        asking = asyncio.create_task(chain(it, newest))
        await sandbox.wait_until(lambda: held.fired)
        sandbox.disconnect(it.me)
        with pytest.raises(lc.ConnectionLostError):
            await asking


@in_virtual_time
async def test_a_chain_finds_what_came_meanwhile_and_a_chat_that_is_gone_is_read() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        sandbox.fault("lost_push", action="incoming_event")
        it.jane.send_event(it.chat_id, "unheard")
        assert await chain(it, it.first)
        assert await it.events() == it.known
        del sandbox.chats[it.chat_id]
        assert await chain(it, it.first)


@in_virtual_time
async def test_a_hole_is_worth_one_look() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        it.jane.send_event(it.chat_id, "heard")
        await it.sdk.request("ping")
        sandbox.fault("lost_push", action="incoming_event")
        sandbox.received.clear()
        it.jane.send_event(it.chat_id, "unheard")
        added = next_event(it.sdk, "event_added")
        await it.sdk.request("ping")
        assert not added.done()
        it.jane.send_event(it.chat_id, "heard again")
        history = it.sdk.history(it.chat_id)
        known = len(it.known)
        await until(history, lambda items: items is not None and len(items) == known)
        assert it.asked() == ["get_chat"]
        await it.agree()
        # The next ones follow without a hole.
        it.jane.send_event(it.chat_id, "more")
        await it.sdk.request("ping")
        await asyncio.sleep(2 * PAUSE)
        assert it.asked() == ["get_chat"]


@in_virtual_time
async def test_holes_of_what_is_for_agents_only_do_not_become_a_flood() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        it.jane.join(it.chat_id)
        await it.sdk.request("ping")
        await asyncio.sleep(2 * PAUSE)
        sandbox.received.clear()
        note: dict[str, Any] = {"type": "message", "text": "x", "recipients": "agents"}
        seconds = 60
        for _ in range(seconds):
            it.jane.send_event(it.chat_id, note)
            it.jane.send_event(it.chat_id, "for all")
            await asyncio.sleep(1)
        assert 2 <= it.asked().count("get_chat") <= seconds / PAUSE + 1
        await it.sdk.request("ping")
        await it.agree()
        assert "gap" not in await it.events()


@in_virtual_time
async def test_the_end_of_a_thread_is_read_once() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        sandbox.fault("lost_push", action="incoming_event", count=None)
        it.jane.send_event(it.chat_id, "unheard")
        sandbox.received.clear()
        it.jane.deactivate_chat(it.chat_id)
        history = it.sdk.history(it.chat_id)
        known = len(it.known)
        await until(history, lambda items: items is not None and len(items) == known)
        assert it.asked() == ["get_chat"]
        await it.agree()


@in_virtual_time
async def test_a_push_about_a_chat_nobody_showed_is_let_alone() -> None:
    async with MemorySandbox(limits=Limits(chats_per_customer=2)) as sandbox, scene(sandbox) as it:
        sandbox.received.clear()
        event = {"id": "T1_7", "type": "message", "text": "?", "created_at": "2025-01-01T00:00:00Z"}
        body = {"chat_id": "C1", "thread_id": "T1", "event": event}
        sandbox.push("incoming_event", body, it.me)
        await it.sdk.request("ping")
        await asyncio.sleep(1)
        assert it.asked() == []
        assert it.sdk.chat("C1").value is not None


async def test_in_a_replay_there_is_nobody_to_ask() -> None:
    async with Sandbox() as sandbox, scene(sandbox) as it:
        stream = it.sdk._engine.owned()  # pyright: ignore[reportPrivateUsage]
        async with lc.replay(it.sdk.log, stream=stream.info.key) as replay:
            await replay.run()
            with pytest.raises(lc.NoConnectionError):
                await replay.history(it.chat_id).refresh()


@in_virtual_time
async def test_who_does_not_wait_for_a_resync_any_more_leaves_none_running() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        held = sandbox.fault("delay", action="get_chat")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await it.sdk.resync()
        assert held.fired
        sync = await until(it.sdk.sync, lambda sync: sync.status == "idle")
        assert sync.report is not None
        assert sync.report.verdict == "interrupted"
        held.release()
        assert (await it.sdk.resync()).verdict == "complete"


@pytest.mark.parametrize("end", ["destroy", "aclose"])
@in_virtual_time
async def test_the_end_of_an_sdk_ends_its_resync(end: str) -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        held = sandbox.fault("delay", action="get_chat", count=None)
        asking = asyncio.create_task(it.sdk.resync())
        filling = asyncio.create_task(it.sdk.history(it.chat_id).refresh())
        await sandbox.wait_until(lambda: held.fired == 2)
        await getattr(it.sdk, end)()
        found = await asyncio.gather(asking, filling, return_exceptions=True)
        assert all(isinstance(one, lc.CustomerSDKError) for one in found), found
        # Whoever asks now is told that connecting again does not help.
        history = it.sdk.history(it.chat_id)
        for asked in (history.refresh(), history.fill(lc.Gap("A", "B")), it.sdk.resync()):
            with pytest.raises(lc.SDKDestroyedError):
                await asked
