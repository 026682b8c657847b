"""The one writer of a database: takes what is queued, commits it as a group, tells who waits.

While a batch is being committed in the driver's thread, the next one gathers; it is handed over
before the last one's listeners are called, so that folding and committing overlap. One batch is
in flight at a time, which is what keeps a stream's records gap-free when a commit fails.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import logging
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Literal, TypeVar

from livechat_customer.errors import LogClosedError, LogError, StreamReplacedError
from livechat_customer.records import Record
from livechat_customer.store.base import LogHealth, Unsubscribe
from livechat_customer.store.queue import RECORD_OVERHEAD, Batch, Lane, Limits, fresh
from livechat_customer.store.room import Room

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class Writer:
    """Queues records of many lanes and commits them in batches. Lives on one event loop.

    `commit(batch)` commits all of the batch (but `batch.replaced`) or raises a `LogError` having
    committed nothing.
    """

    def __init__(
        self,
        commit: Callable[[Batch], Awaitable[None]],
        *,
        path: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._commit = commit
        self._path = path
        self._limits = limits or Limits()
        self.room: Final = Room(self._limits)
        self._loop = asyncio.get_running_loop()
        self._lanes: dict[int, Lane] = {}
        self._ready: deque[Lane] = deque()
        """Lanes with pending records, next first."""
        self._done: deque[Batch] = deque()
        """Committed, its listeners not yet called."""
        self._total = 0
        self._commit_us = 0
        self._wal_bytes = 0
        self._error: LogError | None = None
        self._closing = False
        self._wake: asyncio.Future[None] | None = None
        self._callbacks: list[Callable[[LogHealth], None]] = []
        # A context of its own: listeners must not inherit that of whoever opened the log first.
        self._task: Final = self._loop.create_task(
            self._run(), name="livechat-customer log writer", context=contextvars.Context()
        )

    # Lanes.

    def enter(self, lane: Lane) -> None:
        """Take the lane in. Its stream must be owned."""
        self._lanes[lane.id] = lane

    async def leave(self, lane: Lane, error: LogError) -> None:
        """Commit what the lane still holds, then let it go; posting to it raises `error`.

        What can't be committed is lost with the failure that `committed()` reported.
        """
        try:
            await self.committed(lane, lane.seq)
        except LogError:
            logger.debug("a stream was given up with records that could not be committed")
        finally:
            lane.listeners.clear()
            if self._lanes.pop(lane.id, None) is not None and lane.error is None:
                self._drop(lane, error)
            lane.error = error

    # Posting.

    def put(self, lane: Lane, record: Record) -> None:
        """Queue a record, numbered `lane.seq`."""
        size = len(record.payload) + RECORD_OVERHEAD
        if not lane.pending:
            self._ready.append(lane)
            wake = self._wake
            if wake is not None:
                self._wake = None
                if not wake.done():
                    wake.set_result(None)
        lane.pending.append(record)
        self.room.add(lane, size)

    async def committed(self, lane: Lane, seq: int) -> None:
        if seq <= lane.committed:
            return
        if lane.error is not None:
            raise fresh(lane.error)
        if seq > lane.seq:
            raise ValueError(f"seq {seq} was not posted yet; the last one is {lane.seq}")
        future: asyncio.Future[None] = self._loop.create_future()
        lane.waiters.setdefault(seq, []).append(future)
        await future

    # Health and life.

    @property
    def error(self) -> LogError | None:
        return self._error

    def health(self, status: Literal["ok", "failed", "closed"] | None = None) -> LogHealth:
        return LogHealth(
            status=status or ("ok" if self._error is None else "failed"),
            error=self._error,
            queued=self.room.records,
            queued_bytes=self.room.bytes,
            committed=self._total,
            wal_bytes=self._wal_bytes,
            last_commit_us=self._commit_us,
            path=self._path,
        )

    def on_health(self, callback: Callable[[LogHealth], None]) -> Unsubscribe:
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return unsubscribe

    def fail(self, error: LogError) -> None:
        """End everything that waits with `error`; nothing is taken until `recovered()`."""
        if self._error is not None:
            return
        self._deliver()
        self._error = error
        logger.error("the log failed: %s", error.message)
        self._ready.clear()
        for lane in list(self._lanes.values()):
            if lane.error is None:
                self._drop(lane, error)
        self._tell()

    def positions(self) -> dict[int, int]:
        """Last committed seq of each lane, by stream."""
        return {lane.id: lane.committed for lane in self._lanes.values()}

    def recovered(self, found: Mapping[int, Sequence[Record]]) -> None:
        """Take records again. `found`: what lies beyond `positions()` in the database after all.

        A commit can be reported as failed and hold nevertheless; its records are told of now.
        """
        if self._error is None:
            return
        for lane in self._lanes.values():
            if lane.error is self._error:
                lane.error = None
                lane.durable_upto = 0
                records = found.get(lane.id)
                if records:
                    lane.seq = lane.committed = records[-1].seq
                    for on_commit, _ in list(lane.listeners):
                        guarded(on_commit, records)
        self._error = None
        logger.info("the log takes records again")
        self._tell()

    def forbid(self, error: LogError) -> None:
        """Refuse everything from now on and tell nobody: we are in a forked child."""
        self._error = error
        for lane in self._lanes.values():
            lane.error = error

    async def aclose(self) -> None:
        """Commit what is queued and stop."""
        self._closing = True
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
        await asyncio.wait([self._task])

    def _tell(self) -> None:
        health = self.health()
        for callback in list(self._callbacks):
            guarded(callback, health)

    # The writer's own task.

    async def _run(self) -> None:
        try:
            while True:
                if not self._ready:
                    self._deliver()
                    if self._ready:
                        continue
                    if self._closing:
                        return
                    self._wake = self._loop.create_future()
                    await self._wake
                batch = self._next_batch()
                if not batch.parts:
                    continue
                if self._done:
                    # The last batch's listeners run while this one is being committed.
                    self._loop.call_soon(self._deliver)
                try:
                    await self._commit(batch)
                except LogError as error:
                    self.fail(error)
                except Exception as error:  # noqa: BLE001 - who waits must not wait for ever
                    logger.error("the log's writer failed: %s", where(error))
                    self.fail(LogError(f"The log failed ({type(error).__name__}). Report this."))
                else:
                    self._done.append(batch)
        finally:
            # Ended by aclose() with nothing left, or cancelled with the loop.
            self._closing = True
            self._deliver()
            for lane in list(self._lanes.values()):
                if lane.error is None and lane.seq > lane.committed:
                    self._drop(lane, LogClosedError())

    def _next_batch(self) -> Batch:
        batch = Batch()
        records = self._limits.batch_records
        size = self._limits.batch_bytes
        for _ in range(len(self._ready)):
            lane = self._ready.popleft()
            if not lane.pending:
                continue
            taken, taken_bytes = lane.take(records, size)
            batch.add(lane, taken, taken_bytes)
            if lane.pending:
                self._ready.append(lane)
            records -= len(taken)
            size -= taken_bytes
            if records <= 0 or size <= 0:
                break
        return batch

    def _deliver(self) -> None:
        """Tell of the batches that were committed, in their order."""
        while self._done:
            self._deliver_batch(self._done.popleft())

    def _deliver_batch(self, batch: Batch) -> None:
        self._commit_us = batch.commit_us
        if batch.wal_bytes is not None:
            self._wal_bytes = batch.wal_bytes
        for part in batch.parts:
            lane, records = part.lane, part.records
            if lane.error is not None:
                continue
            if lane.id in batch.replaced:
                self._drop(lane, _replaced())
                continue
            self.room.release(lane, len(records), part.bytes)
            self._total += len(records)
            lane.committed = records[-1].seq
            for on_commit, _ in list(lane.listeners):
                guarded(on_commit, records)
            if lane.appends or lane.waiters:
                _resolve(lane, records)
        self.room.open()

    def _drop(self, lane: Lane, error: LogError) -> None:
        """Give up what the lane holds: nothing of it was or will be committed."""
        lane.error = error
        lane.pending = []
        _refuse(lane, error)
        self.room.drop(lane)
        for _, on_failure in list(lane.listeners):
            guarded(on_failure, error)


def _replaced() -> StreamReplacedError:
    return StreamReplacedError(
        "Another SDK has taken over this stream. Close this one; only one may write a stream."
    )


def _resolve(lane: Lane, records: Sequence[Record]) -> None:
    appends, waiters = lane.appends, lane.waiters
    for record in records:
        appended = appends.pop(record.seq, None)
        if appended is not None and not appended.done():
            appended.set_result(record)
        if waiters:
            for future in waiters.pop(record.seq, ()):
                if not future.done():
                    future.set_result(None)


def _refuse(lane: Lane, error: LogError) -> None:
    appends, lane.appends = lane.appends, {}
    waiters, lane.waiters = lane.waiters, {}
    for appended in appends.values():
        if not appended.done():
            appended.set_exception(fresh(error))
    for future in itertools.chain.from_iterable(waiters.values()):
        if not future.done():
            future.set_exception(fresh(error))


def guarded(callback: Callable[[_T], None], value: _T) -> None:
    """Call back; what it raises is logged."""
    try:
        callback(value)
    except Exception as error:  # noqa: BLE001 - user code; its text may be a customer's
        logger.error("a listener of the log raised %s", where(error))


def where(error: Exception) -> str:
    """An error's type and place, without its text."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.filename}:{frame.lineno}"
