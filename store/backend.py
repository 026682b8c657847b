"""What a place for records can do: the seam between the log and SQLite or memory.

`store/log.py` and `store/stream.py` hold everything the two share; a backend only keeps and
finds. Its methods raise `LogError` and its children, nothing of a driver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from livechat_customer.records import Record, StreamKey
from livechat_customer.store.base import StreamInfo
from livechat_customer.store.queue import Batch


class Claim(msgspec.Struct, frozen=True):
    """A stream owned: nobody else may claim its key until it is released."""

    info: StreamInfo
    last_at: int
    """`recorded_at` of its last record, µs; 0: none."""
    token: object
    """The backend's own: what holds the key."""
    restored: bool = False
    """The database is a copy of that in which the stream was written last, or older than that."""


class Backend(Protocol):
    """Keeps the records of many streams."""

    async def commit(self, batch: Batch) -> None:
        """Commit all of it or raise having committed nothing.

        Streams whose epoch is not the lane's are left out and named in `batch.replaced`.
        """
        ...

    async def probe(self) -> None:
        """Return if it can be written."""
        ...

    async def claim(self, key: StreamKey) -> Claim:
        """Lock the key, find or make its stream, raise its epoch by one."""
        ...

    async def succeed(self, claim: Claim) -> Claim:
        """Make the key's next generation; the lock goes over to it."""
        ...

    async def adopt(self, claim: Claim) -> None:
        """From now on the stream belongs to this database: it is no copy any more."""
        ...

    async def release(self, claim: Claim) -> None: ...

    async def bind(self, stream: int, epoch: int, customer_id: str) -> str:
        """Bind the stream to the customer unless it is bound; say whose it is then."""
        ...

    async def find(self, key: StreamKey) -> StreamInfo | None:
        """The key's newest stream."""
        ...

    async def infos(self) -> list[StreamInfo]: ...

    async def heads(
        self, streams: Iterable[int], since: int | None = None
    ) -> tuple[int, Mapping[int, int]]:
        """A mark of now, and the last seq of each stream.

        With `since`, an earlier mark: no seqs if nothing was committed after it, by anybody.
        """
        ...

    async def page(self, stream: int, after: int, upto: int, limit: int) -> Sequence[Record]: ...

    async def chat_page(
        self, stream: int, chat_id: str, after: int, upto: int, limit: int, last: bool
    ) -> Sequence[Record]:
        """Oldest first; where there are more than `limit` the first ones, or with `last` the last."""
        ...

    async def by_request_id(self, stream: int, request_id: str) -> Sequence[Record]: ...

    async def save_snapshot(
        self, stream: int, epoch: int, projector: str, seq: int, state: bytes
    ) -> None:
        """`StreamReplacedError` if the stream's epoch is another; so for the cursor."""
        ...

    async def load_snapshot(self, stream: int, projector: str) -> tuple[int, bytes] | None: ...

    async def save_cursor(self, stream: int, epoch: int, name: str, seq: int) -> None: ...

    async def load_cursor(self, stream: int, name: str) -> int: ...

    async def aclose(self) -> None:
        """Let go of everything; nothing of it is left running."""
        ...
