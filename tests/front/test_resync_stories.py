"""Coming back: whatever happened while away, the views agree with the server when the resync ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from front_kit import settled
from resync_kit import Scene, client, in_virtual_time, scene

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.testing.memory import MemorySandbox

RICH: dict[str, Any] = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [{"title": "?", "buttons": [{"text": "A", "postback_id": "p", "user_ids": []}]}],
}


async def test_nothing_changed_costs_one_get_chat() -> None:
    async with Sandbox() as sandbox, scene(sandbox) as it:
        for _ in range(3):
            await it.away()
            report = await it.back()
            assert it.asked() == ["get_chat"]
            assert sandbox.received[-1].payload == {"chat_id": it.chat_id}
            assert (report.why, report.verdict, report.calls) == ("login", "complete", 1)
            assert (report.chats, report.threads) == (1, 1)
            assert (report.found, report.updated, report.unresolved) == (0, 0, ())
            assert report.duplicate == len(it.known)
            await it.agree()


@in_virtual_time
async def test_nothing_changed_after_several_threads_costs_one_get_chat_too() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, lambda it: it.whole_threads(4)) as it:
        await it.away()
        assert (await it.back()).verdict == "complete"
        assert it.asked() == ["get_chat"]
        assert await it.events() == it.known


def _edits(it: Scene) -> None:
    it.jane.update_event(
        it.chat_id, it.first, f"{it.first}_1", {"type": "message", "text": "changed"}
    )


def _users(it: Scene) -> None:
    joe = it.sandbox.add_agent("Joe", groups=[4])
    it.jane.join(it.chat_id)
    it.jane.transfer_chat(it.chat_id, [joe.id], [4])


def _properties(it: Scene) -> None:
    values: dict[str, dict[str, Any]] = {"rating": {"score": 1}, "test": {"a": "b"}}
    it.jane.update_thread_properties(it.chat_id, it.first, values)
    it.sandbox.chats[it.chat_id].properties["test"] = {"chat": 1}


def _postback(it: Scene) -> None:
    sent = it.jane.send_event(it.chat_id, RICH)
    thread = it.sandbox.chats[it.chat_id].threads[-1]
    event = next(each for each in thread.events if each["id"] == sent.event_id)
    event["elements"][0]["buttons"][0]["user_ids"].append(it.me)


def _deletion(it: Scene) -> None:
    sent = it.jane.send_event(it.chat_id, "soon gone")
    it.jane.delete_event(it.chat_id, sent.thread_id, f"{it.first}_1")


def _seen(it: Scene) -> None:
    it.jane.send_event(it.chat_id, "one")
    it.jane.mark_events_as_seen(it.chat_id, "2039-01-01T00:00:00Z")


def _opened_filled_closed(it: Scene) -> None:
    it.whole_threads(1)


def _opened(it: Scene) -> None:
    it.jane.deactivate_chat(it.chat_id)
    it.open_thread("a", "b")


STORIES: dict[str, Callable[[Scene], object]] = {
    "a message": lambda it: it.jane.send_event(it.chat_id, "Hello?"),
    "many messages": lambda it: [it.jane.send_event(it.chat_id, str(n)) for n in range(60)],
    "closed": lambda it: it.jane.deactivate_chat(it.chat_id),
    "opened, filled, closed": _opened_filled_closed,
    "opened": _opened,
    "edited": _edits,
    "transferred": _users,
    "properties": _properties,
    "a button pressed": _postback,
    "deleted": _deletion,
    "seen": _seen,
    "a queue": lambda it: it.sandbox.set_queue(it.chat_id, 3, 90),
    "the profile": lambda it: it.jane.update_customer(it.me, name="Ann"),
}


@pytest.mark.parametrize("happen", STORIES.values(), ids=STORIES.keys())
@in_virtual_time
async def test_while_away(happen: Callable[[Scene], object]) -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        before = sandbox.digest(it.me)
        happen(it)
        assert sandbox.digest(it.me) != before
        report = await it.back()
        await it.agree()
        assert report.verdict == "complete"
        assert await it.events() == it.known
        assert report.calls <= 3
        # And all of it was said: nothing is news a second time.
        await it.away()
        again = await it.back()
        assert (again.found, again.updated) == (0, 0)
        assert again.calls == 1
        await it.agree()


@pytest.mark.parametrize(("count", "most"), [(1, 2), (2, 3), (3, 4), (4, 6), (30, 8), (95, 12)])
@in_virtual_time
async def test_many_threads_while_away(count: int, most: int) -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.whole_threads(count)
        report = await it.back()
        assert report.verdict == "complete", report
        assert report.threads == count + 1
        assert report.calls <= most
        assert ("list_threads" in it.asked()) == (count > 4)
        assert await it.events() == it.known
        await it.agree()
        await it.away()
        assert (await it.back()).calls == 1


@in_virtual_time
async def test_beyond_the_bound_stands_a_gap_and_what_was_open_is_fetched_all_the_same() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.jane.send_event(it.chat_id, "the last word")
        it.whole_threads(130)
        report = await it.back()
        await it.agree()
        assert report.verdict == "gaps"
        assert [end.why for end in report.unresolved] == ["gap"]
        history = it.sdk.history(it.chat_id)
        events = await it.events()
        assert events.count("gap") == 1
        first = [name for name in it.known if name.startswith(it.first)]
        assert events[: len(first) + 1] == [*first, "gap"]
        assert history.value is not None
        (gap,) = history.value.gaps
        assert (gap.after, gap.before) == (it.first, report.unresolved[0].thread_id)
        # It stays, is told again, and costs nothing until somebody wants it filled.
        await it.away()
        again = await it.back()
        assert (again.calls, again.verdict, again.unresolved) == (1, "gaps", report.unresolved)
        assert await history.fill(gap)
        assert history.value.gaps == ()
        assert await it.events() == it.known
        await it.away()
        assert (await it.back()).verdict == "complete"


@pytest.mark.parametrize("deep", [False, True])
@in_virtual_time
async def test_a_gap_is_told_until_it_is_filled(deep: bool) -> None:
    """Also where a resync can't read the chat at all in between."""
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        it.whole_threads(102)
        (gap,) = (await it.back()).unresolved
        sandbox.fault("error", action="get_chat", error="authorization", count=1)
        ends = (await it.sdk.resync(deep)).unresolved
        assert ends == (lc.OpenEnd(it.chat_id, None, "refused"), gap)
        await it.away()
        report = await it.back()
        history = it.sdk.history(it.chat_id)
        await history.ready()
        assert history.value is not None
        # Refused once, it was read further this time.
        left = {standing.before for standing in history.value.gaps}
        assert {end.thread_id for end in report.unresolved} == left
        assert report.verdict == ("gaps" if left else "complete")


@in_virtual_time
async def test_a_fresh_log_links_to_nothing() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, lambda it: it.whole_threads(5)) as it:
        sandbox.received.clear()
        other = sandbox.device("other", identity=sandbox.device().identity)
        async with client(other) as second:
            report = await settled(second)
            assert it.asked() == ["get_chat"]
            assert (report.verdict, report.threads) == ("complete", 1)
            history = second.history(it.chat_id)
            await history.ready()
            assert history.value is not None
            assert not history.value.start_reached
            await it.agree(second)


async def test_from_another_device_meanwhile() -> None:
    async with Sandbox() as sandbox, scene(sandbox) as it:
        other = {"agent_token": sandbox.agent_token(), "customer_id": it.me, "profile": "other"}
        async with client(sandbox, **other) as second:
            await it.away()
            for text in ("I", "am", "elsewhere"):
                await second.send_event(chat_id=it.chat_id, event=lc.Message(text))
            await second.deactivate_chat(id=it.chat_id)
            await second.resume_chat(chat={"id": it.chat_id}, continuous=True)
            await second.send_event(chat_id=it.chat_id, event=lc.Message("again"))
            report = await it.back()
            assert report.verdict == "complete"
            assert await it.events() == it.known
            await it.agree()
            await it.agree(second)


@in_virtual_time
async def test_a_chat_that_is_gone_leaves_the_list() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        await it.away()
        del sandbox.chats[it.chat_id]
        report = await it.back()
        assert it.asked() == ["list_chats", "get_chat"]
        assert report.verdict == "complete"
        assert list(it.sdk.chats.value) == []
        await it.agree()


@in_virtual_time
async def test_a_thread_that_is_gone_leaves_the_history() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox, lambda it: it.whole_threads(1)) as it:
        await it.away()
        threads = sandbox.chats[it.chat_id].threads
        it.whole_threads(2)
        gone = threads.pop(1)
        report = await it.back()
        assert report.verdict == "complete"
        assert await it.events() == it.known
        assert it.sdk.thread(it.chat_id, gone.id).value is None
        await it.agree()


@in_virtual_time
async def test_threads_that_began_and_ended_while_connected_cost_nothing() -> None:
    """The end of each was read as it came, and the connection still stood when the next began."""
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        for _ in range(3):
            it.jane.deactivate_chat(it.chat_id)
            await asyncio.sleep(60)
            it.open_thread("a", "b")
            await it.sdk.request("ping")
        for _ in range(3):
            await it.away()
            report = await it.back()
            assert (report.calls, report.verdict) == (1, "complete")
        assert await it.events() == it.known
        # What was attached to the newest one after its end is found all the same.
        it.jane.deactivate_chat(it.chat_id)
        await asyncio.sleep(60)
        newest = it.truth[-1]
        await it.away()
        thread = sandbox.chats[it.chat_id].threads[-1]
        late = dict(thread.events[-1]) | {"id": f"{newest}_99", "text": "attached"}
        thread.events.append(late)
        it.open_thread("next")
        assert (await it.back()).calls == 2
        assert await it.events() == it.known
