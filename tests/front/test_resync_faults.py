"""Resyncs that do not come to their end, and what a server may answer them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from front_kit import settled, until
from resync_kit import HELLO, Scene, client, in_virtual_time, next_event, scene

import livechat_customer as lc
from livechat_customer.calls import Answer
from livechat_customer.models.wire.responses import ListChatsResponse
from livechat_customer.resync.asking import Asker, Errand
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.limits import Limits
from livechat_customer.testing.memory import MemorySandbox
from livechat_customer.transport.socket import Socket, open_socket


def verdict(sync: lc.SyncState) -> str | None:
    return None if sync.report is None else sync.report.verdict


def asked(it: Scene, action: str) -> int:
    return sum(one.action == action for one in it.sandbox.received)


@pytest.mark.parametrize("answers", [1, 2, 3, 4, 5, 6])
@in_virtual_time
async def test_a_drop_in_the_middle_starts_over_and_keeps_what_it_has(answers: int) -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.whole_threads(90)
        sandbox.received.clear()
        told: list[lc.ResyncReport] = []
        it.sdk.on("resynced", told.append)
        await it.sdk.connect()
        reads = {"get_chat", "list_threads"}
        await sandbox.wait_until(
            lambda: sum(one.action in reads for one in sandbox.received) >= answers
        )
        sandbox.disconnect(it.me)
        await until(it.sdk.sync, lambda sync: verdict(sync) == "interrupted")
        assert it.sdk.sync.value.status == "idle"
        assert told == [], "nothing was resynced"
        kept = set(await it.events())
        await until(it.sdk.connection, lambda now: now.status == "connected" and now.number > 2)
        report = await settled(it.sdk)
        assert report.verdict == "complete"
        assert told == [report]
        assert kept - {"gap"} <= set(await it.events())
        assert await it.events() == it.known
        await it.agree()


@pytest.mark.parametrize("answers", [1, 3, 5])
async def test_a_new_client_on_the_same_file_starts_over(answers: int, tmp_path: Path) -> None:
    """The run before ended in the middle of its resync, with the connection and without a word."""
    async with Sandbox() as sandbox:
        log = tmp_path / "a.db"
        async with scene(sandbox, log=log) as it:
            await it.away()
            it.whole_threads(12)
            sandbox.received.clear()
            reads = {"get_chat", "list_threads"}
            await it.sdk.connect()
            await sandbox.wait_until(
                lambda: sum(one.action in reads for one in sandbox.received) >= answers
            )
        async with client(sandbox, log=log) as sdk:
            assert (await settled(sdk)).verdict == "complete"
            assert await it.events(sdk) == it.known
            await it.agree(sdk)


@pytest.mark.parametrize(
    "error",
    ["too_many_requests", "pending_requests_limit_reached", "service_unavailable", "internal"],
)
@in_virtual_time
async def test_what_is_put_off_is_asked_again_with_patience(error: str) -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.whole_threads(2)
        sandbox.fault("error", action="get_chat", error=error, count=4)
        loop = asyncio.get_running_loop()
        began = loop.time()
        report = await it.back()
        # 300, 600, 1200 and 2400 ms.
        assert 4.5 <= loop.time() - began < 6
        assert report.verdict == "complete"
        assert report.calls == 4 + 3
        await it.agree()


@in_virtual_time
async def test_what_is_refused_for_good_is_told_and_the_rest_is_asked_all_the_same() -> None:
    limits = Limits(chats_per_customer=3)
    async with MemorySandbox(limits=limits) as sandbox, scene(sandbox) as it:
        for _ in range(2):
            await it.sdk.start_chat(chat=HELLO, continuous=True)
        await it.away()
        sandbox.fault("error", action="get_chat", error="authorization", count=1)
        report = await it.back()
        assert report.verdict == "gaps"
        assert [end.why for end in report.unresolved] == ["refused"]
        assert asked(it, "get_chat") == 3
        # A server that never has time ends a resync, too.
        await it.away()
        sandbox.fault("error", action="get_chat", error="too_many_requests", count=None)
        report = await it.back(seconds=100)
        assert [end.why for end in report.unresolved] == ["refused"] * 3
        assert asked(it, "get_chat") == 18


@in_virtual_time
async def test_no_flood_across_a_flapping_network() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        sandbox.received.clear()
        fault = sandbox.fault("drop", action="get_chat", count=None)
        await it.sdk.connect()
        minutes = 20
        await asyncio.sleep(60 * minutes)
        # A budget of 20 at the pace of the back-off, then one in ten seconds.
        assert 20 <= asked(it, "login") <= 20 + 6 * minutes + 2
        assert asked(it, "get_chat") <= asked(it, "login")
        sandbox.remove_fault(fault.id)
        await until(it.sdk.sync, lambda sync: verdict(sync) == "complete", seconds=60)
        await it.agree()


@in_virtual_time
async def test_pushes_keep_flowing_in_meanwhile() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.whole_threads(3)
        held = sandbox.fault("delay", action="get_chat")
        await it.sdk.connect()
        await sandbox.wait_until(lambda: held.fired)
        it.open_thread("now", "and now")
        view = it.sdk.chat(it.chat_id)
        await until(view, lambda chat: chat is not None and chat.active)
        assert it.sdk.sync.value.status == "running"
        held.release()
        assert (await settled(it.sdk)).verdict == "complete"
        assert await it.events() == it.known
        await it.agree()


@in_virtual_time
async def test_many_chats_are_listed_first_then_each_is_asked_for_the_active_one_first() -> None:
    async with MemorySandbox(limits=Limits(chats_per_customer=8)) as sandbox, scene(sandbox) as it:
        chats = [it.chat_id]
        for _ in range(6):
            started = await it.sdk.start_chat(chat=HELLO, continuous=True)
            chats.append(started.id)
        active = chats[2]
        for chat_id in chats:
            if chat_id != active:
                it.jane.deactivate_chat(chat_id)
        await it.away()
        it.jane.send_event(active, "still there?")
        report = await it.back()
        assert it.asked()[0] == "list_chats"
        gets = [one.payload for one in it.sandbox.received if one.action == "get_chat"]
        assert gets[0] == {"chat_id": active}
        newest_first = [active, *(each for each in reversed(chats) if each != active)]
        assert [one["chat_id"] for one in gets] == newest_first
        assert (report.chats, report.verdict) == (7, "complete")
        await it.agree()


@in_virtual_time
async def test_requests_of_a_resync_leave_room_for_the_apps_own() -> None:
    async with MemorySandbox(limits=Limits(chats_per_customer=9)) as sandbox, scene(sandbox) as it:
        for _ in range(8):
            await it.sdk.start_chat(chat=HELLO, continuous=True)
        await it.away()
        held = sandbox.fault("delay", action="get_chat", count=None)
        sandbox.received.clear()
        await it.sdk.connect()
        await sandbox.wait_until(lambda: held.fired)
        assert (await it.sdk.get_customer()).id == it.me
        assert asked(it, "get_chat") <= 4
        sandbox.remove_fault(held.id)
        assert (await settled(it.sdk)).verdict == "complete"
        await it.agree()


@in_virtual_time
async def test_a_partial_answer_is_asked_for_once_more_and_two_witnesses_agree() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        it.jane.send_event(it.chat_id, "will vanish")
        await it.sdk.request("ping")
        await it.away()
        thread = sandbox.chats[it.chat_id].threads[-1]
        kept = list(thread.events)
        del thread.events[1]
        report = await it.back()
        assert it.asked() == ["get_chat", "get_chat"]
        assert (report.verdict, report.updated) == ("complete", 1)
        assert await it.events() == it.known
        await it.agree()
        # It comes back when it is seen again.
        await it.away()
        thread.events[:] = kept
        report = await it.back()
        assert report.updated == 1
        assert await it.events() == it.known
        await it.agree()


@in_virtual_time
async def test_a_partial_answer_that_was_an_accident_costs_nothing_but_the_second_look() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        it.jane.send_event(it.chat_id, "stays")
        await it.sdk.request("ping")
        await it.away()
        thread = sandbox.chats[it.chat_id].threads[-1]
        vanished = thread.events.pop(1)
        held = sandbox.fault("delay", action="get_chat")
        await it.sdk.connect()
        await sandbox.wait_until(lambda: held.fired)
        thread.events.insert(1, vanished)
        held.release()
        report = await settled(it.sdk)
        assert (report.verdict, report.updated) == ("complete", 0)
        assert await it.events() == it.known


async def small_socket(url: str, headers: Mapping[str, str]) -> Socket:
    return await open_socket(url, headers, max_size=60_000)


def stuffed(it: Scene) -> None:
    for _ in range(5):
        it.jane.send_event(it.chat_id, "x" * 16_000)


async def impatient(sdk: lc.CustomerSDK) -> lc.ResyncReport:
    """The next report, with a connection made at once wherever it is lost."""
    told = next_event(sdk, "resynced")
    while not told.done():
        await sdk.connect()
        lost = asyncio.ensure_future(
            until(sdk.connection, lambda now: now.status != "connected", seconds=20)
        )
        await asyncio.wait([told, lost], return_when=asyncio.FIRST_COMPLETED)
        lost.cancel()
        await asyncio.wait([lost])
    report: lc.ResyncReport = told.result()
    return report


async def test_what_is_too_large_is_told_and_not_asked_for_again() -> None:
    """The newest thread is larger than a frame may be: the connection is ended with 1009."""
    async with Sandbox() as sandbox, scene(sandbox, open_socket=small_socket) as it:
        await it.away()
        stuffed(it)
        sandbox.received.clear()
        report = await impatient(it.sdk)
        assert it.asked("list_chats") == ["get_chat", "get_chat"]
        assert report.unresolved == (lc.OpenEnd(it.chat_id, it.first, "too_large"),)
        assert it.sdk.connection.value.status == "connected"
        chat = it.sdk.chat(it.chat_id).value
        assert chat is not None
        assert not chat.from_log, "the summary says how it is"
        # A newer thread that is not too large is read all the same, in this run of the program.
        await it.away()
        it.whole_threads(1)
        report = await it.back()
        assert "get_chat" in it.asked()
        assert (lc.OpenEnd(it.chat_id, it.first, "too_large")) in report.unresolved
        newest = it.sdk.thread(it.chat_id, it.truth[-1])
        await newest.ready()
        assert newest.value is not None
        assert len(newest.value) == len(sandbox.chats[it.chat_id].threads[-1].events)


async def test_an_old_thread_that_is_too_large_leaves_a_gap() -> None:
    async with Sandbox() as sandbox, scene(sandbox, open_socket=small_socket) as it:
        await it.away()
        it.jane.deactivate_chat(it.chat_id)
        it.open_thread("stuffed")
        stuffed(it)
        large = it.truth[-1]
        it.jane.deactivate_chat(it.chat_id)
        it.open_thread("small")
        report = await impatient(it.sdk)
        assert set(report.unresolved) == {
            lc.OpenEnd(it.chat_id, large, "too_large"),
            lc.OpenEnd(it.chat_id, it.truth[-1], "gap"),
        }
        assert "gap" in await it.events()
        await it.agree()


async def test_what_a_newest_thread_that_is_too_large_hides_stays_told() -> None:
    """Nobody can go back from it; what is missing before it is a gap, also of the next report."""
    async with Sandbox() as sandbox, scene(sandbox, open_socket=small_socket) as it:
        await it.away()
        it.whole_threads(2)
        it.open_thread("stuffed")
        stuffed(it)
        large = it.truth[-1]
        gap = lc.OpenEnd(it.chat_id, large, "gap")
        assert gap in (await impatient(it.sdk)).unresolved
        assert (await it.events())[-1:] == ["gap"]
        await it.away()
        it.whole_threads(1)
        report = await it.back()
        assert "gap" in await it.events()
        assert (gap in report.unresolved, report.verdict) == (True, "gaps")


class Garbling:
    """A line on which answers to `get_chat` lose what makes them answers."""

    def __init__(self, inner: Socket) -> None:
        self._inner = inner
        self.send = inner.send
        self.close = inner.close

    async def recv(self) -> bytes:
        frame = msgspec.json.decode(await self._inner.recv())
        if frame.get("action") == "get_chat":
            frame["payload"].pop("id", None)
        return msgspec.json.encode(frame)


@in_virtual_time
async def test_what_can_not_be_read_twice_is_told() -> None:
    async with MemorySandbox() as sandbox:
        device, garbled = sandbox.device(), False

        async def opened(url: str, headers: Mapping[str, str]) -> Socket:
            socket = await device.open_socket(url, headers)
            return Garbling(socket) if garbled else socket

        async with scene(sandbox, open_socket=opened) as it:
            await it.away()
            garbled = True
            report = await it.back()
            assert it.asked() == ["get_chat", "get_chat", "list_chats"]
            assert report.unresolved == (lc.OpenEnd(it.chat_id, it.first, "too_large"),)


class Silent:
    """A line on which the login names no chats."""

    def __init__(self, inner: Socket) -> None:
        self._inner = inner
        self.send = inner.send
        self.close = inner.close

    async def recv(self) -> bytes:
        frame = msgspec.json.decode(await self._inner.recv())
        if frame.get("action") == "login":
            frame["payload"].pop("chats", None)
        return msgspec.json.encode(frame)


@in_virtual_time
async def test_chats_that_could_not_be_listed_are_listed_by_the_next_resync() -> None:
    async with MemorySandbox(limits=Limits(chats_per_customer=2)) as sandbox:
        device = sandbox.device()

        async def opened(url: str, headers: Mapping[str, str]) -> Socket:
            return Silent(await device.open_socket(url, headers))

        async with scene(sandbox, open_socket=opened) as it:
            await it.away()
            async with client(sandbox.device("other", identity=device.identity)) as other:
                second = await other.start_chat(chat=HELLO)
            sandbox.fault("error", action="list_chats", error="authorization", count=1)
            report = await it.back()
            assert report.unresolved == (lc.OpenEnd("", None, "refused"),)
            assert second.id not in {chat.id for chat in it.sdk.chats.value}
            assert (await it.sdk.resync()).verdict == "complete"
            assert second.id in {chat.id for chat in it.sdk.chats.value}
            assert it.asked().count("list_chats") == 2


@pytest.mark.parametrize("pages", [1, 40, 41])
async def test_a_list_of_chats_without_an_end_is_read_within_bounds(pages: int) -> None:
    asked: list[Any] = []

    async def send(_: str, payload: Mapping[str, Any]) -> Answer:
        asked.append(payload.get("page_id"))
        more = str(len(asked)) if len(asked) < pages else None
        return Answer(ListChatsResponse(next_page_id=more), None, None)

    whole = await Errand(Asker(send, lambda: 0.0)).list_chats()
    assert (whole, len(asked)) == (pages <= 40, min(pages, 40))
    assert asked == [None, *map(str, range(1, len(asked)))]


async def test_without_a_connection_there_is_no_resync() -> None:
    async with Sandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        with pytest.raises(lc.NoConnectionError):
            await it.sdk.resync()
        await it.sdk.destroy()
        with pytest.raises(lc.SDKDestroyedError):
            await it.sdk.resync()


def options_seen(report: lc.ResyncReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in ("found", "duplicate", "updated", "threads")}


@in_virtual_time
async def test_counts_are_of_events() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        known = len(it.known)
        await it.away()
        for text in ("a", "b", "c"):
            it.jane.send_event(it.chat_id, text)
        event = {"type": "message", "text": "changed"}
        it.jane.update_event(it.chat_id, it.first, f"{it.first}_1", event)
        new = len(it.known) - known
        report = await it.back()
        counts = {"found": new, "duplicate": known - 1, "updated": 1, "threads": 1}
        assert options_seen(report) == counts


@in_virtual_time
async def test_a_chat_that_can_not_be_read_at_all_is_told_also_on_a_fresh_log() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        sandbox.fault("error", action="get_chat", error="not_allowed", count=None)
        other = sandbox.device("other", identity=sandbox.device().identity)
        async with client(other) as second:
            report = await settled(second)
            refused = (lc.OpenEnd(it.chat_id, None, "refused"),)
            assert (report.verdict, report.unresolved) == ("gaps", refused)
            deep = await second.resync(deep=True)
            assert (deep.verdict, deep.unresolved) == ("gaps", refused)


@in_virtual_time
async def test_what_was_refused_is_asked_for_at_the_next_login() -> None:
    """The way back was barred after the first step: a gap that nobody chose does not stay."""
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.whole_threads(6)
        first = sandbox.fault("delay", action="get_chat")
        await it.sdk.connect()
        await sandbox.wait_until(lambda: first.fired)
        barred = sandbox.fault("error", action="get_chat", error="not_allowed", count=None)
        first.release()
        report = await settled(it.sdk)
        assert {end.why for end in report.unresolved} == {"refused", "gap"}
        assert "gap" in await it.events()
        sandbox.remove_fault(barred.id)
        # Interrupted in between, it is not forgotten.
        await it.away()
        cut = sandbox.fault("disconnect", action="get_chat", reason="connection_timeout")
        await it.sdk.connect()
        await sandbox.wait_until(lambda: cut.fired)
        await until(it.sdk.sync, lambda sync: verdict(sync) == "complete")
        assert await it.events() == it.known
