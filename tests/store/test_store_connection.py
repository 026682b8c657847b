"""A job in one hop, and what is left of a connection."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from livechat_customer.errors import LogClosedError, LogCorruptError, LogError
from livechat_customer.store.connection import Driver, JobConnection


async def driver(tmp_path: Path) -> Driver:
    made = await asyncio.to_thread(Driver, str(tmp_path / "x.db"), "x.db", 1.0)
    await made.open()
    return made


async def test_jobs_run_in_the_drivers_thread_one_after_the_other(tmp_path: Path) -> None:
    made = await driver(tmp_path)
    order: list[int] = []

    def job(number: int) -> str:
        order.append(number)
        return threading.current_thread().name

    names = await asyncio.gather(*[made.run(lambda _, n=n: job(n)) for n in range(5)])  # type: ignore[misc]
    assert order == [0, 1, 2, 3, 4]
    assert len(set(names)) == 1
    assert names[0] != threading.current_thread().name
    await made.aclose()
    assert names[0] not in {thread.name for thread in threading.enumerate()}


async def test_a_job_goes_on_when_its_caller_is_cancelled(tmp_path: Path) -> None:
    made = await driver(tmp_path)
    begun, go_on = threading.Event(), threading.Event()

    def work(connection: sqlite3.Connection) -> None:
        begun.set()
        go_on.wait(10)
        connection.execute("CREATE TABLE done (x)")

    task = asyncio.ensure_future(made.run(work))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    go_on.set()
    tables = await made.run(lambda c: c.execute("SELECT name FROM sqlite_schema").fetchall())
    assert tables == [("done",)]
    await made.aclose()


async def test_errors_are_the_logs_own(tmp_path: Path) -> None:
    made = await driver(tmp_path)

    def corrupt(connection: sqlite3.Connection) -> None:
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    def bug(connection: sqlite3.Connection) -> None:
        raise ValueError("not the driver's")

    with pytest.raises(LogCorruptError):
        await made.run(corrupt)
    with pytest.raises(ValueError, match="not the driver's"):
        await made.run(bug)
    await made.aclose()
    with pytest.raises(LogClosedError):
        await made.run(lambda connection: None)


async def test_a_file_that_can_not_be_opened(tmp_path: Path) -> None:
    made = await asyncio.to_thread(Driver, str(tmp_path / "none" / "x.db"), "x.db", 1.0)
    with pytest.raises(LogError, match="can't be opened"):
        await made.open()
    await made.aclose()


def test_without_a_job_it_is_a_plain_connection() -> None:
    connection = sqlite3.connect(":memory:", factory=JobConnection)
    connection.execute("CREATE TABLE t (x)")
    connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    assert connection.execute("SELECT sum(x) FROM t").fetchone() == (3,)
    connection.close()
