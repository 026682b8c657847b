"""Back-pressure: counting, and who is told when there is room."""

from __future__ import annotations

import asyncio

import pytest

from livechat_customer.errors import LogFullError
from livechat_customer.store.queue import Lane, Limits
from livechat_customer.store.room import Room


def post(room: Room, lane: Lane, size: int = 1) -> None:
    lane.seq += 1
    room.add(lane, size)


def commit(room: Room, lane: Lane, records: int, size: int) -> None:
    room.release(lane, records, size)
    lane.committed += records
    room.open()


async def test_all_who_wait_are_told_when_there_is_room() -> None:
    room, lane = Room(Limits(queue_records=2)), Lane(1, 1, 0, 0)
    await room.wait(lane)
    post(room, lane)
    await room.wait(lane)
    post(room, lane)
    waiting = [asyncio.ensure_future(room.wait(lane)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.sleep(0)
    assert not waiting[0].done()
    commit(room, lane, 1, 1)
    await asyncio.gather(waiting[0], waiting[2])


async def test_room_in_one_lane_is_none_in_another() -> None:
    room = Room(Limits(lane_records=1))
    first, second = Lane(1, 1, 0, 0), Lane(2, 1, 0, 0)
    post(room, first)
    post(room, second)
    waiting = asyncio.ensure_future(room.wait(first))
    await asyncio.sleep(0)
    commit(room, second, 1, 1)
    await asyncio.sleep(0)
    assert not waiting.done()
    commit(room, first, 1, 1)
    await waiting


async def test_a_dropped_lane_frees_the_room_it_held_and_tells_why() -> None:
    room = Room(Limits(queue_bytes=10))
    first, second = Lane(1, 1, 0, 0), Lane(2, 1, 0, 0)
    post(room, first, 10)
    waiting = [asyncio.ensure_future(room.wait(lane)) for lane in (first, second)]
    await asyncio.sleep(0)
    first.error = LogFullError("The disk is full.")
    room.drop(first)
    with pytest.raises(LogFullError):
        await waiting[0]
    await waiting[1]
    assert (room.records, room.bytes, first.bytes, first.seq) == (0, 0, 0, 0)
    with pytest.raises(LogFullError):
        await room.wait(first)
