"""`consume()`: what `on` would have told, from the log, each once, whatever happens to the reader."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any, cast

import pytest
from events_kit import Heard, scene
from front_kit import customer
from hypothesis import given
from hypothesis import strategies as st
from store_kit import KEY

import livechat_customer as lc
from livechat_customer.announcements import Announcements, pairs
from livechat_customer.consume import Consumed, Consumer, Since
from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models.payloads import EVENT_PAYLOADS
from livechat_customer.projections.seen import SEEN, SeenFold
from livechat_customer.records import LIFECYCLE, OPENED, PUSH, REQUEST, RESPONSE, RESYNC_ID
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import Stream, wall_clock
from livechat_customer.store.memory import MemoryLog

Json = dict[str, Any]
Item = Consumed[Any]


class Shelf:
    """A stream that nobody adds to: a consumer of it comes to an end."""

    def __init__(self, stream: Stream, shown: int) -> None:
        self._stream = stream
        self.shown = shown
        self.closed = False

    def owned(self) -> Stream:
        return self._stream

    async def grown(self) -> None:
        self.closed = True


async def consumed(stream: Stream, shown: int, name: str, since: Since = 0) -> list[Item]:
    return [item async for item in Consumer[Any](Shelf(stream, shown), name, since)]


def event(ordinal: int) -> Json:
    return {
        "id": f"T{ordinal % 2}_{ordinal}",
        "type": "message",
        "text": f"{ordinal}",
        "created_at": f"2026-01-01T10:00:{ordinal:02}.000000Z",
    }


def thread(number: int, ordinals: list[int]) -> Json:
    created = f"2026-01-01T09:00:0{number}.000000Z"
    return {"id": f"T{number}", "created_at": created, "events": [event(n) for n in ordinals]}


USER = {"id": "agent", "type": "agent", "name": "Jane"}
ordinals = st.lists(st.integers(1, 6), max_size=3, unique=True)
numbers = st.integers(1, 6)
steps = st.one_of(
    st.tuples(st.sampled_from(["opened", "login", "gone", "status", "odd"]), numbers),
    st.tuples(st.sampled_from(["asked", "push", "echo", "starting", "chat"]), numbers),
    st.tuples(st.sampled_from(["page", "whole", "resync"]), ordinals),
)


def made(stream: Stream, story: list[tuple[str, Any]]) -> int:
    """Post a record for each step; gives the last seq."""
    asked: list[int] = []

    def post(kind: str, action: str, body: Any, **more: Any) -> int:
        whole: Json = {"action": action, "type": kind, "success": True, "payload": body}
        payload = body if kind == LIFECYCLE else whole
        return stream.post(kind, action, json.dumps(payload).encode(), **more).seq

    last = 0
    for step, given_ in story:
        match step:
            case "opened":
                last = post(LIFECYCLE, OPENED, {})
            case "login":
                config = {"customer_groups": {"monitoring": {"id": given_ % 3}}}
                login = {"customer_id": f"c{given_}", "__priv_dynamic_config": config}
                post(RESPONSE, "login", login)
                last = post(LIFECYCLE, "connected", {"number": 1})
            case "gone":
                last = post(LIFECYCLE, "disconnected", {"reason": "x", "was_connected": True})
            case "status":
                groups = [{"id": number, "status": "online"} for number in range(given_ % 3 + 1)]
                last = post(PUSH, "groups_status_updated", {"groups": groups})
            case "odd":
                last = post(PUSH, "something_new", {"colour": given_})
            case "asked":
                last = post(REQUEST, "send_event", {"chat_id": "C"})
                asked.append(last)
            case "starting":
                last = post(REQUEST, "start_chat", {})
                asked.append(last)
            case "push" | "echo":
                body = {"chat_id": "C", "thread_id": f"T{given_ % 2}", "event": event(given_)}
                ref = asked[int(given_) % len(asked)] if step == "echo" and asked else None
                last = post(PUSH, "incoming_event", body, ref=ref, chat_id="C")
            case "chat":
                chat = {"id": f"C{given_ % 2}", "users": [USER], "thread": thread(0, [given_])}
                ref = asked[-1] if asked else None
                last = post(PUSH, "incoming_chat", {"chat": chat}, ref=ref, chat_id=chat["id"])
            case "page":
                threads = {"threads": [thread(0, given_), thread(1, given_)]}
                last = post(RESPONSE, "list_threads", threads, chat_id="C")
            case _:
                chat = {"id": "C", "users": [USER, USER], "thread": thread(1, given_)}
                request_id = RESYNC_ID + "1" if step == "resync" else "1"
                last = post(RESPONSE, "get_chat", chat, chat_id="C", request_id=request_id)
    return last


async def told(stream: Stream, last: int) -> dict[str, list[Item]]:
    """What handlers of a client that lived through it all were told, by name."""
    found: dict[str, list[Item]] = {name: [] for name in EVENT_PAYLOADS}
    announcements = Announcements(lambda name: True, SeenFold())
    async for page in stream.read(0, last):
        for record, payload in pairs(page):
            parts: dict[str, int] = {}
            for name, it in announcements.of(record, payload):
                part = parts[name] = parts.get(name, -1) + 1
                found[name].append(Consumed(record.seq, it, part))
    return found


NAMES = [
    "event_added",
    "incoming_event",
    "incoming_chat",
    "user_data",
    "connected",
    "availability_updated",
    "unknown_push",
]


@given(story=st.lists(steps, max_size=14), saved=st.integers(0, 14))
async def test_from_any_seq_it_is_the_suffix_of_what_was_told(
    story: list[tuple[str, Any]], saved: int
) -> None:
    log = MemoryLog(clock=wall_clock)
    await log.open()
    stream = await log.stream(KEY)
    last = made(stream, story)
    await stream.committed(last)
    everything = await told(stream, last)
    # A snapshot, somewhere, of which events were seen.
    seen = SeenFold()
    async for page in stream.read(0, min(saved, last)):
        for record, payload in pairs(page):
            seen.take(record, payload)
    if last:
        await stream.save_snapshot(SEEN, min(saved, last), seen.encode())

    for name in NAMES:
        whole = everything[name]
        assert await consumed(stream, last, name) == whole
        for since in range(last + 1):
            rest = [item for item in whole if item.seq > since]
            assert await consumed(stream, last, name, since) == rest
        for place, item in enumerate(whole):
            after = await consumed(stream, last, name, (item.seq, item.part))
            assert after == whole[place + 1 :]
    await log.aclose()


@pytest.mark.shows("method consume", by="sandbox")
async def test_it_is_what_handlers_hear_then_and_there() -> None:
    async with scene() as it:
        records: list[lc.Record] = []
        it.sdk.records.subscribe(records.append)
        await it.settle()
        consume: Any = it.sdk.consume
        consumers = {name: consume(name, since=records[-1].seq) for name in EVENT_PAYLOADS}
        it.heard.clear()
        jane = it.sandbox.agent("Jane")
        jane.send_event(it.chat_id, "b")
        await it.sdk.send_event(chat_id=it.chat_id, event=lc.Message("c"))
        await it.other.deactivate_chat(id=it.chat_id)
        await it.sdk.list_threads(chat_id=it.chat_id)
        await it.heard.until("chat_deactivated")
        await it.settle()
        assert {"incoming_event", "event_added", "chat_deactivated"} <= set(it.heard.names)
        for name, consumer in consumers.items():
            expected = it.heard.of(name)
            found = [(await anext(consumer)).payload for _ in expected]
            assert found == expected, name


@pytest.mark.shows("method consume", by="sandbox")
async def test_live_after_the_log_and_after_a_restart(tmp_path: Path) -> None:
    again: Json = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
    taken: list[str] = []
    since: Since = 0
    async with Sandbox() as sandbox:
        jane = sandbox.agent("Jane")
        chat_id = ""
        for run, count in enumerate((2, 4, 5)):
            async with customer(sandbox, **again) as sdk:
                chat_id = chat_id or (await sdk.start_chat()).id
                consumer = sdk.consume("event_added", since=since)
                for number in range(3):
                    jane.send_event(chat_id, f"{run}.{number}")
                # One is left in the first run, another in the second: they come in the next.
                for _ in range(count):
                    item = await anext(consumer)
                    taken.append(cast("lc.Message", item.payload.event).text)
                    since = (item.seq, item.part)
            jane.send_event(chat_id, f"{run}.missed")
    everything = [f"{run}.{number}" for run in range(3) for number in range(3)]
    assert sorted(taken) == sorted([*everything, "0.missed", "1.missed"])


@pytest.mark.shows("event doubled", by="push")
async def test_doubles_that_handlers_heard_of() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard, own = Heard(sdk), (await sdk.get_customer()).id
        chat = await sdk.start_chat()
        assert chat.thread is not None
        delivered = sdk.outbox.send_event(chat.id, lc.Message("a"))
        first = await delivered
        for number in (98, 99):
            again = {
                "id": f"{chat.thread.id}_{number}",
                "type": "message",
                "text": "a",
                "author_id": own,
                "custom_id": first.custom_id,
                "created_at": f"2090-01-01T10:00:{number % 10:02}.000000Z",
            }
            body = {"chat_id": chat.id, "thread_id": chat.thread.id, "event": again}
            sandbox.push("incoming_event", body)
        await heard.until("doubled", 2)
        told = heard.of("doubled")
        assert [(it.custom_id, it.event.id) for it in told] == [
            (first.custom_id, f"{chat.thread.id}_98"),
            (first.custom_id, f"{chat.thread.id}_99"),
        ]
        consumer = sdk.consume("doubled")
        found = [await anext(consumer) for _ in told]
        assert [item.payload for item in found] == told
        assert await anext(sdk.consume("doubled", since=found[0].seq)) == found[1]


async def test_offline_and_without_a_consumer_before(tmp_path: Path) -> None:
    again: Json = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
    async with Sandbox() as sandbox:
        async with customer(sandbox, **again) as sdk:
            heard = Heard(sdk)
            chat = await sdk.start_chat()
            for text in "abc":
                sandbox.agent("Jane").send_event(chat.id, text)
            await heard.until("incoming_event", 3)
        async with lc.init(**sandbox.options(), **again, auto_connect=False) as sdk:
            consumer = sdk.consume("incoming_event")
            found = [await anext(consumer) for _ in range(3)]
            assert [item.payload for item in found] == heard.of("incoming_event")
            assert found[0].seq < found[1].seq < found[2].seq


async def test_a_slow_consumer_loses_nothing_and_holds_nobody_up() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard = Heard(sdk)
        chat = await sdk.start_chat()
        slow = sdk.consume("incoming_event")
        sandbox.agent("Jane").send_event(chat.id, "0")
        first = await anext(slow)
        # More than a handler's queue would hold.
        for number in range(1, 1_500):
            sandbox.agent("Jane").send_event(chat.id, f"{number}")
        await heard.until("incoming_event", 1_500)
        rest = [await anext(slow) for _ in range(1_499)]
        payloads = [item.payload for item in [first, *rest]]
        assert payloads == heard.of("incoming_event")


async def test_it_ends_with_the_sdk_and_leaves_nothing() -> None:
    async with Sandbox() as sandbox:
        async with customer(sandbox) as sdk:
            waiting = sdk.consume("incoming_event")
            left = asyncio.ensure_future(anext(waiting, None))
            behind = sdk.consume("connected")
            await sdk.get_customer()
        assert await left is None
        assert [item async for item in behind] == []
        assert [item async for item in sdk.consume("connected")] == []


async def test_destroy_ends_it_no_sooner_than_the_log() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        consumer = sdk.consume("connected")
        await sdk.destroy()
        assert (await anext(consumer)).payload.customer.id


async def test_a_call_that_is_cancelled_loses_nothing() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        consumer = sdk.consume("incoming_event")
        for turn in range(12):
            waiting = asyncio.ensure_future(anext(consumer))
            for _ in range(turn):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()
        jane = sandbox.agent("Jane")
        texts = [f"{number}" for number in range(20)]
        for text in texts:
            jane.send_event(chat.id, text)
        found: list[str] = []
        for turn in itertools.count():
            waiting = asyncio.ensure_future(anext(consumer))
            for _ in range(turn % 5):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            if not waiting.cancelled():
                found.append(cast("lc.Message", waiting.result().payload.event).text)
            if len(found) == len(texts):
                break
        assert found == texts


async def test_two_calls_at_once_get_two_items() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        consumer = sdk.consume("incoming_event")
        calls = [asyncio.ensure_future(anext(consumer)) for _ in range(2)]
        await sdk.get_customer()
        for text in "ab":
            sandbox.agent("Jane").send_event(chat.id, text)
        found = [(await call).payload.event for call in calls]
        assert [cast("lc.Message", it).text for it in found] == ["a", "b"]


async def test_another_customers_log_is_not_read_on_in_silence(tmp_path: Path) -> None:
    async with Sandbox(seed=1) as first, Sandbox(seed=2) as second:
        given_: Json = first.options() | {"log": tmp_path / "a.db"}
        async with customer(first, log=tmp_path / "a.db"):
            pass
        given_ |= {"api_url": second.api_url, "accounts_url": second.accounts_url}
        given_ |= {"credentials": lc.MemoryCredentials(), "auto_connect": False}
        async with lc.init(**given_) as sdk:
            consumer = sdk.consume("connected", since=1)
            mine = await anext(consumer)
            waiting = asyncio.ensure_future(anext(consumer))
            await sdk.connect()
            with pytest.raises(lc.IdentityMismatchError, match="since=0"):
                await waiting
            other = await anext(sdk.consume("connected"))
            assert other.payload.customer.id != mine.payload.customer.id


async def test_what_can_be_refused_at_once() -> None:
    sdk = lc.init(organization_id="o", client_id="c", log=":memory:")
    consume: Any = sdk.consume
    with pytest.raises(ValueError, match="did you mean 'incoming_event'"):
        consume("incoming_evnt")
    with pytest.raises(ValueError, match="told by no record"):
        consume("error")
    for since in (-1, True, 1.0, "1", None, (1,), (0, 0), (1, -1)):
        with pytest.raises(InvalidArgumentError, match="since"):
            consume("connected", since=since)
    with pytest.raises(lc.NoConnectionError):
        await anext(sdk.consume("connected"))


async def test_a_seq_that_the_log_does_not_hold_is_refused() -> None:
    """A power loss may cost the last records of a log with `synchronous="NORMAL"`."""
    async with Sandbox() as sandbox, lc.init(**sandbox.options(), log=":memory:") as sdk:
        consumer = sdk.consume("connected", since=10_000)
        with pytest.raises(InvalidArgumentError, match="since: the log ends at record"):
            await anext(consumer)
