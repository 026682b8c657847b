"""Blocking work away from the event loop, without leaving a thread behind.

`asyncio.to_thread` keeps its threads until the loop is closed; whoever leaves a log shall find
no thread of ours.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


async def off_loop(work: Callable[[], _T]) -> _T:
    """Run `work` in a thread of its own; return when both it and the thread have ended."""
    threads: list[threading.Thread] = []

    def run() -> _T:
        threads.append(threading.current_thread())
        return work()

    executor = ThreadPoolExecutor(1, thread_name_prefix="livechat-customer")
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, run)
    finally:
        executor.shutdown(wait=False)
        for thread in threads:
            await ended(thread)


async def ended(thread: threading.Thread) -> None:
    """Return when a thread that was told to end has ended: some 100 µs."""
    while thread.is_alive():  # noqa: ASYNC110 - a thread's end sets no event
        await asyncio.sleep(0.0001)
