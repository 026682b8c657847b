"""The log in memory: the twin of the file, for tests, `":memory:"` and throw-away clients.

It keeps records in lists and passes the same contract suite as SQLite. What it keeps lives as
long as its `Memory`, so it can be closed and opened again, or opened twice.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from livechat_customer.errors import LogClosedError, StreamLockedError, StreamReplacedError
from livechat_customer.records import Record, StreamKey
from livechat_customer.store.backend import Claim
from livechat_customer.store.base import Clock, StreamInfo
from livechat_customer.store.log import Database, Log
from livechat_customer.store.queue import Batch, Limits


class _Stream:
    """One stream's row and records; the record of seq n is `records[n - 1]`."""

    def __init__(self, number: int, key: StreamKey, generation: int) -> None:
        self.id = number
        self.key = key
        self.generation = generation
        self.customer_id: str | None = None
        self.epoch = 0
        self.records: list[Record] = []
        self.by_chat: dict[str, list[Record]] = {}
        self.by_request: dict[str, list[Record]] = {}
        self.snapshots: dict[str, tuple[int, bytes]] = {}
        self.cursors: dict[str, int] = {}

    def info(self) -> StreamInfo:
        return StreamInfo(
            id=self.id,
            key=self.key,
            customer_id=self.customer_id,
            epoch=self.epoch,
            last_seq=len(self.records),
            generation=self.generation,
        )

    def add(self, records: Sequence[Record]) -> None:
        self.records.extend(records)
        for record in records:
            if record.chat_id is not None:
                self.by_chat.setdefault(record.chat_id, []).append(record)
            if record.request_id is not None:
                self.by_request.setdefault(record.request_id, []).append(record)


class Memory:
    """What logs in memory keep."""

    def __init__(self) -> None:
        self.streams: list[_Stream] = []
        self.locked: set[StreamKey] = set()
        self.version = 0

    def newest(self, key: StreamKey) -> _Stream | None:
        return next((s for s in reversed(self.streams) if s.key == key), None)

    def new(self, key: StreamKey, generation: int) -> _Stream:
        stream = _Stream(len(self.streams) + 1, key, generation)
        self.streams.append(stream)
        return stream


class MemoryBackend:
    """A `Backend` over a `Memory`."""

    def __init__(
        self, memory: Memory, before_commit: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._memory = memory
        self._before_commit = before_commit
        self._open = True

    async def commit(self, batch: Batch) -> None:
        started = time.perf_counter_ns()
        await (self._before_commit() if self._before_commit is not None else asyncio.sleep(0))
        replaced: set[int] = set()
        for part in batch.parts:
            stream = self._stream(part.lane.id)
            if stream.epoch == part.lane.epoch:
                stream.add(part.records)
            else:
                replaced.add(stream.id)
        batch.replaced = frozenset(replaced)
        self._memory.version += 1
        batch.commit_us = (time.perf_counter_ns() - started) // 1000

    async def probe(self) -> None:
        if self._before_commit is not None:
            await self._before_commit()

    async def claim(self, key: StreamKey) -> Claim:
        self._check()
        if key in self._memory.locked:
            raise StreamLockedError("Another SDK writes this stream. Close it first.")
        stream = self._memory.newest(key) or self._memory.new(key, 1)
        self._memory.locked.add(key)
        return self._claimed(stream)

    async def succeed(self, claim: Claim) -> Claim:
        old = self._fenced(claim.info.id, claim.info.epoch)
        return self._claimed(self._memory.new(old.key, old.generation + 1))

    def _claimed(self, stream: _Stream) -> Claim:
        stream.epoch += 1
        last_at = stream.records[-1].recorded_at if stream.records else 0
        return Claim(stream.info(), last_at, stream.key)

    async def adopt(self, claim: Claim) -> None: ...

    async def release(self, claim: Claim) -> None:
        self._memory.locked.discard(claim.info.key)

    async def bind(self, stream: int, epoch: int, customer_id: str) -> str:
        row = self._fenced(stream, epoch)
        if row.customer_id is None:
            row.customer_id = customer_id
        return row.customer_id

    async def find(self, key: StreamKey) -> StreamInfo | None:
        self._check()
        stream = self._memory.newest(key)
        return None if stream is None else stream.info()

    async def infos(self) -> list[StreamInfo]:
        self._check()
        return [stream.info() for stream in self._memory.streams]

    async def heads(
        self, streams: Iterable[int], since: int | None = None
    ) -> tuple[int, Mapping[int, int]]:
        self._check()
        version = self._memory.version
        if since == version:
            return version, {}
        return version, {number: len(self._stream(number).records) for number in streams}

    async def page(self, stream: int, after: int, upto: int, limit: int) -> Sequence[Record]:
        self._check()
        return self._stream(stream).records[after : min(upto, after + limit)]

    async def chat_page(
        self, stream: int, chat_id: str, after: int, upto: int, limit: int, last: bool
    ) -> Sequence[Record]:
        self._check()
        records = self._stream(stream).by_chat.get(chat_id, [])
        first = bisect_right(records, after, key=lambda record: record.seq)
        end = bisect_right(records, upto, key=lambda record: record.seq)
        return records[max(first, end - limit) : end] if last else records[first:end][:limit]

    async def by_request_id(self, stream: int, request_id: str) -> Sequence[Record]:
        self._check()
        return list(self._stream(stream).by_request.get(request_id, ()))

    async def save_snapshot(
        self, stream: int, epoch: int, projector: str, seq: int, state: bytes
    ) -> None:
        self._fenced(stream, epoch).snapshots[projector] = (seq, state)

    async def load_snapshot(self, stream: int, projector: str) -> tuple[int, bytes] | None:
        self._check()
        return self._stream(stream).snapshots.get(projector)

    async def save_cursor(self, stream: int, epoch: int, name: str, seq: int) -> None:
        self._fenced(stream, epoch).cursors[name] = seq

    async def load_cursor(self, stream: int, name: str) -> int:
        self._check()
        return self._stream(stream).cursors.get(name, 0)

    async def aclose(self) -> None:
        self._open = False

    def _check(self) -> None:
        if not self._open:
            raise LogClosedError

    def _stream(self, number: int) -> _Stream:
        return self._memory.streams[number - 1]

    def _fenced(self, number: int, epoch: int) -> _Stream:
        self._check()
        stream = self._stream(number)
        if stream.epoch != epoch:
            raise StreamReplacedError("Another SDK has taken over this stream. Close this one.")
        return stream


class MemoryLog(Log):
    """An `EventLog` in memory.

    `memory`: give two logs the same one to let them see each other's records.
    `before_commit`: awaited before each commit. It may wait, as a slow disk would, or raise a
    `LogError`, as a full one would: for tests of what is built on the log.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        memory: Memory | None = None,
        limits: Limits | None = None,
        before_commit: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(None, clock=clock)
        self.memory = memory or Memory()
        self._limits = limits
        self._before_commit = before_commit

    async def _attach(self) -> Database:
        return Database(MemoryBackend(self.memory, self._before_commit), None, self._limits)

    async def _detach(self, database: Database) -> None:
        await database.aclose()
