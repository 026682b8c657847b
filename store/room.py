"""Back-pressure: how much is queued, and who waits until there is room for more.

The bounds hold for the whole queue and for each lane, in records and bytes. They bind who posts
without waiting for the commit, as the reader of a socket does; who awaits each append holds one
record at a time anyway.
"""

from __future__ import annotations

import asyncio
from typing import Final

from livechat_customer.store.queue import Lane, Limits, fresh


class Room:
    """Counts what lanes hold. Belongs to one writer and its event loop."""

    __slots__ = ("_gated", "_limits", "bytes", "records")

    def __init__(self, limits: Limits) -> None:
        self._limits: Final = limits
        self._gated: dict[int, Lane] = {}
        self.records = 0
        """Posted and not yet committed, over all lanes."""
        self.bytes = 0

    def add(self, lane: Lane, size: int) -> None:
        lane.bytes += size
        self.records += 1
        self.bytes += size

    def release(self, lane: Lane, records: int, size: int) -> None:
        lane.bytes -= size
        self.records -= records
        self.bytes -= size

    def full(self, lane: Lane) -> bool:
        """Whether one of the bounds is reached."""
        limits = self._limits
        return (
            self.records >= limits.queue_records
            or lane.seq - lane.committed >= limits.lane_records
            or self.bytes >= limits.queue_bytes
            or lane.bytes >= limits.lane_bytes
        )

    async def wait(self, lane: Lane) -> None:
        """Return when the lane has room and those that came before have been told so."""
        if lane.error is None and (lane.gate or self.full(lane)):
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            lane.gate.append(future)
            self._gated[lane.id] = lane
            await future
        if lane.error is not None:
            raise fresh(lane.error)

    def open(self) -> None:
        """Tell those who wait for room, if there is some."""
        for lane in list(self._gated.values()):
            if not self.full(lane):
                self._open(lane)

    def drop(self, lane: Lane) -> None:
        """Forget what the lane holds. Who waits for room in it learns why there will be none."""
        self.release(lane, lane.seq - lane.committed, lane.bytes)
        lane.seq = lane.committed
        self._open(lane)
        self.open()

    def _open(self, lane: Lane) -> None:
        self._gated.pop(lane.id, None)
        while lane.gate:
            future = lane.gate.popleft()
            if not future.done():
                future.set_result(None)
