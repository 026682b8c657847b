"""64 sessions on one database, each awaiting one append at a time.

Ours: the sessions' logs share a writer, as they do by themselves. Baseline: a plain driver
connection per session (aiosqlite; insert and commit), with the same settings. For comparison
also our own log with the sharing switched off: each with a writer of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite

from benchmarks.baselines import INSERT, PAYLOAD, key, made, rows
from benchmarks.harness import Figure, Result, Scale, alternate, folder
from livechat_customer.store import EventLog, Stream, open_log, wall_clock
from livechat_customer.store.log import Database
from livechat_customer.store.offload import off_loop
from livechat_customer.store.sql import CHECKPOINT_PAGES
from livechat_customer.store.sqlite import SqliteLog

SESSIONS = 64
PATIENCE = 60.0
"""Seconds that a connection waits for the others' locks."""


class Unshared(SqliteLog):
    """A log with a database of its own."""

    async def _attach(self) -> Database:
        path = self._given
        from livechat_customer.store.sqlite_backend import SqliteBackend

        backend = await off_loop(
            lambda: SqliteBackend.prepared(path, read_only=False, busy_timeout=PATIENCE)
        )
        await backend.open()
        return Database(backend, path)

    async def _detach(self, database: Database) -> None:
        await database.aclose()


async def logs(made_by: Callable[[], EventLog], sessions: int, each: int) -> float:
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

    opened: list[EventLog] = []
    streams: list[Stream] = []
    for number in range(1, sessions + 1):
        log = made_by()
        await log.open()
        opened.append(log)
        streams.append(await log.stream(key(number)))
    started = time.perf_counter()
    await asyncio.gather(*[session(stream) for stream in streams])
    seconds = time.perf_counter() - started
    for log in opened:
        await log.aclose()
    return seconds


async def connections(path: str, sessions: int, each: int) -> float:
    async def session(connection: aiosqlite.Connection, stream: int) -> None:
        for row in rows(each, stream):
            await connection.execute(INSERT, row)
            await connection.commit()

    opened: list[aiosqlite.Connection] = []
    for _ in range(sessions):
        connection = await aiosqlite.connect(path, timeout=PATIENCE)
        await connection.execute("PRAGMA synchronous = NORMAL")
        await connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        opened.append(connection)
    started = time.perf_counter()
    await asyncio.gather(*[session(one, number) for number, one in enumerate(opened, 1)])
    seconds = time.perf_counter() - started
    for connection in opened:
        await connection.close()
    return seconds


def figure(
    scale: Scale,
    baseline: Callable[[str, int, int], Awaitable[float]],
    label: str,
    floor: float | None,
) -> Figure:
    sessions = scale.pick(SESSIONS, 8)
    many, few = scale.pick(300, 20), scale.pick(40, 20)

    async def ours(path: str) -> float:
        return await logs(lambda: open_log(path), sessions, many)

    async def theirs(path: str) -> float:
        return await baseline(path, sessions, few)

    with folder() as place:
        paths = (made(Path(place / f"{number}.db")) for number in range(1000))
        rounds = alternate(
            scale,
            lambda: sessions * many / asyncio.run(ours(next(paths))),
            lambda: sessions * few / asyncio.run(theirs(next(paths))),
        )
    return rounds.speed(label, floor=floor, unit="records/s")


def run(scale: Scale) -> Result:
    async def unshared(path: str, sessions: int, each: int) -> float:
        return await logs(lambda: Unshared(path, clock=wall_clock), sessions, each)

    return Result(
        "shared_writer",
        "64 sessions through one writer",
        "64 connections of their own",
        [
            figure(scale, connections, "64 connections", 8),
            figure(scale, unshared, "64 logs, sharing switched off", None),
        ],
    )
