"""Durable append through `EventLog`, 256 and 1,024 records a commit.

A batch is posted and its commit awaited before the next begins, as the pump does with a burst of
frames. For comparison also with every single append awaited. Baseline: raw `sqlite3`,
`executemany` of the same rows and batch into the same tables.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.baselines import INSERT, PAYLOAD, connect, key, made, rows
from benchmarks.harness import Figure, Result, Scale, alternate, folder
from livechat_customer.store import Stream, open_log

FLOORS = {256: 0.6, 1024: 0.75}


async def posted(stream: Stream, batch: int) -> None:
    last = stream.info.last_seq + batch
    for _ in range(batch):
        stream.post(
            "push",
            "incoming_event",
            PAYLOAD,
            connection=1,
            chat_id="PJ0MRSHTDG",
            thread_id="K600PKZON8",
            api_version="3.5",
        )
    await stream.committed(last)


async def each_awaited(stream: Stream, batch: int) -> None:
    await asyncio.gather(
        *[
            stream.append(
                "push",
                "incoming_event",
                PAYLOAD,
                connection=1,
                chat_id="PJ0MRSHTDG",
                thread_id="K600PKZON8",
                api_version="3.5",
            )
            for _ in range(batch)
        ]
    )


Way = Callable[[Stream, int], Awaitable[None]]


def ours(path: str, way: Way, batch: int, total: int) -> float:
    async def measure() -> float:
        log = open_log(path)
        await log.open()
        stream = await log.stream(key())
        started = time.perf_counter()
        for _ in range(total // batch):
            await way(stream, batch)
        seconds = time.perf_counter() - started
        await log.aclose()
        return seconds

    return total / asyncio.run(measure())


def raw(path: str, batch: int, total: int) -> float:
    prepared = rows(total)
    connection = connect(path)
    started = time.perf_counter()
    for first in range(0, total, batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, prepared[first : first + batch])
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return total / seconds


def figure(scale: Scale, way: Way, batch: int, label: str, floor: float | None) -> Figure:
    total = scale.pick(40 * 1024, 1024)
    with folder() as place:
        paths = (str(place / f"{number}.db") for number in range(1000))
        rounds = alternate(
            scale,
            lambda: ours(made(Path(next(paths))), way, batch, total),
            lambda: raw(made(Path(next(paths))), batch, total),
        )
    return rounds.speed(label, floor=floor, unit="records/s")


def run(scale: Scale) -> Result:
    figures = [
        figure(scale, posted, batch, f"{batch} a commit", floor) for batch, floor in FLOORS.items()
    ]
    figures += [
        figure(scale, each_awaited, batch, f"{batch} a commit, each awaited", None)
        for batch in FLOORS
    ]
    return Result(
        "append",
        "durable appends through EventLog",
        "sqlite3 executemany of the same rows and batch",
        figures,
    )
