"""The log in an SQLite file.

All logs of one event loop on the same file share one database: one writer, one connection that
writes, one that reads (64 connections of their own were ten times slower than a shared one).
Importing this module does not import SQLAlchemy; opening does, off the loop.
"""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Final

from livechat_customer.store import files
from livechat_customer.store.base import Clock, Synchronous
from livechat_customer.store.failures import translated
from livechat_customer.store.log import Database, Log
from livechat_customer.store.offload import off_loop
from livechat_customer.store.queue import Limits

if TYPE_CHECKING:
    from livechat_customer.store.sqlite_backend import SqliteBackend

BUSY_SECONDS: Final = 5.0
"""How long a commit waits for another program that holds the database's write lock."""

_Place = tuple[str, bool]
"""A real path, and whether it is open read-only."""


class _Shared:
    """A database that is open, or being opened, and how many logs use it."""

    def __init__(self, opening: asyncio.Task[Database]) -> None:
        self.opening: Final = opening
        self.users = 0


_shared: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Place, _Shared]]] = (
    weakref.WeakKeyDictionary()
)


class SqliteLog(Log):
    """An `EventLog` in the file `path`."""

    def __init__(
        self,
        path: str,
        *,
        clock: Clock,
        synchronous: Synchronous = "NORMAL",
        read_only: bool = False,
        busy_timeout: float = BUSY_SECONDS,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(path, clock=clock, full_sync=synchronous == "FULL")
        self._given = path
        self._read_only = read_only
        self._busy_timeout = busy_timeout
        self._limits = limits
        self._place: _Place | None = None

    async def _attach(self) -> Database:
        path = await off_loop(self._resolve)
        places = _shared.setdefault(asyncio.get_running_loop(), {})
        place = (path, self._read_only)
        shared = places.get(place)
        if shared is None:
            shared = places[place] = _Shared(asyncio.create_task(self._connect(path)))
        shared.users += 1
        try:
            database = await asyncio.shield(shared.opening)
        except BaseException:
            await self._leave(places, place)
            raise
        self._path, self._place = path, place
        return database

    async def _detach(self, database: Database) -> None:
        place, self._place = self._place, None
        if place is not None:
            await self._leave(_shared[asyncio.get_running_loop()], place)

    def _resolve(self) -> str:
        with translated(self._given):
            return files.resolve(self._given)

    async def _connect(self, path: str) -> Database:
        backend = await off_loop(lambda: _backend(self._read_only, path, self._busy_timeout))
        await backend.open()
        return Database(backend, path, self._limits)

    @staticmethod
    async def _leave(places: dict[_Place, _Shared], place: _Place) -> None:
        shared = places[place]
        shared.users -= 1
        if shared.users:
            return
        # Who opens the file from now on makes a database of its own.
        del places[place]
        if shared.opening.done() and shared.opening.exception() is not None:
            return
        database = await shared.opening
        await database.aclose()


def _backend(read_only: bool, path: str, busy_timeout: float) -> SqliteBackend:
    from livechat_customer.store.sqlite_backend import SqliteBackend

    return SqliteBackend.prepared(path, read_only=read_only, busy_timeout=busy_timeout)
