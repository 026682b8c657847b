from __future__ import annotations

import asyncio

from livechat_customer.sandbox.timers import Timers


async def test_calls_come_once_and_in_time() -> None:
    timers, called = Timers(), asyncio.Event()
    count: list[int] = []

    def call() -> None:
        count.append(1)
        called.set()

    timers.after(0.001, call)
    await called.wait()
    assert count == [1]


async def test_cancelled_calls_never_come() -> None:
    timers, called, last = Timers(), [0], asyncio.Event()
    timers.after(0, lambda: called.append(1))()
    timers.after(0, lambda: called.append(2))
    timers.clear()
    timers.after(0.001, last.set)
    await last.wait()
    assert called == [0]
