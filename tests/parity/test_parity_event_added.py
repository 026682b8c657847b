"""`event_added`: each event of the stream once, whatever brought it, over restarts too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from events_kit import Heard, scene
from front_kit import customer, texts

import livechat_customer as lc
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import PROJECTOR
from livechat_customer.projections.seen import SEEN, SeenFold
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.connection import push_frame
from livechat_customer.store import Stream

Json = dict[str, Any]


def planted(thread_id: str, day: int, *ids: str) -> Json:
    return {
        "id": thread_id,
        "created_at": f"2024-01-0{day}T10:00:00.000000Z",
        "events": [
            {
                "id": event_id,
                "type": "message",
                "text": event_id,
                "created_at": f"2024-01-0{day}T10:00:{number:02}.000000Z",
            }
            for number, event_id in enumerate(ids, 1)
        ],
    }


def sources(heard: Heard) -> list[tuple[str, str]]:
    return [(added.event.id, added.source) for added in heard.of("event_added")]


@pytest.mark.shows("event event_added", by="sandbox")
async def test_what_brought_it() -> None:
    shared = lc.MemoryCredentials()
    async with Sandbox() as sandbox, customer(sandbox, credentials=shared) as sdk:
        heard, own = Heard(sdk), (await sdk.get_customer()).id
        old = [planted("OLD", 1, "OLD_1", "OLD_2"), planted("MID", 2, "MID_1")]
        chat_id = sandbox.plant_history(old, customer_id=own)
        await sdk.get_chat(chat_id=chat_id)
        assert heard.told[-1][0] == "event_added", "after the users it names"
        await sdk.get_chat(chat_id=chat_id)
        await sdk.list_threads(chat_id=chat_id)
        assert sources(heard) == [
            ("MID_1", "response"),
            ("OLD_1", "history"),
            ("OLD_2", "history"),
        ]
        heard.clear()

        resumed = await sdk.resume_chat(
            chat={"id": chat_id, "thread": {"events": [{"type": "message", "text": "a"}]}}
        )
        assert resumed.thread is not None
        sent = await sdk.send_event(chat_id=chat_id, event=lc.Message("b"))
        jane = sandbox.agent("Jane")
        theirs = jane.send_event(chat_id, "c")
        await heard.until("event_added", 3)
        assert sources(heard) == [
            (resumed.thread.events[0].id, "own"),
            (sent.id, "own"),
            (theirs.event_id, "push"),
        ]
        added = heard.of("event_added")[1]
        assert added == lc.EventAdded(chat_id, resumed.thread.id, sent, "own")
        heard.clear()

        sandbox.fault("refuse")
        sandbox.disconnect()
        await heard.until("disconnected")
        missed = jane.send_event(chat_id, "d")
        await heard.until("event_added")
        assert sources(heard) == [(missed.event_id, "resync")]
        await sdk.list_chats()
        assert len(sources(heard)) == 1


@pytest.mark.shows("event event_added", by="sandbox")
async def test_the_newest_events_of_a_list_of_chats() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard, own = Heard(sdk), (await sdk.get_customer()).id
        sandbox.plant_history([planted("T", 1, "T_1", "T_2")], customer_id=own)
        await sdk.list_chats()
        assert sources(heard) == [("T_2", "response")]
        await sdk.list_threads(chat_id=next(iter(sandbox.chats)))
        assert sources(heard) == [("T_2", "response"), ("T_1", "history")]


@pytest.mark.parametrize("lose", [False, True], ids=["snapshots", "the log alone"])
@pytest.mark.shows("event event_added", by="sandbox")
async def test_once_over_restarts(
    lose: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lose:

        async def lost(*_: Any) -> None: ...

        monkeypatch.setattr("livechat_customer.engine.save_snapshot", lost)
    again: Json = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
    told: list[str] = []

    def take(added: lc.EventAdded) -> None:
        told.append(added.event.id)

    async with Sandbox() as sandbox:
        chat_id = ""
        for run in range(3):
            async with lc.init(**sandbox.options(), **again) as sdk:
                sdk.on("event_added", take)
                await sdk.connect()
                if not chat_id:
                    chat_id = (await sdk.start_chat()).id
                await sdk.get_chat(chat_id=chat_id)
                sandbox.agent("Jane").send_event(chat_id, f"{run}")
                await sdk.list_threads(chat_id=chat_id)
            sandbox.agent("Jane").send_event(chat_id, f"{run}, offline")
        events = sandbox.chats[chat_id].threads[0].events
        assert told == [event["id"] for event in events[:-1]]


@pytest.mark.parametrize("older", [PROJECTOR, SEEN])
async def test_two_snapshots_of_different_age(
    older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: Json = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
    async with Sandbox() as sandbox:
        async with customer(sandbox, **again) as sdk:
            chat = await sdk.start_chat()
            await sdk.send_event(chat_id=chat.id, event=lc.Message("a"))

        async def save(hub: Hub, seen: SeenFold, stream: Stream) -> None:
            state = seen.encode() if older == PROJECTOR else hub.root.encode()
            newer = SEEN if older == PROJECTOR else PROJECTOR
            await stream.save_snapshot(newer, hub.seq, state)

        with monkeypatch.context() as patch:
            patch.setattr("livechat_customer.engine.save_snapshot", save)
            async with customer(sandbox, **again) as sdk:
                await sdk.send_event(chat_id=chat.id, event=lc.Message("b"))
        async with lc.init(**sandbox.options(), **again, auto_connect=False) as sdk:
            (item,) = sdk.chats.value
            assert texts([item.last_event]) == ["b"]
            heard = Heard(sdk)
            await sdk.connect()
            await sdk.list_threads(chat_id=chat.id)
            assert heard.of("event_added") == []


@pytest.mark.shows("event event_added", by="fault")
async def test_a_result_without_its_push_counts_when_the_event_comes() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        heard = Heard(sdk)
        sandbox.fault("lost_push", action="incoming_event")
        sent = await sdk.send_event(chat_id=chat.id, event=lc.Message("a"))
        assert not sent.confirmed
        assert sources(heard) == []
        await sdk.get_chat(chat_id=chat.id)
        assert sources(heard) == [(sent.id, "response")]


@pytest.mark.shows("event event_added", by="fault")
async def test_a_push_that_comes_twice() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.join(it.chat_id)
        it.sandbox.fault("duplicate", action="incoming_event")
        jane.send_event(it.chat_id, "b")
        await it.heard.until("incoming_event", 2)
        it.sandbox.fault("duplicate", action="incoming_event")
        await it.sdk.send_event(chat_id=it.chat_id, event=lc.Message("c"))
        await it.settle()
        assert len(it.heard.of("incoming_event")) == 2, "of one's own none"
        assert [source for _, source in sources(it.heard)] == ["push", "own"]


@pytest.mark.shows("event incoming_event", by="frames")
async def test_a_push_with_the_id_of_another_request_is_an_ordinary_one() -> None:
    """Some servers put the id of a `deactivate_chat` on the system message that it causes."""
    async with scene() as it:
        held = it.sandbox.fault("delay", action="deactivate_chat")
        closing = asyncio.create_task(it.sdk.deactivate_chat(id=it.chat_id))
        await it.heard.until("chat_deactivated")
        (asked,) = [one for one in it.sandbox.received if one.action == "deactivate_chat"]
        it.heard.clear()
        notice = {"id": f"{it.thread_id}_9", "type": "system_message", "text": "Closed."}
        payload = {"chat_id": it.chat_id, "thread_id": it.thread_id, "event": notice}
        frame = push_frame("incoming_event", payload, "3.5") | {"request_id": asked.request_id}
        for connection in it.sandbox.connections:
            connection.send(frame)

        told = await it.heard.until("incoming_event")
        assert told.event.id == f"{it.thread_id}_9"
        assert sources(it.heard) == [(f"{it.thread_id}_9", "push")]
        assert not closing.done()
        held.release()
        assert (await closing).success


@pytest.mark.shows("event incoming_event", by="frames")
async def test_a_push_with_the_id_of_an_answered_request_is_an_ordinary_one() -> None:
    """Only the push that answers a `send_event`, and that one again, is its caller's alone."""
    async with scene() as it:
        sent = await it.sdk.send_event(chat_id=it.chat_id, event=lc.Message("b"))
        *_, asked = [one for one in it.sandbox.received if one.action == "send_event"]
        it.heard.clear()
        notice = {"id": f"{it.thread_id}_9", "type": "system_message", "text": "Idle."}
        for event in ({"id": sent.id, "type": "message", "text": "b"}, notice):
            payload = {"chat_id": it.chat_id, "thread_id": it.thread_id, "event": event}
            frame = push_frame("incoming_event", payload, "3.5") | {"request_id": asked.request_id}
            for connection in it.sandbox.connections:
                connection.send(frame)

        told = await it.heard.until("incoming_event")
        assert told.event.id == notice["id"]
        assert sources(it.heard) == [(notice["id"], "push")]


async def test_a_handler_that_comes_late_misses_what_came_before() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.send_event(it.chat_id, "b")
        await it.heard.until("event_added")
        late: list[lc.EventAdded] = []
        it.sdk.on("event_added", late.append)
        await it.sdk.get_chat(chat_id=it.chat_id)
        jane.send_event(it.chat_id, "c")
        await it.heard.until("event_added", 2)
        assert [added.event for added in late] == [it.heard.of("event_added")[-1].event]


async def test_another_customers_stream_begins_with_nothing_seen(tmp_path: Path) -> None:
    async with Sandbox(seed=1) as first, Sandbox(seed=2) as second:
        for sandbox in (first, second):
            options = first.options() | {
                "api_url": sandbox.api_url,
                "accounts_url": sandbox.accounts_url,
                "log": tmp_path / "a.db",
                "credentials": lc.MemoryCredentials(),
            }
            async with customer(sandbox, **options) as sdk:
                heard, own = Heard(sdk), (await sdk.get_customer()).id
                chat_id = sandbox.plant_history([planted("T", 1, "T_1")], customer_id=own)
                await sdk.get_chat(chat_id=chat_id)
                assert sources(heard) == [("T_1", "response")]
