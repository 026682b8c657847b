"""What a client does when the server breaks what it has to assume (docs/assumptions.md).

In process and in virtual time: `then` of the sandbox's register says in words what is shown here.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from front_kit import texts
from resync_kit import Scene, in_virtual_time, scene

import livechat_customer as lc
from livechat_customer.sandbox import ASSUMPTIONS, Fault
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.testing.memory import MemorySandbox

CLOSED = "Jane archived the chat"
QUIET = 90.0
"""Virtual seconds after which nothing is under way: longer than every wait of the client."""


def broken(sandbox: Backoffice, name: str, action: str | None = None, count: int = 1) -> Fault:
    return sandbox.fault("assumption", assumption=name, action=action, count=count)


async def shown(s: Scene) -> list[str]:
    """The history's texts, with all that was pushed so far."""
    await s.sdk.request("ping")
    history = s.sdk.history(s.chat_id)
    await history.ready()
    return texts(history.value)


async def agrees(s: Scene) -> bool:
    return await s.sdk.shared_digest() == s.sandbox.digest(s.me)


def changed_twice(s: Scene) -> None:
    """An event of Jane's whose text is changed twice, the first time by what breaks."""
    sent = s.jane.send_event(s.chat_id, "written")
    for text in ("older", "newer"):
        event = {"type": "message", "text": text}
        s.jane.update_event(s.chat_id, sent.thread_id, sent.event_id, event)


async def delivered(s: Scene, text: str) -> lc.Event:
    """A message that the outbox has brought to its end."""
    async with asyncio.timeout(600):
        return await s.sdk.outbox.send_event(s.chat_id, lc.Message(text=text))


def on_the_server(s: Scene) -> list[str]:
    threads = s.sandbox.chats[s.chat_id].threads
    return [event["text"] for thread in threads for event in thread.events]


def doubles(s: Scene) -> list[lc.Doubled]:
    found: list[lc.Doubled] = []
    s.sdk.on("doubled", found.append)
    return found


@pytest.mark.parametrize("name", ["pushes_in_order", "pushes_once"])
@in_virtual_time
async def test_pushes_in_order(name: str) -> None:
    """Events find their place; of two changes the older may stay until the next answer."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        broken(sandbox, name, "incoming_event")
        for text in ("one", "two", "three"):
            s.jane.send_event(s.chat_id, text)
        assert await shown(s) == ["Hello", "one", "two", "three"]
        await s.agree()
        broken(sandbox, name, "event_updated")
        changed_twice(s)
        assert (await shown(s))[-1] == "older"
        await s.sdk.resync()
        assert (await shown(s))[-1] == "newer"
        await s.agree()


@in_virtual_time
async def test_pushes_complete() -> None:
    """A hole in the ids has the thread fetched; without one the next resync finds the event."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        broken(sandbox, "pushes_complete", "incoming_event")
        s.jane.send_event(s.chat_id, "missed")
        assert await shown(s) == ["Hello"]
        s.jane.send_event(s.chat_id, "next")
        await asyncio.sleep(QUIET)
        assert await shown(s) == ["Hello", "missed", "next"]
        broken(sandbox, "pushes_complete", "incoming_event")
        s.jane.send_event(s.chat_id, "last")
        assert await shown(s) == ["Hello", "missed", "next"]
        assert (await s.sdk.resync()).found == 1
        assert await shown(s) == ["Hello", "missed", "next", "last"]
        await s.agree()


@in_virtual_time
async def test_answers_fresh() -> None:
    """What is known stays, by asking a second time; what is not known is missed until then."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        broken(sandbox, "answers_fresh", "get_chat")
        await s.sdk.resync()
        s.jane.send_event(s.chat_id, "pushed")
        await s.sdk.request("ping")
        assert (await s.sdk.resync()).calls == 2
        assert await shown(s) == ["Hello", "pushed"]
        await s.agree()
        broken(sandbox, "answers_fresh", "get_chat")
        await s.sdk.resync()
        await s.away()
        s.jane.send_event(s.chat_id, "unseen")
        assert (await s.back()).verdict == "complete"
        assert await shown(s) == ["Hello", "pushed"]
        await s.sdk.resync()
        assert await shown(s) == ["Hello", "pushed", "unseen"]
        await s.agree()


@in_virtual_time
async def test_threads_whole() -> None:
    """One answer that lacks a known event is not believed, two are; seen again, it is back."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        for text in "123":
            s.jane.send_event(s.chat_id, text)
        await s.sdk.request("ping")
        broken(sandbox, "threads_whole", "get_chat")
        assert (await s.sdk.resync()).calls == 2
        assert await shown(s) == ["Hello", "1", "2", "3"]
        broken(sandbox, "threads_whole", "get_chat", count=2)
        await s.sdk.resync()
        assert await shown(s) == ["Hello", "1", "3"]
        await s.sdk.resync()
        assert await shown(s) == ["Hello", "1", "2", "3"]
        await s.away()
        for text in "456":
            s.jane.send_event(s.chat_id, text)
        broken(sandbox, "threads_whole", "get_chat")
        await s.back()
        assert (await shown(s))[-3:] == ["3", "4", "6"]
        await s.sdk.resync()
        assert (await shown(s))[-3:] == ["4", "5", "6"]
        await s.agree()


@in_virtual_time
async def test_summaries_right() -> None:
    """Two answers without the event say that there is none."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        broken(sandbox, "summaries_right")
        await s.sdk.list_chats()
        assert (await s.sdk.resync()).calls == 2
        assert (await s.sdk.resync()).calls == 1
        chat = s.sdk.chat(s.chat_id).value
        assert chat is not None
        assert chat.thread is not None
        assert not chat.thread.partial
        assert await shown(s) == ["Hello"]
        await s.agree()


@in_virtual_time
async def test_chain_right() -> None:
    """Links that contradict each other leave a gap, not a hole that nobody sees."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        await s.away()
        s.whole_threads(3)
        broken(sandbox, "chain_right", "get_chat")
        assert (await s.back()).verdict == "gaps"
        assert await shown(s) == ["Hello", CLOSED, "Gap", "2 a", "2 b", CLOSED]
        assert (await s.sdk.resync(deep=True)).verdict == "complete"
        assert [text for text in await shown(s) if text != CLOSED] == [
            *("Hello", "0 a", "0 b", "1 a", "1 b", "2 a", "2 b"),
        ]
        await s.agree()


@in_virtual_time
async def test_last_page_known() -> None:
    """The oldest thread's link is believed more than the missing page."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        await s.away()
        s.whole_threads(12)
        broken(sandbox, "last_page_known", count=3)
        assert (await s.back()).verdict == "complete"
        assert await s.events() == s.known
        await s.agree()


@in_virtual_time
async def test_closed_stays_closed() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        s.jane.deactivate_chat(s.chat_id)
        await s.sdk.request("ping")
        fault = broken(sandbox, "closed_stays_closed", "get_chat")
        await s.sdk.resync()
        assert fault.fired == 1
        chat = s.sdk.chat(s.chat_id).value
        assert chat is not None
        assert not chat.active
        await s.agree()


@in_virtual_time
async def test_created_at_fixed() -> None:
    """The event keeps its place; only the time it bears is that of the newest answer."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        s.jane.send_event(s.chat_id, "second")
        await s.sdk.request("ping")
        broken(sandbox, "created_at_fixed", "get_chat")
        await s.sdk.resync()
        assert await shown(s) == ["Hello", "second"]
        assert not await agrees(s)
        await s.sdk.resync()
        assert await shown(s) == ["Hello", "second"]
        await s.agree()


@in_virtual_time
async def test_ids_unique() -> None:
    """Of two events with one id the first is shown."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        broken(sandbox, "ids_unique")
        await delivered(s, "same id")
        assert await shown(s) == ["Hello"]
        await s.sdk.resync()
        assert await shown(s) == ["Hello"]
        assert on_the_server(s) == ["Hello", "same id"]


@in_virtual_time
async def test_ordinals_count() -> None:
    """Times order the events; what was missed between leaves no hole."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        broken(sandbox, "ordinals_count")
        await delivered(s, "one")
        assert await shown(s) == ["Hello", "one"]
        broken(sandbox, "pushes_complete", "incoming_event")
        s.jane.send_event(s.chat_id, "missed")
        broken(sandbox, "ordinals_count")
        await delivered(s, "two")
        await asyncio.sleep(QUIET)
        assert await shown(s) == ["Hello", "one", "two"]
        await s.sdk.resync()
        assert await shown(s) == ["Hello", "one", "missed", "two"]
        await s.agree()


@in_virtual_time
async def test_custom_id_echoed() -> None:
    """The answer's event id is enough; without the answer the message is sent once more."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        told = doubles(s)
        broken(sandbox, "custom_id_echoed")
        await delivered(s, "answered")
        assert await shown(s) == ["Hello", "answered"]
        broken(sandbox, "custom_id_echoed")
        sandbox.fault("drop", action="send_event")
        await delivered(s, "in doubt")
        assert await shown(s) == ["Hello", "answered", "in doubt", "in doubt"]
        assert told == []
        await s.agree()


@in_virtual_time
async def test_no_late_effect() -> None:
    """Later than the outbox waits: two on the server, one in the history, and it is said."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        told = doubles(s)
        broken(sandbox, "no_late_effect")
        await delivered(s, "late")
        await asyncio.sleep(QUIET)
        assert on_the_server(s) == ["Hello", "late", "late"]
        assert await shown(s) == ["Hello", "late"]
        assert [one.chat_id for one in told] == [s.chat_id]
        await s.agree()


@in_virtual_time
async def test_no_late_effect_and_a_longer_wait() -> None:
    limits = lc.OutboxLimits(in_doubt_wait=40.0)
    async with MemorySandbox() as sandbox, scene(sandbox, outbox=limits) as s:
        broken(sandbox, "no_late_effect")
        await delivered(s, "late")
        await asyncio.sleep(QUIET)
        assert on_the_server(s) == ["Hello", "late"]
        await s.agree()


@in_virtual_time
async def test_refusals_have_no_effect() -> None:
    """The push says better; without it the next attempt makes a double."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        told = doubles(s)
        broken(sandbox, "refusals_have_no_effect")
        await delivered(s, "pushed")
        await asyncio.sleep(QUIET)
        assert on_the_server(s) == ["Hello", "pushed"]
        broken(sandbox, "refusals_have_no_effect")
        sandbox.fault("lost_push", action="incoming_event")
        await delivered(s, "twice")
        await asyncio.sleep(QUIET)
        assert on_the_server(s) == ["Hello", "pushed", "twice", "twice"]
        assert await shown(s) == ["Hello", "pushed", "twice"]
        assert [one.chat_id for one in told] == [s.chat_id]
        await s.agree()


@in_virtual_time
async def test_subscribed_at_login() -> None:
    """The resync has what was before it; the rest shows with the next event's number."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        s.jane.join(s.chat_id)
        await s.away()
        broken(sandbox, "subscribed_at_login")
        s.jane.send_event(s.chat_id, "away")
        await s.back()
        s.jane.send_event(s.chat_id, "unheard")
        await asyncio.sleep(QUIET)
        assert await shown(s) == ["Hello", "away"]
        s.jane.send_event(s.chat_id, "heard")
        await asyncio.sleep(QUIET)
        assert await shown(s) == ["Hello", "away", "unheard", "heard"]
        await s.agree()


@in_virtual_time
async def test_one_chat() -> None:
    """Both are shown; a message for "the chat" goes to the newer."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        broken(sandbox, "one_chat")
        chat: dict[str, Any] = {"thread": {"events": [{"type": "message", "text": "Second"}]}}
        second = await s.sdk.start_chat(chat=chat, continuous=True)
        assert {one.id for one in s.sdk.chats.value} == {s.chat_id, second.id}
        async with asyncio.timeout(600):
            event = await s.sdk.outbox.send_event(None, lc.Message(text="Where?"))
        assert event.thread_id == sandbox.chats[second.id].threads[-1].id
        assert await shown(s) == ["Hello"]
        await s.agree()


@in_virtual_time
async def test_not_found_is_gone() -> None:
    """Its events go, and come back when the thread is read again."""
    async with MemorySandbox() as sandbox, scene(sandbox) as s:
        s.jane.deactivate_chat(s.chat_id)
        s.open_thread("next")
        await asyncio.sleep(QUIET)
        broken(sandbox, "not_found_is_gone")
        with pytest.raises(lc.ServerError, match="not found"):
            await s.sdk.get_chat(chat_id=s.chat_id, thread_id=s.first)
        assert await shown(s) == ["next"]
        await s.sdk.resync(deep=True)
        assert await shown(s) == ["Hello", CLOSED, "next"]
        await s.agree()


def test_each_has_its_test() -> None:
    tests = {
        name.removeprefix("test_")
        for name, found in globals().items()
        if name.startswith("test_") and inspect.isfunction(found)
    }
    assert set(ASSUMPTIONS) - tests == {"pushes_once"}
