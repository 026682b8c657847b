"""Opening a log of a million records: from the file to usable chat views, and to a first page.

What is opened is a log whose process was killed halfway between two snapshots, so that the tail is
folded as well. Imports are not counted. Baselines, on the same machine in the same run: the same
views with no snapshot, which is a replay of all records; the same with a tenth of the records; and
for the first page of a chat's history, ready to be shown, a query of its newest 50 rows by
`sqlite3` itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from benchmarks._pushes import chat_id
from benchmarks.baselines import connect, key
from benchmarks.harness import Result, Rounds, Scale, alternate, folder
from benchmarks.replay import CHATS, written
from livechat_customer.folding import Folding
from livechat_customer.hydrate import SNAPSHOT_EVERY, hydrate, save_snapshot
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.store import StreamReader, open_log, wall_clock

ROWS = 50
LOOKS = 20
"""First pages that are opened in a round, each of another chat."""
BLOCK = 10_000
NEWEST = "SELECT * FROM records WHERE stream = 1 AND chat_id = ? ORDER BY seq DESC LIMIT ?"


def nothing(where: str, error: BaseException) -> None:
    raise AssertionError(where) from error


async def snapshot(path: str, upto: int) -> None:
    """Leave what a client would have left that was killed some time after record `upto`."""
    hub = Hub(RootFold(), seq=0, load=Loading.done, report=nothing)
    seen = SeenFold()
    log = open_log(path)
    await log.open()
    stream = await log.stream(key())
    async for page in stream.read(0, upto, page=BLOCK):
        pairs = [(record, payload_of(record)) for record in page]
        hub.fold(pairs)
        for record, payload in pairs:
            seen.take(record, payload)
    await save_snapshot(hub, seen, stream)
    await stream.aclose()
    await log.aclose()


def prepared(place: Path, total: int, tail: int) -> str:
    place.mkdir()
    path = written(place / "log.db", total)
    asyncio.run(snapshot(path, total - tail))
    return path


@asynccontextmanager
async def opened(path: str) -> AsyncGenerator[Folding]:
    log = open_log(path, read_only=True)
    await log.open()
    folding = Folding(nothing, wall_clock)
    await folding.follow(await log.follow(key()))
    assert len(folding.hub.chats.value) == CHATS
    yield folding
    await folding.aclose()
    await log.aclose()


async def opening(path: str) -> float:
    """Milliseconds from the path to the chats' views."""
    started = time.perf_counter()
    async with opened(path):
        return (time.perf_counter() - started) * 1e3


async def replaying(path: str) -> float:
    """The same with no snapshot."""
    log = open_log(path, read_only=True)
    started = time.perf_counter()
    await log.open()
    hub = Hub(RootFold(), seq=0, load=Loading.done, report=nothing)
    await hydrate(hub, cast("StreamReader", Unsaved(await log.follow(key()))))
    assert len(hub.chats.value) == CHATS
    seconds = time.perf_counter() - started
    await log.aclose()
    return seconds * 1e3


class Unsaved:
    """A stream without snapshots."""

    def __init__(self, stream: StreamReader) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def load_snapshot(self, projector: str) -> None:
        return None


async def first_pages(path: str) -> float:
    """Milliseconds from asking for a history to its newest items, as readers get them."""
    spent = 0.0
    async with opened(path) as folding:
        for chat in range(LOOKS):
            started = time.perf_counter()
            view = folding.hub.history(chat_id(chat))
            async for history in view:
                if history is not None and len(history[-ROWS:]) == ROWS:
                    break
            spent += time.perf_counter() - started
            await view.ready()
            del view
    return spent / LOOKS * 1e3


def queries(path: str) -> float:
    connection = connect(path)
    spent = 0.0
    for chat in range(LOOKS):
        started = time.perf_counter()
        rows = connection.execute(NEWEST, (chat_id(chat), ROWS)).fetchall()
        spent += time.perf_counter() - started
        assert len(rows) == ROWS
    connection.close()
    return spent / LOOKS * 1e3


def measured(
    scale: Scale,
    ours: Callable[[str], Coroutine[Any, Any, float]],
    path: str,
    baseline: Callable[[], float],
) -> Rounds:
    return alternate(scale, lambda: asyncio.run(ours(path)), baseline)


def run(scale: Scale) -> Result:
    total = scale.pick(1_000_000, 10_000)
    tail = scale.pick(SNAPSHOT_EVERY // 2, 10)
    with folder() as place:
        large = prepared(place / "large", total, tail)
        small = prepared(place / "small", total // 10, tail)
        full = measured(scale, opening, large, lambda: asyncio.run(replaying(large)))
        tenth = measured(scale, opening, large, lambda: asyncio.run(opening(small)))
        page = measured(scale, first_pages, large, lambda: queries(large))
    return Result(
        "open",
        f"opening a log of {total:,} records, {tail:,} of them after the last snapshot",
        "a replay of all of them; a log of a tenth; a query of 50 rows",
        [
            full.cost("against a full replay", floor=0.02, unit="ms"),
            tenth.cost("against a tenth of the records", floor=2.0, unit="ms"),
            page.cost("first page against a query", floor=10.0, unit="ms"),
        ],
    )
