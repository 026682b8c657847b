"""`consume()`: all events of one name, read from the log, for a consumer that must miss none.

It keeps no queue: what was not taken yet stays in the log, however slow the consumer is, and a
process that dies between a commit and the consumer's work finds it there again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any, Final, Generic, Protocol, Self, TypeAlias, TypeVar

import msgspec

from livechat_customer.announcements import EVENT_ADDED, Announcements, pairs
from livechat_customer.errors import IdentityMismatchError, InvalidArgumentError, LogClosedError
from livechat_customer.hydrate import PAGE, load_snapshot
from livechat_customer.projections.outbox_facts import DOUBLED
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SEEN, SeenFold
from livechat_customer.store import StreamReader

T = TypeVar("T")

Since: TypeAlias = int | tuple[int, int]
"""A record's seq, or an item's `(seq, part)`."""

REPLACED: Final = (
    "The log goes on with another customer's records, numbered from 1. Begin again with since=0."
)


class Consumed(msgspec.Struct, Generic[T], frozen=True):
    """One event of `consume()`."""

    seq: int
    """Of the record it comes from: `since=seq` goes on after all of that record's events."""
    payload: T
    part: int = 0
    """Its number among this record's events of that name, from 0. A page of history is one record
    that can bring many `event_added`: `since=(seq, part)` goes on right after this one."""


class Source(Protocol):
    """What a consumer needs of the SDK."""

    def owned(self) -> StreamReader:
        """The stream as of now. Raises NoConnectionError before `open()`."""
        ...

    @property
    def shown(self) -> int:
        """Seq of the last record that the views have shown."""
        ...

    @property
    def closed(self) -> bool: ...

    async def grown(self) -> None:
        """Return when a record was shown, or the SDK was closed."""
        ...


class Consumer(AsyncIterator[Consumed[T]]):
    """What `consume()` returns. Leave it whenever you like: nothing of it is left running.

    Calls of `__anext__` queue in order; one that is cancelled or raises loses nothing.
    """

    def __init__(self, source: Source, name: str, since: Since) -> None:
        self._source = source
        self._name = name
        self._read, self._part = _position(since)
        self._turn = asyncio.Lock()
        self._stream: StreamReader | None = None
        self._announcements: Announcements | None = None
        self._items: deque[Consumed[T]] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Consumed[T]:
        """Raises IdentityMismatchError when another customer's log took the place of this one,
        InvalidArgumentError where the log ends before `since`, and LogError."""
        async with self._turn:
            try:
                while not self._items and not self._source.closed:
                    await self._more()
            except LogClosedError:
                raise StopAsyncIteration from None
            if self._source.closed:
                raise StopAsyncIteration
            return self._items.popleft()

    async def _more(self) -> None:
        source, stream = self._source, self._source.owned()
        if self._stream is None:
            self._stream = stream
        if self._stream is not stream:
            raise IdentityMismatchError(REPLACED)
        if self._announcements is None:
            if self._read > source.shown:
                raise InvalidArgumentError(
                    "since", f"the log ends at record {source.shown}. Begin there, or with 0."
                )
            self._announcements = await self._as_of(stream, self._read)
        elif self._read >= source.shown:
            await source.grown()
        else:
            async for page in stream.read(self._read, source.shown, page=PAGE):
                for record, payload in pairs(page):
                    told = self._announcements.of(record, payload)
                    named = [event for name, event in told if name == self._name]
                    for part, event in enumerate(named[self._part :], self._part):
                        self._items.append(Consumed(record.seq, event, part))  # type: ignore[arg-type]
                    self._part = 0
                    self._read = record.seq
                return

    async def _as_of(self, stream: StreamReader, seq: int) -> Announcements:
        """The fold of everything up to `seq`, as far as it matters."""
        known = await _last_login(stream, seq)
        seen, root = SeenFold(), None
        if self._name == EVENT_ADDED:
            kept, saved = await load_snapshot(stream, SEEN, SeenFold.decode)
            if kept is not None and saved <= seq:
                seen, known = kept, min(known, saved)
            else:
                known = 0
        elif self._name == DOUBLED:
            root, known = RootFold(), 0
        announcements = Announcements(lambda name: name == self._name, seen, root)
        async for page in stream.read(known, seq, page=PAGE):
            for record in page:
                announcements.skip(record)
            await asyncio.sleep(0)
        return announcements


def _position(since: Any) -> tuple[int, int]:
    """Record to read on after, and how many events of the next one to leave out."""
    match since:
        case bool():
            pass
        case int() if since >= 0:
            return since, 0
        case (int(seq), int(part)) if seq > 0 and part >= 0:
            return seq - 1, part + 1
        case _:
            pass
    raise InvalidArgumentError("since", "must be a record's seq or an item's (seq, part).")


async def _last_login(stream: StreamReader, upto: int) -> int:
    """The seq before the last record, up to `upto`, that those after it rest on."""
    while upto > 0:
        after = max(0, upto - PAGE)
        async for page in stream.read(after, upto, page=PAGE):
            for record in reversed(page):
                if Announcements.rests_on(record):
                    return record.seq - 1
        upto = after
    return 0
