"""A stream opened as a client opens it, with its snapshots or without."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from livechat_customer.hydrate import hydrate
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import Record
from livechat_customer.store import StreamReader


class Opened:
    """What opening a stream gave: the state, and how many records it took."""

    def __init__(self, hub: Hub, seen: SeenFold, read: int) -> None:
        self.state = (hub.seq, hub.root.digest(), hub.root.encode(), decoded(seen.encode()))
        self.read = read


def decoded(state: bytes) -> Any:
    return msgspec.msgpack.decode(state)


class Counting:
    """A stream that counts the records it is asked for."""

    def __init__(self, stream: StreamReader) -> None:
        self._stream = stream
        self.load_snapshot = stream.load_snapshot
        self.count = 0

    async def read(
        self, after: int = 0, upto: int | None = None, page: int = 100
    ) -> AsyncIterator[Sequence[Record]]:
        async for records in self._stream.read(after, upto, page):
            self.count += len(records)
            yield records


def empty() -> Hub:
    return Hub(RootFold(), seq=0, load=lambda _: None, report=unheard)


def unheard(where: str, error: Exception) -> None:
    """Nobody subscribes, so nobody raises."""
    raise AssertionError(where) from error


async def opened(stream: StreamReader) -> Opened:
    hub = empty()
    counting: Any = Counting(stream)
    seen = await hydrate(hub, counting)
    return Opened(hub, seen, counting.count)
