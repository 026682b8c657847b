"""Median latency of one awaited append at a time.

Baseline: SQLAlchemy's `exec_driver_sql` and `commit()` on a held asyncio connection.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.baselines import INSERT, PAYLOAD, key, made, rows
from benchmarks.harness import Result, Scale, alternate, folder
from livechat_customer.store import open_log
from livechat_customer.store.sql import CHECKPOINT_PAGES


def ours(path: str, total: int) -> float:
    async def measure() -> float:
        log = open_log(path)
        await log.open()
        stream = await log.stream(key())
        taken: list[float] = []
        for _ in range(total):
            started = time.perf_counter()
            await stream.append(
                "push",
                "incoming_event",
                PAYLOAD,
                connection=1,
                chat_id="PJ0MRSHTDG",
                thread_id="K600PKZON8",
                api_version="3.5",
            )
            taken.append(time.perf_counter() - started)
        await log.aclose()
        return median(taken)

    return asyncio.run(measure()) * 1e6


def sqlalchemy(path: str, total: int) -> float:
    prepared = rows(total)

    async def measure() -> float:
        engine = create_async_engine(URL.create("sqlite+aiosqlite", database=path))
        taken: list[float] = []
        async with engine.connect() as connection:
            for pragma in ("synchronous = NORMAL", f"wal_autocheckpoint = {CHECKPOINT_PAGES}"):
                await connection.exec_driver_sql(f"PRAGMA {pragma}")
            await connection.commit()
            for row in prepared:
                started = time.perf_counter()
                await connection.exec_driver_sql(INSERT, row)
                await connection.commit()
                taken.append(time.perf_counter() - started)
        await engine.dispose()
        return median(taken)

    return asyncio.run(measure()) * 1e6


def run(scale: Scale) -> Result:
    total = scale.pick(2_000, 50)
    with folder() as place:
        paths = (str(place / f"{number}.db") for number in range(1000))
        rounds = alternate(
            scale,
            lambda: ours(made(Path(next(paths))), total),
            lambda: sqlalchemy(made(Path(next(paths))), total),
        )
    return Result(
        "append_latency",
        "median of one awaited append at a time",
        "SQLAlchemy exec_driver_sql and commit on a held connection",
        [rounds.cost("p50", floor=0.5, unit="µs")],
    )
