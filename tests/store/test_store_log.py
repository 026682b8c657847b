"""The handle: what it tells of its health, and operations that are cancelled half-way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from store_kit import KEY, Ticks, until

from livechat_customer.errors import LogFullError, LogLockedError
from livechat_customer.store.base import LogHealth
from livechat_customer.store.memory import Memory, MemoryLog
from livechat_customer.store.sqlite import SqliteLog


async def test_who_listens_to_health_hears_every_change_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error: LogFullError | None = None

    async def check() -> None:
        if error is not None:
            raise error

    log = MemoryLog(clock=Ticks(), before_commit=check)
    heard: list[str] = []
    stopped: list[str] = []

    def bad(health: LogHealth) -> None:
        raise RuntimeError("from a callback")

    log.on_health(bad)
    log.on_health(lambda health: heard.append(health.status))
    stop = log.on_health(lambda health: stopped.append(health.status))
    await log.open()
    stop()
    stop()
    stream = await log.stream(KEY)
    error = LogFullError("The disk is full. Free some space.")
    with pytest.raises(LogFullError):
        await stream.append("push", "x", b"")
    error = None
    await log.recover()
    await log.aclose()
    assert heard == ["ok", "failed", "ok", "closed"]
    assert stopped == ["ok"]
    assert "RuntimeError" in caplog.text
    assert "from a callback" not in caplog.text


async def test_a_failure_of_the_database_is_told_by_every_log_on_it(tmp_path: Path) -> None:
    path = str(tmp_path / "log.db")
    logs = [SqliteLog(path, clock=Ticks(), busy_timeout=0.05) for _ in range(2)]
    for log in logs:
        await log.open()
    import sqlite3

    stream = await logs[0].stream(KEY)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    with pytest.raises(LogLockedError):
        await stream.append("push", "x", b"")
    assert [log.health.status for log in logs] == ["failed", "failed"]
    await asyncio.to_thread(other.close)
    await asyncio.gather(*[log.recover() for log in logs])
    assert [log.health.status for log in logs] == ["ok", "ok"]
    for log in logs:
        await log.aclose()


async def test_a_stream_claimed_for_who_is_gone_is_given_back() -> None:
    memory = Memory()
    log = MemoryLog(clock=Ticks(), memory=memory)
    await log.open()
    for _ in range(3):
        claiming = asyncio.ensure_future(log.stream(KEY))
        await until(lambda: memory.locked)
        claiming.cancel()
        await asyncio.wait([claiming])
        if claiming.cancelled():
            assert memory.locked == set()
        else:
            await claiming.result().aclose()
    await (await log.stream(KEY)).append("push", "x", b"")
    await log.aclose()
    assert memory.locked == set()


async def test_closing_a_log_from_its_own_listener_waits_for_nobody() -> None:
    """A commit's listener must never wait for the writer that calls it."""
    log = MemoryLog(clock=Ticks())
    await log.open()
    stream = await log.stream(KEY)
    closing: list[asyncio.Future[None]] = []
    stream.listen(
        lambda records: closing.append(asyncio.ensure_future(log.aclose())), lambda error: None
    )
    await stream.append("push", "x", b"")
    await closing[0]
    assert log.health.status == "closed"
