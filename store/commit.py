"""The commit of a batch: one statement, which is its own transaction.

A thread that runs Python beside a busy event loop waits for the interpreter's lock after every
call into SQLite, some 5 ms each when the loop is saturated: `executemany` pays that per row
(16 rows took 40 ms beside a busy loop). So a batch is one `INSERT … SELECT FROM (VALUES …)` with
all its rows bound at once. In autocommit mode it begins, writes and commits in a single call,
without the lock; it costs what `executemany` costs beside an idle loop. Batches are padded with
NULL rows to powers of two, so that few statements have to be prepared.

The fence stands in the same statement: a row goes in only if its stream still has the epoch of
who writes it. Rows that did not go in belong to streams taken over by somebody else.
"""

from __future__ import annotations

import sqlite3
import time
from functools import lru_cache
from typing import Final

from msgspec.structs import astuple

from livechat_customer.records import Record
from livechat_customer.store.files import size
from livechat_customer.store.queue import Batch

COLUMNS: Final = Record.__struct_fields__
"""Of a record, in order; `late` is kept as 0 or 1."""

BOUND: Final = 2 + len(COLUMNS)
"""Values bound per row: stream, epoch, and the record's."""

_NOTHING: Final = (None,) * BOUND

WAL_LOOK: Final = 64
"""The size of the write-ahead log is looked at once in so many commits."""


@lru_cache(maxsize=16)
def insert_sql(rows: int) -> str:
    one = f"({', '.join('?' * BOUND)})"
    names = ", ".join(f"v.column{number}" for number in range(3, BOUND + 1))
    return (
        f"INSERT INTO records (stream, {', '.join(COLUMNS)}) SELECT v.column1, {names} "
        f"FROM (VALUES {', '.join([one] * rows)}) AS v "
        "CROSS JOIN streams AS s ON s.id = v.column1 AND s.epoch = v.column2"
    )


class Committer:
    """Commits batches on the writer's connection, in the driver's thread."""

    def __init__(self, path: str) -> None:
        self._wal = f"{path}-wal"
        self._commits = 0
        self._full = False

    def commit(self, connection: sqlite3.Connection, batch: Batch) -> None:
        """Raises `sqlite3.Error` having committed nothing."""
        started = time.perf_counter_ns()
        if batch.durable is not self._full:
            # Can't be changed inside a transaction; the connection was left with NORMAL.
            connection.execute(f"PRAGMA synchronous = {'FULL' if batch.durable else 'NORMAL'}")
            self._full = batch.durable
        rows = 1 << (batch.records - 1).bit_length()
        values: list[object] = []
        for part in batch.parts:
            owner = (part.lane.id, part.lane.epoch)
            for record in part.records:
                values += owner
                values += astuple(record)
        for _ in range(rows - batch.records):
            values += _NOTHING
        written = connection.execute(insert_sql(rows), values).rowcount
        if written != batch.records:
            batch.replaced = _replaced(connection, batch)
        if self._commits % WAL_LOOK == 0:
            batch.wal_bytes = size(self._wal)
        self._commits += 1
        batch.commit_us = (time.perf_counter_ns() - started) // 1000


def _replaced(connection: sqlite3.Connection, batch: Batch) -> frozenset[int]:
    """Streams of the batch whose epoch is not their lane's any more."""
    found: set[int] = set()
    for part in batch.parts:
        row = connection.execute(
            "SELECT 1 FROM streams WHERE id = ? AND epoch = ?", (part.lane.id, part.lane.epoch)
        ).fetchone()
        if row is None:
            found.add(part.lane.id)
    return frozenset(found)
