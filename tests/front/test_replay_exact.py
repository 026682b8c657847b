"""Replay equals the live client at each record, and at the end in the whole state."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_kit import customer, texts, until

import livechat_customer as lc
from livechat_customer.records import Record
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.memory import MemoryLog
from livechat_customer.store.queue import Limits
from livechat_customer.store.sqlite import SqliteLog

ONE_BY_ONE = Limits(batch_records=1)
"""Each record is a batch of its own: what is seen with it is the state as of it."""


async def lived(sandbox: Sandbox, sdk: lc.CustomerSDK) -> str:
    """A session with a bit of everything in it; the chat's id."""
    chat = await sdk.start_chat(continuous=True)
    for number in range(3):
        await sdk.send_event(chat_id=chat.id, event=lc.Message(f"message {number}"))
    jane = sandbox.agent("Jane")
    jane.typing(chat.id)
    said = jane.send_event(chat.id, "Hello")
    sandbox.show_greeting()
    sandbox.set_availability(0, "offline")
    sandbox.set_queue(chat.id, 2, 60)
    await until(sdk.chat(chat.id), lambda it: it is not None and it.unread == 1)
    sandbox.disconnect()
    await until(sdk.connection, lambda state: state.status == "reconnecting")
    jane.send_event(chat.id, "Are you there?")
    await until(sdk.connection, lambda state: state.status == "connected")
    await sdk.mark_events_as_seen(chat_id=chat.id, seen_up_to=said.created_at)
    await sdk.update_customer(name="Ann")
    await sdk.deactivate_chat(id=chat.id)
    await sdk.resume_chat(chat={"id": chat.id}, continuous=True)
    async for _ in sdk.get_chat_history(chat_id=chat.id):
        pass
    sandbox.disconnect(reason="inactivity_timeout")
    await until(sdk.connection, lambda state: state.status == "paused")
    return chat.id


@pytest.mark.parametrize("kind", ["file", "memory"])
async def test_the_root_digest_is_the_same_at_every_record(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    log = (
        SqliteLog(str(path), clock=wall_clock, limits=ONE_BY_ONE)
        if kind == "file"
        else MemoryLog(clock=wall_clock, limits=ONE_BY_ONE)
    )
    live: dict[int, str] = {}
    records: dict[int, Record] = {}
    sdk_of: list[lc.CustomerSDK] = []

    def told(record: Record) -> None:
        records[record.seq] = record
        live[record.seq] = sdk_of[0].root_digest()

    async with Sandbox() as sandbox:
        sdk = lc.init(**sandbox.options(), log=log, random=lambda: 0.0)
        sdk_of.append(sdk)
        sdk.records.subscribe(told)
        async with sdk:
            await sdk.connect()
            chat_id = await lived(sandbox, sdk)
            history = sdk.history(chat_id)
            await history.ready()
            shown = texts(history.value)
            state, last = await sdk.state_digest(), max(live)
            seen_at_the_end = sdk.root_digest()
    assert sorted(live) == list(range(1, len(live) + 1))
    assert len(set(live.values())) > 20
    assert live[last] == seen_at_the_end

    async with lc.replay(log) as session:
        while session.seq < last:
            record = await session.step()
            assert record == records[session.seq]
            assert session.root_digest() == live[session.seq], records[session.seq].action
        assert await session.state_digest() == state
        replayed = session.history(chat_id)
        await replayed.ready()
        assert texts(replayed.value) == shown
        for seq in (1, last // 2, last // 3, last):
            assert (await session.at(seq)).root_digest() == live[seq]
    await log.aclose()


async def test_the_views_of_a_replay_are_the_live_ones(tmp_path: Path) -> None:
    """Value by value, at the last record the live client had read."""
    path = tmp_path / "a.db"
    async with Sandbox() as sandbox, customer(sandbox, log=path) as sdk:
        seqs: list[int] = []
        sdk.records.subscribe(lambda record: seqs.append(record.seq))
        chat_id = await lived(sandbox, sdk)
        thread = sdk.chats.value[0].thread
        assert thread is not None
        names = ("connection", "customer", "availability", "greeting")
        lazy = (sdk.history(chat_id), sdk.thread(chat_id, thread.id))
        for view in lazy:
            await view.ready()
        live = [getattr(sdk, name).value for name in names]
        live += [sdk.chat(chat_id).value]
        live += [list(view.value or ()) for view in (sdk.chats, *lazy)]
        last = seqs[-1]
    async with lc.replay(path) as session:
        await session.run_to(last)
        again = (session.history(chat_id), session.thread(chat_id, thread.id))
        for view in again:
            await view.ready()
        found = [getattr(session, name).value for name in names]
        found += [session.chat(chat_id).value]
        found += [list(view.value or ()) for view in (session.chats, *again)]
        all_names = (*names, "chat", "chats", "history", "thread")
        for name, one, other in zip(all_names, live, found, strict=True):
            assert other == one, name
