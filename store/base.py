"""What a log promises, whatever keeps it: the protocols `EventLog`, `StreamReader`, `Stream`.

Two things implement them: the SQLite file (`open_log("support.db")`) and its twin in memory
(`open_log(":memory:")`, `MemoryLog`). One contract suite runs on both (`tests/store/`).

Guarantees:

* The records of a stream have seqs 1, 2, 3 … without gaps, and the order they were posted in.
* A record is committed before a listener sees it and before its `append()` returns.
* `recorded_at` never goes back within a stream.
* Cancelling a caller never cancels a commit.
* A stream has one writer at a time; readers may be many, in other processes too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal, Protocol

import msgspec

from livechat_customer.errors import LogError
from livechat_customer.records import Record, StreamKey

PAGE = 2000
"""Records a page of `read()` holds at most."""

Clock = Callable[[], int]
"""Microseconds since the epoch."""

Synchronous = Literal["NORMAL", "FULL"]
"""When a commit reaches the disk: NORMAL at the next checkpoint, FULL (fsync) at once.

Either survives the death of the process; only FULL survives a power cut.
"""

CommitListener = Callable[[Sequence[Record]], None]
FailureListener = Callable[[LogError], None]
Unsubscribe = Callable[[], None]


class LogHealth(msgspec.Struct, frozen=True):
    """How the log does; the one thing about the SDK that does not come out of the log."""

    status: Literal["ok", "failed", "closed"]
    error: LogError | None
    """Why it failed; None otherwise."""
    queued: int
    """Records posted and not yet committed, over all streams of the database."""
    queued_bytes: int
    committed: int
    """Records committed since the database was opened."""
    wal_bytes: int
    """Size of the write-ahead log when it was last looked at."""
    last_commit_us: int
    """How long the last commit took in the driver's thread, in µs."""
    path: str | None
    """The database file; None: in memory."""


class StreamInfo(msgspec.Struct, frozen=True):
    """A stream as it stands in the log."""

    id: int
    key: StreamKey
    customer_id: str | None
    """Whose stream it is; None until the first token told."""
    epoch: int
    """How many times it was opened for writing."""
    last_seq: int
    """Seq of the last committed record; 0: none."""
    generation: int = 1
    """1 for the key's first identity, one more for each `replace_identity()`."""


class StreamReader(Protocol):
    """A stream to read. Every method raises `LogError` or a child of it."""

    @property
    def info(self) -> StreamInfo:
        """As of the last look: of a stream we write always current."""
        ...

    async def last_seq(self) -> int:
        """Seq of the last committed record; 0: none."""
        ...

    def read(
        self, after: int = 0, upto: int | None = None, page: int = PAGE
    ) -> AsyncIterator[Sequence[Record]]:
        """Pages of the records with `after < seq <= upto`, oldest first, none empty.

        `upto=None` is what is committed when reading begins.
        """
        ...

    def read_chat(
        self,
        chat_id: str,
        after: int = 0,
        upto: int | None = None,
        page: int = PAGE,
        *,
        newest_first: bool = False,
    ) -> AsyncIterator[Sequence[Record]]:
        """As `read()`, of the records that bear this `chat_id`.

        With `newest_first` the last page comes first; inside each the oldest record does.
        """
        ...

    async def by_request_id(self, request_id: str) -> Sequence[Record]:
        """The records that bear this request id (request, answer, push), oldest first."""
        ...

    def tail(self, after: int = 0) -> AsyncIterator[Sequence[Record]]:
        """As `read()`, and then what is committed later, here or in another process.

        Ends when the log is closed.
        """
        ...

    async def load_snapshot(self, projector: str) -> tuple[int, bytes] | None:
        """Seq and state saved last for this projector version; None if there is none that holds.

        A snapshot is a cache: one with a wrong checksum, or beyond the last record, counts as none.
        """
        ...

    async def load_cursor(self, name: str) -> int:
        """How far the consumer of this name has come; 0: it is new."""
        ...


class Stream(StreamReader, Protocol):
    """A stream that this log owns: it alone writes it."""

    @property
    def restored(self) -> bool:
        """The database is a copy of that in which the stream was written last, or an older state of
        it: what it holds as unsent may have been sent."""
        ...

    async def adopt(self) -> None:
        """It is known that the database was restored: the next opening finds it as its own."""
        ...

    @property
    def full(self) -> bool:
        """More is queued than may be: stop reading the socket and await `room()`."""
        ...

    def listen(self, on_commit: CommitListener, on_failure: FailureListener) -> Unsubscribe:
        """Call `on_commit` once per committed batch, on the loop's thread, in order.

        It is called before the awaiting `append()` returns. What it raises is logged and hurts
        nobody. `on_failure` is called once when the log (or this stream) fails.
        """
        ...

    def post(
        self,
        kind: str,
        action: str,
        payload: bytes,
        *,
        connection: int = 0,
        request_id: str | None = None,
        ref: int | None = None,
        chat_id: str | None = None,
        thread_id: str | None = None,
        api_version: str = "",
        late: bool = False,
        args: bytes | None = None,
        recorded_at: int | None = None,
        durable: bool = False,
    ) -> Record:
        """Queue a record and return it, numbered and not yet committed.

        Fields as in `Record`. `durable`: its batch is committed with `synchronous=FULL`,
        whatever the log's option. Never waits, also not when `full`: that is for who posts
        without awaiting commits to look at.
        """
        ...

    def append(
        self,
        kind: str,
        action: str,
        payload: bytes,
        *,
        connection: int = 0,
        request_id: str | None = None,
        ref: int | None = None,
        chat_id: str | None = None,
        thread_id: str | None = None,
        api_version: str = "",
        late: bool = False,
        args: bytes | None = None,
        recorded_at: int | None = None,
        durable: bool = False,
    ) -> asyncio.Future[Record]:
        """`post()`; await what it returns to know that it is committed.

        It is posted at once, in the order of the calls, and whether or not anybody awaits it.
        """
        ...

    async def committed(self, seq: int) -> None:
        """Return when the record with this seq, posted before, is committed."""
        ...

    async def room(self) -> None:
        """Return when the queue takes more. `LogError` if it never will."""
        ...

    async def bind_customer(self, customer_id: str) -> None:
        """Say whose stream it is: once. Another id later is `IdentityMismatchError`."""
        ...

    async def replace_identity(self) -> Stream:
        """Begin a new stream under the same key and own it; this one ends and stays readable."""
        ...

    async def save_snapshot(self, projector: str, seq: int, state: bytes) -> None:
        """Keep the state of a projector version as of `seq`, in place of its last one."""
        ...

    async def save_cursor(self, name: str, seq: int) -> None:
        """Remember how far the consumer of this name has come."""
        ...

    async def aclose(self) -> None:
        """Commit what is queued and give the stream up."""
        ...


class EventLog(Protocol):
    """A log of streams."""

    @property
    def path(self) -> str | None:
        """The database file; None: in memory."""
        ...

    @property
    def health(self) -> LogHealth: ...

    def on_health(self, callback: Callable[[LogHealth], None]) -> Unsubscribe:
        """Call back, on the loop's thread, whenever `health.status` changes."""
        ...

    async def open(self) -> None:
        """Open it, made or migrated where needed. Opening what is open does nothing."""
        ...

    async def recover(self) -> None:
        """After a failure: try again. Returns when the log takes records, else raises why not.

        What was queued when it failed is gone; its seqs are given anew.
        """
        ...

    async def aclose(self) -> None:
        """Commit what is queued, give up its streams, close it. It may be opened again."""
        ...

    async def stream(self, key: StreamKey) -> Stream:
        """Own the stream of this key, new if there is none. `StreamLockedError` if it is owned."""
        ...

    async def follow(self, key: StreamKey) -> StreamReader:
        """Read the stream of this key; nothing is locked. `StreamNotFoundError` if none is."""
        ...

    async def streams(self) -> list[StreamInfo]:
        """All streams, oldest first."""
        ...
