"""`replay()`: the views of a log again, with no network.

It runs the fold that the live client runs, on the same records, so it shows what the client showed
at any moment: at each record its `root_digest()` is the live client's. It can't open a socket and
never sends anything.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from reactivex import Observable

from livechat_customer.announcements import pairs
from livechat_customer.emitter import Emitter
from livechat_customer.errors import ConfigError, LogError
from livechat_customer.folding import Folding
from livechat_customer.hydrate import whole_state
from livechat_customer.projections.root import RootFold
from livechat_customer.records import Record, StreamKey
from livechat_customer.store import EventLog, StreamReader, open_log
from livechat_customer.views import Views

_RECORD = "record"


def replay(log: str | os.PathLike[str] | EventLog, *, stream: StreamKey | None = None) -> Replay:
    """A replay of a log: a database file, or an open `EventLog`.

    `stream` says which one, where the log holds several. Use it as `async with`.
    """
    return Replay(log, stream)


class Replay(Views):
    """The views of a stream as of record `seq`; 0 at first, when nothing is known."""

    def __init__(self, log: str | os.PathLike[str] | EventLog, stream: StreamKey | None) -> None:
        self._emitter = Emitter({_RECORD})
        self._given = log
        self._key = stream
        self._log: EventLog | None = None
        self._reader: StreamReader | None = None
        self._folding = Folding(self._emitter.failed, self._now)
        self._hub = self._folding.hub
        self._recorded_at = 0

    @property
    def seq(self) -> int:
        """The last record that was read."""
        return self._hub.seq

    @property
    def records(self) -> Observable[Record]:
        """The records as they are read."""
        return self._emitter.observe(_RECORD)

    async def run(self) -> Self:
        """Read on to the end of the log."""
        return await self.run_to(None)

    async def run_to(self, seq: int | None) -> Self:
        """Read on to record `seq`, or to the end; views emit after each page.

        Raises ValueError for one that was passed already: see `at()`.
        """
        if seq is not None and seq < self.seq:
            raise ValueError(f"seq: record {seq} is behind {self.seq}; use at() to go back")
        async for page in self._open_reader().read(self.seq, seq):
            self._take(page)
        return self

    async def step(self) -> Record | None:
        """Read one record and return it; None at the end."""
        async for page in self._open_reader().read(self.seq, self.seq + 1, page=1):
            self._take(page)
            return page[-1]
        return None

    async def at(self, seq: int) -> Self:
        """Go to record `seq`, forward or back. Going back begins anew; views stay the same ones."""
        if seq < self.seq:
            self._hub.restore(RootFold(), 0)
        return await self.run_to(seq)

    def root_digest(self) -> str:
        """SHA-256 of the root state as of `seq`."""
        return self._hub.root.digest()

    async def state_digest(self) -> str:
        """SHA-256 of the whole state as of `seq`, every chat's content too; reads it anew."""
        return (await whole_state(self._open_reader(), self.seq)).digest()

    async def __aenter__(self) -> Self:
        log = open_log(self._given, read_only=True)
        await log.open()
        self._log = log
        try:
            key = self._key or await self._only_stream(log)
            self._reader = self._folding.stream = await log.follow(key)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the log. Values stay readable. Idempotent."""
        await self._folding.aclose()
        self._emitter.close()
        if self._log is not None and self._log is not self._given:
            await self._log.aclose()
        self._log = self._reader = None

    @staticmethod
    async def _only_stream(log: EventLog) -> StreamKey:
        keys = list(dict.fromkeys(info.key for info in await log.streams()))
        if len(keys) != 1:
            raise ConfigError(
                f"stream: the log holds {len(keys)} of them; name one.", option="stream"
            )
        return keys[0]

    def _open_reader(self) -> StreamReader:
        if self._reader is None:
            raise LogError("The replay is not open. Use it as `async with replay(…)`.")
        return self._reader

    def _now(self) -> int:
        """Time stands where the last record was written."""
        return self._recorded_at

    def _take(self, page: Sequence[Record]) -> None:
        self._hub.fold(pairs(page))
        self._recorded_at = page[-1].recorded_at
        self._hub.publish(self._recorded_at)
        for record in page:
            self._emitter.emit(_RECORD, record, record.seq)
