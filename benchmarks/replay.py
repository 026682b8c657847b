"""Full replay of a log into views: read, decoded, folded, the history of each chat ready.

Two baselines on the same file, both on `sqlite3` itself, in this thread: a raw scan of all columns,
which keeps nothing; and the same scan with `json.loads` and then the same fold. The fold takes
structs, so `msgspec.convert` makes those of the dicts: what is kept is the same on both sides, and
the baseline is the kindest there is. One that keeps plain dicts is slower, since the cyclic
collector visits them again and again, but it would not be the same fold.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import astuple

from benchmarks._pushes import chat_id, session
from benchmarks.baselines import INSERT, connect, key, made
from benchmarks.harness import Result, Scale, alternate, folder
from livechat_customer.hydrate import PAGE
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.models.wire.pushes import PUSHES
from livechat_customer.models.wire.responses import RESPONSES
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import RootFold
from livechat_customer.records import Record
from livechat_customer.store import open_log

CHATS = 100
SCAN = f"SELECT {', '.join(Record.__struct_fields__)} FROM records WHERE stream = 1 ORDER BY seq"
STRUCTS = {"push": PUSHES, "response": RESPONSES}


def written(path: Path, total: int) -> str:
    """A log of `total` records."""
    name = made(path)

    async def claim() -> None:
        log = open_log(name)
        await log.open()
        await (await log.stream(key())).aclose()
        await log.aclose()

    asyncio.run(claim())
    connection = connect(name)
    rows = ((1, *astuple(record)) for record in islice(session(CHATS), total))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")
    connection.close()
    return name


class Views:
    """A hub in which the history of every chat is wanted."""

    def __init__(self) -> None:
        self.hub = Hub(RootFold(), seq=0, load=Loading.done, report=lambda where, error: None)
        self.histories = [self.hub.history(chat_id(chat)) for chat in range(CHATS)]

    def check(self, total: int) -> None:
        """Look at every view; nothing may be missing."""
        self.hub.publish()
        events = sum(len(history.value or ()) for history in self.histories)
        assert events == total - 1 - CHATS, events
        assert len(self.hub.chats.value) == CHATS


def replayed(path: str, total: int) -> float:
    """Records a second through the store's reader and the folds."""

    async def measure() -> float:
        log = open_log(path, read_only=True)
        await log.open()
        views = Views()
        started = time.perf_counter()
        stream = await log.follow(key())
        async for page in stream.read(page=PAGE):
            views.hub.fold(zip(page, map(payload_of, page), strict=True))
        views.check(total)
        seconds = time.perf_counter() - started
        await log.aclose()
        return seconds

    return total / asyncio.run(measure())


def scanned(path: str, total: int) -> float:
    connection = connect(path)
    started = time.perf_counter()
    found = sum(1 for _ in connection.execute(SCAN))
    seconds = time.perf_counter() - started
    connection.close()
    assert found == total
    return total / seconds


def with_json(path: str, total: int) -> float:
    """The same views by `json.loads`."""
    connection = connect(path)
    views = Views()
    started = time.perf_counter()
    cursor = connection.execute(SCAN)
    while rows := cursor.fetchmany(PAGE):
        views.hub.fold(_decoded(rows))
    views.check(total)
    seconds = time.perf_counter() - started
    connection.close()
    return total / seconds


def _decoded(rows: list[tuple[Any, ...]]) -> Iterator[tuple[Record, object]]:
    for row in rows:
        record = Record(*row)
        frame: dict[str, Any] = json.loads(record.payload)
        struct = STRUCTS[record.kind][record.action]
        yield record, msgspec.convert(frame["payload"], struct)


def run(scale: Scale) -> Result:
    total = scale.pick(500_000, 2_000)
    with folder() as place:
        path = written(place / "log.db", total)
        scan = alternate(scale, lambda: replayed(path, total), lambda: scanned(path, total))
        loads = alternate(scale, lambda: replayed(path, total), lambda: with_json(path, total))
    return Result(
        "replay",
        f"full replay of {total:,} records into views",
        "the same file scanned raw; the same views by json.loads",
        [
            scan.speed("against a raw scan", floor=0.22, unit="records/s"),
            loads.speed("against json.loads", floor=3.5, unit="records/s"),
        ],
    )
