"""Work off the loop that leaves no thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from livechat_customer.store.offload import off_loop


async def test_it_runs_elsewhere_and_the_thread_is_gone() -> None:
    before = set(threading.enumerate())
    where = await off_loop(threading.current_thread)
    assert where not in before
    assert set(threading.enumerate()) == before


async def test_what_it_raises_is_raised() -> None:
    before = set(threading.enumerate())

    def fail() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError):
        await off_loop(fail)
    assert set(threading.enumerate()) == before


async def test_a_cancelled_caller_waits_until_the_thread_has_ended() -> None:
    before = set(threading.enumerate())
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(10)

    task = asyncio.ensure_future(off_loop(work))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert {one for one in threading.enumerate() if not one.name.startswith("asyncio_")} == before
