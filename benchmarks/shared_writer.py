"""64 sessions on one database, each awaiting one append at a time.

Ours: the sessions' logs share a writer, as they do by themselves. Baseline: 64 connections of
their own, each doing the same one-hop commit with the same settings (a job each, nothing
shared).
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

from benchmarks.baselines import INSERT, PAYLOAD, key, made, rows
from benchmarks.harness import Result, Scale, alternate, folder
from livechat_customer.store import EventLog, Stream, open_log
from livechat_customer.store.connection import Driver
from livechat_customer.store.sql import set_up_writer

SESSIONS = 64


def shared(path: str, sessions: int, each: int) -> float:
    async def session(stream: Stream) -> None:
        for _ in range(each):
            await stream.append(
                "push",
                "incoming_event",
                PAYLOAD,
                connection=1,
                chat_id="PJ0MRSHTDG",
                thread_id="K600PKZON8",
                api_version="3.5",
            )

    async def measure() -> float:
        logs: list[EventLog] = []
        streams: list[Stream] = []
        for number in range(1, sessions + 1):
            log = open_log(path)
            await log.open()
            logs.append(log)
            streams.append(await log.stream(key(number)))
        started = time.perf_counter()
        await asyncio.gather(*[session(stream) for stream in streams])
        seconds = time.perf_counter() - started
        for log in logs:
            await log.aclose()
        return seconds

    return sessions * each / asyncio.run(measure())


def own(path: str, sessions: int, each: int) -> float:
    async def session(driver: Driver, stream: int) -> None:
        for row in rows(each, stream):

            def commit(connection: sqlite3.Connection, row: tuple[object, ...] = row) -> None:
                connection.execute(INSERT, row)

            await driver.run(commit)

    async def measure() -> float:
        drivers = [Driver(path, path, 60.0) for _ in range(sessions)]
        for driver in drivers:
            await driver.open()
            await driver.run(set_up_writer)
        started = time.perf_counter()
        await asyncio.gather(*[session(driver, n) for n, driver in enumerate(drivers, 1)])
        seconds = time.perf_counter() - started
        for driver in drivers:
            await driver.aclose()
        return seconds

    return sessions * each / asyncio.run(measure())


def run(scale: Scale) -> Result:
    sessions = scale.pick(SESSIONS, 8)
    with folder() as place:
        paths = (str(place / f"{number}.db") for number in range(1000))
        rounds = alternate(
            scale,
            lambda: shared(made(Path(next(paths))), sessions, scale.pick(300, 20)),
            lambda: own(made(Path(next(paths))), sessions, scale.pick(40, 20)),
        )
    return Result(
        "shared_writer",
        f"{sessions} sessions through one writer",
        f"{sessions} connections of their own",
        [rounds.speed("records/s", floor=8, unit="records/s")],
    )
