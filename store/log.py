"""`Log`: what an `EventLog` does, whatever keeps the records.

A log is a handle. The database behind it (backend and writer) may be shared with other handles
of the same event loop; the streams it owns and the tails it feeds are its own.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from livechat_customer.errors import LogClosedError, LogError, StreamNotFoundError
from livechat_customer.records import Record, StreamKey
from livechat_customer.store.backend import Backend, Claim
from livechat_customer.store.base import Clock, LogHealth, StreamInfo, Unsubscribe
from livechat_customer.store.pages import EVERYTHING
from livechat_customer.store.queue import Limits, fresh
from livechat_customer.store.stream import OwnedStream, Reader
from livechat_customer.store.tail import Watch
from livechat_customer.store.writer import Writer, guarded

_T = TypeVar("_T")


class Database:
    """A backend and its one writer."""

    def __init__(self, backend: Backend, path: str | None, limits: Limits | None = None) -> None:
        self.backend: Final = backend
        self.writer: Final = Writer(backend.commit, path=path, limits=limits)
        self.recovering: Final = asyncio.Lock()
        _databases.add(self)

    async def aclose(self) -> None:
        try:
            await self.writer.aclose()
        finally:
            await self.backend.aclose()


class Log:
    """An `EventLog` over a database that subclasses attach and detach."""

    def __init__(self, path: str | None, *, clock: Clock, full_sync: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._full_sync = full_sync
        self._database: Database | None = None
        self._watch: Watch | None = None
        self._streams: list[tuple[OwnedStream, Claim]] = []
        self._lock = asyncio.Lock()
        self._callbacks: list[Callable[[LogHealth], None]] = []
        self._unsubscribe: Unsubscribe | None = None

    async def _attach(self) -> Database:
        raise NotImplementedError

    async def _detach(self, database: Database) -> None:
        raise NotImplementedError

    # Life.

    @property
    def path(self) -> str | None:
        return self._path

    async def open(self) -> None:
        await _whole(self._open(), lambda opened: self._close() if opened else _nothing())

    async def aclose(self) -> None:
        await _whole(self._close())

    async def _open(self) -> bool:
        async with self._lock:
            if self._database is not None:
                return False
            database = await self._attach()
            self._database = database
            self._watch = Watch(database.backend.heads)
            self._unsubscribe = database.writer.on_health(self._tell)
            self._tell(self.health)
            return True

    async def _close(self) -> None:
        async with self._lock:
            database, watch = self._database, self._watch
            if database is None or watch is None:
                return
            try:
                await watch.aclose()
                for owned, claim in list(self._streams):
                    await self._end(database, owned, claim)
            finally:
                self._database = self._watch = None
                if self._unsubscribe is not None:
                    self._unsubscribe()
                try:
                    await self._detach(database)
                finally:
                    self._tell(self.health)

    def _opened(self) -> tuple[Database, Watch]:
        if self._database is None or self._watch is None:
            raise LogClosedError
        return self._database, self._watch

    # Health.

    @property
    def health(self) -> LogHealth:
        if self._database is None:
            return LogHealth("closed", None, 0, 0, 0, 0, 0, self._path)
        return self._database.writer.health()

    def on_health(self, callback: Callable[[LogHealth], None]) -> Unsubscribe:
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return unsubscribe

    def _tell(self, health: LogHealth) -> None:
        for callback in list(self._callbacks):
            guarded(callback, health)

    async def recover(self) -> None:
        database, _ = self._opened()
        async with database.recovering:
            if database.writer.error is None:
                return
            await database.backend.probe()
            positions = database.writer.positions()
            _, heads = await database.backend.heads(positions)
            found: dict[int, list[Record]] = {}
            for stream, seq in positions.items():
                if heads.get(stream, 0) > seq:
                    page = await database.backend.page(stream, seq, EVERYTHING, EVERYTHING)
                    found[stream] = list(page)
            database.writer.recovered(found)

    # Streams.

    async def stream(self, key: StreamKey) -> OwnedStream:
        return await _whole(self._stream(key), lambda owned: owned.aclose())

    async def _stream(self, key: StreamKey) -> OwnedStream:
        async with self._lock:
            database, watch = self._opened()
            if database.writer.error is not None:
                raise fresh(database.writer.error)
            return self._own(database, watch, await database.backend.claim(key))

    async def follow(self, key: StreamKey) -> Reader:
        database, watch = self._opened()
        info = await database.backend.find(key)
        if info is None:
            raise StreamNotFoundError("The log holds no stream of this key. Check the options.")
        return Reader(database.backend, watch, info)

    async def streams(self) -> list[StreamInfo]:
        database, _ = self._opened()
        return await database.backend.infos()

    def _own(self, database: Database, watch: Watch, claim: Claim) -> OwnedStream:
        owned = OwnedStream(
            database.backend,
            watch,
            database.writer,
            claim,
            clock=self._clock,
            full_sync=self._full_sync,
            replace=self._replace,
            release=self._release,
        )
        self._streams.append((owned, claim))
        return owned

    async def _release(self, owned: OwnedStream, claim: Claim) -> None:
        async def release() -> None:
            async with self._lock:
                if self._database is not None:
                    await self._end(self._database, owned, claim)

        await _whole(release())

    async def _end(self, database: Database, owned: OwnedStream, claim: Claim) -> None:
        if await owned.end(LogClosedError("The stream was closed. Open it again.")):
            self._streams.remove((owned, claim))
            await database.backend.release(claim)

    async def _replace(self, owned: OwnedStream, claim: Claim) -> OwnedStream:
        async def replace() -> OwnedStream:
            async with self._lock:
                database, watch = self._opened()
                successor = await database.backend.succeed(claim)
                await owned.end(LogClosedError("The stream has a successor. Use that."))
                self._streams.remove((owned, claim))
                return self._own(database, watch, successor)

        return await _whole(replace(), lambda successor: successor.aclose())


async def _whole(
    operation: Coroutine[Any, Any, _T], undo: Callable[[_T], Awaitable[None]] | None = None
) -> _T:
    """Run it to its end even if the caller is cancelled meanwhile; then undo it."""
    task = asyncio.ensure_future(operation)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            await asyncio.wait([task])
        if undo is not None and not task.cancelled() and task.exception() is None:
            await undo(task.result())
        raise


async def _nothing() -> None: ...


_databases: weakref.WeakSet[Database] = weakref.WeakSet()


def _forbid_after_fork() -> None:
    """SQLite connections and locks don't survive a fork: the child must not touch them."""
    for database in list(_databases):
        database.writer.forbid(
            LogError("The log was opened before a fork. Open it again in the child process.")
        )


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forbid_after_fork)
