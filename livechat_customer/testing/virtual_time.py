"""Virtual time: an event loop whose clock jumps to the next timer as soon as there is nothing to do.

    virtual_time.run(main())

Hours of back-off pass in milliseconds, always in the same order. Time stands still while a thread
of `run_in_executor` (and so `asyncio.to_thread`) works. Threads that a library starts by itself are
not seen, nor is a peer behind a real socket: the clock would run ahead of their answers. So
sockets are refused, and who uses such a thread (aiosqlite: a log in a file) gets an error instead
of a time-out that is none. Use a log in memory.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import Context
from typing import Any, Final, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

SECOND: Final = 1_000_000
EPOCH: Final = 1_735_689_600 * SECOND
"""What the wall clock shows when the loop begins: 2025, in µs since 1970."""


_TICK: Final = 1e-6
"""Seconds: no timer takes less, and timers that are nearer to each other fire together."""


class StandstillError(RuntimeError):
    """Nothing is left to wait for: every task waits for another, for ever."""

    def __init__(self) -> None:
        super().__init__("Every task waits, and no timer is set. Look for what never comes.")


class VirtualTimeError(RuntimeError):
    """Something whose work the virtual clock can't see; the message says what."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop for tests. It begins at 0 seconds; `wall_clock()` gives µs since the epoch."""

    def __init__(self) -> None:
        self._now = 0.0
        self._working = 0
        self._pool: ThreadPoolExecutor | None = None
        self._misuse: VirtualTimeError | None = None
        self._home = threading.get_ident()
        self._eyes = _Selector(self)
        super().__init__(self._eyes)
        # asyncio's nanosecond is less than a float can tell after a year.
        self._clock_resolution = _TICK
        self._eyes.closed_to_others = True

    def time(self) -> float:
        """Seconds since the loop was made, virtual ones."""
        return self._now

    def wall_clock(self) -> int:
        """µs since the epoch: for the `clock` of clients and sandboxes."""
        return EPOCH + round(self._now * SECOND)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        # A timer takes time, or one that sets itself anew for "now" would stop the clock.
        return super().call_at(max(when, self._now + _TICK), callback, *args, context=context)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        if executor is None:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(thread_name_prefix="virtual-time")
                self.set_default_executor(self._pool)
            executor = self._pool
        self._working += 1
        work = executor.submit(func, *args)
        future = asyncio.wrap_future(work, loop=self)
        # After the one that brings the result: work that nobody waits for any more counts, too.
        work.add_done_callback(lambda _: self.call_soon_threadsafe(self._worked))
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        self._working += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._working -= 1

    def call_soon_threadsafe(
        self,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        if threading.get_ident() != self._home and not self._working:
            self._misuse = VirtualTimeError(
                "A thread that virtual time can't see has answered. Use a log in memory."
            )
        return super().call_soon_threadsafe(callback, *args, context=context)

    def _worked(self) -> None:
        self._working -= 1

    def wait(
        self, look: Callable[[float | None], list[_Ready]], timeout: float | None
    ) -> list[_Ready]:
        """What the selector does: waits for threads really, for timers only by its clock."""
        ready = look(0)
        if self._misuse is not None:
            misuse, self._misuse = self._misuse, None
            raise misuse
        if ready or timeout == 0:
            return ready
        if self._working:
            return look(None)
        if timeout is None:
            raise StandstillError
        # At least the next number there is: a sum may be rounded to what it was.
        self._now = max(self._now + timeout, math.nextafter(self._now, math.inf))
        return []


_Ready = tuple[selectors.SelectorKey, int]


class _Selector(selectors.BaseSelector):
    """The machine's selector, asked through the loop; it knows the loop's own pipe only."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()
        self.closed_to_others = False

    def select(self, timeout: float | None = None) -> list[_Ready]:
        return self._loop.wait(self._real.select, timeout)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        if self.closed_to_others:
            raise VirtualTimeError("Virtual time can't wait for sockets. Use what is in process.")
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run()` in virtual time. StandstillError where a real loop would wait for ever."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def wall_clock() -> int:
    """µs since the epoch by the running loop's clock, the machine's where that is a real one."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    return loop.wall_clock() if isinstance(loop, VirtualLoop) else time.time_ns() // 1_000
