"""`get_chat_history`: pages in order, each thread once, as the views know it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from front_kit import settled, until
from resync_kit import Scene, client, in_virtual_time, scene

import livechat_customer as lc
from livechat_customer.errors import NotFoundError
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.limits import Limits
from livechat_customer.testing.memory import MemorySandbox


def names(page: lc.HistoryPage | None) -> list[str] | None:
    return None if page is None else [thread.id for thread in page.threads]


def long(it: Scene, threads: int = 12, events: int = 12) -> None:
    """Threads long enough that a page holds two or three of them."""
    it.jane.deactivate_chat(it.chat_id)
    for _ in range(threads):
        it.open_thread(*map(str, range(events)))
        it.jane.deactivate_chat(it.chat_id)


async def the_rest(history: lc.ChatHistory) -> list[lc.HistoryPage]:
    return [page async for page in history]


def together(*pages: lc.HistoryPage) -> list[str]:
    """The threads of pages that were given newest first, oldest first."""
    return [thread.id for page in reversed(pages) for thread in page.threads]


async def test_threads_are_oldest_first_pages_newest_first_the_last_one_too() -> None:
    async with Sandbox() as sandbox, scene(sandbox, long) as it:
        pages = await the_rest(it.sdk.get_chat_history(chat_id=it.chat_id))
        assert len(pages) > 3
        assert together(*pages) == it.truth
        assert [page.done for page in pages] == [False] * (len(pages) - 1) + [True]
        assert not any(page.from_log for page in pages)
        history = it.sdk.history(it.chat_id).value
        assert history is not None
        assert history.start_reached
        assert history.gaps == ()


@in_virtual_time
async def test_nothing_is_asked_before_the_first_page() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        sandbox.received.clear()
        history = it.sdk.get_chat_history(chat_id=it.chat_id)
        await it.sdk.request("ping")
        assert it.asked() == []
        assert names(await history.next()) == it.truth
        assert it.asked() == ["list_threads"]
        assert await history.next() is None
        assert it.asked() == ["list_threads"]


@in_virtual_time
async def test_concurrent_calls_are_served_in_order_and_all_return() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, long) as it:
        history = it.sdk.get_chat_history(chat_id=it.chat_id)
        found = await asyncio.gather(*(history.next() for _ in range(20)))
        pages = [page for page in found if page is not None]
        assert found[len(pages) :] == [None] * (20 - len(pages))
        assert together(*pages) == it.truth


@in_virtual_time
async def test_an_error_leaves_the_place_and_a_cancelled_call_frees_the_turn() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, long) as it:
        history = it.sdk.get_chat_history(chat_id=it.chat_id)
        first = await history.next()
        assert first is not None
        sandbox.fault("error", action="list_threads", error="internal")
        found = await asyncio.gather(history.next(), history.next(), return_exceptions=True)
        assert isinstance(found[0], lc.ServerError)
        second = found[1]
        assert isinstance(second, lc.HistoryPage)
        held = sandbox.fault("delay", action="list_threads")
        waiting = asyncio.create_task(history.next())
        await sandbox.wait_until(lambda: held.fired)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        held.release()
        assert together(first, second, *await the_rest(history)) == it.truth


@in_virtual_time
async def test_a_cut_connection_ends_one_call_and_no_more() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, long) as it:
        history = it.sdk.get_chat_history(chat_id=it.chat_id)
        first = await history.next()
        assert first is not None
        sandbox.fault("drop", action="list_threads")
        with pytest.raises(lc.ConnectionLostError):
            await history.next()
        await it.sdk.connect()
        await settled(it.sdk)
        rest = await the_rest(history)
        assert together(first, *rest) == it.truth
        assert not any(page.from_log for page in rest)


@in_virtual_time
async def test_an_expired_page_id_begins_at_the_newest_page_and_goes_on_where_it_was() -> None:
    limits = Limits(page_lifetime=60.0, inactivity=1e9)
    async with MemorySandbox(limits=limits) as sandbox, scene(sandbox, long) as it:
        history = it.sdk.get_chat_history(chat_id=it.chat_id)
        given = [await history.next(), await history.next()]
        sandbox.advance(3_600)
        # A thread that began meanwhile belongs to no older page.
        it.open_thread("new")
        truth = it.truth[:-1]
        rest = await the_rest(history)
        pages = [page for page in given if page is not None] + rest
        assert together(*pages) == truth
        assert rest[-1].done


@in_virtual_time
async def test_a_page_shows_what_pushes_told_meanwhile() -> None:
    """An answer that waits while an event is edited and another one written."""
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        held = sandbox.fault("delay", action="list_threads")
        history = it.sdk.get_chat_history(chat_id=it.chat_id)
        waiting = asyncio.create_task(history.next())
        await sandbox.wait_until(lambda: held.fired)
        event = {"type": "message", "text": "changed"}
        it.jane.update_event(it.chat_id, it.first, f"{it.first}_1", event)
        sent = it.jane.send_event(it.chat_id, "and more")
        await it.sdk.request("ping")
        held.release()
        page = await waiting
        assert page is not None
        (thread,) = page.threads
        assert [event.id for event in thread.events] == it.known
        assert getattr(thread.events[0], "text", None) == "changed"
        assert thread.events[-1].id == sent.event_id
        view = it.sdk.thread(it.chat_id, it.first)
        await view.ready()
        assert view.value is not None
        assert tuple(view.value) == thread.events


@in_virtual_time
async def test_an_unknown_chat_is_refused_by_the_server() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        history = it.sdk.get_chat_history(chat_id="NOWHERE")
        for _ in range(2):
            with pytest.raises(NotFoundError):
                await history.next()


# Offline.


@in_virtual_time
async def test_offline_it_goes_as_far_as_the_log_and_says_so() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, long) as it:
        whole = await the_rest(it.sdk.get_chat_history(chat_id=it.chat_id))
        await it.away()
        pages = await the_rest(it.sdk.get_chat_history(chat_id=it.chat_id))
        assert together(*pages) == it.truth
        assert all(page.from_log for page in pages)
        assert pages[-1].done, "the server had said that nothing is older"
        assert [events(page) for page in reversed(pages)] != []
        assert sum(map(events, pages)) == sum(map(events, whole))


def events(page: lc.HistoryPage) -> int:
    return sum(len(thread.events) for thread in page.threads)


@asynccontextmanager
async def newcomer(sandbox: MemorySandbox) -> AsyncGenerator[tuple[Scene, lc.CustomerSDK]]:
    """A long chat, and a second device, which knows its newest thread only."""
    async with scene(sandbox, long) as it:
        await it.sdk.request("ping")
        device = sandbox.device("other", identity=sandbox.device().identity)
        async with client(device) as second:
            await settled(second)
            yield it, second


@in_virtual_time
async def test_offline_there_is_never_a_false_beginning() -> None:
    async with MemorySandbox() as sandbox, newcomer(sandbox) as (it, second):
        await second.disconnect()
        history = second.get_chat_history(chat_id=it.chat_id)
        first = await history.next()
        assert first is not None
        assert (names(first), first.from_log, first.done) == (it.truth[-1:], True, False)
        for _ in range(2):
            with pytest.raises(lc.NoConnectionError):
                await history.next()
        # With a connection it goes on, without what was given out.
        await second.connect()
        rest = await the_rest(history)
        assert together(first, *rest) == it.truth
        assert not any(page.from_log for page in rest)


@in_virtual_time
async def test_offline_it_stops_at_a_gap() -> None:
    async with MemorySandbox() as sandbox, newcomer(sandbox) as (it, second):
        await second.get_chat(chat_id=it.chat_id, thread_id=it.first)
        await second.disconnect()
        history = second.get_chat_history(chat_id=it.chat_id)
        assert names(await history.next()) == it.truth[-1:]
        with pytest.raises(lc.NoConnectionError):
            await history.next()


@in_virtual_time
async def test_offline_in_the_middle_and_online_again() -> None:
    async with MemorySandbox() as sandbox, newcomer(sandbox) as (it, second):
        known = second.get_chat_history(chat_id=it.chat_id)
        for _ in range(3):
            await known.next()
        history = second.get_chat_history(chat_id=it.chat_id)
        pages = [await history.next()]
        await second.disconnect()
        while True:
            try:
                pages.append(await history.next())
            except lc.NoConnectionError:
                break
        assert len(pages) >= 3
        await second.connect()
        pages += await the_rest(history)
        found = [page for page in pages if page is not None]
        assert together(*found) == it.truth
        assert {page.from_log for page in found} == {True, False}
        assert found[-1].done


@in_virtual_time
async def test_offline_nothing_is_known_of_an_unknown_chat() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        with pytest.raises(lc.NoConnectionError):
            await it.sdk.get_chat_history(chat_id="NOWHERE").next()
        await it.sdk.destroy()
        with pytest.raises(lc.SDKDestroyedError):
            await it.sdk.get_chat_history(chat_id=it.chat_id).next()


@in_virtual_time
async def test_a_thread_known_by_a_push_alone_is_not_shown_as_whole() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        it.jane.deactivate_chat(it.chat_id)
        await it.sdk.request("ping")
        sandbox.fault("lost_push", action="incoming_chat")
        sandbox.fault("error", action="get_chat", error="authorization", count=None)
        it.open_thread("unheard")
        it.jane.send_event(it.chat_id, "heard")
        await until(it.sdk.chat(it.chat_id), lambda chat: chat is not None and chat.unread > 0)
        await it.away()
        with pytest.raises(lc.NoConnectionError):
            await it.sdk.get_chat_history(chat_id=it.chat_id).next()


@in_virtual_time
async def test_a_local_chat_is_the_one_that_it_becomes() -> None:
    """Asked for before its start: refused until there is one, then the pages of the real one."""
    async with (
        MemorySandbox() as sandbox,
        lc.init(**sandbox.device().options(), log=":memory:", auto_connect=False) as sdk,
    ):
        handle = sdk.outbox.send_event(None, {"type": "message", "text": "Hello"})
        local = handle.chat_id
        history = sdk.get_chat_history(chat_id=local)
        with pytest.raises(lc.InvalidArgumentError) as refused:
            await history.next()
        assert refused.value.argument == "chat_id"
        await sdk.connect()
        sent = await handle
        page = await history.next()
        assert page is not None
        assert [event.id for thread in page.threads for event in thread.events][:1] == [sent.id]
        assert page.done
        await sdk.disconnect()
        again = await sdk.get_chat_history(chat_id=local).next()
        assert again is not None
        assert again.from_log
        assert names(again) == names(page)
