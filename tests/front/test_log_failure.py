"""A log that fails in the middle of a session, and `connect()` after its cause is gone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from front_kit import customer, until

import livechat_customer as lc
from livechat_customer.errors import LogError, LogLockedError
from livechat_customer.records import CONNECTED
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.log import Database
from livechat_customer.store.memory import Memory, MemoryBackend, MemoryLog
from livechat_customer.store.queue import Batch
from livechat_customer.store.sqlite import SqliteLog


@asynccontextmanager
async def thief(path: Path) -> AsyncGenerator[None]:
    """Another program has the database's write lock."""
    connection = await asyncio.to_thread(
        sqlite3.connect, path, isolation_level=None, check_same_thread=False
    )
    try:
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        yield
    finally:
        await asyncio.to_thread(connection.close)


def short_of_patience(path: Path) -> SqliteLog:
    return SqliteLog(str(path), clock=wall_clock, busy_timeout=0.05)


async def test_connect_takes_up_a_log_whose_trouble_is_over(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    log = short_of_patience(path)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        chat = await sdk.start_chat(continuous=True)
        async with thief(path):
            with pytest.raises(LogLockedError):
                await sdk.get_customer()
            with pytest.raises(LogLockedError):
                await sdk.connect()
            with pytest.raises(LogLockedError):
                await sdk.connect()
            assert log.health.status == "failed"
        both = await asyncio.gather(sdk.connect(), sdk.connect())
        assert both[0] is both[1]
        assert log.health.status == "ok"  # type: ignore[comparison-overlap]
        await sdk.send_event(chat_id=chat.id, event=lc.Message("after"))
        records: list[lc.Record] = []
        sdk.records.subscribe(records.append)
        await sdk.get_customer()
        seq, digest = records[-1].seq, sdk.root_digest()
    await log.aclose()
    async with lc.replay(path) as again:
        await again.run_to(seq)
        assert again.root_digest() == digest


async def test_connect_also_takes_up_a_log_that_failed_before_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    log = short_of_patience(path)
    await log.open()
    stream = await log.stream(lc.StreamKey("some", "body"))
    async with Sandbox() as sandbox:
        sdk = lc.init(**sandbox.options(), log=log)
        async with thief(path):
            with pytest.raises(LogLockedError):
                await stream.append("push", "lost", b"{}")
            with pytest.raises(LogLockedError):
                await sdk.connect()
        assert (await sdk.connect()).customer.id
        await sdk.aclose()
    await stream.aclose()
    await log.aclose()


async def test_the_connection_is_shown_as_paused_from_the_failure_to_the_next_attempt(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    log = short_of_patience(path)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        seen: list[lc.ConnectionState] = []
        sdk.connection.subscribe(seen.append)
        async with thief(path):
            with pytest.raises(LogLockedError):
                await sdk.get_customer()
            state = sdk.connection.value
            assert (state.status, state.reason) == ("paused", "log_failed")
            assert state.last_error is not None
            assert state.last_error.code == "LOG_LOCKED"
            assert sdk.connection.value is state, "an unchanged view is the same object"
            await until(sdk.connection, lambda it: it.status == "paused")
        await log.recover()
        assert sdk.connection.value is state, "the log is back, the connection is not"
        await sdk.connect()
        assert [it.status for it in seen] == ["connected", "paused", "connecting", "connected"]
        assert sdk.connection.value.last_error is None
        digest = sdk.root_digest()
        await sdk.destroy()
        assert sdk.connection.value.status == "destroyed"
        assert digest != sdk.root_digest()
    await log.aclose()
    assert len(seen) == 5


async def test_an_end_that_was_not_recorded_is_told_to_who_connects(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    log = short_of_patience(path)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        told: list[lc.Disconnected] = []
        sdk.on("disconnected", told.append)
        async with thief(path):
            sandbox.disconnect(reason="customer_banned")
            await until(sdk.connection, lambda it: it.status == "paused")
        with pytest.raises(lc.LoginError, match="customer_banned"):
            await sdk.connect()
        with pytest.raises(lc.SDKDestroyedError, match="customer_banned"):
            await sdk.connect()
        assert [it.reason for it in told] == ["customer_banned"]
        assert sdk.connection.value.status == "destroyed"
    await log.aclose()


async def test_a_loss_that_was_not_recorded_is_shown(tmp_path: Path) -> None:
    """The log's last word stays "connected", although nothing is left of the connection."""
    path = tmp_path / "a.db"
    log = short_of_patience(path)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        async with thief(path):
            sandbox.fault("refuse")
            sandbox.disconnect()
            await until(sdk.connection, lambda it: it.status == "paused")
            assert sdk.connection.value.reason == "log_failed"
        await sdk.connect()
        assert sdk.connection.value.status == "connected"
    await log.aclose()


class Doubtful(MemoryBackend):
    """Reports the commit of the first login as failed, although it holds."""

    def __init__(self) -> None:
        super().__init__(Memory())
        self.doubted = False

    async def commit(self, batch: Batch) -> None:
        await super().commit(batch)
        actions = {record.action for part in batch.parts for record in part.records}
        if CONNECTED in actions and not self.doubted:
            self.doubted = True
            raise LogError("The disk failed. Check it.")


class DoubtfulLog(MemoryLog):
    async def _attach(self) -> Database:
        return Database(Doubtful(), None)


async def test_a_login_that_was_committed_after_all_is_not_taken_for_a_connection() -> None:
    log = DoubtfulLog(clock=wall_clock)
    async with (
        Sandbox() as sandbox,
        lc.init(**sandbox.options(), log=log, auto_connect=False) as sdk,
    ):
        with pytest.raises(LogError, match="disk"):
            await sdk.connect()
        assert (sdk.connection.value.status, sdk.connection.value.number) == ("paused", 1)
        await log.recover()
        assert (sdk.connection.value.status, sdk.connection.value.number) == ("paused", 1)
        await sdk.connect()
        assert (sdk.connection.value.status, sdk.connection.value.number) == ("connected", 2)
        assert (await sdk.get_customer()).id
    await log.aclose()
