"""A SQLite connection that does a whole job in one hop to the driver's thread.

Each `await` on a driver costs a wake-up of its thread and one of the loop (some 60 µs together),
and a cursor, a statement and a commit are an `await` each. SQLAlchemy owns the connection, as
aiosqlite's public `executemany` reaches it; `JobConnection` is the `sqlite3.Connection` at the
bottom of both, and takes a `Job` where SQL's parameters are expected.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, TypeVar, cast

import aiosqlite
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from livechat_customer.store.failures import translated
from livechat_customer.store.offload import ended

_T = TypeVar("_T")


class Job(Generic[_T]):
    """A function to run on the connection, in the driver's thread. `result` is what it gave."""

    __slots__ = ("_work", "result")

    def __init__(self, work: Callable[[sqlite3.Connection], _T]) -> None:
        self._work = work
        self.result: _T

    def run(self, connection: sqlite3.Connection) -> None:
        self.result = self._work(connection)

    def __iter__(self) -> Iterator[tuple[()]]:
        return iter(())


class JobConnection(sqlite3.Connection):
    """Runs a `Job` given to `executemany`; else a plain connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.thread: Final = threading.current_thread()

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        if isinstance(parameters, Job):
            parameters.run(self)
            return self.cursor()
        return super().executemany(sql, parameters)


class Driver:
    """One held connection and its thread.

    `target` is a path, or an SQLite URI if it begins with `file:`. Make it off the loop: it
    imports the dialect.
    """

    def __init__(self, target: str, path: str, busy_timeout: float) -> None:
        self._path = path
        self._engine: AsyncEngine = create_async_engine(
            # SQLAlchemy takes a database for a path, and makes it absolute, unless the URL says so.
            URL.create(
                "sqlite+aiosqlite",
                database=target,
                query={"uri": "true"} if target.startswith("file:") else {},
            ),
            connect_args={
                "factory": JobConnection,
                "isolation_level": None,
                "timeout": busy_timeout,
            },
            poolclass=StaticPool,
        )
        self._held: AsyncConnection | None = None
        self._connection: aiosqlite.Connection | None = None
        self._thread: threading.Thread | None = None

    async def open(self) -> None:
        with translated(self._path):
            try:
                self._held = await self._engine.connect()
            except DBAPIError as error:
                raise error.orig or error from error
            raw = await self._held.get_raw_connection()
            self._connection = cast("aiosqlite.Connection", raw.driver_connection)
            self._thread = await self.run(_own_thread)

    async def run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work(connection)` in the driver's thread. Jobs run one at a time, in order.

        Cancelling the caller does not stop a job that was handed over.
        """
        with translated(self._path):
            if self._connection is None:
                raise ValueError("connection closed")
            job = Job(work)
            await self._connection.executemany("", job)
            return job.result

    async def aclose(self) -> None:
        """Close the connection and wait for its thread to end."""
        self._connection = None
        try:
            if self._held is not None:
                await self._held.close()
        finally:
            await self._engine.dispose()
            if self._thread is not None:
                await ended(self._thread)


def _own_thread(connection: sqlite3.Connection) -> threading.Thread:
    return threading.current_thread()
