"""`Backend` on an SQLite file: one connection writes, one reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

import filelock

from livechat_customer.errors import LogReadOnlyError
from livechat_customer.records import Record, StreamKey
from livechat_customer.store import sql
from livechat_customer.store.backend import Claim
from livechat_customer.store.base import StreamInfo
from livechat_customer.store.commit import Committer
from livechat_customer.store.connection import Driver
from livechat_customer.store.failures import short
from livechat_customer.store.files import file_id
from livechat_customer.store.locks import lock_stream, note_epoch, noted_epoch
from livechat_customer.store.queue import Batch
from livechat_customer.store.upgrade import prepare, read_only_uri


class SqliteBackend:
    """Make it with `prepared()` off the loop, then await `open()`."""

    def __init__(self, path: str, reader: Driver, writer: Driver | None) -> None:
        self._path = path
        self.reader: Final = reader
        self.writer: Final = writer
        """None: read-only."""
        self._committer = Committer(path)
        self._owned = 0

    @classmethod
    def prepared(cls, path: str, *, read_only: bool, busy_timeout: float) -> SqliteBackend:
        """Make or migrate the database. Blocks: files, imports, migrations."""
        prepare(path, read_only=read_only, busy_timeout=busy_timeout)
        if read_only:
            return cls(path, Driver(read_only_uri(path), path, busy_timeout), None)
        writer = Driver(path, path, busy_timeout)
        return cls(path, Driver(path, path, busy_timeout), writer)

    async def open(self) -> None:
        try:
            if self.writer is not None:
                await self.writer.open()
                await self.writer.run(sql.set_up_writer)
            await self.reader.open()
            await self.reader.run(sql.set_up_reader)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        # The writer last: closing the last connection checkpoints and removes the `-wal`.
        try:
            await self.reader.aclose()
        finally:
            if self.writer is not None:
                await self.writer.aclose()

    # Writing.

    def _writing(self) -> Driver:
        if self.writer is None:
            raise LogReadOnlyError(f"The log {short(self._path)}: opened read-only. Reopen it.")
        return self.writer

    async def commit(self, batch: Batch) -> None:
        await self._writing().run(lambda connection: self._committer.commit(connection, batch))

    async def probe(self) -> None:
        await self._writing().run(sql.probe)

    async def claim(self, key: StreamKey) -> Claim:
        def take(connection: sqlite3.Connection) -> Claim:
            lock = lock_stream(self._path, key)
            try:
                noted = noted_epoch(self._path, key)
                info, last_at, restored = sql.claim(connection, key, file_id(self._path), noted)
                if not restored:
                    note_epoch(self._path, info)
            except BaseException:
                lock.release()
                raise
            self._owned += 1
            sql.bound_checkpoints(connection, self._owned)
            return Claim(info, last_at, lock, restored)

        return await self._writing().run(take)

    async def succeed(self, claim: Claim) -> Claim:
        info, last_at = await self._writing().run(
            lambda connection: sql.succeed(connection, claim.info, file_id(self._path))
        )
        return Claim(info, last_at, claim.token)

    async def adopt(self, claim: Claim) -> None:
        def settle(connection: sqlite3.Connection) -> None:
            sql.adopt(connection, claim.info, file_id(self._path))
            note_epoch(self._path, claim.info)

        await self._writing().run(settle)

    async def release(self, claim: Claim) -> None:
        lock = cast("filelock.BaseFileLock", claim.token)

        def give_up(connection: sqlite3.Connection) -> None:
            lock.release()
            self._owned -= 1
            sql.bound_checkpoints(connection, self._owned)

        await self._writing().run(give_up)

    async def bind(self, stream: int, epoch: int, customer_id: str) -> str:
        return await self._writing().run(
            lambda connection: sql.bind(connection, stream, epoch, customer_id)
        )

    async def save_snapshot(
        self, stream: int, epoch: int, projector: str, seq: int, state: bytes
    ) -> None:
        await self._writing().run(
            lambda connection: sql.save_snapshot(connection, stream, epoch, projector, seq, state)
        )

    async def save_cursor(self, stream: int, epoch: int, name: str, seq: int) -> None:
        await self._writing().run(
            lambda connection: sql.save_cursor(connection, stream, epoch, name, seq)
        )

    # Reading.

    async def find(self, key: StreamKey) -> StreamInfo | None:
        return await self.reader.run(lambda connection: sql.find(connection, key))

    async def infos(self) -> list[StreamInfo]:
        return await self.reader.run(sql.infos)

    async def heads(
        self, streams: Iterable[int], since: int | None = None
    ) -> tuple[int, Mapping[int, int]]:
        wanted = tuple(streams)
        return await self.reader.run(lambda connection: sql.heads(connection, wanted, since))

    async def page(self, stream: int, after: int, upto: int, limit: int) -> Sequence[Record]:
        return await self.reader.run(
            lambda connection: sql.page(connection, stream, after, upto, limit)
        )

    async def chat_page(
        self, stream: int, chat_id: str, after: int, upto: int, limit: int, last: bool
    ) -> Sequence[Record]:
        return await self.reader.run(
            lambda connection: sql.chat_page(connection, stream, chat_id, after, upto, limit, last)
        )

    async def by_request_id(self, stream: int, request_id: str) -> Sequence[Record]:
        return await self.reader.run(
            lambda connection: sql.by_request_id(connection, stream, request_id)
        )

    async def load_snapshot(self, stream: int, projector: str) -> tuple[int, bytes] | None:
        return await self.reader.run(
            lambda connection: sql.load_snapshot(connection, stream, projector)
        )

    async def load_cursor(self, stream: int, name: str) -> int:
        return await self.reader.run(lambda connection: sql.load_cursor(connection, stream, name))
