"""What only the log in memory can do: be slow, and be full, when a test wants it."""

from __future__ import annotations

import asyncio

import pytest
from store_kit import KEY, Ticks, gather, seqs

from livechat_customer.errors import LogFullError
from livechat_customer.store.memory import Memory, MemoryLog


async def test_a_slow_disk() -> None:
    go_on = asyncio.Event()

    async def wait() -> None:
        await go_on.wait()

    log = MemoryLog(clock=Ticks(), before_commit=wait)
    await log.open()
    stream = await log.stream(KEY)
    waiting = stream.append("push", "x", b"")
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert log.health.queued == 1
    go_on.set()
    assert (await waiting).seq == 1
    await log.aclose()


async def test_a_full_disk_and_room_again() -> None:
    full = False

    async def check() -> None:
        if full:
            raise LogFullError("The disk is full. Free some space.")

    log = MemoryLog(clock=Ticks(), before_commit=check)
    await log.open()
    stream = await log.stream(KEY)
    await stream.append("push", "before", b"")
    full = True
    with pytest.raises(LogFullError):
        await stream.append("push", "lost", b"")
    with pytest.raises(LogFullError):
        await log.recover()
    with pytest.raises(LogFullError):
        await log.stream(KEY)
    full = False
    await log.recover()
    await stream.append("push", "after", b"")
    assert [record.action for record in await gather(stream.read())] == ["before", "after"]
    await log.aclose()


async def test_it_is_forgotten_with_its_memory() -> None:
    memory = Memory()
    for memory_of_log, expected in ((memory, []), (memory, [1]), (None, [])):
        log = MemoryLog(clock=Ticks(), memory=memory_of_log)
        await log.open()
        stream = await log.stream(KEY)
        assert seqs(await gather(stream.read())) == expected
        if not expected:
            await stream.append("push", "x", b"")
        await log.aclose()
