"""What waits for the writer: a `Lane` per stream, a `Batch` per commit, and the bounds.

Plain bookkeeping on the event loop's thread. The writer (`store/writer.py`) moves records from
lanes to batches; a backend commits a batch and says in it how that went.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections import deque
from typing import Final

import msgspec

from livechat_customer.errors import LogError
from livechat_customer.records import Record
from livechat_customer.store.base import CommitListener, FailureListener

RECORD_OVERHEAD: Final = 256
"""Bytes a queued record counts beside its payload: the struct and its strings."""


class Limits(msgspec.Struct, frozen=True):
    """Bounds of the queue and of a batch, in records and bytes.

    A single record larger than a bound passes when nothing else is queued.
    """

    queue_records: int = 16_384
    queue_bytes: int = 32 << 20
    lane_records: int = 8_192
    lane_bytes: int = 16 << 20
    batch_records: int = 1_024
    batch_bytes: int = 4 << 20


class Lane:
    """One owned stream's place in the queue."""

    __slots__ = (
        "appends",
        "bytes",
        "committed",
        "durable_upto",
        "epoch",
        "error",
        "gate",
        "id",
        "last_at",
        "listeners",
        "pending",
        "seq",
        "waiters",
    )

    def __init__(self, stream: int, epoch: int, seq: int, last_at: int) -> None:
        self.id: Final = stream
        self.epoch = epoch
        self.seq = seq
        """Last seq given out."""
        self.committed = seq
        self.last_at = last_at
        """`recorded_at` of the last record, µs."""
        self.pending: list[Record] = []
        """Posted, in no batch yet."""
        self.bytes = 0
        """Posted and not yet committed, in a batch or not; the records are `seq - committed`."""
        self.durable_upto = 0
        """Seq of the last record that asked for `synchronous=FULL`."""
        self.appends: dict[int, asyncio.Future[Record]] = {}
        """What `append()` gave out, by seq."""
        self.waiters: dict[int, list[asyncio.Future[None]]] = {}
        """Who waits in `committed()` for the commit of a seq."""
        self.gate: deque[asyncio.Future[None]] = deque()
        """Who waits for room, first come first."""
        self.listeners: list[tuple[CommitListener, FailureListener]] = []
        self.error: LogError | None = None
        """Why nothing more can be posted."""

    def take(self, records: int, size: int) -> tuple[list[Record], int]:
        """Move pending records out: at most so many and so many bytes, at least one."""
        pending = self.pending
        count = taken_bytes = 0
        for record in itertools.islice(pending, records):
            cost = len(record.payload) + RECORD_OVERHEAD
            if count and taken_bytes + cost > size:
                break
            count += 1
            taken_bytes += cost
        if count == len(pending):
            self.pending = []
            return pending, taken_bytes
        taken = pending[:count]
        del pending[:count]
        return taken, taken_bytes


class Part:
    """A batch's records of one stream, in order."""

    __slots__ = ("bytes", "lane", "records")

    def __init__(self, lane: Lane, records: list[Record], size: int) -> None:
        self.lane: Final = lane
        self.records: Final = records
        self.bytes: Final = size


class Batch:
    """What one transaction commits."""

    __slots__ = ("commit_us", "durable", "parts", "records", "replaced", "wal_bytes")

    def __init__(self) -> None:
        self.parts: Final[list[Part]] = []
        self.records = 0
        self.durable = False
        """Commit it with `synchronous=FULL`."""
        self.replaced: frozenset[int] = frozenset()
        """Set by the backend: streams that another owner has taken over; not committed."""
        self.commit_us = 0
        """Set by the backend: how long it took, µs."""
        self.wal_bytes: int | None = None
        """Set by the backend, when it looked."""

    def add(self, lane: Lane, records: list[Record], size: int) -> None:
        self.parts.append(Part(lane, records, size))
        self.records += len(records)
        if records[0].seq <= lane.durable_upto:
            self.durable = True


def fresh(error: LogError) -> LogError:
    """A copy to raise: one exception object raised in many tasks would gather their tracebacks."""
    return copy.copy(error).with_traceback(None)
