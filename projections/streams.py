"""Values of a view for `async for`: what waits while the reader is busy.

A stream never holds the view back. What it keeps for a slow reader is a choice: only the newest
value, some of them, or some of them and a word on how many were lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Latest(msgspec.Struct, frozen=True):
    """A slow reader gets only the newest value: views are states, so nothing is lost."""


class Buffer(msgspec.Struct, frozen=True):
    """A slow reader gets the last `size` values; older ones are dropped silently."""

    size: int


class Lagged(msgspec.Struct, frozen=True):
    """As `Buffer`, but a `Lag` stands where values were dropped."""

    size: int


Overflow = Latest | Buffer | Lagged


class Lag(msgspec.Struct, frozen=True):
    """Values were dropped because the reader was slow; the next one is newer."""

    missed: int


class Mailbox:
    """What waits for one reader. It has the methods of an observer."""

    def __init__(self, overflow: Overflow) -> None:
        size = 1 if isinstance(overflow, Latest) else overflow.size
        if size < 1:
            raise ValueError("size must be at least 1")
        self._waiting: deque[Any] = deque(maxlen=size)
        self._tells = isinstance(overflow, Lagged)
        self._missed = 0
        self._completed = False
        self._reader: asyncio.Future[None] | None = None

    def on_next(self, value: Any) -> None:
        if len(self._waiting) == self._waiting.maxlen:
            self._missed += 1
        self._waiting.append(value)
        self._wake()

    def on_completed(self) -> None:
        self._completed = True
        self._wake()

    async def take(self) -> Any:
        """The next value or `Lag`, once there is one. StopAsyncIteration if none will come."""
        while not self._waiting:
            if self._completed:
                raise StopAsyncIteration
            if self._reader is not None:
                raise RuntimeError("another task waits on this stream; give each its own")
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        missed, self._missed = self._missed, 0
        if missed and self._tells:
            return Lag(missed)
        return self._waiting.popleft()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class Stream(AsyncIterator[T], Generic[T]):
    """An asynchronous iterator over a view's values, the current one first.

    It ends when the SDK is closed, or with `aclose()`. Leaving it alone ends it too.
    """

    def __init__(self, mailbox: Mailbox, detach: Callable[[], None]) -> None:
        self._mailbox = mailbox
        self._detach = detach

    def __aiter__(self) -> Stream[T]:
        return self

    async def __anext__(self) -> T:
        value: T = await self._mailbox.take()
        return value

    async def aclose(self) -> None:
        """Ends it; a task that waits on it sees the end."""
        self._detach()
        self._mailbox.on_completed()

    def __del__(self) -> None:
        self._detach()
