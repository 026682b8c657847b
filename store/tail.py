"""Following a log as it grows: one poll for all tails that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol

from livechat_customer.errors import LogError

POLL_SECONDS = 0.05
"""How often a waiting tail looks: another process can't tell us, SQLite only shows it."""

_LOOKING = -1


class Heads(Protocol):
    """`Backend.heads`."""

    async def __call__(
        self, streams: Iterable[int], since: int | None = None
    ) -> tuple[int, Mapping[int, int]]: ...


class Watch:
    """Wakes tails when their stream has grown. Polls only while somebody waits."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._waiting: dict[asyncio.Future[bool], tuple[int, int]] = {}
        self._mark: int | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def beyond(self, stream: int, seq: int) -> bool:
        """Wait until the stream holds a record after `seq`; False: the log was closed."""
        if self._closed:
            return False
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[future] = (stream, seq)
        self._mark = None
        if self._task is None:
            self._task = asyncio.create_task(self._poll(), name="livechat-customer log tail")
        try:
            return await future
        finally:
            self._waiting.pop(future, None)

    async def aclose(self) -> None:
        """End all tails."""
        self._closed = True
        self._end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _end(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(False)

    async def _poll(self) -> None:
        try:
            while self._waiting:
                streams = {stream for stream, _ in self._waiting.values()}
                # None for who came since: what it has read may be older than the last mark.
                since, self._mark = self._mark, _LOOKING
                mark, heads = await self._heads(streams, since)
                if self._mark == _LOOKING:
                    self._mark = mark
                for future, (stream, seq) in list(self._waiting.items()):
                    if heads.get(stream, 0) > seq and not future.done():
                        future.set_result(True)
                await asyncio.sleep(POLL_SECONDS)
        except LogError as error:
            for future in list(self._waiting):
                if not future.done():
                    future.set_exception(error)
        finally:
            self._task = None
