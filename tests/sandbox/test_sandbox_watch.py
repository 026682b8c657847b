from __future__ import annotations

import asyncio

import pytest

from livechat_customer.sandbox.watch import Watch


async def test_a_true_condition_does_not_wait() -> None:
    assert await Watch().until(lambda: 3, None) == 3


async def test_a_condition_is_looked_at_on_notice_only() -> None:
    watch, looks, happened = Watch(), 0, False

    def look() -> str:
        nonlocal looks
        looks += 1
        return "yes" if happened else ""

    waiting = asyncio.create_task(watch.until(look, None))
    await asyncio.sleep(0)
    watch.notify()
    await asyncio.sleep(0)
    assert not waiting.done()
    happened = True
    await asyncio.sleep(0)
    assert not waiting.done()
    watch.notify()
    assert await waiting == "yes"
    assert looks == 3
    watch.notify()
    assert looks == 3


async def test_it_gives_up() -> None:
    with pytest.raises(TimeoutError):
        await Watch().until(lambda: False, 0.01)


async def test_a_predicates_error_is_its_waiters() -> None:
    watch, ready = Watch(), False

    def fail() -> bool:
        if ready:
            raise KeyError("x")
        return False

    failing = asyncio.create_task(watch.until(fail, None))
    other = asyncio.create_task(watch.until(lambda: ready, None))
    await asyncio.sleep(0)
    ready = True
    watch.notify()
    assert await other is True
    with pytest.raises(KeyError):
        await failing
