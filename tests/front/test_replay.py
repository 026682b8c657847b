"""Replay: the live client's views again, record by record, with no network."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from front_kit import customer, texts, until

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox


async def recorded(path: Path) -> tuple[dict[int, str], str, str, list[str]]:
    """A session with a cut in it: root digests by seq, the last state digest, chat, history."""
    digests: dict[int, str] = {}
    async with Sandbox(bot=True) as sandbox, customer(sandbox, log=path) as sdk:
        sdk.records.subscribe(lambda record: digests.update({record.seq: sdk.root_digest()}))
        chat = await sdk.start_chat(continuous=True)
        for number in range(5):
            await sdk.send_event(chat_id=chat.id, event=lc.Message(f"message {number}"))
        sandbox.disconnect()
        await until(sdk.connection, lambda state: state.status == "reconnecting")
        await until(sdk.connection, lambda state: state.status == "connected")
        await sdk.deactivate_chat(id=chat.id)
        await sdk.resume_chat(chat={"id": chat.id})
        history = sdk.history(chat.id)
        await history.ready()
        await sdk.request("get_customer")
        shown = texts(history.value)
        state = await sdk.state_digest()
        kept = dict(digests)
        assert kept[max(kept)] == sdk.root_digest()
    return kept, state, chat.id, shown


async def test_at_goes_back_and_forth_and_the_views_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "session.db"
    _, _, chat_id, _ = await recorded(path)
    async with lc.replay(path) as session:
        statuses: list[str] = []
        session.connection.subscribe(lambda state: statuses.append(state.status))
        while await session.step():
            pass
        end, last = session.root_digest(), session.seq
        assert [item.id for item in session.chats.value] == [chat_id]
        await session.at(3)
        assert session.seq == 3
        assert len(session.chats.value) == 0
        with pytest.raises(ValueError, match="use at"):
            await session.run_to(2)
        await session.at(last)
        assert session.root_digest() == end
        assert "connected" in statuses
    async with lc.replay(path) as session:
        third = (await session.run_to(3)).root_digest()
        assert third == (await session.at(3)).root_digest()


async def test_a_replay_follows_an_open_log_and_leaves_it_open(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        async with lc.replay(sdk.log) as session:
            await session.run()
            assert session.customer.value is not None
        assert (await sdk.get_customer()).id == session.customer.value.id


async def test_a_missing_log_and_a_closed_replay_say_so(tmp_path: Path) -> None:
    with pytest.raises(lc.LogError):
        async with lc.replay(tmp_path / "none.db"):
            pass
    assert not (await asyncio.to_thread((tmp_path / "none.db").exists))
    session = lc.replay(tmp_path / "none.db")
    with pytest.raises(lc.LogError, match="async with"):
        await session.run()


async def test_a_stream_that_the_log_does_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "session.db"
    await recorded(path)
    with pytest.raises(lc.StreamNotFoundError, match="no stream of this key"):
        await lc.replay(path, stream=lc.StreamKey("no", "body")).__aenter__()


async def test_changes_are_replayed_too(tmp_path: Path) -> None:
    path = tmp_path / "session.db"
    await recorded(path)
    shown: list[lc.ChatItem] = []

    def patch(changes: tuple[lc.Change[lc.ChatItem], ...]) -> None:
        shown[:] = lc.applied(shown, changes)

    async with lc.replay(path) as session:
        session.chats.changes.subscribe(patch)
        await session.run()
        assert shown == list(session.chats.value)
    assert len(shown) == 1
