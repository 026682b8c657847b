"""The pump's own duties: the log comes first, and a log that can't keep up stops the reading."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from front_kit import customer, until

import livechat_customer as lc
from livechat_customer.records import Record
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.sqlite import SqliteLog
from livechat_customer.transport.credentials import MemoryCredentials


async def test_a_request_is_committed_before_the_server_gets_it() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        committed: list[str] = []
        sdk.records.subscribe(
            lambda record: committed.append(record.action) if record.kind == "request" else None
        )
        seen: list[bool] = []

        def look() -> bool:
            last = sandbox.received[-1].action if sandbox.received else ""
            if last == "get_customer":
                seen.append("get_customer" in committed)
            return bool(seen)

        waiting = asyncio.create_task(sandbox.wait_until(look))
        await sdk.get_customer()
        await waiting
        assert all(seen)


async def test_an_answer_bears_its_requests_seq_chat_and_paging_arguments() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(continuous=True)
        found: list[Record] = []
        sdk.records.subscribe(found.append)
        await sdk.list_threads(chat_id=chat.id, limit=2)
        await sdk.get_chat(chat_id=chat.id)
        request, response = (it for it in found if it.action == "list_threads")
        assert (response.ref, response.chat_id) == (request.seq, chat.id)
        assert response.args is not None
        assert b'"limit":2' in response.args
        whole = next(it for it in found if it.action == "get_chat" and it.kind == "response")
        assert whole.thread_id is None, "the request named none: it asked for the newest"


async def test_unknown_and_unreadable_pushes_are_kept_and_told_of() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[Any] = []
        sdk.on("unknown_push", heard.append)
        sandbox.push("something_new", {"colour": "red"})
        await sdk.wait_for("unknown_push", timeout=5)
        assert heard[0].action == "something_new"
        chat = await sdk.start_chat(continuous=True)
        sandbox.push("incoming_event", {"chat_id": chat.id, "event": 7})
        await sdk.get_customer()
        assert sdk.connection.value.status == "connected"


async def test_a_raising_subscriber_hurts_nobody() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        errors: list[lc.CustomerSDKError] = []
        values: list[int] = []
        sdk.on("error", errors.append)

        def broken(value: object) -> None:
            if len(values) > 1:
                raise RuntimeError("boom")

        sdk.chats.subscribe(broken)
        sdk.chats.subscribe(lambda chats: values.append(len(chats)))
        chat = await sdk.start_chat(continuous=True)
        await sdk.send_event(chat_id=chat.id, event=lc.Message("one"))
        await sdk.send_event(chat_id=chat.id, event=lc.Message("two"))
        assert values[-1] == 1
        assert errors
        assert all(isinstance(error.__cause__, RuntimeError) for error in errors)


async def test_when_the_log_fails_waiting_requests_end_with_its_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    log = SqliteLog(str(path), clock=wall_clock, busy_timeout=0.05)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        held = sandbox.fault("delay", action="get_customer")
        waiting = asyncio.create_task(sdk.get_customer())
        await sandbox.wait_until(lambda: held.fired == 1)
        # Another program takes the database's write lock and keeps it.
        thief = await asyncio.to_thread(_locked, path)
        try:
            held.release()
            with pytest.raises(lc.LogError):
                await waiting
            with pytest.raises(lc.CustomerSDKError):
                await sdk.get_customer()
            assert sdk.log.health.status == "failed"
            assert sdk.customer.value is not None, "what was shown stays"
        finally:
            await asyncio.to_thread(thief.close)
    await log.aclose()


def _locked(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


async def test_connecting_ends_with_the_logs_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    log = SqliteLog(str(path), clock=wall_clock, busy_timeout=0.05)
    async with (
        Sandbox() as sandbox,
        lc.init(**sandbox.options(), log=log, auto_connect=False) as sdk,
    ):
        thief = await asyncio.to_thread(_locked, path)
        try:
            with pytest.raises(lc.LogError):
                await sdk.connect()
        finally:
            await asyncio.to_thread(thief.close)
    await log.aclose()


async def test_an_input_that_the_machine_refuses_blocks_no_other() -> None:
    ids: Iterator[str] = (f"id-{number}" for number in range(99))
    async with Sandbox() as sandbox, customer(sandbox, ids=lambda: next(ids)) as sdk:
        await until(sdk.sync, lambda sync: sync.report is not None)
        ids = iter(["~not allowed", "allowed"])
        with pytest.raises(ValueError, match="~"):
            await sdk.get_customer()
        assert (await sdk.get_customer()).id


async def test_a_subscriber_of_records_or_a_view_can_not_stop_an_answer() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:

        def broken(_: object) -> None:
            raise RuntimeError("boom")

        sdk.records.subscribe(broken)
        sdk.on("user_data", broken)
        chat = await sdk.start_chat(continuous=True)
        assert (await sdk.get_chat(chat_id=chat.id)).id == chat.id


async def test_another_customer_at_the_start_gets_a_stream_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with Sandbox() as sandbox:
        async with customer(sandbox, log=path, credentials=MemoryCredentials()) as first:
            chat = await first.start_chat(continuous=True)
            was = await first.get_customer()
        # Without the first run's cookies the token endpoint makes a new customer.
        async with customer(sandbox, log=path, credentials=MemoryCredentials()) as second:
            now = await second.get_customer()
            assert now.id != was.id
            assert second.customer.value is not None
            assert second.customer.value.id == now.id
            assert list(second.chats.value) == []
            streams = await second.log.streams()
            assert [info.customer_id for info in streams] == [was.id, now.id]
        assert chat.id not in {item.id for item in second.chats.value}
    async with lc.replay(path) as session:
        await session.run()
        assert session.customer.value is not None
        assert session.customer.value.id == now.id
